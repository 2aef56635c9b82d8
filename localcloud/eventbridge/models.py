"""Buses, rules, targets and events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from localcloud.delivery import Strategy

Event = dict[str, object]


class _Sent(BaseModel):
    """What a client sends: named as the API names it; other keys are kept for what answers them back."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Param(_Sent):
    """What a target is given under one key."""

    key: str = Field(alias="ResourceKey")
    form: Literal["ORIGINAL", "CONSTANT", "JSONPATH", "TEMPLATE"] = Field("CONSTANT", alias="Form")
    value: str | None = Field(None, alias="Value")
    template: str | None = Field(None, alias="Template")


class DeadLetters(_Sent):
    """Where an event goes that its target did not take."""

    arn: str = Field(alias="Arn")


class Target(_Sent):
    """Where a rule sends events."""

    id: str = Field(alias="Id", min_length=1)
    type: str = Field(alias="Type")
    endpoint: str = Field(alias="Endpoint")
    params: tuple[Param, ...] = Field((), alias="ParamList")
    strategy: Strategy = Field("BACKOFF_RETRY", alias="PushRetryStrategy")
    tolerance: Literal["ALL", "NONE"] = Field("ALL", alias="ErrorsTolerance")
    dead_letters: DeadLetters | None = Field(None, alias="DeadLetterQueue")

    @field_validator("params", mode="before")
    @classmethod
    def _none_is_empty(cls, params: object) -> object:
        return params or ()

    def param(self, key: str) -> Param | None:
        """The parameter of that name."""
        return next((param for param in self.params if param.key == key), None)


class Entry(_Sent):
    """One event of PutEvents."""

    id: str = Field(alias="Id", min_length=1)
    source: str = Field(alias="Source", min_length=1, max_length=128)
    type: str = Field(alias="Type", min_length=1, max_length=64)
    subject: str | None = Field(None, alias="Subject", max_length=512)
    time: str | None = Field(None, alias="Time")
    spec_version: Literal["1.0"] = Field("1.0", alias="SpecVersion")
    data_content_type: str = Field("application/json", alias="DataContentType")
    data_schema: str | None = Field(None, alias="DataSchema")
    data: object = Field(None, alias="Data")


@dataclass
class Rule:
    """A rule of a bus."""

    name: str
    pattern_text: str
    pattern: Mapping[str, object]
    description: str
    enabled: bool
    created: datetime
    targets: dict[str, Target] = field(default_factory=dict)


@dataclass
class Bus:
    """A bus of one region."""

    region: str
    name: str
    description: str
    created: datetime
    rules: dict[str, Rule] = field(default_factory=dict)
