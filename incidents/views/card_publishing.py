"""Looking at the draft of the menu card, publishing it or throwing it away, and every version there was."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from guidance.cards import CardError, discard_draft, publish_draft, version_name
from guidance.changes import Changes
from guidance.differences import differences
from guidance.models import MenuCard
from guidance.tightening import NotAllowed
from incidents.views.card_desk import Desk
from incidents.views.places import PortalRequest, organisation_for
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right


@require_safe
@require(Right.ADMINISTER)
def review(request: PortalRequest, slug: str) -> HttpResponse:
    """What the draft changes, before it holds."""
    desk = Desk(request, slug)
    return desk.page("card_review", _review_context(desk))


def _review_context(desk: Desk) -> dict[str, Any]:
    return {
        "differences": desk.differences,
        "never": [item for item in desk.card.items.values() if item.is_own and not item.condition],
        "next_version": version_name(desk.number + 1),
    }


@require_POST
@require(Right.ADMINISTER)
def publish(request: PortalRequest, slug: str) -> HttpResponse:
    """Make the draft hold, as it was shown."""
    organisation = organisation_for(request, slug, Right.ADMINISTER)
    try:
        card = publish_draft(organisation=organisation, revision=_revision(request), by=request.user, now=request.now)
    except (CardError, NotAllowed) as refused:
        return _draft_refused(request, slug, str(refused))
    messages.success(
        request,
        _("Version %(number)s holds from now on. Open cases keep their advice until the adviser takes this one over.")
        % {"number": card.number},
    )
    return redirect("card_versions", slug=slug)


@require_POST
@require(Right.ADMINISTER)
def discard(request: PortalRequest, slug: str) -> HttpResponse:
    organisation = organisation_for(request, slug, Right.ADMINISTER)
    try:
        discard_draft(organisation=organisation, revision=_revision(request), by=request.user, now=request.now)
    except CardError as refused:
        return _draft_refused(request, slug, str(refused))
    messages.success(request, _("The draft is thrown away. What was published holds."))
    return redirect("card_edit", slug=slug)


def _revision(request: PortalRequest) -> int:
    """The revision that was shown; 0, which no draft has, for anything else."""
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 11 else 0


def _draft_refused(request: PortalRequest, slug: str, reason: str) -> HttpResponse:
    messages.error(request, reason)
    desk = Desk(request, slug)
    return desk.page("card_review", _review_context(desk), 409)


@require_safe
@require(Right.ADMINISTER)
def versions(request: PortalRequest, slug: str) -> HttpResponse:
    """Every version with its author, its moment and what it changed."""
    desk = Desk(request, slug)
    cards = list(MenuCard.objects.filter(organisation=desk.organisation).select_related("published_by"))
    before = [*(card.read_changes() for card in cards[1:]), Changes()][: len(cards)]
    history = [(card, differences(older, card.read_changes())) for card, older in zip(cards, before, strict=True)]
    return desk.page("card_versions", {"history": history})
