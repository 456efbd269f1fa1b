"""The menu card as everyone may read it, and for who works on cases how often an item was fitting."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from guidance.card import Card
from guidance.cards import card_for, draft_of
from guidance.differences import deadline_text
from guidance.explaining import condition_sentences
from guidance.menu import Item
from guidance.vocabulary import Phase
from incidents.models import Incident
from incidents.overview.preview import preview
from incidents.views.places import PortalRequest, organisation_for
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.roles import Right


@require_safe
def card(request: PortalRequest) -> HttpResponse:
    """The whole card of one's organisation; the menu as it ships for who has none."""
    here = standing(request.user, request.now)
    organisations = here.organisations(Right.REPORT)
    chosen = request.GET.get("organisation", "")
    organisation = next((one for one in organisations if one.slug == chosen), next(iter(organisations), None))
    shown = card_for(organisation) if organisation else Card.default()
    context = {
        "organisation_of_card": organisation,
        "organisations": organisations if len(organisations) > 1 else [],
        "columns": [(phase, [item for item in shown.items.values() if item.phase == phase]) for phase in Phase],
        "off": [item for code, item in shown.every.items() if code not in shown.items],
        "card": shown,
        "may_try": organisation is not None and here.may(Right.TRY_MENU, organisation.pk),
        "may_edit": organisation is not None and here.may(Right.ADMINISTER, organisation.pk),
    }
    return render(request, "incidents/menu_card.html", context)


@require_safe
@require(Right.REPORT)
def item(request: PortalRequest, slug: str, code: str) -> HttpResponse:
    """One item: when it is advised, by when, where that comes from; and how often, for who may see cases."""
    organisation = organisation_for(request, slug, Right.REPORT)
    shown = card_for(organisation)
    here = standing(request.user, request.now)
    may_see_cases, may_edit = (here.may(right, organisation.pk) for right in (Right.WORK_CASES, Right.ADMINISTER))
    draft = draft_of(organisation) if (may_see_cases or may_edit) and code not in shown.every else None
    if draft:  # new in the draft: the adviser sees what it would do before it is published
        shown = Card("draft", draft.read_changes())
    if code not in shown.every:
        raise Http404
    found: Item = shown.every[code]
    cases = Incident.objects.worked_by(request.user, request.now).filter(organisation=organisation)
    context = {
        "organisation": organisation,
        "item": found,
        "is_on": code in shown.items,
        "sentences": condition_sentences(found.condition),
        "terms": [(step.title, deadline_text(step.deadline)) for step in found.steps],
        "follows": [shown.every[other] for other in found.follows],
        "sources": [shown.menu.sources[key] for key in found.sources if key in shown.menu.sources],
        "preview": preview(cases, code=code, card=shown, now=request.now) if may_see_cases else None,
        "may_see_cases": may_see_cases,
        "may_edit": may_edit,
        "is_draft": draft is not None,
    }
    return render(request, "incidents/menu_item.html", context)
