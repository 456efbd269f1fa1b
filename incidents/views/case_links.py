"""How a case hangs together with others: links, what may be linked, and reports about the same event joined to one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.actions.linking import NoSuchCase, link_cases, links_of, unlink_cases
from incidents.actions.merging import merge_cases, unmerge_case
from incidents.actions.refusals import Refused
from incidents.actions.trail import record_view
from incidents.forms.linking import LinkForm, MergeForm
from incidents.models import CaseLink, Incident, Involvement, Statement
from incidents.references import normalise
from incidents.views.case_frame import show_part
from incidents.views.places import PortalRequest, case_for
from incidents.vocabulary import InvolvedAs, LinkKind
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right
from vpdportal.tenancy import everywhere

MOST = 10  # suggestions; more is a list to search in
AROUND = timedelta(hours=1)
SHOWN = ("reference", "kind", "main_behaviour", "severity", "status", "occurred_at", "reported_at", "location_id")
FOLLOWS = gettext_lazy("it follows from this case")
FOLLOWED = gettext_lazy("this case follows from it")


@dataclass(frozen=True)
class Linked:
    """The other case of a link, and what it has to do with this one."""

    link: CaseLink
    case: Incident
    words: Any


@dataclass(frozen=True)
class Suggestion:
    """A case that may be linked, why, and as what."""

    case: Incident
    reasons: list[Any]
    kind: LinkKind

    @property
    def may_be_double(self) -> bool:
        return self.kind == LinkKind.SAME_EVENT


@require_safe
@require(Right.WORK_CASES)
def links(request: PortalRequest, pk: UUID) -> HttpResponse:
    return _page(request, case_for(request, pk))


@require_POST
@require(Right.WORK_CASES)
def link(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Link the case with the one of this number."""
    incident = case_for(request, pk)
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _page(request, incident, 400, form=form)
    try:
        other = _others(request, incident, itself=True).filter(reference=normalise(form.cleaned_data["number"])).first()
        if other is None:
            raise NoSuchCase
        link_cases(incident=incident, other=other, kind=form.cleaned_data["kind"], by=request.user, now=request.now)
    except Refused as refused:
        form.add_error("number", str(refused))
        return _page(request, incident, 409, form=form)
    messages.success(request, _("Linked with %(number)s.") % {"number": other.reference})
    return redirect("case_links", pk=pk)


@require_POST
@require(Right.WORK_CASES)
def unlink(request: PortalRequest, pk: UUID, link_pk: UUID) -> HttpResponse:
    incident = case_for(request, pk)
    with everywhere():  # only what is nowhere is gone; a link that is hidden, or of elsewhere, is not there: 404
        is_gone = not CaseLink.objects.filter(pk=link_pk).exists()
    if is_gone:
        messages.info(request, _("This link was taken away already."))
        return redirect("case_links", pk=pk)
    unlink_cases(link=get_object_or_404(_links(request, incident), pk=link_pk), by=request.user, now=request.now)
    messages.success(request, _("The link is taken away."))
    return redirect("case_links", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.WORK_CASES)
