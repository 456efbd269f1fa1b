"""Reasons and conditions as sentences, in the language of the screen."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guidance.facts import FACTS
from guidance.menu import Item
from guidance.rules import Alternative, Condition, Test

# What a fact says when it is yes and when it is no, as a clause after "because" or "when".
YES = {
    "perpetrator.known": gettext_lazy("the perpetrator is known"),
    "perpetrator.warned_for_same_conduct": gettext_lazy("the perpetrator was warned before for the same conduct"),
    "perpetrator.breached_measure": gettext_lazy("a running measure was broken"),
    "perpetrator.group": gettext_lazy("it was a group"),
    "perpetrator.minor": gettext_lazy("the perpetrator is a minor"),
    "perpetrator.benefit_client": gettext_lazy("the perpetrator receives a benefit"),
    "perpetrator.knows_victims_name": gettext_lazy("the perpetrator knows the name of the person hit"),
    "perpetrator.visits_premises": gettext_lazy("the perpetrator comes to our premises"),
    "injury": gettext_lazy("someone is injured"),
    "hospital_admission": gettext_lazy("someone was admitted to hospital"),
    "lasting_injury": gettext_lazy("lasting injury is expected"),
    "death": gettext_lazy("someone died"),
    "complaints": gettext_lazy("there are complaints since"),
    "damage": gettext_lazy("there is damage"),
    "offence_suspected": gettext_lazy("an offence is suspected"),
    "police_ask_to_wait": gettext_lazy("the police ask to wait"),
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
    "criticism_only": gettext_lazy("it is criticism without aggression"),
}
NO = {
    "perpetrator.known": gettext_lazy("the perpetrator is not known"),
    "perpetrator.warned_for_same_conduct": gettext_lazy("the perpetrator was not warned before for the same conduct"),
    "perpetrator.breached_measure": gettext_lazy("no running measure was broken"),
    "perpetrator.group": gettext_lazy("it was not a group"),
    "perpetrator.minor": gettext_lazy("the perpetrator is of age"),
    "perpetrator.benefit_client": gettext_lazy("the perpetrator receives no benefit"),
    "perpetrator.knows_victims_name": gettext_lazy("the perpetrator does not know the name of the person hit"),
    "perpetrator.visits_premises": gettext_lazy("the perpetrator does not come to our premises"),
    "injury": gettext_lazy("nobody is injured"),
    "hospital_admission": gettext_lazy("nobody was admitted to hospital"),
    "lasting_injury": gettext_lazy("no lasting injury is expected"),
    "death": gettext_lazy("nobody died"),
    "complaints": gettext_lazy("there are no complaints since"),
    "damage": gettext_lazy("there is no damage"),
    "offence_suspected": gettext_lazy("no offence is suspected"),
    "police_ask_to_wait": gettext_lazy("the police do not ask to wait"),
    "home_involved": gettext_lazy("no home was part of it"),
    "family_involved": gettext_lazy("no family was part of it"),
    "weapon": gettext_lazy("there was no weapon"),
    "ongoing_threat": gettext_lazy("the threat is over"),
    "threat_to_life": gettext_lazy("nobody's life was threatened"),
    "safe_to_meet": gettext_lazy("it is not safe to speak with this person"),
    "worked_alone": gettext_lazy("the person hit was not working alone"),
    "next_contact_planned": gettext_lazy("no next contact is planned"),
    "contact_would_continue": gettext_lazy("the contact would not go on"),
    "public_meeting_announced": gettext_lazy("no public meeting is announced"),
    "criminal_context": gettext_lazy("there are no signs of organised crime"),
    "reported_for_other": gettext_lazy("the person hit reported it"),
    "criticism_only": gettext_lazy("it is more than criticism"),
}

# Clauses with the fact's value in it.
WITH_VALUE = {
    "severity": gettext_lazy("the severity is %(value)s"),
    "behaviours": gettext_lazy("it concerns %(value)s"),
    "channel": gettext_lazy("it happened %(value)s"),
    "target_group": gettext_lazy("the person hit is: %(value)s"),
    "perpetrator.relation": gettext_lazy("the perpetrator is: %(value)s"),
}
# Clauses with a number in them: singular and plural.
NUMBERS: dict[str, Callable[[int], str]] = {
    "perpetrator.earlier_incidents_12m": lambda count: ngettext(
        "there was %(count)s earlier incident by this person in 12 months",
        "there were %(count)s earlier incidents by this person in 12 months",
        count,
    ),
    "reports_in_team_90d": lambda count: ngettext(
        "the team had %(count)s report in 90 days", "the team had %(count)s reports in 90 days", count
    ),
    "witnesses": lambda count: ngettext("%(count)s colleague saw it", "%(count)s colleagues saw it", count),
    "visitor_witnesses": lambda count: ngettext("%(count)s visitor saw it", "%(count)s visitors saw it", count),
    "sick_leave_days": lambda count: ngettext(
        "there is %(count)s day of sick leave", "there are %(count)s days of sick leave", count
    ),
    "days_until_report": lambda count: ngettext(
        "the report came after %(count)s day", "the report came after %(count)s days", count
    ),
}
MOTIVES = {
    "frustration": gettext_lazy("it came from frustration"),
    "instrumental": gettext_lazy("it was meant to get something done"),
    "uncontrolled": gettext_lazy("the person was not in control"),
    "unknown": gettext_lazy("the motive is not known"),
}
# What is counted, for "… is at least 3".
COUNTED = {
    "severity": gettext_lazy("the severity"),
    "perpetrator.earlier_incidents_12m": gettext_lazy("the number of earlier incidents by this person in 12 months"),
    "reports_in_team_90d": gettext_lazy("the number of reports in the team in 90 days"),
    "witnesses": gettext_lazy("the number of colleagues who saw it"),
    "visitor_witnesses": gettext_lazy("the number of visitors who saw it"),
    "sick_leave_days": gettext_lazy("the number of days of sick leave"),
    "days_until_report": gettext_lazy("the number of days until the report"),
}
GROUP_NAMES = {
    "office_holders": gettext_lazy("an office holder"),
    "home_scheme": gettext_lazy("an executive whom the national scheme for home security covers"),
}


def because_text(because: Iterable[Mapping[str, Any]], items: Mapping[str, Item]) -> str:
    """The sentence for the data of Because.to_data(): "because the perpetrator is known and the severity is 3"."""
    parts = list(because)
    clauses = [_clause(part["fact"], part["value"]) for part in parts if part["fact"] != "item"]
    leaders = [f"“{items[part['value']].title}”" for part in parts if part["fact"] == "item"]
    if leaders:
        clauses.append(_("%(items)s may be chosen") % {"items": _listed(leaders, _("or"))})
    clauses = list(dict.fromkeys(clauses))
    if not clauses:
        return ""
    return _("because %(clauses)s") % {"clauses": _listed(clauses, _("and"))}


def reason_text(because: Iterable[Mapping[str, Any]], item: Item, items: Mapping[str, Item]) -> str:
    """The because with where it comes from: "because … (national norm: react within 48 hours)"."""
    return f"{because_text(because, items)} ({item.ground})"


def _clause(fact: str, value: Any) -> str:
    if fact == "always":
        return _("this belongs to every report")
    if isinstance(value, bool):
        return str((YES if value else NO)[fact])
    if fact == "perpetrator.earlier_incidents_12m" and value == 0:
        return _("it is the first time in 12 months")
    if fact in NUMBERS:
        return NUMBERS[fact](value) % {"count": value}
    return _with_value(fact, value, _("and"))


def condition_sentences(condition: Condition) -> list[str]:
    """One sentence for each alternative: "when the severity is at least 3 and the perpetrator is known"."""
    return [alternative_sentence(alternative) for alternative in condition]


def alternative_sentence(alternative: Alternative) -> str:
    if not alternative:
        return _("always")
    return _("when %(clauses)s") % {"clauses": _listed([test_clause(test) for test in alternative], _("and"))}


def test_clause(test: Test) -> str:
    """What a test asks, as a clause: "the severity is at least 3"."""
    if isinstance(test.operand, bool):
        return str((YES if test.operand else NO)[test.fact])
    if test.operator in {"min", "max"}:
        text = (
            _("%(counted)s is at least %(value)s") if test.operator == "min" else _("%(counted)s is at most %(value)s")
        )
        return text % {"counted": COUNTED[test.fact], "value": test.operand}
    if test.operator == "group":
        return str(WITH_VALUE[test.fact]) % {"value": GROUP_NAMES[test.operand]}
    if test.operator == "only":
        return _("it concerns nothing but %(value)s") % {"value": _shown(test.fact, test.operand, _("or"))}
    if test.fact in COUNTED and test.fact != "severity":
        return _("%(counted)s is %(value)s") % {"counted": COUNTED[test.fact], "value": test.operand}
    return _with_value(test.fact, test.operand, _("or"))


def _with_value(fact: str, value: Any, between: str) -> str:
    values = value if isinstance(value, (list, tuple)) else [value]
    if fact == "motive":
        return _listed([str(MOTIVES[one]) for one in values], between)
    return str(WITH_VALUE[fact]) % {"value": _shown(fact, value, between)}


def _shown(fact: str, value: Any, between: str) -> str:
    choices = FACTS[fact].choices if fact != "severity" else None  # its number says enough here
    values = value if isinstance(value, (list, tuple)) else [value]
    if not choices:
        return _listed([str(one) for one in values], between)
    return _listed([_lower_first(str(choices(one).label)) for one in values], between)


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _listed(parts: list[str], between: str) -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {between} {parts[-1]}"


def fact_text(fact: str, value: Any) -> str:
    """A fact's value as a word for a list of facts: "yes", "3", "Threat, Insult"."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    choices = FACTS[fact].choices
    values = value if isinstance(value, (list, tuple)) else [value]
    return ", ".join(str(choices(one).label) if choices else str(one) for one in values)
