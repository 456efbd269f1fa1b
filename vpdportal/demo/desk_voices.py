"""What people of one case of the demonstration told and brought, so that each of its pages has something to show."""

from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from incidents.actions.additions import Addition, add_witness_statement
from incidents.actions.case import add_note
from incidents.actions.evidence import add_evidence
from incidents.actions.messages import write_to_desk, write_to_person
from incidents.actions.people import ask_witness
from vpdportal.demo.desk import Desk

MAIL = """From: bode@vlinderwaard.invalid
To: balie@vlinderwaard.invalid
Date: {date}
Subject: Wat ik zag bij balie 2

Dit is een verzonnen bericht voor de demonstratie.
De man met de groene pet gooide het scherm om. Ik heb hem naar buiten gebracht.
"""
SAW = "Ik stond achter de balie. Hij gooide het scherm om, en riep bij de deur dat hij haar zou opwachten."
AFRAID = "Ik zag hem eergisteren weer bij de deur staan. Mag ik via de achteringang naar binnen?"
ARRANGED = "Ja, dat is geregeld. De bode loopt deze week met u mee. Wij hebben de politie gebeld."
NOTE = "De bode en de receptie kennen het toegangsverbod en weten wie zij bellen."


def tell_and_bring(desk: Desk) -> None:
    """In the case with the ban: a mail, a witness, and what was written when the ban was broken."""
    incident, adviser = desk.case("ban"), desk.adviser
    sanne, joris = desk.people["Sanne Madelief"], desk.people["Joris Kikker"]
    mail = MAIL.format(date=incident.occurred_at.strftime("%a, %d %b %Y %H:%M:%S +0000"))
    upload = SimpleUploadedFile("bericht-van-de-bode.eml", mail.encode())
    add_evidence(incident=incident, upload=upload, by=sanne, form_key=uuid4(), now=desk.ago(days=47, hours=20))
    witness = ask_witness(incident=incident, email=joris.email, by=sanne, now=desk.ago(days=47, hours=18))
    statement = Addition(form_key=uuid4(), text=SAW)
    add_witness_statement(witness=witness, addition=statement, by=joris, now=desk.ago(days=47, hours=2))
    add_note(incident=incident, text=NOTE, by=adviser, now=desk.ago(days=44))
    write_to_desk(incident=incident, by=sanne, text=AFRAID, form_key=uuid4(), now=desk.ago(days=1, hours=22))
    write_to_person(
        incident=incident, person=sanne, text=ARRANGED, form_key=uuid4(), by=adviser, now=desk.ago(days=1, hours=20)
    )
