"""Places, their short link, their QR code and their poster."""

import re
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageDraw
from pypdf import PdfReader

from incidents.actions.locations import NameTaken, location_for, save_location
from incidents.models import Location
from incidents.references import ALPHABET
from incidents.views import posters
from tests import clock
from tests.shown import opened
from tests.vpdportal.test_pdf import tags
from tests.world import PASSWORD, Place, make_incident
from vpdportal.audit.models import AuditEvent

SLUG = ["vlinderwaard"]
QUIET = 4  # modules of white that the standard asks around a QR code
SCALE = 4  # pixels of a module in our drawing
DRAWING = re.compile(r'viewBox="0 0 (\d+) \1".*?<rect [^>]*fill="(#\w+)"/><path d="([^"]+)" fill="(#\w+)"')


def make_location(at: Place, name: str = "Balie 3", **more: Any) -> Location:
    return save_location(
        location=Location(organisation=at.organisation, name=name, **more),
        by=at.administrator,
        changed=["name"],
        now=clock.now(),
    )


def form_data(**more: str) -> dict[str, str]:
    return {"name": "Balie 3", "kind": "building", "department": "", "channel": "counter", "is_active": "on", **more}


def drawing(page: str) -> Image.Image:
    """The first QR code of a page as a picture: what its rectangle and path say, in their own colours."""
    found = DRAWING.search(page)
    assert found is not None
    size, white, path, black = found.groups()
    picture = Image.new("RGB", (int(size) * SCALE, int(size) * SCALE), white)
    pen = ImageDraw.Draw(picture)
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", path):
        left, top = int(x) * SCALE, int(y) * SCALE
        pen.rectangle((left, top, left + int(length) * SCALE - 1, top + SCALE - 1), fill=black)
    return picture


def read_aloud(picture: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture)]


# --- the list, one and many ---


def test_a_new_place_gets_a_code_and_shows_its_link_and_its_qr(town: Place, as_user: Any, settings: Any):
    settings.PORTAL_URL = "https://vpd.vlinderwaard.example"
    client = as_user(town.administrator)
    response = client.post(reverse("location_new", args=SLUG), form_data(department=str(town.department.pk)))
    place = Location.objects.get()
    assert response.status_code == 302 and response["Location"] == reverse("location", args=[*SLUG, place.pk])
    assert len(place.code) == 6 and set(place.code) <= set(ALPHABET)
    assert (place.organisation, place.department, place.channel) == (town.organisation, town.department, "counter")
    page = client.get(response["Location"]).content.decode()
    assert f'href="https://vpd.vlinderwaard.example/m/{place.code}/"' in page
    assert read_aloud(drawing(page)) == [f"https://vpd.vlinderwaard.example/m/{place.code}/"]
    assert AuditEvent.objects.filter(action="location.saved", object_id=place.pk).count() == 1


def test_a_qr_has_a_title_white_around_it_and_nothing_that_our_policy_refuses(town: Place, as_user: Any):
    place = make_location(town)
    page = as_user(town.administrator).get(reverse("location", args=[*SLUG, place.pk])).content.decode()
    (svg,) = re.findall(r"<svg role=.*?</svg>", page)
    assert "<title>" in svg and not re.search(r"style|script|href|data:|class=", svg)
    picture = drawing(page)
    edge = QUIET * SCALE
    inside = (edge, edge, picture.width - edge, picture.height - edge)
    around = picture.copy()
    around.paste("white", inside)
    assert around.getcolors() == [(picture.width**2, (255, 255, 255))]
    colours = {colour for _number, colour in picture.crop(inside).getcolors() or []}
    assert colours == {(0, 0, 0), (255, 255, 255)}


