"""How long each part is kept: an administrator chooses, the data protection officer agrees, then it holds."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.actions.keeping.terms import (
    LEAST_MONTHS,
    OUR_MONTHS,
    agree_term,
    choose_term,
    newest_choices,
    terms_of,
)
from incidents.actions.refusals import Refused
from incidents.forms.retention import TermForm
from incidents.models import RetentionTerm
from incidents.views.places import PortalRequest, organisation_for
from incidents.vocabulary import KeptPart
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import Right
from vpdportal.accounts.signing_in.again import proven_recently

READERS = (Right.ADMINISTER, Right.DECIDE_PRIVACY, Right.WORK_CASES)


@dataclass(frozen=True)
class Row:
    """One part as the page shows it. `waiting`: chosen and not agreed; `coming`: agreed, holds from a later day.

    `least`: the fewest months that may be chosen; None where that is one.
    """

    part: KeptPart
    ours: int
    months: int | None
    waiting: RetentionTerm | None
    coming: RetentionTerm | None
    may_agree: bool
    least: int | None


@require_safe
@require(*READERS)
def choose_place(request: PortalRequest) -> HttpResponse:
    here = standing(request.user, request.now)
    found = {one.pk: one for right in READERS for one in here.organisations(right)}
    places = [(one, reverse("retention_terms", args=[one.slug])) for one in found.values()]
    if len(places) == 1:
        return redirect(places[0][1])
    return render(request, "incidents/choose.html", {"places": places, "subject": "retention"})


@require_safe
@require(*READERS)
def terms(request: PortalRequest, slug: str) -> HttpResponse:
    return _page(request, organisation_for(request, slug, *READERS), TermForm())


@require_POST
@require(Right.ADMINISTER)
@proven_recently
def choose(request: PortalRequest, slug: str) -> HttpResponse:
    found = organisation_for(request, slug, Right.ADMINISTER)
    form = TermForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, 400)
    data = form.cleaned_data
    try:
        choose_term(
            organisation=found, part=KeptPart(data["part"]), months=data["months"], by=request.user, now=request.now
        )
    except Refused as refused:
        form.add_error("months", str(refused))
        return _page(request, found, form, 409)
    messages.success(
        request, _("The term is kept. The data protection officer is asked to agree; it holds after that.")
    )
    return redirect("retention_terms", slug=slug)


@require_POST
@require(Right.DECIDE_PRIVACY)
@proven_recently
def agree(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    found = organisation_for(request, slug, Right.DECIDE_PRIVACY)
    term = get_object_or_404(RetentionTerm, pk=pk, organisation=found)
    try:
        agreed = agree_term(term=term, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, found, TermForm(), 409)
    day = agreed.holds_from.strftime("%d-%m-%Y") if agreed.holds_from else ""
    messages.success(request, _("You agreed. The term holds from %(day)s.") % {"day": day})
    return redirect("retention_terms", slug=slug)


def _page(request: PortalRequest, found: Organisation, form: TermForm, status: int = 200) -> HttpResponse:
    here = standing(request.user, request.now)
    every = RetentionTerm.objects.filter(organisation=found).select_related("chosen_by", "agreed_by")
    history = list(every.order_by("-chosen_at"))
    context = {
        "organisation": found,
        "rows": list(_rows(request, found, history)),
        "history": history,
        "form": form,
        "is_administrator": here.may(Right.ADMINISTER, found.pk),
        "is_desk": here.may(Right.WORK_CASES, found.pk),
    }
    return render(request, "incidents/retention_terms.html", context, status=status)


def _rows(request: PortalRequest, found: Organisation, history: list[RetentionTerm]) -> Any:
    held, today = terms_of(found), timezone.localdate(request.now)
    last = newest_choices(history)
    may_agree = standing(request.user, request.now).may(Right.DECIDE_PRIVACY, found.pk)
    for part in KeptPart:
        newest = last.get(part)
        waiting = newest if newest and newest.agreed_at is None else None
        coming = newest if newest and newest.holds_from and newest.holds_from > today else None
        yield Row(
            part=part,
            ours=OUR_MONTHS[part],
            months=held.months(part, today),
            waiting=waiting,
            coming=coming,
            may_agree=bool(may_agree and waiting and waiting.chosen_by_id != request.user.pk),
            least=LEAST_MONTHS.get(part),
        )
