"""What the architecture tests look at: the import graph and the source files of the package."""

import ast
from functools import cache
from pathlib import Path

import grimp

import doer

ROOT = Path(doer.__file__).parent


@cache
def import_graph() -> grimp.ImportGraph:
    """Every import between our modules and to the outside, also inside functions and under TYPE_CHECKING."""
    return grimp.build_graph("doer", include_external_packages=True, cache_dir=None)


def sources() -> list[tuple[str, Path]]:
    """(module name, file) of every module of the package, in the order of their names."""
    return [(module_name(path.relative_to(ROOT)), path) for path in sorted(ROOT.rglob("*.py"))]


def module_name(path: Path) -> str:
    """The module of a file given from the package's folder: `domain/plan.py` is doer.domain.plan."""
    parts = ("doer", *path.with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_in(module: str, rooms: tuple[str, ...]) -> bool:
    """Whether a module is one of the rooms (given as `doer.room` without the `doer.`) or inside one."""
    return any(f"{module}.".startswith(f"doer.{room}.") for room in rooms)


def names_used(code: str) -> frozenset[str]:
    """Full dotted names that the code reaches for, seen through its imports.

    `import os as o` then `o.system("ls")` uses os.system, and so does `from os import system`.
    """
    tree = ast.parse(code)
    meaning: dict[str, str] = {}
    used: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            used |= {alias.name for alias in node.names}
            meaning |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.module:
            used |= {f"{node.module}.{alias.name}" for alias in node.names}
            meaning |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    used |= {_dotted(node, meaning) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return frozenset(used)


def _dotted(node: ast.expr, meaning: dict[str, str]) -> str:
    match node:
        case ast.Attribute(value=owner, attr=name):
            return f"{_dotted(owner, meaning)}.{name}"
        case ast.Name(id=name):
            return meaning.get(name, name)
        case _:
            return ""
