"""What the portal is made of is pinned and listed, and no secret stands in the tree (T18, ASVS 13.3.1, 15.1)."""

import base64
import json
import math
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.supply_chain import BILL, LOCK, ROOT, bill_of, packages_of

SHAPES = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{60,}",
    "a key of a cloud": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{35}\b",
    "a token of a forge": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|glpat-[\w-]{20}|npm_[A-Za-z0-9]{36}|pypi-AgEI[\w-]{40,})",
    "a token of a chat": r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
    "a signed token": r"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}",
    "a password in an address": r"\b[a-z+]{3,12}://[^\s:/@{}<>\"'\[]+:[^\s:/@{}<>\"'\[]{6,}@(?!host|db\b|127|localhost)[\w.-]+",  # noqa: E501
}
RANDOM = re.compile(r"(?<![\w/+=-])[A-Za-z0-9+/_-]{32,}={0,2}(?![\w/+=-])")
BITS = 4.4  # a sign; words and names of ours stay under it, 32 random bytes in base64 are over it
# Lists of hashes of what others made, and what is built from frontend/.
NOT_LOOKED_AT = ("requirements.txt", "requirements-test.txt", "package-lock.json", "sbom.json", "portal.css", ".po")
KNOWN = ("9v1nZ3mJm1", "u3Xq7oY3")  # made up for tests of the start, used nowhere


def bits_of(text: str) -> float:
    """Shannon's entropy of a sign of this text."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())


def secrets_in(text: str) -> list[str]:
    found = [f"{what}: {one[0][:40]}" for what, shape in SHAPES.items() for one in re.finditer(shape, text)]
    for one in RANDOM.findall(re.sub(r"https?://[^\s@]+(?=[\s\"')>])", "", text)):
        has_all = re.search(r"[a-z]", one) and re.search(r"[A-Z]", one) and re.search(r"\d", one)
        if has_all and bits_of(one) > BITS and not one.startswith(KNOWN) and not _is_words(one):
            found.append(f"random: {one[:40]}")
    return found


def _is_words(text: str) -> bool:
    """Whether it is base64 of something that one can read, such as the keys of tests and of the demonstration."""
    try:
        return base64.b64decode(text, validate=True).decode("ascii").isprintable()
    except ValueError:
        return False


def tracked() -> list[Path]:
    """What is in the repository, or would be."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def test_everything_is_pinned_with_hashes():
    for lock in (LOCK, ROOT / "requirements-test.txt"):
        assert len(packages_of(lock.read_text())) > 50


def test_what_is_not_pinned_is_seen():
    """The negative control."""
    with pytest.raises(ValueError, match="not pinned"):
        packages_of("django==5.2.19 \\\n    --hash=sha256:" + "0" * 64 + "\nleftpad>=1\n")


def test_the_bill_of_materials_fits_the_lock():
    """Out of step? `python run.py sbom` writes it again."""
    assert BILL.read_text() == bill_of(LOCK.read_text())
    bill = json.loads(BILL.read_text())
    named = {(one["name"], one["version"]) for one in bill["components"]}
    assert bill["bomFormat"] == "CycloneDX" and bill["specVersion"] == "1.6"
    assert named == {(name, version) for name, version, _hashes in packages_of(LOCK.read_text())}
    assert all(one["purl"].startswith("pkg:pypi/") for one in bill["components"])


def test_another_version_asks_for_another_bill():
    """The negative control."""
    lock = LOCK.read_text()
    assert bill_of(lock.replace("django==5", "django==4", 1)) != bill_of(lock)


def test_no_secret_stands_in_the_tree():
    looked, found = 0, {}
    for path in tracked():
        if path.name.endswith(NOT_LOOKED_AT) or path.suffix in {
            ".png",
            ".woff2",
            ".jpg",
            ".pdf",
            ".docx",
            ".mo",
            ".age",
        }:
            continue
        looked += 1
        if secrets := secrets_in(path.read_text(errors="replace")):
            found[str(path.relative_to(ROOT))] = secrets[:5]
    assert looked > 300 and found == {}


@pytest.mark.parametrize(
    "planted",
    [
        "-----BEGIN PRIVATE" + " KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ" * 2,
        "key = '" + "AKIA" + "QWERTYUIOPASDFGH'",
        "token: " + "ghp_" + "a1B2c3D4e5F6g7H8" + "i9J0k1L2m3N4o5P6q7R8",
        "DATABASE_URL=postgres://portal:" + "geheim123@vpd.example.org/portal",
        "FIELD_KEYS=k1:" + "q3v9Zt7LxWm2Rk8Yc5Np1" + "Hs6Jd4Fb0GaUeQiTyOzPwE=",
    ],
)
def test_a_secret_is_seen(planted: str):
    """The negative control."""
    assert secrets_in(f"# een bestand\n{planted}\n")
