"""A demonstration lets anyone become anyone. It must never run where real people's reports are."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

from vpdportal.accounts.models import Organisation
from vpdportal.safe_start.settings_checks import LOCAL_HOSTS


def refuse_production() -> None:
    """Stop the start of any process when DEMO is on and a setting points outside this machine.

    Raises ImproperlyConfigured that names every sign.
    """
    if not settings.DEMO:
        return
    host, broker = urlsplit(settings.PORTAL_URL).hostname, urlsplit(settings.CELERY_BROKER_URL).hostname
    signs = {
        "ALLOWED_HOSTS names a host outside this machine": set(settings.ALLOWED_HOSTS) - LOCAL_HOSTS,
        "PORTAL_URL is not on this machine": (host or "") not in LOCAL_HOSTS,
        "DATABASE_URL is on another machine": str(settings.DATABASES["default"].get("HOST", "")) not in LOCAL_HOSTS,
        "CELERY_BROKER_URL is on another machine": (broker or "") not in LOCAL_HOSTS,
        "EVIDENCE_URL is an object store": settings.EVIDENCE_URL,
        "EMAIL_URL sends real mail": settings.EMAIL_CONFIG.get("EMAIL_HOST"),
        "FIELD_KEYS holds a key of your own": not settings.FIELD_KEYS.startswith(("demo:", "test:")),
        # In base64: "demo…" and "test…".
        "LOOKUP_KEY holds a key of your own": not settings.LOOKUP_KEY.startswith(("ZGVtb", "dGVzd")),
    }
    seen = [sign for sign, is_there in signs.items() if is_there]
    if seen:
        raise ImproperlyConfigured(
            f"DEMO is on, but {', and '.join(seen)}. In a demonstration everyone can become everyone: "
            "unset DEMO for real use, or unset these for a demonstration."
        )


def no_demo_data_outside(databases: list[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Errors when the data and the mode do not fit: real data in a demo, or two organisations on SQLite outside one."""
    if not databases or Organisation._meta.db_table not in _tables():
        return []
    if settings.DEMO:
        if Organisation.objects.filter(is_demo=False).exists():
            return [
                Error(
                    "DEMO is on, but this database holds a real organisation.",
                    hint="Unset DEMO, or give the demonstration a database of its own in DATABASE_URL.",
                    id="demo.E002",
                )
            ]
        return []
    if Organisation.objects.filter(is_demo=True).exists():
        return [
            Error(
                "This database holds a demonstration, but DEMO is off.",
                hint="Use another DATABASE_URL: a demonstration's people and keys are public.",
                id="demo.E003",
            )
        ]
    if connection.vendor == "sqlite" and Organisation.objects.count() > 1:
        return [
            Error(
                "SQLite serves one organisation only.",
                hint="It has no row-level security, the second lock between organisations. Use PostgreSQL.",
                id="demo.E004",
            )
        ]
    return []


def _tables() -> list[str]:
    try:
        return connection.introspection.table_names()
    except DatabaseError:
        return []
