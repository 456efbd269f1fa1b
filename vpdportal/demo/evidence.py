"""What people of the demonstration brought with their reports: a screenshot of a message, and a mail. All invented."""

import io
from datetime import datetime, timedelta
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFont

from incidents.actions.evidence import add_evidence
from incidents.models import Incident
from incidents.vocabulary import CaseStatus
from vpdportal.accounts.models import Organisation
from vpdportal.demo.models import DemoPerson

MESSAGE = ("Onbekend nummer", "Je hebt mijn uitkering", "stopgezet. Ik weet", "hoe laat jij naar huis", "gaat.")
MAIL = """From: Boze Bezoeker <boze.bezoeker@voorbeeld.invalid>
To: balie@vlinderwaard.invalid
Date: {date}
Subject: Jullie horen nog van mij

Dit is een verzonnen bericht voor de demonstratie.
Jullie horen nog van mij.
"""


def bring_evidence(*, organisation: Organisation, now: datetime) -> None:
    """Let the newest case of someone one can become that is being worked on have two files."""
    known = DemoPerson.objects.values("user")
    cases = Incident.objects.filter(organisation=organisation, reporter__in=known, status=CaseStatus.IN_PROGRESS)
    for incident in cases.order_by("-reported_at", "id")[:1]:
        mail = MAIL.format(date=incident.occurred_at.strftime("%a, %d %b %Y %H:%M:%S +0000"))
        for name, content in (("schermafdruk.png", _screenshot()), ("bericht.eml", mail.encode())):
            add_evidence(
                incident=incident,
                upload=SimpleUploadedFile(name, content),
                by=incident.reporter,
                form_key=uuid4(),
                now=now - timedelta(hours=6),
            )


def _screenshot() -> bytes:
    picture = Image.new("RGB", (540, 420), "#eef2f5")
    drawn, font = ImageDraw.Draw(picture), ImageFont.load_default(26)
    drawn.rounded_rectangle((24, 84, 470, 330), radius=24, fill="white")
    for number, line in enumerate(MESSAGE):
        drawn.text((48, 30 + number * 66 if number < 2 else 96 + (number - 1) * 48), line, fill="#16252f", font=font)
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()
