"""What the portal is made of, and what is known against it: `python run.py sbom` and `python run.py audit`."""

import hashlib
import json
import re
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "deploy/requirements.txt"
BILL = ROOT / "docs" / "sbom.json"
TOOLS = ROOT / ".demo" / "audit-tools"  # their own environment: nothing of the portal needs them
KNOWN_BAD = "django==3.2.5\n"  # full of advisories: an audit that finds none has looked at nothing


def packages_of(lock: str) -> list[tuple[str, str, list[str]]]:
    """Name, version and SHA-256 of each file, as the lock has them; raises ValueError for one that is not pinned."""
    found = []
    for entry in re.split(r"\n(?=\S)", lock.strip()):
        if entry.startswith("#"):
            continue
        pinned = re.match(r"([A-Za-z0-9._-]+)==([^\s;\\]+)", entry)
        hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})", entry)
        if not pinned or not hashes:
            raise ValueError(f"not pinned with a hash: {entry.splitlines()[0]}")
        found.append((pinned[1], pinned[2], hashes))
    return found


def bill_of(lock: str) -> str:
    """The bill of materials as CycloneDX 1.6; the same lock gives the same bytes."""
    components = [_component(*package) for package in packages_of(lock)]
    digest = hashlib.sha256(lock.encode()).hexdigest()
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "vpd-portal",
                "name": "vpd-portal",
                "licenses": [{"license": {"id": "EUPL-1.2"}}],
            },
            "properties": [{"name": "vpd-portal:lock-sha256", "value": digest}],
        },
        "components": components,
        "dependencies": [{"ref": "vpd-portal", "dependsOn": [one["bom-ref"] for one in components]}],
    }
    return json.dumps(bill, indent=1) + "\n"


def _component(name: str, version: str, hashes: list[str]) -> dict[str, Any]:
    address = f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"
    files = [{"alg": "SHA-256", "content": one} for one in hashes]
    return {
        "type": "library",
        "bom-ref": address,
        "name": name,
        "version": version,
        "purl": address,
        "externalReferences": [
            {"type": "distribution", "url": f"https://pypi.org/project/{name}/{version}/", "hashes": files}
        ],
    }


def audit() -> int:
    """Known advisories against the lock. Proves first, on a version that is full of them, that it can find one."""
    python = TOOLS / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(TOOLS)], check=True)
        if subprocess.run([str(python), "-m", "pip", "install", "-q", "pip-audit"]).returncode:
            print("pip-audit could not be installed: nothing was looked at.", file=sys.stderr)  # noqa: T201
            return 1
    with tempfile.TemporaryDirectory() as folder:
        planted = Path(folder) / "planted.txt"
        planted.write_text(KNOWN_BAD)
        command = [str(python), "-m", "pip_audit", "--strict", "--no-deps", "--disable-pip", "--progress-spinner=off"]
        said = subprocess.run([*command, "-r", str(planted)], capture_output=True, text=True)
        if not re.search(r"(PYSEC|CVE|GHSA)-", said.stdout):
            print("No advisories came for a version that has many. Nothing was looked at; this is no pass.")  # noqa: T201
            print(said.stderr.strip()[-600:], file=sys.stderr)  # noqa: T201
            return 1
    return subprocess.run([*command, "--require-hashes", "-r", str(LOCK)]).returncode


def main(what: str) -> int:
    if what == "audit":
        return audit()
    BILL.write_text(bill_of(LOCK.read_text()))
    print(f"{BILL.relative_to(ROOT)} lists {len(packages_of(LOCK.read_text()))} packages.")  # noqa: T201
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
