"""What the tools of one mailbox share: its settings, a session a verb, how a mail is found, and what each key has done."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from doer.connectors.secrets.credential import renewing
from doer.connectors.tools.deeds import Deeds
from doer.connectors.tools.mail.imap import logged_in
from doer.connectors.tools.mailbox.folder import VIRTUAL, Folder, meant
from doer.connectors.tools.mailbox.letter import PARTS, Letter, Spot
from doer.connectors.tools.mailbox.wire import Wire, quoted
from doer.domain.action import Change, Receipt
from doer.domain.errors import Permanent
from doer.domain.ports import Credential
from doer.domain.value import Json, JsonObject

_MOST_COPIES = 50


@dataclass(frozen=True, slots=True)
class Account:
    """One mailbox. Everything here blocks: verbs run it in a thread, one session each.

    Writes go one at a time, so that what changes beside a write is not another step's. A second try with a key in this
    process gets the receipt of the first; across processes `verify` finds what the first try left.
    """

    name: str
    url: str
    user: str
    password: Credential
    special: Mapping[str, str]
    """Special use -> the name of the folder, where the server does not say."""
    timeout: float = 20.0
    writing: threading.Lock = field(default_factory=threading.Lock, compare=False)
    deeds: Deeds = field(default_factory=Deeds, compare=False)

    @contextmanager
    def session(self) -> Iterator[Wire]:
        """Open a session. Raises CredentialRefused, Permanent, Transient."""
        with renewing("mail", self.name), logged_in(self.url, self.user, self.password, self.timeout) as box:
            wire = Wire(box, self.url, frozenset())
            wire.abilities = wire.asked_abilities()
            yield wire

    def resource(self, mail: str) -> str:
        """The URI of a mail."""
        return f"imap:{self.name}/{mail}"

    def folder(self, wire: Wire, said: str) -> Folder:
        """Return the folder that is meant. Raises Permanent, naming the nearest."""
        return meant(said, wire.folders(), self.special)


def find(wire: Wire, name: str) -> list[Letter]:
    """Return every copy of the mail of that name in all folders but those that only show what lies in others."""
    if spot := Spot.parse(name):
        if all(each.name != spot.folder for each in wire.folders()):
            return []
        validity = wire.open(spot.folder)
        return letters(wire, spot.folder, validity, [spot.uid]) if validity == spot.validity else []
    return [each for folder in real(wire.folders()) for each in find_in(wire, folder.name, name)]


def find_in(wire: Wire, folder: str, message_id: str) -> list[Letter]:
    """Return every copy in one folder; none in one that may not be opened. Raises Permanent for what no Message-ID can be."""
    if not message_id.isascii():
        raise Permanent("a Message-ID has letters of ASCII only")
    validity = wire.may_open(folder)
    if validity is None:
        return []
    uids = wire.uids("HEADER", "Message-ID", quoted(message_id, "message"))[:_MOST_COPIES]
    return [each for each in letters(wire, folder, validity, uids) if each.message_id == message_id]


def letters(wire: Wire, folder: str, validity: int, uids: Sequence[int]) -> list[Letter]:
    """Fetch mails of the open folder, in the order of `uids`; those that are gone are left out."""
    parts = f"MODSEQ {PARTS}" if wire.counts_changes else PARTS
    found = wire.fetch(uids, parts)
    return [Letter(Spot(folder, validity, uid), found[uid]) for uid in uids if uid in found]


def real(folders: Sequence[Folder]) -> list[Folder]:
    """Return the folders in which mail lies."""
    return [each for each in folders if each.selectable and each.use not in VIRTUAL]


def named(value: Json) -> str:
    """Return the name of a mail as an argument gives it. Raises Permanent for what can be none."""
    if not isinstance(value, str) or not value.strip():
        raise Permanent("message must be the id of a mail, as search_mail gives it")
    text = value.strip()
    if any(ord(each) < 33 or ord(each) == 127 for each in text) or len(text) > 1000:
        raise Permanent("message is no id of a mail: it holds spaces or control characters, or is too long")
    if Spot.parse(text) or (text.startswith("<") and text.endswith(">")):
        return text
    return f"<{text.strip('<>')}>"


def only(found: Sequence[Letter], name: str, hint: str | None) -> Letter:
    """Return the one mail that is meant; `hint` is the folder it should be in. Raises Permanent for none and several."""
    near = [each for each in found if hint is not None and each.spot.folder == hint] or list(found)
    if not near:
        raise Permanent(f"there is no mail {name[:200]} in this mailbox; search_mail finds what there is")
    if len(near) == 1:
        return near[0]
    places = ", ".join(str(each.spot) for each in near[:10])
    if len({each.identity for each in near}) > 1:
        raise Permanent(f"{len(near)} different mails call themselves {name[:200]}: name one by its place: {places}")
    raise Permanent(f"{name[:200]} lies in several places; name one of them: {places}")


def any_copy(found: Sequence[Letter], name: str, hint: str | None) -> Letter:
    """Return one of several equal copies, for those who only read. Raises Permanent for none, and for different ones."""
    near = [each for each in found if hint is not None and each.spot.folder == hint] or list(found)
    return near[0] if near and len({each.identity for each in near}) == 1 else only(near, name, None)


def foretold(changes: Iterable[Change], resource: str) -> Change | None:
    """Return the change that was foretold for the resource."""
    return next((change for change in changes if change.resource == resource), None)


def undo_data(receipt: Receipt) -> JsonObject:
    """Return the tool's own part of a receipt."""
    return receipt.undo if isinstance(receipt.undo, Mapping) else {}
