"""What an instance is told at its first boot: DescribeUserData.

https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeuserdata (read 2026-11)
"""

from localcloud.ecs.parameters import Params
from localcloud.ecs.state import State

Answer = dict[str, object]


class UserData:
    """The user data of one cloud's instances."""

    def __init__(self, state: State) -> None:
        self._state = state

    def describe(self, params: Params) -> Answer:
        """DescribeUserData: in base64, as it was given; an empty text when there is none."""
        instance = self._state.of(params.region).instance(params.need("InstanceId"))
        return {"InstanceId": instance.id, "RegionId": instance.region, "UserData": instance.user_data}
