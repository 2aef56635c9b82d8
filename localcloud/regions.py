"""The public regions and their zones, as the console lists them.

Source: help page "Regions and zones" (https://www.alibabacloud.com/help/en/ecs/regions-and-zones, read 2026-11);
zones that take no new instances are left out.
"""

from collections.abc import Mapping
from types import MappingProxyType

_ZONES = {
    "cn-qingdao": "bc",
    "cn-beijing": "cdefghijkl",
    "cn-zhangjiakou": "abc",
    "cn-huhehaote": "ab",
    "cn-wulanchabu": "abc",
    "cn-hangzhou": "befghijk",
    "cn-shanghai": "abcdefglmn",
    "cn-nanjing": "a",
    "cn-fuzhou": "a",
    "cn-shenzhen": "abcdef",
    "cn-heyuan": "ab",
    "cn-guangzhou": "ab",
    "cn-chengdu": "ab",
    "cn-hongkong": "bcd",
    "ap-northeast-1": "abc",
    "ap-northeast-2": "a",
    "ap-southeast-1": "abc",
    "ap-southeast-3": "ab",
    "ap-southeast-5": "abc",
    "ap-southeast-6": "a",
    "ap-southeast-7": "a",
    "us-east-1": "ab",
    "us-west-1": "ab",
    "na-south-1": "a",
    "eu-central-1": "abc",
    "eu-west-1": "ab",
    "me-east-1": "a",
    "me-central-1": "a",
}


def _zone_ids(region: str, letters: str) -> tuple[str, ...]:
    # Regions outside the mainland put no dash before the letter: ap-southeast-1a, but cn-hangzhou-h.
    dash = "-" if region.startswith("cn-") else ""
    return tuple(f"{region}{dash}{letter}" for letter in letters)


#: Region id to the ids of its zones.
ZONES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {region: _zone_ids(region, letters) for region, letters in _ZONES.items()}
)
