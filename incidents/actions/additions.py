"""Adding to a report after it was sent. What was told before stays as it is; every addition has its own moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guidance.facts import FactsError
from incidents.actions.advice import complete_facts
from incidents.actions.evidence import add_evidence, name_to_show
from incidents.actions.news import tell_the_desk
from incidents.actions.refusals import CaseClosed, Refused
from incidents.actions.trail import note_in_trail
from incidents.actions.words import index_words
from incidents.models import Evidence, Incident, Statement, Witness
from incidents.vocabulary import NewsKind, StatementBy, StatementKind, TimelineKind
from vpdportal.accounts.models import User


class TakenOver(Refused):
    message = _(
        "Your colleague now follows this report and goes on with it. What you want to add you can tell your colleague, "
        "or the VPD adviser."
    )


@dataclass(frozen=True)
class Addition:
    """What someone sent. `answers` are facts by dotted name; a correction may change known ones, an addition not."""

    form_key: UUID
    text: str = ""
    kind: StatementKind = StatementKind.ADDITION
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Added:
    """What was kept of it. `was_known`: facts that someone had filled in meanwhile, which stay as they are."""

    statement: Statement | None
    answered: tuple[str, ...] = ()
    was_known: tuple[str, ...] = ()


@dataclass
class Files:
    """What became of files. `refused`: a sentence for each, with its name and how to mend it."""

    kept: list[Evidence] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def add_to_report(*, incident: Incident, addition: Addition, by: User, now: datetime) -> Added:
    """Keep the words and the facts of the reporter or the person hit, in one go; the menu is asked again.

    Sent twice is kept once. Raises TakenOver, CaseClosed, and Refused when a fact does not fit.
    """
    with transaction.atomic():
        incident = _locked(incident)
        if by.pk != (incident.affected_id or incident.reporter_id):
            raise TakenOver
        given_as = StatementBy.AFFECTED if by.pk == incident.affected_id else StatementBy.REPORTER
        statement = _keep(incident, addition, given_as, by, now)
        may_change = addition.kind == StatementKind.CORRECTION
        answers = {
            name: value
            for name, value in addition.answers.items()
            if incident.facts.value(name) != value and (may_change or incident.facts.value(name) is None)
        }
        _answer(incident, answers, by, now)
    left = set(addition.answers) - set(answers)
    known = {name for name in left if incident.facts.value(name) != addition.answers[name]}
    return Added(statement, tuple(sorted(answers)), tuple(sorted(known)))


def add_witness_statement(*, witness: Witness, addition: Addition, by: User, now: datetime) -> Statement | None:
    """Keep what a witness tells, or that there is nothing to tell. Sent twice is kept once. Raises CaseClosed."""
    with transaction.atomic():
        incident = _locked(witness.incident)
        return _keep(incident, addition, StatementBy.WITNESS, by, now)


def add_files(*, incident: Incident, uploads: Iterable[UploadedFile], form_key: UUID, by: User, now: datetime) -> Files:
    """Add each file by itself, so that one that is refused costs nothing of the others. The desk is told once."""
    files = Files()
    for upload in uploads:
        try:
            kept = add_evidence(incident=incident, upload=upload, by=by, form_key=form_key, now=now)
        except Refused as refused:
            files.refused.append(f"{name_to_show(upload.name or '')}: {refused}")
        else:
            files.kept.append(kept)
    if files.kept:
        about = uuid5(form_key, "files")
        tell_the_desk(incident=incident, kind=NewsKind.ADDED, about=about, by=by, now=now)
    return files


def _locked(incident: Incident) -> Incident:
    """The row as it is now, held for this transaction: a double click waits here and finds what the first kept."""
    fresh: Incident = (
        Incident.objects.select_for_update(of=("self",), no_key=True).select_related("organisation").get(pk=incident.pk)
    )
    return fresh


def _keep(incident: Incident, addition: Addition, given_as: StatementBy, by: User, now: datetime) -> Statement | None:
    """The statement, new or as it was kept already; None when there are no words and no kind that says enough."""
    kept = Statement.objects.filter(by=by, form_key=addition.form_key).first()
    if kept and (kept.incident_id, kept.kind, kept.text) == (incident.pk, addition.kind, addition.text):
        return kept
    if incident.is_closed:
        raise CaseClosed
    if not addition.text.strip() and addition.kind in {StatementKind.ADDITION, StatementKind.CORRECTION}:
        return None
    statement = Statement.objects.create(
        organisation_id=incident.organisation_id,
        incident=incident,
        at=now,
        by=by,
        given_as=given_as,
        form_key=uuid4() if kept else addition.form_key,  # other words on a page that was sent: not lost either
        kind=addition.kind,
        text=addition.text,
    )
    note_in_trail(incident=incident, kind=TimelineKind.STATEMENT_ADDED, by=by, now=now, fields=[given_as.value])
    index_words(incident)
    tell_the_desk(incident=incident, kind=NewsKind.ADDED, about=statement.pk, by=by, now=now)
    return statement


def _answer(incident: Incident, answers: dict[str, Any], by: User, now: datetime) -> None:
    if not answers:
        return
    try:
        complete_facts(incident=incident, answers=answers, by=by, now=now)
    except FactsError as error:
        raise Refused(error.advice) from error
    about = uuid5(incident.pk, f"facts {now.isoformat()}")
    tell_the_desk(incident=incident, kind=NewsKind.ADDED, about=about, by=by, now=now)
