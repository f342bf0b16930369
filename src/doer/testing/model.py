"""A model that says what a test wrote down: a real `Model` at the seam, so that what comes after a model needs none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from doer.domain.errors import Permanent, ToolError
from doer.domain.model import Prompt, Reply
from doer.domain.value import Json

Said: TypeAlias = "Json | Reply | ToolError | Callable[[Prompt], Json]"
"""One answer: JSON, JSON with what it cost, a failure, or a function of the prompt."""


class ScriptedModel:
    """Answers in the order in which the answers were written down; asked once more than that, it fails.

    Args:
        answers: What it says, in turn.
        name: What it is called in plans and records.
    """

    def __init__(self, answers: Sequence[Said], name: str = "scripted") -> None:
        self.name = name
        self._answers = list(answers)
        self.heard: list[Prompt] = []
        """What it was asked, in order."""

    async def answer(self, prompt: Prompt) -> Reply:
        """Return the next answer, with a token for each four characters. Raises Permanent when the script is at its end."""
        self.heard.append(prompt)
        if not self._answers:
            raise Permanent(f"the script of {self.name} has no answer number {len(self.heard)}")
        said = self._answers.pop(0)
        if isinstance(said, ToolError):
            raise said
        if isinstance(said, Reply):
            return said
        content = said(prompt) if callable(said) else said
        return Reply(content, len(prompt.instructions + prompt.request) // 4, len(str(content)) // 4)
