"""All settings, from the environment only, safe by default. A missing variable stops the start and says what to do.

`DEMO=1` is the one exception: a demonstration on this machine needs no variable, and `vpdportal.demo.checks`
refuses it on anything that looks like production.
"""

from datetime import date
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from vpdportal import browser_rules, logs
from vpdportal.evidence_url import read_evidence_url
from vpdportal.sign_in_file import read_sign_in_file

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEMO = env.bool("DEMO", default=False)
DEMO_DIR = Path(env("DEMO_DIR", default=str(BASE_DIR / ".demo")))

# What a demonstration uses when nothing is set. None of it may reach production: see vpdportal.demo.checks.
DEMO_DEFAULTS = {
    "SECRET_KEY": "demonstration-only-no-secret-at-all-0123456789abcdef",
    "FIELD_KEYS": "demo:ZGVtb25zdHJhdGlvbi1vbmx5LTMyLWJ5dGVzLWtleSE=",
    "LOOKUP_KEY": "ZGVtb25zdHJhdGlvbi1vbmx5LWtleS10by1sb29rdXA=",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1],testserver",
    "PORTAL_URL": "http://localhost:" + env("PORT", default="8000"),
    "DATABASE_URL": f"sqlite:///{DEMO_DIR / 'portal.sqlite3'}",
    "CELERY_BROKER_URL": "filesystem://",
    "EVIDENCE_DIR": str(DEMO_DIR / "evidence"),
    "EMAIL_URL": "consolemail://",
    "DEFAULT_FROM_EMAIL": "portaal@voorbeeld.invalid",
}


def required(name: str, advice: str) -> str:
    """The variable's value; raises ImproperlyConfigured with what to do when it is not set."""
    value: str = env(name, default=DEMO_DEFAULTS[name] if DEMO else "")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {advice} docs/configuration.md has all variables.")
    return value


SECRET_KEY = required("SECRET_KEY", "Set it to 50 random characters and keep it secret.")
FIELD_KEYS = required(
    "FIELD_KEYS",
    "It holds the keys of the encrypted columns as `id:base64 of 32 bytes`, newest first, separated by commas. "
    "Make one with: python -c \"import os, base64; print('k1:' + base64.b64encode(os.urandom(32)).decode())\". "
    "Keep it apart from the database and its backups.",
)
LOOKUP_KEY = required(
    "LOOKUP_KEY",
    "It holds the key by which persons are found without being read, as base64 of 32 bytes. "
    'Make one with: python -c "import os, base64; print(base64.b64encode(os.urandom(32)).decode())". '
    "Keep it apart from the database and its backups, and change it only as docs/keys.md says: with another key nobody "
    "is known again.",
)
ALLOWED_HOSTS = required("ALLOWED_HOSTS", "Set it to the portal's host name, for example vpd.example.org.").split(",")
PORTAL_URL = required("PORTAL_URL", "Set it to the address in mails, for example https://vpd.example.org.").rstrip("/")
EVIDENCE_URL = env("EVIDENCE_URL", default="")  # an object store in place of the folder
EVIDENCE_DIR = (
    ""
    if EVIDENCE_URL
    else required(
        "EVIDENCE_DIR", "Set it to a folder for encrypted evidence, on a disk with a backup, or set EVIDENCE_URL."
    )
)
DEFAULT_FROM_EMAIL = required("DEFAULT_FROM_EMAIL", "Set it to the sender of the portal's mails.")
CELERY_BROKER_URL = required("CELERY_BROKER_URL", "Set it to redis://host:6379/0.")
DEBUG = env.bool("DEBUG", default=False)

INSTALLED_APPS = [
    "vpdportal.demo",
    "vpdportal.safe_start",
    "incidents",
    "guidance",
    "vpdportal.accounts",
    "vpdportal.audit",
    "vpdportal.look",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "crispy_forms",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "vpdportal.request_log.RequestLogMiddleware",  # times all that follows
    "django.middleware.security.SecurityMiddleware",
    "vpdportal.middleware.OwnSiteMiddleware",  # before what answers for static files
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Before what may refuse a request by itself, so that those answers have them too.
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "vpdportal.middleware.PrivateResponseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "vpdportal.middleware.OneAlphabetMiddleware",
    "vpdportal.middleware.ClockMiddleware",
    "vpdportal.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "vpdportal.middleware.TenancyMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "vpdportal.accounts.signing_in.sessions.SessionLimitsMiddleware",  # after what it says why with
    "vpdportal.accounts.signing_in.second_factor.SecondFactorMiddleware",
    "vpdportal.middleware.HowOftenMiddleware",
]

ROOT_URLCONF = "vpdportal.urls"
WSGI_APPLICATION = "vpdportal.wsgi.application"
CLOCK = "vpdportal.demo.clock.shifted_now" if DEMO else "vpdportal.clock.system_now"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "incidents.views.navigation.navigation",
                "vpdportal.demo.context.demo",
            ]
        },
    }
]
FORM_RENDERER = "vpdportal.look.renderer.QuickControls"
CRISPY_TEMPLATE_PACK = "nlds"
CRISPY_ALLOWED_TEMPLATE_PACKS = ("nlds",)

