"""What must be so before an install: asked for without changing anything."""

from collections.abc import Callable, Iterator
from enum import StrEnum

from shared.cloud.errors import CloudRefused, fix_for
from shared.cloud.identity import caller
from shared.ports import TryAgain
from shared.provisioning.claims import at_home_elsewhere, other_home
from shared.provisioning.site import Site
from shared.replication.commands import COMMANDS
from shared.replication.model import Kept

#: https://www.alibabacloud.com/help/en/ram/product-overview/limits
MOST_ROLES, MOST_POLICIES = 1_000, 1_500
#: https://help.aliyun.com/en/eventbridge/product-overview/limits; of the rules of cloud services on the default bus:
#: https://help.aliyun.com/en/functioncompute/fc/user-guide/configure-event-triggers-for-alibaba-cloud-services
MOST_BUSES, MOST_DEFAULT_RULES = 50, 10
#: https://alibabacloud.com/help/en/tablestore/developer-reference/api-tablestore-2020-12-09-createinstance
MOST_INSTANCES = 10
#: Where the runtime of s.yaml is offered, which Function Compute calls a public preview.
#: https://www.alibabacloud.com/help/en/functioncompute/fc/python/ (read 2026-11)
RUNTIME_REGIONS = frozenset(
    {
        *("cn-hangzhou", "cn-shanghai", "cn-qingdao", "cn-beijing", "cn-zhangjiakou", "cn-huhehaote", "cn-shenzhen"),
        *("cn-chengdu", "cn-hongkong", "ap-northeast-1", "ap-northeast-2", "ap-southeast-7", "eu-central-1"),
        *("eu-west-1", "us-east-1", "us-west-1"),
    }
)
_POLICY = "attach the rights: ferry policy"
#: What a service says to an account that has not activated it.  Function Compute has no code of its own for that, and
#: answers some reads nevertheless.
_INACTIVE = (
    *("ServiceAccessDenied", "ServiceNotEnable"),
    *("is not enabled for current user", "not activated", "has not enabled"),
)
#: What SMQ and Tablestore say to such an account, and to a key without rights, alike.
_EITHER = ("AccessDenied", "OTSAuthFailed")
_REFUSED = ("Forbidden", "NoPermission", "AccessDenied", "ImplicitDeny", "OTSNoPermissionAccess", "OTSAuthFailed")
_BAD_KEY = ("InvalidAccessKeyI", "SignatureDoesNotMatch", "InvalidSecurityToken", "IncompleteSignature")


class State(StrEnum):
    """What came of a check."""

    FINE = "fine"
    TO_DO = "to_do"
    UNREACHABLE = "unreachable"


class Check(Kept):
    """One thing that was looked at, and what is to be done about it."""

    name: str
    state: State
    told: str
    fix: str = ""


def check_account(site: Site, functions: int) -> Iterator[Check]:
    """Key, services, rights and quotas, for an install of so many functions."""
    key = _asked("key", "sts:GetCallerIdentity", lambda: _key(site))
    yield key
    if key.state is not State.FINE:
        return
    yield _asked("Function Compute", "fc:ListFunctions", lambda: _functions(site))
    yield check_runtime(site.region)
    yield _asked("EventBridge", "eventbridge:ListEventBuses", lambda: _buses(site))
    yield _asked("EventBridge's default bus", "eventbridge:ListRules", lambda: _default_rules(site))
    yield _asked("SMQ", "mns:ListTopic", lambda: _topics(site))
    yield _asked("Tablestore", "ots:ListInstance", lambda: _tablestore(site))
    yield _asked("RAM roles", "ram:ListRoles", lambda: _roles(site, functions))
    yield _asked("RAM policies", "ram:ListPolicies", lambda: _policies(site, functions))
    yield _asked("ECS images", "ecs:DescribeImages", lambda: _images(site))


def check_runtime(region: str) -> Check:
    """Whether the functions' runtime is offered in the home region."""
    name = "Python 3.12 on Function Compute"
    if region in RUNTIME_REGIONS:
        return Check(name=name, state=State.FINE, told=f"offered in {region}")
    fix = f"choose a home region that has it: {', '.join(sorted(RUNTIME_REGIONS))}"
    return Check(name=name, state=State.TO_DO, told=f"not offered in {region}, as far as is documented", fix=fix)


def check_vswitch(site: Site, vswitch: str) -> Check:
    """Whether replicas can wait in the VPC of a vSwitch."""
    return _asked(
        f"vSwitch {vswitch}", "vpc:DescribeVSwitches, ecs:DescribeSecurityGroups", lambda: _group(site, vswitch)
    )


