"""The audit log as the officer reads it: words for every event, filters, pages, reasons, and taking it along."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from incidents.actions.glass import break_glass
from incidents.actions.restricting import restrict
from incidents.models import Exclusion, Involvement, Person, PersonOpening
from incidents.vocabulary import OpeningPurpose, StayKind, TimelineKind
from incidents.vocabulary.audit import ACT_OF, WORDS
from tests import clock
from tests.world import Place, make_incident, make_user
from vpdportal.accounts.models import ProposalStatus
from vpdportal.accounts.roles import Role
from vpdportal.audit.chain import record
from vpdportal.audit.models import AuditEvent

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = re.compile(r"[a-z_]+\.[a-z_]+")
OPEN_ENDED = {
    "incident.": [kind.value for kind in TimelineKind],
    "role.": [one.value for one in ProposalStatus if one != ProposalStatus.OPEN],
    "retention.": [kind.value for kind in StayKind],
}


def actions_in(source: str) -> Iterator[str]:
    """The actions that a module may write: what is given to a call that writes, and constants that such calls name."""
    tree = ast.parse(source)
    if not re.search(r"chain import .*record|note_viewed|noted import", source):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
            yield node.value
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            begin = str(node.values[0].value)
            if begin in OPEN_ENDED and len(node.values) == 2:
                yield from (f"{begin}{end}" for end in OPEN_ENDED[begin])


def sources() -> list[Path]:
    return [
        path
        for folder in ("vpdportal", "incidents", "guidance")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts and "demo" not in path.parts
    ]


NOT_ACTIONS = {"allauth.account", "model.column", "vpdportal.audit", "perpetrator.known"}


def test_every_event_has_words():
    found = {action for path in sources() for action in actions_in(path.read_text())} - NOT_ACTIONS
    missing = {action for action in found if action not in ACT_OF}
    assert not missing, f"give these words in incidents/vocabulary/audit.py: {sorted(missing)}"
    assert len(found) > 60  # noqa: PLR2004  the search itself still works


def test_an_action_without_words_is_found():
    planted = 'from vpdportal.audit.chain import record\nrecord(action="case.whispered", now=1)\n'
    assert set(actions_in(planted)) - set(ACT_OF) == {"case.whispered"}


def test_every_event_that_was_written_has_words(town: Place, as_user: Any):
    """Of what happens in a small story: nothing of it is shown as a code."""
    incident = make_incident(town)
    as_user(town.adviser).get(reverse("case", args=[incident.pk]))
    written = set(AuditEvent.objects.values_list("action", flat=True))
    assert written and written <= set(ACT_OF)


def note(town: Place, action: str = "cases.searched", **more: Any) -> AuditEvent:
    wanted = {"actor_id": town.adviser.pk, "object_type": "organisation", "object_id": town.organisation.pk}
    return record(action=action, now=clock.now(), organisation_id=town.organisation.pk, **{**wanted, **more})


def page(client: Any, town: Place, **asked: Any) -> str:
    client.cookies["vpd_language"] = "en"
    response = client.get(reverse("audit_log", args=[town.organisation.slug]), asked)
    assert response.status_code == 200
    text: str = response.content.decode()
    return text


def test_filters_narrow_the_log(town: Place, as_user: Any):
    incident = make_incident(town)
    note(town, fields=["found_3"])
    note(town, "incident.viewed", object_type="incident", object_id=incident.pk, fields=["case_letters"])
    clock.move(hours=48)
    note(town, "sign_in.done", actor_id=town.manager.pk, object_type="user", object_id=town.manager.pk)
    client, today = as_user(town.auditor), timezone.localdate(clock.now())
    looked, searched, signed = (
        "looked at a page or file of a case",
        "searched for cases",
        ">signing in</span> signed in",
    )
    everything = page(client, town)
    assert all(words in everything for words in (looked, searched, signed)) and "letters" in everything
    assert searched in page(client, town, act="searched") and looked not in page(client, town, act="searched")
    of_manager = page(client, town, person=str(town.manager.pk))
    assert signed in of_manager and searched not in of_manager
    of_case = page(client, town, number=incident.reference.lower())
    assert looked in of_case and searched not in of_case
    of_today = page(client, town, first=str(today), last=str(today))
    assert signed in of_today and searched not in of_today
    assert searched not in page(client, town, number="VL-00000-0")


@pytest.mark.parametrize(
    "asked", [{"first": "10000-01-01"}, {"first": "0001-01-01"}, {"person": "x"}, {"act": "<b>"}, {"before": "²"},
              {"before": "9" * 30}, {"person": str(uuid4())}, {"before": "-1"}]
)  # fmt: skip
def test_odd_filters_are_answered(town: Place, as_user: Any, asked: dict[str, str]):
    page(as_user(town.auditor), town, **asked)


def test_pages_follow_the_position_and_lose_nothing(town: Place, as_user: Any):
    for number in range(60):
        note(town, fields=[f"mark{number:02}x"])
    client = as_user(town.auditor)
    first = page(client, town, act="searched")
    before = re.search(r"before=(\d+)", first)
    assert before is not None
    note(town, fields=["later"])  # what comes in meanwhile shifts nothing
    second = page(client, town, act="searched", before=before[1])
    marks = [re.findall(r"mark(\d\d)x", text) for text in (first, second)]
    assert marks[0] == [f"{number:02}" for number in range(59, 9, -1)]
    assert marks[1] == [f"{number:02}" for number in range(9, -1, -1)] and "later" not in second


def test_reasons_stand_beside_and_not_in_the_log(town: Place, as_user: Any):
    shut, second = make_incident(town), make_user()
    town.join(second, Role.DEPUTY)
    restrict(incident=shut, by=town.adviser, now=clock.now(), reason="Gaat over een collega.")
    break_glass(incident=shut, reason="Kanarie: er is nu een dreiging.", by=second, now=clock.now())
    note(town, "cases.exported", fields=["purpose:meeting", "rows:3"])
    text = page(as_user(town.auditor), town)
    assert "Kanarie: er is nu een dreiging." in text and "For a meeting about safety at work" in text
    assert "Kanarie" not in str(list(AuditEvent.objects.values_list("fields", flat=True)))


def test_an_officer_who_is_kept_out_sees_nothing_of_the_case_nor_of_its_persons(town: Place, as_user: Any):
    incident = make_incident(town)
    person = Person.objects.create(organisation=town.organisation, created_at=clock.now(), created_by=town.adviser)
    opening = PersonOpening(
        organisation=town.organisation, person=person, user=town.adviser, incident=incident,
        purpose=OpeningPurpose.HANDLE, at=clock.now(), until=clock.now() + timezone.timedelta(hours=1),
    )  # fmt: skip
    opening.reason = "Kanarie"
    opening.save()
    note(town, "person.opened", object_type="person", object_id=person.pk, fields=["handle"])
    note(town, "incident.viewed", object_type="incident", object_id=incident.pk, fields=["case"])
    client = as_user(town.auditor)
    text = page(client, town)
    assert incident.reference in text and "Kanarie" in text and "opened the record of a person" in text
    involved = Involvement(organisation=town.organisation, incident=incident, person=person, role="suspect")
    involved.at, involved.by, involved.remark = clock.now(), town.adviser, ""
    involved.save()
    Exclusion.objects.create(
        organisation=town.organisation, incident=incident, user=town.auditor, by=town.adviser, at=clock.now()
    )
    text = page(client, town)
    assert incident.reference not in text and "Kanarie" not in text and "opened the record of a person" not in text


def test_an_event_that_names_a_row_of_another_organisation_tells_nothing_of_it(
    town: Place, other_town: Place, as_user: Any
):
    """A log that was brought in may name any id; the same event over there has the number and the reason."""
    shut, second = make_incident(other_town), make_user()
    other_town.join(second, Role.DEPUTY)
    restrict(incident=shut, by=other_town.adviser, now=clock.now(), reason="Gaat over een collega.")
    break_glass(incident=shut, reason="Kanarie: er is nu een dreiging.", by=second, now=clock.now())
    wanted = {"actor_id": second.pk, "object_type": "incident", "object_id": shut.pk}
    note(town, "incident.opened_in_need", **wanted)
    there = page(as_user(other_town.auditor), other_town)
    assert "Kanarie" in there and shut.reference in there
    here = page(as_user(town.auditor), town)
    assert "Kanarie" not in here and shut.reference not in here


def test_taking_the_log_along_is_written_down_and_no_text_is_a_formula(town: Place, as_user: Any):
    town.adviser.name = "=1+1"
    town.adviser.save()
    for _number in range(3):
        note(town)
    client, address = as_user(town.auditor), reverse("audit_export", args=[town.organisation.slug])
    client.cookies["vpd_language"] = "en"
    response = client.post(f"{address}?act=searched", {"file": "csv"})
    assert response["Content-Type"].startswith("text/csv")
    lines = response.content.decode("utf-8-sig").split("\r\n")
    assert len(lines) == 5 and lines[0].startswith("Position;When;Who") and ";'=1+1;" in lines[1]
    written = AuditEvent.objects.get(action="audit.exported")
    assert written.actor_id == town.auditor.pk and written.fields == ["act", "file:csv", "rows:3"]
    ods = client.post(address, {"file": "ods"})
    assert ods.status_code == 200 and ods.content[:2] == b"PK"
    assert client.post(f"{address}?number=VL-00000-0", {"file": "csv"}).status_code == 409
    assert client.post(address, {"file": "exe"}).status_code == 400
    assert AuditEvent.objects.filter(action="audit.exported").count() == 2


def test_taking_the_log_along_asks_who_you_are(strictly: None, town: Place, as_user: Any):
    response = as_user(town.auditor).post(reverse("audit_export", args=[town.organisation.slug]), {"file": "csv"})
    assert not response.get("Content-Type", "").startswith("text/csv")
    assert not AuditEvent.objects.filter(action="audit.exported").exists()


def test_only_the_officer_of_this_organisation_reads_it(town: Place, other_town: Place, as_user: Any, client: Any):
    log, export = (reverse(name, args=[town.organisation.slug]) for name in ("audit_log", "audit_export"))
    assert client.get(log).status_code == 302 and client.post(export, {"file": "csv"}).status_code == 302
    for person, status in ((town.adviser, 403), (town.administrator, 403), (other_town.auditor, 404)):
        assert as_user(person).get(log).status_code == status
        assert as_user(person).post(export, {"file": "csv"}).status_code == status
    assert not AuditEvent.objects.filter(action="audit.exported").exists()


def test_the_page_asks_the_same_however_much_stands_on_it(town: Place, as_user: Any, django_assert_num_queries: Any):
    client = as_user(town.auditor)
    for number in (1, 3):
        for _turn in range(number):
            note(town, "incident.viewed", object_type="incident", object_id=make_incident(town).pk)
            note(town, "role.given", object_type="membership", object_id=town.organisation.memberships.first().pk)
        with django_assert_num_queries(12):
            client.get(reverse("audit_log", args=[town.organisation.slug]))


def test_words_stand_once():
    every = [action for words in WORDS.values() for action in words]
    assert len(every) == len(set(every))
