"""Real git for tests: a bare repository behind smart HTTP (git http-backend) that can be made to fail and to lie, and people."""

from __future__ import annotations

import base64
import os
import shutil
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from doer.demos.office.git_server import body_of, hand_on, http_backend, reply

USER, TOKEN = "sam", "canary-7f3a-token"
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "Jo",
    "GIT_AUTHOR_EMAIL": "jo@acme.example",
    "GIT_COMMITTER_NAME": "Jo",
    "GIT_COMMITTER_EMAIL": "jo@acme.example",
    "GIT_AUTHOR_DATE": "@1700000000 +0000",
    "GIT_COMMITTER_DATE": "@1700000000 +0000",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_TEMPLATE_DIR": "",
    "LC_ALL": "C",
}


def git(place: Path, *arguments: str, check: bool = True, stdin: str = "") -> str:
    """Run git as somebody else, by porcelain and plumbing that share no code with doer."""
    ran = subprocess.run(
        ["git", *arguments], cwd=place, env=ENVIRONMENT, input=stdin, capture_output=True, text=True, check=False
    )
    assert not check or ran.returncode == 0, (arguments, ran.stderr)
    return ran.stdout.strip("\n")


def commit(place: Path, message: str, **files: str) -> str:
    """Commit files as somebody else; a name's `__` is a `/`, and a last `_` a dot before `md`."""
    for name, text in files.items():
        path = place / (name.replace("__", "/") + ".md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        git(place, "add", "--", str(path))
    git(place, "commit", "-q", "-m", message)
    return git(place, "rev-parse", "HEAD")


def make_bare(place: Path) -> Path:
    """Make a bare repository with two commits on main."""
    git(place.parent, "init", "-q", "--bare", "-b", "main", str(place))
    git(place, "config", "http.receivepack", "true")
    work = place.parent / "first-work"
    git(place.parent, "clone", "-q", str(place), str(work))
    git(work, "checkout", "-q", "-b", "main", check=False)
    commit(work, "First", README="one\n", docs__a="a\n")
    commit(work, "Second", docs__b="b\n")
    git(work, "push", "-q", "origin", "main")
    shutil.rmtree(work)
    git(place, "gc", "-q")  # one file of objects instead of a dozen: it is copied for every test
    return place


def clone_of(bare: Path, place: Path, url: str = "") -> Path:
    """Clone as somebody does; the remote is then at `url`."""
    git(bare.parent, "clone", "-q", str(bare), str(place))
    if url:
        git(place, "remote", "set-url", "origin", url)
    return place


def refs(place: Path) -> dict[str, str]:
    """Return every ref of a repository, by name, as its files hold them (gitrepository-layout(5)): tests look thousands of times."""
    home = place / ".git" if (place / ".git").is_dir() else place
    packed = home / "packed-refs"
    lines = packed.read_text().splitlines() if packed.exists() else []
    found = {line[41:]: line[:40] for line in lines if line[0] not in "#^"}
    for each in (home / "refs").rglob("*"):
        if each.is_file() and each.suffix != ".lock":
            found[each.relative_to(home).as_posix()] = each.read_text().strip()
    told = {name: found.get(held.removeprefix("ref: "), "") if " " in held else held for name, held in found.items()}
    return {name: told[name] for name in sorted(told) if told[name]}


def staged(place: Path) -> list[str]:
    """Return what is staged, an entry a line, as the index holds it (gitformat-index(5), version 2)."""
    index = place / ".git" / "index"
    content = index.read_bytes() if index.exists() else b"DIRC\0\0\0\x02\0\0\0\0"
    signature, version, count = struct.unpack_from(">4sLL", content)
    assert (signature, version) == (b"DIRC", 2), "git ls-files -s would know"
    told, at = [], 12
    for _ in range(count):
        mode, object_, flags = struct.unpack_from(">L12x20sH", content, at + 24)
        end = content.index(b"\0", at + 62)
        told.append(f"{mode:o} {object_.hex()} {flags >> 12 & 3} {content[at + 62 : end].decode()}")
        at += (end - at) // 8 * 8 + 8
    return told


def work_tree(place: Path) -> dict[str, Any]:
    """Return the world of one clone: refs, HEAD, what is staged, each file."""
    files = {
        str(path.relative_to(place)): path.read_text("utf-8", "replace")
        for path in sorted(place.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(place).parts
    }
    return {
        "refs": refs(place),
        "head": (place / ".git" / "HEAD").read_text(),
        "staged": staged(place),
        "config": (place / ".git" / "config").read_text(),
        "files": files,
        "may run": sorted(name for name in files if (place / name).stat().st_mode & 0o111),
    }


@dataclass
class Host:
    """The bare repository behind HTTP, and how the next requests to push go wrong."""

    bare: Path
    url: str = ""
    fault: str = ""
    """drop, misplace, double, cut, fail, busy, refuse, hang, stale, cut stale: what happens to the next push."""
    shown: Path | None = None
    """Where reads are answered from, if not from the repository: what it was before a push, while they are stale."""
    token: str = TOKEN
    seen: list[str] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    def authorised(self, header: str | None) -> bool:
        expected = base64.b64encode(f"{USER}:{self.token}".encode()).decode()
        return header == f"Basic {expected}"

    def backend(self, root: Path, request: BaseHTTPRequestHandler, body: bytes) -> bytes:
        path, _, query = request.path.partition("?")
        place = f"/{root.name}{path.removeprefix('/' + self.bare.name)}"
        return http_backend(root.parent, place, query, request, body, USER)

    def push(self, request: BaseHTTPRequestHandler, body: bytes) -> bytes | None:
        """Answer a push, honestly or not; None: cut the connection."""
        fault, self.fault = self.fault, ""
        if fault == "drop":  # a throw-away copy takes it, and says so
            copy = self.bare.parent / "copy.git"
            shutil.copytree(self.bare, copy)
            try:
                return self.backend(copy, request, body)
            finally:
                shutil.rmtree(copy)
        if fault == "hang":
            self.release.wait(30)
            return None
        if "stale" in fault:
            self.shown = Path(shutil.copytree(self.bare, self.bare.parent / "stale.git"))
        before = refs(self.bare)
        answer = self.backend(self.bare, request, body)
        for name, target in refs(self.bare).items():
            if before.get(name) == target:
                continue
            if fault in ("double", "misplace"):
                git(self.bare, "update-ref", "refs/heads/elsewhere", target)
            if fault == "misplace":
                undone = ["update-ref", name, before[name]] if name in before else ["update-ref", "-d", name]
                git(self.bare, *undone)
        return None if "cut" in fault else answer


@contextmanager
def hosted(bare: Path) -> Iterator[Host]:
    """Serve the bare repository over smart HTTP with basic authentication, on a free port of loopback."""
    host = Host(bare)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

        def do_GET(self) -> None:
            self.answer(b"")

        def do_POST(self) -> None:
            self.answer(body_of(self))

        def answer(self, body: bytes) -> None:
            host.seen.append(f"{self.command} {self.path}")
            if not host.authorised(self.headers.get("Authorization")):
                self.plain(401)
                return
            pushing = self.command == "POST" and self.path.endswith("git-receive-pack")
            if host.fault == "busy" or (pushing and host.fault == "fail"):
                host.fault = ""
                self.plain(503)
                return
            if host.fault == "refuse" and "receive-pack" in self.path:
                self.plain(403)
                return
            told = host.push(self, body) if pushing else host.backend(host.shown or host.bare, self, body)
            if told is None:
                self.close_connection = True
                return
            hand_on(self, told)

        def plain(self, status: int) -> None:
            reply(self, status, {"WWW-Authenticate": 'Basic realm="code"'} if status == 401 else {})

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    host.url = f"http://127.0.0.1:{server.server_address[1]}/{bare.name}"
    serving = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    serving.start()
    try:
        yield host
    finally:
        host.release.set()
        server.shutdown()
        server.server_close()
        serving.join()
