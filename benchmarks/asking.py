"""A client that asks over HTTP as a browser does: one connection that stays open, cookies, the token of a form."""

import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from statistics import median, quantiles
from time import perf_counter
from urllib.parse import urlencode

CONNECT_AGAIN = 2  # times: the server may have closed a line that was quiet
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')


class NoAnswer(OSError):
    """The line broke, or nobody listens."""


@dataclass
class Browser:
    """Signed in by the cookie of a session, at a server on this machine."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    line: HTTPConnection | None = None

    def get(self, path: str) -> bytes:
        """The page, which must be there."""
        status, body, _to = self.measured("GET", path)
        if status != 200:  # noqa: PLR2004
            raise SystemExit(f"GET {path} answered {status}: this measured nothing")
        return body

    def post(self, path: str, data: dict[str, object], page: bytes) -> str:
        """Send a form with the token of the page it stands on; gives where it leads, and it must lead on."""
        token = TOKEN.search(page)
        fields = {**data, "csrfmiddlewaretoken": token[1].decode() if token else ""}
        status, _body, to = self.measured("POST", path, urlencode(fields, doseq=True).encode())
        if status not in (302, 303):
            raise SystemExit(f"POST {path} answered {status}: this measured nothing")
        return to

    def send(self, path: str, data: dict[str, object], page: bytes) -> bytes:
        """The same where the answer is the page itself, such as of a search."""
        token = TOKEN.search(page)
        fields = {**data, "csrfmiddlewaretoken": token[1].decode() if token else ""}
        status, body, _to = self.measured("POST", path, urlencode(fields, doseq=True).encode())
        if status != 200:  # noqa: PLR2004
            raise SystemExit(f"POST {path} answered {status}: this measured nothing")
        return body

    def measured(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes, str]:
        """As `ask`, where no answer means that nothing was measured."""
        try:
            return self.ask(method, path, body)
        except NoAnswer:
            raise SystemExit(f"{method} {path}: the server does not answer") from None

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes, str]:
        """Status, page, and where it leads. Raises NoAnswer."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        for _try in range(CONNECT_AGAIN):
            self.line = self.line or HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                self.line.request(method, path, body, headers)
                answer = self.line.getresponse()
                content = answer.read()
            except (HTTPException, OSError):
                self.line.close()
                self.line = None
                continue
            for cookie in answer.headers.get_all("Set-Cookie", []):
                name, _, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, content, answer.headers.get("Location", "")
        raise NoAnswer


Act = Callable[[], object]


def in_turns(acts: dict[str, Act], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each act, which take turns; the first round does not count."""
    took: dict[str, list[float]] = {name: [] for name in acts}
    for number in range(rounds + 1):
        for name, act in acts.items():
            began = perf_counter()
            act()
            if number:
                took[name].append((perf_counter() - began) * 1000)
    return took


def at_once(acts: Iterable[Act], times: int) -> float:
    """Acts a second, when each is done `times` times, all of them at the same time."""
    acts = list(acts)

    def again(act: Act) -> None:
        for _time in range(times):
            act()

    began = perf_counter()
    with ThreadPoolExecutor(len(acts)) as pool:
        list(pool.map(again, acts))
    return len(acts) * times / (perf_counter() - began)


def p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


def spread(values: list[float]) -> str:
    """The middle of some ratios, and the least and most."""
    return f"{median(values):.2f} ({min(values):.2f} – {max(values):.2f})"
