"""The menu by hand: which items fit, as plain ifs. What the engine answers from its files must be the same.

Written from the menu's text and handbook 11, and it takes nothing of the engine but the facts themselves. The tests
hold the two to each other, and the benchmark measures how much slower the engine is than this.
"""

from typing import NamedTuple

from guidance.facts import Facts

OFFICE_HOLDERS = {
    "mayor",
    "alderman",
    "councillor",
    "council_clerk",
    "kings_commissioner",
    "provincial_executive",
    "provincial_councillor",
    "water_board_chair",
    "water_board_executive",
    "water_board_member",
}
HOME_SCHEME = {
    "mayor",
    "alderman",
    "kings_commissioner",
    "provincial_executive",
    "water_board_chair",
    "water_board_executive",
}
BODILY = {"physical_violence", "spitting", "weapon"}
PERSONAL = {
    "threat",
    "intimidation",
    "discrimination",
    "sexual_harassment",
    "stalking",
    "doxing",
    "online_hate",
    "obstruction",
    "undue_pressure",
    "vandalism",
    "trespass",
}
ROUGH_WORDS = {"verbal_abuse", "insult"}
ONLY_WORDS = {"verbal_abuse", "insult", "discrimination", "other"}
GROUND_FOR_BAN = {"threat", "intimidation", "stalking", "sexual_harassment"}
ALWAYS_REPORTED = {"physical_violence", "threat", "vandalism", "weapon", "doxing", "stalking"}
OF_THE_HOUSE = {"colleague", "office_holder"}
INDOORS = {"counter", "interview_room", "meeting"}
WITH_ALARM = {"counter", "interview_room", "home_visit", "public_space"}

TO_PERPETRATOR = {"R04", "R05", "R06", "R07", "R08", "R09", "R17", "R18", "R20", "R24"}


class Readings(NamedTuple):
    """The facts that can be taken to follow from others: as given, else as read, else None."""

    earlier: int | None
    warned: bool | None
    breached: bool | None
    visits: bool | None
    benefit: bool | None
    safe: bool | None
    goes_on: bool | None
    next_contact: bool | None
    home: bool | None
    weapon: bool | None
    ongoing: bool | None
    injury: bool | None
    offence: bool | None


