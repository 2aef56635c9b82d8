"""How an s.yaml is read: as Serverless Devs reads it, and with strict models of every trigger that is known."""

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from localcloud.fc import ManifestProblems
from localcloud.fc.manifest import FunctionSpec, read_manifest
from tests.localcloud.sdk import ACCOUNT, Project, a_cloud

KEY = {"alg": "RS256", "e": "AQAB", "kty": "RSA", "n": "0vx7", "use": "sig"}
LOOKUP = [{"parameterName": "Authentication", "prefix": "Bearer ", "readPosition": "header"}]
JWT = {"jwks": {"keys": [KEY]}, "tokenLookup": LOOKUP}
#: An official source's trigger, as fc3's own end-to-end test has it.
DEFAULT = {
    "triggerEnable": True,
    "asyncInvocationType": False,
    "eventRuleFilterPattern": '{"source":["acs.oss"],"type":["oss:BucketCreated:PutBucket"]}',
    "eventSourceConfig": {"eventSourceType": "Default"},
}


def read(folder: Path, text: str, environ: dict[str, str] | None = None) -> tuple[FunctionSpec, ...]:
    """The functions of an s.yaml with *text* behind its head; there is code in ``./f``."""
    (folder / "f").mkdir()
    (folder / "f" / "handler.py").write_text("def handler(event, context): ...")
    (folder / "s.yaml").write_text(f"edition: 3.0.0\nname: t\naccess: default\n{dedent(text)}")
    return read_manifest(folder / "s.yaml", environ or {}, ACCOUNT)


def refused(folder: Path, text: str, environ: dict[str, str] | None = None) -> dict[str, str]:
    """What is wrong with an s.yaml, by path."""
    with pytest.raises(ManifestProblems) as found:
        read(folder, text, environ)
    return {problem.path: problem.message for problem in found.value.problems}


def with_trigger(kind: str, config: object) -> str:
    """A function with one trigger."""
    trigger = {"triggerName": "t", "triggerType": kind, "triggerConfig": config}
    return resources({"triggers": [trigger]})


def resources(props: dict[str, Any], component: str = "fc3") -> str:
    """One function with *props* beside what it needs."""
    needed = {"region": "cn-hangzhou", "functionName": "f", "runtime": "python3.12", "handler": "handler.handler"}
    whole = {**needed, "code": "./f", "timeout": 60, **props}
    return yaml.safe_dump({"resources": {"f": {"component": component, "props": whole}}})


# as Serverless Devs reads it


def test_merge_keys(tmp_path: Path) -> None:
    """What a function has in common with others stands once: its own keys win over those that it merges."""
    text = """
        template:
          function: &function {region: cn-hangzhou, runtime: python3.12, handler: handler.handler, timeout: 60}
          patient: &patient
            <<: *function
            timeout: 600
        resources:
          a: {component: fc3, props: {<<: *function, functionName: a, code: ./f}}
          b: {component: fc3, props: {<<: *patient, functionName: b, code: ./f, runtime: python3.10}}
        """
    a, b = read(tmp_path, text)
    assert (a.props.timeout, a.props.runtime) == (60, "python3.12")
    assert (b.props.timeout, b.props.runtime) == (600, "python3.10")


def test_a_key_that_is_written_twice(tmp_path: Path) -> None:
    """Of two values of one key nobody knows which is meant."""
    text = "resources:\n  f: {component: fc3, props: {timeout: 3,\n    timeout: 4}}"
    told = refused(tmp_path, text)
    assert "'timeout' twice" in told[""]
    assert "line 6" in told[""]


def test_extend_is_refused(tmp_path: Path) -> None:
    """Templates are a place for anchors; what Serverless Devs would copy from one is not copied here."""
    text = "template: {t: {timeout: 9}}\nresources:\n  f: {component: fc3, extend: {name: t}, props: {}}"
    assert "resources.f.extend" in refused(tmp_path, text)


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    """A variable that is set to nothing gives the default, as it does in Serverless Devs."""
    (function,) = read(tmp_path, resources({"description": "${env('WORDS', 'said')}"}), {"WORDS": ""})
    assert function.props.description == "said"


def test_an_empty_variable_without_default_is_missing(tmp_path: Path) -> None:
    """A variable that is set to nothing is no value either; nothing else is said of its field."""
    told = refused(tmp_path, resources({"role": "${env('ROLE')}"}), {"ROLE": ""})
    assert told == {"resources.f.props.role": "ROLE is not in the environment and has no default"}


