"""Commands that Cloud Assistant keeps: made, found, changed, invoked and deleted through the SDK."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.ecs import errors
from localcloud.ecs.refusals import commands as refusals
from tests.localcloud.ecs_world import HERE, SCRIPT, THERE, Ground, ground, refused
from tests.localcloud.refusing import Act, after, ask, check_refusal, written

CONTENT = base64.b64encode(SCRIPT.encode()).decode()
TEXT = {"RegionId": HERE, "Name": "look", "Type": "RunShellScript", "CommandContent": CONTENT}
PLAIN = {"ContentEncoding": "PlainText"}


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path) as made:
        yield made


def make(g: Ground, **wire: Any) -> str:
    return str(g.ask("CreateCommand", **{**TEXT, "EnableParameter": True, **wire})["CommandId"])


def listed(g: Ground, **wire: Any) -> list[dict[str, Any]]:
    """What DescribeCommands shows once new ids are listed."""
    g.pass_time(seconds=31)
    return list(g.ask("DescribeCommands", **{"RegionId": HERE, **wire})["Commands"]["Command"])


def names(g: Ground, **wire: Any) -> list[str]:
    return [one["Name"] for one in listed(g, **wire)]


def invoke(g: Ground, command_id: str, **wire: Any) -> str:
    facts: dict[str, Any] = {
        "RegionId": HERE,
        "CommandId": command_id,
        "InstanceId": ["i-web"],
        "Parameters": {"code": "0"},
    }
    return str(g.ask("InvokeCommand", **{**facts, **wire})["InvokeId"])


def invocation(g: Ground, invoke_id: str) -> dict[str, Any]:
    found = g.ask("DescribeInvocations", RegionId=HERE, InvokeId=invoke_id, ContentEncoding="PlainText")
    return dict(found["Invocations"]["Invocation"][0])


def result(g: Ground, invoke_id: str) -> dict[str, Any]:
    """How it ended on its instance."""
    g.until(lambda: g.states(invoke_id)[-1] not in ("Pending", "Running"))
    found = g.ask("DescribeInvocationResults", RegionId=HERE, InvokeId=invoke_id, ContentEncoding="PlainText")
    return dict(found["Invocation"]["InvocationResults"]["InvocationResult"][0])


# --- CreateCommand and DescribeCommands ------------------------------------------------------------------------------


def test_a_made_command_is_shown(g: Ground) -> None:
    """All that it was made with, the names of its parameters, and how often it was invoked."""
    facts: dict[str, Any] = {
        "Description": "d",
        "WorkingDir": "/tmp",
        "Timeout": 90,
        "Launcher": "sh",
        "Tag": [{"Key": "a"}],
    }
    command_id = make(g, **facts)
    (one,) = listed(g, CommandId=command_id)
    assert one.pop("CreationTime").endswith("Z")
    assert one == {
        "CommandId": command_id,
        "Name": "look",
        "Description": "d",
        "Type": "RunShellScript",
        "CommandContent": CONTENT,
        "WorkingDir": "/tmp",
        "Timeout": 90,
        "Launcher": "sh",
        "EnableParameter": True,
        "ParameterNames": {"ParameterName": ["code"]},
        "ParameterDefinitions": {"ParameterDefinition": []},
        "InvokeTimes": 0,
        "Tags": {"Tag": [{"TagKey": "a", "TagValue": ""}]},
    }
    assert listed(g, CommandId=command_id, **PLAIN)[0]["CommandContent"] == SCRIPT


def test_what_is_not_said_has_its_default(g: Ground) -> None:
    """60 s, and no parameters unless they are enabled."""
    make(g, EnableParameter=False)
    (one,) = listed(g)
    assert (one["Timeout"], one["EnableParameter"], one["ParameterNames"]) == (60, False, {"ParameterName": []})


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("echo {{ a }} {{\nb-1\n}} {{A}}", ["a", "b-1"]),
        ("echo {{ACS::InstanceId}} {{acs::commandid}} {{x_y}}", ["x_y"]),
        ("echo a", []),
    ],
)
def test_parameters_are_found_in_the_content(g: Ground, content: str, found: list[str]) -> None:
    """Blanks around a name and its capitals do not matter; what Cloud Assistant fills in is no custom parameter."""
    make(g, CommandContent=content, **PLAIN)
    assert listed(g)[0]["ParameterNames"] == {"ParameterName": found}


@pytest.mark.parametrize("encoding", ["Base64", "anything"])
def test_what_is_not_plain_text_is_base64(g: Ground, encoding: str) -> None:
    """An invalid ContentEncoding is treated as Base64, which is the default."""
    make(g, ContentEncoding=encoding)
    assert listed(g, **PLAIN)[0]["CommandContent"] == SCRIPT


@pytest.mark.parametrize(
    ("wire", "found"),
    [
        ({"Name": "look"}, ["look"]),
        ({"Name": "lo*"}, ["look", "lose"]),
        ({"Name": "*s*"}, ["lose", "wash"]),
        ({"Name": "oo"}, []),
        ({"Description": "*end"}, ["lose"]),
        ({"Type": "RunBatScript"}, ["wash"]),
        ({"Tag": [{"Key": "a", "Value": "1"}]}, ["look"]),
        ({"Tag": [{"Key": "a"}]}, ["look", "lose"]),
        ({"Provider": "AlibabaCloud"}, []),
        ({"CommandId": "c-none"}, []),
    ],
)
def test_commands_are_sought(g: Ground, wire: dict[str, Any], found: list[str]) -> None:
    """By id, name, description, type and tags; ``*`` stands for any characters."""
    make(g, Tag=[{"Key": "a", "Value": "1"}])
    make(g, Name="lose", Description="the end", Tag=[{"Key": "a", "Value": "2"}])
    make(g, Name="wash", Type="RunBatScript")
    assert names(g, **wire) == found


def test_commands_come_in_pages(g: Ground) -> None:
    """By token, or by number."""
    for number in range(3):
        make(g, Name=f"n{number}")
    g.pass_time(seconds=31)
    first = g.ask("DescribeCommands", RegionId=HERE, MaxResults=2)
    rest = g.ask("DescribeCommands", RegionId=HERE, MaxResults=2, NextToken=first["NextToken"])
    shown = [[one["Name"] for one in page["Commands"]["Command"]] for page in (first, rest)]
    assert (shown, rest["NextToken"]) == ([["n0", "n1"], ["n2"]], "")
    second = g.ask("DescribeCommands", RegionId=HERE, PageSize=2, PageNumber=2)
    assert [one["Name"] for one in second["Commands"]["Command"]] == ["n2"]
    assert (second["TotalCount"], second["PageNumber"], second["PageSize"]) == (3, 2, 2)


def test_a_region_has_its_own_commands(g: Ground) -> None:
    """A command of one region is unknown in another."""
    command_id = make(g)
    g.pass_time(seconds=31)
    assert g.ask("DescribeCommands", THERE, RegionId=THERE)["TotalCount"] == 0
    with refused("InvalidCmdId.NotFound", 404):
        g.ask("DeleteCommand", THERE, RegionId=THERE, CommandId=command_id)


def test_the_same_token_makes_and_invokes_once(g: Ground) -> None:
    """A repeated call with its token is the same command, and the same invocation."""
    command_id = make(g, ClientToken="t")
    assert make(g, ClientToken="t") == command_id
    assert invoke(g, command_id, ClientToken="t") == invoke(g, command_id, ClientToken="t")
    with refused("IdempotentParameterMismatch", 400):
        make(g, ClientToken="t", Name="other")


def test_a_command_bears_tags(g: Ground) -> None:
    """TagResources knows commands, and so does RAM when a right depends on tags."""
    command_id = make(g)
    about: dict[str, Any] = {"RegionId": HERE, "ResourceType": "command", "ResourceId": [command_id]}
    g.ask("TagResources", **about, Tag=[{"Key": "a", "Value": "1"}])
    assert names(g, Tag=[{"Key": "a", "Value": "1"}]) == ["look"]
    assert g.ask("ListTagResources", **about)["TagResources"]["TagResource"][0]["TagValue"] == "1"
    found = g.cloud.ecs.find(HERE, "command", command_id)
    assert found is not None
    assert found.tags == {"a": "1"}


def test_run_command_keeps_its_command_only_when_told_so(g: Ground) -> None:
    """With KeepCommand it is there afterwards, and can be invoked by its id."""
    facts: dict[str, Any] = {
        **TEXT,
        **PLAIN,
        "CommandContent": SCRIPT,
        "InstanceId": ["i-web"],
        "EnableParameter": True,
    }
    run: dict[str, Any] = {**facts, "Parameters": {"code": "0"}, "WorkingDir": "/tmp", "Description": "d"}
    g.ask("RunCommand", **run)
    assert listed(g) == []
    kept = str(g.ask("RunCommand", **run, KeepCommand=True)["CommandId"])
    (one,) = listed(g)
    assert (one["CommandId"], one["Name"], one["WorkingDir"], one["InvokeTimes"]) == (kept, "look", "/tmp", 1)
    assert one["ParameterNames"] == {"ParameterName": ["code"]}
    assert result(g, invoke(g, kept, Parameters={"code": "3"}))["ExitCode"] == 3
    assert listed(g)[0]["InvokeTimes"] == 2


def test_a_dry_run_keeps_nothing(g: Ground) -> None:
    """RunCommand and InvokeCommand with DryRun leave neither a command nor an invocation."""
    facts: dict[str, Any] = {**TEXT, **PLAIN, "InstanceId": ["i-web"], "RepeatMode": "DryRun", "KeepCommand": True}
    with refused("DryRunOperation"):
        g.ask("RunCommand", **facts)
    assert listed(g) == []
    command_id = make(g)
    with refused("DryRunOperation"):
        invoke(g, command_id, RepeatMode="DryRun")
    assert listed(g)[0]["InvokeTimes"] == 0


# --- InvokeCommand ---------------------------------------------------------------------------------------------------


def test_a_command_is_invoked_as_run_command_would_run_it(g: Ground) -> None:
    """The script runs on the guest's files with the values that were passed in."""
    command_id = make(g)
    done = result(g, invoke(g, command_id, Parameters={"CODE": 3}))
    assert (done["CommandId"], done["InvocationStatus"], done["ExitCode"]) == (command_id, "Failed", 3)
    assert done["Output"] == "welcome\n"


