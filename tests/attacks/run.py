"""Attack a running portal as each role with wapiti and sqlmap: `python run.py attack [role ...]`.

Each tool first has to find two planted holes (tests/attacks/planted.py); a tool that finds none proves nothing. What it
says of the portal stands in `.demo/attack/`, one file for each role and tool, and is counted at the end.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.environment import DEFAULTS

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".demo" / "attack-tools"  # their own environment: nothing of the portal needs them
SAID = ROOT / ".demo" / "attack"
SECONDS = int(os.environ.get("ATTACK_SECONDS", "240"))  # for each role and tool
MODULES = "xss,permanentxss,sql,timesql,exec,file,crlf,redirect,ldap,methods,csrf,csp,cookieflags,http_headers,htaccess"
# What ends the session, or mails strangers: tried by hand in tests/accounts.
LEFT_OUT = ("/uitloggen/", "/wachtwoord/", "/mijn-inloggen/", "/taal/", "/static/")
PATIENCE = 60  # seconds in which a server must answer


def main(roles: list[str]) -> int:
    _bring_tools()
    shutil.rmtree(SAID, ignore_errors=True)
    SAID.mkdir(parents=True)
    with _server([sys.executable, "-m", "tests.attacks.planted"], {}, "/") as address:
        seen = _wapiti(address, "planted", "") and (SAID / "wapiti-planted.json").read_text()
        known = {"SQL Injection", "Reflected Cross Site Scripting"}
        if not seen or any(not json.loads(seen)["vulnerabilities"][one] for one in known):
            print("wapiti did not find what was planted: this run proves nothing.", file=sys.stderr)
            return 1
        if not _sqlmap(address, "planted", ""):
            print("sqlmap did not find what was planted: this run proves nothing.", file=sys.stderr)
            return 1
    with tempfile.TemporaryDirectory(prefix="vpd-attack-") as folder:
        return _attack_portal(Path(folder), roles)


def _attack_portal(folder: Path, roles: list[str]) -> int:
    environment = {
        **os.environ,
        **DEFAULTS,
        "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3",
        "EVIDENCE_DIR": f"{folder}/evidence",
        "PORTAL_URL": "http://127.0.0.1",
        "EMAIL_URL": f"filemail://{folder}/mails",
    }
    (folder / "evidence").mkdir()
    migrate = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(migrate, cwd=ROOT, env=environment, check=True)
    filled = subprocess.run(
        [sys.executable, "-m", "tests.attacks.fill"], cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE
    )
    people = json.loads(filled.stdout.splitlines()[-1])
    command = [sys.executable, "-m", "gunicorn", "vpdportal.wsgi", "--threads", "8", "--no-control-socket"]
    found = 0
    with _server(command, environment, "/-/live", SAID / "portal.log") as address:
        for role in roles or ["stranger", *people["keys"]]:
            key = people["keys"].get(role, "")
            cookie = f"{people['cookie']}={key}" if key else ""
            counts = {"wapiti": _wapiti(address, role, cookie), "sqlmap": _sqlmap(address, role, cookie)}
            alive = _is_signed_in(address, cookie) if cookie else True
            print(f"{role}: {counts}{'' if alive else ' (the session ended on the way)'}", flush=True)
            found += sum(counts.values())
    broken = (SAID / "portal.log").read_text(errors="replace").count("Internal Server Error")
    print(f"{found} findings, {broken} server errors; details in {SAID.relative_to(ROOT)}/", flush=True)
    return 1 if found or broken else 0


def _wapiti(address: str, role: str, cookie: str) -> int:
    """How many findings; each stands in the file."""
    report = SAID / f"wapiti-{role}.json"
    command = [TOOLS / "bin" / "wapiti", "-u", f"{address}/", "-m", MODULES, "-f", "json", "-o", report]
    command += ["--flush-session", "--no-bugreport", "--drop-set-cookie", "--store-session", SAID / f"session-{role}"]
    command += ["--max-scan-time", str(SECONDS), "--max-attack-time", str(max(10, SECONDS // 8)), "-v", "0", "-d", "5"]
    command += [part for path in LEFT_OUT for part in ("-x", f"{address}{path}*")]
    command += ["-C", cookie] if cookie else []
    _run(command, SAID / f"wapiti-{role}.log")
    told = json.loads(report.read_text())["vulnerabilities"] if report.exists() else {}
    return sum(len(each) for each in told.values())


def _sqlmap(address: str, role: str, cookie: str) -> int:
    """How many parameters it could inject into."""
    folder = SAID / f"sqlmap-{role}"
    command = [TOOLS / "bin" / "sqlmap", "-u", f"{address}/", "--crawl", "3", "--forms", "--batch", "--smart"]
    command += ["--level", "3", "--risk", "2", "--output-dir", folder, "--disable-coloring"]
    command += ["--crawl-exclude", "|".join(path.strip("/") for path in LEFT_OUT), "--skip", "csrfmiddlewaretoken"]
    command += ["--cookie", cookie] if cookie else []
    said = SAID / f"sqlmap-{role}.log"
    _run(command, said)
    return said.read_text(errors="replace").count("\nParameter: ")


def _run(command: list[object], log: Path) -> None:
    """Run it for SECONDS at most (wapiti ends by itself a little later), with what it says in a file."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=file,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(timeout=SECONDS + 90)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(timeout=30)


@contextmanager
def _server(command: list[str], environment: dict[str, str], ready: str, log: Path | None = None) -> Iterator[str]:
    """A server on a free port while the attack lasts; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    where = ["-b", f"127.0.0.1:{port}"] if "gunicorn" in command else [port]
    with (log or Path(os.devnull)).open("wb") as file:
        process = subprocess.Popen(
            [*command, *where], cwd=ROOT, env={**os.environ, **environment}, stdout=file, stderr=file
        )
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                urllib.request.urlopen(f"{address}{ready}", timeout=2).close()
                break
            except OSError:
                if time.monotonic() > end or process.poll() is not None:
                    raise
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def _is_signed_in(address: str, cookie: str) -> bool:
    request = urllib.request.Request(f"{address}/", headers={"Cookie": cookie})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return "/inloggen/" not in str(answer.url)


def _bring_tools() -> None:
    if (TOOLS / "bin" / "sqlmap").exists():
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(TOOLS)], check=True)
    pip = [str(TOOLS / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-q", "install"]
    subprocess.run([*pip, "-r", str(Path(__file__).with_name("requirements.txt"))], check=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
