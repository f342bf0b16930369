"""Secrets: where they are kept outside the workspace, how a connector asks for one at the last moment, and a second net.

A setting holds only a reference: `secret://NAME` (the machine's keyring, or an age file) or `env://NAME` (an environment
variable). A connector is given a `Credential`, a callable, and asks it when a request is about to be sent.
"""

from doer.connectors.secrets.credential import FromEnvironment, FromVault, Renewable, fixed, renewing
from doer.connectors.secrets.redaction import Redaction
from doer.connectors.secrets.reference import Reference, read_reference
from doer.connectors.secrets.vault import Place, Vault, open_vault

__all__ = [
    "FromEnvironment",
    "FromVault",
    "Place",
    "Redaction",
    "Reference",
    "Renewable",
    "Vault",
    "fixed",
    "open_vault",
    "read_reference",
    "renewing",
]
