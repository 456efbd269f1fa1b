"""Drafting one reaction, and the steps that the desk does with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.actions.breaches import record_breach
from incidents.actions.reaction_ends import draft_extension, end_early, review
from incidents.actions.reaction_signing import propose, take_back, withdraw
from incidents.actions.reaction_steps import give, hold, tell_police
from incidents.actions.reactions import change_reaction, draft_reaction, drafters_of
from incidents.actions.refusals import Refused
from incidents.forms.reaction_steps import (
    BreachForm,
    DayForm,
    EndForm,
    HeldForm,
    NothingForm,
    ReactionReasonForm,
    ReviewForm,
)
from incidents.forms.reactions import ReactionForm, initial_of
from incidents.models import Incident, Reaction
from incidents.views.places import PortalRequest, case_for
from incidents.views.reaction_page import draft_page, reaction_page, seen_revision
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, status_of_return
from incidents.vocabulary import ReactionKind, ReactionStatus
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right

HANDLED = ("GET", "HEAD", "POST")


@dataclass(frozen=True)
class Step:
    """One step of the desk: what it asks, the action, and what is said when it is done."""

    form: Callable[..., BaseForm]
    act: Callable[..., Reaction]
    done: Any
    has_day: bool = False


STEPS = {
    "voorleggen": Step(NothingForm, propose, gettext_lazy("It was laid before who looks at it next.")),
    "terugnemen": Step(NothingForm, take_back, gettext_lazy("It is a draft again.")),
    "politie": Step(NothingForm, tell_police, gettext_lazy("Kept: the police know that this measure is coming.")),
    "gehouden": Step(HeldForm, hold, gettext_lazy("Kept: it was held, and what was agreed."), has_day=True),
    "gegeven": Step(DayForm, give, gettext_lazy("Kept: it was given on this day."), has_day=True),
    "intrekken": Step(ReactionReasonForm, withdraw, gettext_lazy("Withdrawn, with your reason.")),
    "evalueren": Step(ReviewForm, review, gettext_lazy("The review is kept.")),
    "beeindigen": Step(EndForm, end_early, gettext_lazy("The measure has ended, with your reason.")),
}


def reaction_for(request: PortalRequest, pk: UUID) -> tuple[Reaction, Incident]:
    """The reaction with its case, for who works on the organisation's cases; 403 for who only signs."""
    visible = Reaction.objects.visible_to(request.user, request.now)
    related = ("person", "measure", "drafted_by", "signer", "second", "follows")
    marked = visible.with_next_review(request.user).with_letter().select_related(*related)
    reaction: Reaction = get_object_or_404(marked, pk=pk)
    incident = case_for(request, reaction.incident_id)
    reaction.incident = incident
    return reaction, incident


@require_safe
@require(Right.WORK_CASES)
def reaction(request: PortalRequest, pk: UUID) -> HttpResponse:
    return reaction_page(request, *reaction_for(request, pk))


