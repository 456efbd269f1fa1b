"""Attack a portal as each role with wapiti and sqlmap: `python run.py attack [role ...]`; docs/attacks.md says more.

Each tool first has to find two planted holes (tests/attacks/planted.py); a tool that finds none proves nothing. What it
says of the portal stands in `.demo/attack/`, some files for each role and tool, and is counted at the end.
"""

import os
import shutil
import sys
import tempfile
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.attacks.servers import ROOT, Filled, planted
from tests.attacks.tools import Answered, Attack, answered, bring_tools, sqlmap, wapiti
from tests.services import own_postgres

SAID = ROOT / ".demo" / "attack"
AT_ONCE = int(os.environ.get("ATTACK_AT_ONCE", "1"))  # so many roles
HOLES = ("SQL Injection", "Reflected Cross Site Scripting")
ENOUGH = 20  # different addresses that a tool must try: one that saw three pages proves nothing


def main(roles: list[str]) -> int:
    bring_tools()
    shutil.rmtree(SAID, ignore_errors=True)
    SAID.mkdir(parents=True)
    with planted() as address:
        attack = Attack("planted", address, SAID)
        seen = wapiti(attack)
        if not all(any(line.startswith(hole) for line in seen) for hole in HOLES):
            return _no_proof("wapiti")
        if not sqlmap(attack):
            return _no_proof("sqlmap")
    with own_postgres() as server, tempfile.TemporaryDirectory(prefix="vpd-attack-") as folder:
        filled = Filled(server, Path(folder))
        with ThreadPoolExecutor(AT_ONCE) as at_once:
            open_ends = sum(at_once.map(partial(_as_role, filled), roles or list(filled.told["paths"])))
    print(f"{open_ends} to be looked at; details in {SAID.relative_to(ROOT)}/", flush=True)
    return 1 if open_ends else 0


def _no_proof(tool: str) -> int:
    print(f"{tool} did not find what was planted: this run proves nothing.", file=sys.stderr)
    return 1


def _as_role(filled: Filled, role: str) -> int:
    """How much is to be looked at: findings, server errors, too few addresses, a session that ended."""
    return sum(_with_tool(filled, role, tool) for tool in (wapiti, sqlmap))


def _with_tool(filled: Filled, role: str, tool: Callable[[Attack], list[str]]) -> int:
    name = tool.__name__
    log = SAID / f"portal-{name}-{role}.log"
    with filled.portal(f"{name}_{role}", log) as address:
        cookie = filled.told["cookies"][role]
        found = tool(Attack(role, address, SAID, cookie, filled.told["paths"][role]))
        alive = role == "stranger" or _is_signed_in(address, cookie)
    given = answered(log.with_suffix(".asked"))
    broken = sum(number for status, number in given.statuses.items() if status >= "500")
    ends = [f"! {line}" for line in sorted(set(found))]
    ends += [f"! {broken} server errors: {log.name}"] if broken else []
    ends += ["! too few addresses to prove anything"] if given.different < ENOUGH else []
    ends += [] if alive else ["! the session ended on the way"]
    print("\n  ".join([f"{role}, {name}: {_words(given)}; {len(found)} found", *ends]), flush=True)
    return len(ends)


def _words(given: Answered) -> str:
    each = ", ".join(f"{number} times {status}" for status, number in sorted(given.statuses.items()))
    return f"{given.statuses.total()} requests to {given.different} different addresses ({each})"


def _is_signed_in(address: str, cookie: str) -> bool:
    request = urllib.request.Request(f"{address}/", headers={"Cookie": cookie})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return "/inloggen/" not in str(answer.url)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
