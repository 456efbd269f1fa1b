"""The tables of an empty demonstration are those that the migrations make, and it goes on from there."""

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests import prepared
from tests.environment import DEFAULTS
from vpdportal.demo.tables import FILE

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parent.parent.parent


def shape_of(database: sqlite3.Connection) -> tuple[list[str], list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Tables, indexes and triggers without quotes and line breaks, and what the first rows say."""
    sql = database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    ran = database.execute("SELECT app, name FROM django_migrations").fetchall()
    rights = database.execute("SELECT codename FROM auth_permission").fetchall()
    return sorted(re.sub(r"[\s\"]+", "", one) for (one,) in sql), sorted(ran), sorted(rights)


def migrate(file: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, **DEFAULTS, "DATABASE_URL": f"sqlite:///{file}"}
    command = [sys.executable, "manage.py", "migrate", *options]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)


def test_they_are_what_the_migrations_make(tmp_path: Path):
    file = tmp_path / "migrated.sqlite3"
    if not prepared.copy_sqlite(file):
        migrate(file, "-v0")
    laid = sqlite3.connect(":memory:")
    laid.executescript(FILE.read_text())
    assert shape_of(laid) == shape_of(sqlite3.connect(file)), "`python manage.py demo_tables` writes them out again"


def test_migrating_has_nothing_left_to_do(tmp_path: Path):
    file = tmp_path / "laid.sqlite3"
    sqlite3.connect(file).executescript(FILE.read_text())
    assert "No migrations to apply" in migrate(file, "--no-color").stdout
