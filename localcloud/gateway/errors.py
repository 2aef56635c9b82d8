"""What the gateway before every RPC service refuses, whatever the service.

Codes, statuses and messages: https://www.alibabacloud.com/help/en/ecs/developer-reference/api-error-codes and the
gateway's own table, as https://help.aliyun.com/en/document_detail/434846.html has it (read 2026-11).
"""

from localcloud.door import Refusals
from localcloud.wire import ApiError

REFUSALS = Refusals(
    unknown_key=(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."),
    throttled=(400, "Throttling.User", "Request was denied due to user flow control."),
    broken=(503, "ServiceUnavailable", "The request has failed due to a temporary failure of the server."),
    unknown_token=(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired."),
    other_token=(
        400,
        "InvalidSecurityToken.MismatchWithAccessKey",
        "Specified SecurityToken mismatch with the AccessKey.",
    ),
)
#: What is said when the account has not activated a service.  EventBridge's is documented (error codes of EnableRule
#: and its neighbours, read 2026-11), Tablestore's is not: it is what its data plane says of an unknown user.
INACTIVE = {
    "eventbridge": (403, "ServiceNotEnable", "Service not enable"),
    "tablestore": (403, "OTSAuthFailed", "The user does not exist."),
}


def missing(name: str) -> ApiError:
    """A parameter that every call needs is not there."""
    return ApiError(400, f"Missing{name}", f"{name} is mandatory for this action.")


def invalid(name: str) -> ApiError:
    """A parameter that every call has is not what it may be."""
    return ApiError(400, f"Invalid{name}", f"Specified parameter {name} is not valid.")


def unreadable_body() -> ApiError:
    """The body is not what its Content-Type says.  UNVERIFIED: the code."""
    return ApiError(400, "InvalidRequestBody", "Specified request body can not be parsed.")


def no_such_path() -> ApiError:
    """RPC services have one path."""
    return ApiError(404, "InvalidApi.NotFound", "Specified api is not found, please check your url and method.")


def unsupported_method() -> ApiError:
    """RPC services take GET and POST."""
    return ApiError(400, "UnsupportedHTTPMethod", "Specified signature is not matched with our calculation.")


def not_here(version: str, action: str) -> ApiError:
    """The version of a product that is not in the embedded cloud."""
    what = f"{version} ({action}) is not in the embedded cloud"
    return ApiError(400, "InvalidVersion", f"Specified parameter Version is not valid: {what}.")


def incomplete_signature() -> ApiError:
    """There is no signature, or a part of it is missing."""
    return ApiError(400, "IncompleteSignature", "The request signature does not conform to Aliyun standards.")


def bad_signature_method() -> ApiError:
    """A method of signing that there is not."""
    return ApiError(400, "InvalidSignatureMethod", "Specified signature method is not valid.")


def bad_time() -> ApiError:
    """What should be a moment is none."""
    return ApiError(400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted.")


def expired() -> ApiError:
    """The caller's clock is more than a quarter of an hour off."""
    return ApiError(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")


def nonce_used() -> ApiError:
    """The same request came before."""
    return ApiError(400, "SignatureNonceUsed", "Specified signature nonce was used already.")


def other_content() -> ApiError:
    """The body is not the one whose hash was signed.  UNVERIFIED: the code."""
    return ApiError(400, "ContentSHA256NotMatched", "Specified x-acs-content-sha256 is not matched with the body.")


def mismatch_v1(string_to_sign: str) -> ApiError:
    """The signature is another than the secret gives; the message's words as callers have quoted them."""
    text = f"Specified signature is not matched with our calculation. server string to sign is:{string_to_sign}"
    return ApiError(400, "SignatureDoesNotMatch", text)


def mismatch_v3(string_to_sign: str, canonical_request: str) -> ApiError:
    """The same, of version 3."""
    text = (
        "Specified signature does not match our calculation. "
        f"server StringToSign is [{string_to_sign}], server CanonicalRequest is [{canonical_request}]"
    )
    return ApiError(400, "SignatureDoesNotMatch", text)
