"""The negative controls of "a GET changes nothing": what changes a row while someone only looks is found.

That no address does so, test_rights.py says beside the rights: it asks each address as everyone, by GET and by HEAD.
"""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from incidents.models import Incident, Note
from incidents.views import case_page
from tests import clock
from tests.access.looking import MAY_BE_WRITTEN, ONLY_WHEN_SHOWN, listening
from tests.world import Place, make_incident
from vpdportal.accounts.models import User


def look(client: Client, case: Incident, method: str = "GET") -> list[str]:
    with listening() as written:
        assert client.generic(method, reverse("case", args=[case.pk])).status_code == 200
    assert "INSERT audit_auditevent" in written.statements, "it listens"
    return written.wrong_for(method)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda case: Incident.objects.filter(pk=case.pk).update(severity=4), "UPDATE incidents_incident severity"),
        (lambda case: case.notes.all()._raw_delete("default"), "DELETE incidents_note"),
        (lambda case: note(case).save(), "INSERT incidents_note"),
        (lambda case: User.objects.update(phone="1"), "UPDATE accounts_user phone"),
        (lambda case: _raw("UPDATE incidents_incident SET touched_at = touched_at"), "UPDATE incidents_incident"),
        (lambda case: _raw("WITH x AS (SELECT 1) DELETE FROM incidents_note"), "DELETE incidents_note"),
    ],
)  # fmt: skip
def test_a_page_that_changes_something_is_found(
    town: Place, as_user: Any, monkeypatch: pytest.MonkeyPatch, change: Any, told: str
):
    client, case = as_user(town.adviser), make_incident(town)
    assert look(client, case) == []
    show = case_page.show_part

    def show_and_change(request: Any, incident: Incident, *args: Any, **more: Any) -> Any:
        change(incident)
        return show(request, incident, *args, **more)

    monkeypatch.setattr(case_page, "show_part", show_and_change)
    for method in ("GET", "HEAD"):
        assert any(one.startswith(told) for one in look(client, case, method)), method


def test_who_reads_has_seen_it_and_who_only_knocks_has_not(town: Place, as_user: Any):
    client, address = as_user(town.employee), reverse("report_status", args=[make_incident(town).pk])
    with listening() as written:
        client.head(address)
    assert written.statements.isdisjoint(ONLY_WHEN_SHOWN)
    with listening() as written:
        client.get(address)
    assert "UPDATE incidents_news seen_at" in written.statements and written.wrong_for("GET") == []
    assert written.wrong_for("HEAD") == ["UPDATE incidents_news seen_at"] and written.wrong_for("POST") == []


def test_nothing_of_a_case_or_a_setting_may_be_written():
    tables = {statement.split()[1] for statement in (*MAY_BE_WRITTEN, *ONLY_WHEN_SHOWN)}
    assert not tables & {model._meta.db_table for model in (Incident, Note, User)}
    assert {one for one in tables if one.startswith("incidents_")} == {
        "incidents_message",
        "incidents_news",
        "incidents_calendarfeed",
    }


def note(case: Incident) -> Note:
    return Note(organisation=case.organisation, incident=case, at=clock.now(), by=case.reporter)


def _raw(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
