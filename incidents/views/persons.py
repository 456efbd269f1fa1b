"""The record of a person outside the organisation: shut until it is opened for a purpose, and every look is logged."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.actions.person_openings import open_person, record_person_view
from incidents.actions.person_records import add_reading, change_person, mark_of_record, merge_persons
from incidents.actions.refusals import Refused
from incidents.data_request_rows import asked_about, limited_about
from incidents.forms.persons import OpeningForm, ReadingForm, RecordForm
from incidents.models import Incident, Letter, Person, PersonKey, PersonOpening, Reaction
from incidents.need_to_know import hidden_from
from incidents.views.folded import Folded
from incidents.views.places import PortalRequest, is_uuid
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, mark_of_writer, status_of_return
from incidents.vocabulary import OpeningPurpose
from vpdportal.accounts.access import require
from vpdportal.accounts.models import Membership
from vpdportal.accounts.roles import Right, Role

OPENINGS = 20  # before this one, of which the rest is folded
FROM_CASE = "zaak"  # the case from which one came, so that its number stands with the opening


@require_safe
@require(Right.HANDLE_PERSONS)
def person(request: PortalRequest, pk: UUID) -> HttpResponse:
    return _page(request, _person_for(request, pk))


@keeps_what_is_typed
@require_POST
@require(Right.HANDLE_PERSONS)
def open_record(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Open it for an hour, for a purpose."""
    found = _person_for(request, pk)
    if is_of_another(request):
        return redirect("person", pk=pk)
    form = OpeningForm(request.POST)
    if is_shown_again(request, form):
        return _shut(request, found, form, status_of_return(request))
    open_person(
        person=found,
        purpose=OpeningPurpose(form.cleaned_data["purpose"]),
        reason=form.cleaned_data["reason"],
        incident=_case_from(request),
        by=request.user,
        now=request.now,
    )
    return redirect("person", pk=pk)


@keeps_what_is_typed
@require_POST
@require(Right.HANDLE_PERSONS)
def change(request: PortalRequest, pk: UUID) -> HttpResponse:
    found = _person_for(request, pk)
    form = RecordForm(request.POST, person=found)

    def act() -> str:
        seen = request.POST.get("seen", "")
        changed = change_person(person=found, kept=form.kept(), seen=seen, by=request.user, now=request.now)
        return _("The record was changed.") if changed else _("Nothing was different, so nothing was changed.")

    return _judged(request, found, form, act, record_form=form)


@keeps_what_is_typed
@require_POST
@require(Right.HANDLE_PERSONS)
def reading(request: PortalRequest, pk: UUID) -> HttpResponse:
    """What this person says about it."""
    found = _person_for(request, pk)
    form = ReadingForm(request.POST, auto_id="reading-%s")

    def act() -> str:
        add_reading(person=found, words=form.cleaned_data["words"], by=request.user, now=request.now)
        return _("Kept, with the day of today.")

    return _judged(request, found, form, act, reading_form=form)


