"""People and cases to attack, and a signed-in session of each role; prints them as JSON."""

import json
import os
import time
from importlib import import_module
from typing import Any

import django

from tests import environment  # noqa: F401  puts its defaults in the environment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpdportal.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402

from tests.access.columns import COLUMNS  # noqa: E402
from tests.world import make_incident, make_place, make_user  # noqa: E402
from vpdportal import clock  # noqa: E402
from vpdportal.accounts.models import User  # noqa: E402
from vpdportal.tenancy import everywhere  # noqa: E402


def signed_in(user: User) -> str:
    """The key of a session in which this person has just proved who they are, with both factors."""
    session: Any = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    at = time.time() + 3600  # also what asks for a recent sign-in is to be attacked
    session["account_authentication_methods"] = [
        {"method": "password", "at": at, "reauthenticated": True},
        {"method": "mfa", "type": "totp", "at": at, "reauthenticated": True},
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return str(session.session_key)


def main() -> None:
    with everywhere():
        town, other = make_place("Vlinderwaard"), make_place("Elders", prefix="EL")
        for place in (town, other):
            for _number in range(12):
                make_incident(place, at=clock.now())
        people = {**town.people, "nobody": make_user(), "elsewhere": other.adviser}
        keys = {role: signed_in(people[role]) for role in COLUMNS if role in people}
    print(json.dumps({"cookie": settings.SESSION_COOKIE_NAME, "keys": keys}))


if __name__ == "__main__":
    main()
