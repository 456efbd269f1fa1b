"""What leaves this machine unsealed: the lines to database, broker, mail server and object store (ASVS 12.3.1)."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Warning

from vpdportal.safe_start.settings_checks import LOCAL_HOSTS

KNOWN_SERVER = {"verify-ca", "verify-full"}  # sealed, and with the server one meant
SEALED_BROKERS = ("rediss", "filesystem", "memory", "")


def check_lines(**_: Any) -> list[CheckMessage]:
    """Warnings of `check --deploy`: a closed network between machines may be reason enough to leave one."""
    return list(_lines())


def _lines() -> Iterator[CheckMessage]:
    database = settings.DATABASES["default"]
    mode = database.get("OPTIONS", {}).get("sslmode", "")
    if _is_elsewhere(database.get("HOST")) and mode not in KNOWN_SERVER:
        yield Warning(
            "The line to the database is not TLS with a server that is known.",
            hint="Add ?sslmode=verify-full&sslrootcert=/path/of/the/authority.pem to DATABASE_URL.",
            id="safe_start.W002",
        )
    for url in settings.CELERY_BROKER_URL.split(";"):
        broker = urlsplit(url)
        if broker.scheme not in SEALED_BROKERS and _is_elsewhere(broker.hostname):
            yield Warning(
                "The line to the broker is not TLS.",
                hint="Use rediss://…?ssl_cert_reqs=CERT_REQUIRED as CELERY_BROKER_URL. It carries numbers only.",
                id="safe_start.W003",
            )
            break
    is_sealed = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    if "smtp" in settings.EMAIL_BACKEND and _is_elsewhere(settings.EMAIL_HOST) and not is_sealed:
        yield Warning(
            "The line to the mail server is not TLS.",
            hint="Use smtp+tls:// (STARTTLS) or smtp+ssl:// in EMAIL_URL.",
            id="safe_start.W004",
        )
    kept: dict[str, Any] = settings.STORAGES["evidence"]
    store = urlsplit(kept.get("OPTIONS", {}).get("endpoint", ""))
    if store.scheme == "http" and _is_elsewhere(store.hostname):
        yield Warning(
            "The line to the object store is not TLS.",
            hint="Use https:// for the endpoint in EVIDENCE_URL. Files go sealed, their sizes do not.",
            id="safe_start.W007",
        )


def _is_elsewhere(host: str | None) -> bool:
    """Another machine than this one; a path is a socket on this one."""
    return bool(host) and not str(host).startswith("/") and host not in LOCAL_HOSTS
