"""What plain columns say of a citizen, in sentences: no words of others in it."""

from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.actions.data_requests.subjects import INTERNAL, Proposal, Source, Subject, give
from incidents.models import CareMoment, Involvement, Person, PersonOpening, Reaction


def day(moment: Any) -> str:
    """A date or the local day of a moment, in words; empty for None."""
    if moment is None:
        return ""
    return date_format(localtime(moment) if hasattr(moment, "hour") else moment, "j F Y")


def _person(row: Person) -> str:
    minor = {True: _("a minor"), False: _("of age"), None: _("age not known")}[row.is_minor]
    made = _("kept since %(day)s") % {"day": day(row.created_at)}
    return ", ".join([str(row.get_kind_display()), str(row.get_relation_display()), minor, made])


def _involvement(row: Involvement) -> str:
    parts = [
        _("Report %(number)s: %(what)s on %(day)s, as: %(role)s")
        % {
            "number": row.incident.reference,
            "what": row.incident.get_main_behaviour_display(),
            "day": day(row.incident.occurred_at),
            "role": row.get_role_display(),
        }
    ]
    if row.informed_on:
        parts.append(_("you were told on %(day)s") % {"day": day(row.informed_on)})
    return "; ".join(parts)


def _reaction(row: Reaction) -> str:
    parts = [f"{row.get_kind_display()}: {row.get_status_display()}"]
    for label, moment in ((_("given"), row.given_at), (_("from"), row.starts_on), (_("until"), row.ends_on)):
        if moment:
            parts.append(f"{label} {day(moment)}")
    return ", ".join(parts)


def _reaction_proposal(row: Reaction, subject: Subject) -> Proposal:
    return None if row.given_at is not None else INTERNAL


def _opening(row: PersonOpening) -> str:
    return _("Your record was opened on %(day)s by the VPD desk: %(purpose)s") % {
        "day": day(row.at),
        "purpose": row.get_purpose_display(),
    }


def _care(row: CareMoment) -> str:
    return f"{row.get_kind_display()}, {row.get_status_display()}, {day(row.planned_at)}"


FACTS: tuple[Source, ...] = (
    Source(
        "person",
        gettext_lazy("Your record"),
        lambda subject: Person.objects.filter(pk__in=[subject.request.person_id]),
        _person,
        give,
        "created_at",
    ),
    Source(
        "involvement",
        gettext_lazy("Reports in which you stand"),
        lambda subject: Involvement.objects.filter(person=subject.person).select_related("incident"),
        _involvement,
        give,
        "at",
    ),
    Source(
        "reaction",
        gettext_lazy("Measures"),
        lambda subject: Reaction.objects.filter(person=subject.person),
        _reaction,
        _reaction_proposal,
        "drafted_at",
    ),
    Source(
        "personopening",
        gettext_lazy("Who looked at your record"),
        lambda subject: PersonOpening.objects.filter(person=subject.person),
        _opening,
        give,
        "at",
    ),
    Source(
        "caremoment",
        gettext_lazy("Talks with you"),
        lambda subject: CareMoment.objects.filter(person=subject.person),
        _care,
        give,
        "planned_at",
    ),
)
