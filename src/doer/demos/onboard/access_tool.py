"""A tool for the access application, written with the public decorator as a user of doer would write one."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from urllib.parse import quote

import httpx2
from pydantic import BaseModel

from doer.connectors.tools.function import tool
from doer.domain.action import Change, Intent, Preview, Receipt
from doer.domain.errors import OutcomeUnknown, Permanent, Transient
from doer.domain.outcome import Absent, Conflict, Partial, Refuted, Reversal, Undone, Unknown, Verification, Verified
from doer.domain.ports import Tool
from doer.domain.value import Hole, Json, JsonObject, Key

_SHOWN = ("person", "resource", "level")


class Granted(BaseModel):
    """What the application calls the grant."""

    id: str
    etag: str


def access_tool(url: str, token: str, timeout: float = 5.0) -> Tool:
    """Return the tool `access.grant` for the application at `url`."""
    api = _Api(url, token, timeout)

    @tool(
        name="access.grant",
        effect="write",
        once=True,
        roles={"person": "destination", "resource": "authority", "level": "authority"},
        examples=("grant {person} {level} access to {resource}", "give {person} {level} rights on {resource}"),
    )
    async def grant(  # noqa: D417  # key and before are handed in by doer
        person: str, resource: str, level: str, key: Key, before: Sequence[Change]
    ) -> Receipt:
        """Grant somebody a level of access to a resource.

        Args:
            person: Mail address of whoever gets access.
            resource: What it is access to, e.g. repo.
            level: What may be done there: read, write, run, use or admin.
        """
        version = next((change.version for change in before), None)
        content = {"person": person, "resource": resource, "level": level, "reference": key}
        condition = {"If-Match": version} if version else {"If-None-Match": "*"}
        others = await _others(api, person, resource)
        status, made = await api.ask("PUT", api.grant(person, resource), content, condition)
        if status == 412:
            status, made = await api.ask("GET", api.grant(person, resource))
            if made.get("reference") != key:
                raise Permanent(f"the access of {person} to {resource} was changed by somebody else meanwhile")
        resource_uri = _uri(person, resource)
        previous = next((change.before for change in before), None)
        done = Granted(id=str(made["id"]), etag=str(made["etag"]))
        now = await _others(api, person, resource)
        changed: list[Json] = [each for each in others if now.get(each) != others[each]]
        undo: Json = {"person": person, "resource": resource, "previous": previous, "reference": key, "beside": changed}
        return Receipt(done.model_dump(), {resource_uri: done.etag}, undo)

    @grant.preview
    async def _(person: str, resource: str, level: str, pending: Sequence[Change]) -> Preview:
        wanted = {"person": person, "resource": resource, "level": level}
        planned = [change.after for change in pending if change.resource == _uri(person, resource)]
        if planned:
            return Preview((Change(_uri(person, resource), planned[-1], wanted),))
        if isinstance(person, Hole) or isinstance(resource, Hole):
            return Preview((Change(_uri(person, resource), None, wanted),))
        status, found = await api.ask("GET", api.grant(person, resource))
        current = None if status == 404 else _shown(found)
        version = None if status == 404 else str(found["etag"])
        return Preview((Change(_uri(person, resource), current, wanted, version=version),))

    @grant.verify
    async def _(intent: Intent, receipt: Receipt | None = None) -> Verification:
        return await _read_back(api, intent, receipt)

    @grant.undo
    async def _(receipt: Receipt) -> Reversal:
        return await _take_back(api, receipt)

    return grant


async def _read_back(api: _Api, intent: Intent, receipt: Receipt | None) -> Verification:
    person, resource = str(intent.arguments["person"]), str(intent.arguments["resource"])
    wanted = {name: intent.arguments[name] for name in _SHOWN}
    status, found = await api.ask("GET", api.grant(person, resource))
    before = intent.changes[0].before if intent.changes else None
    if strays := await _strays(api, person, resource, intent.key):
        return Refuted(
            f"there is a second grant under our reference: {', '.join(str(each['id']) for each in strays)}",
            receipt or _receipt(intent),
        )
    if status == 404:
        return Absent("there is no such grant") if before is None else Refuted("the grant is gone", receipt)
    if found.get("reference") != intent.key:
        return Absent("the grant is as it was") if _shown(found) == before else Refuted("somebody else's grant")
    made = receipt or _receipt(intent, {"id": found["id"], "etag": found["etag"]}, str(found["etag"]))
    if _shown(found) != wanted:
        return Refuted(f"the grant reads {_shown(found)}", made)
    if receipt is not None and receipt.versions.get(_uri(person, resource)) != found["etag"]:
        return Refuted("the grant was written again since", made)
    beside = made.undo.get("beside") if isinstance(made.undo, Mapping) else None
    if beside:
        return Unknown(
            f"in the moment of the write others changed too, by it or by somebody else: {beside}", final=True
        )
    return Verified(made, f"{person} has {found['level']} on {resource}")


def _receipt(intent: Intent, result: Json = None, etag: str | None = None) -> Receipt:
    """Return the receipt of a write whose answer was lost; without an ETag, of one that is not where it should be."""
    person, resource = str(intent.arguments["person"]), str(intent.arguments["resource"])
    previous = intent.changes[0].before if intent.changes else None
    undo: Json = {"person": person, "resource": resource, "previous": previous, "reference": intent.key}
    return Receipt(result, {} if etag is None else {_uri(person, resource): etag}, undo)


async def _take_back(api: _Api, receipt: Receipt) -> Reversal:
    kept = receipt.undo
    if not isinstance(kept, Mapping):
        raise Permanent("this receipt is not one of access.grant")
    person, resource, previous = str(kept["person"]), str(kept["resource"]), kept["previous"]
    uri, path = _uri(person, resource), api.grant(person, resource)
    # Written first and read then: a conditional write is never answered from an old state, as a read may be.
    condition = {"If-Match": receipt.versions.get(uri, '"none"')}
    reference = Key(str(kept["reference"]))
    others = await _others(api, person, resource)
    if previous is None:
        status, _ = await api.ask("DELETE", path, None, condition)
    else:
        status, _ = await api.ask("PUT", path, previous, condition)
    refused = status in (404, 412)
    status, found = await api.ask("GET", path)
    current = None if status == 404 else _shown(found)
    if current != previous:
        if refused:
            return Conflict(f"somebody changed the access of {person} to {resource} since")
        raise OutcomeUnknown("the application took the undo, and does not show it")
    ours = await _strays(api, person, resource, reference)
    for stray in ours:
        await _remove(api, stray)  # it bears the reference of this very action: nobody else made it
    if left := await _strays(api, person, resource, reference):
        return Partial(f"there is still {', '.join(str(each['id']) for each in left)} under our reference")
    versions = {} if status == 404 else {uri: str(found["etag"])}
    now = await _others(api, person, resource)
    beside = [each for each in others if now.get(each) != others[each] and each not in [str(one["id"]) for one in ours]]
    if beside:
        told = ", ".join(beside)
        return Partial(
            f"it is as it was before, but in that moment others changed too, by it or by somebody: {told}", versions
        )
    return Undone(versions, "read back as it was before")


async def _remove(api: _Api, stray: JsonObject) -> None:
    await api.ask("DELETE", "/grants/" + quote(str(stray["id"]), safe=""), None, {"If-Match": str(stray["etag"])})


async def _strays(api: _Api, person: str, resource: str, key: Key) -> list[JsonObject]:
    """Other grants under our key: a write that was doubled or misplaced, for whomever."""
    _, found = await api.ask("GET", "/grants")
    listed = found.get("grants")
    grants = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
    here = f"{person}:{resource}"
    return [each for each in grants if each.get("reference") == key and each.get("id") != here]


async def _others(api: _Api, person: str, resource: str) -> dict[str, Json]:
    """Every other grant's version: what changes in the moment of our write may have been changed by it."""
    _, found = await api.ask("GET", "/grants")
    listed = found.get("grants")
    grants = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
    return {str(each["id"]): each["etag"] for each in grants if each["id"] != f"{person}:{resource}"}


