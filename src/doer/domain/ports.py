"""Ports: the seams between the rooms, each a small Protocol beside the nouns it speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from decimal import Decimal
from typing import Protocol, TypeAlias

from doer.domain.action import Change, Intent, Manifest, Preview, Receipt
from doer.domain.decision import Decision, Request
from doer.domain.event import Event, Recorded
from doer.domain.goal import Abstention, Answer, Goal, Question
from doer.domain.model import Prompt, Reply
from doer.domain.outcome import Reversal, Verification
from doer.domain.plan import Plan
from doer.domain.scoring import Heard, ToolScore, ToolText
from doer.domain.value import Digest, Json, JsonObject, Key, RunId


class Tool(Protocol):
    """One action in the world, in four verbs. Arguments are checked against the manifest's schema before every call.

    Every verb may raise `Transient` or `Permanent` (nothing was changed) or `OutcomeUnknown`; any other exception out of
    `apply` and `undo` counts as an unknown outcome.
    """

    @property
    def manifest(self) -> Manifest:
        """What the tool says of itself."""
        ...

    async def preview(self, arguments: JsonObject, pending: Sequence[Change]) -> Preview:
        """Say what apply would change, given the changes of earlier planned steps; change nothing.

        Arguments may hold `Hole`s where a value comes later. A pending change of a resource replaces what is read there.
        """
        ...

    async def apply(self, arguments: JsonObject, key: Key, before: Sequence[Change]) -> Receipt:
        """Do it at most once for this key. `before` is what was foretold just now, with versions for If-Match."""
        ...

    async def verify(self, intent: Intent, receipt: Receipt | None = None) -> Verification:
        """Read it back from the system of record, wider than what was written; without a receipt, look for the key."""
        ...

    async def undo(self, receipt: Receipt) -> Reversal:
        """Put back what was there and read that back; refuse when somebody changed it since. Safe to repeat."""
        ...


class Credential(Protocol):
    """A secret that a connector asks for at the last moment, and keeps nowhere."""

    def __call__(self) -> str:
        """Return the secret. Raises CredentialRefused when there is none."""
        ...


class Catalog(Protocol):
    """The action space: every tool by its name."""

    def find(self, name: str) -> Tool | None:
        """Return the tool of that name, if there is one."""
        ...

    def manifests(self) -> Sequence[Manifest]:
        """Return the manifests of all tools, by name."""
        ...


class Model(Protocol):
    """A language model, on this machine or elsewhere. Nothing that it says is believed before symbols have checked it."""

    @property
    def name(self) -> str:
        """What it is called in plans, records and settings, e.g. `openai:gpt-4.1-mini`."""
        ...

    async def answer(self, prompt: Prompt) -> Reply:
        """Answer in JSON under the prompt's schema, as well as it can. Raises Transient, Permanent, CredentialRefused."""
        ...


class ActionScorer(Protocol):
    """A small network that proposes: which tool is meant, and which words are its arguments. Symbols dispose."""

    @property
    def name(self) -> str:
        """What it is called in plans: its name and the version of its weights."""
        ...

    def meant(self, relevance: float, near: float, lead: float) -> float:
        """Return the calibrated probability that a tool is meant.

        Of its relevance, its nearness in meaning, and how much nearer it is than the nearest other one.
        """
        ...

    def nearest(self, text: str, tools: Sequence[ToolText]) -> Sequence[float]:
        """Return how near in meaning each tool is to the text, -1 … 1."""
        ...

    def score(self, heard: Heard, tools: Sequence[ToolText]) -> Sequence[ToolScore]:
        """Return what it makes of each tool, in their order."""
        ...

    def worth(self, evidence: Sequence[float]) -> float:
        """Return how well a tool answers a request, to compare it with the others; the evidence is `planning.action.choice.EVIDENCE`."""
        ...

    def sure(self, signs: Sequence[float]) -> float:
        """Return the confidence in a plan, 0 … 1, from what can be seen of it; the first sign is the log odds of its weakest call."""
        ...

    def trust(self, raw: float) -> float:
        """Return the calibrated probability that a plan of this raw confidence, 0 … 1, is right."""
        ...


class Reader(Protocol):
    """What a planner may ask while it plans: granted, bounded and recorded."""

    async def read(self, tool: str, arguments: JsonObject) -> Json:
        """Return the result of a tool whose effect is `read`. Raises ToolError, or UsageError when it is not granted."""
        ...

    async def ask(self, model: Model, prompt: Prompt) -> Reply:
        """Return the model's answer. Raises ToolError, or UsageError when the budget for models is spent."""
        ...


Proposal: TypeAlias = Plan | Question | Abstention


class Planner(Protocol):
    """Turns a goal into a plan, or into a question, or says that it cannot."""

    async def propose(
        self, goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest], reader: Reader
    ) -> Proposal:
        """Return exactly one of Plan (valid for these tools), Question, Abstention."""
        ...


class Policy(Protocol):
    """Decides whether a step may run. No answer, or an error, is a no."""

    @property
    def digest(self) -> Digest:
        """Digest of the rules in force; part of every grant."""
        ...

    def decide(self, request: Request) -> Decision:
        """Return Allow, Ask or Deny for one step."""
        ...


class Journal(Protocol):
    """The one record. Append-only, per run in sequence, hash-chained; the only source of truth."""

    async def append(self, run: RunId, after: int, events: Sequence[Event]) -> Sequence[Recorded]:
        """Append the events as seq after+1 … durably, all or none; return them as recorded once they are on disk.

        Raises Outdated when the run's last seq is not `after`; JournalUnwritable when the disk does not take it.
        """
        ...

    async def read(self, run: RunId, after: int = 0) -> Sequence[Recorded]:
        """Return the run's events with seq > after, in order. An unknown run has none."""
        ...

    async def runs(self) -> Sequence[RunId]:
        """Return all runs, newest first."""
        ...

    def driving(self, run: RunId) -> AbstractContextManager[None]:
        """Hold the right to drive the run, until left or until the process dies. Raises AlreadyDriven."""
        ...

    async def grown(self, run: RunId, after: int) -> None:
        """Return as soon as the run has an event with seq > after, whoever appended it."""
        ...


class Payloads(Protocol):
    """Bytes that do not belong into events: snapshots, attachments. Content-addressed, erasable."""

    def put(self, content: bytes) -> Digest:
        """Store the bytes durably and return `sha256:…`. The same bytes are stored once."""
        ...

    def get(self, digest: Digest) -> bytes:
        """Return the bytes. Raises PayloadErased when they are gone."""
        ...


class Clock(Protocol):
    """Time, handed in."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...

    async def sleep_until(self, moment: datetime) -> None:
        """Return when `moment` has come."""
        ...


class Entropy(Protocol):
    """Randomness, handed in."""

    def run_id(self) -> RunId:
        """Return a new name for a run: lower-case letters and digits, short enough to type."""
        ...

    def seed(self) -> int:
        """Return a new seed, 0 … 2**31 - 1."""
        ...


class Spending(Protocol):
    """What language models cost, from the record."""

    async def today(self) -> tuple[int, Decimal]:
        """Return tokens, asked and answered, and US dollars since midnight UTC."""
        ...


class Durations(Protocol):
    """How long tools take, measured."""

    async def expected(self, tools: Iterable[str]) -> Mapping[str, float]:
        """Return the expected seconds of each tool that was seen before."""
        ...
