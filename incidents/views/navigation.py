"""What stands at the top of every page: where one can go, for which organisation, and as what one is here."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from incidents.views.absences import AWAY
from vpdportal.accounts.access import Standing, standing
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Right

# Name of the address, label, and the right (or one of several) that makes it worth showing (None: everyone).
ENTRIES = (
    ("home", _("Start"), None),
    ("report", _("Report"), Right.REPORT),
    ("work_list", _("Work list"), Right.WORK_CASES),
    ("case_list", _("Cases"), Right.WORK_CASES),
    ("reaction_register", _("Running measures"), Right.WORK_CASES),
    ("my_tasks", _("My tasks"), (Right.BE_GIVEN_TASKS, Right.SIGN)),
    ("team", _("My department"), Right.SEE_TEAM),
    ("person_check", _("Check before a contact"), Right.CHECK_PERSON),
    ("overview_choose", _("Monthly overview"), Right.SEE_OVERVIEW),
    ("analysis", _("Rows for analysis"), Right.EXPORT_ROWS),
    ("administration_choose", _("Administration"), Right.ADMINISTER),
    ("data_requests", _("Requests about data"), Right.HANDLE_DATA_REQUESTS),
    ("audit_choose", _("Audit log"), Right.SEE_AUDIT),
    ("accountability_choose", _("Accountability"), (Right.SEE_AUDIT, Right.ADMINISTER)),
    ("menu_card", _("Menu card"), None),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """What the base template shows; empty for a stranger.

    `mail_trouble`: what does not arrive, if anything; `opened_until`: of a case that is open in need.
    """
    user = getattr(request, "user", None)
    now = getattr(request, "now", None)
    if user is None or now is None or not user.is_authenticated:
        return {}
    here = standing(user, now)
    is_desk = here.may(Right.WORK_CASES)
    entries = [
        {"label": label, "url": reverse(name), "current": _current(request.path, reverse(name))}
        for name, label, right in ENTRIES
        if _may(here, right) and not (name == "my_tasks" and is_desk)
    ]
    organisations = here.organisations(Right.REPORT)
    return {
        "navigation": entries,
        "organisation": organisations[0] if len(organisations) == 1 else None,
        "here_as": ", ".join(str(role.label) for role in here.roles()),
        "has_own_page": here.may(Right.REPORT),
        "mail_trouble": _mail_trouble(user, here),
        "opened_until": getattr(request, "opened_until", None),
    }


def _current(path: str, url: str) -> str:
    """For `aria-current`: this page itself, or that it is in the part of the portal to which this entry leads."""
    if path == url:
        return "page"
    return "true" if url != reverse("home") and path.startswith(url) else ""


def _mail_trouble(user: User, here: Standing) -> str:
    """ "reminders" or "mail", when the mail server refuses this person's address; else empty."""
    if user.mail_refused_at is None:
        return ""
    return "reminders" if any(here.may(right) for right in AWAY) else "mail"


def _may(here: Standing, right: Right | tuple[Right, ...] | None) -> bool:
    if right is None:
        return True
    return any(here.may(one) for one in ((right,) if isinstance(right, Right) else right))
