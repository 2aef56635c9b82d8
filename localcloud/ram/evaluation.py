"""RAM's judgement: what a call needs, and whether some policies allow it.

https://www.alibabacloud.com/help/en/ram/policy-evaluation-process, .../policy-structure-and-syntax and
.../policy-elements (read 2026-11): what no statement allows is denied, and a statement that denies wins.  What is
needed is compared as text, in which the policy's ``*`` and ``?`` stand for characters, ``/`` and ``:`` among them.
Capitals make no difference in actions ("in most cases", says the page), nor in the names of roles, which are the same
role with any capitals.  UNVERIFIED: that a policy may name a role with capitals.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from localcloud.globs import glob
from localcloud.ram.conditions import Condition, Context, read_conditions

_ROLE = re.compile(r"acs:ram:[^:]*:[^:]*:role/")
#: Decisions and statements that are kept, of one set of policies.
_KEPT = 2048


def _nothing() -> Context:
    return {}


@dataclass(frozen=True)
class Need:
    """One thing that a call needs: an action on a resource, and what conditions may be about."""

    action: str
    resource: str
    context: Callable[[], Context] = _nothing


class Decision(Enum):
    """What policies say of a need."""

    ALLOWED = "allowed"
    DENIED = "denied by a statement"
    NOT_ALLOWED = "allowed by no statement"


@dataclass(frozen=True)
class Names:
    """Actions or resources as a statement names them: these, or all but these."""

    patterns: tuple[str, ...]
    but: bool

    @classmethod
    def of(cls, statement: Mapping[str, object], what: str) -> "Names":
        but = f"Not{what}" in statement
        named = statement[f"Not{what}" if but else what]
        return cls(tuple([named] if isinstance(named, str) else _texts(named)), but)

    def cover(self, text: str, *, capitals: bool) -> bool:
        """Whether they have *text* among them, in which *capitals* make a difference or not."""
        if capitals:
            return any(glob(one, single=True).fullmatch(text) for one in self.patterns) != self.but
        return any(glob(one.casefold(), single=True).fullmatch(text.casefold()) for one in self.patterns) != self.but


@dataclass(frozen=True)
class _Statement:
    allows: bool
    actions: Names
    resources: Names
    conditions: tuple[Condition, ...]

    @classmethod
    def of(cls, statement: Mapping[str, object]) -> "_Statement":
        block = statement.get("Condition", {})
        return cls(
            allows=statement["Effect"] == "Allow",
            actions=Names.of(statement, "Action"),
            resources=Names.of(statement, "Resource"),
            conditions=read_conditions(block) if isinstance(block, Mapping) else (),
        )

    def about(self, action: str, resource: str) -> bool:
        if not self.actions.cover(action, capitals=False):
            return False
        return self.resources.cover(resource, capitals=_ROLE.match(resource) is None)


class Rights:
    """What some policies allow together; read once, and a decision without conditions is made once."""

    def __init__(self, documents: Iterable[str]) -> None:
        """The rights of *documents*, which RAM has taken as policies."""
        self._statements = tuple(
            _Statement.of(statement) for document in documents for statement in json.loads(document)["Statement"]
        )
        self._known = lru_cache(_KEPT)(self._about)

    def decide(self, need: Need) -> Decision:
        """Whether *need* is allowed; its context is asked for only where a condition is about it."""
        known = self._known(need.action, need.resource)
        if isinstance(known, Decision):
            return known
        context = need.context()
        return decided(one.allows for one in known if all(condition.holds(context) for condition in one.conditions))

    def _about(self, action: str, resource: str) -> Decision | tuple[_Statement, ...]:
        """The decision, or the statements that are about it when it hangs on a condition."""
        fit = tuple(one for one in self._statements if one.about(action, resource))
        return fit if any(one.conditions for one in fit) else decided(one.allows for one in fit)


def decided(effects: Iterable[bool]) -> Decision:
    """What the statements that are about a need decide together, each of which allows it or denies it."""
    allowed = [*effects]
    if not all(allowed):
        return Decision.DENIED
    return Decision.ALLOWED if allowed else Decision.NOT_ALLOWED


def _texts(value: object) -> Iterable[str]:
    return (str(one) for one in value) if isinstance(value, list) else ()
