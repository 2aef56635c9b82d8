"""What tests of the embedded cloud come in by: the real SDKs, and an s.yaml with functions of a few lines."""

import hmac
import secrets
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from pathlib import Path
from textwrap import dedent, indent
from typing import Any
from urllib.parse import quote

from localcloud.faults import Fault
from localcloud.runtime import Embedded, embedded
from localcloud.world import World

HOME = "cn-hangzhou"
ACCOUNT = "1234567890123456"


@contextmanager
def a_cloud(state: Path, *faults: Fault, seed: int = 1, **about: Any) -> Iterator[Embedded]:
    """An embedded cloud with nothing in it but *faults*; *about* are further fields of its world."""
    with embedded(
        World(faults=faults, **about), seed=seed, state=state / "disks", trusted_scripts=frozenset()
    ) as cloud:
        yield cloud


def eventbridge(region: str = HOME, key: str = "test") -> Any:
    """EventBridge's client."""
    from alibabacloud_eventbridge20200401.client import Client
    from alibabacloud_tea_openapi.models import Config

    return Client(Config(access_key_id=key, access_key_secret="test", region_id=region))


def fc(region: str = HOME, key: str = "test") -> Any:
    """Function Compute's client, as it is used to invoke."""
    from alibabacloud_fc20230330.client import Client
    from alibabacloud_tea_openapi.models import Config

    endpoint = f"{ACCOUNT}.{region}.fc.aliyuncs.com"
    return Client(Config(access_key_id=key, access_key_secret="test", region_id=region, endpoint=endpoint))


def fc_control(region: str = HOME) -> Any:
    """Function Compute's client, as it is used to manage: at its own address."""
    from alibabacloud_fc20230330.client import Client
    from alibabacloud_tea_openapi.models import Config

    return Client(Config(access_key_id="test", access_key_secret="test", region_id=region))


def fc2(region: str = HOME, key: str = "test") -> Any:
    """The client of Function Compute 2.0."""
    import fc2

    return fc2.Client(
        endpoint=f"https://{ACCOUNT}.{region}.fc.aliyuncs.com", accessKeyID=key, accessKeySecret="test", Timeout=5
    )


def ram(key: str = "test") -> Any:
    """RAM's client."""
    from alibabacloud_ram20150501.client import Client
    from alibabacloud_tea_openapi.models import Config

    return Client(Config(access_key_id=key, access_key_secret="test", region_id=HOME))


def sts(key: str = "test", token: str | None = None) -> Any:
    """STS's client."""
    from alibabacloud_sts20150401.client import Client
    from alibabacloud_tea_openapi.models import Config

    config = Config(access_key_id=key, access_key_secret="test", security_token=token, region_id=HOME)
    return Client(config)


def tablestore_control(region: str = HOME) -> Any:
    """The client of Tablestore's control plane."""
    from alibabacloud_tablestore20201209.client import Client
    from alibabacloud_tea_openapi.models import Config

    return Client(Config(access_key_id="test", access_key_secret="test", region_id=region))


def smq(cloud: Embedded, region: str = HOME, key: str = "test") -> Any:
    """SMQ's account object."""
    from mns.account import Account

    return Account(cloud.smq_endpoint_for(region), key, "test")


def make_queue(cloud: Embedded, name: str, region: str = HOME) -> Any:
    """A queue whose bodies go as they are."""
    from mns.queue import QueueMeta

    queue = smq(cloud, region).get_queue(name)
    queue.set_encoding(False)
    queue.create(QueueMeta())
    return queue


def make_topic(cloud: Embedded, name: str, region: str = HOME) -> Any:
    """A topic."""
    from mns.topic import TopicMeta

    topic = smq(cloud, region).get_topic(name)
    topic.create(TopicMeta())
    return topic


def bodies(queue: Any) -> list[str]:
    """What can be received from *queue* now, in the order of its coming; it leaves the queue."""
    from mns.mns_exception import MNSServerException

    found: list[str] = []
    while True:
        try:
            message = queue.receive_message(0)
        except MNSServerException as no:
            assert no.type == "MessageNotExist"
            return found
        found.append(message.message_body)
        queue.delete_message(message.receipt_handle)


class Project:
    """A folder with an s.yaml, written function by function."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._resources = ""

    @property
    def s_yaml(self) -> Path:
        return self.folder / "s.yaml"

    def function(self, name: str, source: str, props: str = "", triggers: str = "", timeout: int = 60) -> "Project":
        """Add a function with the handler that *source* defines."""
        code = self.folder / "functions" / name
        code.mkdir(parents=True)
        (code / "handler.py").write_text(dedent(source))
        head = f"""
            region: cn-hangzhou
            functionName: {name}
            runtime: python3.12
            handler: handler.handler
            code: ./functions/{name}
            timeout: {timeout}
            """
        parts = [_block(head, 6), _block(props, 6)]
        if triggers:
            parts += ["      triggers:", _block(triggers, 8)]
        self._resources += "\n".join((f"  {name}:", "    component: fc3", "    props:", *parts, ""))
        self.s_yaml.write_text(f"edition: 3.0.0\nname: t\naccess: default\nresources:\n{self._resources}")
        return self

    def deploy(self, cloud: Embedded, env: Mapping[str, str] | None = None) -> "Project":
        cloud.deploy(self.s_yaml, env or {})
        return self


def topic_trigger(name: str) -> str:
    """An mns_topic trigger in s.yaml's form."""
    return f"""
        - triggerName: from-{name}
          triggerType: mns_topic
          sourceArn: acs:mns:cn-hangzhou:{ACCOUNT}:/topics/{name}
          triggerConfig: {{notifyContentFormat: JSON, notifyStrategy: BACKOFF_RETRY}}
        """


