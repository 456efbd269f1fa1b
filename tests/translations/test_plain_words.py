"""Everything that someone who reports may read is plain Dutch, level B1: short sentences, no official words, "u"."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, NamedTuple

import polib
import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from incidents.actions.additions import Addition, add_to_report
from incidents.actions.closing import close_case
from incidents.actions.messages import ask_person, write_to_person
from incidents.actions.people import ask_witness
from incidents.actions.reminders.sweep import sweep
from incidents.actions.tasks import decline_task
from incidents.models import Message
from incidents.vocabulary import StatementKind
from tests import clock
from tests.translations.extract import CATALOGUE
from tests.world import STEPS, Place, make_incident, report_data

LONGEST = 20  # words in a sentence
USUAL = 15  # words: 95 of 100 sentences are no longer
# Words of offices, that people who are not used to them stumble over.
OFFICIAL = """
aangaande aangelegenheid aanvang aanwenden abusievelijk additioneel adequaat alsdan alsmede alsook alvorens anderzijds
beoogd bescheiden beschikken bewerkstelligen betreffende bijgevolg bovengenoemd bovenstaand casu casus certificeren
conform consulteren constateren continueren daaromtrent daartoe derhalve desalniettemin desbetreffende desgewenst
deswege dienaangaande dienen dient diens diverse doch doelstelling doorgaans draagvlak echter eender effectueren
eenieder eveneens evenwel exploiteren expliciet faciliteren faciliteert fungeren geacht geenszins geïmplementeerd
gedurende gelieve generlei gremium heden hetgeen hieromtrent hierbij hiertoe hiervoren impliceren implementatie
implementeren inachtneming incorporeren indien indienen initiëren inzake inzage jegens krachtens kunnende louter
middels mits mitsdien nader nadien navolgende nimmer noodzakelijkerwijs omtrent onderhavig ondersteunende onverwijld
onverminderd onzerzijds operationeel opdat participeren periodiek prioriteren procedure prevaleren ratificeren
realiseren reeds relevant respectievelijk retourneren sancties slechts stagneren teneinde tengevolge tevens terzake
thans ultimo uiteraard uitsluitend verscheidene verstrekken vigerend vooralsnog voornoemd voorts voormeld waarborgen
wederom wijziging woonachtig zodoende zulks
"""
DIFFICULT = OFFICIAL.split()
RULES = {
    "a difficult word": re.compile(rf"(?<![\w-])({'|'.join(DIFFICULT)})(?![\w-])", re.IGNORECASE),
    "not u": re.compile(r"\b(jij|je|jou|jouw|jullie|jezelf)\b", re.IGNORECASE),
    "a chain of passive verbs": re.compile(
        r"\b(wordt|worden|werd|werden|is|zijn|was|waren|ben|bent) (?:[\w-]+ ){0,8}?geworden\b"
        r"|\b(zal|zullen|zou|zouden|dient|dienen|behoort|behoren) (?:[\w-]+ ){0,8}?(te )?worden\b",
        re.IGNORECASE,
    ),
}
# Rule and sentence (or the beginning of one), and why it may stand.
EXCEPTIONS: dict[tuple[str, str], str] = {}
# What is for people who report, also where no page of this test shows it: mistakes, refusals, proof on paper, mails.
FILES = re.compile(
    r"incidents/forms/(report|steps|care|near_miss|additions|messages|closing|visibility|offline|fields)"
    r"|incidents/views/(report|near_miss|additions|messages|closing|visibility|witness|status|who_looked|receipt|offline|care"
    r"|evidence|signed_out|typed|start)"
    r"|incidents/actions/(drafts|report|evidence|additions|messages|closing|exclusions|locations|near_miss|offline"
    r"|people|mail_text|refusals|care)"
    r"|incidents/evidence_kinds"
    r"|templates/incidents/(report|near_miss|care|receipt|messages|closing|visibility|who_looked|witness|offline|home)"
    r"|templates/parts/(asked|closing|device|earlier|emergency|evidence|help|kept|quick_exit|report_buttons|statement"
    r"|status|thread|coming|done)|templates/(40|50)|templates/accounts"
)
BLOCK_TAGS = """
address article aside blockquote body br button caption dd details div dl dt fieldset figcaption footer form h1 h2 h3 h4
head header hr label legend li main nav ol option p section select small strong summary table tbody td template textarea
tfoot th thead title tr ul
"""
BLOCKS = set(BLOCK_TAGS.split())
SHOWN = {"alt", "title", "aria-label", "placeholder"}  # and data-…, which the scripts say


class Sentence(NamedTuple):
    text: str
    page: str


class Words(HTMLParser):
    """The texts of a page, one for each block."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = [""]
        self.typed = 0  # inside what people typed themselves

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag in BLOCKS:
            self.texts.append("")
        if tag in {"script", "style", "textarea"} or (self.typed and tag not in {"br", "input", "img", "meta", "link"}):
            self.typed += 1
        elif "prose" in (given.get("class") or "").split():
            self.typed = 1
        for name, value in given.items():
            if name in SHOWN or (name.startswith("data-") and " " in (value or "")):
                self.texts[-1:-1] = [value or ""]

    def handle_endtag(self, tag: str) -> None:
        if self.typed:
            self.typed -= 1
        if tag in BLOCKS:
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        if not self.typed:
            self.texts[-1] += data


