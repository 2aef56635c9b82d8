"""The embedded Alibaba Cloud DNS (Alidns, 2015-01-09)."""