# --- data ---
DATABASES = {"default": env.db_url_config(required("DATABASE_URL", "Set it to postgres://user:password@host/name."))}
database = DATABASES["default"]
database["CONN_HEALTH_CHECKS"] = True
database["CONN_MAX_AGE"] = 60
if database["ENGINE"] == "django.db.backends.postgresql":
    database["ENGINE"] = "vpdportal.database"  # tells each query whose rows it may touch
if database["ENGINE"] == "django.db.backends.sqlite3":
    database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # a writer waits its turn instead of failing halfway
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "vpdportal.shared_cache.SharedCache"}}

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # nothing of ours goes there
    "evidence": read_evidence_url(EVIDENCE_URL)
    if EVIDENCE_URL
    else {"BACKEND": "vpdportal.sealed_files.WholeFilesOnly", "OPTIONS": {"location": EVIDENCE_DIR}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
EVIDENCE_MAX_BYTES = env.int("EVIDENCE_MAX_BYTES", default=10 * 1024 * 1024)  # a picture, a PDF or a mail
EVIDENCE_MAX_MEDIA_BYTES = env.int("EVIDENCE_MAX_MEDIA_BYTES", default=50 * 1024 * 1024)  # sound or video
EVIDENCE_MAX_REPORT_BYTES = env.int("EVIDENCE_MAX_REPORT_BYTES", default=100 * 1024 * 1024)  # of one person, together
EVIDENCE_MAX_FILES = env.int("EVIDENCE_MAX_FILES", default=10)  # of one person with one report
FILE_UPLOAD_HANDLERS = ["vpdportal.uploads.NamelessFiles"]
CLAMD_ADDRESS = env("CLAMD_ADDRESS", default="")  # nothing is scanned without it
if CLAMD_ADDRESS and not CLAMD_ADDRESS.startswith("/") and not CLAMD_ADDRESS.rpartition(":")[2].isdigit():
    raise ImproperlyConfigured(f"CLAMD_ADDRESS is {CLAMD_ADDRESS!r}. Set it to host:port, or to the path of a socket.")

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env("STATIC_ROOT", default=None)  # set it to use collectstatic behind a web server
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_AUTOREFRESH = DEBUG

# --- people ---
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["vpdportal.accounts.signing_in.backend.PortalBackend"]
ACCOUNT_ADAPTER = "vpdportal.accounts.signing_in.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an address is the administrator's to give; a link by mail sets the password
ACCOUNT_SESSION_REMEMBER = False
# [OWN] Failures are counted by account and device, and by address of the network: a town hall shares one of those.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "100/5m/ip,10/15m/key",
    "reauthenticate": "10/15m/user",
    "reset_password": "60/15m/ip,5/15m/key",
}
TRUSTED_PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)  # hops of X-Forwarded-For
EMERGENCY_SIGN_IN = "incidents.actions.emergency_sign_in.tell_of_emergency_sign_in"
PASSWORD_MAIL = "incidents.actions.password_mails.ask_password_mail"
ROLE_GIVEN = "incidents.actions.giving_roles.tell_who_must_know"
MFA_ADAPTER = "vpdportal.accounts.signing_in.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "VPD-portaal"
MFA_TOTP_TOLERANCE = 1  # a code of the half minute before or after: clocks differ, and people type slowly
# Sign-in with the organisations' own accounts. All of it stands in one file: allauth's own settings are not used.
SIGN_IN_FILE = env("SIGN_IN_FILE", default="")
SIGN_IN_PROVIDERS = read_sign_in_file(SIGN_IN_FILE) if SIGN_IN_FILE else ()
SOCIALACCOUNT_ADAPTER = "vpdportal.accounts.signing_in.single_sign_on.adapter.SocialAccountAdapter"
# Second factor, signing in again before sensitive steps, limits of a session: off only where anyone becomes anyone.
STRICT_SIGN_IN = not DEMO
HOLD_LIMITS = not DEMO  # vpdportal/how_often.py; no variable switches them off
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "vpdportal.accounts.signing_in.predictable.PredictablePasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 24 * 3600  # seconds that the link of a mail works
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign_in"

# --- language and time ---
LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Amsterdam"
FORMAT_MODULE_PATH = ["vpdportal.formats"]

# --- mail ---
EMAIL_CONFIG = env.email_url_config(
    required("EMAIL_URL", "Set it to smtp://user:password@host:25 or smtp+tls://user:password@host:587.")
)
EMAIL_BACKEND = "vpdportal.demo.mailbox.MailboxBackend" if DEMO else EMAIL_CONFIG["EMAIL_BACKEND"]
EMAIL_HOST = EMAIL_CONFIG.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = EMAIL_CONFIG.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = EMAIL_CONFIG.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = EMAIL_CONFIG.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_FILE_PATH = EMAIL_CONFIG.get("EMAIL_FILE_PATH") or None
EMAIL_USE_TLS = EMAIL_CONFIG.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = EMAIL_CONFIG.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=20)  # seconds a step; well under the lease of a mail (ADR 22)

