"""What an s.yaml says of a function and its triggers (edition 3.0.0, component fc3).

Names and limits: devsapp/fc3 src/schema.json and src/interface/*.ts (component 0.1.22).  Stricter than fc3 itself:
a key that is not known is an error, for fc3 lets a misspelt one pass.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel, to_pascal

from localcloud.delivery import Strategy
from localcloud.fc.cron import Schedule

_TOPIC = r"^acs:mns:[a-z0-9-]+:[0-9]+:/topics/[A-Za-z0-9-]+$"
_QUEUE = r"^acs:mns:[a-z0-9-]+:[0-9]+:/queues/[A-Za-z0-9-]+/messages$"
_HANDLER = r"^[A-Za-z_]\w*\.[A-Za-z_]\w*$"


class _Camel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, alias_generator=to_camel)


class _Pascal(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, alias_generator=to_pascal)


def _is_schedule(text: str) -> str:
    Schedule.read(text)
    return text


# timer


class TimerConfig(_Camel):
    """When a timer fires."""

    cron_expression: Annotated[str, AfterValidator(_is_schedule)]
    enable: bool
    payload: str = ""


class _Trigger(_Camel):
    trigger_name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,127}$")
    description: str = ""
    qualifier: str = "LATEST"
    invocation_role: str = ""


class TimerTrigger(_Trigger):
    """A timer."""

    trigger_type: Literal["timer"]
    trigger_config: TimerConfig


# SMQ topic


class MnsTopicConfig(_Camel):
    """How a topic's messages are handed over."""

    notify_content_format: Literal["STREAM", "JSON"]
    notify_strategy: Strategy = "BACKOFF_RETRY"
    filter_tag: str = Field("", max_length=16)


class MnsTopicTrigger(_Trigger):
    """An SMQ topic; the trigger makes the subscription itself."""

    trigger_type: Literal["mns_topic"]
    trigger_config: MnsTopicConfig
    source_arn: str = Field(pattern=_TOPIC)

    @property
    def topic(self) -> tuple[str, str]:
        """The topic's region and name."""
        return self.source_arn.split(":")[2], self.source_arn.rpartition("/")[2]


# EventBridge


class MnsSource(_Pascal):
    """An SMQ queue as a source of events."""

    region_id: str
    queue_name: str
    is_base64_decode: bool = Field(True, alias="IsBase64Decode")


class EventSourceParameters(_Camel):
    """The source's parameters."""

    source_mns: MnsSource = Field(alias="sourceMNSParameters")


class EventSourceConfig(_Camel):
    """Where events come from: in the embedded cloud, an SMQ queue."""

    event_source_type: Literal["MNS"]
    event_source_parameters: EventSourceParameters


class DeliveryOption(_Camel):
    """How events are handed over."""

    mode: Literal["event-driven"] = "event-driven"
    event_schema: Literal["CloudEvents", "RawData"] = "CloudEvents"
    concurrency: int | None = None


class EventSinkConfig(_Camel):
    """How the function gets events."""

    delivery_option: DeliveryOption


class RetryStrategy(_Pascal):
    """How an event is tried again."""

    push_retry_strategy: Strategy = "BACKOFF_RETRY"
    maximum_event_age_in_seconds: int | None = None
    maximum_retry_attempts: int | None = None


class EventDeadLetters(_Pascal):
    """Where an event goes that was not taken."""

    arn: str


class RunOptions(_Camel):
    """How the event stream runs; one event an invocation."""

    mode: Literal["event-driven"]
    maximum_tasks: int | None = None
    errors_tolerance: Literal["ALL", "NONE"] = "ALL"
    retry_strategy: RetryStrategy | None = None
    dead_letter_queue: EventDeadLetters | None = None


class EventBridgeConfig(_Camel):
    """An EventBridge trigger's settings."""

    trigger_enable: bool
    async_invocation_type: bool
    event_rule_filter_pattern: str = "{}"
    event_source_config: EventSourceConfig
    event_sink_config: EventSinkConfig | None = None
    run_options: RunOptions | None = None


class EventBridgeTrigger(_Trigger):
    """An EventBridge trigger."""

    trigger_type: Literal["eventbridge"]
    trigger_config: EventBridgeConfig
    source_arn: str = ""


# HTTP


class HttpTrigger(_Trigger):
    """An HTTP trigger: nothing calls it in the embedded cloud yet."""

    trigger_type: Literal["http"]
    trigger_config: Mapping[str, object]


Trigger = Annotated[
    TimerTrigger | MnsTopicTrigger | EventBridgeTrigger | HttpTrigger, Field(discriminator="trigger_type")
]


# functions


class Destination(_Camel):
    """Where the outcome of an asynchronous invocation goes: an SMQ queue."""

    destination: str = Field(pattern=_QUEUE)


class DestinationConfig(_Camel):
    """Destinations by outcome."""

    on_failure: Destination | None = None
    on_success: Destination | None = None


class AsyncInvokeConfig(_Camel):
    """What happens to asynchronous invocations."""

    destination_config: DestinationConfig = Field(default_factory=DestinationConfig)
    max_async_retry_attempts: int = Field(3, ge=0, le=8)
    max_async_event_age_in_seconds: int = Field(86_400, ge=1, le=604_800)
    async_task: bool = False
    qualifier: str = "LATEST"


class Props(_Camel):
    """A function; what the embedded cloud does not use is read and let be."""

    region: str
    function_name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,127}$")
    runtime: Literal["python3.12", "python3.10"]
    handler: str = Field(pattern=_HANDLER)
    code: str
    timeout: int = Field(3, ge=1, le=86_400)
    memory_size: int = Field(512, ge=128, le=32_768, multiple_of=64)
    environment_variables: Mapping[str, str] = Field(default_factory=dict)
    async_invoke_config: AsyncInvokeConfig = Field(default_factory=AsyncInvokeConfig)
    triggers: tuple[Trigger, ...] = ()
    description: str = ""
    cpu: float | None = Field(None, strict=False)
    disk_size: Literal[512, 10_240] = 512
    instance_concurrency: Literal[1] = 1
    internet_access: bool = True
    role: str = ""
    layers: tuple[str, ...] = ()
    log_config: str | Mapping[str, object] | None = None
    vpc_config: str | Mapping[str, object] | None = None
    concurrency_config: Mapping[str, object] | None = None
    resource_group_id: str = ""
    tags: tuple[Mapping[str, str], ...] = ()


def importable(name: str) -> str:
    """*name* with every character that an identifier cannot hold replaced."""
    return re.sub(r"\W", "_", name)
