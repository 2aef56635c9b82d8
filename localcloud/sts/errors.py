"""The refusals of the embedded STS; those of keys are the gateway's."""

from localcloud.wire import ApiError


def action_not_found(action: str) -> ApiError:
    """Nobody wrote this action."""
    return ApiError(404, "InvalidAction.NotFound", f"Specified api is not found: {action} of STS.")


def root_can_not() -> ApiError:
    """The account's own key takes no role on."""
    return ApiError(403, "NoPermission", "Roles may not be assumed by root accounts.")


def not_authorized() -> ApiError:
    """Neither may the caller do so, nor does the role trust everybody."""
    return ApiError(403, "NoPermission", "You are not authorized to do this action. You should be authorized by RAM.")


def role_not_exist() -> ApiError:
    """There is no such role."""
    return ApiError(404, "EntityNotExist.Role", "The specified Role not exists .")


def wrongly_formed(name: str) -> ApiError:
    """A parameter is not what it may be."""
    return ApiError(400, f"InvalidParameter.{name}", f"The parameter {name} is wrongly formed.")


def bad_duration() -> ApiError:
    """Too short, or longer than the role allows."""
    return ApiError(
        400, "InvalidParameter.DurationSeconds", "The Min/Max value of DurationSeconds is 15min/MaxSessionDuration."
    )


def unsupported(name: str) -> ApiError:
    """A parameter of the real one that is not in the embedded cloud."""
    return ApiError(400, "UnsupportedParameter", f'The embedded cloud does not do "{name}".')
