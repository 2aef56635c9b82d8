"""s.yaml: fc3's schema takes it, strict models take it, and the traps that a deploy would fall into are not in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from localcloud.fc import ManifestProblems
from shared.names import Names
from shared.problem import BadInput
from shared.replication.commands import COMMANDS
from shared.settings import Settings
from tests.functions.ferry import ferry
from tests.rendering import ENVIRON, ROOT, functions, rendered

SCHEMA = Draft7Validator(json.loads((ROOT / "tests" / "fc3.schema.json").read_text()))
#: Read by provisioning, and by the platform: no function asks where its lines go.
LOGS = {"FERRY_LOG_PROJECT", "FERRY_LOG_STORE"}
NAMES = Names(install=ENVIRON["FERRY_INSTALL"])
QUEUE = ("triggerConfig", "eventSourceConfig", "eventSourceParameters", "sourceMNSParameters")


def all_triggers() -> list[dict[str, Any]]:
    """Every trigger of every function."""
    return [trigger for props in rendered(ENVIRON).values() for trigger in props.get("triggers", [])]


# the schema, and what it lets pass


@pytest.mark.parametrize("environ", [{}, ENVIRON], ids=["defaults", "another install"])
def test_the_component_s_schema_takes_every_function(environ: Mapping[str, str]) -> None:
    """What is rendered is valid by fc3's own schema, with nothing in the environment and with everything."""
    assert {name: [e.message for e in SCHEMA.iter_errors(p)] for name, p in rendered(environ).items()} == {
        name: [] for name in functions(environ)
    }


@dataclass(frozen=True)
class Sabotage:
    """Something written wrongly into a function: where, what, where the reader finds it, whether the schema does."""

    name: str
    where: tuple[str | int, ...]
    value: object
    found: str
    schema: bool = False


GONE = object()
#: `function`, then the way to the field.
SABOTAGES = (
    Sabotage("misspelt key", ("watch", "memorysize"), 1024, "memorysize"),
    Sabotage(
        "misspelt key of a trigger",
        ("precheck", "triggers", 0, "triggerConfig", "notifyContentformat"),
        "JSON",
        "triggers.0.mns_topic.triggerConfig.notifyContentformat",
    ),
    Sabotage(
        "cron of five fields",
        ("watch", "triggers", 0, "triggerConfig", "cronExpression"),
        "* * * * *",
        "triggers.0.timer.triggerConfig.cronExpression",
    ),
    Sabotage("no such region", ("watch", "region"), "cn-atlantis", "region", schema=True),
    Sabotage(
        "config of another trigger",
        ("watch", "triggers", 0, "triggerConfig"),
        {"notifyContentFormat": "JSON", "notifyStrategy": "BACKOFF_RETRY"},
        "triggers.0.timer.triggerConfig.cronExpression",
    ),
    Sabotage(
        "topicName, as the old component had it",
        ("precheck", "triggers", 0, "triggerConfig", "topicName"),
        "t",
        "triggers.0.mns_topic.triggerConfig.topicName",
    ),
    Sabotage("no sourceArn", ("precheck", "triggers", 0, "sourceArn"), GONE, "triggers.0.mns_topic.sourceArn"),
    Sabotage(
        "topic of another region",
        ("precheck", "triggers", 0, "sourceArn"),
        "acs:mns:cn-beijing:1234567890123456:/topics/t",
        "triggers.0.sourceArn",
    ),
    Sabotage("timeout of 0", ("watch", "timeout"), 0, "timeout", schema=True),
    Sabotage("no timeout: fc3 makes it 3 s", ("watch", "timeout"), GONE, "timeout"),
    Sabotage("timeout as text", ("watch", "timeout"), "60", "timeout", schema=True),
    Sabotage("too little memory for its CPU", ("watch", "cpu"), 1, "cpu"),
    Sabotage(
        "events kept for too long",
        ("watch", "asyncInvokeConfig", "maxAsyncEventAgeInSeconds"),
        604_801,
        "asyncInvokeConfig.maxAsyncEventAgeInSeconds",
    ),
    Sabotage(
        "destination in another region",
        ("watch", "asyncInvokeConfig", "destinationConfig", "onFailure", "destination"),
        "acs:mns:cn-beijing:1234567890123456:/queues/q/messages",
        "asyncInvokeConfig.destinationConfig.onFailure.destination",
    ),
    Sabotage(
        "asyncInvocationType left out",
        ("watch", "triggers", 2, "triggerConfig", "asyncInvocationType"),
        GONE,
        "triggers.2.eventbridge.triggerConfig.asyncInvocationType",
    ),
    Sabotage(
        "filter that is no text",
        ("watch", "triggers", 2, "triggerConfig", "eventRuleFilterPattern"),
        {},
        "triggers.2.eventbridge.triggerConfig.eventRuleFilterPattern",
    ),
    Sabotage(
        "filter that is no pattern",
        ("watch", "triggers", 2, "triggerConfig", "eventRuleFilterPattern"),
        '{"type": [{"wildcard": "*"}]}',
        "triggers.2.eventbridge.triggerConfig.eventRuleFilterPattern",
    ),
    Sabotage(
        "a queue's trigger without run options",
        ("watch", "triggers", 2, "triggerConfig", "runOptions"),
        GONE,
        "triggers.2.eventbridge.triggerConfig",
    ),
    Sabotage("role with an underscore", ("watch", "role"), "acs:ram::1234567890123456:role/dr_site", "role"),
    Sabotage("role with a capital", ("watch", "role"), "acs:ram::1234567890123456:role/Ferry", "role"),
    Sabotage("role that is only a name", ("watch", "role"), "dr-site-watch", "role"),
    Sabotage("layer without a version", ("watch", "layers"), ["acs:fc:cn-beijing:1:layers/l"], "layers.0"),
    Sabotage(
        "six layers", ("watch", "layers"), [f"acs:fc:cn-beijing:1:layers/l/versions/{n}" for n in range(6)], "layers"
    ),
    Sabotage("name with a dot", ("watch", "functionName"), "ferry.watch", "functionName"),
    Sabotage("two functions of one name", ("watch", "functionName"), "dr-site-precheck", "functionName"),
    Sabotage("two triggers of one name", ("watch", "triggers", 1, "triggerName"), "every-minute", "triggers.1"),
)


