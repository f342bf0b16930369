"""Signed tokens (RFC 7519): believed only under the algorithm that the connection pins, and for us, from its issuer, in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from doer.connectors.oauth.provider import Client, Provider, ask, open_provider
from doer.domain.errors import Permanent, UsageError

ALGORITHMS = ("ES256", "ES384", "EdDSA", "Ed25519", "PS256", "RS256")
"""Asymmetric ones only: with a shared key, whoever checks a token can also make one."""
_LEEWAY = 30


@dataclass(frozen=True, slots=True)
class Identity:
    """Who agreed, as a signed token says."""

    subject: str
    name: str


def identity_of(token: str, provider: Provider, client: Client, nonce: str | None, now: datetime) -> Identity:
    """Check an ID token (OpenID Connect Core 3.1.3.7) and return whom it names.

    Raises UsageError for an algorithm that cannot be pinned, Permanent for a token that is not to be believed.
    """
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet
    from joserfc.jwt import ClaimsOption

    if client.algorithm not in ALGORITHMS:
        raise UsageError(f"tokens cannot be pinned to {client.algorithm!r:.20}; choose one of {', '.join(ALGORITHMS)}")
    with open_provider() as asked:
        _, keys = ask(asked, "GET", provider.keys)
    expected: dict[str, ClaimsOption] = {
        "iss": {"essential": True, "value": client.issuer},
        "aud": {"essential": True, "value": client.client_id},
        "sub": {"essential": True},
        "exp": {"essential": True},
    }
    if nonce is not None:
        expected["nonce"] = {"essential": True, "value": nonce}
    rules = jwt.JWTClaimsRegistry(now=int(now.timestamp()), leeway=_LEEWAY, **expected)
    try:
        found = jwt.decode(token, KeySet.import_key_set({"keys": _public(keys.get("keys"))}), [client.algorithm])
        rules.validate(found.claims)
    except (JoseError, ValueError, TypeError, KeyError) as wrong:
        raise Permanent(
            f"the signed token of {client.issuer} is not to be believed ({type(wrong).__name__}: {str(wrong)[:120]}); "
            f"this connection accepts {client.algorithm} only"
        ) from wrong
    named = found.claims.get("email") or found.claims.get("preferred_username") or found.claims["sub"]
    return Identity(str(found.claims["sub"]), str(named))


def _public(keys: object) -> list[dict[str, str | list[str]]]:
    """Leave out keys that nobody signs tokens with, and secret ones, which have no place in a public list."""
    listed = [each for each in keys if isinstance(each, dict)] if isinstance(keys, list) else []
    return [each for each in listed if each.get("kty") in ("EC", "RSA", "OKP") and each.get("use", "sig") == "sig"]
