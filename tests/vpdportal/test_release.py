"""The version stands in pyproject.toml, what else names one keeps up, and the changelog says what to do to update."""

import re
import tomllib
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
HEADING = re.compile(r"^## \[(.+?)\](?: - (\d{4}-\d{2}-\d{2}))?$", re.MULTILINE)
PARTS = ("To update", "Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")  # Keep a Changelog, and ours


def parts_of(release: str) -> list[str]:
    return re.findall(r"^### (.+)$", release, re.MULTILINE)


def releases() -> dict[str, str]:
    """Each release's text by its name, newest first."""
    names = [found[1] for found in HEADING.finditer(CHANGELOG)]
    return dict(zip(names, HEADING.split(CHANGELOG)[3::3], strict=True))


def test_the_newest_release_is_the_version():
    dated = [(name, day) for name, day in HEADING.findall(CHANGELOG) if day]
    assert dated[0][0] == VERSION
    assert [day for _name, day in dated] == sorted((day for _name, day in dated), reverse=True)
    publicly = (ROOT / "publiccode.yml").read_text(encoding="utf-8")
    assert f'softwareVersion: "{VERSION}"' in publicly and f'releaseDate: "{dated[0][1]}"' in publicly
    assert date.fromisoformat(dated[0][1])


def test_every_heading_is_of_a_release_in_order():
    assert len(re.findall(r"^## ", CHANGELOG, re.MULTILINE)) == len(HEADING.findall(CHANGELOG))
    names = list(releases())
    assert names[0] == "Unreleased" and len(names) == len(set(names))


def test_a_release_says_first_what_to_do():
    for name, text in releases().items():
        parts = parts_of(text)
        assert [part for part in parts if part not in PARTS] == [], name
        assert parts[0] == "To update", name


def test_all_variables_that_are_new_are_real():
    """What an administrator is told to set is a variable of the portal."""
    named = set(re.findall(r"`([A-Z][A-Z_]{5,})`", CHANGELOG))
    told = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    assert named and {one for one in named if f"`{one}`" not in told} == set()
