"""The demonstration's terms for keeping: agreed long ago, and a shorter one that waits for the officer."""

from datetime import datetime, timedelta

from incidents.actions.keeping.terms import OUR_MONTHS, agree_term, choose_term
from incidents.vocabulary import KeptPart
from vpdportal.accounts.models import Organisation, User

ASKED = timedelta(hours=20)
AGREED = {KeptPart.MESSAGES: 12}  # other than our proposal: so that there is something to see in fourteen months
SHORTER = {KeptPart.EVIDENCE: 12}


def set_terms(
    *, organisation: Organisation, administrator: User, officer: User, since: datetime, now: datetime
) -> None:
    """Our proposal but for messages agreed `since`, and a shorter term for files that waits for the officer."""
    for part, months in {**OUR_MONTHS, **AGREED}.items():
        term = choose_term(organisation=organisation, part=part, months=months, by=administrator, now=since)
        agree_term(term=term, by=officer, now=since + timedelta(days=1))
    for part, months in SHORTER.items():
        choose_term(organisation=organisation, part=part, months=months, by=administrator, now=now - ASKED)
