"""What is kept of one person alone: emptied where a part of a case is about others too, and at the last the record."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from incidents.actions.keeping.certificates import add_counts, open_round
from incidents.actions.keeping.parts import EMPTIED
from incidents.actions.keeping.persons import let_go
from incidents.actions.keeping.rows import Emptied, empty_columns
from incidents.models import (
    Breach,
    CareMoment,
    Involvement,
    LetterVersion,
    Person,
    PersonOpening,
    Reaction,
)
from incidents.vocabulary import KeptPart
from vpdportal.accounts.models import Organisation

# From a row to the person whom it is about.
PATHS = {Involvement: "person", Reaction: "person", Breach: "reaction__person", CareMoment: "person"}


def empty_of_person(*, organisation: Organisation, person: Person, reports: Collection[UUID], now: datetime) -> None:
    """Empty what is of this person alone in these reports, held by the caller's transaction; counted and certified."""
    emptied, destruction = Emptied(), open_round(organisation=organisation, now=now)
    for texts in (*EMPTIED[KeptPart.PERPETRATOR], *EMPTIED[KeptPart.VICTIM]):
        if texts.model in PATHS:
            rows = texts.model.objects.filter(**{f"{texts.path}__in": reports, PATHS[texts.model]: person})
            emptied.counts.update(empty_columns(texts, rows))
    letters = LetterVersion.objects.filter(letter__incident__in=reports, letter__person=person)
    emptied.letters += list(letters.defer("sealed_values"))
    for rows in (letters, PersonOpening.objects.filter(incident__in=reports, person=person)):
        if number := rows.delete()[0]:
            emptied.counts[rows.model.__name__] += number
    CareMoment.objects.filter(incident__in=reports, person=person).update(person=None)
    add_counts(destruction, emptied.counts)
    transaction.on_commit(emptied.remove_files)


def let_record_go(*, organisation: Organisation, person: Person, now: datetime) -> None:
    """The record: from now on nobody knows who it was. In the caller's transaction; the round is held first."""
    destruction = open_round(organisation=organisation, now=now)
    let_go(Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk), now)
    add_counts(destruction, {"Person": 1})
