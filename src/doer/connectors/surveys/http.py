"""An HTTP interface surveyed: one path asked for with the credential and without it, which alone tells whether it counts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from doer.connectors.surveys.survey import Ability, Survey
from doer.connectors.tools.http.address import Origin
from doer.connectors.tools.http.manifests import door_of
from doer.connectors.tools.http.site import Door, Habits, Site
from doer.connectors.tools.http_outcome import refused
from doer.domain.ports import Credential

_NOT_LET_IN = (401, 403)


@dataclass(frozen=True, slots=True)
class HttpSurveyor:
    """Looks at one HTTP interface; that nothing is there is an answer too, and proves nothing by itself."""

    site: Site
    path: str
    abilities: tuple[Ability, ...] = ()

    async def survey(self) -> Survey:
        """Return what was answered, and whether the credential is proven.

        Raises CredentialRefused (401), Permanent (403, and a path that may not be read here), Transient.
        """
        path = self.site.to_read(self.path)
        status = await self._asked(self.site, path)
        told = f"GET {path} answered" if _is_well(status) else f"GET {path} answered {status}"
        if not self.site.door.header:
            return Survey(told, self.abilities)
        anybody = await self._asked(replace(self.site, door=Door()), path, let_in=False)
        proven = anybody in _NOT_LET_IN or (_is_well(status) and not _is_well(anybody))
        alike = f"GET {path} is answered {status} to anybody alike"
        advice = f"{alike}, so the credential was not proven: give --probe PATH, one that only you may read"
        return Survey(told, self.abilities, unproven="" if proven else advice)

    async def _asked(self, site: Site, path: str, *, let_in: bool = True) -> int:
        async with site.open() as wire:
            answer = await wire.probe(path)
        if answer.status_code >= 500 or (let_in and answer.status_code in _NOT_LET_IN):
            raise refused(answer, "read", f"GET {site.base.url(path)}")
        return answer.status_code


def _is_well(status: int) -> bool:
    return 200 <= status < 300


def http_surveyor(  # noqa: PLR0913 - a connection's settings, all by name
    name: str,
    url: str,
    path: str,
    *,
    auth: str,
    username: str | None,
    credential: Credential | None,
    readable: tuple[str, ...],
    timeout: float,
    abilities: tuple[Ability, ...],
) -> HttpSurveyor:
    """Return the surveyor of an interface that asks for `path`. Raises UsageError for settings that do not fit each other."""
    door = door_of(name, auth, username, credential)
    site = Site(name, Origin.of(name, url), door, readable, (), Habits(), timeout, asyncio.sleep)
    return HttpSurveyor(site, path, abilities)
