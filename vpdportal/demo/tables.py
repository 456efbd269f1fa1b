"""The tables of an empty SQLite file, laid at once: to migrate from nothing takes a quarter of a minute, this a moment.

`tables.sql` is what the migrations make, written out by `manage.py demo_tables`; a test holds it against them. What a
release adds later is still migrated: the file says which migrations it holds.
"""

import re
import sqlite3
from pathlib import Path

from django.db import connection

FILE = Path(__file__).with_name("tables.sql")
APPLIED = re.compile(r"(INSERT INTO \"django_migrations\" VALUES\(.*),'[^']*'\);")


def lay_tables() -> bool:
    """In an empty SQLite file; gives whether that was done."""
    if connection.vendor != "sqlite" or connection.introspection.table_names():
        return False
    with connection.constraint_checks_disabled():  # rows come before the tables that they refer to
        connection.connection.executescript(FILE.read_text())
    return True


def written_out(file: Path) -> str:
    """All that stands in this SQLite file, as SQL; the moments at which migrations ran are one and the same."""
    with sqlite3.connect(file) as database:
        lines = list(database.iterdump())
    database.close()
    return "\n".join(APPLIED.sub(r"\1,'2026-11-24 00:00:00');", line) for line in lines) + "\n"
