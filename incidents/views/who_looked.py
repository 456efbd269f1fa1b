"""Who looked at a report, for whom it is about: by role and day, from the audit trail. Never a name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Min, QuerySet
from django.db.models.functions import TruncDate
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from incidents.actions.trail import record_view
from incidents.models import Incident
from incidents.views.own_report import own_report
from incidents.views.places import PortalRequest
from incidents.views.roles_then import RolesThen
from incidents.vocabulary import TimelineKind
from vpdportal.accounts.access import people_with
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent

DAYS = 10  # on a page
MOST = 1000  # different looks of so many days that are read; more is itself something to ask about
FIRST_DAY = date(2000, 1, 1)  # no portal is older; a day long ago has no hour in our time zone
VIEWED, OPENED = "incident.viewed", f"incident.{TimelineKind.OPENED_IN_NEED}"
IN_NEED = "opened_in_need"
PARTS = {
    IN_NEED: gettext_lazy("opened in need: it was closed to this person, who gave a reason"),
    "case": gettext_lazy("the report and what is done with it"),
    "case_timeline": gettext_lazy("what happened since"),
    "case_people": gettext_lazy("the people of the report"),
    "case_messages": gettext_lazy("messages"),
    "case_files": gettext_lazy("the list of files"),
    "case_reactions": gettext_lazy("the reaction to who did it"),
    "case_letters": gettext_lazy("letters"),
    "letter": gettext_lazy("letters"),
    "case_police": gettext_lazy("the sheet for the police"),
    "police_sheet": gettext_lazy("the sheet for the police"),
    "case_care": gettext_lazy("the care for you"),
    "case_damage": gettext_lazy("the damage"),
    "damage_line": gettext_lazy("the damage"),
    "case_links": gettext_lazy("other reports that belong to it"),
    "case_ending": gettext_lazy("the end of it"),
    "case_keeping": gettext_lazy("how long it is kept"),
    "facts": gettext_lazy("the facts"),
    "renewal": gettext_lazy("the advice"),
    "evidence": gettext_lazy("a file"),
    "task": gettext_lazy("one task, without your story"),
    "status": gettext_lazy("the page with what was done"),
    "messages": gettext_lazy("messages"),
    "visibility": gettext_lazy("who may see it"),
    "witness": gettext_lazy("the question to a witness: only when and where it was"),
    "receipt": gettext_lazy("the proof of the report"),
    "who_looked": gettext_lazy("who looked"),
}
REPORTER, WITNESS, NO_ROLE = "reporter", "witness", ""
NAMES = {
    REPORTER: gettext_lazy("Who reported it for you"),
    WITNESS: gettext_lazy("A colleague who was asked as a witness"),
    NO_ROLE: gettext_lazy("Someone without a role in your organisation"),
}
MEANINGS = {
    Role.ADVISER: gettext_lazy("Works on your report: reads it, helps you, and sees that what was agreed is done."),
    Role.DEPUTY: gettext_lazy("Does the work of the VPD adviser when that person is away."),
    Role.SUPPORT: gettext_lazy("A colleague who listens. Sees a task and your name, not your story."),
    Role.MANAGER: gettext_lazy("Gets a task, such as a talk with you. Does not see your story."),
    Role.LEGAL: gettext_lazy("Helps with a letter, the police or damage. Sees only the task that was given."),
    REPORTER: gettext_lazy("Sees a receipt only, since you follow the report yourself."),
    WITNESS: gettext_lazy("Is asked to tell what they saw. Sees nothing of your report."),
    NO_ROLE: gettext_lazy("Had no role any more on that day. Do you doubt it? Ask the data protection officer."),
}


@dataclass
class Looks:
    """The looks of one role on one day."""

    name: Any
    day: date
    first: datetime
    last: datetime
    count: int = 0
    parts: dict[str, Any] = field(default_factory=dict)

    def add(self, seen: "Seen") -> None:
        self.first, self.last = min(self.first, seen["first"]), max(self.last, seen["last"])
        self.count += seen["number"]
        for part in _parts(seen) or [""]:
            self.parts.setdefault(part, PARTS.get(part, _("a part of it")))

    @property
    def what(self) -> list[Any]:
        """At what, in the order of PARTS."""
        order = list(PARTS)
        return [
            self.parts[part] for part in sorted(self.parts, key=lambda one: order.index(one) if one in order else 99)
        ]


@require_safe
def who_looked(request: PortalRequest, pk: UUID) -> HttpResponse:
    """By role and day, newest first. Not for who reported it for someone else: 403 (design of access, G11)."""
    own = own_report(request, pk)
    if not own.is_about_viewer:
        raise PermissionDenied
    incident = own.incident
    record_view(incident=incident, by=request.user, now=request.now, part="who_looked")
    looks = AuditEvent.objects.filter(object_id=incident.pk, action__in=(VIEWED, OPENED))
    seen, older = _of_days(looks.exclude(actor_id=request.user.pk), _day(request.GET.get("before", "")))
    keys = _as_what(incident, seen)
    context = {
        "incident": incident,
        "looks": _by_day(zip(keys, seen, strict=True)),
        "older": older,
        "is_first": "before" not in request.GET,
        "meanings": [(_name(key), MEANINGS[key]) for key in MEANINGS if key in keys or key == Role.ADVISER],
        "officers": people_with(Role.AUDITOR, incident.organisation_id, request.now),
    }
    return render(request, "incidents/who_looked.html", context)


Seen = Mapping[str, Any]  # what someone looked at on one day: when first and last, how often, and at which parts


def _of_days(looks: QuerySet[AuditEvent], before: date | None) -> tuple[list[Seen], date | None]:
    """The looks of the last days before this one, counted by the database; and, if there are older, the last day shown.

    Two queries, that give a row for a person and a day, however often one looked.
    """
    if before is not None:
        looks = looks.filter(at__lt=timezone.make_aware(datetime.combine(before, time())))
    by_day = looks.annotate(day=TruncDate("at"))
    days = list(by_day.order_by("-day").values_list("day", flat=True).distinct()[: DAYS + 1])
    if not days:
        return [], None
    first = timezone.make_aware(datetime.combine(days[:DAYS][-1], time()))
    rows = by_day.filter(at__gte=first).order_by().values("day", "actor_id", "fields", "action")
    seen = rows.annotate(first=Min("at"), last=Max("at"), number=Count("pk")).order_by("-last", "actor_id")
    return list(seen[:MOST]), days[DAYS - 1] if len(days) > DAYS else None


def _day(typed: str) -> date | None:
    """From the address; what is no day of our time gives the newest."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if day > FIRST_DAY else None