def test_a_dirty_qr_is_still_read(town: Place, as_user: Any):
    place = make_location(town)
    page = as_user(town.administrator).get(reverse("location", args=[*SLUG, place.pk])).content.decode()
    picture = drawing(page)
    middle = picture.width // 2
    ImageDraw.Draw(picture).rectangle((middle, middle, middle + 6 * SCALE, middle + 6 * SCALE), fill="grey")
    assert read_aloud(picture) == [f"http://testserver/m/{place.code}/"]


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "x" * 81},
        {"name": "een\0naam"},
        {"kind": "maan"},
        {"channel": "rook"},
        {"department": "geen afdeling"},
        {"name": "loket 🌷 één"},
    ],
)
def test_a_wrong_form_comes_back_filled_in(town: Place, as_user: Any, change: dict[str, str]):
    make_location(town, "Loket 🌷 één")
    client, address = as_user(town.administrator), reverse("location_new", args=SLUG)
    response = client.post(address, form_data(**{"name": "Bus 12", **change}))
    page = response.content.decode()
    assert response.status_code == 400 and 'id="errors"' in page and Location.objects.count() == 1
    assert (change.get("name") or "counter").replace("\0", "") in page.replace("\0", "")
    assert client.post(address, form_data(name="Bus 12")).status_code == 302


def test_a_name_that_was_taken_after_the_form_looked_is_refused(town: Place, other_town: Place):
    make_location(town)
    with pytest.raises(NameTaken):
        make_location(town)
    assert make_location(other_town).name == "Balie 3"


def test_changing_a_place_keeps_its_code(town: Place, as_user: Any):
    place = make_location(town)
    town.department.is_active = False
    town.department.save()
    place.department = town.department
    place.save()
    client, address = as_user(town.administrator), reverse("location", args=[*SLUG, place.pk])
    assert f'value="{town.department.pk}" selected' in client.get(address).content.decode()
    data = form_data(name="Balie 4", department=str(town.department.pk), channel="telephone")
    assert client.post(address, data).status_code == 302
    changed = Location.objects.get()
    assert (changed.code, changed.name, changed.channel) == (place.code, "Balie 4", "telephone")
    assert changed.department == town.department
    assert AuditEvent.objects.filter(action="location.saved").latest("position").fields == ["channel", "name"]


def test_a_fleet_at_once(town: Place, as_user: Any):
    make_location(town, "Veegwagen 1")
    client, address = as_user(town.administrator), reverse("location_many", args=SLUG)
    names = "Veegwagen 1\n\n  Veegwagen   2  \r\nveegwagen 1\nVeegwagen 3 🚐\nVeegwagen 2\nVEEGWAGEN 3 🚐\n"
    data = {"names": names, "kind": "vehicle", "department": str(town.department.pk), "channel": "public_space"}
    page = client.post(address, data, follow=True).content.decode()
    fresh = Location.objects.exclude(name="Veegwagen 1")
    assert sorted(place.name for place in fresh) == ["Veegwagen 2", "Veegwagen 3 🚐"]
    assert {(place.kind, place.channel, place.department) for place in fresh} == {
        ("vehicle", "public_space", town.department)
    }
    assert len(set(Location.objects.values_list("code", flat=True))) == 3
    assert "Veegwagen 3 🚐" in page
    client.post(address, data)
    assert Location.objects.count() == 3
    assert AuditEvent.objects.filter(action="locations.added").count() == 2


@pytest.mark.parametrize(
    ("names", "said"),
    [(" \n \n", "names"), ("Bus 1\n" + "x" * 81 + "\nBus 2", "2"), ("\n".join(map(str, range(501))), "500")],
)
def test_a_list_that_cannot_be_added_comes_back_whole(town: Place, as_user: Any, names: str, said: str):
    data = {"names": names, "kind": "vehicle", "department": "", "channel": "public_space"}
    response = as_user(town.administrator).post(reverse("location_many", args=SLUG), data)
    page = response.content.decode()
    assert response.status_code == 400 and not Location.objects.exists()
    assert said in page.partition('id="errors"')[2].partition("</div>")[0]
    assert all(name in page for name in names.split())


