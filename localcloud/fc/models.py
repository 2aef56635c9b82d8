"""What an s.yaml says of a function and its triggers (edition 3.0.0, component fc3).

Names and limits: devsapp/fc3 src/schema.json and src/interface/*.ts (component 0.1.22).  Stricter than fc3 itself:
a key that is not known is an error, for fc3 lets a misspelt one pass.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel, to_pascal

from localcloud.delivery import Strategy
from localcloud.eventbridge.patterns import parse
from localcloud.fc.cron import Schedule

_TOPIC = r"^acs:mns:[a-z0-9-]+:[0-9]+:/topics/[A-Za-z0-9-]+$"
_QUEUE = r"^acs:mns:[a-z0-9-]+:[0-9]+:/queues/[A-Za-z0-9-]+/messages$"
#: ``service$function`` is what a function of 2.0 is called in 3.0, and what fc3's converter (`s 2to3`) writes.
_FUNCTION = r"^[A-Za-z_][A-Za-z0-9_-]{0,127}(\$[A-Za-z_][A-Za-z0-9_-]{0,127})?$"
_HANDLER = r"^[A-Za-z_]\w*\.[A-Za-z_]\w*$"
#: fc3 makes every role's name lower case (src/base.ts), and RAM takes no underscore in one.
_ROLE = r"^acs:ram::[0-9]+:role/[a-z0-9.-]{1,64}$"
_LAYER = r"^acs:fc:[a-z0-9-]+:([0-9]+|official):layers/[A-Za-z0-9_-]+/versions/[0-9]+$"


class _Camel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, alias_generator=to_camel)


class _Pascal(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, alias_generator=to_pascal)


def _is_schedule(text: str) -> str:
    Schedule.read(text)
    return text


def _is_pattern(text: str) -> str:
    parse(text)
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
    invocation_role: str = Field("", pattern=_ROLE)


class TimerTrigger(_Trigger):
    """A timer."""

    trigger_type: Literal["timer"]
    trigger_config: TimerConfig


# SMQ topic


class MnsTopicConfig(_Camel):
    """How a topic's messages are handed over."""

    notify_content_format: Literal["STREAM", "JSON"]
    notify_strategy: Strategy
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


class MnsEventSource(_Camel):
    """Events come from an SMQ queue."""

    event_source_type: Literal["MNS"]
    event_source_parameters: EventSourceParameters


class NoParameters(_Camel):
    """A source that is told nothing."""


class DefaultEventSource(_Camel):
    """Events are the cloud's own, from the bus `default`."""

    event_source_type: Literal["Default"]
    event_source_parameters: NoParameters = NoParameters()


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
    event_rule_filter_pattern: Annotated[str, AfterValidator(_is_pattern)]
    event_source_config: Annotated[MnsEventSource | DefaultEventSource, Field(discriminator="event_source_type")]
    event_sink_config: EventSinkConfig | None = None
    run_options: RunOptions | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Only the cloud's own events go without them (fc3 __tests__/e2e/trigger/eb/s.yaml)."""
        if isinstance(self.event_source_config, MnsEventSource) and None in (self.event_sink_config, self.run_options):
            raise ValueError("a queue's trigger needs eventSinkConfig and runOptions")
        return self


class EventBridgeTrigger(_Trigger):
    """An EventBridge trigger."""

    trigger_type: Literal["eventbridge"]
    trigger_config: EventBridgeConfig
    source_arn: str = ""


# HTTP


class JsonWebKey(_Camel):
    """The public key that tokens are signed with."""

    alg: str
    e: str
    kty: str
    n: str
    use: str
    kid: str = ""


class JsonWebKeys(_Camel):
    """The keys: fc3 takes one."""

    keys: tuple[JsonWebKey]


class TokenLookup(_Camel):
    """Where a request has its token."""

    parameter_name: str
    read_position: Literal["cookie", "form", "header", "query"]
    prefix: str = ""


class ClaimPassBy(_Camel):
    """Where a claim of the token is handed on."""

    mapping_parameter_name: str
    mapping_parameter_position: Literal["cookie", "form", "header"]
    claim_name: str = ""


class JwtConfig(_Camel):
    """Who is let in by a token; the lists are of paths.  An example of fc3's writes whiteList, which it ignores."""

    jwks: JsonWebKeys
    token_lookup: tuple[TokenLookup] | str
    claim_pass_by: tuple[ClaimPassBy] | str | None = None
    whitelist: tuple[str, ...] | None = None
    blacklist: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _one_list(self) -> Self:
        if self.whitelist is not None and self.blacklist is not None:
            raise ValueError("write a whitelist or a blacklist, not both")
        return self


class HttpConfig(_Camel):
    """Who may call over HTTP, and how."""

    auth_type: Literal["anonymous", "function", "jwt"]
    methods: tuple[Literal["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"], ...] = Field(min_length=1)
    disable_url_internet: bool = Field(False, alias="disableURLInternet")
    auth_config: JwtConfig | None = None

    @model_validator(mode="after")
    def _keys_for_tokens(self) -> Self:
        if (self.auth_type == "jwt") != (self.auth_config is not None):
            raise ValueError("authConfig belongs to authType jwt, which needs it")
        return self


class HttpTrigger(_Trigger):
    """An HTTP trigger: nothing calls it in the embedded cloud yet."""

    trigger_type: Literal["http"]
    trigger_config: HttpConfig


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
    """A function; what the embedded cloud does not use is read and let be.

    `timeout` has no default: the component's is 3 s, the console's 60.
    """

    region: str
    function_name: str = Field(pattern=_FUNCTION)
    runtime: Literal["python3.12", "python3.10"]
    handler: str = Field(pattern=_HANDLER)
    code: str
    timeout: int = Field(ge=1, le=86_400)
    memory_size: int = Field(512, ge=128, le=32_768, multiple_of=64)
    environment_variables: Mapping[str, str] = Field(default_factory=dict)
    async_invoke_config: AsyncInvokeConfig = Field(default_factory=AsyncInvokeConfig)
    triggers: tuple[Trigger, ...] = Field((), max_length=50)
    description: str = ""
    cpu: float | None = Field(None, strict=False, ge=0.05, le=16)
    disk_size: Literal[512, 10_240] = 512
    instance_concurrency: Literal[1] = 1
    internet_access: bool = True
    role: str = Field("", pattern=_ROLE)
    layers: tuple[Annotated[str, Field(pattern=_LAYER)], ...] = Field((), max_length=5)
    log_config: str | Mapping[str, object] | None = None
    vpc_config: str | Mapping[str, object] | None = None
    concurrency_config: Mapping[str, object] | None = None
    resource_group_id: str = ""
    tags: tuple[Mapping[str, str], ...] = ()


def importable(name: str) -> str:
    """*name* with every character that an identifier cannot hold replaced."""
    return re.sub(r"\W", "_", name)