@pytest.mark.parametrize("one", SABOTAGES, ids=lambda one: one.name)
def test_what_is_written_wrongly_is_found(one: Sabotage, tmp_path: Path) -> None:
    """The strict reader names the field; the schema alone sees only what is marked as seen by it."""
    told, valid = problems_of(tmp_path, one.where, one.value)
    assert any(path.startswith(f"resources.{one.where[0]}.props") and one.found in path for path in told), told
    assert valid is not one.schema


def test_nothing_stands_behind_an_eventbridge_trigger(tmp_path: Path) -> None:
    """fc3 leaves its loop at an EventBridge trigger that has not changed, so that one is last; the reader holds it."""
    for props in rendered(ENVIRON).values():
        kinds = [trigger["triggerType"] for trigger in props.get("triggers", [])]
        assert "eventbridge" not in kinds[:-1]
    triggers = rendered(ENVIRON)["watch"]["triggers"]
    told, _ = problems_of(tmp_path, ("watch", "triggers"), triggers[::-1])
    assert list(told) == ["resources.watch.props.triggers.1"]
    assert "second deploy skips it" in told["resources.watch.props.triggers.1"]


def problems_of(folder: Path, where: tuple[str | int, ...], value: object) -> tuple[dict[str, str], bool]:
    """What the reader says when s.yaml has *value* at *where*, and whether the schema still takes the function."""
    resources: Any = rendered(ENVIRON)
    *way, last = where
    place = resources
    for step in way:
        place = place[step]
    if value is GONE:
        del place[last]
    else:
        place[last] = value
    (folder / "functions").symlink_to(ROOT / "functions")
    document = {
        "edition": "3.0.0",
        "name": "sabotage",
        "access": "default",
        "resources": {name: {"component": "fc3", "props": props} for name, props in resources.items()},
    }
    (folder / "s.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    with pytest.raises(ManifestProblems) as found:
        functions({}, folder / "s.yaml")
    return {p.path: p.message for p in found.value.problems}, SCHEMA.is_valid(resources[where[0]])


# the traps


def test_topics_hand_over_json() -> None:
    """As STREAM, a message without attributes arrives as bare text: every topic's trigger says JSON."""
    formats = [t["triggerConfig"]["notifyContentFormat"] for t in all_triggers() if t["triggerType"] == "mns_topic"]
    assert formats == ["JSON"] * (len(COMMANDS) + 1)


def test_nothing_has_a_public_address() -> None:
    """Functions are reached by signed invocation alone: an HTTP trigger would be an address on the internet."""
    assert {trigger["triggerType"] for trigger in all_triggers()} == {"timer", "mns_topic", "eventbridge"}


def test_a_topic_has_one_subscription(tmp_path: Path) -> None:
    """The trigger makes the subscription itself: one that is made beside it would deliver every message twice."""
    with ferry(tmp_path) as running:
        topics = list(running.cloud.smq.state.topics(running.app.settings.home_region))
        assert {topic.name: len(topic.subscriptions) for topic in topics} == {topic.name: 1 for topic in topics}
        assert len(topics) == len(COMMANDS) + 1


def test_what_the_component_would_guess_is_written() -> None:
    """fc3's time-out is 3 s and its events live for 5 hours: each function says its own."""
    for name, props in rendered({}).items():
        assert props["timeout"] == 60
        assert {"cpu", "memorySize", "diskSize", "description", "layers", "role"} <= props.keys()
        if name != "api":
            config = props["asyncInvokeConfig"]
            assert config["maxAsyncEventAgeInSeconds"] <= 604_800
            assert "maxAsyncRetryAttempts" in config


def test_steps_are_tried_twice() -> None:
    """Asking again is the sweep's: a step is tried once more by FC, then its message is a dead letter."""
    for command in COMMANDS:
        assert rendered(ENVIRON)[command.function()]["asyncInvokeConfig"]["maxAsyncRetryAttempts"] == 1


def test_names_are_the_install_s() -> None:
    """What s.yaml names is what is provisioned: by one rule, for an install of any name."""
    for name, props in rendered(ENVIRON).items():
        assert props["functionName"] == NAMES.function(name)
        assert props["role"] == f"acs:ram::1234567890123456:role/{NAMES.role(name)}"
    topics = {t["sourceArn"].rpartition("/")[2] for t in all_triggers() if t["triggerType"] == "mns_topic"}
    assert topics == {*(NAMES.topic(command.function()) for command in COMMANDS), NAMES.cloud_events}
    queues = [t for t in all_triggers() if t["triggerType"] == "eventbridge"]
    assert {queue_name(trigger) for trigger in queues} == {NAMES.looks, NAMES.dead_letters}


def queue_name(trigger: Mapping[str, Any]) -> str:
    """The queue that an EventBridge trigger reads."""
    place: Any = trigger
    for step in QUEUE:
        place = place[step]
    return str(place["QueueName"])


def test_the_longest_name_fits() -> None:
    """Names of functions, roles and triggers keep to their limits for an install of 40 characters."""
    longest = "i" * 40
    for name, props in rendered({**ENVIRON, "FERRY_INSTALL": longest}).items():
        assert len(props["functionName"]) <= 128
        assert len(Names(install=longest).role(name)) <= 64


# what is forgotten


def test_settings_are_handed_over() -> None:
    """Every setting that a function reads is in its environment, with the value that s.yaml was given."""
    aliases = {field.alias for field in Settings.model_fields.values()}
    for props in rendered(ENVIRON).values():
        handed = props["environmentVariables"]
        assert aliases - LOGS <= handed.keys()
        assert props["logConfig"] == {"project": "", "logstore": ""}
        assert handed == {name: ENVIRON[name] for name in handed}
        assert Settings.from_env(handed).store == ENVIRON["FERRY_STORE"]


def test_a_forgotten_store_is_refused() -> None:
    """Without FERRY_STORE no function works on a store of its own guessing: each says what is missing."""
    for props in rendered({}).values():
        with pytest.raises(BadInput) as refused:
            Settings.from_env(props["environmentVariables"])
        assert [problem.path for problem in refused.value.problems] == ["FERRY_STORE"]


def test_a_forgotten_layer_can_not_be_there() -> None:
    """Without FERRY_LAYER_ARN a deploy names a layer that no account has, and whose name says what is missing."""
    layers = {layer for props in rendered({}).values() for layer in props["layers"]}
    assert layers == {"acs:fc:none:0:layers/FERRY_LAYER_ARN-is-not-set/versions/0"}
    given = {layer for props in rendered(ENVIRON).values() for layer in props["layers"]}
    assert given == {ENVIRON["FERRY_LAYER_ARN"]}


def test_the_schema_is_kept_with_its_licence() -> None:
    """The schema is devsapp/fc3's, under MIT: its notice stays beside it."""
    schema = json.loads((ROOT / "tests" / "fc3.schema.json").read_text())
    licence = (ROOT / "tests" / "fc3.LICENSE").read_text()
    assert "fc3.LICENSE" in schema["$comment"]
    assert "Copyright (c) 2020 Serverless Devs" in licence
    assert "MIT License" in licence
