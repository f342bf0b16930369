"""The laws of the house that import contracts cannot say: circles, the centre's purity, doors to the outside, names."""

import ast
import re
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest
from tests.architecture.graph import ROOT, import_graph, is_in, module_name, names_used, sources

MAY_REACH_OUT = ("connectors", "execution.sandbox", "demos", "testing", "interfaces")
DOORS = re.compile(
    r"""
    urllib\.request(\..+)?
  | asyncio\.(create_subprocess_\w+|open_connection|open_unix_connection|start_server|start_unix_server)
  | os\.(system|popen|fork|forkpty|posix_spawnp?|exec[lv]\w*|spawn[lv]\w*)
  | pty\.spawn
    """,
    re.VERBOSE,
)

# Folders of demos/ whose names are ordinary words, which other rooms need to speak of other things.
ORDINARY = {"report", "feature", "learn", "home", "office", "travel"}
KIND_NOT_DUTY = {"manager", "helper", "helpers", "util", "utils", "service", "processor", "common", "base"}


def find_circle(graph: grimp.ImportGraph) -> list[str]:
    """One circle of modules, first and last being the same, or an empty list."""
    arrows = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as circle:
        return [str(module) for module in circle.args[1]]
    return []


def foreign_to_the_centre(graph: grimp.ImportGraph) -> set[str]:
    """What the domain imports beside itself, the standard library and rfc8785."""
    allowed = sys.stdlib_module_names | {"rfc8785"}
    centre = {module for module in graph.modules if is_in(module, ("domain",))}
    imported = {name for module in centre for name in graph.find_modules_directly_imported_by(module)}
    return {name for name in imported - centre if name.split(".")[0] not in allowed}


def doors_opened(code: str) -> set[str]:
    return {name for name in names_used(code) if DOORS.fullmatch(name)}


def scenarios(root: Path) -> set[str]:
    """Names of the scenarios: the folders of demos/, less ordinary words."""
    return {path.parent.name for path in root.glob("demos/*/__init__.py")} - ORDINARY


def names_a_scenario(text: str, names: set[str]) -> set[str]:
    return {name for name in names if re.search(rf"\b{re.escape(name)}(s|ed|ing)?\b", text, re.IGNORECASE)}


def names_of_kind(module: str, code: str) -> set[str]:
    """Modules and classes of this file that are named after their kind instead of their duty."""
    classes = {node.name for node in ast.walk(ast.parse(code)) if isinstance(node, ast.ClassDef)}
    words = {name: re.findall(r"[A-Z]?[a-z]+", name)[-1:] for name in classes}
    words |= {module: re.split(r"[._]", module)[-1:]}
    return {name for name, last in words.items() if last and last[0].lower() in KIND_NOT_DUTY}


def test_no_module_is_in_an_import_circle() -> None:
    assert find_circle(import_graph()) == []


def test_a_circle_is_found() -> None:
    graph = grimp.ImportGraph()
    graph.add_import(importer="doer.a", imported="doer.b")
    graph.add_import(importer="doer.b", imported="doer.a")

    assert set(find_circle(graph)) == {"doer.a", "doer.b"}


def test_the_domain_imports_only_the_standard_library_and_rfc8785() -> None:
    assert foreign_to_the_centre(import_graph()) == set()


def test_a_foreign_import_of_the_domain_is_found() -> None:
    graph = grimp.ImportGraph()
    for imported in ("json", "rfc8785", "pydantic", "doer.journal", "doer.domain.plan"):
        graph.add_import(importer="doer.domain.goal", imported=imported)

    assert foreign_to_the_centre(graph) == {"pydantic", "doer.journal"}


def test_only_rooms_that_reach_out_open_a_door_to_the_outside() -> None:
    opened = {
        module: doors
        for module, path in sources()
        if not is_in(module, MAY_REACH_OUT) and (doors := doors_opened(path.read_text(encoding="utf-8")))
    }

    assert opened == {}


@pytest.mark.parametrize(
    ("code", "door"),
    [
        ("import urllib.request", "urllib.request"),
        ("from urllib.request import urlopen", "urllib.request.urlopen"),
        ("import os as o\no.system('ls')", "os.system"),
        ("import asyncio\nasyncio.create_subprocess_exec('ls')", "asyncio.create_subprocess_exec"),
        ("def late():\n    from asyncio import open_connection", "asyncio.open_connection"),
    ],
)
def test_a_door_is_seen_through_every_form_of_import(code: str, door: str) -> None:
    assert doors_opened(code) == {door}


def test_harmless_names_of_the_same_modules_are_no_doors() -> None:
    assert doors_opened("import asyncio, os, urllib.parse\nos.replace('a', 'b')\nasyncio.sleep(0)") == set()


def test_no_module_outside_demos_names_a_scenario() -> None:
    named = {
        module: found
        for module, path in sources()
        if not is_in(module, ("demos", "skills"))
        and (found := names_a_scenario(path.read_text(encoding="utf-8"), scenarios(ROOT)))
    }

    assert named == {}


def test_a_scenario_is_recognised_in_any_form(tmp_path: Path) -> None:
    for name in ("onboard", "report"):
        (tmp_path / "demos" / name).mkdir(parents=True)
        (tmp_path / "demos" / name / "__init__.py").touch()

    assert scenarios(tmp_path) == {"onboard"}
    assert names_a_scenario("if goal == 'Onboarding': ...", {"onboard"}) == {"onboard"}
    assert names_a_scenario("the keyboard", {"onboard"}) == set()


def test_modules_and_classes_are_named_after_their_duty() -> None:
    found = {name for module, path in sources() for name in names_of_kind(module, path.read_text(encoding="utf-8"))}

    assert found == set()


def test_a_name_of_kind_is_found() -> None:
    assert names_of_kind("doer.runtime.utils", "class RunManager: ...\nclass Servicedesk: ...") == {
        "doer.runtime.utils",
        "RunManager",
    }


def test_every_file_says_its_purpose_first() -> None:
    silent = {
        module for module, path in sources() if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    }

    assert silent == set()


def test_a_package_is_named_by_its_folder() -> None:
    assert module_name(Path("domain/__init__.py")) == "doer.domain"
    assert module_name(Path("domain/plan.py")) == "doer.domain.plan"
