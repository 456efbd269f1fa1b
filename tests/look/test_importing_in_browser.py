"""The pages on which an earlier registration is brought in: empty, read, wrong, running, brought in, taken back."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from incidents.actions.importing.carrying_out import carry_out, start
from incidents.actions.importing.sheets import bring_sheet
from incidents.actions.importing.undoing import undo
from incidents.models import CaseImport
from tests import clock
from tests.look.visitor import LOOKS, Visitor, unfold
from tests.world import Place, make_place
from vpdportal.accounts.models import User

pytestmark = pytest.mark.browser

LONG = "Zeer-lange-naam-zonder-een-enkele-spatie-erin-van-een-oude-registratie 🚨.csv"
HEAD = "Meldingsnummer;Datum incident;Tijdstip;Afdeling;Soort agressie;Ernst;Omschrijving"


@pytest.fixture
def town(committed: None) -> Place:
    return make_place("Vlinderwaard")


def bring(town: Place, name: str, first: int, rows: int, wrong: int = 0, by: User | None = None) -> CaseImport:
    good = (
        f"2025-{n:04};03-02-2025;14:30;Publiekszaken;Bedreiging;3;{'Hij schold. ' * 20}"
        for n in range(first, rows + first)
    )
    bad = (f"X-{n};gisteren;25:00;Onbekend;{'Gemopper' * 10};9;Iets" for n in range(wrong))
    content = "\n".join([HEAD, *good, *bad]).encode()
    return bring_sheet(
        organisation=town.organisation, name=name, content=content, by=by or town.adviser, now=clock.now()
    )


def fill(town: Place) -> list[CaseImport]:
    """One in each state, and one that a colleague brought."""
    second = User.objects.create_user(email="tweede@elders.invalid", name="Tweede Adviseur")
    sheets = [
        *(
            bring(town, LONG, 1, 20, 60),
            bring(town, "leeg.csv", 0, 0, 3),
            bring(town, "collega.csv", 100, 3, by=second),
        ),
        *(bring(town, f"{name}.csv", first, 12, 2) for name, first in (("loopt", 200), ("klaar", 300), ("terug", 400))),
    ]
    for sheet in sheets[3:]:
        start(sheet=sheet, by=town.adviser, now=clock.now())
    for sheet in sheets[4:]:
        carry_out(sheet=sheet, now=clock.now())
    undo(sheet=sheets[5], by=town.adviser, now=clock.now())
    return sheets


@LOOKS
def test_each_state_of_a_sheet(live_server: Any, chromium: Any, town: Place, width: int, language: str, with_axe: bool):
    visitor = Visitor(chromium, live_server.url, width, language, with_axe=with_axe)
    visitor.sign_in(town.adviser.email)
    paths, faults = [reverse("imports")], {}
    for _round in ("empty", "full"):
        for path in paths:
            assert visitor.go(path) == 200, path
            unfold(visitor.page)
            if found := visitor.faults():
                faults[path] = found
        if _round == "empty":
            paths += [reverse("case_list"), *(reverse("import_sheet", args=[one.pk]) for one in fill(town))]
    assert faults == {}


@LOOKS
def test_from_a_wrong_file_to_cases_and_back(
    live_server: Any, chromium: Any, town: Place, width: int, language: str, with_axe: bool
):
    visitor = Visitor(chromium, live_server.url, width, language, with_axe=with_axe)
    visitor.sign_in(town.adviser.email)
    visitor.go(reverse("imports"))
    picture = SimpleUploadedFile("foto.png", b"\x89PNG\r\n\x1a\n\0\0")
    row = "1;03-02-2025;14:30;Publiekszaken;Bedreiging;3;Iets"
    for name, content, mistakes in ((picture.name, picture.read(), 1), ("gir.csv", f"{HEAD}\n{row}".encode(), 0)):
        file = {"name": str(name), "mimeType": "application/octet-stream", "buffer": content}
        visitor.page.set_input_files("#id_sheet", file)
        with visitor.page.expect_navigation():
            visitor.page.click("#form .button--primary")
        assert visitor.page.locator(".field--invalid").count() == mistakes
        assert visitor.faults() == []
    with visitor.page.expect_navigation():
        visitor.page.click("main .button--primary")
    assert visitor.page.locator("a[href^='/dossier/']").count() == 1
    assert visitor.faults() == []
    with visitor.page.expect_navigation():
        visitor.page.click("main .panel button")
    assert visitor.page.locator(".message--success, .message").count() >= 1
    assert visitor.faults() == []
