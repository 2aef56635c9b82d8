"""The embedded RAM (2015-05-01): roles, custom policies, and which is attached to which."""

from localcloud.ram.api import Ram

__all__ = ["Ram"]
