"""Policy documents: what RAM takes for one.

https://www.alibabacloud.com/help/en/ram/policy-structure-and-syntax and .../permission-policy-check (read 2026-11)
"""

import re
from collections.abc import Mapping, Sequence

from localcloud.ram import errors
from localcloud.ram.conditions import read_conditions
from localcloud.texts import read_json

#: "The document must be 1 to 6,144 characters in length" (SDK, CreatePolicyRequest; read 2026-11).
MAX_DOCUMENT = 6_144
_ACTION = re.compile(r"\*|[a-z0-9-]+:[A-Za-z0-9*?]+")
_ARN = re.compile(r"\*|acs:[^:]*:[^:]*:[^:]*:.+")
_PRINCIPALS = ("Service", "RAM", "Federated")
_ASSUMING = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithOIDC", "sts:SetSourceIdentity")
_RIGHTS_KEYS = {"Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}
_TRUST_KEYS = {"Effect", "Action", "Principal", "NotPrincipal", "Condition"}
Statement = Mapping[str, object]


def check_rights(text: str) -> None:
    """Refuse *text* unless it is the document of a policy that can be attached."""
    if len(text.encode()) > MAX_DOCUMENT:
        raise errors.too_long("PolicyDocument")
    for statement in _statements(text, _RIGHTS_KEYS):
        _check_actions(_one_of(statement, "Action", "NotAction"))
        for resource in _one_of(statement, "Resource", "NotResource"):
            if not _ARN.fullmatch(resource):
                raise errors.document_malformed(f"Invalid resource: {resource}")


def check_trust(text: str) -> None:
    """Refuse *text* unless it is a role's trust policy."""
    for statement in _statements(text, _TRUST_KEYS):
        if not set(_one_of(statement, "Action")) <= set(_ASSUMING):
            raise errors.document_malformed("The Action of a trust policy has to be sts:AssumeRole")
        principal = statement.get("Principal", statement.get("NotPrincipal"))
        if not isinstance(principal, Mapping) or not principal or not set(principal) <= set(_PRINCIPALS):
            raise errors.document_malformed(f"Principal has to name one of {', '.join(_PRINCIPALS)}")
        for kind in principal:
            _texts(principal, kind)


def _statements(text: str, keys: set[str]) -> Sequence[Statement]:
    try:
        document = read_json(text)
    except ValueError:
        raise errors.document_malformed("The policy document is not JSON") from None
    if not isinstance(document, Mapping) or set(document) != {"Version", "Statement"}:
        raise errors.document_malformed("A policy document has Version and Statement")
    if document["Version"] != "1":
        raise errors.document_malformed("The Version of a policy document is 1")
    statements = document["Statement"]
    if not isinstance(statements, list) or not statements:
        raise errors.document_malformed("Statement has to be a list that is not empty")
    for statement in statements:
        _check_statement(statement, keys)
    return statements


def _check_statement(statement: object, keys: set[str]) -> None:
    if not isinstance(statement, Mapping):
        raise errors.document_malformed("A statement has to be an object")
    unknown = set(statement) - keys
    if unknown:
        raise errors.document_malformed(f"Invalid policy element: {', '.join(sorted(unknown))}")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise errors.document_malformed("Effect has to be Allow or Deny")
    condition = statement.get("Condition", {})
    if not isinstance(condition, Mapping):
        raise errors.document_malformed("Condition has to be an object")
    try:
        read_conditions(condition)
    except ValueError as wrong:
        raise errors.document_malformed(str(wrong)) from None


def _one_of(statement: Statement, *names: str) -> Sequence[str]:
    found = [name for name in names if name in statement]
    if len(found) != 1:
        raise errors.document_malformed(f"A statement has {' or '.join(names)}, and one of it")
    return _texts(statement, found[0])


def _texts(holder: Mapping[str, object], name: str) -> Sequence[str]:
    value = holder[name]
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts or not all(isinstance(one, str) and one for one in texts):
        raise errors.document_malformed(f"{name} has to be a text, or a list of texts")
    return texts


def _check_actions(actions: Sequence[str]) -> None:
    for action in actions:
        if not _ACTION.fullmatch(action):
            raise errors.document_malformed(f"Invalid action format: {action}")
