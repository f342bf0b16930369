"""The tools of one HTTP connection on the test service, as the runtime would use them; waiting is only written down."""

from dataclasses import dataclass, field
from typing import Any

from tests.connectors.http_server import Service

from doer.connectors.tools.http import http_tools
from doer.domain.action import Change, Intent, Receipt
from doer.domain.outcome import Reversal, Verification
from doer.domain.ports import Tool
from doer.domain.value import Key

KEY = Key("0123456789abcdef")
ADA: dict[str, Any] = {"email": "ada@acme.example", "name": "Ada", "title": "Engineer"}
TICKET = "/tickets/4812"


@dataclass
class Desk:
    """The tools of one connection and the service behind it; waiting is written down instead of done."""

    service: Service
    settings: dict[str, Any] = field(default_factory=dict)
    waited: list[float] = field(default_factory=list)
    tools: dict[str, Tool] = field(default_factory=dict)

    def connect(self, url: str = "", **settings: Any) -> "Desk":
        async def sleep(seconds: float) -> None:
            self.waited.append(seconds)

        self.settings = {"writable": ("*",), "volatile": ("updated_at",), "timeout": 10.0, **settings}
        made = http_tools("crm", url or self.service.url, sleep=sleep, **self.settings)
        self.tools = {each.manifest.name.removeprefix("crm."): each for each in made}
        return self

    async def foresee(self, tool: str, pending: tuple[Change, ...] = (), **arguments: Any) -> tuple[Change, ...]:
        return tuple((await self.tools[tool].preview(arguments, pending)).changes)

    async def do(self, tool: str, key: Key = KEY, **arguments: Any) -> tuple[Intent, Receipt]:
        intent = Intent(arguments, key, await self.foresee(tool, **arguments))
        return intent, await self.tools[tool].apply(arguments, key, intent.changes)

    async def verify(self, tool: str, intent: Intent, receipt: Receipt | None = None) -> Verification:
        return await self.tools[tool].verify(intent, receipt)

    async def result(self, tool: str, **arguments: Any) -> Any:
        return (await self.tools[tool].apply(arguments, KEY, ())).result

    def ticket(self, key: str = "4812") -> dict[str, Any]:
        return self.service.data["tickets"][key]

    async def undo(self, tool: str, receipt: Receipt) -> Reversal:
        return await self.tools[tool].undo(receipt)
