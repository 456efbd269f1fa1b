"""The proxy that is shipped: TLS, what a stranger forges, what hides in a request, what is logged (ASVS 4.2.1, 12)."""

import base64
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import need
from tests.environment import DEFAULTS
from tests.proxy.hidden import HIDDEN, INNER
from tests.proxy.proxy import HOST, ROOT, Proxy, proxy_before, read_all
from tests.proxy.recorder import Recorder
from tests.services import free_port

pytestmark = pytest.mark.services
OLD = "ALL:@SECLEVEL=0"


def a_key() -> str:
    """Of its own: the portal starts with no published one."""
    return base64.b64encode(os.urandom(32)).decode()


@pytest.fixture(scope="module")
def nginx() -> str:
    return need("NGINX", "services")


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """A real portal with an empty database, told that a proxy ends TLS: its port, and the log of what it was asked."""
    folder, port = tmp_path_factory.mktemp("portal"), free_port()
    asked = folder / "asked.log"
    environment = {
        **os.environ,
        **DEFAULTS,
        **{"DATABASE_URL": f"sqlite:///{folder}/none.sqlite3", "METRICS_TOKEN": "x" * 40, "ALLOWED_HOSTS": HOST},
        **{"FIELD_KEYS": f"own:{a_key()}", "LOOKUP_KEY": a_key(), "SECRET_KEY": a_key() + a_key()},
        **{"PORTAL_URL": f"https://{HOST}", "BEHIND_TLS_PROXY": "true", "TRUSTED_PROXIES": "1"},
    }
    command = [sys.executable, "-m", "gunicorn", "vpdportal.wsgi", "-b", f"127.0.0.1:{port}", "--threads", "4"]
    command += ["--no-control-socket", "--access-logfile", str(asked), "--access-logformat", "%(m)s %(U)s"]
    with (folder / "portal.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        end = time.monotonic() + 120
        while True:
            try:
                request = urllib.request.Request(f"http://127.0.0.1:{port}/-/live", headers={"Host": HOST})
                request.add_header("X-Forwarded-Proto", "https")
                urllib.request.urlopen(request, timeout=5).close()
                break
            except OSError:
                if time.monotonic() > end or process.poll() is not None:
                    raise RuntimeError((folder / "portal.log").read_text()) from None
                time.sleep(0.2)
        yield port, asked
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def proxy(nginx: str, portal: tuple[int, Path]) -> Iterator[Proxy]:
    with proxy_before(portal[0], nginx) as proxy:
        yield proxy


def test_only_tls_that_is_good(nginx: str, proxy: Proxy):
    """The guidelines of the NCSC; and a proxy that takes the old is found by the same questions."""
    old = {"maximum_version": ssl.TLSVersion.TLSv1_1, "minimum_version": ssl.TLSVersion.TLSv1, "ciphers": OLD}
    weak = {"maximum_version": ssl.TLSVersion.TLSv1_2, "ciphers": "AES256-SHA:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"}
    for limits in (old, weak):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            proxy.connect(**limits)
    good = [proxy.connect(maximum_version=ssl.TLSVersion.TLSv1_2), proxy.connect()]
    assert [line.version() for line in good] == ["TLSv1.2", "TLSv1.3"]
    assert all((line.cipher() or ("",))[0].endswith(("GCM_SHA384", "GCM-SHA384")) for line in good)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        proxy.connect("elders.invalid", check_hostname=False)
    loose = {
        "ssl_protocols TLSv1.2 TLSv1.3;": "ssl_protocols TLSv1 TLSv1.1 TLSv1.2;",
        "ssl_ciphers ECDHE": f"ssl_ciphers {OLD}:ECDHE",
    }
    with proxy_before(1, nginx, **loose) as planted:
        assert planted.connect(**old).version() == "TLSv1.1"
        assert planted.connect(**weak).version() == "TLSv1.2"


def test_without_tls_one_is_sent_on_and_another_host_gets_nothing(proxy: Proxy):
    def plain(host: str) -> bytes:
        with socket.create_connection(("127.0.0.1", proxy.http), 10) as line:
            line.sendall(f"GET /melden/?a=b HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            return read_all(line)

    sent_on = plain(HOST).decode()
    assert sent_on.startswith("HTTP/1.1 301") and f"Location: https://{HOST}/melden/?a=b\r\n" in sent_on
    assert plain("elders.invalid") == b""
    with proxy.connect() as line:
        line.sendall(b"GET /inloggen/ HTTP/1.1\r\nHost: elders.invalid\r\nConnection: close\r\n\r\n")
        assert b"elders.invalid" not in read_all(line)


def test_the_answers_are_the_portals_own_with_each_header_once(proxy: Proxy):
    status, head, page = proxy.ask("/inloggen/")
    assert status == 200 and "112" in page
    names = [line.split(":")[0].lower() for line in head.split("\r\n")[1:]]
    once = ("strict-transport-security", "content-security-policy", "x-content-type-options", "cache-control")
    assert [names.count(name) for name in once] == [1] * len(once)
    assert re.search(r"(?mi)^server: nginx\r?$", head)  # and no version
    assert "__Host-vpd_csrf=" in head and "Secure" in head


FORGED = {
    "X_Forwarded_For": "203.0.113.9",
    "X_Forwarded_Proto": "http",
    "X_Forwarded_Host": "elders.invalid",
    "Forwarded": "for=203.0.113.9;host=elders.invalid",
    "X_Real_IP": "203.0.113.9",
    "X_Forwarded_Port": "80",
}


def test_what_only_a_proxy_may_say_cannot_be_brought_along(nginx: str):
    with Recorder() as web, proxy_before(web.port, nginx) as proxy:
        assert proxy.ask("/", **FORGED)[0] == 200
        told = web.seen.decode()
        assert f"\r\nHost: {HOST}\r\n" in told
        assert "\r\nX-Forwarded-For: 127.0.0.1\r\n" in told and "\r\nX-Forwarded-Proto: https\r\n" in told
        assert "203.0.113.9" not in told and "elders.invalid" not in told
    trusting = {"proxy_set_header X-Forwarded-For $remote_addr;": ""}
    with Recorder() as web, proxy_before(web.port, nginx, **trusting) as planted:
        planted.ask("/", **FORGED)
        assert "203.0.113.9" in web.seen.decode()


def test_nothing_is_kept_on_the_disk_of_the_proxy(nginx: str):
    """Half of a body is at the portal while the other half is still on its way."""
    half = b"x" * 2_000_000

    def arrived(proxy: Proxy, web: Recorder) -> int:
        with proxy.connect() as line:
            head = f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {2 * len(half)}\r\n\r\n"
            line.sendall(head.encode() + half)
            end = time.monotonic() + 5
            while len(web.seen) < len(half) and time.monotonic() < end:
                time.sleep(0.05)
        return len(web.seen)

    with Recorder() as web, proxy_before(web.port, nginx) as proxy:
        assert arrived(proxy, web) >= len(half)
    keeping = {"proxy_request_buffering off": "proxy_request_buffering on"}
    with Recorder() as web, proxy_before(web.port, nginx, **keeping) as planted:
        assert arrived(planted, web) == 0


def told_twice(front: list[str], behind: list[str]) -> list[str]:
    """What the portal was asked and the proxy does not know of."""
    return sorted((Counter(behind) - Counter(front)).elements())


def test_no_request_hides_in_another(portal: tuple[int, Path], proxy: Proxy):
    """What the proxy handed on is what the portal was asked, request for request."""
    web, asked = portal
    before = len(asked.read_text().splitlines())
    for name, payload in HIDDEN.items():
        with proxy.connect() as line:
            line.sendall(payload)
            assert b" 500 " not in read_all(line), name
    proxy.ask("/-/live", method="HEAD")
    assert told_twice(_handed_on(proxy), _asked(asked, before)) == []
    # A front that takes both for one request: the same comparison finds the hidden one.
    before = len(asked.read_text().splitlines())
    with socket.create_connection(("127.0.0.1", web), 10) as line:
        line.sendall(f"POST /-/live HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-Proto: https\r\n\r\n{INNER}".encode())
        read_all(line)
    assert told_twice(["POST /-/live"], _asked(asked, before)) == ["GET /hidden"]


def _handed_on(proxy: Proxy) -> list[str]:
    lines = [json.loads(line) for line in proxy.log().splitlines()]
    return [f"{line['method']} {line['address']}" for line in lines if line["portal"]]


def _asked(asked: Path, start: int) -> list[str]:
    time.sleep(0.3)  # it is written after the answer
    return asked.read_text().splitlines()[start:]


SECRETS = ("geheim-van-de-agenda", "teken-van-de-mail", "sleutel-van-het-wachtwoord", "wat-iemand-zoekt")


def test_no_secret_no_query_and_nobodys_address_is_logged(nginx: str, portal: tuple[int, Path], proxy: Proxy):
    def ask(proxy: Proxy) -> str:
        calendar, mail, password, search = SECRETS
        for path in (f"/agenda/{calendar}.ics", f"/afmelden/{mail}/", f"/wachtwoord/Mg/{password}/", f"/m/{mail}/"):
            proxy.ask(path)
        proxy.ask(f"/inloggen/?q={search}", Referer=f"https://{HOST}/?q={search}", User_Agent=search)
        with proxy.connect() as line:
            line.sendall(
                f"GET /x%0d%0a{'%1b'}[31mforged HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()
            )
            read_all(line)
        return proxy.log()

    log = ask(proxy)
    assert not [secret for secret in (*SECRETS, "127.0.0.1") if secret in log]
    lines = [json.loads(line) for line in log.splitlines()]
    assert [line["address"] for line in lines[:3]] == ["/agenda/...", "/afmelden/...", "/wachtwoord/..."]
    assert len(lines) == 6 and "\x1b" not in log
    assert all(len(line["number"]) == 10 for line in lines if line["portal"]), "found in the portal's own log by it"
    as_usual = {"told escape=json": "unused escape=json", "told;": "combined;"}
    with proxy_before(portal[0], nginx, **as_usual) as planted:
        assert all(secret in ask(planted) for secret in (*SECRETS, "127.0.0.1"))


def test_numbers_for_monitoring_are_not_for_the_internet(portal: tuple[int, Path], proxy: Proxy):
    with socket.create_connection(("127.0.0.1", portal[0]), 10) as line:
        lines = ["GET /-/metrics HTTP/1.1", f"Host: {HOST}", "X-Forwarded-Proto: https", "Connection: close"]
        line.sendall("\r\n".join([*lines, f"Authorization: Bearer {'x' * 40}", "", ""]).encode())
        assert b"404" not in read_all(line)[:20]
    assert proxy.ask("/-/metrics", Authorization=f"Bearer {'x' * 40}")[0] == 404


def test_where_the_portal_cannot_answer_people_read_what_to_do(nginx: str):
    with proxy_before(free_port(), nginx) as proxy:
        status, head, page = proxy.ask("/melden/")
        assert status == 502 and "Bel 112" in page and 'lang="en"' in page
        assert "max-age=31536000" in head and "default-src 'none'" in head and "no-store" in head
        with proxy.connect() as line:
            line.sendall(f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 125829120\r\n\r\n".encode())
            answer = read_all(line).decode()
        assert answer.startswith("HTTP/1.1 413") and "100 MB" in answer and "max-age=31536000" in answer
        assert proxy.ask("/-/proxy/unavailable.html")[0] == 404  # only where it is needed
