"""What the addresses of rights_safety.py are about."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from allauth.usersessions.models import UserSession
from django.utils import timezone

from incidents.actions.data_requests.requests import NewRequest, register_request
from incidents.actions.glass import break_glass
from incidents.actions.importing.carrying_out import carry_out, start
from incidents.actions.importing.sheets import bring_sheet
from incidents.actions.keeping.stays import keep_longer
from incidents.actions.keeping.terms import choose_term
from incidents.actions.restricting import restrict
from incidents.models import DataPiece, Destruction, Incident, LogReview
from incidents.vocabulary import DataRequestKind, DataSubject, KeptPart, StayKind
from tests import clock
from tests.world import Place, make_incident, make_user
from vpdportal.accounts.role_proposals import propose_role
from vpdportal.accounts.roles import Role


def safety_addresses(town: Place, incident: Incident) -> dict[str, list[Any]]:
    return {
        **_signing_in(town),
        **_sessions_and_roles(town),
        **_keeping(town, incident),
        **_restricted(town, incident),
        **_requests(town),
        **_log(town),
        **_sheets(town),
        **dict.fromkeys(("single_sign_on", "single_sign_on_return", "single_sign_out"), ["geen"]),
        **dict.fromkeys(("saml_return", "saml_metadata"), ["geen"]),
    }


def _signing_in(town: Place) -> dict[str, list[Any]]:
    slug = town.organisation.slug
    of_person = ("administration_person_sign_in", "administration_person_factor", "administration_person_emergency")
    return {
        "sign_in_plan": [slug],
        "factor_passkey_gone": [1],
        **dict.fromkeys(of_person, [slug, town.adviser.pk]),
    }


def _keeping(town: Place, incident: Incident) -> dict[str, list[Any]]:
    """A term that the administrator chose, a case that is held, and a certificate."""
    slug, now = town.organisation.slug, clock.now()
    term = choose_term(organisation=town.organisation, part=KeptPart.VICTIM, months=60, by=town.administrator, now=now)
    stay = keep_longer(
        incident=incident,
        kind=StayKind.LEGAL_HOLD,
        part=None,
        until=timezone.localdate(now) + timedelta(days=90),
        reason="De rechtszaak loopt nog.",
        by=town.adviser,
        now=now,
    )
    Destruction.objects.create(organisation=town.organisation, number=1, at=now, digest="0" * 64)
    return {
        **{name: [slug] for name in ("retention_terms", "retention_preview", "retention_certificates")},
        "retention_choose": [slug],
        "retention_agree": [slug, term.pk],
        "retention_certificate": [slug, 1],
        "case_keeping": [incident.pk],
        "case_keep_longer": [incident.pk],
        "case_stay_lift": [incident.pk, stay.pk],
    }


def _requests(town: Place) -> dict[str, list[Any]]:
    """Requests of someone outside the organisation, one for each step, and one piece of what is kept."""
    new = NewRequest(
        town.organisation, DataRequestKind.ACCESS, DataSubject.CITIZEN, timezone.localdate(clock.now()), name="Kees"
    )
    steps = (
        *("identity", "extend", "withdraw", "person", "collect", "ready", "back", "decide"),
        *("erase", "correct", "end"),
    )
    asked, *others = (
        register_request(new=replace(new, words=f"{number}"), by=town.auditor, now=clock.now())
        for number in range(len(steps) + 1)
    )
    piece = DataPiece(organisation=town.organisation, request=asked, source="person.sealed_name", object_id=asked.pk)
    piece.text = piece.given = "Kees"
    piece.save(force_insert=True)
    slug = town.organisation.slug
    return {
        **{f"data_request_{step}": [one.pk] for step, one in zip(steps, others, strict=True)},
        **dict.fromkeys(("data_request", "data_pieces", "data_pieces_proposed"), [asked.pk]),
        **dict.fromkeys(("data_request_file", "my_data_file"), [asked.pk, "json"]),
        "data_piece": [asked.pk, piece.pk],
        "accountability": [slug],
        **dict.fromkeys(("accountability_sheet", "accountability_answer"), [slug, "dpia"]),
        "accountability_file": [slug, "dpia", "odt"],
    }


def _log(town: Place) -> dict[str, list[Any]]:
    """The sample of a month that is over."""
    review = LogReview.objects.create(organisation=town.organisation, year=2026, month=10, made_at=clock.now())
    slug = town.organisation.slug
    return {**dict.fromkeys(("audit_export", "log_reviews"), [slug]), "log_review": [slug, review.pk]}


def _sheets(town: Place) -> dict[str, list[Any]]:
    """A sheet to look at, one to bring in, one to throw away, and one that was brought in."""
    content, sheets = b"Nummer;Datum;Gedrag;Afdeling\n%d;3-2-2025;Dreiging;Publiekszaken\n", []
    for number in range(4):
        sheets.append(
            bring_sheet(
                organisation=town.organisation,
                name="gir.csv",
                content=content % number,
                by=town.adviser,
                now=clock.now(),
            )
        )
    carry_out(sheet=start(sheet=sheets[3], by=town.adviser, now=clock.now()), now=clock.now())
    names = ("import_sheet", "import_start", "import_drop", "import_undo")
    return {"import_example": ["ods"], **{name: [one.pk] for name, one in zip(names, sheets, strict=True)}}


def _restricted(town: Place, incident: Incident) -> dict[str, list[Any]]:
    """A case that the adviser restricted, and that a second adviser opened in need."""
    now, shut, second = clock.now(), make_incident(town), make_user()
    town.join(second, Role.DEPUTY)
    restrict(incident=shut, by=town.adviser, now=now, reason="Gaat over een collega.")
    opened = break_glass(incident=shut, reason="Er is nu een dreiging.", by=second, now=now)
    return {
        "case_restriction": [incident.pk],
        "restricted_open": [shut.pk],
        "openings": [town.organisation.slug],
        "opening": [town.organisation.slug, opened.pk],
    }


def _sessions_and_roles(town: Place) -> dict[str, list[Any]]:
    """A session of the employee, and three roles that the administrator asked for."""
    slug, now = town.organisation.slug, clock.now()
    session = UserSession.objects.create(user=town.employee, session_key=uuid4().hex, ip="203.0.113.7", user_agent="")
    asked = [
        propose_role(
            user=make_user(),
            organisation=town.organisation,
            role=Role.ANALYST,
            starts_on=timezone.localdate(now),
            by=town.administrator,
            now=now,
        )
        for _role in range(3)
    ]
    return {
        "my_session_end": [session.pk],
        "administration_person_sign_out": [slug, town.support.pk],
        "administration_people": [slug],
        "administration_unused": [slug],
        "role_proposals": [slug],
        **{f"role_{what}": [slug, one.pk] for what, one in zip(("agree", "refuse", "withdraw"), asked, strict=True)},
    }
