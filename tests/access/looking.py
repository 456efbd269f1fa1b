"""What is written while someone only looks: a GET and a HEAD change nothing (ASVS 3.5.1, reliability T01).

What is said to the database is listened to, not only what a page is known to do; so a page that nobody thought of is
found too, and it costs the walk over all addresses nothing.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

# What is written about a look, and never what is looked at.
MAY_BE_WRITTEN = {
    "INSERT audit_auditevent": "that someone looked is written down",
    "INSERT audit_chainhead": "the head of that chain",
    "UPDATE audit_chainhead hash position": "the head of that chain",
    "INSERT django_session": "a page that sets up an app or a passkey keeps its question in the own session",
    "UPDATE django_session expire_date session_data": "the same, and the moment of the last request",
    "INSERT usersessions_usersession": "the list of the own devices",
    "UPDATE usersessions_usersession last_seen_at": "when a device was last used",
    "UPDATE incidents_calendarfeed used_on": "which secret address is still in use, to the day",
    "INSERT vpdportal_shared_cache": "how often one asked",
    "DELETE vpdportal_shared_cache": "what was counted and is over",
}
# A page that was shown was read, so no mail goes out about it. A HEAD shows nothing, and marks nothing.
ONLY_WHEN_SHOWN = {
    "UPDATE incidents_message seen_at": "who reads a message has seen it",
    "UPDATE incidents_news seen_at": "who reads the news has heard of it",
}
_WRITES = re.compile(
    r"""\s*(?:WITH\b.*?\b)?(INSERT|REPLACE|UPDATE|DELETE|TRUNCATE|MERGE)\s+"""
    r"""(?:OR\s+\w+\s+)?(?:INTO\s+|FROM\s+|TABLE\s+)?["`]?(\w+)["`]?(?:\s+SET\s+(.*?)(?:\sWHERE\s|$))?""",
    re.IGNORECASE | re.DOTALL,
)


class Written:
    """The statements that changed rows: "INSERT table", or "UPDATE table column column"."""

    def __init__(self) -> None:
        self.statements: set[str] = set()

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if found := _WRITES.match(sql):
            columns = sorted(set(re.findall(r'"(\w+)" = ', found[3] or "")))
            self.statements.add(" ".join([found[1].upper(), found[2], *columns]))
        return execute(sql, params, many, context)

    def wrong_for(self, method: str) -> list[str]:
        """What no look with this method may write."""
        if method not in {"GET", "HEAD"}:
            return []
        return sorted(self.statements - MAY_BE_WRITTEN.keys() - (ONLY_WHEN_SHOWN.keys() if method == "GET" else set()))


@contextmanager
def listening() -> Iterator[Written]:
    """Hear what is said to the database meanwhile."""
    written = Written()
    with connection.execute_wrapper(written):
        yield written
