"""SMQ (formerly MNS): queues and topics, by its own XML protocol."""

from localcloud.smq.api import Smq

__all__ = ["Smq"]
