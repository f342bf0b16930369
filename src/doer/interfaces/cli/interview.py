"""The interview: from options, from doer.toml and from a person to the wish for one connection."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.text import Text

from doer.app.connecting import Connecting, Wish, with_url
from doer.app.given import Given, beside
from doer.app.toml_edit import Setting
from doer.connectors.secrets import read_reference
from doer.domain.errors import UsageError
from doer.interfaces.cli.connect_fields import FORMS, Field, Form, option_of, read_value
from doer.interfaces.cli.door import Door
from doer.interfaces.cli.look import NAME, QUIET, WARN, data
from doer.interfaces.cli.prompting import prompt, prompt_hidden

_NONE = "-"


@dataclass(slots=True)
class Interview:
    """What was said so far about one connection."""

    door: Door
    connecting: Connecting
    kind: str
    name: str
    options: Mapping[str, str]
    secret_option: str | None = None
    from_stdin: bool = False
    provider: Mapping[str, str | tuple[str, ...]] | None = None
    """Where a person agrees, as options say."""
    settings: dict[str, Setting] = field(default_factory=dict)
    in_address: Given = field(default_factory=lambda: Given(""))
    """A password and a user name that stood in an address."""
    agrees: bool = False
    """Whether a person is to agree now."""

    async def wish(self) -> Wish:
        """Return the wish. Raises UsageError for what is missing where nobody can be asked, and for what cannot be."""
        before = dict(self.connecting.existing(self.kind, self.name))
        reference = before.pop("secret", None)
        form = FORMS[self.kind]
        self._refuse_unknown(form)
        self.settings = before
        renews = bool(before) and not self.options and self.provider is None  # only its secret is new
        for each in form.fields:
            await self._field(each, ask=self.door.asks and not renews)
        if self.provider is not None:
            self.settings["oauth"] = self.provider
        if self.settings.get("oauth") is not None:
            self.agrees = renews or not reference or self.provider is not None
            return self._wished(f"secret://{self.name}", None)
        return await self._with_secret(form, str(reference) if reference is not None else None)

    def _refuse_unknown(self, form: Form) -> None:
        known = {each.key for each in form.fields}
        if strange := [f"--{each}" for each in self.options if each not in known]:
            options = ", ".join(f"--{each}" for each in sorted(known))
            raise UsageError(f"a {self.kind} connection has no {', '.join(strange)}; it takes {options}")

    async def _field(self, each: Field, *, ask: bool) -> None:
        text = self.options.get(each.key)
        if text is None and self._current(each):
            return
        idle = bool(each.unless) and self.settings.get(each.unless, "none") == "none"
        if text is None and ask and each.ask != "option" and not idle:
            text = await prompt(self.door, each.key, each.help, self._suggestion(each))
        if text is None and each.ask == "needed":
            text = self._suggestion(each)
        if text in (None, "", _NONE):
            if each.ask == "needed":
                raise UsageError(f"a {self.kind} connection needs {option_of(each)}: {each.help}")
            return
        value, stood = read_value(each, text)
        if stood.secret:
            self.in_address = stood
            self.door.warn(f"the password was taken out of {each.key}: it is kept apart, not in doer.toml")
        if (stood.username and each.key != "url") or (stood.username and self.kind != "database"):
            self.settings.setdefault("username", stood.username)
        self._put(each, value)

    def _current(self, each: Field) -> bool:
        allow = self.settings.get("allow")
        if each.key in ("read", "write"):
            return isinstance(allow, Mapping) and each.key in allow
        return each.key in self.settings

    def _put(self, each: Field, value: Setting) -> None:
        if each.key in ("read", "write"):
            assert isinstance(value, tuple)
            allow = self.settings.get("allow")
            self.settings["allow"] = {**(allow if isinstance(allow, Mapping) else {}), each.key: value}
        elif each.key == "timeout":
            self.settings["timeout"] = _seconds(str(value))
        else:
            self.settings[each.key] = value

    def _suggestion(self, each: Field) -> str:
        said = {key: str(value) for key, value in self.settings.items()}
        if each.key == "sender" and "@" in said.get("username", ""):
            return said["username"]
        if each.key == "imap" and "maildir" not in self.options:
            return beside(said.get("smtp", "")) if self.door.asks else ""
        return each.default

    async def _with_secret(self, form: Form, reference: str | None) -> Wish:
        if self.secret_option is not None:
            try:
                reference = str(read_reference(self.secret_option))
            except ValueError as wrong:
                raise UsageError(f"--secret: {wrong}") from None
            return self._wished(reference, None)
        secret = self._from_stdin() if self.from_stdin else self.in_address.secret
        if not secret and self._wants_secret(form) and not (reference or "").startswith("env://"):
            secret = await self._asked_secret(form, reference)
        if secret:
            return self._wished(f"secret://{self.name}", secret)
        return self._wished(reference, None)

    async def _asked_secret(self, form: Form, reference: str | None) -> str:
        keeps = (
            "Enter keeps the one that is there" if reference else "Enter for none" if form.wanted == "may be" else ""
        )
        if self.door.asks:
            called = f"{form.called} (not shown)"
            return await prompt_hidden(self.door, called, keeps)
        if reference is None and form.wanted != "may be":
            raise UsageError(
                f"a {self.kind} connection needs its {form.called}: give --secret-from-stdin, or --secret env://NAME"
            )
        return ""

    def _wants_secret(self, form: Form) -> bool:
        match form.wanted:
            case "needed":
                return True
            case "never":
                return False
            case "with username":
                return bool(self.settings.get("username") or self.settings.get("imap"))
            case "with auth":
                return self.settings.get("auth", "none") != "none"
            case "may be":
                return "@" in str(self.settings.get("url", "")) or str(self.settings.get("url", "")).startswith(
                    "https:"
                )

    def _wished(self, reference: str | None, secret: str | None) -> Wish:
        return Wish(self.kind, self.name, self.settings, reference, secret)

    def _from_stdin(self) -> str:
        secret = sys.stdin.read().rstrip("\r\n")
        if not secret:
            raise UsageError("--secret-from-stdin, and there was nothing on standard input")
        return secret

    async def calendar(self, wish: Wish, chosen: str) -> Wish:
        """Return the wish for one calendar out of those that the address leads to. Raises UsageError and ToolError."""
        found = await self.connecting.calendars(wish)
        if not found:
            raise UsageError(f"no calendar is found at {wish.settings['url']}; give the address of the calendar itself")
        listed = "\n".join(f"{number}  {each.name}" for number, each in enumerate(found, 1))
        if len(found) > 1 and not chosen and self.door.asks:
            for number, each in enumerate(found, 1):
                self.door.show(
                    Text.assemble((f"  {number}  ", "cyan"), data(each.name, NAME), "  ", data(each.key, QUIET))
                )
            chosen = await prompt(self.door, "calendar", "its number", "1")
        if len(found) > 1 and not chosen:
            raise UsageError(
                f"there are {len(found)} calendars; add --calendar with the number or name of one:\n{listed}"
            )
        named = [
            each
            for number, each in enumerate(found, 1)
            if chosen in (str(number), each.name, each.key, _last(each.key))
        ]
        if chosen and len(named) != 1:
            raise UsageError(f"no one calendar is {chosen!r:.80}; there are:\n{listed}")
        one = named[0] if named else found[0]
        if one.detail.get("writable") is not True:
            self.door.show(Text.assemble(("! ", WARN), data(one.name, NAME), " can only be read by you"))
        return with_url(wish, one.key)


def _last(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"--timeout {text!r:.40} is no number of seconds") from None
