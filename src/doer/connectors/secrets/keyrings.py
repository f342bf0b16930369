"""The machine's keyring (Secret Service, KWallet, Keychain, Credential Locker), through the library `keyring`."""

from __future__ import annotations

from dataclasses import dataclass

from doer.domain.errors import CredentialRefused, UsageError

SERVICE = "doer"
_MORE = "or set DOER_SECRETS=file to keep secrets in an age file"


def why_no_keyring() -> str:
    """Return why this machine's keyring cannot be used; nothing when it can.

    Refused are the backends that fail, that forget, and those of `keyrings.alt`, which keep secrets in the clear or ask
    for a password in the midst of a run.
    """
    import keyring
    from keyring.backend import KeyringBackend
    from keyring.backends.chainer import ChainerBackend
    from keyring.errors import KeyringError

    try:
        chosen: KeyringBackend = keyring.get_keyring()
        backends = list(chosen.backends) if isinstance(chosen, ChainerBackend) else [chosen]
    except (KeyringError, RuntimeError) as failure:
        return f"its keyring does not start ({failure})"
    homes = [type(each).__module__ for each in backends]
    refused = [
        each for each in homes if each.startswith(("keyring.backends.fail", "keyring.backends.null", "keyrings.alt"))
    ]
    if not homes or "keyring.backends.fail" in refused:
        return "this machine has no keyring"
    return f"its keyring {refused[0]} keeps nothing safely" if refused else ""


@dataclass(frozen=True, slots=True)
class MachineKeyring:
    """Secrets under the service name `doer`, one entry each."""

    @property
    def told(self) -> str:
        """What it is."""
        return "this machine's keyring"

    def get(self, key: str) -> str | None:
        """Return the secret. Raises CredentialRefused when the keyring is locked or gone."""
        import keyring
        from keyring.errors import KeyringError

        try:
            return keyring.get_password(SERVICE, key)
        except KeyringError as locked:
            raise CredentialRefused(f"the keyring does not open ({_reason(locked)}): unlock it, {_MORE}") from locked

    def put(self, key: str, secret: str) -> None:
        """Keep the secret. Raises UsageError when the keyring does not take it."""
        import keyring
        from keyring.errors import KeyringError

        try:
            keyring.set_password(SERVICE, key, secret)
        except KeyringError as locked:
            raise UsageError(
                f"the keyring does not take the secret ({_reason(locked)}): unlock it, {_MORE}"
            ) from locked

    def remove(self, key: str) -> bool:
        """Forget it."""
        import keyring
        from keyring.errors import KeyringError, PasswordDeleteError

        try:
            keyring.delete_password(SERVICE, key)
        except PasswordDeleteError:
            return False
        except KeyringError as locked:
            raise UsageError(f"the keyring does not open ({_reason(locked)}): unlock it") from locked
        return True


def _reason(failure: Exception) -> str:
    return str(failure) or type(failure).__name__
