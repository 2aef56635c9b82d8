"""What can be wrong with an s.yaml, with a function that was called, and what FC's API refuses.

The API's codes, statuses and messages: https://www.alibabacloud.com/help/en/functioncompute/error-codes and
https://www.alibabacloud.com/help/en/fc/developer-reference/api-fc-open-2021-04-06-errorcodes (read 2026-11).
"""

from dataclasses import dataclass

from localcloud.door import Refusals
from localcloud.wire import ApiError


@dataclass(frozen=True)
class ManifestProblem:
    """One thing that is wrong with an s.yaml, by the path of its field."""

    path: str
    code: str
    message: str
    fix: str


class ManifestProblems(Exception):  # noqa: N818 - it is what was found
    """The s.yaml cannot be deployed on the embedded cloud."""

    def __init__(self, problems: tuple[ManifestProblem, ...]) -> None:
        super().__init__("; ".join(f"{one.path}: {one.message}" for one in problems))
        self.problems = problems


class FunctionFailed(Exception):  # noqa: N818 - it is what happened
    """The function raised, or did not come to its end; *body* is FC's error body."""

    def __init__(self, function: str, body: bytes) -> None:
        super().__init__(f"{function}: {body.decode(errors='replace')}")
        self.function = function
        self.body = body


def refusals(access_key: str) -> Refusals:
    """What the door says, for a call with *access_key*."""
    return Refusals(
        unknown_key=(403, "InvalidAccessKeyID", f"invalid access key ID '{access_key}'"),
        throttled=(429, "ResourceExhausted", "Your request is denied due to concurrency limit."),
        broken=(500, "InternalServerError", "An internal error has occurred. Please retry."),
        # What fun and Serverless Devs look for (alibaba/funcraft, lib/error-processor.js).
        inactive=(403, "AccessDenied", "FC service is not enabled for current user."),
    )


def missing_signature() -> ApiError:
    """There is no signature that FC understands.  UNVERIFIED: the code."""
    return ApiError(400, "MissingRequiredHeader", "http header 'Authorization' is not specified or not well formed")


def missing_date() -> ApiError:
    """There is no moment in the header Date.  UNVERIFIED: the code."""
    return ApiError(400, "MissingRequiredHeader", "http header 'Date' is not specified or not well formed")


def date_expired() -> ApiError:
    """The caller's clock is more than a quarter of an hour off.  UNVERIFIED: the code."""
    return ApiError(
        403, "RequestTimeTooSkewed", "the difference between the request time and the current time is too large"
    )


def signature_mismatch() -> ApiError:
    """The signature is another than the secret gives."""
    text = "The request signature we calculated does not match the signature you provided."
    return ApiError(403, "SignatureNotMatch", f"{text} Check your access key and signing method.")


def invalid(why: str) -> ApiError:
    """An argument is not what it should be."""
    return ApiError(400, "InvalidArgument", why)


def forbidden(action: str, resource: str) -> ApiError:
    """The caller's policies do not allow it.

    https://www.alibabacloud.com/help/en/functioncompute/fc/policies-and-sample-policies (read 2026-11) has code and
    words, for a refusal by a condition.
    """
    text = f"the caller is not authorized to perform '{action}' on resource '{resource}'"
    return ApiError(403, "AccessDenied", text)


def not_supported(action: str) -> ApiError:
    """Nobody wrote that action."""
    return ApiError(400, "PathNotSupported", f"'{action}' is not supported: it is not in the embedded cloud")


def too_large(limit: int) -> ApiError:
    """The payload is beyond its limit."""
    return ApiError(400, "EntityTooLarge", f"payload size exceeds maximum allowed size ({limit} bytes)")


def function_not_found(name: str) -> ApiError:
    """There is no such function."""
    return ApiError(404, "FunctionNotFound", f"function '{name}' does not exist")


def function_has_triggers(name: str) -> ApiError:
    """A function with triggers is not deleted.

    "Before you delete a function, you must delete triggers of the function" (help page DeleteFunction, 2021-04-06,
    read 2026-11); the code is of the list in FC's own SDK (aliyun/fc-python-sdk), the status is not documented.
    """
    return ApiError(409, "FunctionNotEmpty", f"function '{name}' has triggers, delete them first")


def trigger_not_found(name: str, function: str) -> ApiError:
    """There is no such trigger."""
    return ApiError(404, "TriggerNotFound", f"trigger '{name}' of function '{function}' does not exist")


def no_async_config(function: str, qualifier: str) -> ApiError:
    """Nothing says how the function is invoked asynchronously."""
    return ApiError(404, "AsyncConfigNotExists", f"AsyncConfig for {function}:{qualifier} does not exist.")


def layer_not_found(name: str) -> ApiError:
    """There is no such layer.  The code is what terraform-provider-alicloud looks for."""
    return ApiError(404, "LayerNotFound", f"layer '{name}' does not exist")


def layer_version_not_found(name: str, version: str) -> ApiError:
    """The layer has no such version.  The code is what terraform-provider-alicloud looks for."""
    return ApiError(404, "LayerVersionNotFound", f"version '{version}' of layer '{name}' does not exist")


def service_not_found(name: str) -> ApiError:
    """There is no such service of 2.0."""
    return ApiError(404, "ServiceNotFound", f"service '{name}' does not exist")


def alias_not_found(alias: str, owner: str) -> ApiError:
    """There is no such alias."""
    return ApiError(404, "AliasNotFound", f"alias '{alias}' of '{owner}' does not exist")


def version_not_found(version: str, owner: str) -> ApiError:
    """No such version was published."""
    return ApiError(404, "VersionNotFound", f"version '{version}' of '{owner}' does not exist")


def task_exists(task: str, function: str) -> ApiError:
    """The id of an asynchronous task was used before.

    The status is documented (https://www.alibabacloud.com/help/en/fc/task-deduplication); the code is the one that
    callers of 2.0 look for, the message is not documented.
    """
    return ApiError(
        409, "StatefulAsyncInvocationAlreadyExists", f"async invocation '{task}' of '{function}' already exists"
    )


def nested(function: str) -> ApiError:
    """What the cloud does, and the embedded one does not: a function waits for another one."""
    return ApiError(
        501,
        "NotImplemented",
        f"InvokeFunction of '{function}': a function cannot wait for another one in the embedded cloud",
    )
