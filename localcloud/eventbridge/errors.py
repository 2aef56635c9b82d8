"""EventBridge's refusals.

The control plane says no with HTTP 200, ``Success`` false and the code in the body: Alibaba's own Terraform
provider reads ``EventBusNotExist`` and ``EventRuleNotExisted`` there (terraform-provider-alicloud,
service_alicloud_eventbridge.go), and the API reference documents ``Code`` and ``Success`` so
(https://www.alibabacloud.com/help/en/eventbridge/developer-reference/, read 2026-11).  The codes that no page lists
are those of the open EventBridge (apache/rocketmq-eventbridge, EventBridgeErrorCode.java).
"""

from localcloud.wire import ApiError


def bus_not_exist(bus: str) -> ApiError:
    """There is no such bus."""
    return ApiError(200, "EventBusNotExist", f"The event bus [{bus}] not existed!")


def bus_already_exists(bus: str) -> ApiError:
    """The bus is there already."""
    return ApiError(200, "EventBusAlreadyExist", f"The event bus [{bus}] already existed!")


def bus_name_invalid(bus: str) -> ApiError:
    """The name has characters that it must not have, or is reserved."""
    return ApiError(200, "EventBusNameInvalid", f"The event bus name [{bus}] is invalid!")


def bus_has_rules(bus: str) -> ApiError:
    """A bus with rules is not deleted."""
    return ApiError(
        200,
        "EventBusRuleNotEmptyForDelete",
        f"The rules of eventbus [{bus}] exist, please delete them before delete event bus.",
    )


def rule_not_exist(rule: str, bus: str) -> ApiError:
    """There is no such rule."""
    return ApiError(200, "EventRuleNotExisted", f"The event rule [{rule}] of event bus [{bus}] not existed!")


def rule_already_exists(rule: str, bus: str) -> ApiError:
    """The rule is there already."""
    return ApiError(200, "EventRuleAlreadyExist", f"The event rule [{rule}] of event bus [{bus}] already existed!")


def too_many(what: str, there: int, limit: int) -> ApiError:
    """A limit is reached.  UNVERIFIED: the code for targets, which the open EventBridge has none for."""
    text = f"The current count of event {what.lower()} is [{there}], which will exceed the limit quota [{limit}]"
    return ApiError(200, f"Event{what}CountExceedLimit", text)


def missing(name: str) -> ApiError:
    """A parameter is not given."""
    return ApiError(400, f"Missing{name}", f"{name} is mandatory for this action.")


def invalid(name: str, why: str) -> ApiError:
    """A parameter is not what it should be."""
    return ApiError(200, "InvalidArgument", f"{name} is invalid: {why}")


def forbidden(action: str, resource: str) -> ApiError:
    """The caller's policies do not allow it.  UNVERIFIED: code and words, which are Function Compute's."""
    text = f"the caller is not authorized to perform '{action}' on resource '{resource}'"
    return ApiError(403, "AccessDenied", text)


def unknown_action(action: str) -> ApiError:
    """Nobody wrote that action."""
    return ApiError(404, "InvalidAction.NotFound", f"Specified api is not found: {action} of EventBridge.")
