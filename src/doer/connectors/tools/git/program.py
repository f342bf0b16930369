"""The git program: started with an environment made from scratch, without a shell or prompts, and ended with all its children.

A repository is data that somebody else may have written, and git runs what its configuration names: hooks, filters,
monitors, helpers, transports (git-config(1), githooks(5), gitattributes(5)). So nothing that is configured runs here:
fixed settings go before the repository's own (`GIT_CONFIG_COUNT` has the precedence of `-c`), the system's and the
user's are not read, and all that touches content or the network works in a `Bench` (bench.py), which reads no
configuration of the repository at all.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from doer.connectors.tools.git.faults import refusal
from doer.domain.errors import OutcomeUnknown, Permanent, ToolError, Transient

OLDEST = (2, 32)
"""The first git that can be told to read no configuration but ours (GIT_CONFIG_GLOBAL)."""

_SETTINGS = (
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.untrackedCache", "keep"),
    ("core.pager", "cat"),
    ("core.editor", "false"),
    ("core.askPass", ""),
    ("core.sshCommand", "false"),
    ("core.gitProxy", ""),
    ("core.alternateRefsCommand", "false"),
    ("core.attributesFile", "/dev/null"),
    ("core.logAllRefUpdates", "always"),
    ("core.quotePath", "false"),
    ("credential.helper", ""),
    ("commit.gpgSign", "false"),
    ("tag.gpgSign", "false"),
    ("push.gpgSign", "false"),
    ("gpg.program", "false"),
    ("log.showSignature", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("submodule.recurse", "false"),
    ("fetch.recurseSubmodules", "false"),
    ("push.recurseSubmodules", "no"),
    ("http.followRedirects", "false"),  # a header with a token would follow too
    ("protocol.allow", "never"),
    ("protocol.file.allow", "always"),
    ("protocol.http.allow", "always"),
    ("protocol.https.allow", "always"),
    ("protocol.ssh.allow", "always"),
    ("protocol.ext.allow", "never"),
    ("advice.addEmbeddedRepo", "false"),
)
_FIXED = {
    "LC_ALL": "C",
    "TZ": "UTC",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "false",
    "GIT_EDITOR": "false",
    "GIT_SEQUENCE_EDITOR": "false",
    "GIT_PAGER": "cat",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o StrictHostKeyChecking=yes",
}
HTTP_NEEDS = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy", "GIT_SSL_CAINFO")
"""What of the machine's environment is passed on for http: proxies and authorities; no home, so no ~/.netrc."""

SSH_NEEDS = ("HOME", "SSH_AUTH_SOCK")
"""For ssh: where known hosts and keys are."""

_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of git that ended by itself left."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """The output as text, without the last line break; names that are not UTF-8 keep their bytes."""
        return self.out.decode("utf-8", "surrogateescape").removesuffix("\n")

    @property
    def lines(self) -> list[str]:
        """The output's lines."""
        return self.text.split("\n") if self.out else []


@dataclass(frozen=True, slots=True)
class Program:
    """The git of this machine. `timeout` in seconds for each run of it."""

    timeout: float = 60.0

    def check(self) -> None:
        """Raise Permanent when git is missing or too old; each program is asked once."""
        found = _found()
        told = _version(found, Path(found).stat().st_mtime_ns, self.timeout)
        numbers = re.search(r"(\d+)\.(\d+)", told)
        if numbers is None or (int(numbers[1]), int(numbers[2])) < OLDEST:
            raise Permanent(f"{told} is too old: git {OLDEST[0]}.{OLDEST[1]} or newer is needed; upgrade git")

    def run(
        self,
        *arguments: str,
        cwd: Path,
        environment: Mapping[str, str],
        stdin: bytes = b"",
        accept: Sequence[int] = (0,),
        writes: bool = False,
        hidden: Sequence[str] = (),
    ) -> Ran:
        """Run git in the foreground, and return what it said when its exit status is in `accept`.

        `environment` is all that it sees. `writes`: a time-out or a cut connection may have had an effect at a remote.
        `hidden` are texts that no message may hold. Raises as `faults.refusal` tells.
        """
        with _started(_found(), arguments, cwd, environment) as process:
            try:
                out, err = process.communicate(stdin, self.timeout)
            except subprocess.TimeoutExpired as late:
                raise self._late(arguments[0], writes=writes) from late
            finally:
                _end(process)
        ran = Ran(process.returncode, out, _without(err.decode("utf-8", "replace"), hidden))
        if len(out) > _MOST_BYTES:
            raise Permanent(f"git {arguments[0]}: the answer is larger than {_MOST_BYTES:,} bytes; ask for less")
        if ran.code in accept:
            return ran
        raise refusal(arguments[0], ran.code, ran.err, writes=writes)

    def _late(self, what: str, *, writes: bool) -> ToolError:
        told = f"git {what} gave no answer within {self.timeout:g} s and was ended"
        return OutcomeUnknown(f"{told}; it may have been carried out") if writes else Transient(told)


@lru_cache(maxsize=8)
def _version(found: str, written: int, timeout: float) -> str:  # noqa: ARG001 - another file is another git
    return Program(timeout).run("version", cwd=Path("/"), environment=environment()).text


def _started(
    program: str, arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - the arguments are a list, and no shell reads them
            (program, *arguments),
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # its own process group, so that its children end with it
        )
    except OSError as refused:
        raise Permanent(f"git could not be started in {cwd}: {refused.strerror or refused}") from refused


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _found() -> str:
    if (found := shutil.which("git", path=_path())) is None:
        raise Permanent("git is not installed on this machine; on Debian or Ubuntu: apt install git")
    return found


def _path() -> str:
    # A relative entry would let a repository bring its own programs.
    entries = [each for each in os.environ.get("PATH", os.defpath).split(os.pathsep) if each.startswith("/")]
    return os.pathsep.join(entries)


def environment(
    more: Mapping[str, str] | None = None, settings: Sequence[tuple[str, str]] = (), passed: Sequence[str] = ()
) -> dict[str, str]:
    """Return the whole environment of one run of git: the fixed part, `more`, and settings as if given by `-c`.

    `passed` are names of the machine's own environment that it sees too.
    """
    kept = {name: os.environ[name] for name in passed if name in os.environ}
    made = {**_FIXED, "PATH": _path(), **kept, **(more or {})}
    listed = (*_SETTINGS, *settings)
    made["GIT_CONFIG_COUNT"] = str(len(listed))
    for place, (name, value) in enumerate(listed):
        made[f"GIT_CONFIG_KEY_{place}"], made[f"GIT_CONFIG_VALUE_{place}"] = name, value
    return made


def asking_for_settings() -> dict[str, str]:
    """Return the environment for `git config --get`, which runs nothing: here the user's own settings count too."""
    kept = {name: os.environ[name] for name in ("HOME", "XDG_CONFIG_HOME") if name in os.environ}
    return {"LC_ALL": "C", "PATH": _path(), "GIT_CONFIG_NOSYSTEM": "1", **kept}


def _without(text: str, hidden: Sequence[str]) -> str:
    for each in hidden:
        text = text.replace(each, "***") if each else text
    return text
