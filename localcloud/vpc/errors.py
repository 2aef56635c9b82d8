"""The refusals of the embedded VPC, as documented: https://www.alibabacloud.com/help/en/vpc (read 2026-11)."""

from localcloud.wire import ApiError


def action_not_found(action: str) -> ApiError:
    """Nobody wrote this action."""
    return ApiError(404, "InvalidAction.NotFound", f"Specified api is not found: {action}.")


def forbidden() -> ApiError:
    """The caller's policies do not allow it."""
    text = "User not authorized to operate on the specified resource, or this API doesn't support RAM."
    return ApiError(403, "Forbidden.RAM", text)


def region_not_found() -> ApiError:
    """There is no such region."""
    return ApiError(404, "InvalidRegionId.NotFound", "The specified RegionId does not exist.")


def missing(name: str) -> ApiError:
    """A parameter is mandatory."""
    text = f'The input parameter "{name}" that is mandatory for processing this request is not supplied.'
    return ApiError(400, "MissingParameter", text)


def invalid(name: str) -> ApiError:
    """A parameter's value is out of range."""
    return ApiError(400, "InvalidParameter", f'The specified parameter "{name}" is not valid.')


def vswitch_not_found() -> ApiError:
    """There is no such vSwitch."""
    return ApiError(404, "InvalidVSwitchId.NotFound", "Specified virtual switch does not exist.")


def dry_run() -> ApiError:
    """The call would have been done.  UNVERIFIED: the status."""
    return ApiError(400, "DryRunOperation", "Request validation has been passed with DryRun flag set.")
