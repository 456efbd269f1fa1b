"""The two tools, each in a process of its own, and what they found."""

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".demo" / "attack-tools"  # their own environment: nothing of the portal needs them
SECONDS = int(os.environ.get("ATTACK_SECONDS", "240"))  # to look around, and again to attack, for each role and tool
MODULES = "xss,permanentxss,sql,exec,file,crlf,redirect,methods,csrf,csp,http_headers,htaccess"
# By wapiti's pattern. What ends the session of who attacks is tried by hand in tests/accounts.
LEFT_OUT = ("/uitloggen/*", "/mijn-inloggen/apparaten/*/uit/*", "/static/*")
ON_EVERY_PAGE = ("/taal/*",)  # the same form with another way back on each page: the stranger tries it, and is enough
ID = re.compile(r"(?<=/)([0-9a-f]{8}-[0-9a-f-]{27}|[A-Z]?\d+)(?=/)")  # of a row, of a measure


@dataclass(frozen=True)
class Attack:
    """One tool against one server as one role. `cookie`: what the role's browser sends; `paths`: where it begins."""

    role: str
    address: str
    folder: Path
    cookie: str = ""
    paths: list[str] = field(default_factory=list)


def bring_tools() -> None:
    if (TOOLS / "bin" / "sqlmap").exists():
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(TOOLS)], check=True)
    pip = [str(TOOLS / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-q", "install"]
    subprocess.run([*pip, "-r", str(Path(__file__).with_name("requirements.txt"))], check=True)


def wapiti(attack: Attack) -> list[str]:
    """Looks around from the given paths, then tries what it met. Gives what it calls a hole, one line each."""
    report, session = attack.folder / f"wapiti-{attack.role}.json", attack.folder / f"session-{attack.role}"
    seeds = attack.folder / f"paths-{attack.role}.txt"
    seeds.write_text("".join(f"{attack.address}{path}\n" for path in attack.paths))
    command = [TOOLS / "bin" / "wapiti", "-u", f"{attack.address}/", "-s", seeds, "-m", MODULES, "-v", "1"]
    command += ["-f", "json", "-o", report, "--store-session", session, "--flush-session", "--no-bugreport"]
    command += ["--max-scan-time", SECONDS, "--max-attack-time", SECONDS // 4, "-d", "2"]
    command += ["--skip", "csrfmiddlewaretoken"]
    left_out = LEFT_OUT + (ON_EVERY_PAGE if attack.role != "stranger" else ())
    command += [part for path in left_out for part in ("-x", f"{attack.address}{path}")]
    command += ["-C", attack.cookie] if attack.cookie else []
    _run(command, attack.folder / f"wapiti-{attack.role}.log", SECONDS * 4 + 120)  # it ends by itself
    if not report.exists():
        return ["wapiti ended without a report"]
    told = json.loads(report.read_text())
    return [
        f"{name}: {one['method']} {_shape(one['path'])} {one['parameter']} {_shape(one['info'])}".strip()
        for kind in ("vulnerabilities", "anomalies")
        for name, each in told[kind].items()
        for one in each
    ]


def sqlmap(attack: Attack) -> list[str]:
    """Tries the parameters, and the numbers in paths, of what wapiti met before it. Gives what it could inject into."""
    requests = _met(attack)
    log = attack.folder / f"requests-{attack.role}.txt"
    line = "=" * 54
    log.write_text("".join(f"{line}\n{one}\n{line}\n" for one in requests))
    said = attack.folder / f"sqlmap-{attack.role}.log"
    command = [TOOLS / "bin" / "sqlmap", "-l", log, "--batch", "--smart", "--disable-coloring", "--ignore-redirects"]
    command += ["--level", "1" if attack.cookie else "3", "--risk", "2", "--drop-set-cookie", "--skip-waf"]
    command += ["--output-dir", attack.folder / f"sqlmap-{attack.role}", "--skip", "csrfmiddlewaretoken"]
    command += ["--retries", "0", "--timeout", "10"]
    _run(command, said, SECONDS)
    return re.findall(r"^Parameter: .+", said.read_text(errors="replace"), re.MULTILINE)


def _met(attack: Attack) -> list[str]:
    """Requests of wapiti's crawl with something to try, as sqlmap reads them: each shape once, parameters first.

    In an order of each role's own: time runs out, and what one role leaves another takes.
    """
    (base,) = (attack.folder / f"session-{attack.role}").glob("*.db")
    with sqlite3.connect(f"file:{base}?mode=ro", uri=True) as kept:
        paths = kept.execute("SELECT path_id, path, method FROM paths WHERE NOT evil ORDER BY path_id").fetchall()
        params = kept.execute("SELECT path_id, type, name, value1 FROM params ORDER BY path_id, position").fetchall()
    random.Random(attack.role).shuffle(paths)
    shapes: dict[tuple[Any, ...], str] = {}
    for number, url, method in paths:
        given = [(kind, name, value or "") for which, kind, name, value in params if which == number]
        asked = [(name, value) for kind, name, value in given if kind == "GET"] or parse_qsl(urlsplit(url).query)
        sent = [(name, value) for kind, name, value in given if kind == "POST"]
        path = urlsplit(url).path
        shape = (method, ID.sub("N", path), *(name for name, _value in asked + sent))
        is_left_out = any(fnmatch(path, pattern) for pattern in LEFT_OUT)  # wapiti keeps them, and does not ask them
        if method not in {"GET", "POST"} or shape in shapes or is_left_out:
            continue
        if not asked and not sent:
            path = ID.sub(r"\1*", path)
            if "*" not in path:
                continue
        target = f"{path}?{urlencode(asked)}" if asked else path
        lines = [f"{method} {target} HTTP/1.1", f"Host: {urlsplit(attack.address).netloc}"]
        lines += [f"Cookie: {attack.cookie}"] if attack.cookie else []
        lines += ["Content-Type: application/x-www-form-urlencoded", "", urlencode(sent)] if sent else [""]
        shapes[shape] = "\n".join(lines)
    return sorted(shapes.values(), key=lambda request: "*" in request)


def _shape(text: str) -> str:
    """Without the port and the numbers of rows, so that the same is the same."""
    return ID.sub("N", re.sub(r"http://127\.0\.0\.1:\d+", "", text.replace("\n", " ")))[:160]


@dataclass(frozen=True)
class Answered:
    """What the portal gave by its own log. `different`: methods and addresses, each once whatever its numbers."""

    statuses: Counter[str]
    different: int


def answered(log: Path) -> Answered:
    lines = [line.split(" ", 2) for line in log.read_text(errors="replace").splitlines() if line.count(" ") == 2]
    return Answered(
        Counter(status for status, _method, _path in lines),
        len({(method, ID.sub("N", path)) for _status, method, path in lines}),
    )


def _run(command: list[object], log: Path, seconds: int) -> None:
    """Run it so long, with what it says in a file; then by force."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=file,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        for patience, number in ((seconds, signal.SIGINT), (10, signal.SIGKILL), (30, signal.SIGKILL)):
            try:
                process.wait(timeout=patience)
                return
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, number)
