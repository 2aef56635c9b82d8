"""What a refusal means before an install: a service that is not active, a right that is missing, a key, a quota."""

from pathlib import Path

import pytest

from shared.cloud.errors import CloudRefused
from shared.ports import TryAgain
from shared.provisioning.preflight import MOST_DEFAULT_RULES, State, check_account, check_runtime, refusal
from tests.functions.account import THERE
from tests.shared.installs import Operator, an_account


@pytest.mark.parametrize(
    ("code", "message", "told", "fix"),
    [
        # https://www.alibabacloud.com/help/en/eventbridge/latest/error-codes
        (
            "ServiceAccessDenied",
            "The OwnerId that ... has not enabled EventBridge Service.",
            "not activated",
            "console",
        ),
        ("AccessDenied", "FC service is not enabled for current user.", "not activated", "activate"),
        ("NoPermission", "You are not authorized to do this action.", "not granted: x:Look", "ferry policy"),
        ("Forbidden.RAM", "User not authorized to operate.", "not granted: x:Look", "ferry policy"),
        (
            "AccessDenied",
            "the caller is not authorized to perform",
            "not activated, or not granted: x:Look",
            "ferry policy",
        ),
        ("OTSNoPermissionAccess", "You have no permission", "not granted: x:Look", "ferry policy"),
        ("InvalidAccessKeyId.NotFound", "Specified access key is not found.", "InvalidAccessKeyId", "ACCESS_KEY_ID"),
        ("SignatureDoesNotMatch", "Specified signature is not matched.", "SignatureDoesNotMatch", "ACCESS_KEY_SECRET"),
    ],
)
def test_a_refusal_is_told_with_its_next_step(code: str, message: str, told: str, fix: str) -> None:
    """Whoever reads the line knows what to do: activate, attach a policy, give another key."""
    check = refusal("the service", "x:Look", CloudRefused(code, message, "R"))
    assert check.state is State.TO_DO
    assert told in check.told
    assert fix in check.fix


def test_no_answer_is_no_refusal() -> None:
    """What can't be reached may be all right."""
    assert refusal("the service", "x:Look", TryAgain("no answer")).state is State.UNREACHABLE


def test_a_region_without_the_runtime_is_told() -> None:
    """python3.12 is not offered everywhere: an install there would be refused at its first function."""
    assert check_runtime("cn-beijing").state is State.FINE
    refused = check_runtime("ap-southeast-1")
    assert refused.state is State.TO_DO
    assert "cn-beijing" in refused.fix


def test_a_quota_that_is_used_up_is_seen(tmp_path: Path) -> None:
    """Where there is no room for what an install needs, the quota is named; what is its own already needs none."""
    with an_account(tmp_path) as cloud:
        operator = Operator(cloud)

        def rules() -> State:
            checks = check_account(operator.place.site, 13)
            return next(check.state for check in checks if check.name == "EventBridge's default bus")

        for number in range(MOST_DEFAULT_RULES - 1):
            _rule(operator, f"theirs-{number}")
        assert rules() is State.FINE
        operator.provision()
        assert rules() is State.FINE
        operator.place.site.default_bus.delete_rule("ferry-cloud-events")
        _rule(operator, "theirs-too")
        assert rules() is State.TO_DO


def _rule(operator: Operator, name: str) -> None:
    from alibabacloud_eventbridge20200401 import models

    request = models.CreateRuleRequest(event_bus_name="default", rule_name=name, filter_pattern="{}", status="ENABLE")
    operator.place.site.session.ask("eventbridge", THERE, "create_rule", request)