def queue_trigger(name: str, *, decode: bool = True) -> str:
    """An eventbridge trigger of an SMQ queue in s.yaml's form."""
    return f"""
        - triggerName: from-{name}
          triggerType: eventbridge
          triggerConfig:
            triggerEnable: true
            asyncInvocationType: true
            eventRuleFilterPattern: '{{}}'
            eventSourceConfig:
              eventSourceType: MNS
              eventSourceParameters:
                sourceMNSParameters:
                  RegionId: cn-hangzhou
                  QueueName: {name}
                  IsBase64Decode: {str(decode).lower()}
            eventSinkConfig: {{deliveryOption: {{mode: event-driven, eventSchema: CloudEvents}}}}
            runOptions: {{mode: event-driven, errorsTolerance: ALL}}
        """


def timer_trigger(cron: str, payload: str = "") -> str:
    """A timer in s.yaml's form."""
    return f"""
        - triggerName: timer
          triggerType: timer
          triggerConfig: {{cronExpression: '{cron}', enable: true, payload: '{payload}'}}
        """


def dead_letters(queue: str, attempts: int) -> str:
    """An asyncInvokeConfig that sends what failed to *queue*."""
    return f"""
        asyncInvokeConfig:
          maxAsyncRetryAttempts: {attempts}
          destinationConfig:
            onFailure: {{destination: 'acs:mns:cn-hangzhou:{ACCOUNT}:/queues/{queue}/messages'}}
        """


#: The head of a handler that calls EventBridge with the keys of its environment.
CALLS = """
    import os
    from alibabacloud_eventbridge20200401 import models
    from alibabacloud_eventbridge20200401.client import Client
    from alibabacloud_tea_openapi.models import Config

    def client():
        keys = os.environ
        return Client(Config(
            access_key_id=keys["ALIBABA_CLOUD_ACCESS_KEY_ID"],
            access_key_secret=keys["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
            security_token=keys["ALIBABA_CLOUD_SECURITY_TOKEN"],
            region_id="cn-hangzhou",
        ))

    def make(name):
        return client().create_event_bus(models.CreateEventBusRequest(event_bus_name=name)).body

    def buses():
        return client().list_event_buses(models.ListEventBusesRequest(limit=100)).body.data.total
    """


def _block(text: str, spaces: int) -> str:
    return indent(dedent(text).strip("\n"), " " * spaces)


def mns_headers(method: str, target: str, *, key: str = "test", secret: str = "test", **headers: str) -> dict[str, str]:
    """The headers of a request to SMQ, signed as its documentation says; *headers*: with _ for -."""
    sent = {"date": formatdate(usegmt=True), "x-mns-version": "2015-06-06"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    own = "".join(f"{name}:{sent[name]}\n" for name in sorted(sent) if name.startswith("x-mns-"))
    first = (method, sent.get("content-md5", ""), sent.get("content-type", ""), sent["date"])
    text = "\n".join((*first, own + target)).encode()
    signature = b64encode(hmac.digest(secret.encode(), text, "sha1")).decode()
    return {**sent, "Authorization": f"MNS {key}:{signature}"}


def moment(ago: timedelta = timedelta()) -> str:
    """A moment as signatures have it, by the wall clock."""
    return f"{datetime.now(UTC) - ago:%Y-%m-%dT%H:%M:%SZ}"


def encoded(text: str) -> str:
    """A text as signatures encode it."""
    return quote(text, safe="~")


def v1(method: str = "GET", *, secret: str = "test", drop: str = "", **params: str) -> dict[str, str]:
    """The parameters of a call, signed as the page "RPC mechanism" says."""
    sent = {
        "Action": "DescribeRegions",
        "Version": "2014-05-26",
        "AccessKeyId": "test",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": secrets.token_hex(8),
        "Timestamp": moment(),
        **params,
    }
    sent.pop(drop, None)
    query = "&".join(f"{encoded(name)}={encoded(sent[name])}" for name in sorted(sent))
    text = f"{method}&%2F&{encoded(query)}"
    signature = b64encode(hmac.digest(f"{secret}&".encode(), text.encode(), "sha1")).decode()
    return sent | ({"Signature": signature} if drop != "Signature" else {})


def rpc(version: str, action: str, params: Mapping[str, str]) -> tuple[int, str, str]:
    """Status, code and message of what a signed call hears."""
    import requests

    signed = v1("POST", **{"Format": "JSON", "Version": version, "Action": action, "RegionId": HOME, **params})
    answer = requests.post(f"https://ecs.{HOME}.aliyuncs.com/", data=signed, timeout=20)
    return answer.status_code, answer.json().get("Code", ""), answer.json().get("Message", "")
