"""How often one person, or one address of the network, may ask the same. All limits but those of signing in.

Each stands far above what a bad day asks of an honest person [OWN]: someone who reports five times in a row, an adviser
who opens sixty files for the police. They are there for a script, for someone who takes everything along before
leaving, and for who guesses. Signing in has its own (settings.ACCOUNT_RATE_LIMITS); asking whether something runs
against someone is ten a day, and that is a rule of the field (incidents/actions/person_checks.py).
"""

from dataclasses import dataclass
from enum import Enum
from typing import cast

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest
from django.urls import ResolverMatch
from django.utils.crypto import salted_hmac

from vpdportal.shared_cache import SharedCache

HOUR = 3600
QUARTER = 900


class By(Enum):
    """Under whom it is counted."""

    PERSON = "person"
    NETWORK = "network"  # of who is not signed in: a whole town hall may share one address


@dataclass(frozen=True)
class Limit:
    """`most` times in `seconds`, counted together over `addresses` (names of urls) and `methods`."""

    name: str
    addresses: tuple[str, ...]
    most: int
    seconds: int
    by: By = By.PERSON
    methods: tuple[str, ...] = ("GET", "POST")
    is_of_misses: bool = False  # only what was not there counts: one who guesses, and not one who knows


# Counted by the page itself, which keeps the report as a draft when it is too often: incidents/views/report.py.
SENDING = Limit("sending", (), 30, HOUR)

LIMITS = (
    Limit("begin", ("report",), 60, HOUR, methods=("POST",)),
    Limit(
        "write", ("report_step", "near_miss"), 3000, HOUR, methods=("POST",)
    ),  # a page keeps by itself every few seconds
    Limit("from the road", ("offline_receive",), 120, HOUR, methods=("POST",)),
    Limit("search", ("case_search", "case_person_find"), 300, HOUR),
    Limit("open a record", ("person_open",), 60, HOUR, methods=("POST",)),
    Limit(
        "lists",
        ("case_export", "analysis", "overview_file", "accountability_file", "data_request_file", "my_data_file"),
        120,
        HOUR,
    ),
    Limit(
        "files",
        (
            *("case_evidence", "case_evidence_copy", "evidence_own", "receipt", "letter_preview", "letter_file"),
            *("letter_template_file", "police_pdf", "police_docx", "retention_certificate"),
            *("menu_rules_pdf", "location_poster_pdf", "location_posters_pdf"),
        ),
        400,
        HOUR,
    ),
    Limit("codes on the wall", ("location_link",), 120, HOUR),
    Limit("calendars", ("calendar_file",), 100, QUARTER, By.NETWORK, is_of_misses=True),
    Limit("leave off mail", ("unsubscribe",), 100, QUARTER, By.NETWORK, is_of_misses=True),
    Limit("choose a password", ("password_choose",), 200, QUARTER, By.NETWORK),
)

# Who asks for twenty different things that are not there, or not theirs, within ten minutes, gets nothing that an
# address can name until those are over (reliability T05). A page that asks for the same by itself, or an old bookmark
# that is pressed again and again, is one thing.
GUESSING = Limit("guessing", (), 20, 600, is_of_misses=True)
# Writing down what happened goes on whatever was guessed.
NEVER_GUESSING = {"report_step", "report_drop", "evidence_keep", "evidence_own", "evidence_drop"}
_BY_ADDRESS = {address: limit for limit in LIMITS for address in limit.addresses}


def limit_of(address: str, method: str) -> Limit | None:
    """The limit at an address, by its name; None where there is none. A HEAD counts as a GET."""
    limit = _BY_ADDRESS.get(address)
    return limit if limit and ("GET" if method == "HEAD" else method) in limit.methods else None


def seconds_to_wait(request: HttpRequest, limit: Limit) -> int:
    """Count this request (a limit of misses is only looked at): 0 when it may go on, else the seconds until it may."""
    if not settings.HOLD_LIMITS:
        return 0
    key = _key(request, limit)
    number, left = _counter().counted(key) if limit.is_of_misses else _counter().count(key, limit.seconds)
    is_too_often = number >= limit.most if limit.is_of_misses else number > limit.most
    return max(1, left) if is_too_often else 0


def count_miss(request: HttpRequest, limit: Limit) -> None:
    """What was asked for is not there."""
    if settings.HOLD_LIMITS:
        _counter().count(_key(request, limit), limit.seconds)


def names_a_thing(found: ResolverMatch | None) -> bool:
    """Whether the address names something that one could guess, and that no limit of its own watches."""
    if found is None or not found.kwargs:
        return False
    name = found.url_name or ""
    is_of_strangers = name in _BY_ADDRESS and _BY_ADDRESS[name].by is By.NETWORK
    return not is_of_strangers and name not in NEVER_GUESSING


def count_guess(request: HttpRequest) -> bool:
    """Someone asked for a thing that is not there. Whether this was the one with which it is enough."""
    if not settings.HOLD_LIMITS:
        return False
    key = _key(request, GUESSING)
    is_new = _counter().add(f"{key}:{salted_hmac('how-often', request.path).hexdigest()[:16]}", True, GUESSING.seconds)
    return is_new and _counter().count(key, GUESSING.seconds)[0] == GUESSING.most


def _counter() -> SharedCache:
    return cast(SharedCache, caches["default"])


def _key(request: HttpRequest, limit: Limit) -> str:
    """Who is counted is in it as a digest only."""
    is_person = limit.by is By.PERSON and request.user.is_authenticated
    who = str(request.user.pk) if is_person else ratelimit.get_ip(request)
    return f"how_often:{limit.name.replace(' ', '_')}:{salted_hmac('how-often', who).hexdigest()[:32]}"
