"""OAuth 2.0 for connections: a person agrees in a browser or on another device, and the connection has a token that renews itself.

Authorisation code with PKCE on a loopback redirect (RFC 6749, 7636, 8252), device flow (RFC 8628), refreshing with rotation
(RFC 6749 section 6, RFC 9700), metadata (RFC 8414), the issuer checked in answers (RFC 9207). The algorithm of signed tokens is
pinned by the connection: what a token says of its own algorithm is never believed.
"""

from doer.connectors.oauth.credential import OAuthCredential
from doer.connectors.oauth.flows import DevicePrompt, agree_in_browser, agree_on_device
from doer.connectors.oauth.provider import Client, Provider, discover
from doer.connectors.oauth.signed import Identity, identity_of
from doer.connectors.oauth.tokens import Tokens

__all__ = [
    "Client",
    "DevicePrompt",
    "Identity",
    "OAuthCredential",
    "Provider",
    "Tokens",
    "agree_in_browser",
    "agree_on_device",
    "discover",
    "identity_of",
]
