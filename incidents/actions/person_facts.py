"""What the records of the linked perpetrators say about a case: set as facts, for the advice to follow; taken back."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from incidents.actions.advice import complete_facts
from incidents.actions.person_search import (
    FACTS_OF_PERSONS,
    OF_OTHER_CASES,
    earlier_of,
    facts_of,
    may_count,
    news_of,
    perpetrators_of,
)
from incidents.actions.refusals import CaseClosed, Refused
from incidents.actions.trail import note_in_trail
from incidents.models import Incident
from incidents.vocabulary import TimelineKind
from vpdportal.accounts.models import User
from vpdportal.audit.chain import record
from vpdportal.audit.models import AuditEvent
from vpdportal.seen import mark_of

COUNTED = "incident.facts_counted"  # audit action: these facts came from the records, not from a person


class KnownAfterAll(Refused):
    message = _("A perpetrator is linked to this case, so it is known who it was. Take that person off first.")


class ChangedMeanwhile(Refused):
    message = _("Someone else changed this after you opened it. Look at what stands there now, then save yours again.")


def take_over_facts(*, incident: Incident, by: User, now: datetime) -> dict[str, Any]:
    """Set the facts to what the records of the linked perpetrators say now; gives what changed. Raises CaseClosed.

    Nothing changes for who is kept out of another case of one of them: the facts would tell that it exists (R1).
    """
    with transaction.atomic():
        incident = _locked(incident)
        answers = news_for(incident, by, now)
        facts_from_records(incident, answers, by, now)
    return answers


def describe_unknown(*, incident: Incident, description: str, seen: str, by: User, now: datetime) -> None:
    """Nobody knows who it was: keep what was seen, and no record. `seen`: `mark_of_description` of the page.

    Raises CaseClosed, KnownAfterAll, ChangedMeanwhile.
    """
    with transaction.atomic():
        incident = _locked(incident)
        if perpetrators_of(incident):
            raise KnownAfterAll
        if mark_of_description(incident) != seen:
            raise ChangedMeanwhile
        if description.strip() != incident.perpetrator_description:
            incident.perpetrator_description = description.strip()
            incident.save(update_fields=["perpetrator_description"])
            fields = ["perpetrator_description"]
            note_in_trail(incident=incident, kind=TimelineKind.FACTS_ADDED, by=by, now=now, fields=fields)
        if incident.facts.perpetrator_known is not False:
            complete_facts(incident=incident, answers={"perpetrator.known": False}, by=by, now=now)


def mark_of_description(incident: Incident) -> str:
    return mark_of([incident.perpetrator_description])


def news_for(incident: Incident, by: User, now: datetime) -> dict[str, Any]:
    """What the records would change in the facts; nothing for who is kept out of a case of one of these people."""
    return news_of(incident, said_by_records(incident, now)) if may_count(perpetrators_of(incident), by, now) else {}


def said_by_records(incident: Incident, now: datetime) -> dict[str, Any]:
    """What the linked perpetrators say about the case, of all their cases: not to be shown to whoever asks."""
    people = perpetrators_of(incident)
    return facts_of(people, earlier_of([person.pk for person in people], incident, now))


def facts_from_records(incident: Incident, answers: dict[str, Any], by: User, now: datetime) -> None:
    """Complete the facts, and write down that they came from the records: with the person they also go again."""
    if not answers:
        return
    complete_facts(incident=incident, answers=answers, by=by, now=now)
    record(
        action=COUNTED,
        now=now,
        actor_id=by.pk,
        organisation_id=incident.organisation_id,
        object_type="incident",
        object_id=incident.pk,
        fields=sorted(answers),
    )


def take_facts_back(incident: Incident, said_before: dict[str, Any], by: User, now: datetime) -> None:
    """What the records had set becomes what they say now: unknown, when nobody is linked any more.

    What other cases say stays as it is while someone is linked of whom `by` may not know every case (R1).
    """
    events = AuditEvent.objects.filter(object_type="incident", object_id=incident.pk, action=COUNTED)
    from_records = {name for fields in events.values_list("fields", flat=True) for name in fields}
    said_now, facts = said_by_records(incident, now), incident.facts
    counts = OF_OTHER_CASES  # they were of this person, and grow when other cases come in
    stays = () if may_count(perpetrators_of(incident), by, now) else counts
    answers = {
        name: said_now[name]
        for name in FACTS_OF_PERSONS
        if name in from_records
        and name not in stays
        and facts.value(name) != said_now[name]
        and (name in counts or facts.value(name) == said_before[name])
    }
    if answers:
        complete_facts(incident=incident, answers=answers, by=by, now=now)


def _locked(incident: Incident) -> Incident:
    rows = Incident.objects.select_for_update(of=("self",), no_key=True).select_related("organisation")
    fresh: Incident = rows.get(pk=incident.pk)
    if fresh.is_closed:
        raise CaseClosed
    return fresh
