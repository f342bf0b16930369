"""How the arguments of the archive tools become deeds of the file tools, and the reading of a list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from doer.connectors.tools.archive.packing import pack
from doer.connectors.tools.archive.unpacking import members, unpack
from doer.connectors.tools.files.deed import Deed, MakeTree
from doer.connectors.tools.files.disk import Disk
from doer.connectors.tools.files.place import Place, parse, text_argument
from doer.connectors.tools.files.plans import place_of, written
from doer.connectors.tools.files.view import LARGEST_KEPT, View
from doer.domain.errors import Permanent
from doer.domain.value import Json, JsonObject

_MOST_NAMED = 8
_CALLED = re.compile(
    r"^\s*(?:(?:the|a|my)\s+)?(?:new\s+)?(?:folder|directory|file)\s+(?:called\s+)?(?=\S)", re.IGNORECASE
)


def create_archive(view: View, arguments: JsonObject) -> Sequence[Deed]:
    """Pack files and folders into a new zip."""
    target = place_of(view, arguments)
    if not target[-1].lower().endswith(".zip"):
        raise Permanent(f"{'/'.join(target)} does not end with .zip, the one kind of archive that is made here")
    given = arguments.get("sources")
    if isinstance(given, str) or not isinstance(given, Sequence) or not given:
        raise Permanent("sources must be a list of files and folders")
    view.folder_above(target)
    if view.at(target) is not None:
        raise Permanent(f"{'/'.join(target)} is there already; it is never overwritten: choose another name")
    places = [_source(view, {"sources": each}) for each in given]
    packed = pack(view, list(dict.fromkeys(places)), target)
    note = f"packs {_listed(packed.names)}; {packed.size:,} bytes" if packed.content is not None else ""
    return written(view, target, packed.content, "", note)


def extract_archive(view: View, arguments: JsonObject) -> Sequence[Deed]:
    """Unpack an archive into a new folder."""
    source, folder = (
        place_of(view, arguments),
        place_of(view, {"output": bare_name(text_argument(arguments, "output"))}, "output"),
    )
    entry = view.at(source)
    if entry is None:
        raise Permanent(f"{'/'.join(source)} is not there")
    view.folder_above(folder)
    if view.at(folder) is not None:
        raise Permanent(
            f"{'/'.join(folder)} is there already; unpack into a new folder, so that nothing is overwritten"
        )
    content = view.content(source, entry)
    if content is None:
        return [MakeTree(folder, None)]
    found = unpack(content, folder, view.protected)
    names = ["/".join(each) for each in sorted(found.files)]
    return [MakeTree(folder, found.files, found.folders, f"unpacks {_listed(names)}; {found.size:,} bytes")]


def _source(view: View, argument: JsonObject) -> Place:
    """Return what is to be packed: what is there under that name, else under the name without `the folder` before it."""
    place = place_of(view, argument, "sources")
    bare = bare_name(text_argument(argument, "sources"))
    return place if view.at(place) is not None else place_of(view, {"sources": bare}, "sources")


def bare_name(said: str) -> str:
    """Return a name without `the folder` before it, which people say and planners keep."""
    return _CALLED.sub("", said, count=1)


def list_archive(disk: Disk, arguments: JsonObject, protected: Sequence[str]) -> Json:
    """Return path, entries (name, kind, size, modified) as the archive tells them, count, and bytes in all."""
    place = parse(text_argument(arguments, "path"), protected)
    entry = disk.look(place)
    if entry is None or entry.is_folder:
        raise Permanent(f"{'/'.join(place) or 'the workspace'} is {'a folder' if entry else 'not there'}; name a file")
    found = members(disk.read(place, LARGEST_KEPT))
    entries: list[Mapping[str, Json]] = [
        {"name": _readable(each.name), "kind": each.kind, "size": each.size, "modified": each.modified}
        for each in found
    ]
    size = sum(each.size for each in found)
    return {"path": "/".join(place), "entries": entries, "count": len(found), "size": size}


def _readable(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more if names else "nothing"
