"""`make demo` as someone new would run it: one clear sentence when it cannot start, and no process left behind."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

import run
from tests.environment import DEFAULTS
from tests.services import free_port
from vpdportal.demo.fill import TOWN_REPORTS

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 240  # seconds for fourteen months, on a machine that does other work as well
PLAIN = {name: value for name, value in os.environ.items() if name not in DEFAULTS}


def test_a_python_that_is_too_old_is_told_so():
    assert run.too_old((3, 11, 0)) == "" and run.too_old((3, 14, 1)) == ""
    assert "3.10" in run.too_old((3, 10, 9)) and "3.11" in run.too_old((3, 10, 9))


def said(*arguments: str, **environment: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "run.py", *arguments], cwd=ROOT, env=PLAIN | environment, capture_output=True, text=True
    )
    return done.returncode, done.stderr.strip().splitlines()


def test_a_taken_port_gets_one_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, lines = said("demo", PORT=str(port))
    assert code == 1 and len(lines) == 1 and str(port) in lines[0] and "PORT=" in lines[0]


@pytest.mark.parametrize("port", ["abc", "0", "70000"])
def test_a_port_that_is_none_gets_one_sentence(port: str):
    code, lines = said("demo", PORT=port)
    assert code == 1 and len(lines) == 1 and port in lines[0]


def test_a_missing_venv_module_gets_one_sentence(tmp_path: Path):
    code = (
        "import importlib.util as u, pathlib, run; real = u.find_spec;"
        "u.find_spec = lambda name, *a: None if name == 'ensurepip' else real(name, *a);"
        f"run.VENV = pathlib.Path({str(tmp_path)!r}); run.make_environment('requirements.txt')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.strip().count("\n") == 0 and "apt install python3-venv" in done.stderr


def test_no_word_or_a_wrong_word_lists_the_words():
    assert said()[0] == said("dance")[0] == 1
    assert "demo, test" in said("dance")[1][0]


@pytest.mark.services
def test_the_demonstration_starts_ends_and_keeps_its_data(tmp_path: Path):
    port = free_port()
    environment = PLAIN | {"PORT": str(port), "DEMO_DIR": str(tmp_path / "demo")}
    numbers = []
    for _start in range(2):
        process = subprocess.Popen(
            [sys.executable, "run.py", "demo"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        seen = []
        assert process.stdout is not None
        for line in process.stdout:
            seen.append(line)
            if "Ctrl-C" in line:
                break
        text = "".join(seen)
        assert f"http://localhost:{port}" in text and "Noor Zonnestraal" in text
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/live", timeout=5) as answer:
            assert answer.read() == b"live\n"
        children = members_of(process.pid)
        assert len(children) >= 3
        if numbers:
            wait_for_the_past(tmp_path / "demo" / "portal.sqlite3")
        numbers.append(ask(tmp_path / "demo" / "portal.sqlite3", "SELECT count(*) FROM incidents_incident"))
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert [pid for pid in children if is_alive(pid)] == []
    assert numbers[0] >= run.AT_FIRST and numbers[1] > TOWN_REPORTS, f"the second start goes on: {numbers}"


@pytest.mark.services
def test_ctrl_c_at_the_very_moment_leaves_nothing_behind(tmp_path: Path):
    """As it says that it is ready, it begins other processes."""
    environment = PLAIN | {"PORT": str(free_port()), "DEMO_DIR": str(tmp_path / "demo")}
    process = subprocess.Popen(
        [sys.executable, "run.py", "demo"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert any("ready in" in line for line in process.stdout)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert [pid for pid in of_this_demonstration(tmp_path) if is_alive(pid)] == []


def of_this_demonstration(folder: Path) -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if f"DEMO_DIR={folder}".encode() in place.read_bytes():
                found.append(int(place.parent.name))
    return found


def ask(database: Path, question: str) -> int:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30) as opened:
        return int(opened.execute(question).fetchone()[0])


def wait_for_the_past(database: Path) -> None:
    """Until all is there of which the first start was stopped halfway."""
    end = time.monotonic() + PATIENCE
    while ask(database, "SELECT count(*) FROM demo_past") and time.monotonic() < end:
        time.sleep(1)
    assert ask(database, "SELECT count(*) FROM demo_past") == 0


def members_of(parent: int) -> list[int]:
    listed = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True).stdout.split("\n")[1:]
    pairs = [tuple(map(int, line.split())) for line in listed if line.strip()]
    found = [parent]
    for _depth in range(5):
        found += [pid for pid, above in pairs if above in found and pid not in found]
    return found[1:]


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
