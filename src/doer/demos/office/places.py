"""Where everything of a running office is: addresses, credentials and folders, as they are kept in office.json."""

from __future__ import annotations

import imaplib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from doer.demos.office.servers import OWNER
from doer.demos.onboard.places import OBSERVER_USER, Places
from doer.demos.onboard.servers import LOOPBACK
from doer.demos.onboard.wire import basic

_FILE = "office.json"


@dataclass(frozen=True, slots=True)
class Office:
    """Addresses and credentials of a running office. `dataclasses.replace` an address to put a proxy between."""

    root: Path
    directory_url: str
    directory_token: str
    calendar_url: str
    calendar_password: str
    observer_password: str
    shop_url: str
    """The server's, without the `/api` that the interface is below."""
    shop_token: str
    git_url: str
    git_token: str
    smtp_url: str
    imap_url: str
    mail_password: str

    @property
    def places(self) -> Places:
        """The folders that servers keep their state in."""
        return Places(self.root)

    @property
    def desk(self) -> Path:
        """The folder that doer works in."""
        return self.root / "workspace" / "desk"

    @property
    def state(self) -> Path:
        """The folder of doer's journal."""
        return self.root / "workspace" / ".doer"

    @property
    def ledger(self) -> Path:
        """The database."""
        return self.root / "ledger.db"

    @property
    def reminders(self) -> Path:
        """Doer's file of reminders."""
        return self.root / "reminders" / "reminders.db"

    @property
    def hosted(self) -> Path:
        """The folder of the repositories at the git host."""
        return self.root / "git"

    @property
    def seeds(self) -> Path:
        """What is copied when the office is put back to its seed."""
        return self.root / "seed"

    @property
    def observer(self) -> dict[str, str]:
        """The header with which everything in the calendar can be read."""
        return basic(OBSERVER_USER, self.observer_password)

    @contextmanager
    def mailbox(self) -> Iterator[imaplib.IMAP4]:
        """A session of the owner with the IMAP server; hand in the office without a proxy between."""
        with imaplib.IMAP4(LOOPBACK, int(self.imap_url.rpartition(":")[2]), timeout=10) as client:
            client.login(OWNER, self.mail_password)
            yield client

    def save(self) -> None:
        """Leave the addresses for other processes, readable by this user only."""
        path = self.root / _FILE
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self), default=str))

    @classmethod
    def load(cls, root: Path) -> Office:
        """Read what `save` left. Raises FileNotFoundError when nothing runs there."""
        fields = json.loads((root / _FILE).read_text())
        return cls(**{**fields, "root": Path(fields["root"])})