def test_a_foreign_script_does_not_run(g: Ground) -> None:
    """A kept command is trusted no more than one that is run at once."""
    command_id = make(g, CommandContent="rm -rf /", **PLAIN, EnableParameter=False)
    done = result(g, invoke(g, command_id, Parameters={}))
    assert (done["InvocationStatus"], done["ExitCode"]) == ("Failed", 126)


def test_an_invocation_has_limits_of_its_own(g: Ground) -> None:
    """Timeout and WorkingDir of the call hold this once, those of the command otherwise."""
    command_id = make(g, Timeout=90, WorkingDir="/a", Description="d")
    tags = [{"Key": "a", "Value": "1"}]
    own, usual = invoke(g, command_id, Timeout=20, WorkingDir="/b", Username="app", Tag=tags), invoke(g, command_id)
    shown = [
        (one["Timeout"], one["WorkingDir"], one["Username"], one["CommandDescription"])
        for one in (invocation(g, own), invocation(g, usual))
    ]
    assert shown == [(20, "/b", "app", "d"), (90, "/a", "", "d")]
    assert invocation(g, own)["Tags"] == {"Tag": [{"TagKey": "a", "TagValue": "1"}]}
    assert listed(g)[0]["Timeout"] == 90


def test_what_is_not_passed_in_is_empty(g: Ground) -> None:
    """A subset of the parameters is enough."""
    command_id = make(g, CommandContent="echo {{a}} {{b}}", **PLAIN)
    assert invocation(g, invoke(g, command_id, Parameters={"b": "1"}))["Parameters"] == '{"a": "", "b": "1"}'


