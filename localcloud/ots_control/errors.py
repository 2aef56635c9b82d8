"""The refusals of Tablestore's control plane.

The help pages of CreateInstance and its neighbours say what is refused, not with which codes ("see Error Center").
``NotFound`` is what terraform-provider-alicloud looks for, ``IllegalOp`` (400) what it meets when an instance may not
be deleted so; the other codes are not documented.
"""

from localcloud.wire import ApiError


def action_not_found(action: str) -> ApiError:
    """Nobody wrote this action."""
    return ApiError(404, "InvalidAction.NotFound", f"Specified api is not found: {action} of Tablestore.")


def missing(name: str) -> ApiError:
    """A parameter is mandatory.  The code is the gateway's."""
    return ApiError(400, f"Missing{name}", f"{name} is mandatory for this action.")


def invalid(name: str, why: str) -> ApiError:
    """A parameter is not what it should be."""
    return ApiError(400, "InvalidParameter", f"{name} is invalid: {why}")


def not_found(name: str) -> ApiError:
    """There is no such instance."""
    return ApiError(404, "NotFound", f"Instance {name} is not found.")


def exists(name: str) -> ApiError:
    """The region has an instance of this name."""
    return ApiError(409, "AlreadyExist", f"Instance {name} already exists.")


def too_many(limit: int) -> ApiError:
    """The account has all the instances that it may have."""
    return ApiError(403, "QuotaExceeded", f"The number of instances exceeds the quota: {limit}.")


def has_tables(name: str) -> ApiError:
    """An instance with tables is not deleted."""
    return ApiError(400, "IllegalOp", f"Instance {name} has tables, delete them first.")
