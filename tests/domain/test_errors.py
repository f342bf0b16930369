"""The error tree is drawn at the top of its file, and the drawing is true."""

from __future__ import annotations

import inspect
import re

import pytest

from doer.domain import errors
from doer.domain.errors import DoerError, PlanInvalid


def drawn() -> dict[str, str | None]:
    """Class -> the class above it, as drawn."""
    path: list[str] = []
    tree: dict[str, str | None] = {}
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^((?:[│ ]   )*(?:[├└]── )?)(\w+)(?:\s|$)", line)
        if found is None or not hasattr(errors, found[2]):
            continue
        depth = len(found[1]) // 4
        del path[depth:]
        tree[found[2]] = path[-1] if path else None
        path.append(found[2])
    return tree


def test_the_drawing_is_the_tree() -> None:
    real: dict[str, str | None] = {
        name: None if kind is DoerError else kind.__bases__[0].__name__
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, DoerError)
    }

    assert drawn() == real


@pytest.mark.parametrize("name", sorted(drawn()))
def test_every_error_says_whose_fault_it_is_and_what_to_do(name: str) -> None:
    assert len(inspect.getdoc(getattr(errors, name)) or "") > 20


def test_an_invalid_plan_names_each_breach() -> None:
    invalid = PlanInvalid(("no steps", "a cycle"))

    assert (str(invalid), invalid.problems) == ("no steps; a cycle", ("no steps", "a cycle"))
