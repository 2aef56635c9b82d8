"""Trust policies: who may take a role on.

https://www.alibabacloud.com/help/en/ram/user-guide/edit-the-trust-policy-of-a-ram-role and .../policy-elements (read
2026-11): they are judged as the policies of rights are, a denial wins.  The account as a principal stands for all its
users and roles.  UNVERIFIED: that capitals make no difference in principals, and that an asterisk is not read.
"""

import json
from collections.abc import Mapping

from localcloud.ram.conditions import Context, read_conditions
from localcloud.ram.evaluation import Decision, Names, decided

#: The principals that a caller is, each by its kind and its name.
Callers = frozenset[tuple[str, str]]


def decide(trust: str, action: str, callers: Callers, context: Context) -> Decision:
    """What a trust policy, which RAM has taken as one, says of *action* when *callers* ask for it."""
    statements = json.loads(trust)["Statement"]
    return decided(one["Effect"] == "Allow" for one in statements if _is_about(one, action, callers, context))


def _is_about(statement: Mapping[str, object], action: str, callers: Callers, context: Context) -> bool:
    if not Names.of(statement, "Action").cover(action, capitals=False) or not _names(statement, callers):
        return False
    block = statement.get("Condition", {})
    return not isinstance(block, Mapping) or all(one.holds(context) for one in read_conditions(block))


def _names(statement: Mapping[str, object], callers: Callers) -> bool:
    """Whether the principals of a statement are any of the callers, or, as NotPrincipal, none."""
    if "NotPrincipal" in statement:
        return not _any_of(statement["NotPrincipal"], callers)
    return _any_of(statement["Principal"], callers)


def _any_of(principals: object, callers: Callers) -> bool:
    named = principals if isinstance(principals, Mapping) else {}
    known = {(kind, name.casefold()) for kind, name in callers}
    return any((kind, one.casefold()) in known for kind, names in named.items() for one in _listed(names))


def _listed(names: object) -> list[str]:
    return [names] if isinstance(names, str) else [str(one) for one in names] if isinstance(names, list) else []
