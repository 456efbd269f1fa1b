"""One story in a real browser, as each person in turn: from the report to the month's figure, past a deadline."""

import os
from pathlib import Path
from typing import Any

import pytest

from incidents.models import Incident
from tests.look.test_pages_in_browser import fill_report
from tests.look.visitor import faults_of
from vpdportal import clock as product_clock
from vpdportal.demo.fill import fill

pytestmark = pytest.mark.browser


PATIENCE = 180_000  # milliseconds: a day that passes sends its mail, on a machine that may do other work


class Stage:
    """The demonstration in one browser, in which one becomes another person with a click."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address = page, address
        page.set_default_timeout(PATIENCE)

    def become(self, name: str) -> None:
        self.page.goto(self.address + "/menukaart/")
        self.page.evaluate("document.querySelector('.demo details').open = true")
        with self.page.expect_navigation():
            self.page.click(f".demo-people button:has-text('{name}')")

    def click(self, selector: str) -> None:
        with self.page.expect_navigation():
            self.page.click(selector)

    def move_clock(self, step: str) -> None:
        self.click(f'.demo button[value="{step}"]')

    def text(self) -> str:
        return str(self.page.inner_text("main"))

    def picture(self, name: str) -> None:
        """Keep a picture for the README when the maker asks for it."""
        if folder := os.environ.get("PICTURES"):
            self.page.screenshot(path=str(Path(folder) / f"{name}.png"))


@pytest.fixture
def stage(committed: None, settings: Any, live_server: Any, chromium: Any):
    settings.DEMO = True
    settings.CLOCK = "vpdportal.demo.clock.shifted_now"
    settings.EMAIL_BACKEND = "vpdportal.demo.mailbox.MailboxBackend"
    fill(now=product_clock.now(), reports=60)
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.goto(live_server.url + "/inloggen/")
    with page.expect_navigation():
        page.click(".demo-people button:has-text('Sanne Madelief')")
    yield Stage(page, live_server.url)
    context.close()


def test_from_the_report_to_the_month(stage: Stage):
    page = stage.page
    stage.move_clock("day")
    month = page.inner_text(".demo-row")

    # Sanne reports.
    page.goto(stage.address + "/")
    stage.picture("start")
    page.goto(stage.address + "/melden/")
    fill_report(page, day=product_clock.now().strftime("%Y-%m-%d"), may_manager_see="yes")
    stage.click('[name="go"][value="send"]')
    incident = Incident.objects.order_by("-reported_at").first()
    assert incident is not None
    assert incident.reference in stage.text() and "Noor Zonnestraal" in stage.text()
    stage.picture("status")

    # Noor, the adviser, sees what to do, answers a question, chooses, and hands over the talk.
    stage.become("Noor Zonnestraal")
    page.goto(stage.address + "/werkvoorraad/?tab=new")
    assert incident.reference in stage.text()
    stage.picture("worklist")
    page.goto(f"{stage.address}/dossier/{incident.pk}/")
    assert "Hij zei dat hij mij wist te vinden." in stage.text()
    page.check('input[name="offence_suspected"][value="yes"]')
    stage.click(f'form[action="/dossier/{incident.pk}/feiten/"] button')
    assert "Aangifte door of namens werkgever" in stage.text()
    stage.picture("case")
    page.evaluate("document.getElementById('advice').scrollIntoView()")
    stage.picture("menu")
    reception = incident.tasks.get(code="N02")
    page.goto(f"{stage.address}/taak/{reception.pk}/")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.select_option('select[name="to"]', label="Omar Ooievaar")
    stage.click(f'form[action="/taak/{reception.pk}/overdragen/"] button')

    # The clock passes deadlines; reminders go out, with a number and a link and nothing else.
    for _day in range(4):
        stage.move_clock("day")
    page.goto(stage.address + "/demo/postvak/")
    mailbox = stage.text()
    assert "omar.ooievaar@voorbeeld.invalid" in mailbox and incident.reference in mailbox
    assert "bedreig" not in mailbox.lower() and "Sanne" not in mailbox
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 1000})
        page.evaluate("document.querySelector('.demo details').open = true")
        assert faults_of(page) == []
    page.set_viewport_size({"width": 1280, "height": 1000})
    stage.picture("mailbox")
    page.goto(stage.address + "/werkvoorraad/?tab=overdue")
    assert "te laat" in stage.text()
    while incident.reference not in stage.text():
        stage.click(".pages a[rel=next]")

    # Omar follows the link of the mail, sees no story, and holds the talk.
    stage.become("Omar Ooievaar")
    page.goto(f"{stage.address}/d/{incident.pk}/")
    assert "Opvanggesprek" in stage.text() and "Hij zei dat" not in stage.text()
    stage.click(f'form[action="/taak/{reception.pk}/gedaan/"] button')

    # Karin, the manager, sees that it happened; Sanne sees that the talk was held.
    stage.become("Karin Kompas")
    page.goto(stage.address + "/afdeling/")
    assert incident.reference in stage.text() and "Hij zei dat" not in stage.text()
    stage.become("Sanne Madelief")
    page.goto(f"{stage.address}/melding/{incident.pk}/")
    assert "Iemand sprak met u" in stage.text()

    # Guus, the officer, reads who looked; Dirk, of management, reads the newest month.
    stage.become("Guus Vergrootglas")
    page.goto(f"{stage.address}/logboek/vlinderwaard/?number={incident.reference}&check=1")
    assert "Het logboek is heel" in stage.text() and "Omar Ooievaar" in stage.text()
    stage.become("Dirk Dagboek")
    page.goto(f"{stage.address}/overzicht/vlinderwaard/")
    figures = stage.text()
    assert "Maandoverzicht" in figures and "meldingen" in figures and incident.reference not in figures
    stage.picture("overview")
    assert "Klok" in month
