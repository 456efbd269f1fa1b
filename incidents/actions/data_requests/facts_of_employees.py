"""What plain columns say of someone with an account, in sentences: no words of others in it, and roles for names."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.actions.data_requests.facts_of_citizens import day
from incidents.actions.data_requests.subjects import Source, Subject, give
from incidents.models import CareMoment, Incident, News, Notice, SavedList, Task, Witness
from incidents.vocabulary import NewsKind, NoticeStep
from vpdportal.accounts.models import Absence, Membership, User
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent

MOST_LOOKS = 2000  # of one case


@dataclass(frozen=True)
class Line:
    """A sentence about several rows together. `pk`: of what it is about."""

    pk: UUID
    text: str


def _account(row: User) -> str:
    lines = [
        f"{_('name')}: {row.name}",
        f"{_('work e-mail address')}: {row.email}",
        f"{_('language')}: {row.language}",
        *([f"{_('work telephone')}: {row.phone}"] if row.phone else []),
        *([f"{_('days on which you work')}: {row.works_on}"] if row.works_on else []),
        f"{_('mail halfway a task')}: {_yes(row.wants_halfway_mail)}",
        f"{_('mail about news')}: {_yes(row.wants_news_mail)}",
        f"{_('mail about overviews')}: {_yes(row.wants_overview_mail)}",
        *([f"{_('last sign-in')}: {day(row.last_login)}"] if row.last_login else []),
    ]
    return "\n".join(lines)


def _yes(answer: bool) -> str:
    return _("yes") if answer else _("no")


def _role(row: Membership) -> str:
    until = _("until %(day)s") % {"day": day(row.ends_on)} if row.ends_on else _("no last day")
    place = f", {row.department.name}" if row.department else ""
    return f"{row.get_role_display()}{place}, {_('from')} {day(row.starts_on)}, {until}"


def _report(row: Incident) -> str:
    return _("Report %(number)s: %(what)s on %(day)s, %(status)s, severity %(severity)s") % {
        "number": row.reference,
        "what": row.get_main_behaviour_display(),
        "day": day(row.occurred_at),
        "status": row.get_status_display(),
        "severity": row.severity,
    }


def _told(subject: Subject) -> Iterable[Line]:
    """How often the portal told this person something, by kind: one line."""
    lines = []
    mine = {"recipient": subject.user, "organisation": subject.organisation}
    for kind in NewsKind:
        if number := News.objects.filter(**mine, kind=kind).count():
            lines.append(f"{kind.label}: {number}")
    for step in NoticeStep:
        if number := Notice.objects.filter(**mine, step=step).count():
            lines.append(f"{_('about a task')}, {step.label}: {number}")
    if lines and subject.user:
        yield Line(subject.user.pk, "\n".join(lines))


def _looked(subject: Subject) -> Iterable[Line]:
    """Of each of their cases who looked at it, by day and role; never by name."""
    held = list(Membership.objects.filter(organisation=subject.organisation))
    for case in subject.party_of:
        events = AuditEvent.objects.filter(object_id=case, action="incident.viewed")
        rows = events.exclude(actor_id=subject.user.pk if subject.user else None).order_by("position")
        looks = {
            f"{day(at)}: {_role_then(held, actor, at)}" for at, actor in rows.values_list("at", "actor_id")[:MOST_LOOKS]
        }
        if looks:
            yield Line(case, "\n".join(sorted(looks)))


def _role_then(held: list[Membership], actor: UUID | None, at: datetime) -> str:
    """The role that weighs most of those held on that day."""
    roles = [one.role for one in held if one.user_id == actor and one.holds_on(localdate(at))]
    order = [Role.ADVISER, Role.DEPUTY, *(role for role in reversed(Role) if role not in {Role.ADVISER, Role.DEPUTY})]
    found = sorted(roles, key=lambda role: order.index(Role(role)))
    return str(Role(found[0]).label) if found else _("someone without a role")


def _mine(model: Any, path: str = "user") -> Any:
    return lambda subject: model.objects.filter(**{path: subject.user, "organisation": subject.organisation})


FACTS: tuple[Source, ...] = (
    Source(
        "user",
        gettext_lazy("Your account"),
        lambda subject: User.objects.filter(pk__in=[subject.request.user_id]),
        _account,
        give,
    ),
    Source(
        "membership",
        gettext_lazy("Your roles"),
        lambda subject: Membership.objects.filter(user=subject.user, organisation=subject.organisation).select_related(
            "department"
        ),
        _role,
        give,
    ),
    Source(
        "absence",
        gettext_lazy("When you were away"),
        _mine(Absence),
        lambda row: f"{day(row.starts_at)} – {day(row.ends_at)}",
        give,
        "starts_at",
    ),
    Source(
        "usersession",
        gettext_lazy("Where you are signed in"),
        lambda subject: UserSession.objects.filter(user=subject.user),
        lambda row: f"{day(row.created_at)}, {row.ip}, {row.user_agent}",
        give,
        "created_at",
    ),
    Source(
        "authenticator",
        gettext_lazy("Your second factors"),
        lambda subject: Authenticator.objects.filter(user=subject.user),
        lambda row: f"{row.get_type_display()}, {day(row.created_at)}",
        give,
        "created_at",
    ),
    Source(
        "incident",
        gettext_lazy("Your reports"),
        lambda subject: Incident.objects.filter(pk__in=subject.party_of),
        _report,
        give,
        "reported_at",
    ),
    Source(
        "witness",
        gettext_lazy("Asked to tell what you saw"),
        lambda subject: Witness.objects.filter(user=subject.user, organisation=subject.organisation).select_related(
            "incident"
        ),
        lambda row: f"{row.incident.reference}, {day(row.asked_at)}",
        give,
        "asked_at",
    ),
    Source(
        "task",
        gettext_lazy("Your tasks"),
        lambda subject: Task.objects.filter(
            Q(assignee=subject.user) | Q(finished_by=subject.user), organisation=subject.organisation
        ).select_related("incident"),
        lambda row: f"{row.incident.reference}: {row.code or row.get_kind_display()}, {row.get_status_display()}",
        give,
        "assigned_at",
    ),
    Source(
        "caremoment",
        gettext_lazy("Talks with you"),
        _mine(CareMoment),
        lambda row: f"{row.get_kind_display()}, {row.get_status_display()}, {day(row.planned_at)}",
        give,
        "planned_at",
    ),
    Source(
        "savedlist",
        gettext_lazy("Lists that you keep"),
        lambda subject: SavedList.objects.filter(user=subject.user),
        lambda row: row.name,
        give,
        "at",
    ),
    Source("news", gettext_lazy("What the portal told you"), _told, lambda row: row.text, give),
    Source("auditevent", gettext_lazy("Who looked at your reports"), _looked, lambda row: row.text, give),
)
