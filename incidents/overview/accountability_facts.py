"""What the portal itself can say about how it is set up here: read from the settings that hold, not from a promise."""

import platform
from collections.abc import Sequence
from datetime import datetime

import django
from django.conf import settings
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from incidents.actions.keeping.terms import OUR_MONTHS, terms_of
from incidents.actions.overview_plans import plan_of
from incidents.overview.document import Cell, Column, Row, Table
from incidents.vocabulary import KeptPart
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import NEEDS_TWO, RIGHTS, Right, Role
from vpdportal.accounts.signing_in.emergency import providers_of
from vpdportal.encryption import keyring


def roles_table(organisation: Organisation, now: datetime) -> Table:
    """Which role may do what, and how many people hold it now."""
    here = memberships_at(now).filter(organisation=organisation).order_by().values_list("role")
    holders: dict[str, int] = dict(here.annotate(people=Count("user", distinct=True)))
    factors = {*organisation.second_factor_roles, *NEEDS_TWO}
    rows = [
        (
            str(role.label),
            "; ".join(str(right.label) for right in Right if right in RIGHTS[role]),
            _("yes") if role in factors else _("no"),
            str(holders.get(role, 0)),
        )
        for role in Role
    ]
    return _table(_("Roles and rights"), (_("Role"), _("May"), _("Second factor"), _("People")), rows)


def terms_table(organisation: Organisation, now: datetime) -> Table:
    """How long each part is kept; without an agreed term nothing of it is destroyed."""
    terms, today = terms_of(organisation), timezone.localdate(now)
    rows = []
    for part in KeptPart:
        months = terms.months(part, today)
        held = _("%(months)s months") % {"months": months} if months else _("not agreed yet: kept")
        rows.append((str(part.label), held, _("%(months)s months") % {"months": OUR_MONTHS[part]}))
    return _table(_("How long it is kept"), (_("What"), _("Holds now"), _("Our starting point")), rows)


def safety_table(organisation: Organisation) -> Table:
    """How it is guarded. Of keys only their names."""
    keys = ", ".join(keyring(settings.FIELD_KEYS))
    idle, whole = settings.SESSION_IDLE_SECONDS // 60, settings.SESSION_SECONDS // 3600
    language = get_language() or settings.LANGUAGE_CODE
    here = [dict(one.names) for one in providers_of(organisation)]
    providers = [names.get(language) or next(iter(names.values())) for names in here if names]
    rows = [
        (_("Signing in with a password"), organisation.get_password_sign_in_display()),
        (_("Signing in through"), ", ".join(providers) or _("the portal only")),
        (
            _("A session ends"),
            _("after %(idle)s minutes of rest, %(whole)s hours at most") % {"idle": idle, "whole": whole},
        ),
        (
            _("Sealed in the database"),
            _("stories, names, notes, reasons, facts and files (AES-256-GCM); keys: %(keys)s") % {"keys": keys},
        ),
        (_("Where the keys are"), _("outside the database and its backups, with who runs the portal")),
        (
            _("Looking and changing"),
            _(
                "each look at a case or a person and each change is written in a log that nobody can change; only its "
                "oldest part goes, by its term"
            ),
        ),
        (_("Sensitive steps"), _("ask to sign in again; roles that open much, terms and requests need two people")),
        (_("Virus scanner"), _("yes") if settings.CLAMD_ADDRESS else _("none: files are marked as not scanned")),
        (_("Organisations apart"), _("by every question to the database, and on PostgreSQL by the database itself")),
    ]
    return _table(_("How it is guarded"), (_("What"), _("How")), [(str(one), str(two)) for one, two in rows])


def leaving_table(organisation: Organisation) -> Table:
    """What can leave the portal, by whom."""
    plan = plan_of(organisation)
    numbers = _("departments under %(team)s people and few reports are not shown; rounded to %(round)s") % {
        "team": plan.smallest_team,
        "round": plan.round_to,
    }
    rows = [
        (_("Mail"), _("a number and a link, never what happened; through %(host)s") % {"host": settings.EMAIL_HOST}),
        (_("Monthly overviews"), numbers),
        (_("Rows for analysis"), _("without persons or words, for a purpose that is written down")),
        (_("Lists of cases"), _("by VPD advisers, written down with the purpose")),
        (_("Letters and police sheets"), _("made for one case, handed over by a person")),
        (_("Answers to requests about data"), _("after the data protection officer decided")),
        (_("Comparison with others"), _("yes, all together") if plan.shares_benchmark else _("no")),
    ]
    return _table(_("What leaves the portal"), (_("What"), _("How")), [(str(one), str(two)) for one, two in rows])


def versions_table() -> Table:
    rows = [("Django", django.get_version()), ("Python", platform.python_version())]
    return _table(_("Versions"), (_("What"), _("Version")), rows)


def data_table() -> Table:
    """Of whom what is kept, and who gets to see it (AVG 30, first paragraph, c and d)."""
    rows = [
        (
            _("Employees"),
            _("name, work address, roles; own reports, how to reach them, aftercare moments, damage"),
            _("VPD advisers; a manager where the reporter allows it; the support team for the contact"),
        ),
        (
            _("People outside the organisation"),
            _("name, by what they are known, what was reported, measures, letters"),
            _("VPD advisers; who signs, for that case; the police after a report; a counter only the instruction"),
        ),
        (_("Never"), _("citizen service number, diagnosis, origin, belief"), "–"),
    ]
    columns = (_("Of whom"), _("What"), _("Who sees it"))
    return _table(_("Data and recipients"), columns, [tuple(str(cell) for cell in row) for row in rows])


def _table(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    return Table(
        title=title,
        columns=tuple(Column(str(column)) for column in columns),
        rows=tuple(Row(tuple(Cell(text) for text in row)) for row in rows),
    )
