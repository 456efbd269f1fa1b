"""Menu cards in the database: what holds, the draft, publishing, and two administrators at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from guidance.card import Card
from guidance.cards import (
    ChangedMeanwhile,
    card_at,
    card_for,
    change_draft,
    discard_draft,
    draft_of,
    item_at,
    next_own_code,
    publish_draft,
    published_changes,
    version_name,
)
from guidance.changes import Changes, ItemChange, OwnItem
from guidance.deadlines import Deadline
from guidance.differences import differences
from guidance.facts import FACTS
from guidance.menu import LADDER_CELLS, LadderStep, Text
from guidance.menu_file import load_menu
from guidance.models import MenuCard, MenuDraft
from guidance.rules import Test as Comparison
from guidance.tightening import NotAllowed
from guidance.vocabulary import ClosedDay, ItemStatus, Phase
from tests import clock
from tests.world import Place, make_user
from vpdportal.accounts.models import User
from vpdportal.audit.models import AuditEvent
from vpdportal.seen import mark_of

MENU = load_menu()
LAW, NORM, OPTIONAL = "N14", "N02", "P13"
CANARY = "Kanarie-tekst van de organisatie"


def part(code: str) -> Callable[[Changes], Any]:
    """What a page of one item shows of a card."""
    return lambda changes: changes.change_of(code).to_data()


def change(town: Place, code: str, wanted: ItemChange, *, by: User | None = None, seen: str | None = None) -> MenuDraft:
    draft = draft_of(town.organisation)
    current = draft.read_changes() if draft else published_changes(town.organisation)[1]
    return change_draft(
        organisation=town.organisation,
        change=lambda changes: changes.with_item(code, wanted),
        part=part(code),
        seen=mark_of(part(code)(current)) if seen is None else seen,
        about=code,
        by=by or town.administrator,
        now=clock.now(),
    )


def changes_of_drafts() -> int:
    return AuditEvent.objects.filter(action="menu_card.draft_changed").count()


def publish(town: Place, revision: int | None = None, by: User | None = None) -> MenuCard:
    draft = draft_of(town.organisation)
    shown = revision if revision is not None else draft.revision if draft else 0
    return publish_draft(organisation=town.organisation, revision=shown, by=by or town.administrator, now=clock.now())


def own(code: str, **more: Any) -> OwnItem:
    words = Text(f"Eigen {code}", f"Own {code}")
    return OwnItem(code, Phase.AFTERCARE, words, words, words, **more)


def add_own(town: Place) -> str:
    codes = []

    def add(changes: Changes) -> Changes:
        codes.append(next_own_code(changes))
        return changes.with_own(own(codes[-1]))

    change_draft(
        organisation=town.organisation,
        change=add,
        part=lambda _changes: None,
        seen=mark_of(None),
        about="own",
        by=town.administrator,
        now=clock.now(),
    )
    return codes[-1]


OFF = ItemChange(is_on=False)
WORDS = ItemChange(title=Text(CANARY, CANARY), role=Text(CANARY, CANARY))


# --- what holds ------------------------------------------------------------------------------------------------------


def test_before_anything_is_published_the_whole_menu_holds(town: Place):
    card = card_for(town.organisation)
    assert card is Card.default() and card.version == MENU.version and set(card.items) == set(MENU.items)
    change(town, OPTIONAL, OFF)
    assert card_for(town.organisation) is card, "a draft holds nothing"


def test_publishing_makes_the_next_number_with_author_and_moment(town: Place, other_town: Place):
    for number, code in ((1, OPTIONAL), (2, "N06")):
        change(town, code, OFF)
        card = publish(town)
        assert (card.number, card.published_by, card.published_at) == (number, town.administrator, clock.now())
        assert draft_of(town.organisation) is None
        held = card_for(town.organisation)
        assert held.version == version_name(number) == f"{MENU.version}/{number}" and code not in held.items
        clock.move(hours=1)
    assert OPTIONAL not in card_for(town.organisation).items, "the second goes on from the first"
    assert card_for(other_town.organisation) is Card.default(), "a card is of one organisation"


def test_old_versions_are_read_as_they_were(town: Place):
    change(town, OPTIONAL, WORDS)
    publish(town)
    change(town, OPTIONAL, OFF)
    publish(town)
    place = town.organisation.pk
    first, second = (card_at(place, version_name(number)) for number in (1, 2))
    assert first.items[OPTIONAL].title == CANARY and OPTIONAL not in second.items
    assert item_at(place, version_name(2), OPTIONAL).code == OPTIONAL, "an old case may still name what is off"
    assert item_at(place, MENU.version, OPTIONAL).title_text == MENU.items[OPTIONAL].title_text


def test_a_published_version_stays_as_it_is_while_others_are_made(town: Place):
    change(town, OPTIONAL, WORDS)
    first = publish(town)
    kept = (first.changes, first.published_at, first.published_by_id)
    clock.move(days=1)
    for code in (OPTIONAL, "N06", "N05"):
        change(town, code, OFF, by=town.administrator)
        publish(town)
    first.refresh_from_db()
    assert (first.changes, first.published_at, first.published_by_id) == kept
    assert list(MenuCard.objects.values_list("number", flat=True)) == [4, 3, 2, 1]


def test_reading_a_card_again_asks_only_which_one_holds(town: Place, django_assert_num_queries: Any):
    change(town, OPTIONAL, OFF)
    publish(town)
    card_for(town.organisation)
    with django_assert_num_queries(1):
        assert card_for(town.organisation) is card_for_version(town, 1)


def card_for_version(town: Place, number: int) -> Card:
    return card_at(town.organisation.pk, version_name(number))


# --- the draft -------------------------------------------------------------------------------------------------------


def test_a_draft_begins_as_a_copy_of_what_holds(town: Place):
    change(town, OPTIONAL, WORDS)
    publish(town)
    draft = change(town, "N06", OFF)
    assert (draft.based_on, draft.changed_by) == (1, town.administrator)
    assert draft.read_changes() == Changes(items={OPTIONAL: WORDS, "N06": OFF})


def test_a_stale_mark_is_refused_by_name_and_nothing_is_lost(town: Place):
    second = make_user("Bea Heer")
    seen = mark_of(part(OPTIONAL)(Changes()))
    change(town, OPTIONAL, WORDS, by=second)
    with pytest.raises(ChangedMeanwhile, match="Bea Heer"):
        change(town, OPTIONAL, OFF, seen=seen)
    draft = draft_of(town.organisation)
    assert draft and draft.read_changes().change_of(OPTIONAL) == WORDS
    change(town, "N06", OFF, seen=mark_of(part("N06")(Changes())))  # another item is nobody's business
    draft = draft_of(town.organisation)
    assert draft and draft.read_changes().items == {OPTIONAL: WORDS, "N06": OFF}


def test_what_was_published_after_it_was_shown_is_refused_too(town: Place):
    seen = mark_of(part(OPTIONAL)(Changes()))
    change(town, OPTIONAL, WORDS)
    publish(town)
    with pytest.raises(ChangedMeanwhile):
        change(town, OPTIONAL, OFF, seen=seen)
    assert draft_of(town.organisation) is None


@pytest.mark.parametrize("code", [LAW, NORM])
def test_law_and_norm_cannot_be_off_in_a_draft_nor_in_a_version(town: Place, code: str):
    with pytest.raises(NotAllowed):
        change(town, code, OFF)
    assert draft_of(town.organisation) is None
    MenuDraft.objects.create(  # as an older release may have left it
        organisation=town.organisation,
        based_on=0,
        revision=1,
        changes=Changes(items={code: OFF}).to_data(),
        changed_at=clock.now(),
        changed_by=town.administrator,
    )
    card = publish(town, 1)
    assert card.read_changes().change_of(code).is_on and code in card_for(town.organisation).items


def test_a_longer_term_for_a_norm_is_refused_and_a_shorter_one_taken(town: Place):
    shipped = MENU.items["R06"].steps[0].deadline
    assert shipped
    with pytest.raises(NotAllowed):
        change(town, "R06", ItemChange(deadlines=(replace(shipped, amount=shipped.amount + 1),)))
    change(town, "R06", ItemChange(deadlines=(replace(shipped, amount=shipped.amount - 1),)))
    publish(town)
    step = card_for(town.organisation).items["R06"].steps[0]
    assert step.deadline == replace(shipped, amount=shipped.amount - 1) and step.norm == shipped


def test_a_discarded_draft_is_gone_and_what_held_still_holds(town: Place):
    change(town, OPTIONAL, WORDS)
    publish(town)
    draft = change(town, "N06", OFF)
    with pytest.raises(ChangedMeanwhile):
        discard_draft(
            organisation=town.organisation, revision=draft.revision + 1, by=town.administrator, now=clock.now()
        )
    assert draft_of(town.organisation)
    discard_draft(organisation=town.organisation, revision=draft.revision, by=town.administrator, now=clock.now())
    assert draft_of(town.organisation) is None
    assert published_changes(town.organisation) == (1, Changes(items={OPTIONAL: WORDS}))


def test_the_code_of_an_own_item_that_was_published_never_comes_back(town: Place):
    assert [add_own(town), add_own(town)] == ["E1", "E2"]
    publish(town)
    assert add_own(town) == "E3"
    publish(town)
    draft = change(town, OPTIONAL, OFF)
    kept = draft.read_changes()
    switched_off = kept.with_own(replace(kept.own["E3"], is_on=False))
    assert next_own_code(switched_off) == "E4" and "E3" in Card("x", switched_off).every


# --- two at once -----------------------------------------------------------------------------------------------------


def test_who_publishes_second_is_told_by_whom_it_was_published(town: Place):
    second = make_user("Bea Heer")
    draft = change(town, OPTIONAL, WORDS)
    publish(town, draft.revision, by=second)
    with pytest.raises(ChangedMeanwhile, match=r"Bea Heer.* 1\b"):
        publish(town, draft.revision)
    assert MenuCard.objects.count() == 1 and published_changes(town.organisation)[1].items == {OPTIONAL: WORDS}


def test_a_draft_that_was_changed_after_it_was_shown_is_not_published_unseen(town: Place):
    shown = change(town, OPTIONAL, WORDS).revision
    change(town, "N06", OFF, by=make_user("Bea Heer"))
    with pytest.raises(ChangedMeanwhile, match="Bea Heer"):
        publish(town, shown)
    draft = draft_of(town.organisation)
    assert draft and draft.read_changes().items == {OPTIONAL: WORDS, "N06": OFF}
    publish(town, draft.revision)
    assert published_changes(town.organisation)[1].items == {OPTIONAL: WORDS, "N06": OFF}


def test_without_a_draft_there_is_nothing_to_publish_or_throw_away(town: Place):
    for revision in (0, 1):
        with pytest.raises(ChangedMeanwhile):
            publish(town, revision)


def at_once(*actions: Callable[[], Any]) -> list[str]:
    """Each action in a thread and a connection of its own, begun together; how each ended."""
    gate = threading.Barrier(len(actions))

    def run(action: Callable[[], Any]) -> str:
        try:
            gate.wait(10)
            action()
        except ChangedMeanwhile:
            return "told"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


@pytest.mark.parametrize("_round", range(3))
def test_two_publish_at_the_same_time_and_one_is_told(committed: None, town: Place, _round: int):  # noqa: PT019
    second = make_user("Bea Heer")
    revision = change(town, OPTIONAL, WORDS).revision
    outcomes = at_once(lambda: publish(town, revision), lambda: publish(town, revision, by=second))
    assert sorted(outcomes) == ["done", "told"]
    card = MenuCard.objects.get(organisation=town.organisation)
    assert card.number == 1 and card.read_changes().items == {OPTIONAL: WORDS}
    assert card.published_by == [town.administrator, second][outcomes.index("done")]
    assert AuditEvent.objects.filter(action="menu_card.published").count() == 1


def test_one_publishes_while_another_changes_and_nothing_is_lost(committed: None, town: Place):
    revision = change(town, OPTIONAL, WORDS).revision
    seen = mark_of(part("N06")(Changes()))
    published, changed = at_once(lambda: publish(town, revision), lambda: change(town, "N06", OFF, seen=seen))
    assert changed == "done", "what it was about, nobody else touched"
    draft = draft_of(town.organisation)
    assert draft and draft.read_changes().items == {OPTIONAL: WORDS, "N06": OFF}
    assert MenuCard.objects.count() == (1 if published == "done" else 0)


def test_the_first_change_of_several_at_once_loses_none(committed: None, town: Place):
    """There is no draft yet, so there is no row of it to lock."""
    free = [code for code, item in MENU.items.items() if item.status == ItemStatus.OPTIONAL][:4]
    seen = {code: mark_of(part(code)(Changes())) for code in free}
    actions = [lambda code=code: change(town, code, OFF, seen=seen[code]) for code in free]
    assert at_once(*actions) == ["done"] * 4
    draft = draft_of(town.organisation)
    assert draft and draft.read_changes().items == dict.fromkeys(free, OFF)


def test_two_change_the_same_item_at_the_same_time_and_one_is_told(committed: None, town: Place):
    seen = mark_of(part(OPTIONAL)(Changes()))
    outcomes = at_once(*(lambda wanted=wanted: change(town, OPTIONAL, wanted, seen=seen) for wanted in (WORDS, OFF)))
    assert sorted(outcomes) == ["done", "told"]
    draft = draft_of(town.organisation)
    assert draft and changes_of_drafts() == 1
    assert draft.read_changes().change_of(OPTIONAL) == [WORDS, OFF][outcomes.index("done")]


# --- the trail -------------------------------------------------------------------------------------------------------


def test_the_audit_tells_what_was_changed_by_whom_and_no_words(town: Place):
    change(town, OPTIONAL, WORDS)
    publish(town)
    draft = change(town, "N06", OFF)
    discard_draft(organisation=town.organisation, revision=draft.revision, by=town.administrator, now=clock.now())
    events = AuditEvent.objects.filter(action__startswith="menu_card.").order_by("position")
    assert list(events.values_list("action", "fields")) == [
        ("menu_card.draft_changed", [OPTIONAL]),
        ("menu_card.published", ["1"]),
        ("menu_card.draft_changed", ["N06"]),
        ("menu_card.draft_discarded", []),
    ]
    for event in events:
        assert (event.actor_id, event.organisation_id) == (town.administrator.pk, town.organisation.pk)
        assert (event.object_id, event.at) == (town.organisation.pk, clock.now())
    assert CANARY not in str(list(AuditEvent.objects.values()))


def test_what_was_refused_leaves_no_row(town: Place):
    with pytest.raises(NotAllowed):
        change(town, LAW, OFF)
    with pytest.raises(ChangedMeanwhile):
        change(town, OPTIONAL, OFF, seen="0" * 16)
    with pytest.raises(ChangedMeanwhile):
        publish(town, 7)
    assert not AuditEvent.objects.filter(action__startswith="menu_card.").exists()


# --- the document ----------------------------------------------------------------------------------------------------

letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")  # what a form takes and PostgreSQL keeps
words = st.text(letters, min_size=1, max_size=12).filter(str.strip)
texts = st.builds(Text, words, words)
maybe_texts = st.none() | texts
free_items = [item for item in MENU.items.values() if item.status == ItemStatus.OPTIONAL]
spans = st.tuples(st.sampled_from(["h", "d", "wd", "weeks", "months"]), st.integers(1, 12)) | st.sampled_from(
    [("same_day", 0), ("at_once", 0)]
)


def changes_of_item(code: str) -> st.SearchStrategy[ItemChange]:
    item = MENU.items[code]
    terms = st.tuples(
        *(
            (st.none() | spans.map(lambda span, d=step.deadline: Deadline(d.anchor, *span)))
            if step.deadline
            else st.none()
            for step in item.steps
        )
    )
    return st.builds(
        ItemChange,
        is_on=st.booleans(),
        title=maybe_texts,
        purpose=maybe_texts,
        role=maybe_texts,
        deadlines=st.just(()) | terms,
    )


comparisons = st.one_of(
    st.builds(
        Comparison, st.sampled_from([n for n, f in FACTS.items() if f.kind == "boolean"]), st.just("is"), st.booleans()
    ),
    st.builds(Comparison, st.just("witnesses"), st.sampled_from(["is", "min", "max"]), st.integers(0, 9)),
    st.builds(Comparison, st.just("severity"), st.just("min"), st.integers(1, 4)),
    st.builds(
        lambda codes: Comparison("behaviours", "has", tuple(codes)),
        st.lists(st.sampled_from(FACTS["behaviours"].codes()), min_size=1, max_size=3, unique=True),
    ),
    st.just(Comparison("target_group", "group", "office_holders")),
)
conditions = st.lists(st.lists(comparisons, max_size=3).map(tuple), max_size=3).map(tuple)


def own_items(code: str) -> st.SearchStrategy[OwnItem]:
    return st.builds(
        OwnItem,
        code=st.just(code),
        phase=st.sampled_from(Phase),
        title=texts,
        purpose=texts,
        role=texts,
        condition=conditions,
        deadline=st.none()
        | st.builds(lambda anchor, span: Deadline(anchor, *span), st.sampled_from(["incident", "report"]), spans),
        is_on=st.booleans(),
        is_default=st.booleans(),
        reaches_perpetrator=st.booleans(),
        months=st.none() | st.integers(1, 24),
    )


@st.composite
def whole_changes(draw: st.DrawFn) -> Changes:
    codes = draw(st.lists(st.sampled_from([item.code for item in free_items]), max_size=3, unique=True))
    changes = Changes(closed_day=draw(st.sampled_from(ClosedDay)))
    for code in codes:
        changes = changes.with_item(code, draw(changes_of_item(code)))
    for number in range(draw(st.integers(0, 2))):
        changes = changes.with_own(draw(own_items(f"E{number + 1}")))
    for cell in draw(st.lists(st.sampled_from(LADDER_CELLS), max_size=2, unique=True)):
        steps = draw(
            st.lists(st.sampled_from([LadderStep("R04"), LadderStep("R09", (3, 6)), LadderStep("R05")]), max_size=2)
        )
        changes = changes.with_ladder(cell, tuple(steps))
    return changes


@given(whole_changes())
def test_a_document_says_it_all_and_reads_back_as_it_was(changes: Changes):
    data = changes.to_data()
    assert Changes.from_data(data) == changes
    assert Changes.from_data(data).to_data() == data


@pytest.mark.django_db
def test_a_document_comes_out_of_the_database_as_it_went_in(town: Place):
    @given(whole_changes())
    def check(changes: Changes) -> None:
        MenuCard.objects.all().delete()
        MenuCard.objects.create(
            organisation=town.organisation,
            number=1,
            published_at=clock.now(),
            published_by=town.administrator,
            changes=changes.to_data(),
        )
        assert published_changes(town.organisation) == (1, changes)

    check()


def seen_the_same(first: Changes, second: Changes) -> bool:
    """Whether two cards are alike to everyone: the same items, on and off, the same words, terms, ladder and 5 May."""
    one, two = Card("1", first), Card("2", second)
    return (
        dict(one.every) == dict(two.every)
        and set(one.items) == set(two.items)
        and one.ladder == two.ladder
        and first.closed_day == second.closed_day
    )


@given(whole_changes(), st.data())
@example(Changes(), None)
def test_differences_are_there_exactly_when_something_differs(before: Changes, data: Any):
    after = data.draw(st.one_of(whole_changes(), near(before))) if data else before
    for language in ("nl", "en"):
        with translation.override(language):
            found = differences(before, after)
            assert (found == []) == seen_the_same(before, after)
            for one in found:
                assert one.title.strip() and one.text.strip() and "%(" not in one.text
                assert one.code in {"", *MENU.items, *before.own, *after.own}


def near(changes: Changes) -> st.SearchStrategy[Changes]:
    """The same card with one thing changed: a difference must show that, however small."""
    variants: list[st.SearchStrategy[Changes]] = [
        st.just(changes),
        st.sampled_from(ClosedDay).map(lambda day: replace(changes, closed_day=day)),
        st.sampled_from([item.code for item in free_items]).flatmap(
            lambda code: changes_of_item(code).map(lambda change: changes.with_item(code, change))
        ),
        st.sampled_from(LADDER_CELLS).map(lambda cell: changes.with_ladder(cell, (LadderStep("R04"),))),
    ]
    for code, item in changes.own.items():
        other = own_items(code)
        for name in ("title", "purpose", "role", "phase", "condition", "deadline", "is_on", "is_default", "months",
                     "reaches_perpetrator"):  # fmt: skip
            variants.append(
                other.map(lambda one, n=name, old=item: changes.with_own(replace(old, **{n: getattr(one, n)})))
            )
        variants.append(st.just(changes.without_own(code)))
    return st.one_of(variants)


def test_a_card_of_another_organisation_is_not_found(town: Place):
    change(town, OPTIONAL, OFF)
    publish(town)
    with pytest.raises(MenuCard.DoesNotExist):
        card_at(uuid4(), version_name(1))
