"""No page asks for everything (issue 9): with very many of all that can grow, a page still fetches a page of rows.

Rows are counted as they come from the database, so what Python leaves out afterwards counts too. A new list takes part
by itself: each address of the table of rights, and copies of the rows of each table.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse

from incidents.models import Incident
from tests.access.crowd import Crowd
from tests.access.relations import browser_of
from tests.access.rights import GET
from tests.access.scene import scene_of
from tests.access.test_rights import no_pdf  # noqa: F401  a PDF takes seconds
from tests.rows import fetched_rows
from tests.world import Place
from vpdportal.accounts.models import User

MANY = 200  # of each; a page has 50 rows at most
MOST = 150  # rows of a page with all that stands around them
READERS = ("adviser", "auditor", "administrator", "management", "manager", "employee")


@dataclass(frozen=True)
class Whole:
    """Why a page reads something whole, and how many times MANY that is: a case of the crowd has MANY of each."""

    why: str
    times: int = 1


BY_CHANCE = {"case_links"}  # which of two cases a link names first, its ids decide: so whether copies of it hang here
OF_ONE_CASE = "what people do by hand in one case: tens"
COLLEAGUES = "the choice of a colleague: who has a role that takes tasks, reads the log or manages a department"
WHOLE = {
    "home": Whole("the own reports that were not sent yet; they go by themselves after a while"),
    "report": Whole("the same"),
    "report_add": Whole("the own files of one report, of which there may be no more than a form takes"),
    "report_status": Whole(f"tasks, talks, questions, files and statements: {OF_ONE_CASE}", 7),
    "messages": Whole("one conversation, and what is asked in it; at most 500", 2),
    "visibility": Whole("who sees one report: the managers of its department", 2),
    "case_visibility": Whole("who sees one report: the managers of its department", 2),
    "case": Whole(f"the tasks of each advice, and the managers of the department: {OF_ONE_CASE}", 5),
    **dict.fromkeys(("case_damage", "case_police", "case_reactions", "letter"), Whole(OF_ONE_CASE)),
    "case_keeping": Whole(f"what keeps it longer: {OF_ONE_CASE}", 2),
    "case_letters": Whole(f"letters, their versions and the reactions they go with: {OF_ONE_CASE}", 3),
    "case_links": Whole(f"cases that belong together: {OF_ONE_CASE}"),
    "case_people": Whole(f"who did it: {OF_ONE_CASE}"),
    **dict.fromkeys(
        ("task", "task_add", "care_plan", "case_care", "case_ending", "hand_over_all", "reaction_new", "reaction_edit"),
        Whole(COLLEAGUES),
    ),
    "audit_log": Whole(COLLEAGUES),
    "administration_person": Whole("the days on which one person is away, from today on"),
    **dict.fromkeys(
        ("data_requests", "data_request", "data_pieces"),
        Whole("the keys of the restricted cases that are closed to the reader, read apart: one report in a hundred"),
    ),
    "import_sheet": Whole("the sheet that is brought in, in its blocks: 20,000 rows at most", 2),
    "menu_item": Whole("advises the reports of twelve months again, 500 in memory at a time", 6),
    "card_item": Whole("advises the reports of twelve months again, 500 in memory at a time", 6),
}


@pytest.mark.usefixtures("no_pdf")
def test_no_page_fetches_more_than_a_page(town: Place, other_town: Place):
    scene = scene_of(town, other_town)
    crowd = Crowd(Incident.objects.get(pk=scene["addresses"]["case"][0]), MANY)
    crowd.grow()
    assert {"Incident", "Task", "TimelineEntry", "Person", "User", "Mail", "DataRequest"} <= crowd.grown.keys()
    too_much, over = {}, set()
    for name, column in _opened():
        rows, told = _rows_of(scene, name, column)
        whole = WHOLE.get(name)
        if rows > MOST:
            over.add(name)
        if rows > MOST + (whole.times * MANY if whole else 0):
            too_much[name, column] = rows, told
    assert too_much == {}
    assert WHOLE.keys() - over - BY_CHANCE == set(), "no exception is needed for these any more"


def test_what_is_fetched_is_counted(town: Place):
    """Whichever way Python asks; and not what stays with the database."""
    with fetched_rows() as fetched:
        list(User.objects.all())
        list(User.objects.iterator(chunk_size=2))
        User.objects.count()
        User.objects.first()
    everyone = User.objects.count()
    assert everyone > 2 and fetched.rows == 2 * everyone + 2


def _opened() -> Iterator[tuple[str, str]]:
    """Each address with each of the readers to whom it is a page."""
    for name, expected in GET.items():
        yield from ((name, column) for column in READERS if expected[column] == "200")


def _rows_of(scene: dict[str, Any], name: str, column: str) -> tuple[int, list[tuple[str, int]]]:
    address = reverse(name, args=scene["addresses"].get(name, []))
    client = browser_of(scene["people"][column])
    with fetched_rows() as fetched:
        response = client.get(address)
        b"".join(response) if response.streaming else None
    assert response.status_code == 200, f"{name} as {column}"
    return fetched.rows, fetched.most
