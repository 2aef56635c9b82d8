"""What can be wrong with a function although each of its fields is right for itself."""

from collections.abc import Iterator

from localcloud.fc.errors import ManifestProblem
from localcloud.fc.models import EventBridgeTrigger, HttpTrigger, MnsEventSource, MnsTopicTrigger, Props
from localcloud.regions import ZONES


def broken_rules(path: str, props: Props) -> Iterator[ManifestProblem]:
    """The problems of *props*, which is found at *path*."""
    if props.region not in ZONES:
        yield ManifestProblem(f"{path}.region", "unknown", f"there is no region {props.region}", "name a public region")
    yield from _proportion(path, props)
    yield from _triggers(path, props)
    for where, region in _places(props):
        if region != props.region:
            message = f"it is in {region}, the function in {props.region}"
            yield ManifestProblem(f"{path}.{where}", "invalid", message, "name the same region")


def _proportion(path: str, props: Props) -> Iterator[ManifestProblem]:
    """https://www.alibabacloud.com/help/en/functioncompute/fc/product-overview/instance-types-and-specifications"""
    if props.cpu is None:
        return
    gigabytes = props.memory_size / 1024
    if not props.cpu <= gigabytes <= 4 * props.cpu or round(props.cpu * 20, 6) % 1:
        message = f"{props.cpu} vCPU with {props.memory_size} MB"
        yield ManifestProblem(f"{path}.cpu", "invalid", message, "write steps of 0.05, with 1 to 4 GB a vCPU")


def _triggers(path: str, props: Props) -> Iterator[ManifestProblem]:
    names = [trigger.trigger_name for trigger in props.triggers]
    https = [isinstance(trigger, HttpTrigger) for trigger in props.triggers]
    for place, trigger in enumerate(props.triggers):
        where = f"{path}.triggers.{place}"
        if trigger.trigger_name in names[:place]:
            yield ManifestProblem(
                f"{where}.triggerName", "taken", f"{trigger.trigger_name} is named twice", "rename one"
            )
        if https[place] and any(https[:place]):
            yield ManifestProblem(where, "too_many", "a function has one HTTP trigger at most", "leave one of them out")
        # fc3 leaves its loop at an EventBridge trigger that has not changed: src/subCommands/deploy/impl/trigger.ts
        if place and isinstance(props.triggers[place - 1], EventBridgeTrigger):
            message = "it stands behind an EventBridge trigger: fc3's second deploy skips it"
            yield ManifestProblem(where, "order", message, "put the EventBridge trigger last; it can only be one")


def _places(props: Props) -> Iterator[tuple[str, str]]:
    """Where the function names something of a region: the field, and the region."""
    for place, trigger in enumerate(props.triggers):
        if isinstance(trigger, MnsTopicTrigger):
            yield f"triggers.{place}.sourceArn", trigger.topic[0]
        if isinstance(trigger, EventBridgeTrigger):
            source = trigger.trigger_config.event_source_config
            if isinstance(source, MnsEventSource):
                where = "triggerConfig.eventSourceConfig.eventSourceParameters.sourceMNSParameters.RegionId"
                yield f"triggers.{place}.{where}", source.event_source_parameters.source_mns.region_id
    targets = props.async_invoke_config.destination_config
    for name, target in (("onFailure", targets.on_failure), ("onSuccess", targets.on_success)):
        if target is not None:
            yield f"asyncInvokeConfig.destinationConfig.{name}.destination", target.destination.split(":")[2]
