"""Each page and file of a case leaves exactly one look in the log, whoever opens it (T32)."""

from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import Incident
from tests.access.columns import COLUMNS
from tests.access.rights import GET
from tests.access.test_rights import scene
from tests.world import Place, make_incident
from vpdportal.audit.models import AuditEvent

__all__ = ["scene"]

# Pages of what hangs under a case, which their address does not name.
OF_A_CASE = frozenset(
    {
        "task",
        "care_plan",
        "damage_line",
        "evidence_own",
        "letter",
        "letter_file",
        "letter_preview",
        "police_docx",
        "police_pdf",
        "police_sheet",
        "reaction",
        "reaction_breach",
        "reaction_edit",
        "reaction_second",
        "reaction_sign",
    }
)
NOT_YET = frozenset({"restricted_open"})  # asks why, and shows nothing of the case
TWO = frozenset({"case_merge"})  # shows a second case beside the first: a look at each


def looks_of(client: Client, address: str) -> tuple[Any, Counter[UUID]]:
    """The answer, and how often this request wrote that each case was looked at."""
    last = AuditEvent.objects.filter(action="incident.viewed").values_list("pk", flat=True)
    known = set(last)
    response = client.get(address)
    if response.streaming:
        b"".join(response.streaming_content)  # type: ignore[arg-type]
    fresh = AuditEvent.objects.filter(action="incident.viewed").exclude(pk__in=known)
    return response, Counter(fresh.values_list("object_id", flat=True))


def is_case(args: list[Any]) -> bool:
    return bool(args) and isinstance(args[0], UUID) and Incident.objects.filter(pk=args[0]).exists()


@pytest.mark.once  # every page of a case; on PostgreSQL test_rights.py opens them all
def test_each_page_and_file_of_a_case_is_looked_at_once(scene: Any, as_user: Any):
    missed, number = [], 0
    for column in COLUMNS:
        person = scene["people"].get(column)
        if person is None:
            continue
        client = as_user(person)
        for name in GET:
            args = scene["addresses"].get(name, [])
            if not args:
                continue
            response, looks = looks_of(client, reverse(name, args=args))
            if any(often != 1 for often in looks.values()):
                missed.append((column, name, "more than once"))
            if response.status_code != 200:
                assert not looks, (column, name, "a page that was not shown is no look")
                continue
            if name not in NOT_YET and (is_case(args) or name in OF_A_CASE):
                number += 1
                wanted = 2 if name in TWO else 1
                if len(looks) != wanted:
                    missed.append((column, name, len(looks)))
            elif looks:
                missed.append((column, name, "not in OF_A_CASE"))
    assert not missed
    assert number > 60


def test_a_page_that_forgets_to_write_it_down_is_found(town: Place, as_user: Any, monkeypatch: pytest.MonkeyPatch):
    address, client = reverse("case", args=[make_incident(town).pk]), as_user(town.adviser)
    assert looks_of(client, address)[1]
    monkeypatch.setattr("incidents.views.case_frame.record_view", lambda **_what: None)
    response, looks = looks_of(client, address)
    assert response.status_code == 200 and not looks
