"""The RPC protocol that most products of Alibaba Cloud speak."""

from localcloud.gateway.api import CENTRAL_REGION, Answering, Gateway, Product, Service

__all__ = ["CENTRAL_REGION", "Answering", "Gateway", "Product", "Service"]