def _parts(seen: Seen) -> list[str]:
    return [IN_NEED] if seen["action"] == OPENED else list(seen["fields"])


def _as_what(incident: Incident, seen: list[Seen]) -> list[str]:
    """As what each of these looked: a role as held then, who reported it, or a witness. Two queries."""
    roles = RolesThen(incident.organisation_id, [one["actor_id"] for one in seen])
    witnesses = set(incident.witnesses.values_list("user_id", flat=True))
    found = []
    for one in seen:
        actor, fields = one["actor_id"], _parts(one)
        role = roles.at(actor, one["first"])
        if actor == incident.reporter_id and role not in {Role.ADVISER, Role.DEPUTY}:
            found.append(REPORTER)
        elif actor in witnesses and set(fields) <= {"witness", "messages"}:
            found.append(WITNESS)
        else:
            found.append(str(role.value) if role else NO_ROLE)
    return found


def _by_day(looks: Iterable[tuple[str, Seen]]) -> list[Looks]:
    """One line for each role and day."""
    lines: dict[tuple[date, str], Looks] = {}
    for key, seen in looks:
        line = lines.setdefault((seen["day"], key), Looks(_name(key), seen["day"], seen["first"], seen["last"]))
        line.add(seen)
    return list(lines.values())


def _name(key: str) -> Any:
    return NAMES[key] if key in NAMES else Role(key).label