def test_a_place_that_is_switched_off_leads_nowhere_and_stays_with_its_reports(town: Place, as_user: Any):
    place = make_location(town)
    incident = make_incident(town, location=place)
    client = as_user(town.administrator)
    poster = reverse("location_poster", args=[*SLUG, place.pk])
    assert client.get(poster).status_code == 200
    assert location_for(place.code, [town.organisation]) == place
    client.post(reverse("location_off", args=[*SLUG, place.pk]))
    incident.refresh_from_db()
    assert incident.location == place
    assert client.get(poster).status_code == 404 and location_for(place.code, [town.organisation]) is None
    client.post(reverse("location", args=[*SLUG, place.pk]), form_data())
    assert client.get(poster).status_code == 200 and location_for(place.code, [town.organisation]) == place


def test_an_old_page_does_not_switch_it_on_again(town: Place, as_user: Any):
    place, client = make_location(town), as_user(town.administrator)
    client.cookies["vpd_language"] = "en"
    address = reverse("location", args=[town.organisation.slug, place.pk])
    Location.objects.filter(pk=place.pk).update(kind="building", channel="counter")
    old = opened(client, address)
    client.post(reverse("location_off", args=[town.organisation.slug, place.pk]))
    answer = client.post(address, {**old, "name": "Balie drie"})
    page = answer.content.decode()
    assert answer.status_code == 409 and "Kept now: No." in page and "Balie drie" in page
    assert not Location.objects.get(pk=place.pk).is_active


def test_places_of_another_organisation_are_not_there(town: Place, other_town: Place, as_user: Any):
    own, theirs = make_location(town, "Balie 3"), make_location(other_town, "Kanarieplaats")
    client = as_user(town.administrator)
    for name in ("location", "location_poster"):
        assert client.get(reverse(name, args=[*SLUG, own.pk])).status_code == 200
        assert client.get(reverse(name, args=[*SLUG, theirs.pk])).status_code == 404
        assert client.get(reverse(name, args=["elders", theirs.pk])).status_code == 404
    assert client.post(reverse("location_off", args=[*SLUG, theirs.pk])).status_code == 404
    assert client.post(reverse("location", args=[*SLUG, theirs.pk]), form_data(name="Gekaapt")).status_code == 404
    theirs.refresh_from_db()
    assert theirs.is_active and theirs.name == "Kanarieplaats"
    for name in ("locations", "location_posters"):
        page = client.get(reverse(name, args=SLUG)).content.decode()
        assert "Balie 3" in page and "Kanarieplaats" not in page


def test_the_list_is_searched_and_paged(town: Place, as_user: Any):
    client, address = as_user(town.administrator), reverse("locations", args=SLUG)
    assert 'class="empty"' in client.get(address).content.decode()
    names = "\n".join(f"Wagen {number:03}" for number in range(300))
    data = {"names": names, "kind": "vehicle", "department": "", "channel": "public_space"}
    client.post(reverse("location_many", args=SLUG), data)
    pages = [client.get(address)]
    while mark := pages[-1].context["page"].next:
        pages.append(client.get(address, {"page": mark}))
    first, last = (page.content.decode() for page in (pages[0], pages[-1]))
    assert "Wagen 000" in first and "Wagen 299" not in first and "Wagen 299" in last
    found = client.get(address, {"name": "gen 29"}).content.decode()
    assert found.count("Wagen 29") >= 10 and "Wagen 100" not in found
    for odd in ("\0", "%", "x" * 500, "🚐", "'; --"):
        assert client.get(address, {"name": odd}).status_code == 200


# --- the code: who may follow it ---


@pytest.mark.parametrize("typed", ["7K0QD1", "7k0qd1", "7kOqdI", "7KoQDl", " 7k0-qd1 "])
def test_a_code_is_found_however_it_is_typed(town: Place, typed: str):
    place = make_location(town, code="7K0QD1")
    assert location_for(typed, [town.organisation]) == place


@pytest.mark.parametrize("typed", ["", "7K0QD2", "7K0QD", "7K0QD11", "\0", "🌷", "%", "x" * 5000])
def test_another_code_finds_nothing(town: Place, typed: str):
    make_location(town, code="7K0QD1")
    assert location_for(typed, [town.organisation]) is None


