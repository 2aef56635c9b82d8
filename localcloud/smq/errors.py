"""SMQ's refusals.

Codes, statuses and messages: https://www.alibabacloud.com/help/doc-detail/27501.html (read 2026-11); the wording,
broken grammar included, is the service's.
"""

from localcloud.door import Refusals
from localcloud.wire import ApiError

#: Also what the account hears where it has not activated SMQ, "a different region from the region where your MNS is
#: activated": https://www.alibabacloud.com/help/doc-detail/39220.htm (read 2026-11)
_DENIED = (
    403,
    "AccessDenied",
    "The OwnerId that your Access Key Id associated to is forbidden for this operation.",
)
REFUSALS = Refusals(
    unknown_key=(403, "InvalidAccessKeyId", "The AccessKey Id you provided is not exist."),
    throttled=(400, "QpsLimitExceeded", "The qps limit of the queue is exceeded."),
    broken=(500, "InternalError", "Interal error."),
    inactive=_DENIED,
)


def forbidden() -> ApiError:
    """The caller's policies do not allow it: among the causes of that message, by its page."""
    return ApiError(*_DENIED)


def queue_not_exist() -> ApiError:
    """There is no such queue."""
    return ApiError(404, "QueueNotExist", "The queue name you provided is not exist.")


def topic_not_exist() -> ApiError:
    """There is no such topic."""
    return ApiError(404, "TopicNotExist", "The topic name you provided is not exist.")


def subscription_not_exist() -> ApiError:
    """There is no such subscription."""
    return ApiError(404, "SubscriptionNotExist", "The subscription name you provided is not exist.")


def queue_already_exist() -> ApiError:
    """Another queue has the name."""
    return ApiError(409, "QueueAlreadyExist", "The queue you want to create is already exist.")


def topic_already_exist() -> ApiError:
    """Another topic has the name."""
    return ApiError(409, "TopicAlreadyExist", "The topic you want to create already exist.")


def subscription_already_exist() -> ApiError:
    """Another subscription has the name."""
    return ApiError(409, "SubscriptionAlreadyExist", "The subscription you want to create is already exist.")


def message_not_exist() -> ApiError:
    """There is no message to be had."""
    return ApiError(404, "MessageNotExist", "Message not exist.")


def receipt_handle_error() -> ApiError:
    """The handle is not the message's last one."""
    return ApiError(400, "ReceiptHandleError", "The receipt handle you provide is not valid.")


def bad_name(kind: str) -> ApiError:
    """The name has characters that it must not have."""
    return ApiError(
        400,
        f"Invalid{kind}Name",
        f"The {kind.lower()} name you provided is invalid. "
        f"{kind}Name should start with alpha and contain only alpha, digit or - .",
    )


def out_of_range(element: str, low: int, high: int) -> ApiError:
    """A number or a length is beyond its limits."""
    return ApiError(400, "InvalidArgument", f"The value of {element} should between {low} and {high} seconds/bytes.")


def not_understood(element: str) -> ApiError:
    """An element is not what it should be."""
    return ApiError(
        400,
        "InvalidArgument",
        f"The XML you provided did not validate against our published schema, cause by {element}.",
    )


def malformed_xml() -> ApiError:
    """The body is no XML."""
    return ApiError(400, "MalformedXML", "The XML you provided was not well-formed.")


def bad_url(request: str) -> ApiError:
    """Nobody wrote that request."""
    return ApiError(400, "InvalidRequestURL", f"Http request URL format invalid: {request} is not in the embedded SMQ.")


def missing_authorization() -> ApiError:
    """Nobody signed the request."""
    return ApiError(400, "MissingAuthorizationHeader", "Authorization header is required.")


def invalid_authorization() -> ApiError:
    """The signature has another form."""
    return ApiError(400, "InvalidAuthorizationHeader", "The Authorization header format is invalid.")


def missing_date() -> ApiError:
    """The request does not say when it was made."""
    return ApiError(400, "MissingDateHeader", "Date header is required.")


def invalid_date() -> ApiError:
    """What should be a moment is none."""
    return ApiError(400, "InvalidDateHeader", "The Date header format is invalid.")


def time_expired() -> ApiError:
    """The caller's clock is more than a quarter of an hour off."""
    return ApiError(408, "TimeExpired", "The http request you sent is expired.")


def invalid_digest() -> ApiError:
    """The body is another than the one that was signed."""
    return ApiError(400, "InvalidDegist", "The Content-MD5 you specified is invalid.")


def signature_mismatch() -> ApiError:
    """The signature is another than the secret gives."""
    text = "The request signature we calculated does not match the signature you provided."
    return ApiError(403, "SignatureDoesNotMatch", f"{text} Check your key and signing method.")
