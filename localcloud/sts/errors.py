"""The refusals of the embedded STS; those of keys are the gateway's."""

from localcloud.wire import ApiError


def action_not_found(action: str) -> ApiError:
    """Nobody wrote this action."""
    return ApiError(404, "InvalidAction.NotFound", f"Specified api is not found: {action} of STS.")