def test_a_foreign_code_is_as_unknown_as_one_that_is_not_there(town: Place, other_town: Place):
    place = make_location(town)
    assert location_for(place.code, [other_town.organisation, town.organisation]) == place
    assert location_for(place.code, [other_town.organisation]) is None
    assert location_for(place.code, []) is None


@pytest.mark.parametrize("typed", ["7K0QD1", "7kOqdl"])
def test_the_short_link_leads_on_to_the_report(town: Place, as_user: Any, typed: str):
    response = as_user(town.employee).get(f"/m/{typed}/")
    assert (response.status_code, response["Location"]) == (302, reverse("report") + "?plek=7K0QD1")


def test_a_stranger_signs_in_first_and_comes_back(town: Place):
    client = Client()
    first = client.get("/m/7k0qd1/")
    assert first.status_code == 302 and first["Location"] == "/inloggen/?next=/m/7k0qd1/"
    signed_in = client.post(first["Location"], {"username": town.employee.email, "password": PASSWORD})
    assert (signed_in.status_code, signed_in["Location"]) == (302, "/m/7k0qd1/")
    assert client.get(signed_in["Location"])["Location"] == reverse("report") + "?plek=7K0QD1"


@pytest.mark.parametrize("odd", ["%00", "%F0%9F%8C%B7", "..%5C", "%22%3E%3Cscript%3E", "x" * 2000])
def test_a_garbled_link_still_leads_to_the_form(town: Place, as_user: Any, odd: str):
    response = as_user(town.employee).get(f"/m/{odd}/")
    assert response.status_code == 302
    assert re.fullmatch(re.escape(reverse("report")) + r"\?plek=[0-9A-Z]{0,8}", response["Location"])


# --- the poster ---


def poster(client: Client, place: Location, language: str = "en") -> str:
    client.cookies["vpd_language"] = language
    page = client.get(reverse("location_poster", args=[*SLUG, place.pk])).content.decode()
    (article,) = re.findall(r"<article>.*?</article>", page, re.DOTALL)
    assert f'<html lang="{language}">' in page
    return article


def test_the_poster_says_112_first_then_what_to_do(town: Place, as_user: Any):
    place = make_location(town, "Balie 3 <b>🌷")
    sheet = poster(as_user(town.administrator), place)
    order = [
        "Not safe? Call 112.",
        "5555",
        "Experienced aggression?<br>Report it.",
        "<svg",
        "Balie 3 &lt;b&gt;🌷",
        f"testserver<span>/m/{place.code}</span>",
        "3 minutes",
        "Who sees it?",
        town.organisation.name,
    ]
    assert [sheet.find(part) for part in order] == sorted(sheet.find(part) for part in order)
    assert -1 not in [sheet.find(part) for part in order]
    assert read_aloud(drawing(sheet)) == [f"http://testserver/m/{place.code}/"]
    assert "Niet veilig? Bel 112." in poster(as_user(town.administrator), place, "nl")


def test_no_name_or_number_of_a_person_is_on_the_poster(town: Place, as_user: Any):
    for person in town.people.values():
        person.phone = "06-kanarie"
        person.save()
    town.organisation.confidant = town.organisation.support_contact = "Kanarie, 06-1"
    town.organisation.save()
    sheet = poster(as_user(town.administrator), make_location(town))
    assert "5555" in sheet and "anarie" not in sheet
    assert not [person.name for person in town.people.values() if person.name in sheet]


def test_without_an_alarm_number_the_poster_names_none(town: Place, as_user: Any):
    place, client = make_location(town), as_user(town.administrator)
    assert "Internal alarm" in poster(client, place)
    town.organisation.internal_alarm = ""
    town.organisation.save()
    assert "Internal alarm" not in poster(client, place)


