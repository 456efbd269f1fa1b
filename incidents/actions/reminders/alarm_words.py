"""What a mail says of each alarm, and where its link leads: a sentence about the organisation, and of nobody in it."""

from collections.abc import Collection

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents.vocabulary import AlarmKind
from vpdportal.accounts.models import Organisation

# In the order in which a mail tells them: sentence, name of the address, and whether that is of the organisation.
WORDS: dict[AlarmKind, tuple[Promise, str, bool]] = {
    AlarmKind.NO_ADVISER: (
        _("%(name)s: nobody is there to act on reports. Appoint a VPD adviser or a deputy today."),
        "home",
        False,
    ),
    AlarmKind.LATE_UNHEARD: (
        _("%(name)s: a task has been too late for long, and nobody else can hear of it. Appoint a deputy."),
        "home",
        False,
    ),
    AlarmKind.MAIL_REFUSED: (
        _("%(name)s: mail to someone does not arrive. The machine room says to whom."),
        "machine_room",
        True,
    ),
    AlarmKind.GLASS_BROKEN: (
        _("%(name)s: a restricted case was opened in need. Look whether it was right."),
        "restricted_cases",
        False,
    ),
    AlarmKind.ROLE_PROPOSED: (_("%(name)s: a role waits for your agreement."), "role_proposals", True),
    AlarmKind.ROLE_GIVEN: (
        _("%(name)s: someone was given a role that opens much. Look whether that is right."),
        "role_proposals",
        True,
    ),
    AlarmKind.EMERGENCY_SIGN_IN: (
        _("%(name)s: someone signed in with an emergency account. Look whether that was needed."),
        "home",
        False,
    ),
    AlarmKind.DATA_REQUEST_DUE: (
        _("%(name)s: a request about personal data is nearly too late, or too late."),
        "data_requests",
        False,
    ),
    AlarmKind.LOG_REVIEW: (
        _("%(name)s: the sample of the audit log waits for your signature."),
        "log_reviews",
        True,
    ),
    AlarmKind.RETENTION_CHOSEN: (
        _("%(name)s: a term for keeping data waits for your agreement."),
        "retention_terms",
        True,
    ),
    AlarmKind.RETENTION_DUE: (
        _("%(name)s: data will be destroyed within 30 days, or a hold is to be looked at again."),
        "retention_preview",
        True,
    ),
    AlarmKind.RETENTION_FAILED: (
        _("%(name)s: data that had to be destroyed could not be. It is tried again each day."),
        "retention_terms",
        True,
    ),
    AlarmKind.OVERVIEW_HELD: (
        _("%(name)s: a new overview could not be shown yet. The overview page says more."),
        "overview_latest",
        True,
    ),
}


def words_of(organisation: Organisation, kinds: Collection[str]) -> list[tuple[str, str]]:
    """Sentence and link of each of these alarms, in the language that is on."""
    return [
        (
            str(sentence) % {"name": organisation.name},
            settings.PORTAL_URL + reverse(address, args=[organisation.slug] if is_of_organisation else []),
        )
        for kind, (sentence, address, is_of_organisation) in WORDS.items()
        if kind in kinds
    ]
