"""A case with a text in everything that a term runs for, each with a canary word that can be found again."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.core.files.base import ContentFile

from incidents.actions.evidence_files import store_original
from incidents.actions.letter_files import fingerprint, store_letter
from incidents.models import (
    Breach,
    CareMoment,
    CaseOpening,
    DamageLine,
    Evidence,
    Exclusion,
    Incident,
    Involvement,
    Letter,
    LetterVersion,
    Message,
    News,
    Note,
    Notice,
    Person,
    PersonKey,
    PersonOpening,
    PoliceSheet,
    Reaction,
    RetentionTerm,
    Statement,
    Task,
    TimelineEntry,
    Witness,
)
from incidents.vocabulary import CaseStatus, TaskStatus
from tests import clock
from tests.world import Place, make_incident
from vpdportal.accounts.models import User
from vpdportal.encryption import EncryptedTextField

CANARY = "kanarie"


def agree_terms(town: Place, since: date | None = None, **months: int) -> None:
    """Terms that were agreed and hold: our own proposal unless told otherwise."""
    ours = {"perpetrator": 24, "victim": 60, "evidence": 24, "messages": 24, "exact_figures": 84, "audit": 84}
    moment = clock.now() - timedelta(days=30)
    for part, number in {**ours, **months}.items():
        RetentionTerm.objects.create(
            organisation=town.organisation,
            part=part,
            months=number,
            chosen_by=town.administrator,
            chosen_at=moment,
            agreed_by=town.auditor,
            agreed_at=moment,
            holds_from=since or (moment + timedelta(days=14)).date(),
        )


def fill_columns(row: Any) -> Any:
    """A canary in each sealed column that is no JSON, and the row saved."""
    for column in row._meta.concrete_fields:
        if isinstance(column, EncryptedTextField) and not column.name.startswith("sealed_"):
            setattr(row, column.name, f"{CANARY} {row._meta.object_name} {column.name}")
    row.save(force_insert=row._state.adding)
    return row


def full_case(town: Place, person: Person | None = None, **more: Any) -> Incident:
    """A case in which something stands everywhere. Still open, with nothing open in it."""
    now = clock.now()
    incident = make_incident(town, by=town.employee, **more)
    incident.tasks.update(status=TaskStatus.DONE, finished_at=now, finished_by=town.adviser)
    fill_columns(incident)
    incident.details = {"more": CANARY}
    incident.affected = town.manager
    incident.save()
    person = person or make_person(town)
    for row in _rows(town, incident, person, now):
        fill_columns(row)
    for task in incident.tasks.all():
        fill_columns(task)
    for measure in incident.measures.all():
        fill_columns(measure)
    _files(town, incident, now)
    return incident


def make_person(town: Place) -> Person:
    person = Person(organisation=town.organisation, created_at=clock.now(), created_by=town.adviser)
    person.sealed_name = person.sealed_address = person.sealed_note = CANARY
    person.identifiers = {"email": [f"{CANARY}@verzonnen.invalid"]}
    person.save(force_insert=True)
    PersonKey.objects.create(
        organisation=town.organisation, person=person, kind="email", digest=uuid4().hex + uuid4().hex
    )
    return person


def _rows(town: Place, incident: Incident, person: Person, now: datetime) -> list[Any]:
    own: dict[str, Any] = {"organisation": town.organisation, "incident": incident}
    reaction = Reaction(
        **own, person=person, kind="warning", status="done", conduct_on=now.date(), hearing="heard",
        drafted_at=now, drafted_by=town.adviser, given_at=now,
    )  # fmt: skip
    talk = Task.objects.create(
        **own,
        kind="talk",
        menu_version=incident.menu_version,
        assigned_at=now,
        status="done",
        finished_at=now,
        finished_by=town.support,
    )
    sheet = PoliceSheet(**own, kind="aangifte", made_at=now, made_by=town.adviser, evidence=[str(uuid4())])
    sheet.answers = {"what": CANARY}
    message = {"at": now, "organisation": town.organisation, "incident": incident}
    first = incident.tasks.first()
    assert first is not None
    return [
        Involvement(**own, person=person, role="perpetrator", at=now, by=town.adviser),
        Involvement(**own, person=make_person(town), role="witness", at=now, by=town.adviser),
        PersonOpening(
            organisation=town.organisation, person=person, user=town.adviser, incident=incident,
            purpose="handle", at=now, until=now,
        ),
        reaction,
        Breach(organisation=town.organisation, reaction=reaction, happened_at=now, at=now, by=town.adviser),
        sheet,
        CareMoment(**own, task=talk, kind="reception", status="held", ended_at=now, user=town.manager),
        DamageLine(**own, of="organisation", kind="goods", amount=1000, claimed=1000, claimed_on=now.date(), at=now,
                   by=town.adviser),
        Statement(**own, at=now, by=town.employee, given_as="reporter", form_key=uuid4()),
        Message(**message, person=town.employee, by=town.adviser, is_from_desk=True, form_key=uuid4()),
        Message(**message, person=town.employee, by=town.employee, is_from_desk=False, form_key=uuid4()),
        Message(**message, person=town.manager, by=town.adviser, is_from_desk=True, form_key=uuid4()),
        Note(**own, at=now, by=town.adviser),
        Witness(**own, user=town.support, asked_at=now, asked_by=town.adviser),
        Exclusion(**own, user=town.legal, at=now, by=town.employee),
        News(**own, recipient=town.employee, kind="closed", about=uuid4(), due_at=now),
        Notice(organisation=town.organisation, task=first, step="halfway", day=now.date(), recipient=town.employee,
               due_at=now, send_at=now),
        CaseOpening(**own, user=town.deputy, opened_at=now, ends_at=now + timedelta(hours=1)),
        TimelineEntry(**own, at=now, kind="reported", by=town.employee),
    ]  # fmt: skip


def _files(town: Place, incident: Incident, now: datetime) -> None:
    content = f"{CANARY} file".encode()
    evidence = Evidence(
        organisation=town.organisation, incident=incident, uploaded_by=town.employee, form_key=uuid4(),
        received_at=now, content_type="image/png",
    )  # fmt: skip
    evidence.name = f"{CANARY}.png"
    store_original(evidence, ContentFile(content), len(content))
    evidence.save(force_insert=True)
    letter = Letter.objects.create(
        organisation=town.organisation, incident=incident, kind="warning", made_at=now, made_by=town.adviser,
        status="sent", sent_on=now.date(), sent_by="post",
    )  # fmt: skip
    version = LetterVersion(
        organisation=town.organisation, letter=letter, number=1, template_name="x", at=now, by=town.adviser,
        size=len(content), sha256=fingerprint(content),
    )  # fmt: skip
    version.values = {"name": CANARY}
    store_letter(version, content)
    version.save(force_insert=True)


def close(incident: Incident, by: User) -> Incident:
    """Closed now, with nothing told: straight into the row."""
    now = clock.now()
    Incident.objects.filter(pk=incident.pk).update(
        status=CaseStatus.CLOSED, closed_at=now, closed_by=by, touched_at=now
    )
    Message.objects.filter(incident=incident).update(at=now)
    incident.refresh_from_db()
    return incident


def sealed_texts(incident: Incident | None = None) -> dict[str, list[str]]:
    """Every sealed text that is left in the database, opened: "Model.column" → texts. Of one case, or of all."""
    found: dict[str, list[str]] = {}
    for model in apps.get_models():
        columns = [one.name for one in model._meta.concrete_fields if isinstance(one, EncryptedTextField)]
        if not columns:
            continue
        rows = model._default_manager.all()
        if incident is not None:
            path = paths().get(model.__name__)
            if path is None:
                continue
            rows = rows.filter(**{path: incident.pk})
        for row in rows:
            for column in columns:
                if text := getattr(row, column):
                    found.setdefault(f"{model.__name__}.{column}", []).append(text)
    return found


def paths() -> dict[str, str]:
    """Written by hand: from each model to its case."""
    direct = (
        *("Involvement", "PersonOpening", "Reaction", "PoliceSheet", "Measure", "Task", "CareMoment", "DamageLine"),
        *("Statement", "Message", "Note", "CaseOpening", "Evidence", "RetentionStay"),
    )
    return {
        **dict.fromkeys(direct, "incident"),
        "Incident": "pk",
        "Breach": "reaction__incident",
        "LetterVersion": "letter__incident",
    }
