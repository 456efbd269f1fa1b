"""The whole rights model, on one page: which role there is, and what each may do in its own organisation.

What a role may do with one case also depends on the relation to it: incidents.querysets. Source: design of access,
handbook 7.2 ("who sees what").
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person is in one organisation. One person can be several things, in several organisations."""

    EMPLOYEE = "employee", _("Employee")
    MANAGER = "manager", _("Manager")
    SUPPORT = "support", _("Collegial support team")
    ADVISER = "adviser", _("VPD adviser")
    DEPUTY = "deputy", _("Deputy VPD adviser")
    LEGAL = "legal", _("Legal adviser")
    MANAGEMENT = "management", _("Management")
    ADMINISTRATOR = "administrator", _("Functional administrator")
    AUDITOR = "auditor", _("Data protection officer")
    ANALYST = "analyst", _("Analyst")


class Right(models.TextChoices):
    """What can be done as a role, before any single case is looked at."""

    REPORT = "report", _("Report aggression")
    WORK_CASES = "work_cases", _("Work on the organisation's cases")
    BE_GIVEN_TASKS = "be_given_tasks", _("Be given tasks")
    HANDLE_PERSONS = "handle_persons", _("Handle what is kept of people outside the organisation")
    EXPORT_CASES = "export_cases", _("Take lists of cases out of the portal")
    IMPORT_CASES = "import_cases", _("Bring in cases from an earlier registration")
    SIGN = "sign", _("Sign measures that are laid before them")
    CHECK_PERSON = "check_person", _("Ask whether a measure runs against someone, before a contact")
    SEE_TEAM = "see_team", _("See own department's reports where the reporter allows it")
    SEE_OVERVIEW = "see_overview", _("See monthly overviews")
    SEE_EXACT_FIGURES = "see_exact_figures", _("See the exact figures behind the overviews")
    EXPORT_ROWS = "export_rows", _("Take out one row for each report, without persons or words")
    ADMINISTER = "administer", _("Manage people, roles, departments and the menu card")
    TRY_MENU = "try_menu", _("Try the menu with made-up facts")
    SEE_AUDIT = "see_audit", _("See who saw and changed what")
    HANDLE_DATA_REQUESTS = "handle_data_requests", _("Handle what people ask about their own data")
    DECIDE_PRIVACY = "decide_privacy", _("Agree with terms and roles, decide on data requests, sign reviews of the log")


# Everyone with any role may report: the one right that nobody has to ask for.
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.EMPLOYEE: frozenset({Right.REPORT, Right.CHECK_PERSON}),
    Role.MANAGER: frozenset({Right.REPORT, Right.BE_GIVEN_TASKS, Right.SEE_TEAM, Right.SIGN, Right.CHECK_PERSON}),
    Role.SUPPORT: frozenset({Right.REPORT, Right.BE_GIVEN_TASKS}),
    Role.ADVISER: frozenset(
        {
            *(Right.REPORT, Right.BE_GIVEN_TASKS, Right.WORK_CASES, Right.HANDLE_PERSONS, Right.CHECK_PERSON),
            *(Right.SEE_OVERVIEW, Right.SEE_EXACT_FIGURES, Right.TRY_MENU, Right.EXPORT_CASES),
            *(Right.IMPORT_CASES, Right.HANDLE_DATA_REQUESTS),
        }
    ),
    Role.DEPUTY: frozenset(
        {
            *(Right.REPORT, Right.BE_GIVEN_TASKS, Right.WORK_CASES, Right.HANDLE_PERSONS, Right.CHECK_PERSON),
            Right.TRY_MENU,
        }
    ),
    Role.LEGAL: frozenset({Right.REPORT, Right.BE_GIVEN_TASKS, Right.SIGN}),
    Role.MANAGEMENT: frozenset({Right.REPORT, Right.SEE_OVERVIEW, Right.SIGN}),
    Role.ADMINISTRATOR: frozenset({Right.REPORT, Right.ADMINISTER, Right.TRY_MENU}),
    Role.AUDITOR: frozenset(
        {Right.REPORT, Right.SEE_AUDIT, Right.SEE_OVERVIEW, Right.HANDLE_DATA_REQUESTS, Right.DECIDE_PRIVACY}
    ),
    Role.ANALYST: frozenset({Right.REPORT, Right.EXPORT_ROWS}),
}

DESK_ROLES = [role for role in Role if Right.WORK_CASES in RIGHTS[role]]

# [OWN] Given by two people (design of access, R8): one administrator who turns bad, or whose screen is taken over, must
# not be able to open the cases alone. Adviser and deputy open all cases; an administrator gives roles; the data
# protection officer is who agrees and controls; an analyst takes rows out. Not: employee and manager (own reports, and
# those of a department where the reporter allows it), support, legal (only what they are asked for), management
# (numbers that point at nobody, and what is laid before them to sign).
NEEDS_TWO = frozenset({Role.ADVISER, Role.DEPUTY, Role.ADMINISTRATOR, Role.AUDITOR, Role.ANALYST})
DEPUTY_DAYS = 90  # at most, at a time (design of access, R10)

# Who controls may not be who is controlled (design of access, R11). R11 also parts the system administrator from the
# adviser: the portal has no such role. Who has the machine and its keys is nobody here and has no account by that; the
# commands that such a person can give stand in the audit trail as the installation's.
FORBIDDEN_PAIRS: frozenset[frozenset[Role]] = frozenset(
    {
        frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
        frozenset({Role.ADVISER, Role.AUDITOR}),
        frozenset({Role.DEPUTY, Role.AUDITOR}),
    }
)
