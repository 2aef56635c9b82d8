"""The embedded STS (2015-04-01): who is calling."""

from localcloud.sts.api import Sts

__all__ = ["Sts"]