def test_one_poster_as_pdf(pango: None, town: Place, as_user: Any):
    place = make_location(town, "Eén loket in de hal")
    client = as_user(town.administrator)
    client.cookies["vpd_language"] = "en"
    response = client.get(reverse("location_poster_pdf", args=[*SLUG, place.pk]))
    assert response["Content-Disposition"] == f'attachment; filename="poster-{place.code}.pdf"'
    reader = PdfReader(BytesIO(response.content))
    catalog, text = reader.trailer["/Root"], reader.pages[0].extract_text()
    assert len(reader.pages) == 1 and catalog["/Lang"] == "en" and catalog["/MarkInfo"]["/Marked"]
    assert {"/H1", "/P", "/L", "/LI", "/Figure"} <= set(tags(catalog["/StructTreeRoot"]))
    flat = " ".join(text.split())
    for part in ("Call 112", "5555", "Report it", "Eén loket in de hal", f"/m/{place.code}"):
        assert part in flat
    width, height = (float(side) / 72 * 25.4 for side in reader.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (210, 297)


def test_all_posters_in_one_pdf_a_page_each(pango: None, town: Place, as_user: Any):
    names = [
        "Balie 1",
        "Balie 2",
        "w" * 80,
        "Een hele lange naam van een plek in het gebouw aan het plein " + "🌷" * 15,
    ]
    for name in names:
        make_location(town, name)
    make_location(town, "Kanarieplaats", is_active=False)
    response = as_user(town.administrator).get(reverse("location_posters_pdf", args=SLUG))
    pages = [page.extract_text().replace("\0", "") for page in PdfReader(BytesIO(response.content)).pages]
    assert len(pages) == len(names)
    codes = list(Location.objects.filter(is_active=True).values_list("code", flat=True))
    assert [code in page for code, page in zip(codes, pages, strict=True)] == [True] * len(names)
    assert not any("Kanarie" in page for page in pages)


def test_a_large_fleet_comes_in_parts(pango: None, town: Place, as_user: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(posters, "AT_ONCE", 2)
    codes = [make_location(town, f"Bus {number}").code for number in range(3)]
    client, address = as_user(town.administrator), reverse("location_posters", args=SLUG)
    shown = [client.get(address, {"page": number}).content.decode() for number in (1, 2)]
    assert [[code in page for code in codes] for page in shown] == [[True, True, False], [False, False, True]]
    link = f'href="{reverse("location_posters_pdf", args=SLUG)}?page=2"'
    assert link in shown[1] and link not in shown[0]
    response = client.get(reverse("location_posters_pdf", args=SLUG), {"page": 2})
    assert 'filename="posters-vlinderwaard-2.pdf"' in response["Content-Disposition"]
    (only,) = PdfReader(BytesIO(response.content)).pages
    assert codes[2] in only.extract_text()


@pytest.mark.parametrize("name", ["location_posters", "location_posters_pdf"])
def test_without_places_there_are_no_posters(town: Place, as_user: Any, name: str):
    assert as_user(town.administrator).get(reverse(name, args=SLUG)).status_code == 404


def test_the_pages_ask_the_same_however_many_places(town: Place, as_user: Any, django_assert_num_queries: Any):
    client = as_user(town.administrator)
    number = 0
    for more in (1, 2):
        for _place in range(more):
            number += 1
            make_location(town, f"Balie {number}", department=town.department)
        with django_assert_num_queries(4):
            client.get(reverse("locations", args=SLUG))
        with django_assert_num_queries(5):
            client.get(reverse("location_posters", args=SLUG))


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 360])
def test_a_telephone_reads_the_poster_from_the_screen(
    committed: None, live_server: Any, chromium: Any, town: Place, width: int
):
    place = make_location(town, "Balie 3")
    page = chromium.new_context(viewport={"width": width, "height": 900}).new_page()
    page.goto(live_server.url + "/inloggen/?next=" + reverse("location_poster", args=[*SLUG, place.pk]))
    page.fill("#id_username", town.administrator.email)
    page.fill("#id_password", PASSWORD)
    with page.expect_navigation():
        page.click("main button")
    photo = page.screenshot(full_page=True)
    assert read_aloud(Image.open(BytesIO(photo)).convert("RGB")) == [f"http://testserver/m/{place.code}/"]
    page.emulate_media(media="print")
    assert not page.locator(".site-head").is_visible() and page.locator("article svg").is_visible()
    page.context.close()
