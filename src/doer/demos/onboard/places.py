"""Where everything of a running demo is: folders under its root, and the addresses written to services.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

ADDRESS_FILE = "services.json"
DOMAIN = "acme.example"
CALENDAR_USER = "sam"
OBSERVER_USER = "observer"


@dataclass(frozen=True, slots=True)
class Places:
    """The folders and files of one demo, all under `root`."""

    root: Path

    @property
    def addresses(self) -> Path:
        return self.root / ADDRESS_FILE

    @property
    def lock(self) -> Path:
        return self.root / "supervisor.lock"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def workspace(self) -> Path:
        return self.root / "workspace"

    @property
    def database(self) -> Path:
        return self.root / "people.db"

    @property
    def seed_database(self) -> Path:
        return self.root / "seed" / "people.db"

    @property
    def maildir(self) -> Path:
        return self.root / "mail"

    @property
    def calendar(self) -> Path:
        return self.root / "calendar"

    @property
    def access(self) -> Path:
        return self.root / "access.db"


@dataclass(frozen=True, slots=True)
class Services:
    """Addresses and credentials of a running demo. `dataclasses.replace` one URL to put a proxy between.

    URLs have no trailing slash. `directory_url` ends in the SCIM base `/v2`; a calendar's address is
    `calendar_url + calendar_path`. `maildir` holds one Maildir a recipient, in a folder named by the lower-case address.
    `pids` maps directory, calendar, access and mail to the process that serves it.
    """

    root: Path
    supervisor_pid: int
    pids: Mapping[str, int]
    directory_url: str
    directory_token: str
    calendar_url: str
    calendar_path: str
    calendar_user: str
    calendar_password: str
    observer_user: str
    observer_password: str
    access_url: str
    access_token: str
    smtp_host: str
    smtp_port: int
    maildir: Path
    database: Path
    workspace: Path

    @property
    def places(self) -> Places:
        return Places(self.root)

    def to_json(self) -> str:
        """The text of services.json."""
        return json.dumps(asdict(self), indent=1, default=str)

    @classmethod
    def from_json(cls, text: str) -> Services:
        """Parse the text of services.json. Raises ValueError, KeyError or TypeError when it is not ours."""
        fields = json.loads(text)
        paths = {name: Path(fields[name]) for name in ("root", "maildir", "database", "workspace")}
        return cls(**{**fields, **paths})

    @classmethod
    def load(cls, root: Path) -> Services:
        """Read the addresses of the demo that runs in `root`. Raises FileNotFoundError when none is ready there."""
        return cls.from_json(Places(root).addresses.read_text())


def connections(services: Services) -> dict[str, dict[str, str | int]]:
    """What doer needs to connect, a plain mapping for each system: URLs, paths, credentials, names."""
    return {
        "directory": {"url": services.directory_url, "token": services.directory_token},
        "calendar": {
            "url": services.calendar_url,
            "path": services.calendar_path,
            "user": services.calendar_user,
            "password": services.calendar_password,
        },
        "access": {"url": services.access_url, "token": services.access_token},
        "database": {"path": str(services.database), "url": f"sqlite:///{services.database}", "table": "people"},
        "mail": {
            "host": services.smtp_host,
            "port": services.smtp_port,
            "url": f"smtp://{services.smtp_host}:{services.smtp_port}",
            "sender": f"sam.rivera@{DOMAIN}",
            "maildir": str(services.maildir),
        },
        "files": {"path": str(services.workspace), "team_file": "team.md"},
    }
