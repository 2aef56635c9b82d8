"""What is refused of the renewal of subscriptions."""

from localcloud.ecs.errors import Refusal

_PAGE = "DescribeInstanceAutoRenewAttribute"

NOTHING_ASKED = Refusal(
    403,
    "InvalidParameter.RenewalStatusInstanceId",
    "The parameter RenewalStatus and InstanceId can not be both empty.",
    _PAGE,
)
STATUS = Refusal(403, "InvalidParameter.RenewalStatus", "The specified parameter RenewalStatus is not valid.", _PAGE)
TOO_MANY = Refusal(403, "InvalidParameter.ToManyInstanceIds", "InstanceId should be less than 100.", _PAGE)
NOT_FOUND = Refusal(403, "InvalidParameter.InvalidInstanceId", "The specified InstanceId does not exist.", _PAGE)
PAY_AS_YOU_GO = Refusal(403, "ChargeTypeViolation", "Pay-As-You-Go instances do not support this operation.", _PAGE)
PAGE_SIZE = Refusal(403, "InvalidParameter.PageSize", "The specified parameter PageSize is not valid.", _PAGE)
PAGE_NUMBER = Refusal(403, "InvalidParameter.PageNumber", "The specified parameter PageNumber is not valid.", _PAGE)
