"""The embedded location service (2015-06-12): where a product is reached in a region."""

from localcloud.location.api import Location

__all__ = ["Location"]
