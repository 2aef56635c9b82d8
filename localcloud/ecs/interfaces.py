"""RunInstances' NetworkInterface.N: the primary one, said there instead of by VSwitchId and its like."""

from localcloud.ecs import errors
from localcloud.ecs.parameters import Params

#: What stands for what (SDK 7.11.8, RunInstances, NetworkInterface.N: "functions the same as").
_SAME = {"VSwitchId": "VSwitchId", "SecurityGroupId": "SecurityGroupId", "PrimaryIpAddress": "PrivateIpAddress"}


def with_primary_interface(params: Params) -> Params:
    """The call's parameters, those of its primary interface at the places where they mean the same.

    A secondary interface is not done; a call that says the same at both places is refused.
    """
    interfaces = params.structs("NetworkInterface")
    if not interfaces:
        return params
    if len(interfaces) > 1 or interfaces[0].text("InstanceType", "Secondary") != "Primary":
        raise errors.UNSUPPORTED.error("NetworkInterface.N.InstanceType=Secondary")
    primary = interfaces[0]
    groups = {f"SecurityGroupIds.{n}": one for n, one in enumerate(primary.each("SecurityGroupIds"), start=1)}
    single = {outer: primary.text(inner) for inner, outer in _SAME.items() if primary.has(inner)}
    for name in (*_SAME.values(), "SecurityGroupIds"):
        if params.has(name):
            raise errors.PARAMETER_CONFLICT.error(f"{name}, NetworkInterface.N")
    return params.merged({**groups, **single})
