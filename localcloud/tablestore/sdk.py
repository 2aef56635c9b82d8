"""The SDK's own classes of the wire: what it writes is what is read here.

Its C extensions are made for some interpreters only, and it warns where they can't be loaded; none is used here.
"""

import logging
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    logging.getLogger("tablestore").setLevel(logging.ERROR)
    from tablestore.auth import RequestContext, SignV2, SignV4
    from tablestore.credentials import Credentials
    from tablestore.error import OTSClientError
    from tablestore.metadata import INF_MAX, INF_MIN
    from tablestore.plainbuffer import plain_buffer_coded_stream as tags
    from tablestore.plainbuffer.plain_buffer_builder import PlainBufferBuilder
    from tablestore.plainbuffer.plain_buffer_coded_stream import (
        PlainBufferCodedInputStream,
    )
    from tablestore.plainbuffer.plain_buffer_crc8 import PlainBufferCrc8
    from tablestore.plainbuffer.plain_buffer_stream import PlainBufferInputStream
    from tablestore.protobuf import table_store_filter_pb2 as filters
    from tablestore.protobuf import table_store_pb2 as messages

__all__ = [
    "INF_MAX",
    "INF_MIN",
    "Credentials",
    "OTSClientError",
    "PlainBufferBuilder",
    "PlainBufferCodedInputStream",
    "PlainBufferCrc8",
    "PlainBufferInputStream",
    "RequestContext",
    "SignV2",
    "SignV4",
    "filters",
    "messages",
    "tags",
]
