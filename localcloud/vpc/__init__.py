"""The embedded VPC (2016-04-28)."""

from localcloud.vpc.api import Vpc

__all__ = ["Vpc"]
