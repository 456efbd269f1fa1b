"""When an own item is advised, and the ladder: chosen from facts and steps, never typed as code."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guidance.card import Card
from guidance.cards import CardError
from guidance.changes import Changes, OwnItem
from guidance.differences import ladder_step_text
from guidance.explaining import test_clause
from guidance.facts import FACTS
from guidance.menu import LADDER_CELLS, LadderStep
from guidance.menu_file import load_menu
from guidance.rules import Condition, Test
from guidance.vocabulary import Occurrence, Phase, Severity
from incidents.forms.card_conditions import FactForm, LadderForm, TestForm
from incidents.views.card_desk import Desk
from incidents.views.card_editing import item_part
from incidents.views.places import PortalRequest
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right
from vpdportal.seen import mark_of

MOST_ALTERNATIVES, MOST_TESTS = 10, 8  # more than a person can still read


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.ADMINISTER)
def condition(request: PortalRequest, slug: str, code: str, alternative: int) -> HttpResponse:
    """Add one line to a condition: first which fact, then what it must be. `alternative` counts from 0; the next new
    number begins another one."""
    desk = Desk(request, slug)
    own = desk.changes.own.get(code)
    if own is None or alternative > len(own.condition) or alternative >= MOST_ALTERNATIVES:
        raise Http404
    choosing = FactForm(request.GET or None)
    if not choosing.is_valid():
        return _condition_page(desk, own, alternative, {"fact_form": choosing})
    fact = FACTS[choosing.cleaned_data["fact"]]
    form = TestForm(
        request.POST if request.method == "POST" else None,
        fact=fact,
        initial={"seen": mark_of(item_part(code)(desk.changes))},
    )
    context = {"form": form, "fact": fact}
    if request.method != "POST":
        return _condition_page(desk, own, alternative, context)
    if not form.is_valid():
        return _condition_page(desk, own, alternative, context, 400)
    try:
        desk.changed(
            lambda changes: _with_condition(
                changes, code, _added(changes.own[code].condition, alternative, form.test())
            ),
            item_part(code),
            form.cleaned_data["seen"],
            code,
        )
    except CardError as refused:
        messages.error(request, str(refused))
        return redirect("card_item", slug=slug, code=code)
    messages.success(request, _("Kept in the draft. It holds when you publish."))
    return redirect("card_item", slug=slug, code=code)


def _condition_page(
    desk: Desk, own: OwnItem, alternative: int, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    existing = own.condition[alternative] if alternative < len(own.condition) else ()
    shared = {"item": own.as_item(), "alternative": alternative, "clauses": [test_clause(test) for test in existing]}
    return desk.page("card_condition", {**shared, **context}, status)


@require_POST
@require(Right.ADMINISTER)
def remove_test(request: PortalRequest, slug: str, code: str, alternative: int, number: int) -> HttpResponse:
    """Take one line out of a condition; the last one of an alternative takes the alternative along."""
    desk = Desk(request, slug)
    own = desk.changes.own.get(code)
    if own is None or alternative >= len(own.condition) or number >= len(own.condition[alternative]):
        raise Http404
    try:
        desk.changed(
            lambda changes: _with_condition(changes, code, _removed(changes.own[code].condition, alternative, number)),
            item_part(code),
            request.POST.get("seen", ""),
            code,
        )
    except CardError as refused:
        messages.error(request, str(refused))
    return redirect("card_item", slug=slug, code=code)


def _with_condition(changes: Changes, code: str, condition: Condition) -> Changes:
    return changes.with_own(replace(changes.own[code], condition=condition))


def _added(condition: Condition, alternative: int, test: Test) -> Condition:
    """With the test in this alternative. Raises CardError when it stands there, or when there is no room."""
    alternatives = [*condition, ()][: max(len(condition), alternative + 1)]
    tests = alternatives[alternative]
    if test in tests:
        raise CardError(_("This line stands there already."))
    if len(tests) >= MOST_TESTS:
        raise CardError(_("There are 8 lines here already. Take one away first."))
    alternatives[alternative] = (*tests, test)
    return tuple(alternatives)


def _removed(condition: Condition, alternative: int, number: int) -> Condition:
    left = tuple(test for at, test in enumerate(condition[alternative]) if at != number)
    changed = [left if at == alternative else tests for at, tests in enumerate(condition)]
    return tuple(tests for tests in changed if tests)


# --- the ladder ------------------------------------------------------------------------------------------------------


@require_safe
@require(Right.ADMINISTER)
def ladder(request: PortalRequest, slug: str) -> HttpResponse:
    """The whole ladder: four severities by three occurrences."""
    desk = Desk(request, slug)
    return desk.page("card_ladder", {"rows": ladder_rows(desk.card), "occurrences": list(Occurrence)})


def ladder_rows(card: Card) -> list[dict[str, Any]]:
    """The ladder for a table: each severity with its cells, and whether they are the organisation's own."""
    return [
        {
            "severity": severity,
            "cells": [
                {
                    "occurrence": occurrence,
                    "steps": [ladder_step_text(step, card) for step in card.ladder[severity.value, occurrence.value]],
                    "is_own": (severity.value, occurrence.value) in card.changes.ladder,
                }
                for occurrence in Occurrence
            ],
        }
        for severity in Severity
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.ADMINISTER)
def ladder_cell(request: PortalRequest, slug: str, severity: int, occurrence: str) -> HttpResponse:
    """One cell: which steps, with an end for each that restricts someone; or back to what ships."""
    desk = Desk(request, slug)
    cell = (severity, occurrence)
    if cell not in LADDER_CELLS:
        raise Http404
    steps = desk.card.ladder[cell]
    shown = {**LadderForm.initial_of(steps), "seen": mark_of(_ladder_part(cell)(desk.changes))}
    codes = _ladder_codes(desk.card)
    form = LadderForm(request.POST if request.method == "POST" else None, initial=shown, card=desk.card, codes=codes)
    if request.method != "POST":
        return _cell_page(desk, cell, form)
    is_reset = "reset" in request.POST
    if not is_reset and not form.is_valid():
        return _cell_page(desk, cell, form, 400)
    try:
        chosen = None if is_reset else form.cleaned_data["steps"]
        return _keep_cell(desk, cell, chosen, request.POST.get("seen", ""))
    except CardError as refused:  # again with what was chosen; sending it once more puts it in place of the other's
        now_there = Desk(request, slug)
        data = {**request.POST.dict(), "seen": mark_of(_ladder_part(cell)(now_there.changes))}
        form = LadderForm(data, card=now_there.card, codes=_ladder_codes(now_there.card))
        form.add_error(None, str(refused))
        return _cell_page(now_there, cell, form, 409)


