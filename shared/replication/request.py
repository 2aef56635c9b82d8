"""What was asked for: one instance, one target region, one goal.  Immutable once accepted."""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from shared.replication.model import Asked

#: CreateImage and CopyImage: 2 to 128 characters, a letter first, then letters, digits and ``: _ . -``.
#: https://www.alibabacloud.com/help/en/ecs/api-createimage
_IMAGE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9:_.-]{1,127}\Z")
_RESERVED_STARTS = ("aliyun", "acs:", "http://", "https://")


class Goal(StrEnum):
    """Where a replication ends."""

    RECOVERY_POINT = "recovery_point"
    REPLICA = "replica"


class OnProofFailure(StrEnum):
    """What becomes of a replica that is not the same as its source."""

    KEEP = "keep"
    REMOVE = "remove"


def _image_name(name: str) -> str:
    if not _IMAGE_NAME.match(name) or name.lower().startswith(_RESERVED_STARTS):
        raise PydanticCustomError(
            "image_name_malformed",
            "{name} is not a name for an image",
            {
                "name": repr(name),
                "fix": "use 2 to 128 letters, digits, ':', '_', '.' or '-', a letter first, "
                "and not one that begins with aliyun, acs:, http:// or https://",
            },
        )
    return name


def _id(prefix: str, what: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.match(rf"{prefix}-[A-Za-z0-9-]{{1,60}}\Z", value):
            raise PydanticCustomError(
                "id_malformed",
                "{value} is not the id of {what}",
                {"value": repr(value), "what": what, "fix": f"give the id, such as {prefix}-bp1example"},
            )
        return value

    return AfterValidator(check)


RegionId = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,8}(-[a-z0-9]+)+$", max_length=40)]
InstanceId = Annotated[str, _id("i", "an instance")]
VSwitchId = Annotated[str, _id("vsw", "a vSwitch")]
SecurityGroupId = Annotated[str, _id("sg", "a security group")]
InstanceType = Annotated[str, StringConstraints(pattern=r"^ecs\.[a-z0-9.-]{2,60}$")]
ImageName = Annotated[str, AfterValidator(_image_name)]


class Source(Asked):
    """The instance to replicate."""

    region: RegionId
    instance: InstanceId


class Target(Asked):
    """Where the replica shall live; its VPC is the vSwitch's."""

    region: RegionId
    vswitch: VSwitchId
    security_groups: Annotated[tuple[SecurityGroupId, ...], Field(min_length=1, max_length=16)]
    instance_type: InstanceType | None = None

    @field_validator("security_groups", mode="before")
    @classmethod
    def _from_list(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value


class Request(Asked):
    """One replication, as it was asked for."""

    source: Source
    target: Target
    goal: Annotated[Goal, Field(strict=False)] = Goal.REPLICA
    image_name: ImageName | None = None
    copy_name: ImageName | None = None
    keep_source_image: bool = False
    on_proof_failure: Annotated[OnProofFailure, Field(strict=False)] = OnProofFailure.KEEP

    @field_validator("goal", mode="before")
    @classmethod
    def _offered(cls, goal: object) -> object:
        if goal == "move":
            raise PydanticCustomError(
                "goal_not_offered",
                "the goal move is not offered by this release",
                {"fix": "ask for replica (ends with a proof) or recovery_point (ends with a copied image)"},
            )
        return goal

    @field_validator("target", mode="after")
    @classmethod
    def _other_region(cls, target: Target, info: ValidationInfo) -> Target:
        source = info.data.get("source")
        if isinstance(source, Source) and source.region == target.region:
            raise PydanticCustomError(
                "same_region",
                "target.region is the source's own region, {region}",
                {"region": source.region, "at": "target.region", "fix": "give another region as target.region"},
            )
        return target
