"""The refusals of the embedded RAM.

Codes, statuses and messages: "Error messages" of the RAM API reference (https://help.aliyun.com/document_detail/28754.html)
and, where that lists nothing for a policy that a role has,
https://help.aliyun.com/zh/resource-management/developer-reference/api-resourcemanager-2020-03-31-errorcodes (read
2026-11); the wording, broken grammar included, is the service's.
"""

from localcloud.wire import ApiError


def action_not_found(action: str) -> ApiError:
    """Nobody wrote this action."""
    return ApiError(404, "InvalidAction.NotFound", f"Specified api is not found: {action} of RAM.")


def missing(name: str) -> ApiError:
    """A parameter is mandatory.  The code is the gateway's."""
    return ApiError(400, f"Missing{name}", f"{name} is mandatory for this action.")


def invalid_chars(name: str) -> ApiError:
    """A name has characters that it must not have."""
    return ApiError(400, f"InvalidParameter.{name}.InvalidChars", f'The parameter - "{name}" contains invalid chars.')


def too_long(name: str) -> ApiError:
    """A text is beyond its limit."""
    return ApiError(400, f"InvalidParameter.{name}.Length", f'The parameter - "{name}" beyond the length limit.')


def malformed(name: str) -> ApiError:
    """A value has the wrong form."""
    return ApiError(400, f"InvalidParameter.{name}.Format", f'The format of the parameter - "{name}" is incorrect.')


def incorrect(name: str) -> ApiError:
    """A value is none of those that are known."""
    return ApiError(400, f"InvalidParameter.{name}", f'The parameter - "{name}" is incorrect.')


def document_malformed(why: str) -> ApiError:
    """The document is no policy.  The message is "{The error details}" in the documentation."""
    return ApiError(400, "MalformedPolicyDocument", why)


def forbidden() -> ApiError:
    """The caller's policies do not allow it.  The code is what alibaba/funcraft looks for (lib/ram.js)."""
    text = "You are not authorized to do this action. You should be authorized by RAM."
    return ApiError(403, "NoPermission", text)


def role_not_exist() -> ApiError:
    """There is no such role."""
    return ApiError(404, "EntityNotExist.Role", "The role does not exist.")


def policy_not_exist() -> ApiError:
    """There is no such policy."""
    return ApiError(404, "EntityNotExist.Policy", "The policy does not exist.")


def version_not_exist() -> ApiError:
    """There is no such version."""
    return ApiError(404, "EntityNotExist.Policy.Version", "The policy version does not exist.")


def not_attached() -> ApiError:
    """The policy is not attached to the role."""
    return ApiError(404, "EntityNotExist.Role.Policy", "The indicate policy attached to the role does not exist.")


def role_already_exists() -> ApiError:
    """A role has the name; capitals make no difference."""
    return ApiError(409, "EntityAlreadyExists.Role", "The role does already EXIST.")


def policy_already_exists() -> ApiError:
    """A policy has the name."""
    return ApiError(409, "EntityAlreadyExists.Policy", "The policy does already EXIST.")


def already_attached() -> ApiError:
    """The policy is attached to the role."""
    return ApiError(409, "EntityAlreadyExists.Role.Policy", "The role has already been attached this policy.")


def role_has_policies() -> ApiError:
    """A role with policies is not deleted."""
    text = "The role CAN NOT has any attached policy while deleting the role."
    return ApiError(409, "DeleteConflict.Role.Policy", text)


def policy_has_roles() -> ApiError:
    """A policy that a role has is not deleted."""
    text = "The policy cannot be attached to any role when you delete it."
    return ApiError(409, "DeleteConflict.Policy.Role", text)


def policy_has_versions() -> ApiError:
    """A policy with other versions is not deleted."""
    text = "The policy CAN NOT has any version except the default version."
    return ApiError(409, "DeleteConflict.Policy.Version", text)


def version_is_default() -> ApiError:
    """The default version is not deleted."""
    text = "The default policy version CAN NOT been deleted directly."
    return ApiError(409, "DeleteConflict.Policy.Version.Default", text)


def too_many_versions() -> ApiError:
    """A policy has all the versions that it may have."""
    text = "The count of policy version beyond the current limits."
    return ApiError(409, "LimitExceeded.Policy.Version", text)
