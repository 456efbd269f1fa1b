"""Someone in the field without signal: typed, kept on the device so that nobody reads it, sent once when it is back."""

import json
from typing import Any

import pytest
from django.urls import reverse

from incidents.models import Incident
from tests import clock
from tests.look.test_pages_in_browser import faults_of
from tests.world import PASSWORD, make_place

pytestmark = pytest.mark.browser
SESSION = "vpd_session"
CANARY = "kanarie-zonder-bereik"


def sign_in(page: Any, address: str, email: str) -> None:
    page.goto(address + "/inloggen/?next=/melden/")
    page.fill("#id_username", email)
    page.fill("#id_password", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/melden/")


def device_of(chromium: Any, address: str) -> Any:
    context = chromium.new_context(viewport={"width": 360, "height": 780})
    context.add_cookies([{"name": "vpd_language", "value": "en", "url": address}])
    return context


STORED = """(name) => new Promise((done, failed) => {
  const open = indexedDB.open("vpd-onderweg", 1);
  open.onerror = failed;
  open.onsuccess = () => {
    const all = open.result.transaction(name).objectStore(name).getAll();
    all.onsuccess = () => { open.result.close(); done(all.result); };
  };
})"""


def stored(page: Any, name: str) -> list[Any]:
    found: list[Any] = page.evaluate(STORED, name)
    return found


def wait_for(page: Any, name: str, count: int) -> None:
    """Until the device holds so many."""
    for _try in range(100):
        if len(stored(page, name)) == count:
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{name}: {stored(page, name)}")


def get_ready(page: Any) -> None:
    """The worker is there, its page is kept, and the device has its lock."""
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.wait_for_timeout(500)
    wait_for(page, "device", 1)


def write(page: Any) -> None:
    page.check('input[name="behaviours"][value="threat"]')
    page.fill('textarea[name="story"]', CANARY)
    page.fill('input[name="day"]', clock.now().strftime("%Y-%m-%d"))
    page.fill('input[name="hour"]', "08:00")
    page.check('input[name="channel"][value="public_space"]')


def test_a_report_from_the_road(live_server: Any, chromium: Any, committed: None):
    town = make_place("Vlinderwaard")
    context = device_of(chromium, live_server.url)
    page = context.new_page()
    sign_in(page, live_server.url, town.employee.email)
    get_ready(page)

    context.set_offline(True)
    page.goto(live_server.url + "/melden/")
    assert page.locator("h1").inner_text() == "Report without signal"
    assert "5555" in page.locator("#alarm").inner_text()
    assert faults_of(page) == []
    write(page)
    wait_for(page, "waiting", 1)
    kept = json.dumps([stored(page, "waiting"), stored(page, "device"), page.evaluate("Object.entries(localStorage)")])
    assert CANARY not in kept and "sealed" in kept, "what the device keeps cannot be read there"
    page.reload()  # closed and opened again: still there, and said
    page.wait_for_function("document.querySelectorAll('#waiting li').length === 1")
    write(page)
    page.click("main form .button--primary")
    page.wait_for_function("document.querySelectorAll('#waiting li').length === 2")
    assert Incident.objects.count() == 0

    context.set_offline(False)
    page.wait_for_selector("#told a")
    assert Incident.objects.get().story == CANARY
    assert Incident.objects.get().reference in page.locator("#told").inner_text()
    assert page.locator("#waiting li").count() == 1, "what was not to be sent yet waits"
    page.goto(live_server.url + "/melden/")
    page.wait_for_selector("#device a")
    wait_for(page, "waiting", 0)
    assert Incident.objects.count() == 1, "and is a draft now"
    page.goto(live_server.url + "/melden/")
    assert page.locator("text=Go on with your report").count() == 1
    context.close()


def test_an_ended_sign_in_and_another_person_on_the_device(live_server: Any, chromium: Any, committed: None):
    town = make_place("Vlinderwaard")
    context = device_of(chromium, live_server.url)
    page = context.new_page()
    sign_in(page, live_server.url, town.employee.email)
    get_ready(page)
    context.set_offline(True)
    page.goto(live_server.url + "/melden/")
    write(page)
    page.click("main form .button--primary")
    wait_for(page, "waiting", 1)
    context.clear_cookies(name=SESSION)
    context.set_offline(False)
    page.wait_for_selector("#sign-in:not([hidden])")
    assert Incident.objects.count() == 0
    sign_in(page, live_server.url, town.manager.email)
    page.wait_for_selector("#device p")
    assert Incident.objects.count() == 0, "another person cannot send or read it"
    context.clear_cookies(name=SESSION)
    sign_in(page, live_server.url, town.employee.email)
    page.wait_for_selector("#device a")
    assert Incident.objects.get().reporter == town.employee
    assert page.get_by_text(Incident.objects.get().reference).count() == 1
    assert page.url == live_server.url + reverse("report")
    context.close()