# --- ModifyCommand and DeleteCommand ---------------------------------------------------------------------------------


def test_a_changed_command_is_so_from_then_on(g: Ground) -> None:
    """What is under way keeps what it began with; the content never changes."""
    command_id = make(g, Description="d")
    early = invoke(g, command_id)
    wire: dict[str, Any] = {
        "Name": "new",
        "Timeout": 30,
        "WorkingDir": "/b",
        "Launcher": "sh",
        "CommandContent": "eA==",
    }
    g.ask("ModifyCommand", RegionId=HERE, CommandId=command_id, **wire)
    late = invoke(g, command_id)
    assert [(one["CommandName"], one["Timeout"]) for one in (invocation(g, early), invocation(g, late))] == [
        ("look", 60),
        ("new", 30),
    ]
    (one,) = listed(g)
    assert (one["Name"], one["Description"], one["WorkingDir"], one["Launcher"]) == ("new", "d", "/b", "sh")
    assert (one["CommandContent"], one["InvokeTimes"]) == (CONTENT, 2)


def test_a_deleted_command_is_no_more(g: Ground) -> None:
    """It is gone at once when nothing runs it; what came of it can still be read."""
    command_id = make(g)
    done = invoke(g, command_id)
    assert result(g, done)["InvocationStatus"] == "Success"
    g.ask("DeleteCommand", RegionId=HERE, CommandId=command_id)
    assert listed(g) == []
    assert invocation(g, done)["CommandId"] == command_id
    with refused("InvalidCmdId.NotFound", 404):
        invoke(g, command_id)


