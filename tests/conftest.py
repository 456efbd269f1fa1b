"""Fixtures that every test may use."""

import gc
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.db import connection
from django.test import Client

from incidents.models.append_only import FIXED
from tests import clock, order, prepared
from tests.world import Place, Writer, make_place
from vpdportal import pdf, tenancy
from vpdportal.accounts.models import User
from vpdportal.audit.append_only import TRAIL

# A busy machine is slow now and then; and CI judges the change, not the luck of the draw.
hypothesis.settings.register_profile("portal", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("portal")

OFFICE_PATIENCE = 120  # seconds in which a file must be opened
BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what touches no database: it says the same whichever database there is, so `make test` runs it once."""
    for item in items:
        has_database = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
        if not has_database and not item.get_closest_marker("django_db"):
            item.add_marker("no_database")
    if os.environ.get(order.FIRST_PARAMETERS_ONLY):
        kept = order.first_parameters(items)
        config.hook.pytest_deselected(items=[*{*items} - {*kept}])
        items[:] = kept
    items.sort(key=order.place_of)


def pytest_collection_finish() -> None:
    """Modules, models and templates stay to the end: looking through them for garbage took a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Half signs, which tests type on purpose, cannot be sent to the process that gathers the reports."""
    report = yield
    report.sections = [(name, text.encode(errors="backslashreplace").decode()) for name, text in report.sections]
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reports = [report for some in terminalreporter.stats.values() for report in some]
    terminalreporter.section("where the time went, of all workers together")
    for line in order.costs(report for report in reports if isinstance(report, pytest.TestReport)):
        terminalreporter.line(line)


@pytest.fixture(scope="session", autouse=True)
def everywhere_in_tests() -> Iterator[None]:
    """A test reads and makes rows of any organisation, in its threads too; what is tested narrows itself (ADR 31)."""
    start = threading.Thread.start

    def start_in_scope(thread: threading.Thread) -> None:
        run, told = thread.run, tenancy.told_now()

        def in_scope() -> None:
            with tenancy.told(told):
                run()

        thread.run = in_scope  # type: ignore[method-assign]
        start(thread)

    with tenancy.everywhere(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading.Thread, "start", start_in_scope)
        yield


@pytest.fixture(autouse=True)
def standing_clock(settings: Any) -> Iterator[None]:
    """Time stands still, passwords are cheap, and one sign-in does for everything."""
    settings.CLOCK = "tests.clock.now"
    settings.STRICT_SIGN_IN = False  # `strictly` puts it back
    settings.HOLD_LIMITS = False  # `limited` puts it back
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    clock.set_to(clock.START)
    yield
    clock.set_to(clock.START)


@pytest.fixture
def strictly(settings: Any) -> None:
    """As in real use: a second factor, signing in again before sensitive steps, sessions that end."""
    settings.STRICT_SIGN_IN = True


@pytest.fixture
def limited(settings: Any) -> None:
    """As in real use: what comes too often is stopped."""
    settings.HOLD_LIMITS = True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A copy of what was prepared. SQLite in a file as in real use: in memory, threads share one connection."""
    if connection.vendor == "sqlite":
        file = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(file)
        prepared.copy_sqlite(file)
    else:
        connection.settings_dict["TEST"]["TEMPLATE"] = os.environ.get(prepared.TEMPLATE)


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool) -> bool:
    """A copy on SQLite is kept; it goes with the folder of the test run."""
    return django_db_keepdb or (connection.vendor == "sqlite" and prepared.SQLITE in os.environ)


@pytest.fixture
def town(db: None) -> Place:
    return make_place("Vlinderwaard")


@pytest.fixture
def other_town(db: None) -> Place:
    return make_place("Elders", prefix="EL")


@pytest.fixture
def as_user() -> Callable[[User], Client]:
    """A browser in which this person is signed in."""

    def sign_in(user: User, **options: Any) -> Client:
        client = Client(**options)
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def english(as_user: Any) -> Callable[[User], Client]:
    """A browser of this person that shows English."""

    def sign_in(user: User) -> Client:
        client: Client = as_user(user)
        client.cookies["vpd_language"] = "en"
        return client

    return sign_in


@pytest.fixture
def writer(as_user: Any) -> Callable[..., Writer]:
    """Someone who reports, in a browser in which they are signed in (or in the one given)."""
    return lambda user, client=None: Writer(client or as_user(user), user)


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """Real commits, for threads and processes. What only grows refuses the cleaning after it, so it is opened first."""
    yield
    with connection.schema_editor() as editor:
        for one in (FIXED[1], FIXED[0], TRAIL):
            one.unlock(None, editor)
            editor.execute(f"DELETE FROM {one.table}")
            one.lock(None, editor)


def need(name: str, what: str) -> str:
    """The value of an environment variable; without it the test fails where it must run, and is left out elsewhere."""
    value = os.environ.get(name, "")
    if not value:
        if os.environ.get("CI") or os.environ.get(f"REQUIRE_{what.upper()}"):
            pytest.fail(f"{what} is needed here: run `make test`")
        pytest.skip(f"no {what} here: `make test` brings one")
    return value


@pytest.fixture
def pango() -> None:
    """The libraries that PDF needs; without them it fails where it must run, and is left out elsewhere."""
    if not pdf.is_available():
        if os.environ.get("CI") or os.environ.get("REQUIRE_PDF"):
            pytest.fail(pdf.REMEDY)
        pytest.skip("no Pango here: `make test` brings it")


@pytest.fixture
def office(tmp_path: Path) -> Callable[..., Path]:
    """LibreOffice, without a window and with a profile of its own: opens a file and writes it out as another kind."""
    path = os.environ.get("SOFFICE") or shutil.which("soffice") or ""
    os.environ["SOFFICE"] = path
    need("SOFFICE", "office")

    def convert(content: bytes, kind: str, to: str, options: str = "") -> Path:
        source, made = tmp_path / f"file.{kind}", tmp_path / "made"
        source.write_bytes(content)
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        wanted = f"{to}:{options}" if options else to
        command = [path, profile, "--headless", "--convert-to", wanted, "--outdir", str(made), str(source)]
        said = subprocess.run(command, capture_output=True, timeout=OFFICE_PATIENCE, text=True)
        assert said.returncode == 0 and made.exists(), said.stdout + said.stderr
        return made

    return convert


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    path = os.environ.get("CHROMIUM") or ("/usr/bin/chromium" if Path("/usr/bin/chromium").exists() else "")
    os.environ["CHROMIUM"] = path
    need("CHROMIUM", "browser")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  only the browser tests pay for it

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=BROWSER_OPTIONS)
        yield browser
        browser.close()
