"""The papers of one case: letters and the sheet for the police, made in the browser and read back as they went out."""

import io
import os
from datetime import date

from django.urls import reverse
from django.utils import translation
from django.utils.dateformat import format as as_date
from django.utils.timezone import localdate
from pypdf import PdfReader

from incidents.models import Letter, PoliceSheet, Reaction
from incidents.police_sheet import SEVEN_WS
from tests import clock
from tests.incidents.letters import read
from tests.stories.casework import CONDUCT, SAID, SUSPECT, Casework
from vpdportal import pdf

DOMICILE = "Postbus 1\n1234 AB Vlinderwaard"
HOME = "Geheimlaan 3"  # of the person hit, where the report names it
SEVEN_ANSWERS = (
    "een man met een rode jas",
    "hij sloeg en riep",
    "aan de balie",
    "met de hand",
    "eerst schelden, toen slaan",
    "dinsdag om elf uur",
    "een afwijzing",
)


class Papers(Casework):
    """The case with what goes out of the portal on paper."""

    def letter(self, reaction: Reaction) -> str:
        """Make the letter, read it back as a Word document and as a PDF, mark it as sent; gives its text."""
        page = self.adviser
        page.go(reverse("reaction", args=[reaction.pk]))
        page.follow(reverse("letter_new", args=[self.incident.pk, reaction.kind]) + f"?maatregel={reaction.pk}")
        form = page.page.locator('form:has([name="gedrag"])')
        page.send(form, contact="de VPD-adviseur, telefoon 14 0123")
        letter = Letter.objects.get(reaction=reaction)
        word = read(page.download(reverse("letter_file", args=[self.incident.pk, letter.pk, 1])))
        self._check_letter(word, reaction)
        preview = reverse("letter_preview", args=[self.incident.pk, letter.pk])
        if pdf_is_asked():
            self._check_letter(text_of_pdf(page.fetch(preview)), reaction)
        today = localdate(clock.now()).isoformat()
        page.send(page.form("letter_sent", self.incident.pk, letter.pk), sent_on=today, sent_by="registered")
        letter.refresh_from_db()
        assert letter.status == "sent" and letter.marked_by == self.town.adviser
        return word

    def _check_letter(self, text: str, reaction: Reaction) -> None:
        plain = squeezed(text)
        expected = [CONDUCT, SAID, self.incident.reference, dutch(reaction.conduct_on), SUSPECT, "Verzinstraat 7"]
        if reaction.kind != "warning":
            expected += [dutch(reaction.starts_on), dutch(reaction.ends_on), reaction.scope]
        assert [words for words in expected if squeezed(words) not in plain] == []
        assert "{{" not in text and "{%" not in text
        assert squeezed(self.town.employee.name) not in plain, "never the name of who was hit"

    def police_sheet(self, **answers: str) -> PoliceSheet:
        """Fill the sheet, read it back as a PDF and as a Word document, file it with a number."""
        page = self.page("case_police")
        page.send(page.form("case_police", self.incident.pk), way="employer")
        sheet = PoliceSheet.objects.get(incident=self.incident)
        seven = {name: f"Antwoord op {name}: {words}" for name, words in zip(SEVEN_WS, SEVEN_ANSWERS, strict=True)}
        files = [str(one.pk) for one in self.incident.evidence.all()]
        page.send(
            page.form("police_sheet", sheet.pk),
            **seven,
            representative="M. Voorbeeld, teamleider",
            contact="de VPD-adviseur, telefoon 14 0123",
            witnesses="een collega",
            evidence=files,
            is_vpt_code_asked=True,
            **answers,
        )
        expected = [*seven.values(), *DOMICILE.split("\n"), *(one.sha256 for one in self.incident.evidence.all())]
        with translation.override("nl"):
            expected += [str(label) for label in SEVEN_WS.values()]
        assert files and len(expected) > 14
        word = read(page.download(reverse("police_docx", args=[sheet.pk])))
        papers = [word]
        if pdf_is_asked():
            papers.append(text_of_pdf(page.fetch(reverse("police_pdf", args=[sheet.pk]))))
        for paper in papers:
            assert squeezed(HOME) not in squeezed(paper), "never where the person hit lives"
            assert [words for words in expected if squeezed(words) not in squeezed(paper)] == []
        today = localdate(clock.now()).isoformat()
        page.send(page.form("police_filed", sheet.pk), filed_on=today, police_number="PL0900-2026-1")
        sheet.refresh_from_db()
        assert (sheet.status, sheet.police_number) == ("filed", "PL0900-2026-1")
        return sheet

    def police_outcome(self, sheet: PoliceSheet, outcome: str) -> None:
        page = self.page("case_police")
        page.follow(reverse("police_sheet", args=[sheet.pk]))
        page.send(page.form("police_outcome", sheet.pk), outcome=outcome, outcome_on=localdate(clock.now()).isoformat())
        sheet.refresh_from_db()
        assert sheet.outcome == outcome


def squeezed(text: str) -> str:
    """Without spaces and line ends, by which papers differ."""
    return "".join(text.split())


def pdf_is_asked() -> bool:
    """Where Pango is there, and where it has to be."""
    return pdf.is_available() or bool(os.environ.get("CI") or os.environ.get("REQUIRE_PDF"))


def text_of_pdf(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def dutch(day: date | None) -> str:
    """As a letter says it, whatever the screen speaks."""
    assert day is not None
    with translation.override("nl"):
        return as_date(day, "j F Y")
