"""A desk full of odd things, by the real actions: what every page of a case has to be able to show."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.timezone import localdate

from incidents.actions.breaches import record_breach
from incidents.actions.calendar_feeds import make_feed
from incidents.actions.care import Appointment, Someone, add_care, plan_care
from incidents.actions.care_answers import ask_other_moment
from incidents.actions.case import add_note
from incidents.actions.damage import add_damage, change_damage
from incidents.actions.informing import put_off_telling
from incidents.actions.letters import mark_sent
from incidents.actions.linking import link_cases
from incidents.actions.measures import adapt_measure, decline_measure, hold_measure
from incidents.actions.merging import merge_cases
from incidents.actions.own_tasks import WantedTask, add_own_task
from incidents.actions.person_openings import open_person
from incidents.actions.persons import Typed, make_person
from incidents.actions.police_sheets import change_sheet, file_sheet, record_outcome, start_sheet
from incidents.actions.reaction_ends import end_early
from incidents.actions.reaction_signing import agree, withdraw
from incidents.actions.saved_lists import keep_list
from incidents.models import CareMoment, DamageLine, Heartbeat, Incident, Letter, Person, PoliceSheet, Reaction, Task
from incidents.vocabulary import (
    Beat,
    CareFor,
    DamageKind,
    DamageOf,
    DelayGround,
    EndKind,
    FiledBy,
    InvolvedAs,
    LinkKind,
    MailTrouble,
    OpeningPurpose,
    PoliceKind,
    PoliceOutcome,
    SentBy,
)
from tests import clock
from tests.incidents.letters import make
from tests.incidents.reactions import drafted, proposed, running, signed, step
from tests.mails import failed_mail
from tests.world import Place, make_incident, open_task

WORDS = "Hij riep dat hij ons allemaal wist te vinden, en sloeg met een paraplu op de balie. 😡 " * 3
NAME = "Aart-Jan Willem Frederik van den Verzonnen-Nooit-Bestaan tot Fictiedorp en Vlinderwaard 😤 " + "x" * 30
ASKED = {"phone": "0612345678", "reason": "Huisbezoek morgen om tien uur."}


@dataclass
class Desk:
    """What the pages are about. `waits`: for a signature; `looked`: first for who looks along."""

    case: Incident
    twin: Incident
    person: Person
    stranger: Person
    draft: Reaction
    waits: Reaction
    looked: Reaction
    signed: Reaction
    runs: Reaction
    ended: Reaction
    withdrawn: Reaction
    letter: Letter
    sent: Letter
    sheet: PoliceSheet
    filed: PoliceSheet
    talk: Task
    moment: CareMoment
    line: DamageLine


def fill_desk(town: Place) -> Desk:
    """One case with everything in it, and what hangs together with it."""
    town.organisation.postal_address = "Postbus 1000\n9999 ZZ Vlinderwaard"
    town.organisation.save()
    case = make_incident(
        town,
        behaviours=("threat",),
        perpetrator_visits_premises=True,
        offence_suspected=True,
        family_involved=True,
        wants_support=True,
        story=WORDS,
        place="p" * 200,
    )
    person, stranger = people_of(town, case)
    reactions = reactions_of(town, case, person)
    sent, letter = letters_of(town, case, person)
    filed, sheet = sheets_of(town, case)
    line = damage_of(town, case)
    talk, moment = care_of(town, case)
    advices_of(town, case)
    add_note(incident=case, text="n" * 200 + "\n" + WORDS, by=town.adviser, now=clock.now())
    wanted = WantedTask("Bel de afdeling " + "t" * 120, town.support, clock.now() + timedelta(days=9))
    add_own_task(incident=case, wanted=wanted, by=town.adviser, now=clock.now())
    filters = {"severity": ["3"], "department": [str(town.department.pk)]}
    for page, name in (("work_list", "Dreiging aan de balie 🚨"), ("case_list", "l" * 60)):
        keep_list(page=page, name=name, filters=filters, by=town.adviser, now=clock.now())
    make_feed(user=town.adviser, seen="", now=clock.now())
    fill_machine_room(town)
    return Desk(
        case=case,
        twin=cases_beside(town, case),
        person=person,
        stranger=stranger,
        letter=letter,
        sent=sent,
        sheet=sheet,
        filed=filed,
        talk=talk,
        moment=moment,
        line=line,
        **reactions,
    )


def fill_machine_room(town: Place) -> None:
    """Everything is wrong, and a mail failed for each reason; one of them without any."""
    Heartbeat.objects.create(name=Beat.MAIL_FAILING, at=clock.now() - timedelta(hours=30))
    town.legal.name = NAME[:120]
    town.legal.save()
    for trouble in ("", *MailTrouble):
        failed_mail(town.legal, trouble=trouble, failure="SMTPRecipientsRefused " + "5" * 50, attempts=24)


def people_of(town: Place, case: Incident) -> tuple[Person, Person]:
    """Who did it, by a name that no line can hold and opened by the adviser; and a relative who stays shut."""
    phone, mail = ASKED["phone"], "een.heel.lang.adres.dat.niemand.heeft@verzonnen-bestaat-niet-vlinderwaard.invalid"
    known = {"phone": [phone, "0687654321"], "email": [mail], "plate": ["AB-12-CD"], "address": ["1234 AB 12"]}
    typed = Typed(name=NAME, identifiers=known, relation="citizen", is_minor=False, remark="r" * 200)
    how: dict[str, Any] = {"incident": case, "seen": set(), "by": town.adviser, "now": clock.now()}
    did_it = make_person(typed=typed, **how)
    relative = make_person(typed=Typed(name="Tante Verzonnen", role=InvolvedAs.RELATIVE, is_minor=True), **how)
    until = localdate(clock.now()) + timedelta(days=20)
    put_off_telling(
        involvement=did_it, ground=DelayGround.SAFETY, reason=WORDS, until=until, by=town.adviser, now=clock.now()
    )
    open_person(
        person=did_it.person,
        purpose=OpeningPurpose.HANDLE,
        reason=WORDS,
        incident=case,
        by=town.adviser,
        now=clock.now(),
    )
    return did_it.person, relative.person


def reactions_of(town: Place, case: Incident, person: Person) -> dict[str, Reaction]:
    """One at each step."""
    said = {"person": person, "conduct": WORDS, "instruction": WORDS, "scope": "s" * 150}
    ended = running(case, town, "civil_order", **said)
    step(end_early, ended, town.adviser, end_kind=EndKind.EARLY, reason=WORDS)
    runs = running(case, town, "ban", **said)
    for told in (True, False):
        record_breach(
            reaction=runs, happened_at=clock.now(), words=WORDS, is_police_told=told, by=town.adviser, now=clock.now()
        )
    gone = drafted(case, town, "conditions", **said)
    step(withdraw, gone, town.adviser, reason=WORDS)
    to_give = signed(case, town, "conditions", **said)
    waits = proposed(case, town, "warning", **said, signer=town.legal)
    return {
        "ended": ended,
        "withdrawn": gone,
        "signed": to_give,
        "runs": runs,
        "looked": proposed(case, town, "pause", **said),
        "waits": step(agree, waits, town.deputy),
        "draft": drafted(case, town, "talk", **said),
    }


def letters_of(town: Place, case: Incident, person: Person) -> tuple[Letter, Letter]:
    """One sent, and one on which someone is still writing."""
    sent = make(town, case, "avg14", person=person)
    today = localdate(clock.now())
    mark_sent(letter=sent, seen=1, sent_on=today, sent_by=SentBy.POST, by=town.adviser, now=clock.now())
    return sent, make(town, case, person=person)


def sheets_of(town: Place, case: Incident) -> tuple[PoliceSheet, PoliceSheet]:
    """One filed, with an outcome, and one half done."""
    how: dict[str, Any] = {"by": town.adviser, "now": clock.now()}
    today = localdate(clock.now())
    filed = start_sheet(incident=case, kind=PoliceKind.NOTICE, filed_by=FiledBy.EMPLOYER, **how)
    filed = file_sheet(
        sheet=filed,
        revision=filed.revision,
        on=today,
        police_number="PL0900-2026123456-1",
        contact="c" * 100,
        is_vpt_code_asked=True,
        **how,
    )
    record_outcome(sheet=filed, revision=filed.revision, outcome=PoliceOutcome.INQUIRY, on=today, words=WORDS, **how)
    half = start_sheet(incident=case, kind=PoliceKind.AANGIFTE, filed_by=FiledBy.EMPLOYER, **how)
    half = change_sheet(
        sheet=half,
        revision=half.revision,
        answers={"who": "w" * 120, "how": WORDS},
        evidence=[],
        is_vpt_code_asked=False,
        is_under_number=False,
        **how,
    )
    return filed, half


def damage_of(town: Place, case: Incident) -> DamageLine:
    """Of both sides; one of them claimed."""
    for of, kind, words, cents in (
        (DamageOf.ORGANISATION, DamageKind.BUILDING, "g" * 150, 1_234_567_89),
        (DamageOf.VICTIM, DamageKind.IMMATERIAL, "Smartengeld 😔", 50),
        (DamageOf.VICTIM, DamageKind.GOODS, "Bril en jas", 249_95),
    ):
        line = add_damage(incident=case, of=of, kind=kind, words=words, amount=cents, by=town.adviser, now=clock.now())
    claimed = {"route": "joining", "claimed": 249_95, "claimed_on": localdate(clock.now())}
    return change_damage(line=line, revision=line.revision, values=claimed, by=town.adviser, now=clock.now())


def care_of(town: Place, case: Incident) -> tuple[Task, CareMoment]:
    """A talk for which the person asked another moment, and one for a witness by name."""
    talk = open_task(case, "N02")
    when = Appointment(clock.now() + timedelta(days=1), "k" * 80, town.support)
    moment = plan_care(task=talk, appointment=when, revision=0, by=town.adviser, now=clock.now())
    ask_other_moment(
        incident=case, key=moment.pk, revision=moment.revision, wish=WORDS, by=town.employee, now=clock.now()
    )
    add_care(
        incident=case,
        someone=Someone(CareFor.RELATIVE, name="Partner " + "p" * 90, contact="06-" + "1" * 60),
        given_by=town.support,
        due_at=clock.now() + timedelta(days=3),
        by=town.adviser,
        now=clock.now(),
    )
    return talk, moment


def advices_of(town: Place, case: Incident) -> None:
    """One put off, one adapted, one declined; the others still to be decided on."""
    how: dict[str, Any] = {"by": town.adviser, "now": clock.now()}
    held, adapted, declined = [one for one in case.measures.order_by("code") if one.can_be_chosen][:3]
    hold_measure(measure=held, reason=WORDS, until=localdate(clock.now()) + timedelta(days=9), **how)
    adapt_measure(measure=adapted, words=WORDS, day=None, **how)
    decline_measure(measure=declined, reason=WORDS, **how)


def cases_beside(town: Place, case: Incident) -> Incident:
    """Another report of the same event that is joined, one that follows from it, and one that may be joined yet."""
    joined = make_incident(town, by=town.legal, behaviours=("threat",), story="Ik zag hetzelfde. " * 30)
    merge_cases(incident=joined, into=case, by=town.adviser, now=clock.now())
    after = make_incident(town, at=clock.now() - timedelta(days=30))
    link_cases(incident=case, other=after, kind=LinkKind.FOLLOWS, by=town.adviser, now=clock.now())
    return make_incident(town, by=town.support, behaviours=("threat",), story="v" * 400)
