"""A whole database in one file, and back: SQLite by VACUUM INTO, PostgreSQL by its own pg_dump and pg_restore.

What is counted and what is dumped is the same moment. On PostgreSQL the rows in the file are counted once more: under
row-level security `pg_dump` can leave out every row and still say that all went well.
"""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from vpdportal.sealed_files import to_disk

Rows = dict[str, int]  # name of the table → number of rows
COPY = re.compile(rb"^COPY (?:\w+\.)?\"?(\w+)\"? .*FROM stdin;$")
REPEATABLE_READ = 2  # as the driver numbers it
SEEN_BY_ALL = "-c vpd.everywhere=on"  # of vpdportal.row_level_security: this session sees every organisation
# What Django does not hand on to a program: which of several servers it may take, and how long it tries each.
WHICH_SERVER = {"target_session_attrs": "PGTARGETSESSIONATTRS", "connect_timeout": "PGCONNECT_TIMEOUT"}


class DumpFailed(Exception):
    """The database could not be written to a file or read from one; the message says why and what to do."""


def file_name() -> str:
    return "database.dump" if connection.vendor == "postgresql" else "database.sqlite3"


def dump(target: Path, *, programs: str = "") -> Rows:
    """Write the whole database to `target`; gives the rows of each table. Raises DumpFailed.

    `programs`: the folder of pg_dump and pg_restore, where they are not on the PATH.
    """
    rows = _dump_postgresql(target, programs) if connection.vendor == "postgresql" else _dump_sqlite(target)
    to_disk(target)
    return rows


def load(source: Path, *, programs: str = "") -> None:
    """Read `source` into the empty database of the settings, all of it or nothing. Raises DumpFailed."""
    if connection.vendor == "postgresql":
        _run("pg_restore", programs, "--exit-on-error", "--no-owner", "--no-privileges", "--single-transaction", source)
    else:
        _load_sqlite(source)


def is_empty() -> bool:
    """Whether the database of the settings holds no table at all."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            return not _tables(cursor)
    path = _sqlite_path()
    return not path.exists() or path.stat().st_size == 0 or not _rows_of_sqlite(path)


def rows_now() -> Rows:
    """The rows of each table of the database of the settings."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            return _count(cursor, _tables(cursor))
    return _rows_of_sqlite(_sqlite_path())


def rows_in(source: Path, *, programs: str = "") -> Rows:
    """The rows of each table in a file that `dump` wrote; reads all of it. Raises DumpFailed."""
    if connection.vendor != "postgresql":
        return _rows_of_sqlite(source)
    command = [_program("pg_restore", programs), "--data-only", "--file=-", str(source)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        rows = _rows_of_copies(process.stdout)
    if process.returncode:
        raise DumpFailed(f"{source.name} is cut off or changed: pg_restore cannot read it.")
    return rows


# --- SQLite ---


def _sqlite_path() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _dump_sqlite(target: Path) -> Rows:
    try:
        # A connection of its own: VACUUM cannot be part of a transaction.
        with closing(sqlite3.connect(_sqlite_path(), timeout=60, isolation_level=None)) as source:
            source.execute("VACUUM INTO ?", [str(target)])
        return _rows_of_sqlite(target)
    except sqlite3.Error as error:
        raise DumpFailed(f"SQLite could not write {target.name}: {error}.") from error


def _load_sqlite(source: Path) -> None:
    path = _sqlite_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    shutil.copyfile(source, unfinished)
    to_disk(unfinished)
    for leftover in ("-wal", "-shm", "-journal"):  # of a database without tables
        path.with_name(path.name + leftover).unlink(missing_ok=True)
    os.replace(unfinished, path)
    to_disk(path.parent)


def _rows_of_sqlite(path: Path) -> Rows:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        state = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if state != "ok":
            raise DumpFailed(f"{path.name} is damaged: {state}.")
        found = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        names = sorted(name for (name,) in found)
        return {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608


# --- PostgreSQL ---


def _dump_postgresql(target: Path, programs: str) -> Rows:
    with _snapshot() as (snapshot, rows, sees_all):
        hidden = () if sees_all else ("--enable-row-security",)
        _run("pg_dump", programs, "--format=custom", *hidden, f"--snapshot={snapshot}", f"--file={target}")
    written = rows_in(target, programs=programs)
    if written != rows:
        wrong = sorted(name for name in rows.keys() | written.keys() if rows.get(name) != written.get(name))
        raise DumpFailed(
            f"The file does not hold all rows of {', '.join(wrong[:5])}. Use a role that may read them (BYPASSRLS)."
        )
    return rows


@contextmanager
def _snapshot() -> Iterator[tuple[str, Rows, bool]]:
    """A moment of the database that pg_dump can share; its rows; whether this role sees all without being told."""
    own: BaseDatabaseWrapper = connection.copy()  # type: ignore[no-untyped-call]
    own.settings_dict["OPTIONS"] = {**own.settings_dict["OPTIONS"], "isolation_level": REPEATABLE_READ}
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
            rows = _count(cursor, _tables(cursor))
            cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
            yield snapshot, rows, cursor.fetchone()[0]
    finally:
        own.close()


def _tables(cursor: Any) -> list[str]:
    cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
    return sorted(name for (name,) in cursor.fetchall())


def _count(cursor: Any, names: list[str]) -> Rows:
    rows = {}
    for name in names:
        cursor.execute(f'SELECT count(*) FROM public."{name}"')  # noqa: S608
        rows[name] = cursor.fetchone()[0]
    return rows


def _rows_of_copies(lines: IO[bytes]) -> Rows:
    rows: Rows = {}
    table = None
    for line in lines:
        if table is None:
            if found := COPY.match(line):
                table = found[1].decode()
                rows[table] = 0
        elif line == b"\\.\n":
            table = None
        else:
            rows[table] += 1
    return rows


def _run(command: str, programs: str, *options: object) -> None:
    """Run a program of PostgreSQL on the database of the settings. The password goes by the environment."""
    (_psql, *where, name), more = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    told = connection.settings_dict["OPTIONS"]
    which = {variable: str(told[option]) for option, variable in WHICH_SERVER.items() if option in told}
    environment = {**os.environ, **(more or {}), **which, "PGOPTIONS": SEEN_BY_ALL}
    done = subprocess.run(
        [_program(command, programs), "--no-password", *where, f"--dbname={name}", *map(str, options)],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise DumpFailed(f"{command} failed: {done.stderr.strip()[-600:]}")


def _program(name: str, programs: str) -> str:
    found = shutil.which(name, path=programs or None)
    if found is None:
        raise DumpFailed(f"{name} is not here. Install the client of PostgreSQL, or say --programs with its folder.")
    return found
