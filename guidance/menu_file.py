"""Reading the menu's files, and refusing what cannot be: with the file, the item and the reason."""

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from guidance.menu import LADDER_CELLS, Ladder, Menu
from guidance.menu_checks import faults_of
from guidance.menu_pieces import (
    read_assumption,
    read_cell,
    read_item,
    read_nearness,
    read_offence,
    read_rule,
    read_severity,
    read_source,
    read_text,
    table,
)

FOLDER = Path(__file__).parent
# Each file with the parts that it has. In sources.toml each part is a source of its own.
FILES: dict[str, tuple[str, ...]] = {
    "menu.toml": ("menu", "rule", "choice_group", "item"),
    "readings.toml": ("severity", "assumption", "near"),
    "ladder.toml": ("sources", "step"),
    "offences.toml": ("offence",),
    "sources.toml": (),
}
Read = TypeVar("Read")


class MenuError(ValueError):
    """One of the menu's files says something that cannot be: which file, where in it, and why."""

    def __init__(self, file: str, where: str, reason: object) -> None:
        super().__init__(f"guidance/{file}: {where}: {reason}")


@cache
def load_menu() -> Menu:
    """The menu as it ships. Raises MenuError."""
    return read_menu(_texts(FOLDER))


@cache
def menu_of(version: str) -> Menu:
    """The menu of this version: the one that ships, or an earlier one kept in guidance/editions. Raises MenuError."""
    if version == load_menu().version:
        return load_menu()
    folder = FOLDER / "editions" / Path(version).name
    if not folder.is_dir():
        raise MenuError(f"editions/{version}", "the menu", "advice of this version is kept, but its files are not")
    return read_menu(_texts(folder))


def _texts(folder: Path) -> dict[str, str]:
    """The texts of the files in a folder; one that is not there is left out, which `read_menu` refuses."""
    texts = {}
    for name in FILES:
        try:
            texts[name] = (folder / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            continue
        except UnicodeDecodeError as error:
            raise MenuError(name, "the file", "is not text in UTF-8") from error
    return texts


def read_menu(files: Mapping[str, str]) -> Menu:
    """A menu from the texts of its files. Raises MenuError for anything that cannot be."""
    data = {name: _parts(name, files) for name in FILES}
    menu, readings = data["menu.toml"], data["readings.toml"]
    sources = {key: _at("sources.toml", key, read_source, raw, key) for key, raw in data["sources.toml"].items()}
    items = {
        code: _at("menu.toml", code, read_item, raw, code, sources)
        for code, raw in _at("menu.toml", "item", table, menu["item"]).items()
    }
    groups = _at("menu.toml", "choice_group", table, menu["choice_group"])
    version, is_reconstruction = _at("menu.toml", "menu", _edition, menu["menu"])
    read = Menu(
        version=version,
        is_reconstruction=is_reconstruction,
        items=items,
        rules=_all("menu.toml", "rule", "name", read_rule, menu, items),
        choice_groups={name: _at("menu.toml", f"choice group {name}", read_text, raw) for name, raw in groups.items()},
        severities=_all("readings.toml", "severity", "level", read_severity, readings),
        nearness=_all("readings.toml", "near", "facts", read_nearness, readings),
        assumptions=_all("readings.toml", "assumption", "name", read_assumption, readings),
        offences=_all("offences.toml", "offence", "article", read_offence, data["offences.toml"]),
        ladder=_ladder(data["ladder.toml"]),
        ladder_sources=_at("ladder.toml", "sources", _keys, data["ladder.toml"]["sources"]),
        sources=sources,
    )
    for file, where, reason in faults_of(read):
        raise MenuError(file, where, reason)
    return read


def _parts(name: str, files: Mapping[str, str]) -> dict[str, Any]:
    """The file as its parts: all that it must have, and no other."""
    if name not in files:
        raise MenuError(name, "the file", "is not there")
    try:
        parts = tomllib.loads(files[name])
    except tomllib.TOMLDecodeError as error:
        raise MenuError(name, "the file", error) from error
    for part in FILES[name]:
        if part not in parts:
            raise MenuError(name, part, "is missing")
    if FILES[name] and (unknown := sorted(set(parts) - set(FILES[name]))):
        raise MenuError(name, ", ".join(unknown), "is not a part of this file")
    return parts


def _at(file: str, where: str, read: Callable[..., Read], raw: Any, *more: Any) -> Read:
    """Read one piece, and say where it stands when that fails."""
    try:
        return read(raw, *more)
    except KeyError as error:
        raise MenuError(file, where, f"{error.args[0]} is missing") from error
    except ValueError as error:
        raise MenuError(file, where, error) from error
    except (TypeError, AttributeError) as error:
        raise MenuError(file, where, "holds a value of a kind that does not belong there") from error


def _all(
    file: str, part: str, key: str, read: Callable[..., Read], data: Mapping[str, Any], *more: Any
) -> tuple[Read, ...]:
    """Each table of a part, named in an error by what stands under `key`."""
    tables = data[part]
    if not isinstance(tables, list):
        raise MenuError(file, part, f"is written with two brackets: [[{part}]]")
    return tuple(_at(file, f"{part} {_name(raw, key)}", read, raw, *more) for raw in tables)


def _name(raw: Any, key: str) -> str:
    return str(raw.get(key, "without a name")) if isinstance(raw, dict) else "without a name"


def _edition(raw: Any) -> tuple[str, bool]:
    """The version, and whether it is a reconstruction and not the handreiking's own text."""
    table(raw, {"version", "reconstruction"})
    version, is_reconstruction = raw["version"], raw["reconstruction"]
    if not isinstance(version, str) or not version.strip() or "/" in version:
        raise ValueError("version is a text without a stroke; behind the stroke comes an organisation's own number")
    if not isinstance(is_reconstruction, bool):
        raise ValueError(f"reconstruction is true or false, not {is_reconstruction!r}")
    return version, is_reconstruction


def _keys(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(key, str) for key in raw):
        raise ValueError(f"sources is a list of keys, not {raw!r}")
    return tuple(raw)


def _ladder(data: Mapping[str, Any]) -> Ladder:
    found: dict[tuple[int, str], Any] = {}
    if not isinstance(data["step"], list):
        raise MenuError("ladder.toml", "step", "is written with two brackets: [[step]]")
    for raw in data["step"]:
        where = f"severity {_name(raw, 'severity')}, {_name(raw, 'occurrence')}"
        key, steps = _at("ladder.toml", where, read_cell, raw)
        if key in found:
            raise MenuError("ladder.toml", where, "stands there twice")
        found[key] = steps
    for severity, occurrence in LADDER_CELLS:
        if (severity, occurrence) not in found:
            raise MenuError("ladder.toml", f"severity {severity}, {occurrence}", "is missing")
    return {key: found[key] for key in LADDER_CELLS}
