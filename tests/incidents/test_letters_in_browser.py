"""The pages of letters in a browser: axe finds nothing, nothing scrolls sideways."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from incidents.actions.letter_templates import save_template
from incidents.vocabulary import LetterKind
from tests import clock
from tests.incidents.letters import docx, make, make_person, make_reaction
from tests.look.visitor import LOOKS, Visitor
from tests.world import make_incident, make_place

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_store")]


@LOOKS
def test_pages_of_letters_are_accessible(
    live_server: Any, committed: None, chromium: Any, width: int, language: str, with_axe: bool
):
    town = make_place("Vlinderwaard")
    case = make_incident(town)
    reaction = make_reaction(town, case, make_person(town, case, is_minor=True))
    letter = make(town, case, "ban", reaction=reaction, values={"adres": ""})
    make(town, case)
    template = {"organisation": town.organisation, "kind": LetterKind.BAN, "content": docx("{{ naam }}")}
    save_template(**template, by=town.administrator, now=clock.now())
    slug = town.organisation.slug
    pages = {
        town.adviser: [
            reverse("case_letters", args=[case.pk]),
            reverse("letter_new", args=[case.pk, "ban"]),
            reverse("letter", args=[case.pk, letter.pk]),
        ],
        town.administrator: [
            reverse("letter_templates", args=[slug]),
            reverse("letter_template", args=[slug, "ban"]),
            reverse("letter_fields", args=[slug]),
            reverse("administration", args=[slug]),
        ],
    }
    for person, addresses in pages.items():
        visitor = Visitor(chromium, live_server.url, width, language, with_axe=with_axe)
        visitor.sign_in(person.email)
        for number, address in enumerate(addresses):
            visitor.go(address)
            visitor.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            if folder := os.environ.get("PICTURES"):
                name = f"{person.email.split('@')[0]}-{number}-{width}-{language}.png"
                visitor.page.screenshot(path=Path(folder) / name, full_page=True)
            assert visitor.faults() == [], address
        visitor.context.close()
