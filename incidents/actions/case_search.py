"""Finding cases by what someone typed. That is asked of people's data, so each search leaves a row in the audit."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from incidents.actions.words import can_search_words, digests_of_words
from incidents.models import CaseWords, Involvement, Person, Witness
from incidents.person_keys import digests_of
from incidents.references import LENGTH, normalise
from vpdportal.accounts.access import standing
from vpdportal.accounts.models import Department, Organisation, User
from vpdportal.accounts.roles import Right
from vpdportal.audit.chain import record

NUMBER, DEPARTMENT, COLLEAGUE, PERSON, WORDS = "number", "department", "colleague", "person", "words"
# How a number is typed: with or without the letters before it, in capitals or not, up to a part of it.
LIKE_A_NUMBER = re.compile(r"[A-Za-z]{2,3}(-[0-9A-Za-z]{0,5}(-[0-9A-Za-z]?)?)?|[0-9A-Za-z]{5}(-[0-9A-Za-z])?")
WHOLE_NUMBER = re.compile(rf"[A-Z]{{2,3}}-[0-9A-Z]{{{LENGTH}}}-[0-9A-Z]")


@dataclass(frozen=True)
class Found:
    """What a search gives: the cases, and whether the audit says that it was done."""

    cases: QuerySet[Any]
    is_logged: bool


def search_cases(
    *, cases: QuerySet[Any], typed: str, organisations: Collection[Organisation], by: User, now: datetime
) -> Found:
    """Those of `cases` (which `by` works on, in `organisations`) that fit what was typed.

    A number finds its case only. Anything else is looked for as a department, as a colleague (reporter, person hit,
    witness) by exact name or e-mail address, as someone outside by what that person is known by, where `by` handles
    persons, and as words of the report where the database can. The audit holds where was looked and how many were
    found, never what for.
    """
    looked = _whole_number(typed) or _anywhere(typed, organisations, by, now)
    fits = Q(pk__in=[])
    for found in looked.values():
        fits |= found
    is_logged, found_cases = set(looked) != {NUMBER}, cases.filter(fits)
    if is_logged:
        numbers = dict(found_cases.order_by().values_list("organisation").annotate(number=Count("pk", distinct=True)))
        for organisation in organisations:
            record(
                action="cases.searched",
                now=now,
                actor_id=by.pk,
                organisation_id=organisation.pk,
                object_type="organisation",
                object_id=organisation.pk,
                fields=[*looked, f"found_{numbers.get(organisation.pk, 0)}"],
            )
    return Found(found_cases, is_logged)


def _whole_number(typed: str) -> dict[str, Q]:
    number = normalise(typed)
    return {NUMBER: Q(reference=number)} if WHOLE_NUMBER.fullmatch(number) and len(typed) < len(number) + 4 else {}


def _anywhere(typed: str, organisations: Collection[Organisation], by: User, now: datetime) -> dict[str, Q]:
    looked = {}
    if LIKE_A_NUMBER.fullmatch(typed):
        number = normalise(typed)
        after_letters = normalise(f"-{typed}")
        looked[NUMBER] = Q(reference__startswith=number) | Q(reference__contains=after_letters)
    places = Department.objects.filter(organisation__in=organisations, name__icontains=typed)
    looked[DEPARTMENT] = Q(department__in=list(places.order_by().values_list("pk", flat=True)))
    looked[COLLEAGUE] = _of_colleague(typed)
    if outside := _of_person(typed, organisations, by, now):
        looked[PERSON] = outside
    if can_search_words() and (words := _with_words(typed, organisations)):
        looked[WORDS] = words
    return looked


def _of_colleague(typed: str) -> Q:
    """Cases that a colleague reported, was hit in or saw; also one who has left.

    Who that is, is asked first and by itself: within the question about cases the database would go through all people
    of the installation, for each count of them again.
    """
    named = User.objects.filter(Q(name__iexact=typed) | Q(email=typed.lower()))
    people = list(named.order_by().values_list("pk", flat=True))
    if not people:
        return Q(pk__in=[])
    saw = Witness.objects.filter(user__in=people).values("incident")
    return Q(reporter__in=people) | Q(affected__in=people) | Q(pk__in=saw)


def _of_person(typed: str, organisations: Collection[Organisation], by: User, now: datetime) -> Q | None:
    """Cases with someone outside who is known by what was typed; None where nobody may be looked for."""
    here = standing(by, now)
    handled = [one.pk for one in organisations if here.may(Right.HANDLE_PERSONS, one.pk)]
    keys = Q(pk__in=[])
    for organisation_id in handled:
        keys |= Q(keys__organisation=organisation_id, keys__digest__in=digests_of(typed, organisation_id))
    if not handled:
        return None
    persons = Person.objects.handled_by(by, now).filter(keys)
    return Q(pk__in=Involvement.objects.filter(person__in=persons.values("pk")).values("incident"))


def _with_words(typed: str, organisations: Collection[Organisation]) -> Q | None:
    """Cases in which all these words stand; None when no word is long enough."""
    fits = Q(pk__in=[])
    for organisation in organisations:
        digests = digests_of_words([typed], organisation.pk)
        if not digests:
            return None
        fits |= Q(organisation=organisation.pk, digests__contains=digests)
    return Q(pk__in=CaseWords.objects.filter(fits).values("incident"))
