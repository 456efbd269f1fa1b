"""The pages of terms, what goes soon, one case, and certificates: who gets in, what they say, what they cost."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import resolve, reverse

from incidents.actions.keeping.destroying import destroy_due
from incidents.actions.keeping.stays import keep_longer
from incidents.models import Exclusion, Incident, RetentionStay, RetentionTerm
from incidents.vocabulary import StayKind
from tests import clock
from tests.incidents.kept import CANARY, agree_terms, close, full_case
from tests.world import Place, make_incident

WORDS = "De rechtszaak loopt nog. 😡 <script>"


def stay_data(**more: Any) -> dict[str, Any]:
    return {"kind": "postponed", "part": "", "until": "2027-05-01", "reason": WORDS, **more}


class TestTermsPage:
    def test_choose_and_agree(self, town: Place, english: Any):
        page, choose = (
            reverse("retention_terms", args=["vlinderwaard"]),
            reverse("retention_choose", args=["vlinderwaard"]),
        )
        administrator, officer = english(town.administrator), english(town.auditor)
        text = administrator.get(page).content.decode()
        assert "no term: nothing is destroyed" in text and "Our proposal" in text and "60 months" in text
        assert administrator.post(choose, {"part": "victim", "months": "48"}).status_code == 302
        text = officer.get(page).content.decode()
        assert "48 months, waits for agreement" in text and "Choose this term" not in text
        term = RetentionTerm.objects.get()
        agree = reverse("retention_agree", args=["vlinderwaard", term.pk])
        assert administrator.post(agree).status_code == 403
        assert officer.post(agree).status_code == 302
        assert "48 months, from 8 December 2026" in officer.get(page).content.decode()
        assert officer.post(agree).status_code == 409

    @pytest.mark.parametrize("months", ["0", "361", "tien", "", "99999999999999"])
    def test_a_wrong_number_is_shown_again(self, town: Place, english: Any, months: str):
        client = english(town.administrator)
        answer = client.post(reverse("retention_choose", args=["vlinderwaard"]), {"part": "victim", "months": months})
        assert answer.status_code == 400 and f'value="{months}"' in answer.content.decode() or not months
        assert not RetentionTerm.objects.exists()

    def test_the_same_term_again_is_refused_in_words(self, town: Place, english: Any):
        client, address = english(town.administrator), reverse("retention_choose", args=["vlinderwaard"])
        data = {"part": "victim", "months": "48"}
        assert client.post(address, data).status_code == 302
        answer = client.post(address, data)
        assert answer.status_code == 409 and "Nothing was changed" in answer.content.decode()

    def test_a_sensitive_step(self, town: Place, english: Any, strictly: None):
        client = english(town.administrator)
        answer = client.post(reverse("retention_choose", args=["vlinderwaard"]), {"part": "victim", "months": "48"})
        assert not RetentionTerm.objects.exists() and answer.status_code != 404
        for address in (reverse("retention_choose", args=["x"]), reverse("retention_agree", args=["x", uuid4()])):
            assert resolve(address).func.asks_for_proof  # type: ignore[attr-defined]

    def test_what_has_no_term_is_said_to_who_must_know(self, town: Place, english: Any):
        pages = (
            (town.administrator, "administration", "Not every part has a term yet"),
            (town.auditor, "audit_log", "not every part has a term yet"),
            (town.adviser, "retention_preview", "Nothing is destroyed yet of"),
        )
        for user, name, words in pages:
            assert words in english(user).get(reverse(name, args=["vlinderwaard"])).content.decode(), name
        agree_terms(town)
        for user, name, words in pages:
            assert words not in english(user).get(reverse(name, args=["vlinderwaard"])).content.decode(), name

    def test_costs_the_same_with_a_long_history(self, town: Place, english: Any, django_assert_num_queries: Any):
        client, page = english(town.auditor), reverse("retention_terms", args=["vlinderwaard"])
        agree_terms(town)
        client.get(page)
        with django_assert_num_queries(5):
            client.get(page)
        for months in (12, 13, 14):
            agree_terms(town, victim=months)
        with django_assert_num_queries(5):
            client.get(page)


class TestPreview:
    @pytest.fixture
    def case(self, town: Place) -> Incident:
        agree_terms(town)
        case = close(full_case(town), town.adviser)
        clock.set_to(clock.START.replace(year=2028, month=11, day=1))
        return case

    def test_says_what_goes_when_and_why_not_yet(self, town: Place, case: Incident, english: Any):
        client, page = english(town.adviser), reverse("retention_preview", args=["vlinderwaard"])
        text = client.get(page).content.decode()
        assert text.count(case.reference) == 3 and text.count("24 November 2028") == 3
        keep_longer(incident=case, kind=StayKind.LEGAL_HOLD, part=None, until=date(2028, 12, 1), reason=WORDS,
                    by=town.adviser, now=clock.now())  # fmt: skip
        clock.set_to(clock.START.replace(year=2028, month=12, day=2))
        text = client.get(page).content.decode()
        assert "it is held for a legal matter" in text and "Look at these again" in text and "rechtszaak" not in text

    def test_a_case_one_is_kept_out_of_is_not_there(self, town: Place, case: Incident, english: Any):
        page = reverse("retention_preview", args=["vlinderwaard"])
        assert case.reference in english(town.deputy).get(page).content.decode()
        Exclusion.objects.create(
            organisation=town.organisation, incident=case, user=town.deputy, at=clock.now(), by=town.adviser
        )
        assert case.reference not in english(town.deputy).get(page).content.decode()
        assert english(town.deputy).get(reverse("case_keeping", args=[case.pk])).status_code == 404

    def test_costs_the_same_with_more_cases(
        self, town: Place, case: Incident, english: Any, django_assert_num_queries: Any
    ):
        client, page = english(town.adviser), reverse("retention_preview", args=["vlinderwaard"])
        client.get(page)
        count = 12
        with django_assert_num_queries(count):
            client.get(page)
        clock.set_to(clock.START)
        for _number in range(2):
            close(full_case(town), town.adviser)
        clock.set_to(clock.START.replace(year=2028, month=11, day=1))
        with django_assert_num_queries(count):
            client.get(page)


class TestCasePage:
    def test_keep_longer_and_lift(self, town: Place, english: Any):
        agree_terms(town)
        case, client = close(full_case(town), town.adviser), english(town.adviser)
        page, longer = reverse("case_keeping", args=[case.pk]), reverse("case_keep_longer", args=[case.pk])
        assert "24 November 2028" in client.get(page).content.decode()
        assert client.post(longer, stay_data()).status_code == 302
        text = client.get(page).content.decode()
        assert "&lt;script&gt;" in text and "De rechtszaak loopt nog. 😡" in text
        lift = reverse(
            "case_stay_lift",
            args=[case.pk, RetentionStay.objects.get(part="", lifted_at=None, until=date(2027, 5, 1)).pk],
        )
        assert client.post(lift).status_code == 302
        assert client.post(lift).status_code == 409

    @pytest.mark.parametrize(
        "wrong", [{"until": "10000-01-01"}, {"until": "0001-01-01"}, {"reason": ""}, {"kind": "x"}]
    )
    def test_what_was_typed_comes_back(self, town: Place, english: Any, wrong: dict[str, str]):
        case, client = close(full_case(town), town.adviser), english(town.adviser)
        answer = client.post(reverse("case_keep_longer", args=[case.pk]), stay_data(**wrong))
        assert answer.status_code in {400, 409}
        assert "reason" in wrong or "De rechtszaak loopt nog." in answer.content.decode()
        assert (
            not RetentionStay.objects.filter(lifted_at__isnull=True, by=town.adviser)
            .exclude(at__lt=clock.now())
            .exists()
        )

    def test_what_is_gone_is_said_on_every_page(self, town: Place, english: Any):
        agree_terms(town)
        case, client = close(full_case(town), town.adviser), english(town.adviser)
        clock.set_to(clock.START.replace(year=2029))
        destroy_due(now=clock.now())
        text = client.get(reverse("case", args=[case.pk])).content.decode()
        assert "Parts of this case were destroyed" in text
        text = client.get(reverse("case_keeping", args=[case.pk])).content.decode()
        assert "certificate 1" in text and text.count("24 November 2029") >= 3

    def test_every_page_opens_when_all_is_gone(self, town: Place, english: Any):
        agree_terms(town)
        case, client = close(full_case(town), town.adviser), english(town.adviser)
        clock.set_to(clock.START.replace(year=2033))
        destroy_due(now=clock.now())
        names = (
            *("case", "case_timeline", "case_people", "case_links", "case_messages", "case_files", "case_reactions"),
            *("case_letters", "case_police", "case_care", "case_damage", "case_ending", "case_keeping"),
        )
        for name in names:
            answer = client.get(reverse(name, args=[case.pk]))
            assert answer.status_code == 200, name
            assert CANARY not in answer.content.decode(), name
        assert client.get(reverse("case_list")).status_code == 200
        letter = case.letters.get()
        assert client.get(reverse("letter", args=[case.pk, letter.pk])).status_code == 404
        assert client.get(reverse("reaction", args=[case.reactions.get().pk])).status_code == 200
        assert client.get(reverse("police_sheet", args=[case.police_sheets.get().pk])).status_code == 200
        person = case.involvements.get(role="perpetrator").person
        assert client.get(reverse("person", args=[person.pk])).status_code == 200
        assert english(town.employee).get(reverse("report_status", args=[case.pk])).status_code == 404

    def test_costs(self, town: Place, english: Any, django_assert_num_queries: Any):
        agree_terms(town)
        case, client = close(full_case(town), town.adviser), english(town.adviser)
        page = reverse("case_keeping", args=[case.pk])
        client.get(page)
        with django_assert_num_queries(12):
            client.get(page)
        for month in (5, 6, 7):
            keep_longer(incident=case, kind=StayKind.POSTPONED, part=None, until=date(2027, month, 1), reason=WORDS,
                        by=town.adviser, now=clock.now())  # fmt: skip
        with django_assert_num_queries(12):
            client.get(page)


class TestCertificates:
    def test_list_and_paper(self, town: Place, english: Any, pango: None):
        agree_terms(town)
        close(full_case(town), town.adviser)
        clock.set_to(clock.START.replace(year=2029))
        destroy_due(now=clock.now())
        for user in (town.adviser, town.administrator, town.auditor):
            client = english(user)
            listed = client.get(reverse("retention_certificates", args=["vlinderwaard"])).content.decode()
            assert "24 November 2029" in listed
            paper = client.get(reverse("retention_certificate", args=["vlinderwaard", 1]))
            assert paper.status_code == 200 and paper.content.startswith(b"%PDF")
        assert english(town.management).get(reverse("retention_certificates", args=["vlinderwaard"])).status_code == 403
        assert client.get(reverse("retention_certificate", args=["vlinderwaard", 9])).status_code == 404


class TestWho:
    """A stranger is led to signing in, another organisation gets 404, a lesser role 403."""

    def test_organisation_pages(self, town: Place, other_town: Place, english: Any, client: Client):
        agree_terms(town)
        for name in ("retention_terms", "retention_preview", "retention_certificates"):
            page = reverse(name, args=["vlinderwaard"])
            assert client.get(page).status_code == 302, name
            assert english(other_town.adviser).get(page).status_code == 404, name
            assert english(town.employee).get(page).status_code == 403, name
            assert english(town.adviser).get(page).status_code == 200, name
        assert english(town.administrator).get(reverse("retention_preview", args=["vlinderwaard"])).status_code == 403
        assert english(town.adviser).post(reverse("retention_choose", args=["vlinderwaard"])).status_code == 403

    def test_case_pages(self, town: Place, other_town: Place, english: Any, client: Client):
        case = full_case(town)
        page, longer = reverse("case_keeping", args=[case.pk]), reverse("case_keep_longer", args=[case.pk])
        assert client.get(page).status_code == 302 and client.post(longer, stay_data()).status_code == 200
        assert english(other_town.adviser).get(page).status_code == 404
        assert english(other_town.adviser).post(longer, stay_data()).status_code == 404
        assert english(town.employee).get(page).status_code == 403
        assert english(town.adviser).get(page).status_code == 200


def test_the_desk_finds_what_is_destroyed_soon(town: Place, as_user: Any):
    address = reverse("retention_preview", args=[town.organisation.slug])
    client, case = as_user(town.adviser), make_incident(town)
    for page in (reverse("work_list"), reverse("case_keeping", args=[case.pk])):
        assert f'href="{address}"' in client.get(page).content.decode()
    assert client.get(address).status_code == 200
    assert as_user(town.employee).get(address).status_code == 403
