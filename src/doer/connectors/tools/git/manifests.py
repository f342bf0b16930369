"""What each git tool says of itself."""

from __future__ import annotations

from collections.abc import Sequence

from doer.connectors.tools.git.names import MOST_PATHS
from doer.domain.action import Effect, Manifest, Role
from doer.domain.value import Json, JsonObject

_TEXT: JsonObject = {"type": "string"}
_COUNT: JsonObject = {"type": ["integer", "null"]}
_BRANCH: JsonObject = {"type": "string", "description": "A branch, such as main or feature/login."}
_TAG: JsonObject = {"type": "string", "description": "A tag, such as v1.2.0."}
_AT: JsonObject = {"type": "string", "description": "Branch, tag or commit that it points to; else the one in use."}
_MESSAGE: JsonObject = {"type": "string", "description": "The message."}
_PATHS: JsonObject = {
    "type": "array",
    "items": {"type": "string", "format": "path"},
    "minItems": 1,
    "maxItems": MOST_PATHS,
    "description": "Files or folders, from the repository's top; without it, everything that changed.",
}
_ROLES: dict[str, Role] = {"branch": "destination", "tag": "destination", "paths": "content", "at": "content"}


def _manifest(  # noqa: PLR0913 - the parts of a manifest, by name
    name: str,
    description: str,
    properties: dict[str, Json],
    examples: Sequence[str],
    result: dict[str, Json],
    *,
    required: Sequence[str] = (),
    effect: Effect = "write",
    issued: Sequence[str] = (),
    timeout: float,
    patterns: Sequence[str] = (),
) -> Manifest:
    return Manifest(
        name=name,
        description=description,
        parameters={
            "type": "object",
            "properties": properties,
            "required": list(required),
            "additionalProperties": False,
            **({"x-said": {"patterns": list(patterns)}} if patterns else {}),
        },
        effect=effect,
        result={"type": "object", "properties": result, "required": sorted(result)},
        examples=tuple(examples),
        once=True,
        roles={each: _ROLES[each] for each in properties if _ROLES.get(each) == "destination" and effect != "read"},
        issued=tuple(issued),
        timeout=timeout,
    )


_CHANGED = (
    "[everything|all changes|all my changes|all the changes|my changes|the changes|what I changed|only|just] [in|to|of|from]"
    " [only|just] [the] [folder|file|files]"
)
_WITH_MESSAGE = "[[with|and] [the] message {message}|as {message}|saying {message}|: {message}]"


def commit(name: str, timeout: float) -> Manifest:
    """Commit files."""
    return _manifest(
        f"{name}.commit",
        "Commit exactly these files, with everything new, changed and deleted in these folders, on the current branch.",
        {"paths": _PATHS, "message": _MESSAGE},
        (
            "commit {paths} with message {message}",
            "commit {paths} with the message {message}",
            "commit everything in {paths}",
            "commit everything in {paths} with message {message}",
            "commit all changes in {paths} as {message}",
            "commit the file {paths}: {message}",
            "commit {paths}",
            "commit all changes",
            "commit everything",
            "commit all changes with message {message}",
            "git commit {paths} -m {message}",
        ),
        {"commit": _TEXT, "branch": _TEXT, "message": _TEXT},
        issued=("commit",),
        timeout=timeout,
        patterns=(
            f"(commit|check in) [only|just] {_CHANGED} {{paths}} [folder] [only|alone] {_WITH_MESSAGE} [, (and|but) (don't|do not) push [it|them|anything] [yet]]",
            f"(commit|check in) {_CHANGED} {{paths}} [folder] {_WITH_MESSAGE} (and|but) (don't|do not) push [it|them|anything] [yet]",
            "(commit|check in) (everything|all changes|all my changes|all) [with] [the] message {message}",
        ),
    )


def create_branch(name: str, timeout: float) -> Manifest:
    """Create a branch."""
    return _manifest(
        f"{name}.create_branch",
        "Create a branch; the one in use stays in use.",
        {"branch": _BRANCH, "at": _AT},
        (
            "create a branch {branch}",
            "create the branch {branch}",
            "create a branch called {branch}",
            "create a new branch {branch} from {at}",
            "make a branch {branch}",
            "make a new branch called {branch}",
            "branch off {at} as {branch}",
            "start a branch {branch}",
        ),
        {"branch": _TEXT, "commit": _TEXT},
        required=("branch",),
        timeout=timeout,
        patterns=(
            "(create|make|start|open|begin|set up) [me] (a|the|another) [new] [git] branch [called|named] {branch} [for me]",
            "(I need|we need|I want|I'd like) (a|another) [new] [git] branch [called|named] {branch}",
        ),
    )


def tag(name: str, timeout: float) -> Manifest:
    """Create a tag."""
    return _manifest(
        f"{name}.tag",
        "Tag a commit; with a message, an annotated tag. A tag is never moved.",
        {"tag": _TAG, "message": _MESSAGE, "at": _AT},
        (
            "tag this as {tag}",
            "tag this {tag}",
            "tag the repository as {tag}",
            "tag {at} as {tag}",
            "tag the current state as {tag}",
            "tag the current commit as {tag}",
            "tag the latest commit {tag}",
            "tag the last commit on {at} as {tag}",
            "tag the last commit as {tag}",
            "tag the current state of {at} as {tag}",
            "tag the branch {at} as {tag}",
            "create a tag {tag}",
            "create the tag {tag} with message {message}",
            "tag the release {tag}: {message}",
            "set the tag {tag} on {at}",
        ),
        {"tag": _TEXT, "commit": _TEXT},
        required=("tag",),
        timeout=timeout,
        patterns=(
            "(tag|label|mark) [the|this|our] [current|latest|present|last] (version|state|commit|revision|release|code|head|repository|repo|one) (as|with) [the tag] {tag}",
            "(create|add|make|set|put) [a|the] [new] tag [called|named] {tag} (here|now|on this|on the current commit|on the last commit|on the current state)",
        ),
    )


