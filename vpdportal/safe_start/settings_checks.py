"""Settings with which the portal would not be safe. They stop each process, commands too, before it does anything."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import InvalidStorageError, storages

from vpdportal.evidence_url import StoreRefuses

LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]", "::1", "testserver", ""}
LEAST_SECRET, LEAST_SIGNS = 50, 5  # characters, and different ones: what Django's own check asks
STORE_AWAY = "safe_start.W005"
PUBLISHED_KEYS, PUBLISHED_LOOKUP_KEYS = ("demo:", "test:"), ("ZGVtb", "dGVzd")  # in base64: "demo…" and "test…"


def refuse_unsafe_settings() -> None:
    """Raises ImproperlyConfigured that names every unsafe setting. A demonstration has checks of its own."""
    if settings.DEMO:
        return
    is_local = _is_local()
    secret = settings.SECRET_KEY
    keys = [key.strip() for key in settings.FIELD_KEYS.split(",")]
    signs = {
        "SECRET_KEY is the demonstration's": secret == settings.DEMO_DEFAULTS["SECRET_KEY"],
        f"SECRET_KEY is short (use {LEAST_SECRET} random characters)": (
            len(secret) < LEAST_SECRET or len(set(secret)) < LEAST_SIGNS
        ),
        "FIELD_KEYS holds a published key": _is_published(keys, PUBLISHED_KEYS, is_local),
        "LOOKUP_KEY is a published key": _is_published([settings.LOOKUP_KEY], PUBLISHED_LOOKUP_KEYS, is_local),
        "DEBUG is on, and this is not a machine of one's own": settings.DEBUG and not is_local,
        "PORTAL_URL is http, and this is not a machine of one's own (use https)": (
            not settings.PORTAL_URL.startswith("https://") and not is_local
        ),
    }
    if seen := [sign for sign, is_there in signs.items() if is_there]:
        raise ImproperlyConfigured(f"Not started: {'; '.join(seen)}. docs/configuration.md has all variables.")


def check_evidence_store(**_: Any) -> list[CheckMessage]:
    """An error where files of evidence cannot be written: who uploads one would hear of it, and nobody else.

    For what serves people, and for `check --deploy`. A command may run where the files are read-only or not at all.
    """
    return _object_store() if settings.EVIDENCE_URL else _folder()


def _object_store() -> list[CheckMessage]:
    """A store that does not answer now is a warning, as a database is: reports are received without it."""
    try:
        store: Any = storages["evidence"]
    except InvalidStorageError:
        text, hint = "EVIDENCE_URL needs boto3.", "Install the extra `s3`: pip install 'vpd-portal[s3]'."
        return [Error(text, hint=hint, id="safe_start.E010")]
    try:
        store.try_out()
        keeps = store.keeps_what_is_removed()
    except StoreRefuses as error:
        text = f"The object store of EVIDENCE_URL lets nothing be written: {error}."
        hint = "Look at the bucket, at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and at the rights of that key."
        return [Error(text, hint=hint, id="safe_start.E011")]
    except OSError as error:
        text = f"The object store of EVIDENCE_URL does not answer: {error}."
        return [Warning(text, hint="Files are refused until it does; reports are not.", id=STORE_AWAY)]
    finally:
        store.hang_up()
    if keeps:
        text = "The bucket of EVIDENCE_URL has versions: what is destroyed in the portal stays there."
        return [Warning(text, hint="Take a bucket without versions, or end them soon.", id="safe_start.W006")]
    return []


def _folder() -> list[CheckMessage]:
    folder = Path(settings.EVIDENCE_DIR)
    nearest = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return []
    return [
        Error(
            "EVIDENCE_DIR cannot be written.",
            hint="Make it a folder of the user that the portal runs as.",
            id="safe_start.E001",
        )
    ]


def _is_local() -> bool:
    hosts = {urlsplit(settings.PORTAL_URL).hostname or "", *settings.ALLOWED_HOSTS}
    return hosts <= LOCAL_HOSTS


def _is_published(keys: list[str], published: tuple[str, ...], is_local: bool) -> bool:
    """The demonstration's never; those of the tests on one's own machine only."""
    return any(key.startswith(published[:1] if is_local else published) for key in keys)
