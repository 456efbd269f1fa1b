"""The menu card in a real browser: the administrator changes it, the adviser tries it and takes it over."""

import pytest

from incidents.models import Incident
from tests.stories.test_story import Stage, stage
from vpdportal.accounts.models import Organisation

pytestmark = pytest.mark.browser
__all__ = ["stage"]


def test_an_own_measure_from_the_first_word_to_an_open_case(stage: Stage):
    page, home = stage.page, f"{stage.address}/beheer/vlinderwaard/menukaart"
    town = Organisation.objects.get(slug="vlinderwaard")
    case = Incident.objects.filter(organisation=town, severity__gte=3).exclude(status="closed").first()
    assert case is not None

    # Anouk adds a measure, and chooses facts for it; she sees about how often, and no case.
    stage.become("Anouk Sleutelbos")
    page.goto(f"{home}/")
    stage.picture("card")
    page.goto(f"{home}/nieuw/")
    page.check('input[name="phase"][value="aftercare"]')
    page.fill('input[name="title_nl"]', "Koffie met de burgemeester")
    page.fill('textarea[name="purpose_nl"]', "Waardering laten merken.")
    page.fill('input[name="role_nl"]', "Secretariaat")
    stage.click("main form .button--primary")
    stage.click('a:has-text("Kies een feit")')
    page.select_option('select[name="fact"]', "severity")
    stage.click("main form .button--primary")
    page.check('input[name="value"][value="3"]')
    stage.click("main form .button--primary")
    assert "de ernst ten minste 3 is" in stage.text() and case.reference not in stage.text()
    assert "VPD-adviseur" in stage.text(), "how often is for the adviser to see"
    stage.picture("own")

    # A norm cannot be off or longer, and the page says why.
    page.goto(f"{home}/maatregel/N02/")
    assert page.locator('input[name="is_on"]').count() == 0
    page.fill('input[name="amount_0"]', "96")
    stage.click("#form .button--primary")
    assert page.locator("#errors").count() == 1
    page.fill('input[name="amount_0"]', "24")
    stage.click("#form .button--primary")

    # What differs is shown before it holds.
    page.goto(f"{home}/bekijken/")
    assert "Koffie met de burgemeester" in stage.text() and "24 uur" in stage.text()
    stage.click("main .button--primary")
    assert "Anouk Sleutelbos" in stage.text()

    # Noor tries it on made-up facts.
    stage.become("Noor Zonnestraal")
    before = Incident.objects.count()
    page.goto(f"{stage.address}/menukaart/vlinderwaard/wat-als/")
    page.check('input[name="behaviours"][value="threat"]')
    page.select_option('select[name="channel"]', "counter")
    page.select_option('select[name="target_group"]', "counter_staff")
    stage.click('main form[method="post"] .button--primary')
    assert "Koffie met de burgemeester" in stage.text() and Incident.objects.count() == before
    stage.picture("try")

    # Her open case keeps its card until she takes the newest one over.
    page.goto(f"{stage.address}/dossier/{case.pk}/")
    assert "Koffie met de burgemeester" not in stage.text()
    page.goto(f"{stage.address}/dossier/{case.pk}/opnieuw/")
    assert "Koffie met de burgemeester" in stage.text()
    stage.click("main form .button--primary")
    assert "Koffie met de burgemeester" in stage.text()
    case.refresh_from_db()
    assert case.menu_version.endswith("/3")
