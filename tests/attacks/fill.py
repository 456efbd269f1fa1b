"""People and cases to attack, with for each role a signed-in session and the addresses it may open; prints JSON."""

import json
import os
import random
import time
from importlib import import_module
from typing import Any

import django

from tests import environment  # noqa: F401  puts its defaults in the environment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.attacks.attacked")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.middleware.csrf import CSRF_ALLOWED_CHARS, CSRF_SECRET_LENGTH  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from tests import clock  # noqa: E402
from tests.access.columns import COLUMNS  # noqa: E402
from tests.access.rights import GET  # noqa: E402
from tests.access.scene import scene_of  # noqa: E402
from tests.attacks.told import Told  # noqa: E402
from tests.world import make_place  # noqa: E402
from vpdportal.accounts.models import User  # noqa: E402
from vpdportal.tenancy import everywhere  # noqa: E402

HOURS = 10  # so long a session is as new as when it began: also what asks for a recent sign-in is attacked


def signed_in(user: User) -> str:
    """The key of a session in which this person has just proved who they are, with both factors."""
    session: Any = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    at = time.time() + HOURS * 3600
    session["account_authentication_methods"] = [
        {"method": "password", "at": at, "reauthenticated": True},
        {"method": "mfa", "type": "totp", "at": at, "reauthenticated": True},
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return str(session.session_key)


def open_to(role: str, addresses: dict[str, list[Any]]) -> list[str]:
    """The paths that open or lead on for a role by the table of rights; in an order of its own, as time runs out."""
    names = sorted(name for name, row in GET.items() if row[role] in {"200", "302"} and name != "sign_out")
    random.Random(role).shuffle(names)
    return [reverse(name, args=addresses.get(name, [])) for name in names]


def main() -> None:
    clock.set_to(timezone.now())
    with everywhere():
        scene = scene_of(make_place("Vlinderwaard"), make_place("Elders", prefix="EL"))
        people = scene["people"]
        keys = {role: signed_in(people[role]) for role in COLUMNS if role in people}
    # A token that every form of every page holds: what is sent is refused by nothing but its contents.
    secret = "".join(random.choices(CSRF_ALLOWED_CHARS, k=CSRF_SECRET_LENGTH))
    cookies = {role: f"{settings.CSRF_COOKIE_NAME}={secret}" for role in COLUMNS}
    cookies |= {role: f"{settings.SESSION_COOKIE_NAME}={key}; {cookies[role]}" for role, key in keys.items()}
    told: Told = {"cookies": cookies, "paths": {role: open_to(role, scene["addresses"]) for role in COLUMNS}}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
