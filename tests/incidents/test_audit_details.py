"""What stands beside an event of the audit log: words instead of codes, and no number that nobody can read."""

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import translation

from incidents.views.who_looked import MEANINGS, PARTS
from incidents.vocabulary.audit_details import detail_of
from tests import clock
from tests.world import Place, make_incident
from vpdportal.audit.chain import record

SEAL = "0123456789abcdef" * 4
VIEWS = Path(__file__).resolve().parent.parent.parent / "incidents" / "views"
LOOKED = re.compile(
    r'record_view\([^)]*part="(\w+)"|show_part\(\s*request,\s*[\w.]+,\s*"(\w+)"|^NAME = "(case_\w+)"', re.M
)


@pytest.mark.parametrize(
    ("action", "code", "words"),
    [
        ("retention.agreed", "months:24", "24 months"),
        ("retention.agreed", "months:1", "1 month"),
        ("retention.agreed", "messages", "messages and notes"),
        ("retention.postponed", "until:2027-05-01", "until 1 May 2027"),
        ("retention.postponed", "until:9999-99-99", "until:9999-99-99"),
        ("data_request.received", "access", "access to their data"),
        ("data_request.collected", "pieces_3", "3 pieces"),
        ("cases.searched", "found_0", "0 found"),
        ("cases.exported", "purpose:planning", ""),
        ("cases.exported", "file:ods", "ods"),
        ("overview.released", f"sha256:{SEAL}", "seal 0123456789ab…"),
        ("audit.anchored", f"hash:{SEAL}", "seal 0123456789ab…"),
        ("person.opened", "handle", ""),
        ("incident.facts_added", "weapon", "Weapon"),
        ("incident.advised", "N01", "N01"),
        ("incident.merged", "8d0e8e0e-0000-4000-8000-000000000000", ""),
        ("opening.judged", "not_in_order", "not in order"),
        ("reminders.saved", "digest_at", "digest_at"),
        ("of_a_version_that_is_gone", "a:b:c", "a:b:c"),
    ],
)
def test_codes_in_words(action: str, code: str, words: str):
    with translation.override("en"):
        assert detail_of(action, code).lower() == words.lower()


def test_a_seal_is_short_on_the_page_and_whole_in_the_file(town: Place, as_user: Any):
    where = {"organisation_id": town.organisation.pk, "object_type": "release", "object_id": uuid4()}
    record(action="overview.released", now=clock.now(), actor_id=None, fields=["2026-10", f"sha256:{SEAL}"], **where)
    client, slug = as_user(town.auditor), [town.organisation.slug]
    client.cookies["vpd_language"] = "en"
    page = client.get(reverse("audit_log", args=slug)).content.decode()
    assert "seal 0123456789ab…" in page and SEAL not in page
    taken = client.post(reverse("audit_export", args=slug), {"file": "csv"}).content.decode("utf-8-sig")
    assert f"sha256:{SEAL}" in taken


def test_what_was_opened_in_need_stands_out(town: Place, as_user: Any):
    where = {"organisation_id": town.organisation.pk, "object_type": "incident", "object_id": make_incident(town).pk}
    client, page = as_user(town.auditor), reverse("audit_log", args=[town.organisation.slug])
    assert 'class="mark mark--warm">' not in _lines(client.get(page))
    record(action="incident.opened_in_need", now=clock.now(), actor_id=town.deputy.pk, **where)
    assert _lines(client.get(page)).count('class="mark mark--warm">') == 1


def _lines(page: Any) -> str:
    return page.content.decode().split("<tbody>")[1].split("</tbody>")[0]


def test_every_page_that_leaves_a_look_has_words_for_who_it_is_about():
    named = {
        name for file in VIEWS.glob("*.py") for found in LOOKED.findall(file.read_text()) for name in found if name
    }
    assert {"damage_line", "case", "case_keeping", "facts"} <= named
    assert named - set(PARTS) == set()


def test_someone_without_a_role_is_explained(town: Place, as_user: Any):
    case = make_incident(town)
    where = {"organisation_id": town.organisation.pk, "object_type": "incident", "object_id": case.pk}
    client, page = as_user(town.employee), reverse("who_looked", args=[case.pk])
    client.cookies["vpd_language"] = "en"
    assert str(MEANINGS[""]) not in client.get(page).content.decode()
    record(action="incident.viewed", now=clock.now(), actor_id=uuid4(), fields=["damage_line"], **where)
    text = client.get(page).content.decode()
    with translation.override("en"):
        assert str(MEANINGS[""]) in text and "the damage" in text
