"""A workspace over the demo's running servers, so that every command of `doer` can be tried on them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from doer.demos.onboard.places import DOMAIN, Services

_TOML = """\
# The demo's company as a workspace. Secrets are in {env}: source it first.

[workspace]
timezone = "{zone}"
me = "sam.rivera@{domain}"

[connections.files]
kind = "files"
folder = "."

[connections.directory]
kind = "directory"
url = "{at.directory_url}"
secret = "env://DIRECTORY_SECRET"

[connections.people]
kind = "database"
url = "sqlite:///{at.database}"
allow = {{ read = ["*"], write = ["people"] }}
once = "unique:email"

[connections.calendar]
kind = "calendar"
url = "{at.calendar_url}{at.calendar_path}"
username = "{at.calendar_user}"
secret = "env://CALENDAR_SECRET"

[connections.mail]
kind = "mail"
smtp = "smtp://{at.smtp_host}:{at.smtp_port}"
sender = "sam.rivera@{domain}"
maildir = "{at.maildir}"

[tools]
modules = ["access"]
"""

_MODULE = """\
\"\"\"The demo's own application, by a tool that is written with the public decorator: doer.demos.onboard.access_tool.\"\"\"

import os

from doer.demos.onboard.access_tool import access_tool

grant = access_tool("{url}", os.environ["ACCESS_SECRET"])
"""


def make_workspace(services: Services, skills: Path, zone: str) -> Sequence[str]:
    """Write doer.toml, the skills and the access tool into the company's folder; return the shell commands to go there."""
    folder, env = services.workspace, services.root / "env.sh"
    env.touch(mode=0o600)
    env.write_text(
        f"export DIRECTORY_SECRET={services.directory_token}\n"
        f"export CALENDAR_SECRET={services.calendar_password}\n"
        f"export ACCESS_SECRET={services.access_token}\n"
    )
    (folder / "doer.toml").write_text(_TOML.format(env=env, zone=zone, domain=DOMAIN, at=services))
    (folder / "access.py").write_text(_MODULE.format(url=services.access_url))
    shutil.copytree(skills, folder / "skills", dirs_exist_ok=True)
    return (f". {env}", f"cd {folder}")
