"""The refusals of the embedded location service.

It has no help page.  The codes and words are those that LocationServiceEndpointResolver of aliyun-python-sdk-core 2.16
tells a wrong region and a wrong product by, and so do its fellows in Java and Go.
"""

from localcloud.wire import ApiError


def action_not_found(action: str) -> ApiError:
    """Nobody wrote this action.  The gateway's code; the words are *ours*."""
    return ApiError(404, "InvalidAction.NotFound", f"Specified api is not found: {action} of Location.")


def missing(name: str) -> ApiError:
    """A parameter is mandatory.  UNVERIFIED: the gateway's code and words."""
    return ApiError(400, f"Missing{name}", f"{name} is mandatory for this action.")


def region_not_found() -> ApiError:
    """There is no such region.

    UNVERIFIED by any page; the status as a log of that SDK has it: "HTTP Status: 404 Error:InvalidRegionId".
    """
    return ApiError(404, "InvalidRegionId", "The specified region does not exist.")


def service_not_found() -> ApiError:
    """There is no such product.  UNVERIFIED: the status."""
    return ApiError(400, "Illegal Parameter", "Please check the parameters")
