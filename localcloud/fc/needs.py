"""What each action of Function Compute needs: a RAM action, on which resource.

"Policies and sample policies" (https://www.alibabacloud.com/help/en/functioncompute/fc/policies-and-sample-policies,
read 2026-11), which has other names than the API's for the settings of asynchronous invocations.  A qualifier, LATEST
among them, makes a resource of its own: a policy about a function, whatever the qualifier, names ``functions/f*``.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from localcloud.fc.asked import Asked
from localcloud.ram.evaluation import Need

if TYPE_CHECKING:
    from localcloud.door import Call

_FUNCTION, _LAYER = "functions/{0}", "layers/{0}/versions"
#: RAM's name of each action, and its resource with what the request's path names.
NEEDS = {
    "InvokeFunction": ("InvokeFunction", _FUNCTION),
    "ListFunctions": ("ListFunctions", "functions/*"),
    "GetFunction": ("GetFunction", _FUNCTION),
    "DeleteFunction": ("DeleteFunction", _FUNCTION),
    "ListTriggers": ("ListTriggers", f"{_FUNCTION}/triggers/*"),
    "GetTrigger": ("GetTrigger", f"{_FUNCTION}/triggers/{{1}}"),
    "DeleteTrigger": ("DeleteTrigger", f"{_FUNCTION}/triggers/{{1}}"),
    "ListAsyncInvokeConfigs": ("ListFunctionAsyncInvokeConfigs", "async-invoke-configs/*"),
    "GetAsyncInvokeConfig": ("GetFunctionAsyncInvokeConfig", _FUNCTION),
    "DeleteAsyncInvokeConfig": ("DeleteFunctionAsyncInvokeConfig", _FUNCTION),
    "ListLayers": ("ListLayers", "layers/*"),
    "CreateLayerVersion": ("CreateLayerVersion", f"{_LAYER}/*"),
    "ListLayerVersions": ("ListLayerVersions", f"{_LAYER}/*"),
    "GetLayerVersion": ("GetLayerVersion", f"{_LAYER}/{{1}}"),
    "DeleteLayerVersion": ("DeleteLayerVersion", f"{_LAYER}/{{1}}"),
    "GetLayerVersionByArn": ("GetLayerVersionByArn", "layerarn/{0}"),
}
#: InvokeFunction of 2.0 names a service and a function of it.
#: https://www.alibabacloud.com/help/en/fc/policies-and-sample-policies (read 2026-11)
_OF_A_SERVICE = "services/{0}/functions/{1}"


def needs(account: str, call: "Call", asked: Asked) -> Iterator[Need]:
    """What *call* needs; nothing for an action that nobody wrote."""
    if call.action not in NEEDS:
        return
    action, path = NEEDS[call.action]
    if call.action == "InvokeFunction" and len(asked.names) > 1:
        path = _OF_A_SERVICE
    resource = path.format(*asked.names)
    if call.action == "InvokeFunction" and (qualifier := asked.query.get("qualifier")):
        resource = f"{resource}/{qualifier}"
    yield Need(f"fc:{action}", f"acs:fc:{call.region}:{account}:{resource}")