# --- refusals --------------------------------------------------------------------------------------------------------


def create(**wire: Any) -> Act:
    return ask("CreateCommand", **{**TEXT, **wire})


def seek(**wire: Any) -> Act:
    return ask("DescribeCommands", **{"RegionId": HERE, **wire})


def script(content: str) -> Act:
    return create(CommandContent=content, **PLAIN, EnableParameter=True)


def change(**wire: Any) -> Act:
    return lambda g: g.ask("ModifyCommand", RegionId=HERE, CommandId=make(g), **wire)


def use(content: str = SCRIPT, made: dict[str, Any] | None = None, **wire: Any) -> Act:
    """Invoke a command with this content."""
    return lambda g: invoke(g, make(g, CommandContent=content, **PLAIN, **(made or {})), **wire)


def delete_in_use(g: Ground) -> None:
    command_id = make(g)
    invoke(g, command_id)
    g.ask("DeleteCommand", RegionId=HERE, CommandId=command_id)


def use_text(parameters: str) -> Act:
    """Invoke a command with Parameters that the SDK hands on as they are."""

    def act(g: Ground) -> None:
        from alibabacloud_ecs20140526 import models
        from alibabacloud_ecs20140526.client import Client
        from alibabacloud_tea_openapi.models import Config

        facts = {"region_id": HERE, "command_id": make(g), "instance_id": ["i-web"]}
        request = models.InvokeCommandShrinkRequest(**facts, parameters_shrink=parameters)
        request.parameters = None
        Client(Config(access_key_id="test", access_key_secret="test", region_id=HERE)).invoke_command(request)

    return act


def full(g: Ground) -> None:
    for _ in range(500):
        make(g)


