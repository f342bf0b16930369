"""Worlds that run already: the servers of a scenario start once in a test process, and each use begins with the seed."""

from __future__ import annotations

from pathlib import Path

GUEST = '''
"""The scenario in a world that runs already: its start is a reset."""
from contextlib import contextmanager
from pathlib import Path
from {module} import {name}

RUNNING = Path({running!r})


class Guest({name}):
    @contextmanager
    def start(self, root):
        self.attach(RUNNING).reset()
        yield

    def attach(self, root, through=None):
        return super().attach(RUNNING, through)
'''


def guest(folder: Path, scenario: type, running: Path) -> str:
    """Return the name under which `doer demo`, `doer chaos` and processes of theirs find the scenario in the world `running`."""
    file = folder / "guest.py"
    file.write_text(GUEST.format(module=scenario.__module__, name=scenario.__name__, running=str(running)))
    return f"{file}:Guest"
