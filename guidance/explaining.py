"""The because as a sentence, in the language of the screen."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guidance.facts import FACTS
from guidance.menu import load_menu

# What a fact says when it is yes, as a clause after "because". No clause for no: nothing in the menu asks for a no.
YES = {
    "perpetrator.known": gettext_lazy("the perpetrator is known"),
    "perpetrator.breached_measure": gettext_lazy("a running measure was broken"),
    "perpetrator.group": gettext_lazy("it was a group"),
    "perpetrator.benefit_client": gettext_lazy("the perpetrator receives a benefit"),
    "perpetrator.visits_premises": gettext_lazy("the perpetrator comes to our premises"),
    "injury": gettext_lazy("someone is injured"),
    "hospital_admission": gettext_lazy("someone was admitted to hospital"),
    "lasting_injury": gettext_lazy("lasting injury is expected"),
    "death": gettext_lazy("someone died"),
    "complaints": gettext_lazy("there are complaints since"),
    "damage": gettext_lazy("there is damage"),
    "offence_suspected": gettext_lazy("an offence is suspected"),
    "home_involved": gettext_lazy("a home was part of it"),
    "family_involved": gettext_lazy("family was part of it"),
    "weapon": gettext_lazy("there was a weapon"),
    "ongoing_threat": gettext_lazy("the threat is still going on"),
    "threat_to_life": gettext_lazy("someone's life was threatened"),
    "safe_to_meet": gettext_lazy("it is safe to speak with this person"),
    "worked_alone": gettext_lazy("the person hit was working alone"),
    "next_contact_planned": gettext_lazy("a next contact is planned"),
    "contact_would_continue": gettext_lazy("the contact would go on"),
    "public_meeting_announced": gettext_lazy("a public meeting is announced"),
    "criminal_context": gettext_lazy("there are signs of organised crime"),
    "reported_for_other": gettext_lazy("it was reported for someone else"),
}

# Clauses with the fact's value in it.
WITH_VALUE = {
    "severity": gettext_lazy("the severity is %(value)s"),
    "behaviours": gettext_lazy("it concerns %(value)s"),
    "channel": gettext_lazy("it happened %(value)s"),
    "target_group": gettext_lazy("the person hit is: %(value)s"),
    "motive": gettext_lazy("the motive is: %(value)s"),
    "perpetrator.relation": gettext_lazy("the perpetrator is: %(value)s"),
    "reports_in_team_90d": gettext_lazy("the team had %(value)s reports in 90 days"),
    "witnesses": gettext_lazy("%(value)s of the colleagues saw it"),
    "visitor_witnesses": gettext_lazy("%(value)s of the visitors saw it"),
    "sick_leave_days": gettext_lazy("the sick leave lasts %(value)s days or more"),
    "days_until_report": gettext_lazy("the report came after %(value)s days"),
}


def because_text(because: Iterable[dict[str, Any]]) -> str:
    """The sentence for the data of Because.to_data(): "because the perpetrator is known and the severity is 3"."""
    clauses = list(dict.fromkeys(_clause(part["fact"], part["value"]) for part in because))
    if not clauses:
        return ""
    if len(clauses) == 1:
        return _("because %(clause)s") % {"clause": clauses[0]}
    return _("because %(clauses)s and %(last)s") % {"clauses": ", ".join(clauses[:-1]), "last": clauses[-1]}


def _clause(fact: str, value: Any) -> str:
    if fact == "always":
        return _("this belongs to every report")
    if fact == "item":
        return _("“%(item)s” may be chosen") % {"item": load_menu().items[value].title}
    if value is True and fact in YES:
        return str(YES[fact])
    if fact == "perpetrator.earlier_incidents_12m":
        if value == 0:
            return _("it is the first time in 12 months")
        text = ngettext(
            "there was %(count)s earlier incident by this person in 12 months",
            "there were %(count)s earlier incidents by this person in 12 months",
            value,
        )
        return text % {"count": value}
    return str(WITH_VALUE[fact]) % {"value": _shown(fact, value)}


def _shown(fact: str, value: Any) -> str:
    choices = FACTS[fact].choices if fact != "severity" else None  # its number says enough here
    values = value if isinstance(value, (list, tuple)) else [value]
    if not choices:
        return ", ".join(str(one) for one in values)
    return ", ".join(str(choices(one).label).lower() for one in values)
