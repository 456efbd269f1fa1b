"""The people of a case who are no colleagues: who did it, who was hit, who saw it, and what happened before."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.forms import BaseForm
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from guidance.explaining import fact_text
from guidance.facts import FACTS
from incidents.actions.person_facts import mark_of_description
from incidents.actions.person_lookups import look_up_persons
from incidents.actions.person_search import MOST_SHOWN, Earlier, earlier_of, facts_of, news_of
from incidents.actions.persons import INTERNAL
from incidents.forms.persons import DelayForm, LinkReasonForm, PersonForm, ToldForm, UnknownForm, UnlinkForm
from incidents.models import Incident, Involvement, Person, Task
from incidents.views.case_frame import show_part
from incidents.views.case_people import case_people as colleagues_of
from incidents.views.places import PortalRequest, case_for
from incidents.vocabulary import IdentifierKind, InvolvedAs
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right

TITLES = {
    InvolvedAs.PERPETRATOR: gettext_lazy("Who did it"),
    InvolvedAs.AFFECTED: gettext_lazy("Who was hit, outside the organisation"),
    InvolvedAs.WITNESS: gettext_lazy("Who saw it, outside the organisation"),
    InvolvedAs.RELATIVE: gettext_lazy("Relatives"),
}
Change = tuple[Any, str, str]  # label of the fact, before, after


@dataclass(frozen=True)
class Line:
    """One person in one role, with what can be done about it."""

    involvement: Involvement
    earlier: Earlier | None  # of a perpetrator, for who may know of it
    may_open: bool
    unlink_form: BaseForm
    told_form: BaseForm
    delay_form: BaseForm

    @property
    def is_perpetrator(self) -> bool:
        return self.involvement.role == InvolvedAs.PERPETRATOR

    @property
    def is_delaying(self) -> bool:
        return self.delay_form.is_bound


@dataclass(frozen=True)
class Option:
    """A record that was found. No name, no story: how much there is, and what linking it would change."""

    person: Person
    by: list[IdentifierKind]
    earlier: Earlier
    changes: list[Change]
    reason_form: BaseForm


@require_safe
@require(Right.WORK_CASES)
def case_people(request: PortalRequest, pk: UUID) -> HttpResponse:
    return people_page(request, case_for(request, pk))


def people_page(request: PortalRequest, incident: Incident, status: int = 200, **bound: Any) -> HttpResponse:
    """All sections, with a form that came back with errors in place of its empty one.

    `bound` may hold `find_form` (and with it `reason_form`), `unknown_form`, and of one line (`line`: its id)
    `unlink_form`, `told_form` or `delay_form`.
    """
    tasks = list(Task.objects.filter(incident=incident).select_related("assignee"))
    involvements = list(_involvements(request, incident))
    linked = [one for one in involvements if one.role == InvolvedAs.PERPETRATOR]
    perpetrators = [one.person for one in linked]
    counted = perpetrators if _may_count(linked) else []
    earlier = earlier_of([person.pk for person in counted], incident, request.now, request.user)
    lines = [_line(one, earlier, bound) for one in involvements]
    said = facts_of(counted, earlier)
    form = bound.get("unknown_form") or UnknownForm(initial={"description": incident.perpetrator_description})
    context = {
        **colleagues_of(incident),
        "tasks": tasks,
        "sections": [
            (role, TITLES[role], [line for line in lines if line.involvement.role == role]) for role in TITLES
        ],
        "has_perpetrator": bool(perpetrators),
        "has_minor": any(person.is_minor for person in perpetrators),
        "is_unknown": incident.facts.perpetrator_known is False and not perpetrators,
        "is_internal": incident.facts.perpetrator_relation in INTERNAL,
        "is_group": bool(incident.facts.perpetrator_group),
        "changes": [] if incident.is_closed else changes_text(incident, news_of(incident, said)),
        "find_form": bound.get("find_form") or PersonForm(now=request.now, auto_id="find-%s"),
        "unknown_form": form,
        "seen": mark_of_description(incident),
        "is_beside": status == 409 and form.is_bound,
        **{name: value for name, value in bound.items() if name in ("reason_form", "witness_form", "affected_form")},
    }
    return show_part(request, incident, "case_people", "incidents/case_persons.html", context, status=status)


def found_page(
    request: PortalRequest, incident: Incident, form: PersonForm, status: int = 200, reason: Any = None
) -> HttpResponse:
    """What was found by what was typed: numbers before any name, and the choice between this one and a new one.

    Each time it is shown is a search: written down and counted. Raises TooManyLookups.
    """
    typed = form.typed()
    by_most = look_up_persons(incident=incident, identifiers=typed.identifiers, by=request.user, now=request.now)
    found = by_most[:MOST_SHOWN]
    linked = list(_involvements(request, incident).filter(role=InvolvedAs.PERPETRATOR))
    is_counted = typed.role == InvolvedAs.PERPETRATOR and _may_count(linked)
    perpetrators = [one.person for one in linked] if is_counted else None
    pks = [*(one.person.pk for one in found), *(person.pk for person in perpetrators or ())]
    earlier = earlier_of(pks, incident, request.now, request.user)
    unsaved = Person(relation=typed.relation, is_minor=typed.is_minor)

    def changes(person: Person) -> list[Change]:
        if perpetrators is None:
            return []
        return changes_text(incident, news_of(incident, facts_of([*perpetrators, person], earlier)))

    options = [
        Option(one.person, one.by, earlier[one.person.pk], changes(one.person), _reason_form(reason, one.person.pk))
        for one in found
    ]
    context = {
        "options": options,
        "not_shown": len(by_most) - len(found),
        "new_changes": changes(unsaved),
        "role_label": typed.role.label,
        "typed": list(_typed(request, form)),
        "seen": ",".join(str(one.person.pk) for one in found),
        "is_internal": typed.role == InvolvedAs.PERPETRATOR
        and bool({typed.relation, *(one.person.relation for one in found)} & set(INTERNAL)),
        "relation": typed.relation,
        "new_reason_form": _reason_form(reason, "new"),
        "find_form": form,
    }
    return show_part(request, incident, "case_people", "incidents/case_persons_found.html", context, status=status)


def changes_text(incident: Incident, answers: dict[str, Any]) -> list[Change]:
    """Facts that would get another value, in words."""
    facts = incident.facts
    return [
        (
            FACTS[name].label,
            _("not known") if facts.value(name) is None else fact_text(name, facts.value(name)),
            fact_text(name, value),
        )
        for name, value in answers.items()
    ]


def _reason_form(typed: Any, about: Any) -> LinkReasonForm:
    """With what was typed (None: nothing yet); each on the page has ids of its own."""
    return LinkReasonForm(typed, auto_id=f"reason-{about}-%s")


def _involvements(request: PortalRequest, incident: Incident) -> Any:
    """Marked with `may_open`: whether this reader can get at the record itself."""
    handled = Person.objects.handled_by(request.user, request.now).filter(pk=OuterRef("person"))
    return incident.involvements.select_related("person").annotate(may_open=Exists(handled))


def _may_count(linked: list[Any]) -> bool:
    """Whether this reader may know of every case of these people: what is counted of one tells of the others (R1)."""
    return all(one.may_open for one in linked)


def _line(involvement: Any, earlier: dict[UUID, Earlier], bound: dict[str, Any]) -> Line:
    mine = bound if bound.get("line") == involvement.pk else {}
    return Line(
        involvement,
        earlier.get(involvement.person_id) if involvement.role == InvolvedAs.PERPETRATOR else None,
        involvement.may_open,
        mine.get("unlink_form") or UnlinkForm(auto_id=f"unlink-{involvement.pk}-%s"),
        mine.get("told_form") or ToldForm(auto_id=f"told-{involvement.pk}-%s"),
        mine.get("delay_form") or DelayForm(auto_id=f"delay-{involvement.pk}-%s"),
    )


def _typed(request: PortalRequest, form: PersonForm) -> Iterator[tuple[str, str]]:
    """What was typed, to carry along until it is chosen what becomes of it."""
    for name in form.fields:
        for value in request.POST.getlist(name):
            if value:
                yield name, value
