"""The refusals of Tablestore's control plane.

The help pages of CreateInstance and its neighbours say what is refused, not with which codes ("see Error Center"), and
the API's metadata lists none:
https://www.alibabacloud.com/help/en/tablestore/developer-reference/api-tablestore-2020-12-09-createinstance (read
2026-11).  So each says below where it is from; what is not documented is *ours*.
"""

from localcloud.wire import ApiError


def action_not_found(action: str) -> ApiError:
    """Nobody wrote this action.  The gateway's code; the words are *ours*."""
    return ApiError(404, "InvalidAction.NotFound", f"Specified api is not found: {action} of Tablestore.")


def forbidden() -> ApiError:
    """The caller's policies do not allow it.  UNVERIFIED: code and words, which are the data plane's."""
    text = "You have no permission to access the requested resource, please contact the resource owner."
    return ApiError(403, "OTSNoPermissionAccess", text)


def missing(name: str) -> ApiError:
    """A parameter is mandatory.  The gateway's code; the words are *ours*."""
    return ApiError(400, f"Missing{name}", f"{name} is mandatory for this action.")


def invalid(name: str, why: str) -> ApiError:
    """A parameter is not what it should be.  *Ours* altogether."""
    return ApiError(400, "InvalidParameter", f"{name} is invalid: {why}")


def not_found(name: str) -> ApiError:
    """There is no such instance.

    The code is what alicloud/service_alicloud_ots.go of github.com/aliyun/terraform-provider-alicloud looks for ("OTS
    instance not found error code"); status and words are *ours*.
    """
    return ApiError(404, "NotFound", f"Instance {name} is not found.")


def exists(name: str) -> ApiError:
    """The region has an instance of this name.  *Ours* altogether."""
    return ApiError(409, "AlreadyExist", f"Instance {name} already exists.")


def too_many(limit: int) -> ApiError:
    """The account has all the instances that it may have.  *Ours* altogether."""
    return ApiError(403, "QuotaExceeded", f"The number of instances exceeds the quota: {limit}.")


def has_tables() -> ApiError:
    """An instance with tables is not deleted.

    Code and words as a run of Terraform met them at this API's forerunner
    (https://github.com/aliyun/terraform-provider-alicloud/pull/5782); the status is *ours*.
    """
    return ApiError(400, "ValidationFailed", "The instance is not empty.")
