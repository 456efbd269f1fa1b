"""The functional administrator's menu card: one draft that all of them work on, published as a whole."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guidance.card import Card
from guidance.cards import (
    CardError,
    ChangedMeanwhile,
    next_own_code,
)
from guidance.changes import Changes, ItemChange, OwnItem
from guidance.explaining import condition_sentences, test_clause
from guidance.menu_file import load_menu
from guidance.vocabulary import Phase
from incidents.forms.card import CalendarForm, ItemForm, OwnItemForm
from incidents.forms.card_conditions import FactForm
from incidents.models import Incident
from incidents.overview.preview import preview, preview_of
from incidents.views.card_desk import Desk
from incidents.views.places import PortalRequest
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.roles import Right
from vpdportal.audit.chain import record
from vpdportal.seen import mark_of

MOST_OWN = 50  # measures of an organisation's own: more than a person can oversee


@require_safe
@require(Right.ADMINISTER)
def edit(request: PortalRequest, slug: str) -> HttpResponse:
    """The card as the adviser sees it, with the draft on it; each item opens to be changed."""
    desk = Desk(request, slug)
    columns = [
        (phase, [(item, item.code in desk.card.items) for item in desk.card.every.values() if item.phase == phase])
        for phase in Phase
    ]
    return desk.page("card_edit", {"columns": columns})


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.ADMINISTER)
def item(request: PortalRequest, slug: str, code: str) -> HttpResponse:
    """One item: on or off, words, role, term; of an own item also its conditions."""
    desk = Desk(request, slug)
    if code not in desk.card.every:
        raise Http404
    if request.method != "POST":
        form = _item_form(desk, code, initial={"seen": mark_of(item_part(code)(desk.changes))})
        return _item_page(desk, code, form)
    form = _item_form(desk, code, data=request.POST)
    if not form.is_valid():
        return _item_page(desk, code, form, 400)
    try:
        desk.changed(_change_of(form, code, desk), item_part(code), form.cleaned_data["seen"], code)
    except CardError as refused:
        return _item_refused(request, slug, code, str(refused), isinstance(refused, ChangedMeanwhile))
    messages.success(request, _("Kept in the draft. It holds when you publish."))
    return redirect("card_item", slug=slug, code=code)


def item_part(code: str) -> Callable[[Changes], Any]:
    """What a change to this item is about, to notice that somebody else changed the same."""

    def part(changes: Changes) -> Any:
        own = changes.own.get(code)
        return own.to_data() if own else changes.change_of(code).to_data()

    return part


def _item_form(
    desk: Desk, code: str, data: Any = None, initial: dict[str, Any] | None = None
) -> ItemForm | OwnItemForm:
    own = desk.changes.own.get(code)
    if own:
        values = {**OwnItemForm.initial_of(own), **(initial or {})}
        return OwnItemForm(data, initial=values, may_be_off=code in desk.published.own)
    shown = ItemForm.initial_of(desk.card.every[code], is_on=code in desk.card.items)
    return ItemForm(data, initial={**shown, **(initial or {})}, shipped=load_menu().items[code])


def _change_of(form: ItemForm | OwnItemForm, code: str, desk: Desk) -> Callable[[Changes], Changes]:
    if isinstance(form, OwnItemForm):
        return lambda changes: changes.with_own(form.own_item(code, changes.own.get(code)))
    change = form.change()
    return lambda changes: changes.with_item(code, change)


def _item_refused(request: PortalRequest, slug: str, code: str, reason: str, is_meanwhile: bool) -> HttpResponse:
    """The page again, with what was typed and what stands there now; sending it once more puts this in its place."""
    desk = Desk(request, slug)
    if code not in desk.card.every:
        messages.error(request, reason)
        return redirect("card_edit", slug=slug)
    data = request.POST.copy()
    data["seen"] = mark_of(item_part(code)(desk.changes))
    form = _item_form(desk, code, data=data)
    form.is_valid()
    form.add_error(None, reason)
    return _item_page(desk, code, form, 409, is_meanwhile=is_meanwhile)


def _item_page(
    desk: Desk, code: str, form: ItemForm | OwnItemForm, status: int = 200, is_meanwhile: bool = False
) -> HttpResponse:
    own = desk.changes.own.get(code)
    context = {
        "item": desk.card.every[code],
        "shipped": load_menu().items.get(code),
        "own": own,
        "is_on": code in desk.card.items,
        "is_new": own is not None and code not in desk.published.own,
        "form": form,
        "seen": mark_of(item_part(code)(desk.changes)),
        "alternatives": [[test_clause(test) for test in tests] for tests in own.condition] if own else [],
        "sentences": condition_sentences(desk.card.every[code].condition),
        "fact_form": FactForm(),
        "differences": [difference for difference in desk.differences if difference.code == code],
        "is_meanwhile": is_meanwhile,
        **_previewed(desk, code),
    }
    return desk.page("card_item", context, status)


def _previewed(desk: Desk, code: str) -> dict[str, Any]:
    """How often the item as drafted would have been advised; with the cases for who may see them anyway."""
    request = desk.request
    may_see = standing(request.user, request.now).may(Right.WORK_CASES, desk.organisation.pk)
    card = desk.card if code in desk.card.items else Card("draft", _switched_on(desk.changes, code))
    if not may_see and code in desk.changes.own:  # conditions chosen freely would tell of single reports
        return {"preview": None, "may_see_cases": False}
    if may_see:
        cases = Incident.objects.worked_by(request.user, request.now).filter(organisation=desk.organisation)
        found = preview(cases, code=code, card=card, now=request.now)
    else:
        found = preview_of(desk.organisation, code=code, card=card, now=request.now, without=request.user)
    record(
        action="menu_card.previewed",
        now=request.now,
        actor_id=request.user.pk,
        organisation_id=desk.organisation.pk,
        object_type="menucard",
        object_id=desk.organisation.pk,
        fields=[code],
    )
    return {"preview": found, "may_see_cases": may_see}


def _switched_on(changes: Changes, code: str) -> Changes:
    """The changes with this item on, to see what it would do."""
    own = changes.own.get(code)
    if own:
        return changes.with_own(OwnItem.from_data({**own.to_data(), "is_on": True}))
    return changes.with_item(code, ItemChange.from_data({**changes.change_of(code).to_data(), "is_on": True}))


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.ADMINISTER)
def new_item(request: PortalRequest, slug: str) -> HttpResponse:
    """An item of the organisation's own; what it is called first, when it is advised after that."""
    desk = Desk(request, slug)
    form = OwnItemForm(request.POST or None, initial={"seen": mark_of(next_own_code(desk.changes))})
    if request.method == "POST" and form.is_valid():
        made: list[str] = []

        def add(changes: Changes) -> Changes:
            made.append(next_own_code(changes))
            return changes.with_own(form.own_item(made[-1], None))

        try:
            if len(desk.changes.own) >= MOST_OWN:
                raise CardError(_("There are 50 own measures already. Change one of those."))
            desk.changed(add, next_own_code, form.cleaned_data["seen"], "new")
        except CardError as refused:  # also a second click on the same button
            form = OwnItemForm({**request.POST.dict(), "seen": mark_of(next_own_code(Desk(request, slug).changes))})
            form.add_error(None, str(refused))
            return desk.page("card_item_new", {"form": form}, 409)
        messages.success(request, _("Added to the draft. Now choose when it is advised."))
        return redirect("card_item", slug=slug, code=made[-1])
    return desk.page("card_item_new", {"form": form}, 400 if request.method == "POST" else 200)


