"""Someone in the field without signal: typed, kept on the device so that nobody reads it, sent once when it is back."""

import json
from typing import Any

import pytest
from django.urls import reverse

from incidents.models import Draft, Incident
from tests import clock
from tests.look.visitor import faults_of
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
    page.locator("#waiting li").nth(0).wait_for()
    write(page)
    page.click("main form .button--primary")
    page.locator("#waiting li").nth(1).wait_for()
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


def on_the_way(chromium: Any, address: str, email: str) -> Any:
    """A device that is ready, on the page for where there is no signal."""
    context = device_of(chromium, address)
    page = context.new_page()
    sign_in(page, address, email)
    get_ready(page)
    context.set_offline(True)
    page.goto(address + "/melden/")
    return page


def ready(page: Any, count: int) -> None:
    """Write a report and send it, as far as that goes without signal."""
    write(page)
    page.click("main form .button--primary")
    wait_for(page, "waiting", count)


def test_it_says_whose_device_it_is_and_forgets_who_signs_out(live_server: Any, chromium: Any, committed: None):
    town = make_place("Vlinderwaard")
    page = on_the_way(chromium, live_server.url, town.employee.email)
    page.locator("#whose", has_text="This device keeps reports for employee.").wait_for()
    assert town.employee.name not in page.content()
    ready(page, 1)
    page.context.set_offline(False)
    page.route("**/onderweg/ontvangst/", lambda route: route.abort())
    page.goto(live_server.url + "/melden/")
    page.click("header form[action='/uitloggen/'] button")
    page.wait_for_url("**/inloggen/")
    wait_for(page, "device", 0)
    assert len(stored(page, "waiting")) == 1, "what waits is its author's"
    page.context.set_offline(True)
    page.goto(live_server.url + "/melden/")
    page.wait_for_selector("#no-lock:not([hidden])")
    page.context.close()


def test_text_that_came_during_the_sending_still_goes(live_server: Any, chromium: Any, committed: None):
    town = make_place("Vlinderwaard")
    page = on_the_way(chromium, live_server.url, town.employee.email)
    ready(page, 1)
    page.evaluate(CHANGE, {"at": 1})
    held: list[Any] = []

    def hold(route: Any) -> None:
        held.append(route)

    page.route("**/onderweg/ontvangst/", hold)
    page.context.set_offline(False)
    for _moment in range(100):
        if held:
            break
        page.wait_for_timeout(50)
    page.evaluate(CHANGE, {"at": 2})
    held[0].continue_()
    page.unroute("**/onderweg/ontvangst/")
    page.wait_for_selector("#told a")
    assert [one["at"] for one in stored(page, "waiting")] == [2]
    page.evaluate("window.dispatchEvent(new Event('online'))")
    wait_for(page, "waiting", 0)
    assert Incident.objects.count() == 1 and Draft.objects.count() == 0
    page.context.close()


CHANGE = """(change) => new Promise((done) => {
  const open = indexedDB.open("vpd-onderweg", 1);
  open.onsuccess = () => {
    const writing = open.result.transaction("waiting", "readwrite");
    const store = writing.objectStore("waiting");
    const all = store.getAll();
    all.onsuccess = () => store.put({ ...all.result[0], ...change });
    writing.oncomplete = () => { open.result.close(); done(); };
  };
})"""


def test_one_that_fails_keeps_no_other_waiting_and_is_said_once(live_server: Any, chromium: Any, committed: None):
    town = make_place("Vlinderwaard")
    page = on_the_way(chromium, live_server.url, town.employee.email)
    ready(page, 1)
    ready(page, 2)
    first = min(one["key"] for one in stored(page, "waiting"))

    def answer(route: Any) -> None:
        if first in route.request.post_data:
            route.fulfill(body="<!doctype html>Inloggen", content_type="text/html")
        else:
            route.continue_()

    page.route("**/onderweg/ontvangst/", answer)
    page.context.set_offline(False)
    page.wait_for_selector("#told a")
    for _again in range(2):
        page.evaluate("window.dispatchEvent(new Event('online'))")
        page.wait_for_timeout(500)
    assert page.locator("#told a").count() == 1 and page.locator("#told p").count() == 1
    assert [one["key"] for one in stored(page, "waiting")] == [first] and Incident.objects.count() == 1
    page.context.close()


def test_too_much_text_is_said_on_the_device(live_server: Any, chromium: Any, committed: None):
    town = make_place("Vlinderwaard")
    page = on_the_way(chromium, live_server.url, town.employee.email)
    write(page)
    page.fill('textarea[name="story"]', "x" * 4001)
    page.click("main form .button--primary")
    assert "Your own words: 1 signs too many." in page.locator("#missing").inner_text()
    assert page.locator("#to-fill-in").is_hidden() and faults_of(page) == []
    page.locator("#kept").get_by_text("signs too many").wait_for()
    before = stored(page, "waiting")
    assert len(before) == 1, "it is kept all the same, to be shortened"
    page.fill('textarea[name="story"]', "x" * 50_001)
    page.locator("#kept").get_by_text("Do not close the page").wait_for()
    assert stored(page, "waiting") == before, "and not what no server takes"
    page.fill('textarea[name="story"]', CANARY)
    page.click("main form .button--primary")
    page.context.set_offline(False)
    page.wait_for_selector("#told a")
    assert Incident.objects.get().story == CANARY
    page.context.close()


@pytest.mark.parametrize(
    ("moment", "day"), [("2026-11-23T23:30:00Z", "2026-11-24"), ("2026-07-01T22:10:00Z", "2026-07-02")]
)
def test_after_midnight_it_is_the_day_of_here(live_server: Any, chromium: Any, committed: None, moment: str, day: str):
    context = chromium.new_context(timezone_id="Europe/Amsterdam")
    context.clock.set_fixed_time(moment)
    page = context.new_page()
    page.goto(live_server.url + reverse("offline"))
    page.wait_for_function("document.querySelector('#offline [name=day]').value")
    assert page.input_value("#offline [name=day]") == day
    context.close()