@pytest.mark.parametrize(
    ("component", "taken"),
    [
        ("fc3", True),
        ("${env('FC3_COMPONENT','fc3')}", True),
        ("fc", False),
        ("./stand_in", False),
        ("${env('FC3_COMPONENT')}", False),
        ("${env('FC3_COMPONENT','fc')}", False),
    ],
)
def test_the_component_is_fc3_unless_the_environment_says_otherwise(
    component: str, taken: bool, tmp_path: Path
) -> None:
    """A component is a program that deploys: the embedded cloud plays fc3, whichever the environment names instead."""
    environ = {"FC3_COMPONENT": "./stand_in"}
    if taken:
        (function,) = read(tmp_path, resources({}, component), environ)
        assert function.props.function_name == "f"
    else:
        assert refused(tmp_path, resources({}, component), environ).keys() == {"resources.f.component"}


# triggers


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("http", {"authType": "anonymous", "methods": ["GET"], "disableURLInternet": True}),
        ("http", {"authType": "function", "methods": ["GET", "POST"]}),
        ("http", {"authType": "jwt", "methods": ["GET"], "authConfig": {**JWT, "whitelist": ["/open"]}}),
        ("http", {"authType": "jwt", "methods": ["GET"], "authConfig": {**JWT, "tokenLookup": "header:Authorization"}}),
        ("eventbridge", DEFAULT),
        ("eventbridge", {**DEFAULT, "eventSourceConfig": {"eventSourceType": "Default", "eventSourceParameters": {}}}),
    ],
)
def test_triggers_as_they_are_documented(kind: str, config: object, tmp_path: Path) -> None:
    """What fc3's interface and its own examples write is taken."""
    (function,) = read(tmp_path, with_trigger(kind, config))
    assert [trigger.trigger_type for trigger in function.props.triggers] == [kind]


@pytest.mark.parametrize(
    ("kind", "config", "field", "message"),
    [
        ("http", {"authType": "function", "methods": []}, "methods", "at least 1"),
        ("http", {"authType": "bearer", "methods": ["GET"]}, "authType", "'anonymous'"),
        ("http", {"authType": "function", "methods": ["get"]}, "methods.0", "'GET'"),
        ("http", {"authType": "jwt", "methods": ["GET"]}, "", "authConfig"),
        ("http", {"authType": "function", "methods": ["GET"], "authConfig": JWT}, "", "authConfig"),
        (
            "http",
            {"authType": "jwt", "methods": ["GET"], "authConfig": {**JWT, "whitelist": ["/a"], "blacklist": ["/b"]}},
            "authConfig",
            "not both",
        ),
        (
            "http",
            {"authType": "jwt", "methods": ["GET"], "authConfig": {**JWT, "whiteList": ["/a"]}},
            "authConfig.whiteList",
            "not permitted",
        ),
        (
            "http",
            {"authType": "jwt", "methods": ["GET"], "authConfig": {**JWT, "jwks": {"keys": [KEY, KEY]}}},
            "authConfig.jwks.keys",
            "at most 1",
        ),
        (
            "eventbridge",
            {**DEFAULT, "eventSourceConfig": {"eventSourceType": "Kafka"}},
            "eventSourceConfig",
            "Kafka is not in the embedded cloud",
        ),
    ],
)
def test_triggers_as_they_are_not(kind: str, config: object, field: str, message: str, tmp_path: Path) -> None:
    """fc3's schema takes any of these: it lets any object pass as a trigger's config."""
    told = refused(tmp_path, with_trigger(kind, config))
    path = f"resources.f.props.triggers.0.{kind}.triggerConfig.{field}".rstrip(".")
    assert message in told[path], told


@pytest.mark.parametrize("kind", ["oss", "log", "tablestore", "cdn_events"])
def test_triggers_that_nobody_plays(kind: str, tmp_path: Path) -> None:
    """A trigger that the embedded cloud could not fire is refused by its name."""
    told = refused(tmp_path, with_trigger(kind, {}))
    assert told == {"resources.f.props.triggers.0": f"{kind} is not in the embedded cloud"}


def test_two_http_triggers(tmp_path: Path) -> None:
    """A function has one HTTP trigger at most."""
    config = {"authType": "function", "methods": ["GET"]}
    triggers = [{"triggerName": name, "triggerType": "http", "triggerConfig": config} for name in ("a", "b")]
    assert refused(tmp_path, resources({"triggers": triggers})).keys() == {"resources.f.props.triggers.1"}


def test_the_cloud_s_own_events_are_read_and_not_run(tmp_path: Path) -> None:
    """A trigger of source Default is known, and refused by name where it would have to run."""
    trigger = {"triggerName": "t", "triggerType": "eventbridge", "triggerConfig": DEFAULT}
    with a_cloud(tmp_path) as cloud, pytest.raises(ManifestProblems) as found:
        Project(tmp_path).function("f", "def handler(e, c): ...", triggers=yaml.safe_dump([trigger])).deploy(cloud)
    (problem,) = found.value.problems
    assert problem.path.endswith("triggerConfig.eventSourceConfig.eventSourceType")
    assert "not in the embedded cloud" in problem.message
