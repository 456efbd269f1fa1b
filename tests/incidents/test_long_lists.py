"""Lists that grow for years: page by page, each row once, and no more than a page is read (issue 9)."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import Incident, Note, TimelineEntry
from incidents.overview.case_list import SORTS
from incidents.views.desk import UNFOLDED, UNREAD
from tests import clock
from tests.world import Place, make_incident
from vpdportal import pages
from vpdportal.audit.chain import record

NEXT = re.compile(r'rel="next" href="([^"]+)"')


def walk(client: Client, address: str) -> list[str]:
    """The pages as someone reads them: each "Next" or "Older" is followed."""
    texts, here = [], address
    while here:
        response = client.get(here)
        assert response.status_code == 200
        texts.append(response.content.decode())
        found = NEXT.search(texts[-1])
        link = found[1].replace("&amp;", "&") if found else ""
        here = (address.partition("?")[0] + link if link.startswith("?") else link) if link else ""
        assert len(texts) < 9
    return texts


def copies(incident: Incident, number: int) -> None:
    """So many cases beside it, alike but for their number; every second is less severe."""
    for one in range(number):
        incident.pk, incident.idempotency_key = uuid4(), uuid4()
        incident.reference, incident.severity = f"VW-{one:05}-0", 1 + one % 2
        incident._state.adding = True
        incident.save(force_insert=True)


@pytest.mark.parametrize("sort", [f"{turn}{name}" for name in SORTS for turn in ("", "-")])
def test_all_cases_page_by_page_in_every_order(town: Place, as_user: Any, sort: str):
    copies(make_incident(town), 59)
    texts = walk(as_user(town.adviser), f"{reverse('case_list')}?sort={sort}")
    numbers = [number for text in texts for number in re.findall(r'<th scope="row"><a href="[^"]+">([^<]+)</a>', text)]
    assert [text.count('<th scope="row">') for text in texts] == [25, 25, 10] and len(set(numbers)) == 60


def test_back_from_the_second_page_and_to_the_first(town: Place, english: Any):
    copies(make_incident(town), 30)
    client, address = english(town.adviser), reverse("case_list")
    first, second = walk(client, f"{address}?sort=number&kind=incident")
    previous = re.search(r'rel="prev" href="([^"]+)"', second)
    assert previous and "kind=incident" in previous[1] and "sort=number" in previous[1]
    back = client.get(previous[1].replace("&amp;", "&")).content.decode()
    rows = re.compile(r"<tbody>.*</tbody>", re.DOTALL)
    assert rows.findall(back) == rows.findall(first) and 'rel="prev"' not in back
    assert "First page" in second and "First page" not in first


def test_a_great_number_of_cases_is_not_counted_to_the_end(town: Place, english: Any, monkeypatch: pytest.MonkeyPatch):
    copies(make_incident(town), 40)
    client = english(town.adviser)
    assert "41 cases" in client.get(reverse("case_list")).content.decode()
    monkeypatch.setattr(pages.counted, "__defaults__", (30,))
    assert "More than 30 cases" in client.get(reverse("case_list")).content.decode()


def test_the_timeline_and_the_notes_page_by_themselves(town: Place, english: Any):
    incident = make_incident(town)
    entry = incident.timeline.first()
    assert entry
    TimelineEntry.objects.bulk_create(
        TimelineEntry(
            organisation_id=entry.organisation_id,
            incident=incident,
            at=clock.now() - timedelta(minutes=one),
            kind=entry.kind,
            by=town.adviser,
        )
        for one in range(50)
    )
    for one in range(23):
        Note.objects.create(
            organisation=town.organisation, incident=incident, at=clock.now(), by=town.adviser, text=f"Notitie {one}."
        )
    every = incident.timeline.count()
    texts = walk(english(town.adviser), reverse("case_timeline", args=[incident.pk]))
    shown = [text.partition('<ol class="timeline">')[2].partition("</ol>")[0].count("<li>") for text in texts]
    assert shown == [40, every - 40]
    assert all(text.count("<article>") == 20 for text in texts) and "Older notes" in texts[0]


def test_who_looked_tells_ten_days_and_then_the_older(town: Place, english: Any):
    incident = make_incident(town)
    for day in range(12):
        for _again in range(3):
            record(
                action="incident.viewed",
                now=clock.now() + timedelta(days=day),
                actor_id=town.adviser.pk,
                organisation_id=town.organisation.pk,
                object_type="incident",
                object_id=incident.pk,
                fields=["case"],
            )
    first, second = walk(english(town.employee), reverse("who_looked", args=[incident.pk]))
    assert (first.count('<th scope="row">'), second.count('<th scope="row">')) == (10, 2)
    assert first.count("3 times") == 10 and "Newest" in second and "Newest" not in first
    for odd in ("x", "0001-01-01", "9999-12-31", "2026-02-30", "\0"):
        page = english(town.employee).get(reverse("who_looked", args=[incident.pk]), {"before": odd})
        assert page.status_code == 200


def test_very_many_cases_with_something_new_are_not_all_read(town: Place, english: Any):
    for _one in range(UNREAD + 2):
        incident = make_incident(town)
        write(incident, town)
    page = english(town.adviser).get(reverse("work_list"))
    assert len(page.context["unread"]) == UNFOLDED and len(page.context["unread_more"]) == UNREAD - UNFOLDED
    assert f"more than {UNREAD} cases" in page.content.decode()


def write(incident: Incident, town: Place) -> None:
    """The reporter writes to the desk."""
    incident.messages.create(
        organisation=town.organisation,
        person=town.employee,
        by=town.employee,
        at=clock.now(),
        is_from_desk=False,
        form_key=incident.pk,
        text="Is er nieuws?",
    )
