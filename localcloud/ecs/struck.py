"""Whether a fault strikes here and now."""

from typing import TYPE_CHECKING

from localcloud.ecs.parameters import Params

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.faults import Fault, FaultKind


def struck(cloud: "Cloud", params: Params, kind: "FaultKind", *resources: str, region: str = "") -> "Fault | None":
    """The fault of this kind that strikes, on any of the resources at hand, where the new thing is to be.

    Who writes a world file knows the source's id, but not that of what will be made from it; so both are tried.
    """
    for resource in resources or ("",):
        fault = cloud.faults.strikes(
            kind,
            action=params.action,
            function=params.function,
            region=region or params.region,
            resource=resource,
        )
        if fault is not None:
            return fault
    return None