# Whom to tell of a hole (RFC 9116), and whom to ask about personal data: a mail address or the https address of a page.
SECURITY_CONTACT = env("SECURITY_CONTACT", default="")
PRIVACY_CONTACT = env("PRIVACY_CONTACT", default="")
ACCESSIBILITY_CONTACT = env("ACCESSIBILITY_CONTACT", default="")  # whom to tell that something does not work for one
for name, value in (
    ("SECURITY_CONTACT", SECURITY_CONTACT),
    ("PRIVACY_CONTACT", PRIVACY_CONTACT),
    ("ACCESSIBILITY_CONTACT", ACCESSIBILITY_CONTACT),
):
    if value and (any(sign.isspace() for sign in value) or not ("@" in value or value.startswith("https://"))):
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to a mail address or to an https address.")
try:  # the day on which experts investigate the whole portal: it decides the status of the accessibility statement
    ACCESSIBILITY_RESEARCH_ON = (
        date.fromisoformat(day) if (day := env("ACCESSIBILITY_RESEARCH_ON", default="")) else None
    )
except ValueError:
    raise ImproperlyConfigured(f"ACCESSIBILITY_RESEARCH_ON is {day!r}. Set it to a day, such as 2027-03-31.") from None

METRICS_TOKEN = env("METRICS_TOKEN", default="")  # what monitoring shows at /-/metrics; without it nothing is there

# --- Celery: a nudge each minute; the database holds the queue ---
SWEEP_SECONDS = env.int("SWEEP_SECONDS", default=5 if DEMO else 60)
CELERY_BEAT_SCHEDULE = {
    # An interval, never a local-time crontab: Celery skips the doubled hour when the clock goes back.
    "sweep": {"task": "incidents.tasks.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "tidy": {"task": "incidents.tasks.tidy", "schedule": 3600, "options": {"expires": 3600}},
    "bring_in": {"task": "incidents.tasks.bring_in", "schedule": 60, "options": {"expires": 60}},
    "overviews": {"task": "incidents.tasks.fix_overviews", "schedule": 3600, "options": {"expires": 3600}},
}
CELERY_TIMEZONE = "UTC"
# Answered for when it begins: a late answer to a Redis that went away meanwhile ends the worker (kombu 5.7), and what
# a killed worker did not finish, the next call does.
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = CELERY_BROKER_URL.startswith(("redis", "sentinel"))  # none waits behind a long one
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # keep trying: Redis may be gone for an hour
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {
        "data_folder_in": str(DEMO_DIR / "broker"),
        "data_folder_out": str(DEMO_DIR / "broker"),
        "control_folder": str(DEMO_DIR / "broker-control"),
    }
    if CELERY_BROKER_URL.startswith("filesystem")
    else {"socket_timeout": 5, "socket_connect_timeout": 2, "visibility_timeout": 600}
)
if CELERY_BROKER_URL.startswith("sentinel"):
    CELERY_BROKER_TRANSPORT_OPTIONS["master_name"] = env("CELERY_SENTINEL_MASTER", default="portal")
    if sentinel_password := env("CELERY_SENTINEL_PASSWORD", default=""):  # of the sentinels; the URL has that of Redis
        CELERY_BROKER_TRANSPORT_OPTIONS["sentinel_kwargs"] = {"password": sentinel_password}

# --- the browser ---
IS_LOCAL = PORTAL_URL.startswith("http://")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not IS_LOCAL)
SECURE_HSTS_SECONDS = 0 if IS_LOCAL else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"  # "no-referrer" makes browsers send Origin: null, and every form is refused
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not IS_LOCAL
SESSION_COOKIE_NAME = "vpd_session" if IS_LOCAL else "__Host-vpd_session"
CSRF_COOKIE_NAME = "vpd_csrf" if IS_LOCAL else "__Host-vpd_csrf"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SESSION_SECONDS = SESSION_COOKIE_AGE = env.int(
    "SESSION_SECONDS", default=10 * 3600
)  # after signing in, whatever is done
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=30 * 60)  # after the last thing that a person did
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_FAILURE_VIEW = "incidents.views.signed_out.csrf_failure"
LANGUAGE_COOKIE_NAME = "vpd_language"
LANGUAGE_COOKIE_SECURE = not IS_LOCAL
X_FRAME_OPTIONS = "DENY"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY, PERMISSIONS_POLICY = browser_rules.CONTENT_SECURITY_POLICY, browser_rules.PERMISSIONS_POLICY
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024  # of text: what is too long for a field comes back to be shortened

# --- logs: what happened to the portal, never what people wrote ---
LOG_FORMAT = env("LOG_FORMAT", default="plain")
if LOG_FORMAT not in logs.FORMATS:
    raise ImproperlyConfigured(f"LOG_FORMAT is {LOG_FORMAT!r}. Set it to plain or to json.")
LOG_REQUESTS = env.bool("LOG_REQUESTS", default=LOG_FORMAT == "json")  # a line for each
LOGGING = logs.logging_as(LOG_FORMAT)