def sentences(text: str, page: str) -> Iterator[Sentence]:
    plain = re.sub(r"%\(\w+\)s|\{\w+\}", "X", " ".join(text.split()))
    plain = re.sub(r"“[^”]*”", "X", plain)  # what someone else said
    for part in re.split(r"(?<=[.!?…])\s+", plain):
        if re.search(r"[^\W\d_]{2}", part):
            yield Sentence(part, page)


def on_page(html: str, page: str) -> list[Sentence]:
    words = Words()
    words.feed(html)
    return [sentence for text in words.texts for sentence in sentences(text, page)]


def count(sentence: Sentence) -> int:
    return len(re.findall(r"[^\W_][\w’'/@.-]*", sentence.text))


def faults(found: list[Sentence]) -> list[str]:
    """Each rule that is broken, with the sentence and the page; the exceptions are left out."""
    told = {}
    for sentence in found:
        broken = [name for name, rule in RULES.items() if rule.search(sentence.text)]
        if count(sentence) > LONGEST:
            broken.append("too long")
        for name in broken:
            if not any(name == rule and sentence.text.startswith(start) for rule, start in EXCEPTIONS):
                hit = RULES[name].search(sentence.text) if name in RULES else None
                what = f"“{hit.group()}”" if hit else f"{count(sentence)} words"
                told[name, sentence.text] = f"{name} ({what}): {sentence.text}   [{sentence.page}]"
    return sorted(told.values())


