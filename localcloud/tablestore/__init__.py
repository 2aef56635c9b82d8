"""Tablestore: instances, tables, rows and global secondary indexes, by its own protocol of protobuf messages."""

from localcloud.tablestore.api import Tablestore

__all__ = ["Tablestore"]
