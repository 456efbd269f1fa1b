"""Emptying one part of one report: texts, rows, links to people. What is counted stays as it is."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db import models

from guidance.facts import Facts
from incidents.actions.evidence_files import remove_files
from incidents.actions.keeping.parts import EMPTIED, REMOVED, Texts
from incidents.actions.letter_files import remove_letter
from incidents.actions.words import index_words
from incidents.models import (
    CareMoment,
    CaseLink,
    CaseWords,
    Evidence,
    Exclusion,
    Incident,
    LetterVersion,
    Message,
    News,
    Notice,
    PoliceSheet,
    Reaction,
    Statement,
    TimelineEntry,
    Witness,
)
from incidents.vocabulary import KeptPart
from vpdportal.accounts.models import User
from vpdportal.accounts.removed import removed_person

# From a row to its case, where that is not its own column `incident`.
PATHS = {
    "Incident": "pk",
    "Breach": "reaction__incident",
    "LetterVersion": "letter__incident",
    "Notice": "task__incident",
}
# Rows that say nothing but that a person had to do with the case.
ABOUT_PEOPLE: tuple[tuple[Any, str], ...] = (
    (Witness, "incident"),
    (Exclusion, "incident"),
    (News, "incident"),
    (Notice, "task__incident"),
)


@dataclass
class Emptied:
    """What was destroyed: how many by kind, and the files that go when it is settled."""

    counts: Counter[str] = field(default_factory=Counter)
    evidence: list[Evidence] = field(default_factory=list)
    letters: list[LetterVersion] = field(default_factory=list)

    def remove_files(self) -> None:
        """What cannot be removed now is found by the hourly tidying: its row is gone."""
        for evidence in self.evidence:
            remove_files(evidence)
        for version in self.letters:
            remove_letter(version)


def empty_part(incident: Incident, part: KeptPart, emptied: Emptied) -> None:
    """Empty this part of this report, in the caller's transaction, with the case held. A second time changes nothing.

    The files go after the transaction: `emptied.remove_files`.
    """
    for texts in EMPTIED[part]:
        emptied.counts.update(_empty_texts(texts, incident))
    _collect_files(incident, part, emptied)
    for model, path in REMOVED.get(part, ()):
        _count_removed(model.objects.filter(**{path: incident}), emptied)
    if part == KeptPart.EVIDENCE:
        PoliceSheet.objects.filter(incident=incident).update(evidence=[])
    if part == KeptPart.VICTIM:
        _forget_people(incident, emptied)
    if part in {KeptPart.PERPETRATOR, KeptPart.VICTIM}:
        CaseWords.objects.filter(incident=incident).delete()
        index_words(Incident.objects.get(pk=incident.pk))


def _empty_texts(texts: Texts, incident: Incident) -> Counter[str]:
    """Gives how many rows held a text."""
    return empty_columns(texts, texts.model.objects.filter(texts.only, **{texts.path: incident.pk}))


def empty_columns(texts: Texts, rows: Any) -> Counter[str]:
    """Empty these columns of these rows; gives how many rows held a text."""
    name, found = texts.model.__name__, Counter[str]()
    for row in rows.only(
        *texts.columns, *(["channel", "target_group", "main_behaviour"] if name == "Incident" else [])
    ):
        changed = []
        for column in texts.columns:
            empty = _empty_value(row, column)
            if getattr(row, column) != empty:
                setattr(row, column, empty)
                changed.append(column)
        if changed:
            row.save(update_fields=changed)
            found[name] += 1
    return found


def _empty_value(row: Any, column: str) -> str | None:
    """What stands in an emptied column. Of the facts stays what stands in plain columns too, and is counted."""
    if column == "sealed_facts":
        bare = Incident()
        bare.facts = Facts(behaviours=(row.main_behaviour,), channel=row.channel, target_group=row.target_group)
        return str(bare.sealed_facts)
    return None if row._meta.get_field(column).null else ""


def _collect_files(incident: Incident, part: KeptPart, emptied: Emptied) -> None:
    if part == KeptPart.EVIDENCE:
        emptied.evidence += list(Evidence.objects.filter(incident=incident).defer("name"))
    if part == KeptPart.PERPETRATOR:
        emptied.letters += list(LetterVersion.objects.filter(letter__incident=incident).defer("sealed_values"))


def _count_removed(rows: Any, emptied: Emptied) -> None:
    name, (number, _per_model) = rows.model.__name__, rows.delete()
    if number:
        emptied.counts[name] += number


def _forget_people(incident: Incident, emptied: Emptied) -> None:
    """Take every link from the case to a person of it: nobody can find who it was. Who worked on it stays named."""
    people = _people_of(incident)
    nobody = removed_person()
    # Messages to others than the reporter are counted nowhere; with the reporter's they would become one thread.
    _count_removed(Message.objects.filter(incident=incident).exclude(person=incident.reporter_id), emptied)
    CaseLink.objects.filter(models.Q(one=incident) | models.Q(other=incident)).delete()
    for model, path in ABOUT_PEOPLE:
        _count_removed(model.objects.filter(**{path: incident}), emptied)
    TimelineEntry.objects.filter(incident=incident, by__in=people).update(by=None)
    Reaction.objects.filter(incident=incident, second__in=people).update(second=None)
    CareMoment.objects.filter(incident=incident).update(user=None, person=None)
    for model, path, column in links_to_people():
        rows = model._default_manager.filter(**{path: incident.pk, f"{column}__in": people})
        rows.update(**{column: nobody})
    Incident.objects.filter(pk=incident.pk).update(reporter=nobody, affected=None, idempotency_key=uuid4())


def _people_of(incident: Incident) -> set[Any]:
    """Who it happened to, who told of it and who had to be kept out of it."""
    found = {incident.reporter_id, incident.affected_id}
    for model in (Witness, Exclusion):
        found |= set(model.objects.filter(incident=incident).values_list("user", flat=True))
    found |= set(Statement.objects.filter(incident=incident).values_list("by", flat=True))
    found |= set(Message.objects.filter(incident=incident).values_list("person", flat=True))
    found |= set(CareMoment.objects.filter(incident=incident).values_list("user", flat=True))
    return found - {None}


def links_to_people() -> Iterator[tuple[Any, str, str]]:
    """Every column that names a person in a case: the model, the path from it to the case, the column."""
    for model in apps.get_app_config("incidents").get_models():
        path = PATHS.get(model.__name__, "incident")
        if path == "incident" and not _has_case(model):
            continue
        for column in _links_to_people(model):
            yield model, path, column


def _has_case(model: Any) -> bool:
    return any(one.name == "incident" and one.related_model is Incident for one in model._meta.get_fields())


def _links_to_people(model: Any) -> list[str]:
    return [one.name for one in model._meta.concrete_fields if one.is_relation and one.related_model is User]
