"""The trail only grows, and a change in it shows."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from tests import clock
from tests.world import Place, make_incident
from vpdportal.audit import append_only
from vpdportal.audit.chain import record, verify
from vpdportal.audit.models import AuditEvent, ChainHead

ORGANISATION = uuid4()


def write(number: int) -> None:
    for count in range(number):
        record(
            action="test.done", now=clock.now(), actor_id=None, organisation_id=ORGANISATION, object_type="thing",
            object_id=uuid4(), fields=[str(count)],
        )  # fmt: skip


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_changes(db: None, change: str):
    write(2)
    events = AuditEvent.objects.filter(organisation_id=ORGANISATION)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        events.delete() if change == "delete" else events.update(action="nothing.happened")
    assert events.count() == 2


def test_a_whole_chain_is_whole(db: None):
    assert verify(ORGANISATION).is_whole
    write(5)
    assert verify(ORGANISATION) == verify(ORGANISATION)
    assert (verify(ORGANISATION).is_whole, verify(ORGANISATION).events) == (True, 5)


TAMPERING = {
    "edit": "UPDATE audit_auditevent SET action = 'nothing.happened' WHERE position = 3",
    "delete": "DELETE FROM audit_auditevent WHERE position = 3",
    "cut the tail": "DELETE FROM audit_auditevent WHERE position > 3",
    "move": "UPDATE audit_auditevent SET position = position + 900 WHERE position IN (2, 3)",
    "another actor": "UPDATE audit_auditevent SET actor_id = object_id WHERE position = 2",
}


@pytest.mark.parametrize("statement", TAMPERING.values(), ids=TAMPERING.keys())
def test_tampering_shows(committed: None, statement: str):
    write(5)
    assert verify(ORGANISATION).is_whole
    with connection.schema_editor() as editor:
        append_only.unlock(None, editor)
    with connection.cursor() as cursor:
        cursor.execute(statement)
    with connection.schema_editor() as editor:
        append_only.lock(None, editor)
    assert not verify(ORGANISATION).is_whole


def test_writers_at_the_same_time_make_one_chain(committed: None):
    def run(_number: int) -> None:
        try:
            write(10)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    assert (verify(ORGANISATION).is_whole, verify(ORGANISATION).events) == (True, 40)
    assert ChainHead.objects.get(chain=str(ORGANISATION)).position == 40


def test_the_trail_holds_no_word_that_someone_wrote(town: Place, as_user: Any):
    words = {"story": "kanarie-een", "place": "kanarie-twee", "perpetrator_description": "kanarie-drie"}
    incident = make_incident(town, **words)
    client = as_user(town.adviser)
    client.post(f"/dossier/{incident.pk}/notitie/", {"text": "kanarie-vier"})
    trail = str(list(AuditEvent.objects.values_list("action", "object_type", "fields")))
    assert "incident.note_added" in trail and "kanarie" not in trail


def test_the_officer_reads_the_log_and_that_is_logged(town: Place, as_user: Any):
    incident = make_incident(town)
    client = as_user(town.auditor)
    page = client.get("/logboek/vlinderwaard/", {"number": incident.reference, "check": "1"}).content.decode()
    assert incident.reference in page and "Het logboek is heel" in page
    assert AuditEvent.objects.filter(action="audit.viewed", actor_id=town.auditor.pk).count() == 1


def test_the_log_asks_the_same_however_long_it_is(town: Place, as_user: Any, django_assert_num_queries: Any):
    for _number in (1, 3):
        make_incident(town)
        client = as_user(town.auditor)
        with django_assert_num_queries(12):
            client.get("/logboek/vlinderwaard/")
