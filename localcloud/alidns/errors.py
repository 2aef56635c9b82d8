"""Every refusal of the embedded Alidns, once: HTTP status, code and message.

`page` says where the code is from: `errorCode`, https://api.aliyun.com/document/Alidns/2015-01-09/errorCode; an action
with a year, that action's help page of the year, which lists its errors (today's do not).  UNVERIFIED: that the cloud
chooses this code here, or its words, are stated nowhere.
"""

from collections.abc import Mapping
from typing import get_args

from localcloud.alidns.values import RecordType
from localcloud.ecs.errors import Refusal
from localcloud.wire import ApiError


def missing(name: str) -> ApiError:
    """A parameter is mandatory: the gateway's words.  UNVERIFIED: the status."""
    return ApiError(400, f"Missing{name}", f"{name} is mandatory for this action.")


# --- domains ---------------------------------------------------------------------------------------------------------

DOMAIN_NOT_FOUND = Refusal(
    400,
    "InvalidDomainName.NoExist",
    "The specified domain name does not exist. Refresh the page and try again.",
    "errorCode",
)
DOMAIN_FORMAT = Refusal(400, "InvalidDomainName.Format", "The format of domain is error.", "GetMainDomainName 2017")
DOMAIN_DUPLICATE = Refusal(
    400, "InvalidDomainName.Duplicate", "The domain name is duplicated.", "errorCode"
)  # UNVERIFIED

DOMAIN_OF_OTHERS = Refusal(
    400, "IncorrectDomainUser", "The domain name does not belong to this user.", "DescribeSubDomainRecords 2017"
)
DOMAIN_REGISTERED = Refusal(
    400,
    "Forbidden.DomainType",
    "The domain is forbidden to operate because it is a hichina domain.",
    "DeleteDomain 2017",
)
STRING_LENGTH = Refusal(
    400,
    "QuotaExceeded.StringLength",
    "You Can't finish this operation because the input string length has been out of MAX count.",
    "GetMainDomainName 2017",
)

# --- records ---------------------------------------------------------------------------------------------------------

RECORD_NOT_FOUND = Refusal(
    400,
    "DomainRecordNotBelongToUser",
    "The domain record does not belong to this user.",
    "UpdateDomainRecord 2016",
)
RECORD_DUPLICATE = Refusal(400, "DomainRecordDuplicate", "The DNS record already exists.", "errorCode")
RECORD_CONFLICT = Refusal(
    400,
    "DomainRecordConflict",
    "The domain record is conflict with other records.",
    "AddDomainRecord 2016",
)
# UNVERIFIED: the words of all that follow, unless a year is given.
RECORD_RR = Refusal(400, "InvalidRR.Format", "The format of the host record is invalid.", "errorCode")
RECORD_TYPE = Refusal(400, "SubDomainInvalid.Type", "The record type is invalid.", "errorCode")
RECORD_TTL = Refusal(400, "SubDomainInvalid.TTL", "The TTL value is invalid.", "errorCode")
RECORD_TTL_LOW = Refusal(400, "QuotaExceeded.TTL", "The TTL value is less than the minimum value allowed.", "errorCode")
RECORD_LINE = Refusal(400, "SubDomainInvalid.Line", "The resolution line is invalid.", "errorCode")
RECORD_PRIORITY = Refusal(400, "SubDomainInvalid.Priority", "The priority of the MX record is invalid.", "errorCode")
#: By type.  Those of A, AAAA, MX and NS are listed.  UNVERIFIED: that those of the other types are like them.
VALUES: Mapping[str, Refusal] = {
    kind: Refusal(400, f"InvalidRR.{kind}Value", f"The value of the {kind} record is invalid.", "errorCode")
    for kind in get_args(RecordType)
}