@require_POST
@require(Right.HANDLE_PERSONS)
def merge(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Join another record with this one: both are the same person."""
    found, other = _person_for(request, pk), request.POST.get("other", "")
    twin = _person_for(request, UUID(other)) if is_uuid(other) else found

    def act() -> str:
        merge_persons(kept=found, other=twin, by=request.user, now=request.now)
        return _("The two records are one now. On the page of each case you see whether its facts change by it.")

    return _acted(request, found, act)


def _person_for(request: PortalRequest, pk: UUID) -> Person:
    handled = Person.objects.handled_by(request.user, request.now).select_related("organisation")
    marked = handled.annotate(has_data_request=asked_about("pk"), is_limited=limited_about("pk"))
    found: Person = get_object_or_404(marked, pk=pk)
    return found


def _case_from(request: PortalRequest) -> Incident | None:
    """The case from which one came, when this person works on it."""
    pk = request.POST.get(FROM_CASE, "")
    worked = Incident.objects.worked_by(request.user, request.now)
    found: Incident | None = worked.filter(pk=pk).first() if is_uuid(pk) else None
    return found


def _judged(request: PortalRequest, found: Person, form: Any, act: Callable[[], str], **bound: Any) -> HttpResponse:
    if is_of_another(request):
        return redirect("person", pk=found.pk)
    if is_shown_again(request, form):
        return _page(request, found, status_of_return(request), **bound)
    return _acted(request, found, act, **bound)


def _acted(request: PortalRequest, found: Person, act: Callable[[], str], **bound: Any) -> HttpResponse:
    try:
        done = act()
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, _person_for(request, found.pk), 409, **bound)
    messages.success(request, done)
    return redirect("person", pk=found.pk)


def _page(request: PortalRequest, found: Person, status: int = 200, **bound: Any) -> HttpResponse:
    """The record when this person has it open; else the question what for. Writes first that it is shown."""
    openings = list(_openings(found))
    mine = [one for one in openings if one.user_id == request.user.pk and one.is_running(request.now)]
    if not mine:
        form = next((form for form in bound.values() if form.is_bound), None)
        return _shut(request, found, OpeningForm(), status, form)
    record_person_view(opening=mine[0], by=request.user, now=request.now)
    today = timezone.localdate(request.now)
    reactions = list(_reactions(request, found))
    context = {
        "person": found,
        "opening": mine[0],
        "openings": Folded([(one, _role(one.role_then)) for one in openings if one.pk != mine[0].pk], OPENINGS),
        "involvements": list(_involvements(request, found)),
        "running": [one for one in reactions if one.restricts and one.is_running_on(today)],
        "reactions": [one for one in reactions if not (one.restricts and one.is_running_on(today))],
        "letters": list(_letters(request, found)),
        "others": list(_others(request, found)),
        "record_form": bound.get("record_form") or RecordForm(person=found),
        "reading_form": bound.get("reading_form") or ReadingForm(auto_id="reading-%s"),
        "seen": mark_of_record(found),
        "writer": mark_of_writer(request.user),
    }
    return render(request, "incidents/person.html", context, status=status)


def _shut(
    request: PortalRequest, found: Person, form: OpeningForm, status: int = 200, typed: Any = None
) -> HttpResponse:
    """What for? `typed`: a form that was filled in while the record shut again; its words are shown, to be copied."""
    case = request.GET.get(FROM_CASE) or request.POST.get(FROM_CASE, "")
    context = {
        "person": found,
        "form": form,
        "case": case if is_uuid(case) else "",
        "typed_form": typed,
        "writer": mark_of_writer(request.user),
    }
    return render(request, "incidents/person_shut.html", context, status=status)


def _openings(found: Person) -> Any:
    """Newest first, marked with the role that each held then."""
    held = Membership.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=OuterRef("day")),
        user=OuterRef("user"),
        organisation=OuterRef("organisation"),
        role__in=(Role.ADVISER, Role.DEPUTY),
        starts_on__lte=OuterRef("day"),
    )
    rows = found.openings.select_related("person").annotate(day=TruncDate("at"))
    return rows.annotate(role_then=Subquery(held.order_by("role").values("role")[:1]))


def _involvements(request: PortalRequest, found: Person) -> Any:
    rows = found.involvements.filter(~hidden_from(request.user, "incident", request.now)).select_related("incident")
    return rows.order_by("-incident__occurred_at", "pk")


def _reactions(request: PortalRequest, found: Person) -> QuerySet[Reaction]:
    rows = found.reactions.filter(~hidden_from(request.user, "incident", request.now)).select_related("incident")
    return rows.order_by("-drafted_at", "pk")


def _letters(request: PortalRequest, found: Person) -> QuerySet[Letter]:
    rows = found.letters.filter(~hidden_from(request.user, "incident", request.now)).select_related("incident")
    return rows.order_by("-made_at", "pk")


def _others(request: PortalRequest, found: Person) -> Any:
    """Other records that may be the same person: open to this reader, or known by the same identifier."""
    running = PersonOpening.objects.filter(
        person=OuterRef("pk"), user=request.user, at__lte=request.now, until__gt=request.now
    )
    mine = PersonKey.objects.filter(person=found).values("digest")
    alike = PersonKey.objects.filter(person=OuterRef("pk"), digest__in=mine)
    handled = Person.objects.handled_by(request.user, request.now).filter(organisation=found.organisation_id)
    marked = handled.exclude(pk=found.pk).annotate(is_open=Exists(running), is_alike=Exists(alike))
    return marked.filter(Q(is_open=True) | Q(is_alike=True))


def _role(role: str | None) -> str:
    """The role that someone held then, in words."""
    return str(Role(role).label) if role else _("no role any more")
