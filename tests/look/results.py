"""What axe found on each page, kept where LOOK_RESULTS names a folder: `make accessibility` makes the statement of it.

python -m tests.look.results FOLDER    writes vpdportal/accessibility.json and docs/toegankelijkheidsverklaring.md
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = ROOT / "vpdportal/accessibility.json"
STATEMENT = ROOT / "docs/toegankelijkheidsverklaring.md"
OUTCOMES = {"passed": "passes", "failed": "violations", "unsure": "incomplete"}


def note(page: Any, answer: dict[str, Any]) -> None:
    """Keep what axe said about the page as it stands now; nothing where nobody asked."""
    folder = os.environ.get("LOOK_RESULTS")
    if not folder:
        return
    line = {
        "test": re.sub(r"\[.*", "", os.environ["PYTEST_CURRENT_TEST"].removesuffix(" (call)")),
        "page": name_of(page.url),
        "width": page.viewport_size["width"],
        "language": page.evaluate("document.documentElement.lang"),
        "axe": answer["testEngine"]["version"],
        "tags": {rule["id"]: rule["tags"] for kind in OUTCOMES.values() for rule in answer[kind]},
        **{name: [rule["id"] for rule in answer[kind]] for name, kind in OUTCOMES.items()},
    }
    with (Path(folder) / f"{os.getpid()}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def name_of(address: str) -> str:
    """The name of the address; nothing for what is no address of the portal, such as one that is not there."""
    from django.urls import Resolver404, resolve  # noqa: PLC0415  gathering needs no Django

    from vpdportal import urls  # noqa: PLC0415

    try:
        return resolve(urlsplit(address).path, urlconf=urls).url_name or ""
    except Resolver404:
        return ""


def gathered(lines: Iterable[dict[str, Any]], day: date) -> dict[str, Any]:
    """All looks together: pages by address, and each rule with how often it held."""
    looks = list(lines)
    rules: dict[str, dict[str, Any]] = {}
    for look in looks:
        for outcome in OUTCOMES:
            for rule in look[outcome]:
                told = rules.setdefault(rule, {**dict.fromkeys(OUTCOMES, 0), "tags": look["tags"][rule]})
                told[outcome] += 1
    return {
        "day": day.isoformat(),
        "axe": looks[0]["axe"],
        "widths": sorted({look["width"] for look in looks}),
        "languages": sorted({look["language"] for look in looks}),
        "pages": dict(sorted(Counter(look["page"] for look in looks).items())),
        "rules": dict(sorted(rules.items())),
        "tests": sorted({look["test"] for look in looks}),
    }


def main(folder: str) -> int:
    found = [json.loads(line) for file in sorted(Path(folder).glob("*.jsonl")) for line in file.open(encoding="utf-8")]
    kept = json.dumps(gathered(found, date.today()), indent=1, ensure_ascii=False)
    KEPT.write_text(kept + "\n", encoding="utf-8")
    environment = {**os.environ, "DEMO": "1"}
    made = subprocess.run(
        [sys.executable, "manage.py", "accessibility_statement"], cwd=ROOT, env=environment, stdout=subprocess.PIPE
    )
    if made.returncode == 0:
        STATEMENT.write_bytes(made.stdout)
    return made.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
