"""What git's refusals mean: whether anything can have been changed, whose fault it is, and what to do next."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from doer.domain.errors import CredentialRefused, OutcomeUnknown, Permanent, ToolError, Transient

_Kind: TypeAlias = Literal["credential", "later", "never"]

# First match counts; what is left of these, and came from a write, is an unknown outcome.
_MEANINGS: tuple[tuple[str, _Kind, str], ...] = (
    (
        r"Authentication failed|could not read (Username|Password)|returned error: 401|Permission denied \(publickey",
        "credential",
        "the remote does not accept the credential: connect again with a valid one",
    ),
    (r"returned error: 403", "never", "this user may not do that: ask the remote's administrator for the right"),
    (r"Host key verification failed", "never", "the host is not known: add its key to ~/.ssh/known_hosts"),
    (r"SSL certificate|certificate verif", "never", "the server's certificate is not trusted"),
    (r"redirect", "never", "the address moved: set the new one"),
    (r"transport '.*' not allowed", "never", "only https, http, ssh and file addresses are used"),
    (
        "Could not resolve host|Failed to connect|Couldn't connect|Connection refused|Connection timed out|No route to",
        "later",
        "the remote was not reached, nothing was sent",
    ),
    (r"unable to access .*error: 5\d\d|unable to access .*(Empty reply|Recv failure)", "later", "nothing was sent"),
    (
        r"repository '.*' not found|does not appear to be a git repository|returned error: 404|does not exist",
        "never",
        "there is no repository at that address",
    ),
    (r"unable to access|not valid: (is this|could not)|protocol error: bad line", "later", "nothing was sent"),
    (r"not a git repository", "never", "that folder is not a git repository: clone it, or name another one"),
    (r"must be run in a work tree", "never", "it is a bare repository, without files: name a clone of it"),
    (r"dubious ownership", "never", "another user owns the folder: git does not trust it, and neither does doer"),
    (r"\.lock': File exists|cannot lock ref .*: Unable to create", "later", "another git is at work there"),
    (r"No space left|Disk quota", "later", "the disk is full: free space"),
    (r"beyond a symbolic link|outside repository", "never", "links are not followed: name the file itself"),
    (r"did not match any file", "never", "there is no such file, and git knows none of that name"),
    (r"paths are ignored", "never", "a .gitignore leaves it out: add it by hand if it shall be there"),
    (r"unknown option|is not a git command", "never", "this git is too old: upgrade it"),
    (r"Permission denied|insufficient permission", "never", "the files of the repository may not be written"),
)


def refusal(what: str, code: int, said: str, *, writes: bool) -> ToolError:
    """Return what a failed `git WHAT` means.

    CredentialRefused, Permanent and Transient: nothing was changed; OutcomeUnknown: a write that was on its way.
    """
    told = f"git {what}: {shown(said) or f'ended with {code}'}"
    for pattern, kind, advice in _MEANINGS:
        if re.search(pattern, said, re.IGNORECASE | re.DOTALL):
            if kind == "credential":
                return CredentialRefused(f"{told}; {advice}")
            return Transient(f"{told}; {advice}") if kind == "later" else Permanent(f"{told}; {advice}")
    if writes:
        return OutcomeUnknown(f"{told}; it may have been carried out")
    if re.search(r"hung up|early EOF|RPC failed|unexpected disconnect|Connection reset", said, re.IGNORECASE):
        return Transient(f"{told}; the connection was cut")
    return Permanent(told)


def shown(said: str) -> str:
    """Return git's words in one line that a person can read, without passwords in addresses."""
    lines = [re.sub(r"^(fatal|error|remote|hint): ?", "", line).strip() for line in said.splitlines()]
    line = " / ".join(each for each in lines if each)
    line = re.sub(r"//[^/@\s]*@", "//", line)
    return "".join(sign if sign.isprintable() else "?" for sign in line)[:400]
