"""An answer to a mail, as mail programs make it: to whom, under which subject, in which thread, with what quoted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from doer.connectors.tools.mail.address import Address, address
from doer.connectors.tools.mail.message import Mail, mail_of
from doer.connectors.tools.mailbox.content import read_content
from doer.connectors.tools.mailbox.header import header, ids, people
from doer.connectors.tools.mailbox.letter import Letter, shown_date
from doer.domain.errors import Permanent
from doer.domain.value import Json, JsonObject

_MOST_REFERENCES = 20
_MOST_QUOTED_LINES = 200
_MOST_QUOTED = 10_000
# Re in other languages and programs: AW, SV, VS, Antw, RIF, RES, TR are answers; FW and FWD are not, and stay.
_ANSWER = re.compile(r"\s*(?:re|aw|sv|vs|antw|rif|res)(?:\[\d+\])?\s*:\s*", re.IGNORECASE)
_NOBODY = re.compile(r"(?:do[-_.]?)?not?[-_.]?reply|mailer-daemon", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answered:
    """A mail that is answered, and its content."""

    letter: Letter
    content: bytes

    def answer(self, arguments: JsonObject, sender: Address, files: Path | None) -> Mail:
        """Return the answer. Raises Permanent when the mail names nobody to answer, or nonsense was said."""
        to, cc = self.recipients(sender, everyone=arguments.get("everyone") is True)
        body = arguments.get("body")
        if not isinstance(body, str) or not body.strip():
            raise Permanent("body must be the text of the answer")
        said: dict[str, Json] = {
            "to": [each.header for each in to],
            "cc": [each.header for each in cc],
            "subject": self.subject(),
            "body": body if arguments.get("quote") is False else f"{body.rstrip()}\n\n{self.quoted()}",
            "attachments": arguments.get("attachments"),
        }
        mail = mail_of(said, sender, files)
        return Mail(
            mail.sender, mail.to, mail.cc, (), mail.subject, mail.body, mail.attachments, references=self.thread()
        )

    def recipients(self, me: Address, *, everyone: bool) -> tuple[list[Address], list[Address]]:
        """Return to whom it goes, and who gets a copy: Reply-To, else From; to our own mails, those they went to."""
        raw = self.letter.fetched.content
        own = me.plain.lower()
        to = _addresses(raw, "Reply-To") or _addresses(raw, "From")
        if to and all(each.plain.lower() == own for each in to):
            to = _addresses(raw, "To") or to
        if not to:
            raise Permanent(f"{self.letter.id} names no address that could be answered")
        if not everyone:
            return to, []
        known = {own, *(each.plain.lower() for each in to)}
        others = {each.plain.lower(): each for name in ("To", "Cc") for each in _addresses(raw, name)}
        return to, [each for plain, each in others.items() if plain not in known]

    def subject(self) -> str:
        """Return the subject with one "Re: " before it, however many answers there were (RFC 5322, 3.6.5)."""
        subject = header(self.letter.fetched.content, "Subject")
        while found := _ANSWER.match(subject):
            subject = subject[found.end() :]
        return f"Re: {subject}"[:900].strip()

    def thread(self) -> tuple[str, ...]:
        """Return References: those of the mail, or what it answers itself, and then the mail (RFC 5322, 3.6.4)."""
        raw = self.letter.fetched.content
        before = ids(raw, "References")
        if not before and len(answered := ids(raw, "In-Reply-To")) == 1:
            before = answered
        found = [each for each in dict.fromkeys(before) if each != self.letter.message_id and len(each) <= 250]
        kept = found if len(found) <= _MOST_REFERENCES else [found[0], *found[1 - _MOST_REFERENCES :]]
        return tuple(each for each in (*kept, self.letter.message_id) if each)

    def quoted(self) -> str:
        """Return the mail's text, each line marked, under a line that says whose it is and of when."""
        raw = self.letter.fetched.content
        name, plain = next(iter(people(raw, "From")), ("", "somebody"))
        text = read_content(self.content).text[:_MOST_QUOTED].rstrip()
        lines = text.splitlines()
        shown = [f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines[:_MOST_QUOTED_LINES]]
        if len(lines) > _MOST_QUOTED_LINES or len(text) == _MOST_QUOTED:
            shown.append("> […]")
        when = shown_date(raw, self.letter.fetched.received)[:16].replace("T", " ")
        return "\n".join([f"On {when}, {name or plain} wrote:", *shown]) + "\n"

    def warning(self, to: Sequence[Address]) -> str:
        """Return what a person should know about where the answer goes; empty when it goes to the sender."""
        senders = {plain.lower() for _, plain in people(self.letter.fetched.content, "From")}
        if astray := [each.plain for each in to if each.plain.lower() not in senders]:
            return f"the answer goes to {', '.join(astray)}, and the mail came from {', '.join(sorted(senders)) or 'nobody'}"
        if any(_NOBODY.match(each.plain) for each in to):
            return f"{to[0].plain} says by its name that nobody reads answers"
        return ""


def _addresses(raw: bytes, name: str) -> list[Address]:
    """Return the addresses of a line, each once; what is no address is left out: nobody chose it."""
    found: dict[str, Address] = {}
    for shown, plain in people(raw, name):
        try:
            one = address(plain, name)
        except Permanent:
            continue
        # The name only where it cannot be taken for an address or break the line.
        clean = " ".join(re.sub(r"[<>@\\\"]", " ", shown).split())[:200]
        found.setdefault(one.plain.lower(), Address(one.plain, clean))
    return list(found.values())
