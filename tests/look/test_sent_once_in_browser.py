"""A double click sends a form once, on the pages of a case too: two would be two lines of damage, or two witnesses."""

from typing import Any

import pytest
from django.urls import reverse

from tests.look.visitor import Visitor
from tests.world import make_incident, make_place

TWICE = """address => {
  let sent = 0;
  document.addEventListener("submit", event => { sent += event.defaultPrevented ? 0 : 1; event.preventDefault(); });
  const form = document.querySelector(`form[action="${address}"]`);
  form.requestSubmit();
  form.requestSubmit();
  return sent;
}"""

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("has_script", "sent"), [(True, 1), (False, 2)])
def test_a_double_click_sends_a_form_once(
    live_server: Any, committed: None, chromium: Any, has_script: bool, sent: int
):
    town = make_place("Vlinderwaard")
    case = make_incident(town)
    visitor = Visitor(chromium, live_server.url, 1280, "nl", with_axe=False)
    visitor.sign_in(town.adviser.email)
    if not has_script:
        visitor.page.route("**/page.*js", lambda route: route.abort())
    for name in ("case_damage", "case_police"):
        address = reverse(name, args=[case.pk])
        visitor.go(address)
        assert visitor.page.evaluate(TWICE, address) == sent, name
    visitor.context.close()
