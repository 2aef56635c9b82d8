"""Functions and what belongs to them, looked at and deleted by FC's API; they are made from an s.yaml.

https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-listfunctions and its
neighbours (read 2026-11)
"""

import json
from datetime import datetime
from typing import TYPE_CHECKING

from localcloud.door import request_id
from localcloud.fc import errors
from localcloud.fc.asked import Asked
from localcloud.fc.functions import Function
from localcloud.fc.models import AsyncInvokeConfig, Trigger
from localcloud.wire import Response, json_response

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.door import Call

Body = dict[str, object]


class Management:
    """The actions on functions, triggers and settings of asynchronous invocations."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud

    # functions

    def list_functions(self, _: "Call", asked: Asked) -> Response:
        """ListFunctions: by prefix, runtime and version of FC."""
        asked.without("functionName", "description", "tags", "gpuType", "resourceGroupId")
        wanted = asked.query.get
        found = {
            one.name: one
            for one in self._cloud.fc.named(asked.region, wanted("prefix", ""))
            if wanted("runtime") in (None, "", one.props.runtime)
            and wanted("fcVersion") in (None, "", "v2" if "$" in one.name else "v3")
        }
        names, beside = asked.page([*found])
        return json_response(200, {"functions": [self._about(found[name]) for name in names], **beside})

    def get_function(self, _: "Call", asked: Asked) -> Response:
        """GetFunction."""
        function = self._function(asked)
        asked.qualified(asked.query.get("qualifier", ""), asked.name)
        return json_response(200, self._about(function))

    def delete_function(self, _: "Call", asked: Asked) -> Response:
        """DeleteFunction: one without triggers."""
        function = self._function(asked)
        if function.triggers:
            raise errors.function_has_triggers(function.name)
        self._cloud.fc.delete(function)
        return Response(204, b"")

    # triggers

    def list_triggers(self, _: "Call", asked: Asked) -> Response:
        """ListTriggers."""
        function, prefix = self._function(asked), asked.query.get("prefix", "")
        names, beside = asked.page([name for name in function.triggers if name.startswith(prefix)])
        shown = [self._about_trigger(function, function.triggers[name]) for name in names]
        return json_response(200, {"triggers": shown, **beside})

    def get_trigger(self, _: "Call", asked: Asked) -> Response:
        """GetTrigger."""
        function = self._function(asked)
        return json_response(200, self._about_trigger(function, _trigger(function, asked)))

    def delete_trigger(self, _: "Call", asked: Asked) -> Response:
        """DeleteTrigger, with the subscription that it made of a topic."""
        function = self._function(asked)
        self._cloud.fc.drop_trigger(function, _trigger(function, asked).trigger_name)
        return Response(204, b"")

    # settings of asynchronous invocations

    def list_async_configs(self, _: "Call", asked: Asked) -> Response:
        """ListAsyncInvokeConfigs, of one function or of all."""
        only = asked.query.get("functionName")
        found = {
            one.name: (one, one.async_config)
            for one in self._cloud.fc.named(asked.region, "")
            if one.async_config is not None and only in (None, "", one.name)
        }
        names, beside = asked.page([*found])
        return json_response(200, {"configs": [self._about_config(*found[name]) for name in names], **beside})

    def get_async_config(self, _: "Call", asked: Asked) -> Response:
        """GetAsyncInvokeConfig."""
        function = self._function(asked)
        return json_response(200, self._about_config(function, _config(function, asked)))

    def delete_async_config(self, _: "Call", asked: Asked) -> Response:
        """DeleteAsyncInvokeConfig: FC's defaults come back."""
        function = self._function(asked)
        _config(function, asked)
        function.async_config = None
        return Response(204, b"")

    def _function(self, asked: Asked) -> Function:
        return self._cloud.fc.get(asked.region, asked.name)

    def _about(self, function: Function) -> Body:
        """A function; how large its code is, is not known: the embedded cloud runs the folder, not a package."""
        props = function.props
        return {
            "functionId": request_id(self._cloud.seed, "function", props.region, function.name).lower(),
            "functionArn": self._cloud.fc.arn(function),
            "functionName": function.name,
            "description": props.description,
            "runtime": props.runtime,
            "handler": props.handler,
            "role": props.role,
            "layers": [{"arn": arn, "size": self._layer_size(arn)} for arn in props.layers],
            "timeout": props.timeout,
            "cpu": props.cpu,
            "memorySize": props.memory_size,
            "diskSize": props.disk_size,
            "instanceConcurrency": props.instance_concurrency,
            "internetAccess": props.internet_access,
            "environmentVariables": dict(props.environment_variables),
            "resourceGroupId": props.resource_group_id,
            "tags": [dict(tag) for tag in props.tags],
            "createdTime": _moment(function.created),
            "lastModifiedTime": _moment(function.modified),
            "state": "Active",
            "lastUpdateStatus": "Successful",
        }

    def _layer_size(self, arn: str) -> int:
        layer = self._cloud.fc.layers.find(arn)
        return layer.size if layer is not None else 0

    def _about_trigger(self, function: Function, trigger: Trigger) -> Body:
        sent = trigger.model_dump(mode="json", by_alias=True)
        return {
            **{key: sent.get(key, "") for key in ("triggerName", "triggerType", "description", "qualifier")},
            "triggerId": request_id(self._cloud.seed, "trigger", function.name, trigger.trigger_name).lower(),
            "sourceArn": sent.get("sourceArn", ""),
            "invocationRole": sent.get("invocationRole", ""),
            "targetArn": self._cloud.fc.arn(function),
            "triggerConfig": json.dumps(sent["triggerConfig"]),
            "createdTime": _moment(function.created),
            "lastModifiedTime": _moment(function.modified),
        }

    def _about_config(self, function: Function, config: AsyncInvokeConfig) -> Body:
        sent = config.model_dump(mode="json", by_alias=True, exclude={"qualifier"}, exclude_none=True)
        return {
            **sent,
            "functionArn": self._cloud.fc.arn(function),
            "createdTime": _moment(function.created),
            "lastModifiedTime": _moment(function.modified),
        }


def _trigger(function: Function, asked: Asked) -> Trigger:
    name = asked.names[1]
    if name not in function.triggers:
        raise errors.trigger_not_found(name, function.name)
    return function.triggers[name]


def _config(function: Function, asked: Asked) -> AsyncInvokeConfig:
    qualifier = asked.query.get("qualifier") or "LATEST"
    if function.async_config is None or qualifier != function.async_config.qualifier:
        raise errors.no_async_config(function.name, qualifier)
    return function.async_config


def _moment(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
