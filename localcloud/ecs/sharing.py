"""Which accounts an image is shared with: ModifyImageSharePermission, DescribeImageSharePermission.

The embedded cloud holds one account: that an image is shared can be seen, but not from the other side.
"""

import re
from typing import TYPE_CHECKING

from localcloud.ecs import errors
from localcloud.ecs.listing import Listing
from localcloud.ecs.models import Image
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import images as refusals
from localcloud.ecs.state import State
from localcloud.ecs.times import second

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
_ACCOUNT = re.compile(r"[0-9]{1,20}")
#: "up to 50 Alibaba Cloud accounts", "up to 10 [...] at a time", more are ignored (help page
#: ModifyImageSharePermission, read 2026-11).
_MOST_ACCOUNTS = 50
_AT_A_TIME = 10


class ImageSharing:
    """The sharing of one cloud's images."""

    def __init__(self, cloud: "Cloud", state: State, listing: Listing) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing

    def modify(self, params: Params) -> Answer:
        """ModifyImageSharePermission: with other accounts, not with everybody."""
        image = self._state.of(params.region).own_image(params.need("ImageId"))
        _refuse_public(params)
        added = self._accounts(params, "AddAccount")
        removed = self._accounts(params, "RemoveAccount")
        if added:
            _refuse_sharing(image)
        remaining = {one: since for one, since in image.shared_with.items() if one not in removed}
        shared = dict.fromkeys(added, self._cloud.clock.now) | remaining
        if len(shared) > _MOST_ACCOUNTS:
            raise refusals.SHARE_TOO_MANY.error()
        if params.flag("DryRun"):
            raise errors.DRY_RUN.error()
        image.shared_with = shared
        return {}

    def describe(self, params: Params) -> Answer:
        """DescribeImageSharePermission, at most 100 accounts a page."""
        image = self._state.of(params.region).own_image(params.need("ImageId"))
        page, head = self._listing.numbered_page(params, list(image.shared_with.items()), most=100)
        accounts = [{"AliyunId": account, "SharedTime": second(since)} for account, since in page]
        return {
            **head,
            "RegionId": params.region,
            "ImageId": image.id,
            "Accounts": {"Account": accounts},
            "ShareGroups": {"ShareGroup": []},
        }

    def _accounts(self, params: Params, name: str) -> tuple[str, ...]:
        accounts = params.each(name)[:_AT_A_TIME]
        for account in accounts:
            if not _ACCOUNT.fullmatch(account):
                raise refusals.ACCOUNT_UNKNOWN.error(account)
            if account == self._cloud.account:
                raise refusals.ACCOUNT_OWN.error()
        return accounts


def _refuse_public(params: Params) -> None:
    if params.flag("IsPublic"):
        raise errors.UNSUPPORTED.error("IsPublic=true")
    if params.has("IsPublic") and not params.has("AddAccount") and not params.has("RemoveAccount"):
        raise refusals.SHARE_NOT_PUBLIC.error()


def _refuse_sharing(image: Image) -> None:
    if image.status != "Available":
        raise refusals.SHARE_STATUS.error()
    if any(disk.encrypted for disk in image.disks):
        raise refusals.SHARE_ENCRYPTED.error()
