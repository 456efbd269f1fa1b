"""The directions of the house, held: who may import whom, and where things may not be."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# From the roof down. A room may import what stands below it, never beside or above.
FLOORS = ("vpdportal.demo", "incidents", "guidance", "vpdportal.accounts", "vpdportal.audit")
# Plain modules that know no room.
GROUND = tuple(
    f"vpdportal.{name}"
    for name in (
        "age_files",
        "append_only",
        "browser_rules",
        "backup",
        "clock",
        "encryption",
        "evidence_url",
        "logs",
        "request_log",
        "how_often",
        "object_store",
        "one_way",
        "pages",
        "seen",
        "pdf",
        "qr",
        "clamd",
        "picture_copy",
        "sealed_files",
        "sheet_reading",
        "shared_cache",
        "sign_in_file",
        "uploads",
        "tenancy",
        "row_level_security",
        "safe_start",
        "database",
        "data_classes",
        "dumps",
        "sealed_columns",
        "accessibility",
    )
)
WIRING = ("vpdportal.settings", "vpdportal.urls", "vpdportal.wsgi", "vpdportal.celery")
INSIDE = {
    "incidents": (
        "vocabulary",
        "references",
        "person_keys",
        "evidence_kinds",
        "letter_kinds",
        "letter_fields",
        "letters",
        "money",
        "private_words",
        "police_sheet",
        "need_to_know",
        "matrix",
        "querysets",
        "models",
        "actions",
        "overview",
        "forms",
        "tasks",
        "views",
        "urls",
    ),
}
WAYS_IN = "visible_to|own|of_team|worked_by|witnessed_by|shut_for"


def sources(*folders: str) -> list[Path]:
    return [
        path
        for folder in folders or ("vpdportal", "guidance", "incidents")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: write imports in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def floor_of(module: str) -> int | None:
    found = [index for index, room in enumerate(FLOORS) if module == room or module.startswith(room + ".")]
    return found[0] if found else None


@pytest.mark.parametrize("path", sources(), ids=module_of)
def test_imports_go_down(path: Path):
    module = module_of(path)
    here = floor_of(module)
    for name in imports(path):
        there = floor_of(name)
        if there is None:
            continue
        assert not module.startswith(WIRING + GROUND), f"{module} names {name}: it may only do so by string"
        assert here is None or here <= there, f"{module} imports {name}, which stands above it"


def test_inside_incidents_imports_go_down_too():
    order = INSIDE["incidents"]
    for path in sources("incidents"):
        here = module_of(path).split(".")[1:2]
        for name in imports(path):
            there = name.split(".")[1:2]
            if name.startswith("incidents.") and here and there[0] in order and here[0] in order:
                # overview stands beside actions: neither needs the other.
                assert order.index(there[0]) <= order.index(here[0]), f"{path} imports {name}"


def test_there_is_no_cycle_between_modules():
    graph = {module_of(path): set() for path in sources()}
    for path in sources():
        for name in imports(path):
            for target in (name, name.rpartition(".")[0]):
                if target in graph and target != module_of(path) and not module_of(path).startswith(target + "."):
                    graph[module_of(path)].add(target)
    done: set[str] = set()

    def walk(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, f"a cycle: {' -> '.join((*trail, module))}"
        if module not in done:
            for target in graph[module]:
                walk(target, (*trail, module))
            done.add(module)

    for module in graph:
        walk(module, ())


@pytest.mark.parametrize("path", sources(), ids=module_of)
def test_no_import_inside_a_function_and_no_signals(path: Path):
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
            assert not inner, f"{path}: {node.name} imports inside"
    assert "django.dispatch" not in path.read_text() and "signals" not in " ".join(imports(path))


def test_views_reach_incidents_and_tasks_only_through_the_way_in():
    for path in sources("incidents/views"):
        text = path.read_text()
        for found in re.finditer(r"(Incident|Task)\.objects\.(\w+)", text):
            if path.name == "audit.py":  # only numbers of what the log already names
                assert "kept_out_from" in text
                continue
            is_way_in = re.fullmatch(WAYS_IN if found[1] == "Incident" else f"{WAYS_IN}|not_hidden_from", found[2])
            is_narrowed = "filter(incident=incident" in text
            assert is_way_in or (found[1] == "Task" and is_narrowed), f"{path.name}: {found[0]}"


def test_actions_are_told_the_time_and_never_read_it():
    for path in sources("guidance", "incidents/actions", "incidents/models", "incidents/overview", "vpdportal/audit"):
        if "management" in path.parts:
            continue
        assert not re.search(r"timezone\.now\(|datetime\.now\(|clock\.now\(|date\.today\(", path.read_text()), path


def test_templates_hold_no_script_style_or_unescaped_text():
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text()
        assert not re.search(r"\|\s*safe\b|style=\"|\son\w+=\"|<style|<script(?![^>]*\bsrc=)|autoescape off", text), (
            path
        )


def test_the_top_level_is_the_agreed_one():
    wanted = {
        "manage.py",
        "vpdportal",
        "incidents",
        "guidance",
        "templates",
        "static",
        "tests",
        "pyproject.toml",
        "README.md",
    }
    assert wanted <= {path.name for path in ROOT.iterdir()}