def fitting(facts: Facts) -> set[str]:  # noqa: C901  sixty ifs are what it is for
    """The codes of the items that fit."""
    read = readings(facts)
    severity = facts.severity or proposed_severity(facts, read)
    behaviours, channel, target = facts.behaviours, facts.channel, facts.target_group
    known = facts.perpetrator_known is True
    repeats = read.earlier is not None and read.earlier >= 1
    offence, home, family = read.offence is True, read.home is True, facts.family_involved is True
    reports = facts.reports_in_team_90d
    is_often = reports is not None and reports >= 3
    is_office = target in OFFICE_HOLDERS
    is_criticism = facts.criticism_only is True
    fits = {"R01", "R03"}

    # Prevention
    if is_often:
        fits.add("P01")
    if severity >= 3 or is_often:
        fits.add("P02")
    if severity >= 2 and (is_often or target == "temporary_or_volunteer"):
        fits.add("P03")
    if severity >= 3 and channel in WITH_ALARM:
        fits.add("P04")
    if (known and read.next_contact is True) or (channel == "home_visit" and severity >= 2):
        fits.add("P05")
    if facts.worked_alone is True and severity >= 2:
        fits.add("P06")
    if channel == "meeting" or (is_office and facts.public_meeting_announced is True and severity >= 3):
        fits.add("P07")
    if target in HOME_SCHEME and (home or family or severity >= 3):
        fits.add("P08")
    elif home or family:
        fits.add("P09")
    if home or family or "doxing" in behaviours or "stalking" in behaviours:
        fits.add("P10")
    if channel == "social_media" or "doxing" in behaviours or "online_hate" in behaviours:
        fits.add("P11")
    if is_office and severity >= 2:
        fits.add("P12")
    if facts.motive == "frustration":
        fits.add("P13")
    if (facts.motive == "uncontrolled" and severity >= 2) or (read.earlier is not None and read.earlier >= 3):
        fits.add("P14")
    if (
        "undue_pressure" in behaviours
        or facts.criminal_context is True
        or (facts.perpetrator_group is True and facts.motive == "instrumental")
    ):
        fits.add("P15")
    if severity >= 2:
        fits.add("P16")
    if facts.reported_for_other is True or (facts.days_until_report is not None and facts.days_until_report > 7):
        fits.add("P17")

    # Reaction, of the organisation itself
    if severity == 4 or read.ongoing is True or read.weapon is True or read.injury is True:
        fits.add("R02")
    if severity >= 2 or offence:
        fits.add("R14")
    if "R14" in fits and channel == "social_media" and (offence or "doxing" in behaviours):
        fits.add("R15")
    if facts.damage is True or read.injury is True:
        fits.add("R16")
    if facts.threat_to_life is True or home or family or (is_office and severity >= 3):
        fits.add("R19")
    if read.breached is True:
        fits.add("R22")
    if severity >= 3 and (is_office or target == "enforcement_officer"):
        fits.add("R25")
    if facts.perpetrator_relation in OF_THE_HOUSE:
        fits.add("R26")

    # Reaction against the person, for which criticism is no ground
    if not is_criticism:
        if offence and (severity >= 3 or not ALWAYS_REPORTED.isdisjoint(behaviours)):
            fits.add("R11")
        if offence:
            fits.add("R12")
        if offence or repeats or home:
            fits.add("R13")
    # What goes to the person: someone must be known to go to
    if known:
        fits.add("R24")
    if known and not is_criticism:
        if "stalking" in behaviours or read.breached is True or (repeats and severity >= 3):
            fits.add("R17")
        if channel == "public_space" and facts.perpetrator_group is True and is_often:
            fits.add("R18")
        if facts.perpetrator_benefit_client is True and target == "social_services" and severity >= 3:
            fits.add("R20")
    # The ladder, not for the organisation's own people
    if known and not is_criticism and facts.perpetrator_relation not in OF_THE_HOUSE:
        if severity == 1 and read.earlier == 0:
            fits.add("R04")
        if severity in (2, 3) and read.safe is True:
            fits.add("R05")
        if severity >= 2 or repeats:
            fits.add("R06")
        if severity >= 3 or (severity == 2 and repeats):
            fits.add("R07")
        if severity >= 3 and (read.ongoing is True or read.next_contact is True or read.goes_on is True):
            fits.add("R08")
        if read.visits is True and (
            severity == 4
            or (severity == 3 and not GROUND_FOR_BAN.isdisjoint(behaviours))
            or (severity >= 2 and repeats)
        ):
            fits.add("R09")
    # What comes with a measure
    is_contact = "R07" in fits or "R08" in fits or "R09" in fits
    if is_contact:
        fits.add("R10")
    if is_contact or read.ongoing is True:
        fits.add("R21")
    if is_contact or "R17" in fits or "R18" in fits or read.breached is True:
        fits.add("R23")

    # Aftercare
    if severity >= 2 or facts.complaints is True:
        fits.add("N01")
        fits.add("N02")
    if severity >= 2:
        fits.add("N03")
        fits.add("N04")
    if severity >= 3:
        fits.add("N05")
        fits.add("N06")
    if severity >= 2:
        fits.add("N07")
    if severity >= 3 or facts.complaints is True:
        fits.add("N08")
    if (
        read.injury is True
        or facts.hospital_admission is True
        or facts.lasting_injury is True
        or facts.death is True
        or facts.complaints is True
        or (facts.sick_leave_days is not None and facts.sick_leave_days >= 1)
    ):
        fits.add("N09")
    if offence or read.injury is True or (facts.visitor_witnesses is not None and facts.visitor_witnesses >= 1):
        fits.add("N10")
    if severity >= 2 and facts.witnesses is not None and facts.witnesses >= 1:
        fits.add("N11")
    if home or family or target == "relative" or (is_office and severity >= 3):
        fits.add("N12")
    if severity >= 2 and (is_office or target == "municipal_secretary"):
        fits.add("N13")
    if facts.death is True or facts.hospital_admission is True or facts.lasting_injury is True:
        fits.add("N14")
    if facts.sick_leave_days is not None and facts.sick_leave_days > 3:
        fits.add("N15")
    if severity >= 2 and read.goes_on is True:
        fits.add("N16")
    if "spitting" in behaviours:
        fits.add("N17")
    return fits


def readings(facts: Facts) -> Readings:  # noqa: C901
    """What is taken to follow from the facts. A fact that was given stays as it is."""
    behaviours = facts.behaviours
    known = facts.perpetrator_known
    earlier, warned = facts.perpetrator_earlier_incidents_12m, facts.perpetrator_warned_for_same_conduct
    breached, visits = facts.perpetrator_breached_measure, facts.perpetrator_visits_premises
    benefit, safe = facts.perpetrator_benefit_client, facts.safe_to_meet
    goes_on, next_contact = facts.contact_would_continue, facts.next_contact_planned
    home, weapon, ongoing = facts.home_involved, facts.weapon, facts.ongoing_threat
    injury, offence = facts.injury, facts.offence_suspected
    if known is False:
        earlier = 0 if earlier is None else earlier
        warned = False if warned is None else warned
        breached = False if breached is None else breached
        visits = False if visits is None else visits
        benefit = False if benefit is None else benefit
        safe = False if safe is None else safe
        goes_on = False if goes_on is None else goes_on
        next_contact = False if next_contact is None else next_contact
    elif known is True and visits is None and facts.channel in INDOORS:
        visits = True
    if home is None and facts.channel == "private_home":
        home = True
    if ONLY_WORDS.issuperset(behaviours):
        weapon = False if weapon is None else weapon
        ongoing = False if ongoing is None else ongoing
    if warned is None and earlier == 0:
        warned = False
    if weapon is None and "weapon" in behaviours:
        weapon = True
    if injury is None and (facts.hospital_admission is True or facts.lasting_injury is True or facts.death is True):
        injury = True
    if offence is None and ("physical_violence" in behaviours or "weapon" in behaviours):
        offence = True
    if safe is None:
        if weapon is True or "weapon" in behaviours or ongoing is True or warned is True:
            safe = False
        elif weapon is False and ongoing is False and warned is False:
            safe = True
    return Readings(
        earlier, warned, breached, visits, benefit, safe, goes_on, next_contact, home, weapon, ongoing, injury, offence
    )


