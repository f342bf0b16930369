"""The action space: every tool by its name; names that a person could mistake for each other are refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from doer.connectors.tools.declaration import check_manifest
from doer.domain.action import Manifest
from doer.domain.errors import UsageError
from doer.domain.ports import Tool

# Names are ASCII, so what can be mistaken is: case, separators, and the look-alikes that are left in ASCII
# (the ASCII part of Unicode TR 39, confusables). Order matters: pairs of letters first.
_LOOK_ALIKE = (("-", "_"), (".", "_"), ("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("i", "l"))


def skeleton(name: str) -> str:
    """Return what the name looks like at a glance: two names with one skeleton can be mistaken (Unicode TR 39)."""
    seen = name.lower()
    for one, other in _LOOK_ALIKE:
        seen = seen.replace(one, other)
    return seen


class Catalog:
    """Tools by name, fixed once made. Raises UsageError for a malformed manifest, a duplicate or a look-alike name."""

    __slots__ = ("_manifests", "_tools")

    def __init__(self, tools: Iterable[Tool]) -> None:
        by_name: dict[str, Tool] = {}
        seen: dict[str, str] = {}
        manifests: list[Manifest] = []
        for tool in tools:
            manifest = check_manifest(tool.manifest)
            name = manifest.name
            if name in by_name:
                raise UsageError(f"two tools are called {name}; name one of them differently (or its connection)")
            if (other := seen.setdefault(skeleton(name), name)) != name:
                raise UsageError(
                    f"the tool names {other!r} and {name!r} look alike; rename one, so that nobody mistakes it"
                )
            by_name[name] = tool
            manifests.append(manifest)
        self._tools = by_name
        self._manifests = tuple(sorted(manifests, key=lambda each: each.name))

    def find(self, name: str) -> Tool | None:
        """Return the tool of exactly that name, if there is one."""
        return self._tools.get(name)

    def manifests(self) -> Sequence[Manifest]:
        """Return the manifests of all tools, by name, as they were when the catalog was made."""
        return self._manifests
