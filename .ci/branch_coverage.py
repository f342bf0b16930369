"""Gate: every guarded room has at least 95% of its branches, and of its lines, taken by the tests.

Reads `coverage json` on standard input; the rooms are the arguments. `coverage report --fail-under` is not used, as
its figure adds lines and branches up: many plain lines then hide a branch that nobody takes.
"""

import json
import sys
from collections.abc import Mapping, Sequence

FLOOR = 95.0


def share(files: Sequence[Mapping[str, int]], covered: str, total: str) -> float:
    """Percentage (0 to 100) of `total` that is `covered`, over all files of a room; 100 where there is nothing."""
    whole = sum(file[total] for file in files)
    return 100.0 * sum(file[covered] for file in files) / whole if whole else 100.0


def main(rooms: Sequence[str]) -> int:
    """Print one line a room and return the exit code: 1 when a room is under the floor or was not measured."""
    measured = json.load(sys.stdin)["files"]
    red = False
    for room in rooms:
        files = [report["summary"] for path, report in measured.items() if f"src/doer/{room}/" in path]
        branches = share(files, "covered_branches", "num_branches")
        lines = share(files, "covered_lines", "num_statements")
        short = not files or min(branches, lines) < FLOOR
        verdict = "not measured: no file" if not files else f"branches {branches:5.1f}%  lines {lines:5.1f}%"
        print(f"coverage of {room:<10} {verdict}  {f'UNDER {FLOOR:.0f}%' if short else 'ok'}")
        red = red or short
    return int(red)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