def push_branch(name: str, timeout: float) -> Manifest:
    """Push a branch."""
    return _manifest(
        f"{name}.push",
        "Push a branch to the remote, forward only; without a branch, the current one.",
        {"branch": _BRANCH},
        (
            "push",
            "push {branch}",
            "push the branch {branch}",
            "push the current branch",
            "push my commits",
            "push branch {branch} to the remote",
            "git push {branch}",
            "publish the branch {branch}",
        ),
        {"branch": _TEXT, "remote": _TEXT, "commit": _TEXT},
        timeout=timeout,
    )


def push_tag(name: str, timeout: float) -> Manifest:
    """Push a tag."""
    return _manifest(
        f"{name}.push_tag",
        "Push a tag to the remote, where no tag is called so.",
        {"tag": _TAG},
        (
            "push the tag {tag}",
            "push tag {tag} to the remote",
            "push the tag {tag} to the remote",
            "publish the tag {tag}",
            "git push tag {tag}",
        ),
        {"tag": _TEXT, "remote": _TEXT, "commit": _TEXT},
        required=("tag",),
        timeout=timeout,
    )


def clone(name: str, timeout: float) -> Manifest:
    """Clone the repository."""
    return _manifest(
        f"{name}.clone",
        "Clone the connection's repository to its folder, which must not be there yet.",
        {},
        ("clone the repository", f"clone {name}", "get a copy of the repository", "clone the git repository"),
        {"remote": _TEXT, "branch": _TEXT, "commit": _TEXT},
        timeout=timeout,
    )


def status(name: str, timeout: float) -> Manifest:
    """Say what changed."""
    changed: JsonObject = {"type": "object", "properties": {"path": _TEXT, "change": _TEXT}}
    return _manifest(
        f"{name}.status",
        "What changed since the last commit, the branch, and how far it is from the remote's.",
        {},
        (
            "what changed in the repository?",
            "what has changed in the repository",
            "show the git status",
            "git status",
            "which files are not committed yet?",
            "which files did I change?",
            "which files have changed?",
            "what did I change?",
            "is the repository clean?",
            "which branch am I on?",
        ),
        {
            "branch": {"type": ["string", "null"]},
            "commit": {"type": ["string", "null"]},
            "changed": {"type": "array", "items": changed},
            "untracked": {"type": "array", "items": _TEXT},
            "clean": {"type": "boolean"},
            "ahead": _COUNT,
            "behind": _COUNT,
        },
        effect="read",
        timeout=timeout,
        patterns=(
            "(what|which files|which changes) (have I|did I|do I have|are) [still] (not committed|not commit|uncommitted|not yet committed) [yet|so far]",
            "(what is|what's|which files are) [still] (not committed|uncommitted|not yet committed) [yet]",
            "(show|list) [me] [my|the] (uncommitted|open|pending|local) (changes|files)",
            "(what|which files) (did I change|have I changed|did we change|has changed|have changed|changed|was changed|were changed) (since the last commit|since the latest commit|since I last committed|in the repository|in the repo|so far)",
            "(is there|are there|do I have|have I got) (anything|any changes|something|changes) [left] (to commit|uncommitted|not committed|that is not committed|that are not committed)",
        ),
    )


def log(name: str, timeout: float) -> Manifest:
    """List commits."""
    names = ("commit", "author", "email", "date", "subject")
    entry: JsonObject = {"type": "object", "properties": dict.fromkeys(names, _TEXT)}
    return _manifest(
        f"{name}.log",
        "The latest commits of a branch, newest first.",
        {
            "branch": _BRANCH,
            "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "description": "At most so many; 20."},
        },
        (
            "show the last {limit} commits",
            "show the latest commits",
            "what was committed on {branch}?",
            "list the commits of {branch}",
            "who committed last?",
            "git log",
        ),
        {"commits": {"type": "array", "items": entry}, "count": {"type": "integer"}},
        effect="read",
        timeout=timeout,
        patterns=(
            "(show|list|show me|give me|get me|what are|what were) [the|my|our] (last|latest|recent|most recent|newest) [{limit}] commits [on [the] [branch] {branch}]",
            "(show|list|show me|give me) [the] [whole] (history|commit history|log) [of [the] [branch] {branch}]",
        ),
    )


def branches(name: str, timeout: float) -> Manifest:
    """List branches and tags."""
    entry: JsonObject = {"type": "object", "properties": {"name": _TEXT, "commit": _TEXT}}
    listed: JsonObject = {"type": "array", "items": entry}
    return _manifest(
        f"{name}.branches",
        "The branches and tags, here and as last seen at the remote.",
        {},
        (
            "list the branches",
            "which branches are there?",
            "show all branches",
            "list the tags",
            "which tags are there?",
        ),
        {
            "current": {"type": ["string", "null"]},
            "branches": listed,
            "remote_branches": listed,
            "tags": listed,
        },
        effect="read",
        timeout=timeout,
    )


def diff(name: str, timeout: float) -> Manifest:
    """Show a difference."""
    return _manifest(
        f"{name}.diff",
        "The difference between files and the last commit, as a patch.",
        {"path": {"type": "string", "format": "path", "description": "A file or folder; else everything."}},
        (
            "what changed in {path}?",
            "show the diff of {path}",
            "show the changes in {path}",
            "show the diff",
            "git diff {path}",
        ),
        {"patch": _TEXT, "complete": {"type": "boolean"}},
        effect="read",
        timeout=timeout,
    )
