"""For the processes that serve people and send mails: they stop where `manage.py check` would say that it is unsafe."""

import logging

from django.core.checks import CheckMessage, Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection

from vpdportal.safe_start.database_checks import NOT_MIGRATED
from vpdportal.safe_start.settings_checks import STORE_AWAY
from vpdportal.tenancy import everywhere

logger = logging.getLogger(__name__)


def refuse_unsafe_start() -> None:
    """Raises ImproperlyConfigured that names everything unsafe of disk and database.

    A database or an object store that does not answer stops nothing: the portal says so to each visitor, and goes on
    when it is back.
    """
    try:
        connection.ensure_connection()
    except OperationalError:
        logger.warning("The database does not answer: started without looking at it.")
        databases = []
    else:
        databases = ["default"]
    try:
        with everywhere():
            tags = [Tags.database, Tags.files]
            messages = run_checks(tags=tags, databases=databases, include_deployment_checks=True)
    finally:
        connection.close()  # a process that forks now must not share it
    for message in messages:
        if message.id == STORE_AWAY:
            logger.warning(_words(message))
    if seen := [_words(message) for message in messages if message.is_serious() or message.id == NOT_MIGRATED]:
        raise ImproperlyConfigured(f"Not started: {' '.join(seen)}")


def _words(message: CheckMessage) -> str:
    return " ".join(filter(None, (message.msg, message.hint)))
