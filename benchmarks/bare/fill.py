"""So many reports in the database of the baseline, and someone who is signed in: prints the key of the session."""

import sys

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection


def fill(number: int) -> str:
    call_command("migrate", verbosity=0)  # the tables that its own ones point at come first
    call_command("migrate", run_syncdb=True, verbosity=0)
    user = get_user_model().objects.create(username="iemand")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bare_report (reference, at, by_id, place, kind, severity, story, wants_help, contact, weapon) "
            "SELECT 'B-' || n, now() - n * interval '1 minute', %s, 'Balie ' || n %% 40, 'threat', n %% 4 + 1, "
            "repeat('Een verhaal. ', 20), true, '', false FROM generate_series(1, %s) AS n",
            [user.pk, number],
        )
        cursor.execute("ANALYZE")
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    import django

    django.setup()
    sys.stdout.write(fill(int(sys.argv[1])) + "\n")
