"""The worked cases hold, through the command that anyone can run; and a mistake in the input is named."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.environment import DEFAULTS

HERE = Path(__file__).parent / "data"
CASES = sorted([*(HERE / "cases").glob("*.json"), *(HERE / "own").glob("*.json")])


def advised(facts: dict[str, Any], tmp_path: Path, *options: str) -> dict[str, Any]:
    file = tmp_path / "facts.json"
    file.write_text(json.dumps(facts))
    out = StringIO()
    call_command("advise", str(file), *options, stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_worked_case(path: Path, tmp_path: Path):
    case = json.loads(path.read_text())
    answer = advised(case["facts"], tmp_path)
    codes = {advice["code"] for advice in answer["advice"]}
    assert set(case["must"]) - codes == set(), "must be proposed"
    assert set(case["must_not"]) & codes == set(), "must not be proposed"


def test_the_answer_has_its_parts_and_says_it_is_a_reconstruction(tmp_path: Path):
    answer = advised({"behaviours": ["threat"], "channel": "counter", "target_group": "employee"}, tmp_path)
    assert answer["reconstruction"] is True and answer["severity"] == 3
    first = answer["advice"][0]
    assert {"code", "phase", "strength", "due", "because"} <= set(first) and first["because"].startswith("omdat")
    assert "offence_suspected" in {question["fact"] for question in answer["questions"]}
    english = advised(
        {"behaviours": ["threat"], "channel": "counter", "target_group": "employee"}, tmp_path, "--language", "en"
    )
    assert english["advice"][0]["because"].startswith("because")


def test_what_the_police_ask_to_wait_with_stands_apart(tmp_path: Path):
    facts = json.loads((HERE / "cases/officer-spat-at.json").read_text())["facts"]
    answer = advised({**facts, "police_ask_to_wait": True}, tmp_path)
    now, held = ({one["code"] for one in answer[key]} for key in ("advice", "on_hold"))
    assert {"R06", "R24"} <= held and not held & now and {"R11", "R12", "N02"} <= now


GOOD = {"behaviours": ["threat"], "channel": "counter", "target_group": "employee"}
WRONG: list[tuple[Any, str]] = [
    ({**GOOD, "weapn": True}, "weapn"),
    ({**GOOD, "weapon": "yes"}, "weapon"),
    ({**GOOD, "weapon": 1}, "weapon"),
    ({**GOOD, "witnesses": True}, "witnesses"),
    ({**GOOD, "witnesses": -1}, "witnesses"),
    ({**GOOD, "witnesses": 1.5}, "witnesses"),
    ({**GOOD, "severity": 5}, "severity"),
    ({**GOOD, "severity": True}, "severity"),
    ({**GOOD, "channel": "pigeon"}, "channel"),
    ({**GOOD, "channel": ["counter"]}, "channel"),
    ({**GOOD, "behaviours": []}, "behaviours"),
    ({**GOOD, "behaviours": "threat"}, "behaviours"),
    ({**GOOD, "behaviours": ["threat", "threat"]}, "behaviours"),
    ({**GOOD, "behaviours": [["threat"]]}, "behaviours"),
    ({**GOOD, "perpetrator": True}, "perpetrator"),
    ({**GOOD, "perpetrator": {"knwon": True}}, "perpetrator.knwon"),
    ({**GOOD, "perpetrator": {"known": None}}, "perpetrator.known"),
    ({**GOOD, "perpetrator.known": True}, "perpetrator.known"),
    ({"channel": "counter", "target_group": "employee"}, "behaviours"),
    ([], "facts"),
    (None, "facts"),
]


@pytest.mark.parametrize(("facts", "name"), WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_or_unknown_field_is_named_with_status_2(tmp_path: Path, facts: Any, name: str):
    with pytest.raises(CommandError, match=name) as refused:
        advised(facts, tmp_path)
    assert refused.value.returncode == 2


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "\x00"])
def test_what_is_no_json_is_said_so(tmp_path: Path, text: str):
    (tmp_path / "broken.json").write_text(text)
    with pytest.raises(CommandError, match="JSON") as refused:
        call_command("advise", str(tmp_path / "broken.json"))
    assert refused.value.returncode == 2


def test_the_command_line_itself(tmp_path: Path):
    def run(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**DEFAULTS, "DATABASE_URL": f"sqlite:///{tmp_path}/none.sqlite3", "PATH": "/usr/bin:/bin"}
        command = [sys.executable, "manage.py", "advise", *arguments]
        return subprocess.run(command, input=text, capture_output=True, text=True, env=environment, timeout=60)

    good = run(json.dumps(GOOD), "-")
    assert good.returncode == 0 and json.loads(good.stdout)["advice"]
    bad = run(json.dumps({**GOOD, "weapn": True}), "-")
    assert bad.returncode == 2 and "weapn" in bad.stderr and "Traceback" not in bad.stderr
    missing = run("", str(tmp_path / "nothing.json"))
    assert missing.returncode == 2 and "nothing.json" in missing.stderr


@pytest.mark.parametrize("moment", ["9999-12-30T09:00", "1999-12-31T09:00", "gisteren"])
def test_a_moment_that_means_nothing_is_said_so(tmp_path: Path, moment: str):
    with pytest.raises(CommandError, match="--reported-at") as refused:
        advised(GOOD, tmp_path, "--reported-at", moment)
    assert refused.value.returncode == 2
