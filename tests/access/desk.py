"""What the addresses of the adviser's desk need to be there: a person, reactions, a letter, a sheet, a line, a link."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from incidents.actions.damage import add_damage
from incidents.actions.linking import link_cases
from incidents.actions.police_sheets import start_sheet
from incidents.models import Incident
from incidents.vocabulary import DamageKind, DamageOf, FiledBy, LinkKind, PoliceKind
from tests import clock
from tests.incidents.letters import make
from tests.incidents.reactions import drafted, link, make_person, proposed
from tests.world import Place, make_incident, open_task

PARTS = (
    "timeline",
    "messages",
    "files",
    "people",
    "reactions",
    "letters",
    "police",
    "care",
    "damage",
    "links",
    "ending",
)


def desk_addresses(town: Place, incident: Incident) -> dict[str, list[Any]]:
    """Address → its arguments. The reaction is a draft; the ones to sign and to look along at wait for an answer."""
    person = link(incident, make_person(town), town.adviser)
    involvement = incident.involvements.get()
    draft = drafted(incident, town, "conditions", second=None)
    to_sign = _asked(town, second=None)
    to_second = _asked(town, second=town.deputy)
    letter = make(town, incident, person=person)
    sheet = start_sheet(
        incident=incident, kind=PoliceKind.NOTICE, filed_by=FiledBy.EMPLOYER, by=town.adviser, now=clock.now()
    )
    line = add_damage(
        incident=incident,
        of=DamageOf.VICTIM,
        kind=DamageKind.GOODS,
        words="Een bril.",
        amount=1000,
        by=town.adviser,
        now=clock.now(),
    )
    other = make_incident(town, ago=timedelta(days=3))
    linked = link_cases(incident=incident, other=other, kind=LinkKind.RELATED, by=town.adviser, now=clock.now())
    slug, talk = town.organisation.slug, open_task(incident, "N02").pk
    case, case_and_person = [incident.pk], [incident.pk, involvement.pk]
    return {
        **{f"case_{part}": case for part in PARTS},
        **{name: case for name in ("case_measures", "case_link", "case_evaluate", "case_assign", "task_add")},
        **{f"case_person_{name}": case for name in ("find", "link", "facts")},
        **{f"case_person_{name}": case_and_person for name in ("unlink", "inform")},
        **{name: [person.pk] for name in ("person", *(f"person_{part}" for part in PERSON))},
        **{name: [draft.pk] for name in ("reaction", "reaction_edit", "reaction_breach", "reaction_extend")},
        "reaction_new": [incident.pk, "ban"],
        "reaction_step": [draft.pk, "intrekken"],
        "reaction_sign": [to_sign.pk],
        "reaction_second": [to_second.pk],
        **{name: [incident.pk, letter.pk] for name in LETTER},
        "letter_new": [incident.pk, "invitation"],
        "letter_file": [incident.pk, letter.pk, 1],
        "letter_templates": [slug],
        "letter_fields": [slug],
        "letter_template": [slug, "invitation"],
        "letter_template_file": [slug, "invitation", "huidig"],
        "letter_template_withdraw": [slug, "invitation"],
        **{name: [sheet.pk] for name in POLICE},
        "police_wait": case,
        "damage_line": [line.pk],
        "damage_remove": [line.pk],
        "case_unlink": [incident.pk, linked.pk],
        "case_merge": [incident.pk, other.pk],
        "case_unmerge": case,
        "hand_over_of": [slug, town.deputy.pk],
        "care_plan": [talk],
        "care_answer": [incident.pk, talk],
        "calendar_file": ["x"],
        "saved_list": [uuid4()],
        "saved_list_drop": [uuid4()],
        "saved_list_keep": ["work_list"],
        "work_done": [open_task(incident, "R03").pk],
    }


PERSON = ("open", "change", "reading", "merge")
LETTER = ("letter", "letter_brought", "letter_sent", "letter_withdraw", "letter_preview")
POLICE = ("police_sheet", "police_pdf", "police_docx", "police_filed", "police_not_filed", "police_outcome")


def _asked(town: Place, **people: Any) -> Any:
    case = make_incident(town)
    link(case, make_person(town), town.adviser)
    return proposed(case, town, **people)
