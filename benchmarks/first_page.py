"""The first page of a report, as a phone gets it that was never here before: `run.py bench first_page`, a minute (P11).

A real Chromium counts what comes over the wire. The page works before any script: with scripts off the same form leads
on to the next step.
"""

import os
import sys
from collections.abc import Iterator
from statistics import median
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, sync_playwright

from benchmarks.figures import Figure, keep, say
from benchmarks.month_rows import NOW
from benchmarks.policies import signed_in
from benchmarks.servers import again_beside_postgres, served
from tests import clock
from tests.conftest import BROWSER_OPTIONS
from tests.world import make_place, make_user
from vpdportal.accounts.roles import Role
from vpdportal.tenancy import everywhere

RUNS = 3
PATIENCE, SETTLED = 120_000, 2_000  # milliseconds: for a page, and for what its scripts fetch after it
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "device_scale_factor": 2}
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}  # 1.6 Mbit/s


def look(chromium: Browser, port: int, key: str, **options: Any) -> dict[str, Any]:
    """One visit with nothing kept from before: bytes, requests, and seconds to the page over a slow line."""
    context = chromium.new_context(**{**PHONE, **options})
    address = f"http://127.0.0.1:{port}{reverse('report')}"
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": address}])
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    asked: dict[str, str] = {}
    sizes: dict[str, int] = {}
    line = context.new_cdp_session(page)
    line.on("Network.requestWillBeSent", lambda told: asked.update({told["requestId"]: told["request"]["url"]}))
    line.on("Network.loadingFinished", lambda told: sizes.update({told["requestId"]: int(told["encodedDataLength"])}))
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW)
    began = perf_counter()
    page.goto(address)
    form = page.locator(f"main form[action='{reverse('report')}']")
    form.locator("button").wait_for()
    took = perf_counter() - began
    page.wait_for_load_state("load")
    page.wait_for_timeout(SETTLED)
    urls = {one: url for one, url in asked.items() if urlsplit(url).scheme in {"http", "https"}}
    page.locator("input[name=is_safe_now][value=yes]").check(force=True)
    form.locator("button").click()
    page.wait_for_url("**/gebeurd/**")
    found = {
        "kB": sum(sizes.get(one, 0) for one in urls) / 1000,
        "requests": len(urls),
        "of others": sum(urlsplit(url).netloc != f"127.0.0.1:{port}" for url in urls.values()),
        "page kB": sum(sizes.get(one, 0) for one, url in urls.items() if url == address) / 1000,
        "seconds": took,
    }
    context.close()
    return found


def report() -> Iterator[str]:
    with everywhere():
        call_command("migrate", verbosity=0)
        town = make_place("Vlinderwaard")
        people = [make_user(f"Iemand {number}") for number in range(RUNS + 1)]  # each for the first time
        for user in people:
            town.join(user, Role.EMPLOYEE, town.department)
        keys = [str(signed_in(user).session.session_key) for user in people]
    shift = str((NOW - timezone.now()).total_seconds())
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with (
        served("vpdportal.wsgi", "/-/live", DJANGO_SETTINGS_MODULE="benchmarks.served", CLOCK_SHIFT=shift) as port,
        sync_playwright() as driver,
    ):
        chromium = driver.chromium.launch(executable_path=path, args=BROWSER_OPTIONS)
        runs = [look(chromium, port, key) for key in keys[1:]]
        without = look(chromium, port, keys[0], java_script_enabled=False)
        chromium.close()
    yield from keep("first_page", figures(runs, without), {"runs": RUNS, "line": "1.6 Mbit/s, 150 ms"})


def figures(runs: list[dict[str, Any]], without: dict[str, Any]) -> Iterator[Figure]:
    def of(name: str) -> list[float]:
        return [run[name] for run in runs]

    middle = {"of which the page itself, kB": median(of("page kB")), "requests": median(of("requests"))}
    yield Figure("P11", "over the wire, nothing kept from before", of("kB"), unit="kB", most=60, more=middle)
    yield Figure("P11", "requests to others", of("of others"), unit="requests", most=0)
    yield Figure("P11", "with scripts off the form is there and leads on", [1], unit="yes", least=1,
                 more={"kB": without["kB"]})  # fmt: skip
    yield Figure("", "until the form is there, over a slow line", of("seconds"), unit="s")


if __name__ == "__main__":
    clock.set_to(NOW)
    if sys.argv[1:] == ["--here"]:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright's own loop is no reason for Django to refuse
        say(report())
    else:
        again_beside_postgres("first_page")
