"""The embedded ECS (2014-05-26) with Cloud Assistant."""

from localcloud.ecs.api import Ecs

__all__ = ["Ecs"]
