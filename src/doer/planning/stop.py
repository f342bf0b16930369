"""Stop: how planning ends early, from any depth, with a question or an abstention."""

from __future__ import annotations

from doer.domain.goal import Abstention, Question


class Stop(Exception):
    """Carries the proposal that stands instead of a plan; caught by the planner, seen by nobody else."""

    def __init__(self, proposal: Question | Abstention, about: str = "", *, absent: bool = False) -> None:
        super().__init__(proposal.text if isinstance(proposal, Question) else proposal.reason)
        self.proposal = proposal
        self.about = about
        """The words that it is about, where these are not all of the goal."""
        self.absent = absent
        """True: nothing that is there is called so; another reading of the words may be."""
