"""The accessibility statement: what was measured is of the portal as it is now, and the page says no more than that."""

import ast
import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from tests import clock
from tests.access.rights import GET, POST
from tests.environment import DEFAULTS
from tests.look.results import ROOT, STATEMENT, gathered
from tests.vpdportal.test_settings import start
from tests.world import Place
from vpdportal.accessibility import RESULTS as KEPT
from vpdportal.accessibility import Status, measured, status_on

DAY = date(2026, 11, 30)
# What answers 200 and is no page that someone looks at.
NO_PAGES = {
    **dict.fromkeys(("accountability_file", "import_example", "overview_file", "police_docx"), "a file"),
    **dict.fromkeys(("letter_file", "letter_template_file"), "a file"),
    **dict.fromkeys(("case_evidence", "case_evidence_copy", "evidence_own"), "a file that someone brought"),
    **dict.fromkeys(("live", "ready", "manifest", "robots", "offline_worker"), "for programs"),
    **dict.fromkeys(("offline_state", "passkey_question"), "for the scripts of a page"),
    "offline": "the device shows it at the address of a report, where tests/stories/test_offline.py looks at it",
    "overview_chart": "a picture to take along; on the page it stands with its numbers",
    "account_login": "the page to sign in, by the name that the library gives it",
}


def known() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(KEPT.read_text(encoding="utf-8"))
    return found


def looking_tests() -> set[str]:
    """The tests in a browser at several widths: `file::name`."""
    found = set()
    for path in sorted(Path(ROOT / "tests/look").glob("test_*_in_browser.py")):
        for one in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [ast.unparse(mark) for mark in getattr(one, "decorator_list", ())]
            if isinstance(one, ast.FunctionDef) and "LOOKS" in names:
                found.add(f"{path.relative_to(ROOT)}::{one.name}")
    return found


def test_what_was_measured_is_of_the_tests_that_there_are():
    """A page test that is new, or was renamed, asks for `make accessibility`."""
    measured_by = {one for one in known()["tests"] if one.startswith("tests/look/")}
    assert looking_tests() - measured_by == set()
    assert all(Path(ROOT / one.split("::")[0]).exists() for one in known()["tests"])


def test_every_page_was_looked_at_or_is_named_here():
    """A page that is new asks for a look in a browser, and for `make accessibility`."""
    shown = {name for name, columns in GET.items() if "200" in columns.values()}
    looked_at = set(measured().pages)
    assert shown - looked_at - NO_PAGES.keys() == set()
    assert NO_PAGES.keys() & looked_at == set()
    assert looked_at - GET.keys() - POST.keys() - {""} == set(), "these addresses are gone"


def test_nothing_was_found():
    assert measured().violations == 0 and measured().looks > 500
    assert measured().languages == ["en", "nl"] and {360, 1280} <= set(measured().widths)


def test_the_statement_on_paper_is_that_of_the_portal():
    """`make accessibility` writes it; `manage.py accessibility_statement > docs/toegankelijkheidsverklaring.md` too."""
    made = io.StringIO()
    call_command("accessibility_statement", stdout=made)
    assert made.getvalue() == STATEMENT.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("research_on", "status"),
    [
        (None, Status.NOT_COMPLIANT),
        (DAY - timedelta(days=1), Status.NOT_COMPLIANT),
        (DAY, Status.FIRST_MEASURES),
        (DAY + timedelta(days=183), Status.FIRST_MEASURES),
        (DAY + timedelta(days=184), Status.NOT_COMPLIANT),
    ],
)
def test_the_status_is_what_the_law_makes_of_it(research_on: date | None, status: Status):
    """Nothing that a program measures makes A or B."""
    assert status_on(DAY, research_on) == status


def test_everyone_may_read_it(town: Place, other_town: Place, english: Any, settings: Any):
    settings.ACCESSIBILITY_CONTACT = "toegankelijk@voorbeeld.invalid"
    settings.ACCESSIBILITY_RESEARCH_ON = clock.now().date() + timedelta(days=30)
    stranger = Client()
    stranger.cookies["vpd_language"] = "en"
    page = stranger.get(reverse("accessibility")).content.decode()
    assert "Status: C" in page and "24 December 2026" in page and 'href="mailto:toegankelijk@voorbeeld.invalid"' in page
    assert not any(name in page for name in (town.organisation.name, other_town.organisation.name))
    assert "Nobody with a disability tried the portal yet" in page
    own = english(town.employee).get(reverse("accessibility")).content.decode()
    assert f"{town.organisation.name} wants everyone" in own and other_town.organisation.name not in own
    settings.ACCESSIBILITY_CONTACT, settings.ACCESSIBILITY_RESEARCH_ON = "", None
    page = stranger.get(reverse("accessibility")).content.decode()
    assert "Status: D" in page and "Ask the organisation where you work" in page and "mailto:" not in page


def test_every_page_links_it(town: Place, english: Any):
    for client in (Client(), english(town.employee)):
        page = client.get(reverse("sign_in") if client.cookies.get("vpd_language") is None else reverse("home"))
        assert f'href="{reverse("accessibility")}"' in page.content.decode()


@pytest.mark.parametrize(
    ("name", "value"), [("ACCESSIBILITY_CONTACT", "a b@c.invalid"), ("ACCESSIBILITY_RESEARCH_ON", "in het voorjaar")]
)
def test_a_setting_that_says_nothing_stops_the_start(name: str, value: str):
    refused = start({**DEFAULTS, name: value})
    assert refused.returncode == 1 and f"{name} is" in refused.stderr


def test_looks_are_counted_together():
    tags = {"color-contrast": ["wcag2aa", "wcag143"], "region": ["best-practice"]}
    look = {"test": "t", "width": 360, "language": "nl", "axe": "4.1", "tags": tags, "failed": []}
    passed = {**look, "page": "home", "passed": ["color-contrast", "region"], "unsure": []}
    left_open = {**look, "page": "case", "passed": ["region"], "unsure": ["color-contrast"], "language": "en"}
    found = gathered([passed, passed, left_open], DAY)
    assert found["pages"] == {"case": 1, "home": 2} and found["languages"] == ["en", "nl"]
    assert found["rules"]["color-contrast"] == {"passed": 2, "failed": 0, "unsure": 1, "tags": tags["color-contrast"]}
