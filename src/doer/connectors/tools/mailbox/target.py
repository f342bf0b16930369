"""The one mail that a step works on: found as the arguments name it, or as an earlier planned step will leave it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from doer.connectors.tools.mailbox.account import Account, find, foretold, named, only
from doer.connectors.tools.mailbox.letter import Letter, is_view
from doer.connectors.tools.mailbox.wire import Wire
from doer.domain.action import Change
from doer.domain.errors import Permanent
from doer.domain.value import Json, JsonObject


@dataclass(frozen=True, slots=True)
class Target:
    """A mail and its state, `before`, which also tells `also_in` where other mails of that id lie."""

    id: str
    resource: str
    before: dict[str, Json]
    letter: Letter | None

    @property
    def version(self) -> str | None:
        """The version of the state; None when it is one that an earlier step has yet to leave."""
        return None if self.letter is None else self.letter.stamp()

    def there(self) -> Letter:
        """Return the mail itself."""
        if self.letter is None:
            raise Permanent(f"{self.resource} is not there yet")
        return self.letter

    def expect(self, approved: Change | None) -> None:
        """Raise Permanent when the mail is not as it was foretold."""
        if approved is not None and approved.before != self.before:
            raise Permanent(f"{self.resource} is not as it was foretold; nothing was changed")

    @classmethod
    def of(cls, account: Account, name: str, letter: Letter, change: Change | None) -> Target:
        """Return a mail that was found again, with the state that was foretold for it before."""
        before = is_view(change.before) if change is not None else letter.view()
        return cls(name, account.resource(name), before, letter)


def target_of(account: Account, wire: Wire, arguments: JsonObject, pending: Sequence[Change]) -> Target:
    """Find the mail of `arguments`: `message`, and `folder` as a hint. Raises Permanent for none and several."""
    name = named(arguments.get("message"))
    resource = account.resource(name)
    hint = arguments.get("folder")
    if hint is not None and not isinstance(hint, str):
        raise Permanent("folder must be the name of a folder")
    planned = foretold(reversed(pending), resource)
    where = account.folder(wire, hint).name if hint else None
    found = find(wire, name)
    if planned is not None and planned.after is not None:
        return Target(name, resource, is_view(planned.after), None)
    letter = only(found, name, where)
    return Target(name, resource, state(letter, found), letter)


def state(letter: Letter, found: Sequence[Letter]) -> dict[str, Json]:
    """Return the view of a mail, with where else mails of its id lie: what is judged later is all of them."""
    others: list[Json] = [*sorted(each.spot.folder for each in found if each.spot != letter.spot)]
    return {**letter.view(), "also_in": others} if others else letter.view()


def also_in(before: Json) -> list[str]:
    """Return where else mails of that id lie, of a state as `state` gives it."""
    also = is_view(before).get("also_in")
    return [str(each) for each in also] if isinstance(also, Sequence) and not isinstance(also, str) else []