@keeps_what_is_typed
@require_http_methods(HANDLED)
@require(Right.WORK_CASES)
def reaction_new(request: PortalRequest, pk: UUID, kind: str) -> HttpResponse:
    """Begin a reaction. Without a person linked, or against a rule of the menu, the page says so."""
    incident = case_for(request, pk)
    if kind not in ReactionKind.values:
        raise Http404
    options: dict[str, Any] = {"incident": incident, "kind": kind, "drafters": {request.user.pk}, "now": request.now}
    fresh = ReactionForm(initial={"conduct_on": localdate(incident.occurred_at)}, **options)
    if not fresh.people:
        return redirect("case_reactions", pk=pk)
    if request.method != "POST" or is_of_another(request):
        return draft_page(request, incident, fresh)
    form = ReactionForm(request.POST, **options)
    if is_shown_again(request, form):
        return draft_page(request, incident, form, status_of_return(request))
    try:
        begun = draft_reaction(
            incident=incident, kind=ReactionKind(kind), words=form.words(), by=request.user, now=request.now
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return draft_page(request, incident, form, 409)
    return _kept(request, begun)


@keeps_what_is_typed
@require_http_methods(HANDLED)
@require(Right.WORK_CASES)
def reaction_edit(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Change a draft. Changed by someone else meanwhile: who and when, what is there now, and what was typed."""
    reaction, incident = reaction_for(request, pk)
    options: dict[str, Any] = {"incident": incident, "kind": reaction.kind, "now": request.now}
    options |= {"drafters": drafters_of(reaction, request.user), "extension": reaction if reaction.follows_id else None}
    if request.method != "POST" or is_of_another(request):
        if reaction.status != ReactionStatus.DRAFT:
            return redirect("reaction", pk=pk)
        form = ReactionForm(initial=initial_of(reaction), **options)
        return draft_page(request, incident, form, reaction=reaction)
    form = ReactionForm(request.POST, **options)
    seen = seen_revision(request)
    if is_shown_again(request, form):
        return draft_page(request, incident, form, status_of_return(request), reaction=reaction, seen=seen)
    try:
        changed = change_reaction(reaction=reaction, seen=seen, words=form.words(), by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return draft_page(request, incident, form, 409, reaction=reaction_for(request, pk)[0], is_beside=True)
    return _kept(request, changed)


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def reaction_step(request: PortalRequest, pk: UUID, step: str) -> HttpResponse:
    """One step of the desk, by its name in STEPS."""
    reaction, incident = reaction_for(request, pk)
    if step not in STEPS:
        raise Http404
    if is_of_another(request):
        return redirect("reaction", pk=pk)
    chosen = STEPS[step]
    form = chosen.form(request.POST, **({"now": request.now} if chosen.has_day else {}))
    seen = seen_revision(request)
    if is_shown_again(request, form):
        return reaction_page(request, reaction, incident, status_of_return(request), bound={step: form}, seen=seen)
    try:
        chosen.act(reaction=reaction, seen=seen, by=request.user, now=request.now, **form.cleaned_data)
    except Refused as refused:
        messages.error(request, str(refused))
        return reaction_page(request, *reaction_for(request, pk), 409, bound={step: form})
    messages.success(request, str(chosen.done))
    return redirect("reaction", pk=pk)


@require_POST
@require(Right.WORK_CASES)
def reaction_extend(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Begin a longer measure, drafted from the one that runs, with reasons of its own."""
    reaction, incident = reaction_for(request, pk)
    try:
        longer = draft_extension(reaction=reaction, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return reaction_page(request, *reaction_for(request, pk), 409)
    messages.success(request, _("This draft follows the measure that runs. Say why it has to be longer."))
    return redirect("reaction_edit", pk=longer.pk)


@keeps_what_is_typed
@require_http_methods(HANDLED)
@require(Right.WORK_CASES)
def reaction_breach(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Write down that a measure was broken; the menu is asked what follows."""
    reaction, incident = reaction_for(request, pk)
    template = "incidents/reaction_breach.html"
    if request.method != "POST" or is_of_another(request):
        form = BreachForm(initial={"day": localdate(request.now)}, now=request.now)
        return reaction_page(request, reaction, incident, template=template, form=form)
    form = BreachForm(request.POST, now=request.now)
    if is_shown_again(request, form):
        return reaction_page(request, reaction, incident, status_of_return(request), template=template, form=form)
    data = {name: form.cleaned_data[name] for name in ("happened_at", "words", "is_police_told")}
    try:
        record_breach(reaction=reaction, by=request.user, now=request.now, **data)
    except Refused as refused:
        messages.error(request, str(refused))
        return reaction_page(request, *reaction_for(request, pk), 409, template=template, form=form)
    messages.success(request, _("Kept. The menu was asked what follows: see the tasks of the case."))
    return redirect("reaction", pk=pk)


def _kept(request: PortalRequest, reaction: Reaction) -> HttpResponse:
    """The draft is kept; lay it before who signs at once, where that was asked."""
    messages.success(request, _("The draft is kept."))
    if request.POST.get("go") == "propose":
        try:
            propose(reaction=reaction, seen=reaction.revision, by=request.user, now=request.now)
            messages.success(request, str(STEPS["voorleggen"].done))
        except Refused as refused:
            messages.error(request, str(refused))
    return redirect("reaction", pk=reaction.pk)
