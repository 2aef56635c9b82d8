"""EventBridge (2020-04-01): buses, rules, targets, events."""

from localcloud.eventbridge.api import EventBridge

__all__ = ["EventBridge"]
