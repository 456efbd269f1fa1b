"""Everything one types to run, test or change the portal. Needs only Python 3.11 or newer and its standard library.

`make demo` and `make test` call this: it makes `.venv` from the hashed lock and goes on in there.
"""

import hashlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
DEMO_DIR = Path(os.environ.get("DEMO_DIR", ROOT / ".demo"))
OLDEST = (3, 11)
START_PATIENCE = 120  # seconds until the portal must answer
ENDS = (signal.SIGINT, signal.SIGTERM)
AT_FIRST = 12  # reports of the larger organisation that are there before the portal is; the others come while one looks
STOP_PATIENCE = 10  # seconds a process gets to end by itself


def stop(sentence: str) -> None:
    """One clear sentence, and the end."""
    print(sentence, file=sys.stderr)
    raise SystemExit(1)


def too_old(version: tuple[int, ...]) -> str:
    """What to say about a Python that is too old, or nothing."""
    if version[:2] >= OLDEST:
        return ""
    return f"This is Python {version[0]}.{version[1]}; the portal needs 3.11 or newer. Try: make PYTHON=python3.11 demo"


# --- the environment -------------------------------------------------------------------------------------------------


def make_environment(lock_name: str) -> None:
    """`.venv` with what the lock lists; what is there and still right is kept. The test lock holds all of the other."""
    if not any(_is_current(name) for name in {lock_name, "requirements-test.txt"}):
        if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
            stop("Python's venv module is missing. On Debian and Ubuntu: sudo apt install python3-venv")
        print(f"Making .venv from {lock_name} ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)], check=True)
        _install(ROOT / lock_name)
        _stamp(lock_name).write_text(_mark(lock_name))
    compile_messages()


def _stamp(lock_name: str) -> Path:
    return VENV / f"{lock_name}.stamp"


def _mark(lock_name: str) -> str:
    return hashlib.sha256((ROOT / lock_name).read_bytes() + sys.version.encode()).hexdigest()


def _is_current(lock_name: str) -> bool:
    stamp = _stamp(lock_name)
    return stamp.exists() and stamp.read_text() == _mark(lock_name)


def _install(lock: Path) -> None:
    """By uv, which takes a third of the time; else by pip. The pip of this Python serves, where it has one."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    own = [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
    uv = [str(PYTHON), "-m", "uv", "pip", "install", "-q", "--python", str(PYTHON), "--require-hashes", "-r", str(lock)]
    for pip in ([sys.executable, *own[1:], "--python", str(PYTHON)], own):
        if pip is own:
            subprocess.run([str(PYTHON), "-m", "ensurepip"], **quiet)
        has_uv = subprocess.run([*pip, "install", "-q", "uv"], **quiet).returncode == 0
        if has_uv and subprocess.run(uv, **quiet).returncode == 0:
            return
    if subprocess.run([*own, "install", "-q", "--require-hashes", "-r", str(lock)]).returncode:
        stop("The packages could not be installed. Is there a connection to the package index? Try again.")


def compile_messages() -> None:
    """The .mo files that Django reads, from the .po files that people write."""
    stale = [po for po in (ROOT / "locale").rglob("*.po") if _is_older(po.with_suffix(".mo"), po)]
    for po in stale:
        code = "import polib, sys; polib.pofile(sys.argv[1]).save_as_mofile(sys.argv[2])"
        subprocess.run([str(PYTHON), "-c", code, str(po), str(po.with_suffix(".mo"))], check=True)


def _is_older(made: Path, source: Path) -> bool:
    return not made.exists() or made.stat().st_mtime < source.stat().st_mtime


# --- the demonstration -----------------------------------------------------------------------------------------------


def demo() -> int:
    """Web, Celery worker and beat with filled data, until Ctrl-C."""
    began = time.monotonic()
    port = os.environ.get("PORT", "8000")
    if not port.isdigit() or not 0 < int(port) < 65536:
        stop(f"PORT is {port!r}; give a number from 1 to 65535, for example: PORT=8001 make demo")
    if _is_taken(int(port)):
        stop(f"Port {port} is taken by another program. Choose another one: PORT={int(port) + 1} make demo")
    for number in ENDS:
        signal.signal(number, _end)  # also where a shell started us with Ctrl-C ignored
    make_environment("requirements.txt")
    environment = {**os.environ, "DEMO": "1", "PORT": port, "DEMO_DIR": str(DEMO_DIR), "PYTHONUNBUFFERED": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # seven processes read what the first one compiled
    for folder in (DEMO_DIR, DEMO_DIR / "broker", DEMO_DIR / "broker-control"):
        folder.mkdir(parents=True, exist_ok=True)
    manage = [str(PYTHON), str(ROOT / "manage.py")]
    print("Preparing the data ...", flush=True)
    fill = [*manage, "demo_fill", "--at-first", str(AT_FIRST)]
    if subprocess.run(fill, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL).returncode:
        stop(f"The demonstration could not be filled; above is why. To start afresh, remove {DEMO_DIR.name}/.")
    crew = Crew(environment)
    try:
        crew.start(
            "web", ["gunicorn", "vpdportal.wsgi", "-b", f"127.0.0.1:{port}", "--threads", "4", "--no-control-socket"]
        )
        crew.wait_until_ready(f"http://127.0.0.1:{port}/-/ready")
        print(f"\nThe portal is at http://localhost:{port}  (ready in {time.monotonic() - began:.0f} s)\n")
        crew.start("worker", ["celery", "-A", "vpdportal", "worker", "-c", "1", "-l", "WARNING"])
        crew.start("beat", ["celery", "-A", "vpdportal", "beat", "-l", "WARNING", "-s", str(DEMO_DIR / "beat")])
        people = subprocess.run([*manage, "demo_people"], env=environment, cwd=ROOT, capture_output=True, text=True)
        print("Become one of these people with one click in the bar at the top:")
        print(people.stdout)
        print("Ctrl-C stops everything.", flush=True)
        crew.start("past", ["manage", "demo_fill", "--past"], ends=True)
        crew.watch()
    except KeyboardInterrupt:
        print("\nStopping ...")
    finally:
        crew.stop()
    return 0


class Crew:
    """The processes of the demonstration. One that dies takes the others along, with its last words."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.may_end: set[str] = set()

    def start(self, name: str, command: list[str], *, ends: bool = False) -> None:
        """`ends`: it has something to do once, and lets the others go first."""
        first: list[str] = []
        if ends:
            self.may_end.add(name)
            first = ["nice", "-n10"] if shutil.which("nice") else []
        with (DEMO_DIR / f"{name}.log").open("wb") as log, _undisturbed():
            self.processes[name] = subprocess.Popen(
                [*first, str(PYTHON), "-m", *command],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C comes to us first, and we end the whole group
            )

    def wait_until_ready(self, url: str) -> None:
        end = time.monotonic() + START_PATIENCE
        while time.monotonic() < end:
            self.check()
            try:
                with urllib.request.urlopen(url, timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        stop(f"The portal did not answer within {START_PATIENCE} s; see {DEMO_DIR.name}/web.log.")

    def check(self) -> None:
        for name, process in self.processes.items():
            if process.poll() is not None and not (name in self.may_end and process.returncode == 0):
                last = (DEMO_DIR / f"{name}.log").read_text(errors="replace").splitlines()[-8:]
                stop(
                    f"The {name} process stopped by itself. Its last lines ({DEMO_DIR.name}/{name}.log):\n"
                    + "\n".join(last)
                )

    def watch(self) -> None:
        while True:
            time.sleep(1)
            self.check()

    def stop(self) -> None:
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            running = [process for process in self.processes.values() if process.poll() is None]
            for process in running:
                os.killpg(process.pid, signal_number)
            end = time.monotonic() + STOP_PATIENCE
            while any(process.poll() is None for process in running) and time.monotonic() < end:
                time.sleep(0.05)


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C counts at the end: a process that began in that moment would be nobody's, and go on."""
    came: list[int] = []
    before = {number: signal.signal(number, lambda one, _frame: came.append(one)) for number in ENDS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


# --- the checks ------------------------------------------------------------------------------------------------------


def test() -> int:
    """Everything, on SQLite and on a real PostgreSQL with a real Redis-protocol server and a real browser."""
    make_environment("requirements-test.txt")
    sys.path[:0] = [str(ROOT), *map(str, VENV.glob("lib/python*/site-packages"))]
    bring_pango()
    tools = {"CHROMIUM": find_browser(), "SOFFICE": find_office(), "NGINX": find_nginx()}
    required = {f"REQUIRE_{what}": "1" for what in ("BROWSER", "OFFICE", "PDF", "SERVICES")}
    environment = {**os.environ, **tools, **required}
    return subprocess.run([str(PYTHON), "-m", "tests.everything"], cwd=ROOT, env=environment).returncode


def find_browser() -> str:
    """The path of a Chromium: the one named, the system's, else installed by apt or npm."""
    named = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if named:
        return named
    _install_from_debian("Chromium", "chromium", "fonts-dejavu-core")
    if found := shutil.which("chromium"):
        return found
    if shutil.which("npm"):
        folder = ROOT / ".demo" / "browser"
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--prefix", str(folder), "@sparticuz/chromium"], check=False)
        ask = "import('@sparticuz/chromium').then(async (c) => console.log(await c.default.executablePath()))"
        found = subprocess.run(["node", "-e", ask], cwd=folder, capture_output=True, text=True).stdout.strip()
        if found:
            return found
    stop("No Chromium was found and none could be installed. Install it and set CHROMIUM to its path.")
    return ""


def find_office() -> str:
    """The path of a LibreOffice, in which tests open the files that the portal makes: the one there, else by apt."""
    if named := os.environ.get("SOFFICE") or shutil.which("soffice"):
        return named
    _install_from_debian("LibreOffice", "libreoffice-calc-nogui", "libreoffice-writer-nogui")
    if found := shutil.which("soffice"):
        return found
    stop("No LibreOffice was found and none could be installed. Install it and set SOFFICE to the path of soffice.")
    return ""


def find_nginx() -> str:
    """The path of an nginx, with which tests try the proxy that is shipped: the one there, else by apt."""
    for _try in range(2):
        if named := os.environ.get("NGINX") or shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
            return named
        _install_from_debian("nginx", "nginx-light")
    stop("No nginx was found and none could be installed. Install it and set NGINX to its path.")
    return ""


def bring_pango() -> None:
    """The system libraries that make a PDF: there, else installed by apt, else one sentence and the end."""
    from vpdportal import pdf  # noqa: PLC0415  only now is there an environment that holds what it imports

    if pdf.is_available():
        return
    _install_from_debian("Pango", *pdf.DEBIAN_PACKAGES)
    pdf.is_available.cache_clear()
    if not pdf.is_available():
        stop(pdf.REMEDY)


def _install_from_debian(name: str, *packages: str) -> None:
    """Installed where we may and can; the caller looks whether it is there now."""
    if os.getuid() != 0 or not shutil.which("apt-get"):
        return
    print(f"Installing {name} ...", flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
    subprocess.run(["apt-get", "update"], **quiet)
    subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", *packages], **quiet)


# --- upkeep ----------------------------------------------------------------------------------------------------------


LOCKS = {  # of the demonstration, of the image, and of who tests or changes the portal
    "requirements.txt": ("pdf",),
    "deploy/requirements.txt": ("pdf", "saml", "s3"),
    "requirements-test.txt": ("test",),
}


def lock() -> int:
    make_environment("requirements-test.txt")
    compiling = [
        str(PYTHON),
        "-m",
        "uv",
        "pip",
        "compile",
        "-q",
        "pyproject.toml",
        "--universal",
        "--python-version",
        "3.11",
    ]
    compiling += ["--generate-hashes", "--no-header", "--no-emit-index-url", "--no-annotate", "--upgrade"]
    for name, extras in LOCKS.items():
        wanted = [part for extra in extras for part in ("--extra", extra)]
        subprocess.run([*compiling, *wanted, "-o", name], cwd=ROOT, check=True)
    return 0


def style() -> int:
    """Build static/nlds; with --check, say whether what is committed is what the sources make."""
    if not shutil.which("npm"):
        stop("Building the style needs node and npm.")
    built = ROOT / "static/nlds/portal.css"
    before = built.read_bytes() if built.exists() else b""
    for command in (["npm", "ci", "--silent", "--no-fund", "--no-audit"], ["npm", "run", "--silent", "build"]):
        subprocess.run(command, cwd=ROOT / "frontend", check=True)
    if "--check" in sys.argv and built.read_bytes() != before:
        stop("static/nlds/portal.css is not what frontend/ makes. Commit the newly built one.")
    return 0


def messages() -> int:
    make_environment("requirements-test.txt")
    return subprocess.run([str(PYTHON), "-m", "tests.translations.extract"], cwd=ROOT).returncode


BENCHES = (
    "journeys", "search", "sweep", "advise", "memory", "load", "first_page", "cold_start", "costs",
    "faults", "failover", "size", "months", "policies",
)  # fmt: skip
# What `make bench` does: half an hour at most, at sizes that say which way it goes.
FAIR_AND_SMALL = (
    ("advise",),
    ("first_page",),
    ("search", "--cases", "2000", "--people", "500"),
    ("journeys", "--others", "1000", "20000", "--own", "1000", "--rounds", "15"),
)


def bench() -> int:
    """`bench NAME …` measures one part (benchmarks/NAME.py), `bench table` writes docs/performance.md; else a few."""
    make_environment("requirements-test.txt")
    from tests.environment import DEFAULTS  # noqa: PLC0415  it puts its defaults in this process too

    environment = {**os.environ, **DEFAULTS, "CHROMIUM": os.environ.get("CHROMIUM") or find_browser()}
    asked = sys.argv[2:]
    if asked and asked[0] not in (*BENCHES, "table"):
        stop(f"Say which part to measure: {', '.join(BENCHES)}; or `table`.")
    asked = ["figures", *asked[1:]] if asked[:1] == ["table"] else asked
    failed = 0
    for name, *options in [asked] if asked else FAIR_AND_SMALL:
        command = [str(PYTHON), "-m", f"benchmarks.{name}", *options]
        failed |= subprocess.run(command, cwd=ROOT, env=environment).returncode
    if not asked:
        rest = [name for name in BENCHES if name not in {one for one, *_options in FAIR_AND_SMALL}]
        print(f"\nWhole, or the others, which take longer: python run.py bench NAME, of {', '.join(rest)}.")
    return failed


def pictures() -> int:
    """Take the pictures of the handbook again; `pictures employee-start.png` takes that one."""
    return _look({"PICTURES": ",".join(sys.argv[2:]) or "all"}, "tests/handbook/test_pictures.py")


def accessibility() -> int:
    """Look at every page in a browser with axe, keep what it found, and write the statement from it."""
    looking = ("tests/look", "tests/incidents", "tests/stories/test_offline.py")
    with tempfile.TemporaryDirectory() as folder:
        failed = _look({"LOOK_RESULTS": folder}, "-m", "browser", "-n", "2", *looking)
        gather = [str(PYTHON), "-m", "tests.look.results", folder]
        return subprocess.run(gather, cwd=ROOT).returncode or failed


def _look(told: dict[str, str], *arguments: str) -> int:
    """Tests in a browser, on PostgreSQL as in real use: there the work list finds words too."""
    make_environment("requirements-test.txt")
    sys.path[:0] = [str(ROOT), *map(str, VENV.glob("lib/python*/site-packages"))]
    import tests.services as services  # noqa: PLC0415  only now is there an environment to find the servers in

    with services.postgres() as database:
        told = {"CHROMIUM": find_browser(), "REQUIRE_BROWSER": "1", "DATABASE_URL": database, **told}
        command = [str(PYTHON), "-m", "pytest", *arguments]
        return subprocess.run(command, cwd=ROOT, env={**os.environ, **told}).returncode


def attack() -> int:
    """Tools that others wrote, against a portal on this machine, as each role or as those named: `attack adviser`."""
    make_environment("requirements-test.txt")
    command = [str(PYTHON), "-m", "tests.attacks.run", *sys.argv[2:]]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}).returncode


def supply_chain() -> int:
    """`sbom`: write the list of what the portal is made of; `audit`: what is known against it."""
    return subprocess.run([sys.executable, "-m", "tests.supply_chain", sys.argv[1]], cwd=ROOT).returncode


COMMANDS = {
    "demo": demo,
    "test": test,
    "pictures": pictures,
    "accessibility": accessibility,
    "attack": attack,
    "bench": bench,
    "lock": lock,
    "style": style,
    "messages": messages,
    "sbom": supply_chain,
    "audit": supply_chain,
}


if __name__ == "__main__":
    if complaint := too_old(sys.version_info[:3]):
        stop(complaint)
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        stop(f"Say what to do: {', '.join(COMMANDS)}.")
    raise SystemExit(COMMANDS[sys.argv[1]]())
