"""What comes in, decoded once into a type: the forms are those of FC's triggers and of CloudEvents.

https://help.aliyun.com/zh/functioncompute/fc/user-guide/mns-topic-triggers
https://www.alibabacloud.com/help/en/eventbridge/user-guide/event-overview
"""

import json
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from shared.ports import TryAgain
from shared.problem import BadInput, Problem, problems_of
from shared.replication.commands import SCHEMA, Command
from shared.replication.request import Request

Order = TypeVar("Order", bound=Command)


class Unreadable(Exception):  # noqa: N818 - it says what the message is
    """A message that can't be understood; it belongs to the dead letters."""


class _Sent(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class TopicMessage(_Sent):
    """What an mns_topic trigger hands over in JSON format."""

    topic: str = Field(alias="TopicName")
    message: str = Field(alias="Message")
    message_id: str = Field("", alias="MessageId")


class CloudEvent(_Sent):
    """The part of a CloudEvents envelope that is read; its times are not always RFC 3339 and are not."""

    id: str
    source: str
    type: str
    subject: str = ""
    data: JsonValue = None


class _Versioned(_Sent):
    """The part of every command's data that stays as it is in every release."""

    schema_: int = Field(SCHEMA, alias="schema")


class QueueData(_Sent):
    """The data of an event whose source is an SMQ queue."""

    message_id: str = Field("", alias="messageId")
    body: JsonValue = Field(alias="messageBody")


class TimerEvent(_Sent):
    """What a timer trigger hands over."""

    trigger_time: str = Field(alias="triggerTime")
    trigger_name: str = Field(alias="triggerName")
    payload: str = ""


class FailedCall(_Sent):
    """What an onFailure destination gets after the last try of an asynchronous call.

    https://www.alibabacloud.com/help/en/fc/user-guide/result-callback
    """

    request_context: dict[str, JsonValue] = Field(alias="requestContext")
    request_payload: JsonValue = Field(None, alias="requestPayload")
    response_payload: JsonValue = Field(None, alias="responsePayload")


def read(event: bytes, command: type[Order]) -> Order:
    """The command in a topic's message (or in a bare CloudEvent).

    Raises Unreadable, and TryAgain for one that a newer release sent: whatever its form is, it makes sense there.
    """
    cloud_event = read_event(event)
    if cloud_event.type != command.event_type():
        raise Unreadable(f"{cloud_event.type} came to the function for {command.event_type()}")
    _check_schema(cloud_event)
    try:
        return command.model_validate(cloud_event.data)
    except ValidationError as error:
        raise Unreadable(f"the data of {cloud_event.type} is not a {command.__name__}: {_all(error)}") from None


def _check_schema(event: CloudEvent) -> None:
    try:
        sent = _Versioned.model_validate(event.data)
    except ValidationError:
        return  # no command at all: its own form says what is wrong
    if sent.schema_ > SCHEMA:
        raise TryAgain(
            f"{event.type} was sent by a newer release of Ferry: the schema of its message is {sent.schema_}, "
            f"this release reads up to {SCHEMA}"
        )


def read_event(event: bytes) -> CloudEvent:
    """The CloudEvent in a topic's message, or a bare one; raises Unreadable."""
    return parse(CloudEvent, unwrap(event))


def unwrap(event: bytes) -> bytes:
    """A topic message's text, or the event itself when it is none."""
    try:
        return TopicMessage.model_validate_json(event).message.encode()
    except ValidationError:
        return event


Form = TypeVar("Form", bound=_Sent)


def is_form(form: type[_Sent], text: bytes) -> bool:
    """Whether *text* is of that form."""
    try:
        form.model_validate_json(text)
    except ValidationError:
        return False
    return True


def parse(form: type[Form], text: bytes | str) -> Form:
    """*text* as that form; raises Unreadable with every reason."""
    try:
        return form.model_validate_json(text)
    except ValidationError as error:
        raise Unreadable(f"not a {form.__name__}: {_all(error)}") from None


def read_request(text: bytes) -> Request:
    """A request as people send it; raises BadInput with every problem at once."""
    try:
        return Request.model_validate_json(text)
    except ValidationError as error:
        raise BadInput(problems_of(error, form=Request)) from None


def read_request_value(value: object) -> Request:
    """A request that was read from YAML: as strict as from JSON."""
    if not isinstance(value, dict):
        problem = Problem(path="", code="not_a_mapping", message="the request is not a mapping", fix="see README.md")
        raise BadInput((problem,))
    try:
        # What JSON has no form for, a date, stands as the text that it is: the field's own check names it.
        text = json.dumps(value, default=str)
    except (TypeError, ValueError) as error:
        problem = Problem(path="", code="not_json", message=f"a value has no JSON form: {error}", fix="quote it")
        raise BadInput((problem,)) from None
    return read_request(text.encode())


def _all(error: ValidationError) -> str:
    return "; ".join(f"{p.path}: {p.message}" for p in problems_of(error))
