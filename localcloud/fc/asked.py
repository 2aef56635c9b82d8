"""One request of FC's API, as its actions see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from localcloud.fc import errors
from localcloud.texts import read_json, whole


@dataclass(frozen=True)
class Asked:
    """A request, and what its path names, in order."""

    region: str
    names: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def name(self) -> str:
        """The first thing that the path names: a function, or a layer."""
        return self.names[0]

    def qualified(self, qualifier: str, owner: str) -> None:
        """Refuse a version or an alias: none was ever published or made, so there is LATEST alone."""
        if qualifier.isascii() and qualifier.isdecimal():
            raise errors.version_not_found(qualifier, owner)
        if qualifier not in ("", "LATEST"):
            raise errors.alias_not_found(qualifier, owner)

    def without(self, *filters: str) -> None:
        """Refuse by name what a list could be asked for and is not in the embedded cloud."""
        for name in filters:
            if self.query.get(name, "") not in ("", "false"):
                raise errors.invalid(f"{name}: lists by it are not in the embedded cloud")

    def document(self) -> dict[str, object]:
        """The body's JSON object; InvalidArgument for anything else."""
        try:
            document = read_json(self.body)
        except ValueError:
            raise errors.invalid("the request body is not JSON") from None
        if not isinstance(document, dict):
            raise errors.invalid("the request body is not an object")
        return document

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number of the query, from *low* to *high*."""
        number = whole(self.query.get(name) or str(default), low, high)
        if number is None:
            raise errors.invalid(f"{name} is not from {low} to {high}")
        return number

    def page(self, names: Sequence[str], *, most: int = 100) -> tuple[Sequence[str], dict[str, object]]:
        """The page of *names* that begins at nextToken, of at most limit (20), and the field that says what is next."""
        limit, token = self.whole("limit", 20, 1, most), self.query.get("nextToken", "")
        rest = sorted(name for name in names if name >= token)
        return rest[:limit], {"nextToken": rest[limit]} if len(rest) > limit else {}
