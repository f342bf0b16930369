"""Secrets, searched for: a canary in every connection, after a run of everything, in whatever doer wrote or said.

    python -m benchmarks.day_one.canary            # writes benchmarks/results/canary.json

Connects the day-one office through `doer connect`, as a person would, with the secrets on standard input; does a piece of work with
every connection, takes some of it back, shows, reports, tests, backs up; gives wrong secrets; then ends the servers and asks once
more, so that errors are among what is searched. Searched: the journal, payloads and every other file of the workspace, `.git` of
the clone, log files, the backup unpacked, standard output and standard error of every command, as text and as JSON. Secrets are
looked for as they are, URL-quoted, in hex, reversed, and in base64 at its three offsets.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from benchmarks.day_one import seed
from benchmarks.day_one.world import Office, day_one

from doer.app.connections import MailConnection
from doer.app.settings import FILE_NAME, read_settings
from doer.demos.office.servers import GIT_USER, OWNER, OfficeCredentials, start_shop
from doer.demos.onboard.places import CALENDAR_USER
from doer.demos.onboard.supervisor import await_ready, stop_all

RESULTS = Path(__file__).parents[1] / "results" / "canary.json"

SENTENCES = (
    "How many orders came in yesterday?",
    "Set ticket 4812 to closed in crm",
    "Move my 3 pm with Ana to Thursday",
    "Deactivate the account of eve@acme.example",
    "Add dana@acme.example to group platform",
    "Email ./invoice.pdf to billing@acme.example",
    "Reply to the last mail from Jo that Friday works",
    "Commit everything in docs and push",
    "get /products from shop",
    "remind me on 24 November at 9 am to call Jo",
    "zip the folder docs into docs.zip",
)
"""One piece of work for each connection at least."""


@dataclass
class Heard:
    """Everything that commands said."""

    environment: Mapping[str, str]
    folder: Path
    texts: list[tuple[str, bytes]] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)

    def doer(self, *arguments: str, said: str = "") -> bytes:
        """Run a command as a person does, and keep what it said."""
        command = [str(Path(sys.executable).with_name("doer")), *arguments]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            input=said.encode(),
            capture_output=True,
            check=False,
            timeout=120,
        )
        name = " ".join(arguments)
        self.texts += [(f"stdout of doer {name}", done.stdout), (f"stderr of doer {name}", done.stderr)]
        self.codes[name] = done.returncode
        return done.stdout


def forms(secret: str) -> Iterator[bytes]:
    """The secret in the forms in which programs write such things down."""
    raw = secret.encode()
    yield from (raw, quote(secret, safe="").encode(), raw.hex().encode(), raw.hex().upper().encode(), raw[::-1])
    for offset in range(3):  # of base64, whatever stands before it: the middle that does not depend on its neighbours
        yield base64.b64encode(b"x" * offset + raw)[4 if offset else 0 : -4]


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below the folder; archives of ours also unpacked."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.is_symlink():
            continue
        yield str(path.relative_to(folder)), path.read_bytes()
        if path.suffix == ".tgz":
            with tarfile.open(path) as tar:
                for member in tar:
                    content = tar.extractfile(member)
                    yield f"{path.name}:{member.name}", content.read() if content is not None else b""


def connect(heard: Heard, office: Office, shop: str, secrets: Mapping[str, str]) -> None:
    """Connect every system through the command line, the secret on standard input."""

    def one(kind: str, name: str, *options: str) -> None:
        heard.doer("connect", kind, name, *options, "--secret-from-stdin", "--json", said=secrets[name])

    settings = office.workspace / FILE_NAME
    mail = read_settings(settings).connections["mail"]
    assert isinstance(mail, MailConnection)
    settings.write_text(settings.read_text().split("[connections.crm]")[0])
    one("database", "crm", "--url", office.postgres, "--write", "customers,products,orders,tickets")
    one("calendar", "calendar", "--url", office.calendar_url + seed.CALENDAR_PATH, "--username", CALENDAR_USER)
    one("directory", "directory", "--url", office.directory_url)
    one("mail", "mail", "--smtp", mail.smtp, "--sender", f"Sam Rivera <{seed.ME}>", "--username", OWNER,
        "--imap", f"imap://127.0.0.1:{office.imap_port}", "--attachments", "desk")  # fmt: skip
    one("git", "repo", "--repository", "desk", "--url", f"{office.git_url}/office.git", "--username", GIT_USER,
        "--author", f"Sam Rivera <{seed.ME}>", "--push", "main,feature/*,tags/*")  # fmt: skip
    one("http", "shop", "--url", shop, "--auth", "bearer", "--read", "*", "--write", "/products/**")


def work(heard: Heard) -> None:
    """Do something with everything, take some of it back, and look at it in every way there is."""
    runs: list[str] = []
    for number, sentence in enumerate(SENTENCES):
        asked = ["do", "--yes", "--irreversible", sentence]
        said = heard.doer(*asked, *(["--json"] if number % 2 else []))
        if number % 2:
            runs.append(json.loads(said)["run"])
    for run in runs:
        for looked in (f"show {run}", f"show {run} --events", f"show {run} --json", f"audit report {run}",
                       f"audit report {run} --format html", f"undo {run} --yes"):  # fmt: skip
            heard.doer(*looked.split())
    for looked in ("runs", "runs --json", "audit verify", "connections list", "connections list --json", "connections test",
                   "tools list", "doctor", "backup ../backup.tgz"):  # fmt: skip
        heard.doer(*looked.split())


def refusals(heard: Heard, secrets: Mapping[str, str]) -> None:
    """Give wrong secrets, which must not be repeated either."""
    for kind, name in (
        ("calendar", "calendar"),
        ("directory", "directory"),
        ("mail", "mail"),
        ("git", "repo"),
        ("http", "shop"),
    ):
        heard.doer("connect", kind, name, "--secret-from-stdin", said=f"wrong-{secrets[name]}")


def main() -> int:
    """Measure, print and write the figures."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with tempfile.TemporaryDirectory(prefix="canary-") as folder:
        root = Path(folder)
        kept = root / "kept"
        (kept / "tmp").mkdir(parents=True)
        environment = {
            **os.environ, "XDG_CONFIG_HOME": str(root / "config"), "DOER_SECRETS": "file", "TMPDIR": str(kept / "tmp"), "NO_COLOR": "1",
        }  # fmt: skip
        with day_one(root / "office") as office:
            own = OfficeCredentials()
            shop = start_shop(office.places, own)
            try:
                await_ready([shop], threading.Event())
                secrets = {
                    "crm": "canary-in-a-database-4711",
                    "calendar": office.environment["DAY_ONE_CALENDAR"],
                    "directory": office.directory_token,
                    "mail": office.mail_password,
                    "repo": office.environment["DAY_ONE_REPO"],
                    "shop": own.shop_token,
                }
                heard = Heard(environment, office.workspace)
                connect(heard, office, f"{shop.url}/api", secrets)
                work(heard)
                refusals(heard, secrets)
            finally:
                stop_all([shop])
            workspace = office.workspace
            backup = workspace.parent / "backup.tgz"
        for sentence in SENTENCES:  # every server is gone now
            heard.doer("do", "--yes", sentence)
        heard.doer("connections", "test")
        searched = [
            *heard.texts,
            *files(workspace),
            *files(kept),
            *((f"backup:{n}", c) for n, c in files(backup.parent) if "backup" in n),
        ]
    # A search that finds nothing anywhere would find nothing here either.
    blind = [
        name
        for name, each in secrets.items()
        if any(form not in f"<{each}>".encode() for form in list(forms(each))[:1])
    ]
    found = [
        {"connection": name, "where": where}
        for name, secret in secrets.items()
        for where, content in searched
        if any(form in content for form in forms(secret))
    ]
    done = sum(code in (0, 5) for name, code in heard.codes.items() if name.startswith("do "))
    told = {
        "connections": len(secrets), "commands": len(heard.codes), "sentences_done": done, "searched": len(searched),
        "bytes": sum(len(content) for _, content in searched), "found": found, "blind": blind,
        "codes": heard.codes,
    }  # fmt: skip
    RESULTS.write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps({name: each for name, each in told.items() if name != "codes"}, indent=1))
    return 1 if found or blind else 0


if __name__ == "__main__":
    sys.exit(main())
