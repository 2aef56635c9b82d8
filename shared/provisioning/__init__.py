"""What an install needs at the cloud before its functions run, and taking it down again."""

from shared.provisioning.chain import Provisioner
from shared.provisioning.things import Provisioned

__all__ = ["Provisioned", "Provisioner"]
