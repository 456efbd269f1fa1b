"""The pictures of the handbook: each page is made without a mistake, holds the words said, and is still as pictured.

`make pictures` takes them again; otherwise what stands on the pages is compared with what stood there then.
"""

import os
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests import clock
from tests.handbook.camera import shoot, words_in, words_on
from tests.handbook.pages import Picture, pictures, plain
from tests.handbook.scene import EDGE, Scene
from tests.look.visitor import Visitor, sideways
from vpdportal.accounts.models import RoleProposal, User

pytestmark = pytest.mark.browser
MAKES = bool(os.environ.get("PICTURES"))


class Album:
    """Goes to the page of a picture as its person, and brings it in the state that it shows."""

    def __init__(self, chromium: Any, address: str, scene: Scene) -> None:
        self.chromium, self.address, self.scene = chromium, address, scene

    def open(self, picture: Picture) -> Visitor:
        visitor = Visitor(
            self.chromium,
            self.address,
            picture.width,
            "nl",
            with_axe=False,
            user_agent=EDGE,
            reduced_motion="reduce",
            locale="nl-NL",
        )
        visitor.page.set_viewport_size({"width": picture.width, "height": picture.height})
        if picture.address != "sign_in":
            self._sign_in(visitor, self.scene.person(picture.role))
        kind = picture.file.removesuffix(".png").replace("-", "_")
        getattr(self, f"_{kind}", lambda visitor: self._go(visitor, reverse(picture.address)))(visitor)
        return visitor

    def _sign_in(self, visitor: Visitor, person: User) -> None:
        client = Client(headers={"user-agent": EDGE})
        client.force_login(person)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        visitor.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": self.address}])

    def _go(self, visitor: Visitor, path: str) -> None:
        assert visitor.go(path) == 200, path

    def _of(self, name: str) -> str:
        return reverse(name, args=[self.scene.town.slug])

    def _employee_step(self, visitor: Visitor) -> None:
        self._go(visitor, reverse("report"))
        visitor.page.check('input[name="is_safe_now"][value="yes"]')
        visitor.page.click('form[action="/melden/"] .button--primary')
        visitor.page.wait_for_url("**/gebeurd/")
        visitor.page.check('input[name="behaviours"][value="threat"]')

    def _employee_status(self, visitor: Visitor) -> None:
        self._go(visitor, reverse("report_status", args=[self.scene.counter.pk]))

    def _employee_check(self, visitor: Visitor) -> None:
        self._go(visitor, reverse("person_check"))
        visitor.page.fill('[name="phone"]', "06-00000021")
        visitor.page.fill('[name="reason"]', "Huisbezoek morgen om tien uur")
        with visitor.page.expect_navigation():
            visitor.page.click("main form .button--primary")

    def _employee_sessions(self, visitor: Visitor) -> None:
        """Sessions are written down only where a second step is asked; so this one is told to be there."""
        here = next(one["value"] for one in visitor.context.cookies() if one["name"] == settings.SESSION_COOKIE_NAME)
        person, now = self.scene.person("employee"), clock.now()
        moments = {"created_at": now, "last_seen_at": now}
        UserSession.objects.create(user=person, session_key=here, ip="192.0.2.7", user_agent=EDGE, **moments)
        self._go(visitor, reverse("my_sessions"))

    def _adviser_case(self, visitor: Visitor) -> None:
        self._go(visitor, reverse("case", args=[self.scene.task_of("support").incident_id]))

    _adviser_advice = _adviser_case

    def _manager_task(self, visitor: Visitor) -> None:
        self._go(visitor, reverse("task", args=[self.scene.task_of("manager").pk]))

    def _support_care_plan(self, visitor: Visitor) -> None:
        self._go(visitor, reverse("care_plan", args=[self.scene.task_of("support").pk]))

    def _legal_signing(self, visitor: Visitor) -> None:
        self._go(visitor, reverse("reaction_second", args=[self.scene.to_look_along().pk]))

    def _management_month(self, visitor: Visitor) -> None:
        self._go(visitor, reverse("overview", args=[self.scene.town.slug, "2026-10"]))

    def _management_why(self, visitor: Visitor) -> None:
        self._management_month(visitor)
        visitor.page.click("details:has-text('Waarom staat hier ergens geen getal?') > summary")

    def _management_signing(self, visitor: Visitor) -> None:
        self._go(visitor, reverse("reaction_sign", args=[self.scene.to_sign().pk]))

    def _administrator_start(self, visitor: Visitor) -> None:
        self._go(visitor, self._of("administration"))

    def _administrator_roles(self, visitor: Visitor) -> None:
        visitor.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
        self._sign_in(visitor, User.objects.get(name="Yara Ijsvogel"))
        assert RoleProposal.objects.filter(decided_at=None).exists()
        self._go(visitor, self._of("role_proposals"))

    def _administrator_menu_card(self, visitor: Visitor) -> None:
        self._go(visitor, self._of("card_edit"))

    def _auditor_log(self, visitor: Visitor) -> None:
        self._go(visitor, self._of("audit_log"))

    def _auditor_terms(self, visitor: Visitor) -> None:
        self._go(visitor, self._of("retention_terms"))

    def _auditor_data_request(self, visitor: Visitor) -> None:
        request = self.scene.ready_request()
        self._go(visitor, reverse("data_request", args=[request.pk]))


@pytest.fixture
def album(committed: None, live_server: Any, chromium: Any) -> Album:
    return Album(chromium, live_server.url, Scene())


def chosen() -> tuple[Picture, ...]:
    """All, or those named: PICTURES=employee-start.png. The log first: it tells of who looked for the others."""
    named = os.environ.get("PICTURES", "").split(",")
    found = [one for one in pictures() if one.file in named] or pictures()
    return tuple(sorted(found, key=lambda picture: picture.address != "audit_log"))


def test_every_picture(album: Album):
    faults = {}
    for picture in chosen():
        visitor = album.open(picture)
        if MAKES:
            shoot(visitor.page, picture)
        if found := faults_of(visitor.page, picture):
            faults[picture.file] = found
        visitor.context.close()
    assert faults == {}, "`make pictures` takes the pictures again"


def faults_of(page: Any, picture: Picture) -> list[str]:
    told, seen = words_on(page, picture), plain(page.inner_text("body")).lower()
    found = [f"is not on the page: {word}" for word in picture.words if word.lower() not in seen]
    if told != words_in(picture):
        found.append(f"the page changed since: {_difference(words_in(picture), told)}")
    return found + sideways(page)


def _difference(before: str, now: str) -> str:
    """From a few words before where it begins to differ."""
    at = max(0, len(os.path.commonprefix([before, now])) - 30)
    return f"{before[at : at + 90]!r} is now {now[at : at + 90]!r}"
