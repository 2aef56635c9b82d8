"""RAM's judgement: what policies make of a need, statement by statement and operator by operator."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.globs import glob
from localcloud.ram.conditions import Condition, read_conditions
from localcloud.ram.documents import check_rights
from localcloud.ram.evaluation import Decision, Need, Rights
from localcloud.wire import ApiError

ALLOWED, DENIED, NOT_ALLOWED = Decision.ALLOWED, Decision.DENIED, Decision.NOT_ALLOWED
IMAGE = "acs:ecs:cn-hangzhou:1:image/m-1"


def statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    """A statement on everything, but for what *elements* say."""
    action = {} if "NotAction" in elements else {"Action": "ecs:DescribeImages"}
    resource = {} if "NotResource" in elements else {"Resource": "*"}
    return {"Effect": effect, **action, **resource, **elements}


def rights(*statements: dict[str, Any]) -> Rights:
    """The rights of a policy with these statements, each in a document of its own: they add up."""
    documents = [json.dumps({"Version": "1", "Statement": [one]}) for one in statements]
    for document in documents:
        check_rights(document)
    return Rights(documents)


@pytest.mark.parametrize(
    ("statements", "decision"),
    [
        ([], NOT_ALLOWED),
        ([statement()], ALLOWED),
        ([statement(Action="ecs:Describe*")], ALLOWED),
        ([statement(Action="ecs:*")], ALLOWED),
        ([statement(Action="*")], ALLOWED),
        ([statement(Action=["ecs:CreateImage", "ecs:DescribeImage?"])], ALLOWED),
        ([statement(Action="ecs:DescribeImage")], NOT_ALLOWED),
        ([statement(Action="vpc:*")], NOT_ALLOWED),
        ([statement(NotAction="ecs:Delete*")], ALLOWED),
        ([statement(NotAction=["ecs:Delete*", "ecs:Describe*"])], NOT_ALLOWED),
        ([statement(Resource=IMAGE)], ALLOWED),
        ([statement(Resource="acs:ecs:*:*:image/*")], ALLOWED),
        ([statement(Resource="acs:ecs:cn-hangzhou:*:*")], ALLOWED),
        ([statement(Resource="acs:ecs:*:*:image/m-?")], ALLOWED),
        ([statement(Resource=f"{IMAGE}?")], NOT_ALLOWED),
        ([statement(Resource="acs:ecs:cn-beijing:*:image/*")], NOT_ALLOWED),
        ([statement(Resource=["acs:ecs:*:*:instance/*", IMAGE])], ALLOWED),
        ([statement(NotResource="acs:ecs:*:*:instance/*")], ALLOWED),
        ([statement(NotResource="acs:ecs:*:*:image/*")], NOT_ALLOWED),
        ([statement(), statement("Deny")], DENIED),
        ([statement("Deny"), statement()], DENIED),
        ([statement("Deny")], DENIED),
        ([statement(), statement("Deny", Action="ecs:DeleteImage")], ALLOWED),
        ([statement(), statement("Deny", Condition={"StringEquals": {"k": "b"}})], ALLOWED),
        ([statement(), statement("Deny", Condition={"StringEquals": {"k": "a"}})], DENIED),
        ([statement(Condition={"StringEquals": {"k": "a"}})], ALLOWED),
        ([statement(Condition={"StringEquals": {"k": "b"}})], NOT_ALLOWED),
        ([statement(Condition={"StringEquals": {"k": "a"}, "Bool": {"b": "true"}})], ALLOWED),
        ([statement(Condition={"StringEquals": {"k": "a"}, "Bool": {"b": "false"}})], NOT_ALLOWED),
        ([statement(Condition={"StringEquals": {"k": "a", "missing": "a"}})], NOT_ALLOWED),
    ],
)
def test_statements(statements: list[dict[str, Any]], decision: Decision) -> None:
    """Nothing is allowed by default, a denial wins, and a statement holds when all of it does."""
    need = Need("ecs:DescribeImages", IMAGE, lambda: {"k": ["a"], "b": ["true"]})
    judged = rights(*statements)
    assert [judged.decide(need), judged.decide(need)] == [decision, decision]


def test_a_decision_without_conditions_asks_for_no_context() -> None:
    """What does not hang on a condition is decided without what the call says of itself."""

    def never() -> dict[str, list[str]]:
        raise AssertionError("nobody needs it")

    judged = rights(statement(), statement(Action="ecs:DeleteImage", Condition={"Bool": {"b": "true"}}))
    assert judged.decide(Need("ecs:DescribeImages", IMAGE, never)) is ALLOWED
    assert judged.decide(Need("ecs:CreateImage", IMAGE, never)) is NOT_ALLOWED


NOON, EVENING = "2026-11-01T12:00:00Z", "2026-11-01T20:00:00+08:00"
LATER = "2026-11-01T12:00:01Z"


@pytest.mark.parametrize(
    ("operator", "wanted", "said", "holds"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", ["b", "a"], "a", True),
        ("StringEquals", "A", "a", False),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", "a", None, False),
        ("StringNotEquals", "a", "b", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", "a", None, True),
        ("StringEqualsIgnoreCase", "A", "a", True),
        ("StringEqualsIgnoreCase", "b", "a", False),
        ("StringNotEqualsIgnoreCase", "A", "a", False),
        ("StringLike", "a*c?", "abbcd", True),
        ("StringLike", "a?", "a", False),
        ("StringLike", "*", "", True),
        ("StringNotLike", "a*", "ab", False),
        ("StringNotLike", "a*", "b", True),
        ("NumericEquals", "1.0", "1", True),
        ("NumericEquals", "x", "1", False),
        ("NumericNotEquals", "2", "1", True),
        ("NumericLessThan", "2", "1", True),
        ("NumericLessThan", "1", "1", False),
        ("NumericLessThanEquals", "1", "1", True),
        ("NumericGreaterThan", "1", "10", True),
        ("NumericGreaterThan", "10", "9", False),
        ("NumericGreaterThanEquals", "10", "10", True),
        ("DateEquals", EVENING, NOON, True),
        ("DateEquals", "2026-11-01T12:00:00", NOON, True),
        ("DateNotEquals", EVENING, NOON, False),
        ("DateLessThan", LATER, NOON, True),
        ("DateLessThan", NOON, EVENING, False),
        ("DateLessThanEquals", NOON, EVENING, True),
        ("DateGreaterThan", NOON, LATER, True),
        ("DateGreaterThanEquals", NOON, EVENING, True),
        ("DateLessThan", "yesterday", NOON, False),
        ("Bool", "True", "true", True),
        ("Bool", "false", "true", False),
        ("IpAddress", "10.0.0.1", "10.0.0.1", True),
        ("IpAddress", ["192.168.0.0/16", "10.0.0.9/24"], "10.0.0.1", True),
        ("IpAddress", "10.0.0.0/24", "10.0.1.1", False),
        ("IpAddress", "nowhere", "10.0.1.1", False),
        ("IpAddressIncludeBorder", "10.0.0.0/24", "10.0.0.255", True),
        ("NotIpAddress", "10.0.0.0/24", "10.0.1.1", True),
        ("NotIpAddress", "10.0.0.0/24", "10.0.0.1", False),
        ("Null", "true", None, True),
        ("Null", "true", "a", False),
        ("Null", "false", "a", True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["c", "b"], True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["c"], False),
        ("ForAnyValue:StringEquals", ["a"], None, False),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "b", "a"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
        ("ForAllValues:StringNotEquals", ["a"], ["b", "c"], True),
    ],
)
def test_operators(operator: str, wanted: str | list[str], said: str | list[str] | None, holds: bool) -> None:
    """Each operator on a value that the call has, or has not."""
    (condition,) = read_conditions({operator: {"k": wanted}})
    values = [said] if isinstance(said, str) else said
    assert condition.holds({} if values is None else {"k": values}) is holds


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ({"StringSame": {"k": "a"}}, "Invalid condition operator: StringSame"),
        ({"ForSome:StringEquals": {"k": "a"}}, "Invalid condition operator: ForSome:StringEquals"),
        ({"StringEquals": {}}, "Invalid condition operator: StringEquals"),
        ({"StringEquals": "a"}, "Invalid condition operator: StringEquals"),
        ({"StringEquals": {"k": 1}}, "Invalid condition value: k"),
        ({"StringEquals": {"k": []}}, "Invalid condition value: k"),
        ({"StringEquals": {"k": ["a", True]}}, "Invalid condition value: k"),
    ],
)
def test_malformed_conditions(block: dict[str, Any], message: str) -> None:
    """A policy whose condition is none is refused when it is made."""
    document = json.dumps({"Version": "1", "Statement": [statement(Condition=block)]})
    with pytest.raises(ApiError) as no:
        check_rights(document)
    assert (no.value.status, no.value.code, no.value.message) == (400, "MalformedPolicyDocument", message)


TEXTS = st.text(alphabet="ab*?./:", max_size=8)


@given(TEXTS, TEXTS)
def test_a_pattern_is_what_its_characters_say(wanted: str, said: str) -> None:
    """``*`` and ``?`` mean what they say, and no other character means anything."""
    assert (glob(wanted, single=True).fullmatch(said) is not None) == _spelt_out(wanted, said)


def _spelt_out(wanted: str, said: str) -> bool:
    if not wanted:
        return not said
    if wanted[0] == "*":
        return any(_spelt_out(wanted[1:], said[cut:]) for cut in range(len(said) + 1))
    return bool(said) and wanted[0] in ("?", said[0]) and _spelt_out(wanted[1:], said[1:])


PAIRS = ("Equals", "Like", "EqualsIgnoreCase")


@given(st.sampled_from(PAIRS), st.lists(TEXTS, min_size=1, max_size=3), st.lists(TEXTS, max_size=2))
def test_a_negation_is_the_opposite(kind: str, wanted: list[str], said: list[str]) -> None:
    """An operator and its negation never agree, whatever the call says."""
    plain, negated = (Condition(f"String{no}{kind}", "k", tuple(wanted)) for no in ("", "Not"))
    context = {"k": said} if said else {}
    assert plain.holds(context) is not negated.holds(context)


SOME = st.lists(
    st.builds(
        statement,
        st.sampled_from(("Allow", "Deny")),
        Action=st.sampled_from(("*", "ecs:*", "ecs:DescribeImages", "vpc:*")),
        Resource=st.sampled_from(("*", IMAGE, "acs:ecs:*:*:image/*", "acs:ecs:*:*:disk/*")),
    ),
    max_size=5,
)


@given(SOME, st.randoms())
def test_the_order_of_statements_means_nothing(statements: list[dict[str, Any]], order: Any) -> None:
    """Shuffled, they say the same; one more denial never allows more."""
    need = Need("ecs:DescribeImages", IMAGE)
    shuffled = order.sample(statements, len(statements))
    assert rights(*shuffled).decide(need) is rights(*statements).decide(need)
    assert rights(*statements, statement("Deny")).decide(need) is DENIED
    fit = [one for one in statements if _covers(one, need)]
    expected = DENIED if any(one["Effect"] == "Deny" for one in fit) else ALLOWED if fit else NOT_ALLOWED
    assert rights(*statements).decide(need) is expected


def _covers(one: dict[str, Any], need: Need) -> bool:
    texts = ((one["Action"], need.action), (one["Resource"], need.resource))
    return all(re.fullmatch(wanted.replace("*", ".*"), said) for wanted, said in texts)
