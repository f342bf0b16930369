"""What a faulty server has seen of the real one: the records beside a record, and the answers to earlier reads."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from doer.testing.faults.payload import Json, as_json
from doer.testing.faults.pushes import is_fetch
from doer.testing.faults.wire import Answer, Request

_READS = frozenset({"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT", "SEARCH"})
_HREF = re.compile(rb"<(?:[A-Za-z0-9]+:)?href[^>]*>([^<]+)</", re.IGNORECASE)


def is_read(request: Request) -> bool:
    """Tell whether the request changes nothing, by its method; SCIM's POST to `/.search` is a read too (RFC 7644), and a fetch of git."""
    return request.method in _READS or request.path.endswith("/.search") or is_fetch(request)


def parent(path: str) -> str:
    """Return the collection that holds the record at `path`."""
    return path.rstrip("/").rpartition("/")[0]


@dataclass(slots=True)
class Sightings:
    """The records that went by, by collection, and the last answer to each read."""

    paths: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[tuple[str, str, str, bytes], Answer] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    """The records that somebody wrote through here."""

    def note(self, request: Request, answer: Answer) -> None:
        """Remember the records that this exchange names, and the answer when it was a read."""
        if is_read(request) and answer.status < 500:
            self.answers[_question(request)] = answer
        if not 200 <= answer.status < 300:
            return
        if request.method == "DELETE":
            known = self.paths.get(parent(request.path), [])
            self.paths[parent(request.path)] = [path for path in known if path != request.path]
            return
        if not is_read(request):
            self.written.update({request.path, unquote(request.path), urlsplit(answer.header("location")).path})
        for path in self._named(request, answer):
            known = self.paths.setdefault(parent(path), [])
            if path not in known:
                known.append(path)

    def remembered(self, request: Request) -> Answer | None:
        """Return what was answered to this read before."""
        return self.answers.get(_question(request))

    def frozen(self) -> Sightings:
        """Return what is remembered now, unmoved by what comes."""
        return Sightings({parent: list(paths) for parent, paths in self.paths.items()}, dict(self.answers))

    def beside(self, path: str) -> str | None:
        """Return another record of the same collection, if one went by."""
        return next((other for other in self.paths.get(parent(path), []) if other != path), None)

    def within(self, collection: str, but: str = "") -> str | None:
        """Return a record of the collection, if one went by."""
        return next((other for other in self.paths.get(collection.rstrip("/"), []) if other != but), None)

    def bystander(self, request: Request) -> str | None:
        """Return a record beside the one that is written which was there longest, so that it is likely somebody else's."""
        collection = request.path if request.method == "POST" else parent(request.path)
        ours = unquote(request.path)
        known = [other for other in self.paths.get(collection.rstrip("/"), []) if unquote(other) != ours]
        return next((other for other in known if other not in self.written), known[0] if known else None)

    def _named(self, request: Request, answer: Answer) -> list[str]:
        named = [urlsplit(answer.header("location")).path] if answer.status == 201 else []
        if request.method == "PUT" or (request.method in ("GET", "PATCH") and answer.header("etag")):
            named.append(request.path)
        named += [found.decode("latin-1") for found in _HREF.findall(answer.body)]
        return [path for path in (*named, *_listed(as_json(answer.body), request.path)) if path and path[-1] != "/"]


def _listed(body: Json, collection: str) -> list[str]:
    """Paths of the records in a JSON list: SCIM's Resources, or the only list of objects with an id."""
    values = [body] if isinstance(body, list) else list(body.values()) if isinstance(body, dict) else []
    lists = [value for value in values if isinstance(value, list)]
    ids = [each.get("id") for one in lists for each in one if isinstance(each, dict)]
    return [f"{collection.rstrip('/')}/{each}" for each in ids if isinstance(each, str)]


def _question(request: Request) -> tuple[str, str, str, bytes]:
    return (request.method, request.target, request.header("depth"), request.body)
