"""Pages that begin under a row: each row once, in order, there and back; and what an address may say (issue 9)."""

import base64
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, QuerySet
from django.test.utils import CaptureQueriesContext

from tests import clock
from tests.rows import fetched_rows
from vpdportal.accounts.models import User
from vpdportal.pages import Page, counted, page_of

pytestmark = pytest.mark.django_db
SIZE, ROWS = 4, 23
ORDERS: dict[str, list[Any]] = {
    "one way up": ["name", "pk"],
    "one way down": ["-name", "-pk"],
    "turning": ["name", "-email"],
    "turning twice": ["-name", "phone", "-pk"],
    "none first": [F("last_login").asc(nulls_first=True), "name", "pk"],
    "none last": [F("last_login").desc(nulls_last=True), "-name", "pk"],
    "none between": ["name", F("last_login").asc(nulls_last=True), "-pk"],
}


@pytest.fixture(autouse=True)
def people() -> None:
    """Few names, so that many are alike; some never signed in."""
    chance = Random(9)
    User.objects.bulk_create(
        User(
            email=f"u{number:02}@voorbeeld.invalid",
            name=chance.choice(["Ans", "Bo", "Ćisca", "Bo "]),
            phone=chance.choice(["1", "2"]),
            last_login=chance.choice([None, clock.now(), clock.now() - timedelta(microseconds=1)]),
        )
        for number in range(ROWS)
    )


def ordered(name: str) -> "QuerySet[User]":
    return User.objects.order_by(*ORDERS[name])


def walk(rows: "QuerySet[User]", way: str, start: str = "", **options: Any) -> list[Page]:
    """The pages from here on, in the direction of `way`: next or previous."""
    pages = [page_of(rows, start, SIZE, **options)]
    while mark := getattr(pages[-1], way):
        pages.append(page_of(rows, mark, SIZE, **options))
        assert len(pages) < ROWS
    return pages


def told(mark: str) -> str:
    """What a mark says, to anyone who takes it apart."""
    text = mark.partition(":")[0]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


@pytest.mark.parametrize("hides", [(), ("name",)])
@pytest.mark.parametrize("name", ORDERS)
def test_each_row_once_and_in_order_there_and_back(name: str, hides: tuple[str, ...]):
    rows = ordered(name)
    there = walk(rows, "next", hides=hides)
    assert [one for page in there for one in page] == list(rows)
    assert [len(page) for page in there] == [4, 4, 4, 4, 4, 3]
    back = walk(rows, "previous", there[-1].previous, hides=hides)
    assert [list(page) for page in reversed(back)] == [list(page) for page in there[:-1]]
    assert not there[0].previous and not back[-1].previous and not there[-1].next


def test_a_page_far_on_reads_no_more_than_the_first(django_assert_num_queries: Any):
    last = walk(ordered("one way up"), "next")[-2]
    with django_assert_num_queries(1), fetched_rows() as fetched:
        page_of(ordered("one way up"), last.previous, SIZE)
    assert fetched.rows == SIZE + 1


def test_alike_columns_are_compared_as_one_row():
    first = page_of(ordered("one way down"), "", SIZE)
    with CaptureQueriesContext(connection) as queries:
        page_of(ordered("one way down"), first.next, SIZE)
    said = queries[0]["sql"]
    assert '("accounts_user"."name", "accounts_user"."id") < (' in said and " OR " not in said and "OFFSET" not in said


def test_no_name_stands_in_an_address():
    rows = ordered("one way up")
    User.objects.update(name="Kanarie")
    assert "Kanarie" not in told(page_of(rows, "", SIZE, hides=["name"]).next)
    assert "Kanarie" in told(page_of(rows, "", SIZE).next), "so that it can fail"


def test_what_is_not_our_mark_is_the_first_page():
    rows = ordered("one way up")
    first = page_of(rows, "", SIZE)
    of_another = page_of(ordered("one way down"), "", SIZE).next
    for mark in (None, "2", "-1", "after", "a" * 5000, "\0", first.next[:-1], of_another, f"{first.next}x", "é:é"):
        assert list(page_of(rows, mark, SIZE)) == list(first), mark


def test_a_mark_whose_rows_are_gone_is_the_first_page():
    rows = ordered("one way up")
    there = walk(rows, "next")
    hidden = walk(rows, "next", hides=["name"])
    User.objects.filter(pk__in=[one.pk for one in rows[SIZE - 1 :]]).delete()
    first = list(rows.all())
    assert len(first) == SIZE - 1
    assert list(page_of(rows, there[1].next, SIZE)) == first
    assert list(page_of(rows, hidden[1].next, SIZE, hides=["name"])) == first


def test_back_to_a_beginning_that_grew_or_shrank_is_the_first_page_whole():
    rows = ordered("one way up")
    second = page_of(rows, page_of(rows, "", SIZE).next, SIZE)
    User.objects.filter(pk=rows[1].pk).delete()
    assert list(page_of(rows, second.previous, SIZE)) == list(rows[:SIZE])


def test_a_list_is_counted_no_further_than_it_is_told():
    assert counted(User.objects.all()).number == ROWS
    some = counted(User.objects.all(), most=5)
    assert (some.number, some.is_more) == (5, True)
    exactly = counted(User.objects.all(), most=ROWS)
    assert (exactly.number, exactly.is_more) == (ROWS, False)


def test_a_list_of_one_page_is_counted_without_asking(django_assert_num_queries: Any):
    with django_assert_num_queries(1):
        page = page_of(ordered("one way up").filter(name="Ans"), "", ROWS)
        assert page.count.number == len(page) > 0 and not page.count.is_more