RUN_AND_KEEP = ask("RunCommand", **TEXT, ContentEncoding="Base64", InstanceId=["i-web"], KeepCommand=True)
ELEVEN = {f"p{number}": "" for number in range(11)}
ROWS: dict[str, Act] = {
    "TYPE": create(Type="RunPython"),
    "WORKING_DIR": create(WorkingDir="/" + "x" * 200),
    "LAUNCHER": create(Launcher="x" * 1025),
    "TIMEOUT": create(Timeout=86401),
    "PARAMETERS_TOO_MANY": script(" ".join(f"{{{{p{number}}}}}" for number in range(21))),
    "PARAMETER_NAME_TOO_LONG": script("{{" + "x" * 65 + "}}"),
    "QUOTA": after(full, create()),
    "CHANGED_DESCRIPTION": change(Description="x" * 513),
    "UNKNOWN": lambda g: invoke(g, "c-none"),
    "IN_USE": delete_in_use,
    "INSTANCE_MISSING": use(InstanceId=[]),
    "NOT_FOR_GUEST": use(made={"Type": "RunBatScript"}),
    "REPEAT_MODE": use(RepeatMode="Twice"),
    "FREQUENCY_MISSING": use(RepeatMode="Period"),
    "TERMINATION_MODE": use(TerminationMode="Group"),
    "USERNAME": use(Username="x" * 256),
    "PARAMETERS": use(Parameters=["code"]),
    "PARAMETERS_DISABLED": use(made={"EnableParameter": False}),
    "PARAMETERS_MISSING": use(Parameters={}),
    "PASSED_TOO_MANY": use(Parameters=ELEVEN),
    "PASSED_NAME_TOO_LONG": use(Parameters={"x" * 65: ""}),
    "PASSED_TWICE": use(Parameters={"code": "0", "Code": "1"}),
    "PASSED_UNKNOWN": use(Parameters={"code": "0", "other": "1"}),
    "PASSED_TYPE": use(Parameters={"code": ["0"]}),
    "FILLED_IN_TOO_LONG": use(Parameters={"code": "x" * 18 * 1024}),
    "SOUGHT_TYPE": seek(Type="RunPython"),
    "SOUGHT_NAME": seek(Name="x" * 129),
    "SOUGHT_DESCRIPTION": seek(Description="x" * 513),
    "TAGS_TOO_MANY": seek(Tag=[{"Key": f"k{number}"} for number in range(21)]),
    "TAG_KEY_MISSING": seek(Tag=[{"Value": "1"}]),
    "PAGE": seek(PageNumber=0),
    "PAGE_SIZE": seek(PageSize=51),
    "MAX_RESULTS": seek(MaxResults=51),
    "NEXT_TOKEN": seek(NextToken="nonsense"),
}
MORE: list[tuple[str, Act]] = [
    ("QUOTA", after(full, RUN_AND_KEEP)),
    ("WORKING_DIR", change(WorkingDir="/" + "x" * 200)),
    ("WORKING_DIR", use(WorkingDir="/" + "x" * 200)),
    ("LAUNCHER", change(Launcher="x" * 1025)),
    ("LAUNCHER", use(Launcher="x" * 1025)),
    ("TIMEOUT", change(Timeout=10**12)),
    ("UNKNOWN", ask("ModifyCommand", RegionId=HERE, CommandId="c-none")),
    ("UNKNOWN", ask("DeleteCommand", RegionId=HERE, CommandId="c-none")),
    ("PARAMETERS", use(Parameters="code")),
    ("PARAMETERS", use_text("{code: 0}")),
    ("PASSED_TWICE", use_text('{"code": "0", "code": "1"}')),
    ("PARAMETERS", use(Parameters=[["code", "0"]])),
    ("PASSED_TYPE", use(Parameters={"code": None})),
    ("PASSED_TYPE", use(Parameters={"code": {"a": "b"}})),
    ("PASSED_UNKNOWN", use(Parameters={"": "0"})),
    ("MAX_RESULTS", seek(MaxResults=0)),
    ("PAGE", seek(PageNumber=-1)),
]
#: What other actions refuse, too, and these as they do.
SHARED: list[tuple[str, Act]] = [
    ("COMMAND_NAME", create(Name="x" * 129)),
    ("COMMAND_NAME", change(Name="x" * 129)),
    ("COMMAND_DESCRIPTION", create(Description="x" * 513)),
    ("COMMAND_CONTENT", create(CommandContent="not base64!")),
    ("COMMAND_TOO_LONG", create(CommandContent="x" * (18 * 1024 + 1), **PLAIN)),
    ("COMMAND_PARAMETER_KEY", script("echo {{ }}")),
    ("COMMAND_PARAMETER_NAME", script("echo {{a b}}")),
    ("COMMAND_PARAMETER_NAME", script("echo {{ACS::Other}}")),
    ("COMMAND_INSTANCE", use(InstanceId=["i-none"])),
    ("COMMAND_INSTANCES_TOO_MANY", use(InstanceId=[f"i-{number}" for number in range(101)])),
    ("TOKEN_INVALID", create(ClientToken="t" * 65)),
    ("UNSUPPORTED", use(RepeatMode="EveryReboot")),
    ("UNSUPPORTED", use(Frequency="rate(5m)")),
    ("PARAMETER_INVALID", create(Timeout=9)),
    ("PARAMETER_INVALID", use(Timeout=9)),
    ("TAG_KEY_DUPLICATE", seek(Tag=[{"Key": "a"}, {"Key": "a"}])),
    ("TAG_KEY_MALFORMED", seek(Tag=[{"Key": "acs:a"}])),
    ("TAG_KEY_MALFORMED", create(Tag=[{"Key": "acs:a"}])),
    ("TAG_VALUE_MALFORMED", seek(Tag=[{"Key": "a", "Value": "http://"}])),
]


@pytest.mark.parametrize(("name", "act"), [*ROWS.items(), *MORE])
def test_a_refusal_has_the_documented_code_status_and_message(g: Ground, name: str, act: Act) -> None:
    """What the documentation refuses, the embedded cloud refuses, in the documentation's words."""
    check_refusal(g, written(refusals)[name], act)


@pytest.mark.parametrize(("name", "act"), SHARED)
def test_a_shared_refusal_holds_here_too(g: Ground, name: str, act: Act) -> None:
    """The words are those of the other actions."""
    check_refusal(g, written(errors)[name], act)


@pytest.mark.parametrize(
    "act",
    [
        *(create(**{name: None}) for name in ("Name", "Type", "CommandContent", "RegionId")),
        *(ask(f"{verb}Command", RegionId=HERE) for verb in ("Modify", "Delete", "Invoke")),
        ask("DescribeCommands"),
    ],
)
def test_what_is_mandatory_must_be_given(g: Ground, act: Act) -> None:
    """Without a mandatory parameter nothing is done."""
    with refused("MissingParameter", 400):
        act(g)


def test_every_refusal_is_provoked() -> None:
    """No refusal is written that nothing can bring about."""
    assert set(ROWS) == set(written(refusals))
