"""What asks to prove once more who one is: the list by hand, held against the views (design of access, R8)."""

from typing import Any

import pytest
from django.urls import get_resolver, reverse

from tests.access.rights import GET, POST
from tests.access.test_rights import no_pdf, scene  # noqa: F401  fixtures
from tests.signing_in import proven

# Address, how it is asked, and as whom it may be done.
ACTS = [
    ("administration_role_new", "post", "administrator"),
    ("administration_person_address", "post", "administrator"),
    ("administration_person_close", "post", "administrator"),
    ("administration_person_open", "post", "administrator"),
    ("administration_person_sign_out", "post", "administrator"),
    ("administration_person_factor", "post", "administrator"),
    ("administration_person_emergency", "post", "administrator"),
    ("sign_in_plan", "get", "administrator"),
    ("retention_choose", "post", "administrator"),
    ("retention_agree", "post", "auditor"),
    ("role_agree", "post", "auditor"),
    ("role_refuse", "post", "auditor"),
    ("role_withdraw", "post", "auditor"),
    ("audit_export", "post", "auditor"),
    ("data_request_decide", "post", "auditor"),
    ("data_request_erase", "post", "adviser"),
    ("data_request_file", "get", "auditor"),
    ("case_export", "post", "adviser"),
    ("import_start", "post", "adviser"),
    ("import_undo", "post", "adviser"),
    ("case_visibility", "post", "adviser"),
    ("analysis", "post", "analyst"),
    ("police_pdf", "get", "adviser"),
    ("police_docx", "get", "adviser"),
    ("restricted_open", "post", "deputy"),
    ("my_data_file", "get", "employee"),
    ("my_session_end", "post", "employee"),
    ("my_sessions_end_others", "post", "employee"),
    ("factor_app", "get", "employee"),
    ("factor_app_gone", "post", "employee"),
    ("factor_passkey", "get", "employee"),
    ("factor_passkey_gone", "post", "employee"),
    ("factor_codes", "post", "employee"),
]


def test_the_list_is_all_there_is():
    asking = {
        one.name for one in _patterns(get_resolver().url_patterns) if getattr(one.callback, "asks_for_proof", False)
    }
    assert asking == {name for name, _method, _role in ACTS}


@pytest.mark.usefixtures("strictly", "no_pdf")
def test_each_asks_after_five_minutes_and_not_before(scene: dict[str, Any]):  # noqa: F811
    wrong = {}
    for name, method, role in ACTS:
        address = reverse(name, args=scene["addresses"].get(name, []))
        person = scene["people"][role]
        if not is_asked(getattr(proven(person, seconds_ago=301), method)(address)):
            wrong[name] = "is done without asking"
        elif is_asked(getattr(proven(person, seconds_ago=280), method)(address)):
            wrong[name] = "asks though it was proven just now"
    assert wrong == {}


def test_every_act_is_in_the_table_of_rights():
    assert {name for name, _method, _role in ACTS} <= set(GET) | set(POST)


def is_asked(response: Any) -> bool:
    asked_there = response.status_code == 302 and response["Location"].startswith(reverse("sign_in_again"))
    return asked_there or "accounts/sign_in_again.html" in [one.name for one in response.templates]


def _patterns(patterns: list[Any]) -> list[Any]:
    return [
        one for each in patterns for one in (_patterns(each.url_patterns) if hasattr(each, "url_patterns") else [each])
    ]