def _uri(person: str, resource: str) -> str:
    return f"access:grants/{person}:{resource}"


def _shown(grant: JsonObject) -> dict[str, Json]:
    return {name: grant[name] for name in _SHOWN}


class _Api:
    """The application's HTTP interface, with failures told as what they mean for the world."""

    def __init__(self, url: str, token: str, timeout: float) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._timeout = timeout
        # Loading the system's authorities takes 25 ms a client; over plain http nobody's certificate is looked at.
        self._trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if url.startswith("http://") else True

    def grant(self, person: str, resource: str) -> str:
        return "/grants/" + quote(f"{person}:{resource}", safe="")

    async def ask(
        self, method: str, path: str, content: Json = None, condition: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Json]]:
        """Return the status (2xx, 404 or 412) and the answer's object."""
        reads = method == "GET"
        try:
            async with httpx2.AsyncClient(
                base_url=self._url, headers=self._headers, timeout=self._timeout, verify=self._trust
            ) as client:
                answer = await client.request(method, path, json=content, headers=condition)
        except httpx2.ConnectError as failure:
            raise Transient(f"the access application is not reachable: {failure}") from failure
        except httpx2.HTTPError as failure:
            raise (Transient if reads else OutcomeUnknown)(f"access: {type(failure).__name__} {failure}") from failure
        if answer.status_code >= 500:
            raise (Transient if reads else OutcomeUnknown)(f"access: the application answered {answer.status_code}")
        if answer.status_code not in (200, 201, 204, 404, 412):
            raise Permanent(f"access: the application answered {answer.status_code}: {answer.text[:200]}")
        if not answer.content:
            return answer.status_code, {}
        try:
            parsed = answer.json()
        except ValueError as rubbish:
            raise (Transient if reads else OutcomeUnknown)("access: the answer is not JSON") from rubbish
        return answer.status_code, parsed if isinstance(parsed, dict) else {}
