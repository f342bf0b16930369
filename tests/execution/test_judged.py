"""What is asked about whatever the policy allows: a read that chose whom something reaches; and a policy that fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from doer.domain.action import Effect, Manifest
from doer.domain.decision import Allow, Ask, Decision, Deny, Request
from doer.domain.value import Digest, Json, Principal, Provenance, StepId
from doer.execution.judged import judged

SEND = Manifest(
    "post.send", "Send a letter", {"type": "object", "properties": {}}, "write", roles={"to": "destination"}
)
READ = Provenance("read", "people.find, name Ana")
RULES = Digest("sha256:rules")
SAID = Provenance("words", "ana@acme.example", 8, 24)


@dataclass(frozen=True)
class Says:
    """A policy that always says the same."""

    word: Decision | Exception
    digest: Digest = RULES

    def decide(self, request: Request) -> Decision:
        if isinstance(self.word, Exception):
            raise self.word
        return self.word


def request(arguments: Mapping[str, Json], origin: Provenance, effect: Effect = "write") -> Request:
    provenance = dict.fromkeys(arguments, origin)
    return Request(Principal("sam"), StepId("s1"), SEND, dict(arguments), effect, (), True, provenance)


@pytest.mark.parametrize(
    ("arguments", "origin", "effect", "decision"),
    [
        ({"to": "flat 4"}, SAID, "write", Allow),
        ({"to": "flat 4"}, READ, "write", Ask),
        ({"to": "flat 4"}, READ, "read", Allow),
        ({"text": "hello"}, READ, "write", Allow),
        ({"text": "ana@acme.example"}, READ, "write", Ask),
        ({"copies": ["bob@acme.example"]}, READ, "write", Ask),
        ({"copies": ["a b@c", 7]}, READ, "write", Allow),
    ],
)
def test_whom_a_read_chose_is_asked_about_though_the_policy_allows(
    arguments: Mapping[str, Json], origin: Provenance, effect: Effect, decision: type
) -> None:
    assert isinstance(judged(Says(Allow("fine")), request(arguments, origin, effect)), decision)


def test_what_cannot_be_taken_back_is_asked_about_by_name_and_shows_the_value_and_its_source() -> None:
    told = judged(Says(Allow("fine")), request({"to": "ana@acme.example"}, READ, "irreversible"))
    assert told == Ask("its to is ana@acme.example, which was read: people.find, name Ana", by_name=True)


def test_a_word_of_the_policy_that_is_stricter_stands() -> None:
    assert judged(Says(Deny("never")), request({"to": "flat 4"}, READ)) == Deny("never")


def test_a_policy_without_rules_or_one_that_fails_permits_nothing() -> None:
    assert judged(Says(Allow("fine"), digest=Digest("")), request({}, SAID)) == Deny("the policy names no rules")
    failed = judged(Says(RuntimeError("no  disk")), request({}, SAID))
    assert failed == Deny("the policy failed: RuntimeError: no disk")
