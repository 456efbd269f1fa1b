"""Trying the menu with made-up facts, reading its rules whole (also on paper), and where it comes from."""

import re
from functools import lru_cache
from threading import Lock
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from guidance.advice import advise
from guidance.card import Card
from guidance.cards import card_for, draft_of, version_name
from guidance.menu import Source
from guidance.menu_file import load_menu
from guidance.models import MenuDraft
from incidents.forms.trying import TryForm
from incidents.views.menu_answer import answer_for
from incidents.views.menu_paper import Paper, ladder_rows, named_sources, paper_of, severity_sentences
from incidents.views.places import PortalRequest, organisation_for
from vpdportal import pdf
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import Right, Role

STYLESHEETS = ("portal/paper.css",)
KEPT = 8  # documents that were made last, each half a megabyte


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.TRY_MENU)
def menu_try(request: PortalRequest, slug: str) -> HttpResponse:
    """Made-up facts in, the menu's whole answer out. Nothing is kept, and no fact stands in an address."""
    organisation = organisation_for(request, slug, Right.TRY_MENU)
    draft = _draft_for(request, organisation)
    context: dict[str, Any] = {"organisation": organisation, "draft": draft}
    if request.method != "POST":
        form = TryForm(now=request.now, has_draft=draft is not None)
        return _try_page(request, form, context)
    form = TryForm(request.POST, now=request.now, has_draft=draft is not None)
    if not form.is_valid():
        return _try_page(request, form, context, status=400)
    card = draft_card(draft) if draft and form.asks_draft else card_for(organisation)
    answer = answer_for(advise(form.facts(), card, form.moments()), form)
    return _try_page(request, form, {**context, "answer": answer, "is_draft": form.asks_draft})


def _try_page(request: PortalRequest, form: TryForm, context: dict[str, Any], status: int = 200) -> HttpResponse:
    asked = context["answer"].asked if "answer" in context else frozenset()
    context |= {"form": form, "first": form.first(asked), "subjects": list(form.subjects(asked))}
    return render(request, "incidents/menu_try.html", context, status=status)


def _draft_for(request: PortalRequest, organisation: Organisation) -> MenuDraft | None:
    """The draft, for who works on it."""
    may = standing(request.user, request.now).may(Right.ADMINISTER, organisation.pk)
    return draft_of(organisation) if may else None


def draft_card(draft: MenuDraft) -> Card:
    """The draft as a card, under the name of the version that it began from."""
    return Card(version_name(draft.based_on), draft.read_changes())


@require_safe
@require(Right.REPORT)
def menu_rules(request: PortalRequest, slug: str) -> HttpResponse:
    """The published card's rules, whole, for works council, data protection officer and algorithm register."""
    paper = paper_of(organisation_for(request, slug, Right.REPORT))
    return _rules_page(request, paper, has_pdf=pdf.is_available())


@require_safe
@require(Right.REPORT)
def menu_rules_pdf(request: PortalRequest, slug: str) -> HttpResponse:
    """The same on paper; 503 in words where this installation cannot make a PDF."""
    paper = paper_of(organisation_for(request, slug, Right.REPORT))
    if not pdf.is_available():
        return _rules_page(request, paper, has_pdf=False, status=503)
    html = render_to_string("incidents/menu_rules_paper.html", _rules(paper))
    title = _("The menu card of %(organisation)s, version %(version)s") % {
        "organisation": paper.organisation.name,
        "version": paper.card.version,
    }
    try:
        with ONE_AT_A_TIME:
            content = _made(html, get_language() or "nl", title)
    except pdf.PdfUnavailable:
        return _rules_page(request, paper, has_pdf=False, status=503)
    name = f"menukaart-{paper.organisation.slug}-{paper.card.version.replace('/', '-')}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


ONE_AT_A_TIME = Lock()  # a document takes seconds; who asks for the same one waits for it instead of making it again


@lru_cache(maxsize=KEPT)
def _made(html: str, language: str, title: str) -> bytes:
    """The PDF of this text. It takes seconds, and a published card never changes."""
    return pdf.as_pdf(html, language=language, title=title, stylesheets=STYLESHEETS)


def _rules_page(request: PortalRequest, paper: Paper, *, has_pdf: bool, status: int = 200) -> HttpResponse:
    context = {**_rules(paper), "has_pdf": has_pdf, "is_refused": status != 200}
    return render(request, "incidents/menu_rules.html", context, status=status)


def _rules(paper: Paper) -> dict[str, Any]:
    return {
        "organisation": paper.organisation,
        "paper": paper,
        "sources": sorted_sources(paper.card),
        "publisher": Role.ADMINISTRATOR.label,
    }


@require_safe
def menu_about(request: PortalRequest) -> HttpResponse:
    """What this menu is, what of it is ours, and where the rest comes from. The same in every organisation."""
    menu, card = load_menu(), Card.default()
    context = {
        "menu": menu,
        "checked": sum(item.is_verified for item in menu.items.values()),
        "ours": [item for item in menu.items.values() if item.is_our_judgement],
        "severities": severity_sentences(card),
        "assumptions": [(one.text, named_sources(card, one.sources)) for one in menu.assumptions],
        "ladder": ladder_rows(card),
        "own_offences": [offence for offence in menu.offences if offence.is_our_knowledge],
        "sources": sorted_sources(card),
        "places": standing(request.user, request.now).organisations(Right.REPORT),
    }
    return render(request, "incidents/menu_about.html", context)


def sorted_sources(card: Card) -> list[Source]:
    """The sources in the order of their numbers: S02, S11, S110, S110a."""
    return sorted(card.menu.sources.values(), key=lambda one: (len(re.sub(r"\D", "", one.key)), one.key))
