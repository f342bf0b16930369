"""References: where a secret is, as a setting says it; never the secret itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Scheme = Literal["secret", "env"]

_FORMS: dict[Scheme, re.Pattern[str]] = {
    "secret": re.compile(r"secret://([A-Za-z0-9][A-Za-z0-9_.-]{0,63})"),
    "env": re.compile(r"env://([A-Za-z_][A-Za-z0-9_]*)"),
}
_HINT = "write secret://NAME (the keyring, filled by `doer connect`) or env://NAME (an environment variable)"


@dataclass(frozen=True, slots=True)
class Reference:
    """A place and a name in it."""

    scheme: Scheme
    name: str

    def __str__(self) -> str:
        """Return it as it is written in a setting."""
        return f"{self.scheme}://{self.name}"


def read_reference(text: str) -> Reference:
    """Return the reference that a setting holds. Raises ValueError, which never repeats what might be a secret."""
    for scheme, form in _FORMS.items():
        if found := form.fullmatch(text):
            return Reference(scheme, found[1])
    named = re.match(r"([a-z][a-z0-9+.-]{0,20})://", text)
    if named is None:
        raise ValueError(f"this is where a secret is, never the secret itself; {_HINT}")
    if named[1] in _FORMS:
        raise ValueError(f"{named[1]}:// needs a name of letters, digits and _; {_HINT}")
    raise ValueError(f"{named[1]}:// is not known; {_HINT}")
