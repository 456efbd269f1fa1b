"""A case with people in each relation to it, and each address with the ids of it: what test_relations.py walks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from incidents.actions.drafts import start_draft
from incidents.actions.evidence import keep_evidence
from incidents.actions.exclusions import keep_out
from incidents.actions.messages import ask_person
from incidents.actions.own_tasks import WantedTask, add_own_task
from incidents.actions.people import ask_witness
from incidents.models import Evidence, Incident, SavedList
from incidents.vocabulary import ReportKind
from tests import clock
from tests.access.desk import desk_addresses
from tests.access.people import people_addresses
from tests.access.safety import safety_addresses
from tests.files import picture
from tests.mails import failed_mail
from tests.world import Place, make_incident, make_user, open_task
from vpdportal.accounts.models import Department, User
from vpdportal.accounts.roles import Role

# What a person types who tries: what most forms ask, so that only the right is between it and the case.
TYPED = {
    **dict.fromkeys(("text", "reason", "remark", "outcome", "words", "answer", "description"), "Dat wil ik zo."),
    **{"do": "self", "choice": "take", "decision": "give", "kind": "goods", "may_manager_see": "no"},
    **dict.fromkeys(("is_sure", "self-is_sure", "is_safe_now", "seen"), "on"),
    **dict.fromkeys(("revision", "position"), "0"),
}
# Tables that say who is at which browser, not what anyone knows.
OF_BROWSERS = {"django_session", "usersessions_usersession", "vpdportal_shared_cache"}


@dataclass
class Scene:
    """`case` was reported by town.employee about themselves; `for_another` by someone about someone else."""

    town: Place
    case: Incident
    for_another: Incident
    addresses: dict[str, list[Any]]
    people: dict[str, User | None] = field(default_factory=dict)
    words: tuple[str, ...] = ()

    def arguments(self, name: str, who: str) -> list[Any]:
        """The ids with which this person tries the address."""
        swapped = {self.case.pk: self.for_another.pk} if who in {"on behalf", "affected"} else {}
        return [swapped.get(one, one) for one in self.addresses[name]]

    def browser(self, who: str) -> Client:
        return browser_of(self.people[who])


class Bare(Client):
    """A browser that keeps nothing of how a page was made (Django's own copies each context): half the time."""

    def request(self, **request: Any) -> Any:
        response: Any = self.handler(self._base_environ(**request))
        response.request, response.client = request, self
        self.cookies.update(response.cookies)
        return response


def browser_of(user: User | None) -> Client:
    client = Bare()
    if user:
        client.force_login(user)
    return client


def make_scene(town: Place, elsewhere: Place) -> Scene:
    now, word = clock.now(), "kanarieverhaal"
    case = make_incident(town, story=word)
    reporter, affected, witness = (_joined(town, f"{name} Verzonnen", Role.EMPLOYEE) for name in ("Ria", "Eva", "Wim"))
    for_another = make_incident(town, by=reporter, affected=affected, affected_name="Eva Verzonnen", story=word)
    ask_witness(incident=case, email=witness.email, by=town.employee, now=now)
    scene = Scene(town, case, for_another, addresses_of(town, case), words=(word, case.reference))
    other = Department.objects.create(organisation=town.organisation, name="Belastingen", headcount=40)
    ended = _joined(town, "Dirk Klaar", Role.DEPUTY, ends_on=(now - timedelta(days=1)).date())
    scene.people = {
        "own": town.employee,
        "on behalf": reporter,
        "affected": affected,
        "witness": witness,
        "colleague": _joined(town, "Cor Collega", Role.EMPLOYEE),
        "manager": town.manager,
        "manager of another": _joined(town, "Mia Elders", Role.MANAGER, department=other),
        "kept out": _joined(town, "Ad Buiten", Role.ADVISER),
        "elsewhere": elsewhere.adviser,
        "support, task": town.support,
        "support": _joined(town, "Siem Zonder", Role.SUPPORT),
        "ended": ended,
        "signer": town.management,
        "nobody": make_user(),
        "stranger": None,
        "adviser": town.adviser,
    }
    for one in Incident.objects.filter(organisation=town.organisation):
        keep_out(incident=one, person=_known(scene.people["kept out"]), by=town.adviser, now=now, reason="Is partij.")
    return scene


def _known(user: User | None) -> User:
    assert user
    return user


def _joined(town: Place, name: str, role: Role, department: Department | None = None, **dates: Any) -> User:
    user = make_user(name)
    needs_one = role in {Role.EMPLOYEE, Role.MANAGER}
    membership = town.join(user, role, (department or town.department) if needs_one else None)
    for column, value in dates.items():
        setattr(membership, column, value)
    membership.save()
    return user


def addresses_of(town: Place, case: Incident) -> dict[str, list[Any]]:
    """Each address that takes something, filled with what is about this case or this organisation."""
    now, slug = clock.now(), town.organisation.slug
    upload = SimpleUploadedFile("bewijs.png", picture())
    kept = keep_evidence(
        upload=upload, organisation=town.organisation, by=town.employee, form_key=case.idempotency_key, now=now
    )
    Evidence.objects.filter(pk=kept.pk).update(incident=case)
    asked = ask_person(
        incident=case, person=town.employee, asks=[], text="Hoe is het?", form_key=uuid4(), by=town.adviser, now=now
    )
    wanted = WantedTask("Bel de melder", town.support, now + timedelta(days=2))
    task = add_own_task(incident=case, wanted=wanted, by=town.adviser, now=now)
    draft = start_draft(
        key=uuid4(), organisation=town.organisation, kind=ReportKind.INCIDENT, by=town.employee, now=now
    )
    listed = SavedList.objects.create(user=town.adviser, page="work_list", name="Van mij", filters={}, at=now)
    place = town.organisation.locations.create(name="Balie 3", code=f"7K{uuid4().hex[:4]}".upper())
    measure, role = case.measures.get(code="R01").pk, town.organisation.memberships.get(role="legal").pk
    at_card = {"card_item": ["P13"], "card_item_remove": ["E1"], "card_condition": ["E1", 0]}
    return {
        **{name: [slug] for name, route in routes() if re.fullmatch(r"[^<]*<slug:slug>[^<]*", route)},
        **{
            name: [case.pk]
            for name, route in routes()
            if re.fullmatch(r"(dossier|melding|getuige|d)/[^<]*<uuid:pk>[^<]*", route)
        },
        **{name: [slug, *more] for name, more in at_card.items()},
        "card_test_remove": [slug, "E1", 0, 0],
        "card_ladder_cell": [slug, 2, "first"],
        "menu_item": [slug, "R09"],
        **{name: [draft.pk] for name in ("report_drop", "evidence_keep")},
        "report_step": [draft.pk, "gebeurd"],
        "evidence_own": [kept.form_key, kept.pk],
        "evidence_drop": [draft.pk, kept.pk],
        "case_became_incident": [case.pk],
        **{name: [case.pk, kept.pk] for name in ("case_evidence", "case_evidence_copy")},
        **{name: [case.pk, town.employee.pk] for name in ("case_message", "case_question")},
        "question": [case.pk, asked.pk],
        "case_measure": [case.pk, measure],
        **{name: [task.pk] for name in ("task", "task_finish", "task_decline", "task_hand_over")},
        "administration_department": [slug, town.department.pk],
        "administration_role_end": [slug, role],
        "mail_again": [slug, failed_mail(town.employee).pk],
        **{name: [slug, place.pk] for name in ("location", "location_off", "location_poster", "location_poster_pdf")},
        "location_link": [place.code.lower()],
        "demo_become": [town.employee.pk],
        "password_choose": ["abc", "not-a-token"],
        **desk_addresses(town, case),
        **{name: [listed.pk] for name in ("saved_list", "saved_list_drop")},
        "work_done": [open_task(case, "R03").pk],
        **(people := people_addresses(town)),
        "absence_cancel": [people["administration_person_back"][1]],
        **safety_addresses(town, case),
    }


def routes() -> Iterator[tuple[str, str]]:
    """Each address that takes something: its name and how it is written."""
    yield from _with_values(get_resolver().url_patterns)


def _with_values(patterns: list[Any], before: str = "") -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _with_values(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and "<" in route:
            yield str(pattern.name), route


def not_existing(arguments: list[Any]) -> list[Any]:
    """The same with ids that nobody has; without ids, of an organisation or thing that is not there."""
    if any(isinstance(one, UUID) for one in arguments):
        return [uuid4() if isinstance(one, UUID) else one for one in arguments]
    return [99_999_999 if isinstance(arguments[0], int) else "nergens", *arguments[1:]]


def letter_of(response: Any) -> str:
    """i sent to sign in, x refused, - not there, m no such method, + the way is open (also to an error of a form)."""
    if response.status_code == 302 and response["Location"].startswith("/inloggen/?next="):
        return "i"
    if response.status_code == 200 and b'name="username"' in getattr(response, "content", b""):
        return "i"
    return {403: "x", 404: "-", 405: "m", 500: "!"}.get(response.status_code, "+")


def body_of(response: Any) -> bytes:
    return b"".join(response) if response.streaming else bytes(response.content)


def plain(response: Any) -> bytes:
    """The body without what differs by nature: the address asked for and the token of the form."""
    path = response.request["PATH_INFO"].encode()
    return re.sub(rb'(csrfmiddlewaretoken" value=")[^"]+', rb"\1", body_of(response).replace(path, b""))


def rows_now() -> dict[str, str]:
    """A digest of every row of each table, but of who is at which browser."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table not in OF_BROWSERS:
                cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  names that the database itself told
                rows = sorted(repr([bytes(v) if isinstance(v, memoryview) else v for v in row]) for row in cursor)
                found[table] = sha256("\n".join(rows).encode()).hexdigest()
    return found


def changed(before: dict[str, str]) -> set[str]:
    now = rows_now()
    return {table for table in before if before[table] != now[table]}


def sent(client: Client, method: str, place: str, body: str = "") -> Any:
    return client.generic(method, place, body, content_type="application/x-www-form-urlencoded")


def undone(client: Client, method: str, place: str, body: str = "") -> Any:
    """The answer; whatever it changed is taken back."""
    with transaction.atomic():
        response = sent(client, method, place, body)
        transaction.set_rollback(True)
    return response
