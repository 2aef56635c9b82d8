"""The action of the location service: DescribeEndpoints.

Earlier generations of the SDKs, aliyun-cli and Terraform ask it before their first call of a product.  It has no help
page: request and answer are as LocationServiceEndpointResolver of aliyun-python-sdk-core 2.16 and location_resolver.go
of alibaba-cloud-sdk-go have them, to the spelling of "SerivceCode".
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from localcloud.ecs.offers import endpoint as ecs
from localcloud.location import errors

if TYPE_CHECKING:
    from localcloud.cloud import Cloud
    from localcloud.door import Call

Answer = dict[str, object]
#: The API that everybody may call; there is another kind, within Alibaba Cloud, of which nothing is told here.
_OPEN = "openAPI"


def _vpc(region: str) -> str:
    return "vpc.aliyuncs.com" if region == "cn-hangzhou" else f"vpc.{region}.aliyuncs.com"


#: The product's code to its endpoint in a region, as today's SDKs choose it; those of `ots` and `fc`, which have an
#: instance's or an account's name before them, as data/endpoints.json of aliyun-python-sdk-core has them.
_ENDPOINTS: Mapping[str, Callable[[str], str]] = {
    "ecs": ecs,
    "vpc": _vpc,
    "alidns": lambda _: "alidns.aliyuncs.com",
    "eventbridge": "eventbridge-console.{}.aliyuncs.com".format,
    "ram": lambda _: "ram.aliyuncs.com",
    "sts": "sts.{}.aliyuncs.com".format,
    "ots": "ots.{}.aliyuncs.com".format,
    "fc": "{}.fc.aliyuncs.com".format,
}


class Location:
    """The location service.  Any key may ask it."""

    def __init__(self, cloud: "Cloud") -> None:
        self._cloud = cloud
        #: Every action that is here, by its name.
        self.actions: Mapping[str, Callable[[Call], Answer]] = {"DescribeEndpoints": self._endpoints}

    def handle(self, call: "Call") -> Answer:
        """Answer *call*, without RequestId; raises ApiError as the cloud refuses."""
        action = self.actions.get(call.action)
        if action is None:
            raise errors.action_not_found(call.action)
        return action(call)

    def _endpoints(self, call: "Call") -> Answer:
        """DescribeEndpoints: the endpoint of a product in a region; of the products that are here."""
        region, service = call.params.get("Id", ""), call.params.get("ServiceCode", "")
        if not region:
            raise errors.missing("Id")
        if not service:
            raise errors.missing("ServiceCode")
        if region not in self._cloud.world.regions:
            raise errors.region_not_found()
        endpoint = _ENDPOINTS.get(service)
        if endpoint is None:
            raise errors.service_not_found()
        shown = {
            "Endpoint": endpoint(region),
            "Id": region,
            "Namespace": "",
            "Protocols": {"Protocols": ["HTTP", "HTTPS"]},
            "SerivceCode": service,
            "Type": _OPEN,
        }
        asked = call.params.get("Type") or _OPEN
        return {"Endpoints": {"Endpoint": [shown] if asked == _OPEN else []}, "Success": True}
