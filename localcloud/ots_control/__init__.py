"""Tablestore's control plane (2020-12-09): its instances; what is in one is localcloud/tablestore."""

from localcloud.ots_control.api import OtsControl

__all__ = ["OtsControl"]
