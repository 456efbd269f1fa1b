"""The audit log as the data protection officer reads it: narrowed, page by page, with the reasons beside it.

Reasons stand in their own sealed columns and never in the log. Of a case from which the reader is kept out, and of a
person who is only known from there, no event is read (R1). No query counts the whole log, which only grows.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from incidents.actions.case_export import ExportPurpose
from incidents.actions.row_export import RowPurpose
from incidents.models import CaseOpening, Incident, Involvement, PersonOpening, RestrictionCheck
from incidents.need_to_know import kept_out_from
from incidents.vocabulary import OpeningPurpose
from incidents.vocabulary.audit import ACT_OF, OPENED_IN_NEED, WORDS, Act, about, sentence_of
from vpdportal.accounts.models import Membership, Organisation, User
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent

PAGE = 50
PURPOSES = {**dict(OpeningPurpose.choices), **dict(ExportPurpose.choices), **dict(RowPurpose.choices)}
PURPOSE = "purpose:"
AN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Line:
    """One event as it is read. `who`: a name, empty for the portal or a stranger; `case`: its number.

    `whom`: the name of the colleague whose account or role it is; `why`: what the person wrote or chose as the reason.
    """

    event: AuditEvent
    who: str
    what: str
    about: str
    case: str
    whom: str
    why: str

    @property
    def act(self) -> str:
        return str(Act(ACT_OF[self.event.action]).label) if self.event.action in ACT_OF else ""

    @property
    def is_in_need(self) -> bool:
        """A restricted case that was opened in need stands out among the looks (design of access, R7)."""
        return self.event.action == OPENED_IN_NEED


@dataclass(frozen=True)
class LogPage:
    """`before`: the position under which the next page begins; None on the last one."""

    lines: list[Line]
    before: int | None


def hidden_from_reader(reader: User) -> Q:
    """Whether an event is about a case from which this person is kept out, or about a person who stands in it."""
    involved = Involvement.objects.filter(kept_out_from(reader, "incident"), person=OuterRef("object_id"))
    return Q(kept_out_from(reader, "object_id")) | Q(Exists(involved))


def events_for(organisation: Organisation, reader: User) -> QuerySet[AuditEvent]:
    """The events of this organisation that this person may read, newest first."""
    events = AuditEvent.objects.filter(organisation_id=organisation.pk)
    return events.exclude(hidden_from_reader(reader)).order_by("-position")


def narrowed(
    events: QuerySet[AuditEvent], wanted: dict[str, Any], organisation: Organisation, reader: User
) -> QuerySet[AuditEvent]:
    """Those that fit the filters of the form; a case number that is unknown fits none."""
    if person := wanted.get("person"):
        events = events.filter(actor_id=person)
    if act := wanted.get("act"):
        events = events.filter(action__in=list(WORDS[Act(act)]))
    if number := wanted.get("number"):
        cases = Incident.objects.not_kept_out(reader).filter(organisation=organisation, reference=number)
        events = events.filter(object_id__in=cases.values("pk"))
    if first := wanted.get("first"):
        events = events.filter(at__gte=timezone.make_aware(datetime.combine(first, time())))
    if last := wanted.get("last"):
        events = events.filter(at__lt=timezone.make_aware(datetime.combine(last + timedelta(days=1), time())))
    return events


def page_of(events: QuerySet[AuditEvent], before: int | None, reader: User) -> LogPage:
    """The newest that fit, under this position; one more is read to know whether there are older ones."""
    if before is not None:
        events = events.filter(position__lt=before)
    rows = list(events[: PAGE + 1])
    shown = rows[:PAGE]
    return LogPage(lines_of(shown, reader), shown[-1].position if len(rows) > PAGE else None)


def lines_of(events: Sequence[AuditEvent], reader: User, *, with_reasons: bool = True) -> list[Line]:
    """These events in words. All of them may be read by this person: see `events_for`."""
    names, whom = _people(events)
    cases = {one.object_id for one in events if one.object_id and one.object_type == "incident"}
    known = Incident.objects.filter(pk__in=cases, organisation__in=_places(events))
    numbers = dict(known.values_list("pk", "reference"))
    whys = _reasons(events, reader) if with_reasons else {}
    return [
        Line(
            event=one,
            who=names.get(one.actor_id, "") if one.actor_id else "",
            what=sentence_of(one.action),
            about=about(one.object_type),
            case=numbers.get(one.object_id, "") if one.object_id else "",
            whom=names.get(whom[one.pk], "") if one.pk in whom else "",
            why=whys.get(one.pk) or _purpose(one),
        )
        for one in events
    ]


def _places(events: Iterable[AuditEvent]) -> set[UUID | None]:
    """Whose events these are. A line never tells of a row of another: one that was brought in may name any id."""
    return {one.organisation_id for one in events}


def _people(events: Iterable[AuditEvent]) -> tuple[dict[UUID, str], dict[UUID, UUID]]:
    """The names of colleagues, and whose account or role an event is about, by event. One query."""
    actors, memberships, whom = set(), {}, {}
    for one in events:
        actors.add(one.actor_id)
        if one.object_type == "user" and one.object_id:
            whom[one.pk] = one.object_id
        elif one.object_type == "membership" and one.object_id:
            memberships[one.pk] = one.object_id
        elif one.object_type == "roleproposal":
            whom.update((one.pk, UUID(field)) for field in one.fields if AN_ID.fullmatch(field))
    wanted = Q(pk__in={*actors, *whom.values()} - {None}) | Q(memberships__in=list(memberships.values()))
    rows = list(User.objects.filter(wanted).order_by().values_list("pk", "name", "memberships"))
    holders = {membership: pk for pk, _name, membership in rows}
    whom |= {event: holders[pk] for event, pk in memberships.items() if pk in holders}
    return {pk: name for pk, name, _membership in rows}, whom


def people_named(organisation: Organisation, chosen: UUID | None) -> list[tuple[str, str]]:
    """For the list of the filter: who has or had a role that opens more than reporting, and who was chosen."""
    here = Membership.objects.filter(organisation=organisation)
    opens = here.exclude(role=Role.EMPLOYEE).values("user")
    rows = User.objects.filter(Q(pk__in=opens) | Q(pk=chosen, pk__in=here.values("user")))
    return [(str(pk), name) for pk, name in rows.order_by("name", "pk").values_list("pk", "name")]


def _purpose(event: AuditEvent) -> str:
    """The purpose that was chosen from a list: it stands in the event as a code."""
    is_of_record = event.action in {"person.opened", "person.viewed"}
    codes = [one.removeprefix(PURPOSE) for one in event.fields if is_of_record or one.startswith(PURPOSE)]
    return next((str(PURPOSES[code]) for code in codes if code in PURPOSES), "")


def _reasons(events: Iterable[AuditEvent], reader: User) -> dict[UUID, str]:
    """What people wrote as the reason, by event. A query only for what stands among these events."""
    found: dict[UUID, str] = {}
    here = {"organisation__in": _places(events)}
    by_action: dict[str, list[AuditEvent]] = {}
    for one in events:
        by_action.setdefault(one.action, []).append(one)
    if glass := by_action.get(OPENED_IN_NEED):
        openings = CaseOpening.objects.filter(**here, incident__in=[one.object_id for one in glass])
        said: dict[Any, str] = {
            (row.incident_id, row.user_id, row.opened_at): row.reason for row in openings.defer("judgement")
        }
        found |= {one.pk: said.get((one.object_id, one.actor_id, one.at), "") for one in glass}
    if opened := by_action.get("person.opened"):
        shown = PersonOpening.objects.filter(
            ~kept_out_from(reader, "incident"), **here, person__in=[one.object_id for one in opened]
        )
        why: dict[Any, str] = {(row.person_id, row.user_id, row.at): row.reason for row in shown}
        found |= {one.pk: why.get((one.object_id, one.actor_id, one.at), "") for one in opened}
    if asked := by_action.get("person.checked"):
        checks = RestrictionCheck.objects.filter(**here).in_bulk([one.object_id for one in asked])
        found |= {one.pk: checks[one.object_id].reason for one in asked if one.object_id in checks}
    return found