def proposed_severity(facts: Facts, read: Readings) -> int:
    """1 to 4, the highest that the facts ask for."""
    behaviours = facts.behaviours
    if (
        not BODILY.isdisjoint(behaviours)
        or read.weapon is True
        or facts.hospital_admission is True
        or facts.lasting_injury is True
        or facts.death is True
        or (read.home is True and "vandalism" in behaviours)
    ):
        return 4
    if (
        not PERSONAL.isdisjoint(behaviours)
        or facts.threat_to_life is True
        or facts.channel == "private_home"
        or read.home is True
        or facts.family_involved is True
    ):
        return 3
    if not ROUGH_WORDS.isdisjoint(behaviours):
        return 3 if read.earlier is not None and read.earlier >= 1 else 2
    return 1


def waiting(facts: Facts) -> set[str]:
    """The codes of what has to wait: all that goes to the perpetrator, while the police ask for it."""
    return TO_PERPETRATOR if facts.police_ask_to_wait is True else set()


def first_of(facts: Facts, fits: set[str]) -> list[str]:
    """What stands in front of all else: where nobody is known, securing evidence and then the notice to the police."""
    return [code for code in ("R14", "R13") if code in fits] if facts.perpetrator_known is False else []


def behind(fits: set[str], read: Readings) -> dict[str, set[str]]:
    """What waits until one of others is chosen or held, each with those others."""
    contact = fits & {"R07", "R08", "R09"}
    found = {"R10": contact, "N03": {"N02"}, "N04": {"N02"}, "R15": {"R14"}}
    if read.ongoing is not True:
        found["R21"] = contact
    if read.breached is not True:
        found["R23"] = contact | (fits & {"R17", "R18"})
    return {code: others for code, others in found.items() if code in fits}


def offences(facts: Facts, read: Readings) -> set[str]:
    """The articles of the possible offences (handbook 2.5)."""
    if facts.criticism_only is True:
        return set()
    behaviours, is_instrumental = set(facts.behaviours), facts.motive == "instrumental"
    is_officer = facts.target_group == "enforcement_officer"
    hints = {
        "285 Sr": "threat" in behaviours or facts.threat_to_life is True,
        "285b Sr": "stalking" in behaviours,
        "285d Sr": "doxing" in behaviours,
        "266 / 267 Sr": bool(behaviours & {"insult", "verbal_abuse"}),
        "261 / 262 Sr": "online_hate" in behaviours,
        "137c / 137d Sr": "discrimination" in behaviours,
        "179 Sr": "undue_pressure" in behaviours
        or (is_instrumental and bool(behaviours & {"threat", "physical_violence"})),
        "180 Sr": is_officer and "physical_violence" in behaviours,
        "184 Sr": is_officer and "obstruction" in behaviours,
        "284 Sr": "undue_pressure" in behaviours or (is_instrumental and "intimidation" in behaviours),
        "300-304 Sr": bool(behaviours & {"physical_violence", "spitting"}),
        "141 Sr": facts.perpetrator_group is True and bool(behaviours & {"physical_violence", "vandalism"}),
        "240 e.v. / 429ter Sr": "sexual_harassment" in behaviours,
        "350 Sr": "vandalism" in behaviours,
        "138 / 139 Sr": "trespass" in behaviours or (read.breached is True and read.visits is True),
    }
    return {article for article, is_hint in hints.items() if is_hint}


NOT_ALWAYS_FIRST = {
    *("criticism_only", "police_ask_to_wait", "hospital_admission", "lasting_injury", "death", "sick_leave_days"),
    *("home_involved", "family_involved", "threat_to_life", "criminal_context", "perpetrator.group"),
    *("perpetrator.breached_measure", "perpetrator.benefit_client", "public_meeting_announced"),
    *("reports_in_team_90d", "days_until_report", "reported_for_other"),
}


def asked_later(facts: Facts, read: Readings) -> set[str]:
    """The facts whose questions stand behind the others, as long as they are not near."""
    severity = facts.severity or proposed_severity(facts, read)
    near = set()
    if severity <= 2:
        near.add("criticism_only")
    if read.offence is True:
        near.add("police_ask_to_wait")
    if read.injury is True or severity == 4:
        near |= {"hospital_admission", "lasting_injury", "death", "sick_leave_days"}
    if facts.complaints is True:
        near.add("sick_leave_days")
    if severity >= 3:
        near |= {"home_involved", "family_involved", "threat_to_life", "criminal_context", "perpetrator.group"}
    if read.earlier is not None and read.earlier >= 1:
        near.add("perpetrator.breached_measure")
    if facts.target_group == "social_services":
        near.add("perpetrator.benefit_client")
    if facts.target_group in OFFICE_HOLDERS:
        near.add("public_meeting_announced")
    return NOT_ALWAYS_FIRST - near
