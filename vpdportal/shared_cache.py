"""The cache that all processes share, in the database: it counts what may not come too often, wherever it comes in.

Django's own cache in a database keeps pickled values: who can write to that table could run code in the portal. Here
a value is JSON. Nothing in it is worth keeping: without the rows the counting begins anew.
"""

import json
import math
import random
import time
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection

TABLE = "vpdportal_shared_cache"
FOREVER = 32_503_680_000.0  # seconds since 1970: the year 3000
TIDY_ONE_IN = 100


class SharedCache(BaseCache):
    """Values of JSON in one table, by key; of each a moment after which it is not there."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT value FROM {TABLE} WHERE cache_key = %s AND expires > %s",  # noqa: S608
                [self._key(key, version), time.time()],
            )
            row = cursor.fetchone()
        return default if row is None else json.loads(row[0])

    def set(
        self, key: str, value: Any, timeout: float | object | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        self._write(key, value, timeout, version, only_new=False)
        if random.randrange(TIDY_ONE_IN) == 0:  # noqa: S311
            self._tidy()

    def add(
        self, key: str, value: Any, timeout: float | object | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Whether nothing was there: of two at once, one hears yes."""
        return self._write(key, value, timeout, version, only_new=True)

    def delete(self, key: str, version: int | None = None) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {TABLE} WHERE cache_key = %s", [self._key(key, version)])  # noqa: S608
            return cursor.rowcount > 0

    def touch(self, key: str, timeout: float | object | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {TABLE} SET expires = %s WHERE cache_key = %s AND expires > %s",  # noqa: S608
                [self._end(timeout), self._key(key, version), time.time()],
            )
            return cursor.rowcount > 0

    def count(self, key: str, seconds: int) -> tuple[int, int]:
        """Count one more: which one it is since the first, and in how many seconds the counting begins anew.

        One statement, so that of a hundred at once each has its own number.
        """
        now = time.time()
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {TABLE} (cache_key, value, expires) VALUES (%s, '1', %s) "  # noqa: S608
                f"ON CONFLICT (cache_key) DO UPDATE SET "
                f"value = CASE WHEN {TABLE}.expires <= %s THEN '1' "
                f"ELSE CAST(CAST({TABLE}.value AS INTEGER) + 1 AS TEXT) END, "
                f"expires = CASE WHEN {TABLE}.expires <= %s THEN excluded.expires ELSE {TABLE}.expires END "
                f"RETURNING value, expires",
                [self._key(key, None), now + seconds, now, now],
            )
            number, expires = cursor.fetchone()
        return int(number), math.ceil(expires - now)

    def counted(self, key: str) -> tuple[int, int]:
        """How often was counted till now, and in how many seconds the counting begins anew; nothing is counted."""
        now = time.time()
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT value, expires FROM {TABLE} WHERE cache_key = %s AND expires > %s",  # noqa: S608
                [self._key(key, None), now],
            )
            row = cursor.fetchone()
        return (int(row[0]), math.ceil(row[1] - now)) if row else (0, 0)

    def clear(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {TABLE}")  # noqa: S608

    def _write(self, key: str, value: Any, timeout: float | object | None, version: int | None, only_new: bool) -> bool:
        """One statement, so that it needs no lock of its own; SQLite and PostgreSQL understand it alike."""
        condition = f"WHERE {TABLE}.expires <= %s" if only_new else ""
        values: list[str | float] = [self._key(key, version), json.dumps(value), self._end(timeout)]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {TABLE} (cache_key, value, expires) VALUES (%s, %s, %s) "  # noqa: S608
                f"ON CONFLICT (cache_key) DO UPDATE SET value = excluded.value, expires = excluded.expires {condition}",
                [*values, time.time()] if only_new else values,
            )
            return cursor.rowcount > 0

    def _key(self, key: str, version: int | None) -> str:
        return self.make_and_validate_key(key, version=version)

    def _end(self, timeout: float | object | None) -> float:
        end: float | None = self.get_backend_timeout(timeout)  # type: ignore[arg-type]
        return FOREVER if end is None else end

    def _tidy(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {TABLE} WHERE expires <= %s", [time.time()])  # noqa: S608
