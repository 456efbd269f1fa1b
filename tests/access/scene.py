"""People and things for every address: who is tried (columns.py), and what each address with arguments is about."""

from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from guidance.cards import change_draft
from guidance.changes import OwnItem
from guidance.menu import Text
from guidance.rules import Test as Comparison
from guidance.vocabulary import Phase
from incidents.actions.drafts import start_draft
from incidents.actions.evidence import keep_evidence
from incidents.actions.messages import ask_person
from incidents.actions.people import ask_witness
from incidents.models import Evidence
from incidents.vocabulary import ReportKind
from tests import clock
from tests.access.desk import desk_addresses
from tests.access.people import people_addresses
from tests.access.safety import safety_addresses
from tests.files import picture
from tests.mails import failed_mail
from tests.world import Place, make_incident, make_user, open_task
from vpdportal.seen import mark_of

HOST = OwnItem(
    code="E1",
    phase=Phase.PREVENTION,
    title=Text("Gastheer", "Host"),
    purpose=Text("Opvang", "Reception"),
    role=Text("Balie", "Counter"),
    condition=((Comparison("severity", "min", 2),),),
)


def scene_of(town: Place, other_town: Place) -> dict[str, Any]:
    """`people`: column → person; `addresses`: name → arguments, of those that have any."""
    incident = make_incident(town)
    upload = SimpleUploadedFile("bewijs.png", picture())
    kept = keep_evidence(
        upload=upload,
        organisation=town.organisation,
        by=town.employee,
        form_key=incident.idempotency_key,
        now=clock.now(),
    )
    Evidence.objects.filter(pk=kept.pk).update(incident=incident)
    change_draft(
        organisation=town.organisation,
        change=lambda changes: changes.with_own(HOST),
        part=lambda changes: None,
        seen=mark_of(None),
        about="E1",
        by=town.administrator,
        now=clock.now(),
    )
    draft = start_draft(
        key=uuid4(), organisation=town.organisation, kind=ReportKind.INCIDENT, by=town.employee, now=clock.now()
    )
    asked = ask_person(
        incident=incident,
        person=town.employee,
        asks=[],
        text="Hoe gaat het?",
        form_key=uuid4(),
        by=town.adviser,
        now=clock.now(),
    )
    made = make_incident(town, by=town.manager, affected=town.employee, affected_name="Eva Voorbeeld")
    seen = make_incident(town)
    ask_witness(incident=seen, email=town.support.email, by=town.employee, now=clock.now())
    slug = town.organisation.slug
    membership = town.organisation.memberships.get(role="legal")
    place = town.organisation.locations.create(name="Balie 3", code="7K0QD1")
    return {
        "people": {
            **town.people,
            "elsewhere": other_town.adviser,
            "nobody": make_user(),
        },
        "addresses": {
            "report_status": [incident.pk],
            "report_step": [draft.pk, "gebeurd"],
            "case_became_incident": [incident.pk],
            "report_drop": [draft.pk],
            "door": [incident.pk],
            "case": [incident.pk],
            "case_facts": [incident.pk],
            "case_facts_edit": [incident.pk],
            "case_renew": [incident.pk],
            "case_severity": [incident.pk],
            "case_note": [incident.pk],
            "messages": [incident.pk],
            "question": [incident.pk, asked.pk],
            "helped": [incident.pk],
            "reopen": [incident.pk],
            "case_message": [incident.pk, town.employee.pk],
            "case_question": [incident.pk, town.employee.pk],
            "case_reopen": [incident.pk],
            "report_add": [incident.pk],
            "report_correct": [made.pk],
            "ask_support": [incident.pk],
            "receipt": [incident.pk],
            "who_looked": [incident.pk],
            "witness_ask": [incident.pk],
            "witness": [seen.pk],
            "case_witness": [incident.pk],
            "case_affected": [incident.pk],
            "visibility": [incident.pk],
            "case_visibility": [incident.pk],
            "case_close": [incident.pk],
            "case_evidence": [incident.pk, kept.pk],
            "case_evidence_copy": [incident.pk, kept.pk],
            "evidence_own": [kept.form_key, kept.pk],
            "evidence_keep": [draft.pk],
            "evidence_drop": [draft.pk, kept.pk],
            "case_measure": [incident.pk, incident.measures.get(code="R01").pk],
            "task": [open_task(incident, "R01").pk],
            "task_finish": [open_task(incident, "R01").pk],
            "task_decline": [open_task(incident, "R01").pk],
            "task_hand_over": [open_task(incident, "R01").pk],
            "absence_cancel": [incident.pk],
            "administration": [slug],
            "administration_details": [slug],
            "administration_department_new": [slug],
            "administration_department": [slug, town.department.pk],
            "administration_role_new": [slug],
            "administration_role_end": [slug, membership.pk],
            "machine_room": [slug],
            "mail_again": [slug, failed_mail(town.employee).pk],
            "mails_again": [slug],
            "menu_item": [slug, "R09"],
            "menu_try": [slug],
            "menu_rules": [slug],
            "menu_rules_pdf": [slug],
            "location_link": ["7k0qd1"],
            "locations": [slug],
            "location_new": [slug],
            "location_many": [slug],
            "location": [slug, place.pk],
            "location_off": [slug, place.pk],
            "location_poster": [slug, place.pk],
            "location_poster_pdf": [slug, place.pk],
            "location_posters": [slug],
            "location_posters_pdf": [slug],
            "card_edit": [slug],
            "card_item": [slug, "P13"],
            "card_item_new": [slug],
            "card_item_remove": [slug, "E1"],
            "card_review": [slug],
            "card_publish": [slug],
            "card_discard": [slug],
            "card_versions": [slug],
            "card_calendar": [slug],
            "card_ladder": [slug],
            "card_ladder_cell": [slug, 2, "first"],
            "card_condition": [slug, "E1", 0],
            "card_test_remove": [slug, "E1", 0, 0],
            "audit_log": [slug],
            "password_choose": ["abc", "not-a-token"],
            "demo_become": [town.employee.pk],
            **desk_addresses(town, make_incident(town)),
            **people_addresses(town),
            **safety_addresses(town, incident),
        },
    }