@require_POST
@require(Right.ADMINISTER)
def remove_item(request: PortalRequest, slug: str, code: str) -> HttpResponse:
    """Take an own item out of the draft again. One that was published can only be switched off."""
    desk = Desk(request, slug)
    if code not in desk.changes.own or code in desk.published.own:
        raise Http404
    try:
        desk.changed(lambda changes: changes.without_own(code), item_part(code), request.POST.get("seen", ""), code)
    except CardError as refused:
        messages.error(request, str(refused))
        return redirect("card_item", slug=slug, code=code)
    messages.success(request, _("Taken out of the draft."))
    return redirect("card_edit", slug=slug)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.ADMINISTER)
def calendar(request: PortalRequest, slug: str) -> HttpResponse:
    """Whether 5 May is a day off."""
    desk = Desk(request, slug)
    shown = {"closed_day": desk.changes.closed_day, "seen": mark_of(desk.changes.closed_day)}
    form = CalendarForm(request.POST or None, initial=shown)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["closed_day"]
        try:
            desk.changed(
                lambda changes: changes.with_closed_day(chosen),
                lambda changes: changes.closed_day,
                form.cleaned_data["seen"],
                "closed_day",
            )
        except CardError as refused:
            desk = Desk(request, slug)
            form = CalendarForm({**request.POST.dict(), "seen": mark_of(desk.changes.closed_day)})
            form.add_error(None, str(refused))
            return desk.page("card_form", {"form": form, "title": _("5 May")}, 409)
        messages.success(request, _("Kept in the draft. It holds when you publish."))
        return redirect("card_edit", slug=slug)
    status = 400 if request.method == "POST" else 200
    return desk.page("card_form", {"form": form, "title": _("5 May")}, status)
