"""Print the variables of a new installation, with secrets made on this machine: `make_env.py HOST > deploy/.env`.

Keep a copy apart from the backups: without FIELD_KEYS and LOOKUP_KEY nobody can read what was reported.
"""

import base64
import secrets
import sys

if len(sys.argv) != 2 or "." not in sys.argv[1] or "/" in sys.argv[1]:
    raise SystemExit("Say under which host name people will open the portal: make_env.py vpd.example.org")
host = sys.argv[1]


def a_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


sys.stdout.write(f"""PORTAL_HOST={host}
SECRET_KEY={secrets.token_urlsafe(50)}
FIELD_KEYS=k1:{a_key()}
LOOKUP_KEY={a_key()}
POSTGRES_PASSWORD={secrets.token_hex(24)}
PORTAL_PASSWORD={secrets.token_hex(24)}
BACKUP_PASSWORD={secrets.token_hex(24)}
BROKER_PASSWORD={secrets.token_hex(24)}
METRICS_TOKEN={secrets.token_hex(20)}
# To be filled in: the mail server, and who may be asked and told.
EMAIL_URL=
DEFAULT_FROM_EMAIL=vpd@{host}
SECURITY_CONTACT=
PRIVACY_CONTACT=
ACCESSIBILITY_CONTACT=
""")