def merge(request: PortalRequest, pk: UUID, other_pk: UUID) -> HttpResponse:
    """Two reports beside each other, and joining them to one case."""
    incident = case_for(request, pk)
    other = get_object_or_404(_others(request, incident), pk=other_pk)
    cases = [incident, other]
    form = MergeForm(request.POST or None, cases=cases)
    if request.method != "POST" or not form.is_valid():
        return _merge_page(request, cases, form, 400 if request.method == "POST" else 200)
    main, joined = cases if form.cleaned_data["goes_on"] == str(pk) else cases[::-1]
    try:
        merge_cases(incident=joined, into=main, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return _merge_page(request, cases, form, 409)
    done = _("Joined: %(main)s goes on, and %(joined)s stands with it.")
    messages.success(request, done % {"main": main.reference, "joined": joined.reference})
    return redirect("case_links", pk=main.pk)


@require_POST
@require(Right.WORK_CASES)
def unmerge(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Take a joined report apart again; who is kept out of both stays so."""
    incident = case_for(request, pk)
    try:
        unmerge_case(incident=incident, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, case_for(request, pk), 409)
    messages.success(
        request,
        _("Taken apart: %(number)s is open again with its tasks. Who was kept out of both cases is still kept out.")
        % {"number": incident.reference},
    )
    return redirect("case_links", pk=pk)


def _page(request: PortalRequest, incident: Incident, status: int = 200, **bound: Any) -> HttpResponse:
    found = list(_linked(request, incident))
    suggested = [] if incident.is_merged else _suggestions(request, incident, {one.case.pk for one in found})
    context = {
        "links": found,
        "suggestions": suggested[:MOST],
        "are_more_suggested": len(suggested) > MOST,
        "main": _others(request, incident).filter(merged_from=incident).first() if incident.is_merged else None,
        "joined": [] if incident.is_merged else list(_joined(request, incident)),
        "form": LinkForm(),
        **bound,
    }
    return show_part(request, incident, "case_links", "incidents/case_links.html", context, status=status)


def _merge_page(request: PortalRequest, cases: list[Incident], form: MergeForm, status: int) -> HttpResponse:
    incident, other = cases
    record_view(incident=other, by=request.user, now=request.now, part="case_links")
    context = {"cases": cases, "other": other, "form": form}
    return show_part(request, incident, "case_links", "incidents/case_links_merge.html", context, status=status)


def _others(request: PortalRequest, incident: Incident, *, itself: bool = False) -> QuerySet[Incident]:
    """The cases of the same organisation that this person works on."""
    found = Incident.objects.worked_by(request.user, request.now).filter(organisation=incident.organisation_id)
    cases: QuerySet[Incident] = found.select_related("department", "reporter", "affected", "location")
    return cases if itself else cases.exclude(pk=incident.pk)


def _links(request: PortalRequest, incident: Incident) -> QuerySet[CaseLink]:
    """The links of the case with cases that this person may know of."""
    seen = Incident.objects.worked_by(request.user, request.now)
    return links_of(incident).filter(one__in=seen, other__in=seen)


def _linked(request: PortalRequest, incident: Incident) -> Iterator[Linked]:
    named = [f"{side}__{field}" for side in ("one", "other") for field in SHOWN]
    for one in _links(request, incident).select_related("one", "other").only("kind", "at", *named):
        is_first = one.one_id == incident.pk
        words = LinkKind(one.kind).label
        if one.kind == LinkKind.FOLLOWS:
            words = FOLLOWS if is_first else FOLLOWED
        yield Linked(one, one.other if is_first else one.one, words)


def _joined(request: PortalRequest, incident: Incident) -> QuerySet[Incident]:
    """The reports that were joined with this case, each as one more account of it. Two queries."""
    accounts = Incident.objects.worked_by(request.user, request.now).filter(merged_into=incident).with_numbers()
    accounts = accounts.select_related("reporter", "affected", "merged_by").order_by("merged_at", "pk")
    found: QuerySet[Incident] = accounts.prefetch_related(
        Prefetch("statements", Statement.objects.select_related("by"))
    )
    return found


def _suggestions(request: PortalRequest, incident: Incident, linked: set[UUID]) -> list[Suggestion]:
    """Cases that this person may know of with the same perpetrator, day and behaviour, or place and hour. One query.

    One more than are shown, so that the page knows whether there are more.
    """
    day = timezone.localtime(incident.occurred_at).replace(hour=0, minute=0, second=0, microsecond=0)
    as_perpetrator = Involvement.objects.filter(role=InvolvedAs.PERPETRATOR)
    persons = as_perpetrator.filter(incident=incident).values("person")
    same_day = Q(
        department=incident.department_id,
        main_behaviour=incident.main_behaviour,
        occurred_at__gte=day,
        occurred_at__lt=day + timedelta(days=1),
    )
    same_place = Q(
        location__isnull=False,
        location=incident.location_id,
        occurred_at__gte=incident.occurred_at - AROUND,
        occurred_at__lte=incident.occurred_at + AROUND,
    )
    cases = Incident.objects.worked_by(request.user, request.now).filter(organisation=incident.organisation_id)
    cases = cases.annotate(same_person=Exists(as_perpetrator.filter(incident=OuterRef("pk"), person__in=persons)))
    cases = cases.filter(Q(same_person=True) | same_day | same_place).counted()
    cases = cases.exclude(pk__in={incident.pk, *linked}).order_by("-occurred_at", "pk")
    return [_suggested(incident, case) for case in cases.only(*SHOWN, "department_id")[: MOST + 1]]


def _suggested(incident: Incident, case: Incident) -> Suggestion:
    reasons = [_("the same perpetrator")] if case.same_person else []  # type: ignore[attr-defined]
    is_same_day = timezone.localdate(case.occurred_at) == timezone.localdate(incident.occurred_at)
    same_team = case.department_id == incident.department_id
    is_double = is_same_day and same_team and case.main_behaviour == incident.main_behaviour
    if is_double:
        reasons.append(_("the same department, day and behaviour: perhaps the same event"))
    is_near = abs(case.occurred_at - incident.occurred_at) <= AROUND
    if incident.location_id and case.location_id == incident.location_id and is_near:
        reasons.append(_("the same place within an hour: perhaps the same event"))
        is_double = True
    return Suggestion(case, reasons, LinkKind.SAME_EVENT if is_double else LinkKind.SAME_PERPETRATOR)