def _cell_page(desk: Desk, cell: tuple[int, str], form: LadderForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "severity": Severity(cell[0]),
        "occurrence": Occurrence(cell[1]),
        "is_own": cell in desk.changes.ladder,
        "now_there": [ladder_step_text(step, desk.card) for step in desk.card.ladder[cell]],
        "shipped": [ladder_step_text(step, desk.card) for step in load_menu().ladder[cell]],
        "seen": mark_of(_ladder_part(cell)(desk.changes)),
    }
    return desk.page("card_ladder_cell", context, status)


def _keep_cell(desk: Desk, cell: tuple[int, str], steps: tuple[LadderStep, ...] | None, seen: str) -> HttpResponse:
    """Raises CardError when somebody else changed the cell."""
    if steps == load_menu().ladder[cell]:
        steps = None
    desk.changed(lambda changes: changes.with_ladder(cell, steps), _ladder_part(cell), seen, f"ladder {cell[0]}")
    messages.success(desk.request, _("Kept in the draft. It holds when you publish."))
    return redirect("card_ladder", slug=desk.organisation.slug)


def _ladder_part(cell: tuple[int, str]) -> Any:
    return lambda changes: changes.ladder.get(cell)


def _ladder_codes(card: Card) -> list[str]:
    """What can be a step: all that is against or goes to the perpetrator, and what the shipped ladder names."""
    shipped = {step.code for steps in card.menu.ladder.values() for step in steps}
    codes = [
        code for code, item in card.every.items() if item.against_person or item.reaches_perpetrator or code in shipped
    ]
    return sorted(codes, key=lambda code: card.every[code].phase != Phase.REACTION)