def refusal(name: str, action: str, trouble: CloudRefused | TryAgain) -> Check:
    """What a question that was not answered means, and what to do about it."""
    if isinstance(trouble, TryAgain):
        return Check(name=name, state=State.UNREACHABLE, told=str(trouble), fix="say the same again, later")
    return Check(name=name, state=State.TO_DO, told=_said(trouble, name, action), fix=_next_step(trouble, name))


def _asked(name: str, action: str, ask: Callable[[], Check | str]) -> Check:
    """What a question gave: a check, or what is told when all is well."""
    try:
        answer = ask()
    except (TryAgain, CloudRefused) as trouble:
        return refusal(name, action, trouble)
    return answer if isinstance(answer, Check) else Check(name=name, state=State.FINE, told=answer)


def _said(no: CloudRefused, name: str, action: str) -> str:
    if _inactive(no):
        return f"{name} is not activated: {no}"
    if no.code.startswith(_EITHER):
        return f"not activated, or not granted: {action} ({no})"
    if no.code.startswith(_REFUSED):
        return f"not granted: {action} ({no})"
    return str(no)


def _next_step(no: CloudRefused, name: str) -> str:
    if _inactive(no):
        return f"activate {name} in its console: that can't be done by an API with the rights of ferry policy"
    if no.code.startswith(_BAD_KEY):
        return "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET to a key that is enabled"
    if no.code.startswith(_EITHER):
        return f"activate {name} in its console if it is not; else {_POLICY}"
    return _POLICY if no.code.startswith(_REFUSED) else fix_for(no.code)


def _inactive(no: CloudRefused) -> bool:
    return any(words in f"{no.code}: {no.message}" for words in _INACTIVE)


def _key(site: Site) -> str | Check:
    who = caller(site.session, site.region)
    return f"account {who.account}, {who.arn}"


def _functions(site: Site) -> str:
    there = sum(1 for _ in site.functions.of(site.names.install))
    return f"answers in {site.region}; {there} functions of {site.names.install}"


def _buses(site: Site) -> str | Check:
    buses = site.bus.all_buses()
    return _room("EventBridge", "custom buses", buses, site.names.bus, 1, MOST_BUSES)


def _default_rules(site: Site) -> str | Check:
    rules = site.default_bus.rules()
    return _room("EventBridge's default bus", "rules", rules, site.names.cloud_events, 1, MOST_DEFAULT_RULES)


def _topics(site: Site) -> str:
    topics = site.queues.topics(f"{site.names.install}-")
    return f"answers in {site.region}; {len(topics)} of {len(COMMANDS) + 1} topics are there"


def _tablestore(site: Site) -> str | Check:
    instances = site.table_instances.names()
    return _room("Tablestore", "instances", instances, site.instance, 1, MOST_INSTANCES)


def _roles(site: Site, functions: int) -> str | Check:
    if home := other_home(site):
        no = at_home_elsewhere(site, home)
        return Check(name="RAM roles", state=State.TO_DO, told=no.message, fix=fix_for(no.code))
    there = tuple(role.about for role in site.roles.roles())
    return _room("RAM roles", "roles", there, site.about, functions, MOST_ROLES)


def _policies(site: Site, functions: int) -> str | Check:
    there = tuple(one.about for one in site.roles.policies())
    return _room("RAM policies", "custom policies", there, site.about, functions, MOST_POLICIES)


def _images(site: Site) -> str:
    there = len(site.images.tagged(site.region, site.tags))
    return f"answers in {site.region}; {there} images of {site.names.install}"


def _room(name: str, noun: str, there: tuple[str, ...], own: str, needed: int, most: int) -> str | Check:
    """Whether there is room for what an install needs beside what is there."""
    more = max(0, needed - there.count(own))
    told = f"{len(there)} of {most} {noun} are there; needed: {more} more"
    if len(there) + more <= most:
        return told
    fix = f"ask for a higher quota of {noun} in Quota Center, or remove what is no longer needed"
    return Check(name=name, state=State.TO_DO, told=told, fix=fix)


def _group(site: Site, vswitch: str) -> str | Check:
    name = f"vSwitch {vswitch}"
    there = site.networks.vswitch(site.region, vswitch)
    if there is None:
        fix = f"give the id of a vSwitch of {site.region}"
        return Check(name=name, state=State.TO_DO, told=f"there is none in {site.region}", fix=fix)
    groups = site.networks.quarantine_groups(site.region, there.vpc, site.names.install)
    told = f"in {there.vpc}, {there.zone}, {there.free_addresses} free addresses"
    return f"{told}; quarantine group {groups[0].id}" if groups else f"{told}; provision will make its quarantine group"