@pytest.fixture
def told(town: Place, as_user: Any, writer: Any) -> dict[str, str]:
    """The pages of people who report, full, in Dutch, and their mails: page by name."""
    pages: dict[str, str] = {}

    def look(name: str, response: Any, status: int = 200) -> None:
        assert response.status_code == status, name
        pages[name] = response.content.decode()

    now = clock.now()
    client = as_user(town.employee)
    for name in ("sign_in", "offline"):
        look(name, Client().get(reverse(name)))
    look("home, empty", client.get(reverse("home")))
    look("near miss", client.get(reverse("near_miss")))
    person = writer(town.employee, client)
    person.start(town, is_safe_now="no")
    look("what happened, mistakes", person.post("gebeurd", {"day": "1999-01-01"}), 400)
    look("who, mistakes", person.post("wie", {"reporter_is": "colleague", "witnesses": "-1"}), 400)
    look("needs, mistakes", person.post("nodig", {"injury": "yes", "sick_leave_days": "-1"}), 400)
    look("check, too early", person.post("controle", {"kept_out_email": "niemand@elders.invalid"}), 400)
    full = report_data(behaviours=["threat", "online_hate"], injury="yes", damage="yes", is_going_on="on")
    for step in STEPS[1:-1]:
        person.post(step, full)
    for step in STEPS[1:]:
        pages[step] = person.page(step)
    look("start", client.get(reverse("report")))

    incident = make_incident(town, behaviours=("threat",), injury=True)
    made = make_incident(town, by=town.manager, affected=town.employee, affected_name="Jo", reporter_is="manager")
    ask_witness(incident=made, email=town.support.email, by=town.employee, now=now)
    told = Addition(form_key=person.key, text="Tekst.", kind=StatementKind.CORRECTION)
    add_to_report(incident=made, addition=told, by=town.employee, now=now)
    letter = {"incident": incident, "person": town.employee, "text": "Tekst.", "by": town.adviser, "now": now}
    write_to_person(**letter, form_key=person.key)
    ask_person(**letter, form_key=incident.pk, asks=["complaints", "motive"])
    asked = Message.objects.get(is_question=True)
    sweep(now=clock.move(hours=1))
    for name in ("report_status", "visibility", "report_add", "who_looked", "messages"):
        look(name, client.get(reverse(name, args=[incident.pk])))
    look("question", client.get(reverse("question", args=[incident.pk, asked.pk])))
    for name in ("report_status", "report_correct"):
        look(f"{name}, of another", client.get(reverse(name, args=[made.pk])))
    look("receipt only", as_user(town.manager).get(reverse("report_status", args=[made.pk])))
    look("witness", as_user(town.support).get(reverse("witness", args=[made.pk])))
    for task in incident.tasks.filter(status="open"):
        decline_task(task=task, reason="Tekst.", by=town.adviser, now=clock.now())
    close_case(incident=incident, outcome="Tekst.", by=town.adviser, now=clock.now())
    for name in ("report_status", "helped", "reopen"):
        look(f"{name}, closed", client.get(reverse(name, args=[incident.pk])))
    look("home", client.get(reverse("home")))
    clock.move(days=40)
    look("report_status, closed long ago", client.get(reverse("report_status", args=[incident.pk])))
    sweep(now=clock.now())
    own = [letter for letter in mail.outbox if letter.to == [town.employee.email]]
    assert own
    for number, one in enumerate(own):
        pages[f"mail {number}"] = "".join(f"<p>{line}</p>" for line in [one.subject, *one.body.splitlines()])
    return pages


def test_pages_and_mails_for_who_reports_are_plain_dutch(told: dict[str, str]):
    found = [sentence for page, html in told.items() for sentence in on_page(html, page)]
    assert len({sentence.text for sentence in found}) > 300
    lengths = sorted(count(sentence) for sentence in {one.text: one for one in found if count(one) > 1}.values())
    usual = lengths[len(lengths) * 95 // 100]
    print(f"{len(lengths)} sentences, 95 of 100 have at most {usual} words")  # noqa: T201  a figure for the release
    assert not faults(found), "\n".join(["", *faults(found)])
    assert usual <= USUAL


def test_all_texts_for_who_reports_are_plain_dutch():
    found = [
        sentence
        for entry in polib.pofile(str(CATALOGUE))
        if any(FILES.match(name) for name, _line in entry.occurrences)
        for text in (list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr])
        for sentence in sentences(text, entry.occurrences[0][0])
    ]
    assert len(found) > 400
    assert not faults(found), "\n".join(["", *faults(found)])


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Wij bellen u inzake uw melding.", "a difficult word"),
        ("Je krijgt een brief.", "not u"),
        ("Het is niet bekend geworden.", "a chain of passive verbs"),
        ("Er zal een gesprek gevoerd worden.", "a chain of passive verbs"),
        ("een twee drie vier vijf zes zeven acht negen tien " * 2 + "elf.", "too long"),
    ],
)
def test_the_rules_find_what_they_are_for(text: str, rule: str):
    assert [fault.partition(" (")[0] for fault in faults(on_page(f"<p>{text}</p>", "here"))] == [rule]


def test_plain_sentences_pass_and_quotes_are_of_others():
    assert faults(on_page("<p>U krijgt een brief. Iemand zei: “ik krijg je nog wel”.</p>", "here")) == []


def test_the_list_is_long_and_each_exception_has_a_reason():
    assert len(set(DIFFICULT)) == len(DIFFICULT) >= 60
    assert all(EXCEPTIONS.values())
