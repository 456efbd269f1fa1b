"""What an organisation answers itself in its register, its DPIA and its sheet for the works council.

Under each question stands our own position as a start. All of it is [OWN] (handbook 7.2): no lawyer settled it, so the
page says everywhere that the data protection officer has to.
"""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sheet(models.TextChoices):
    """The papers, as their addresses name them."""

    REGISTER = "register", _("Entry for the register of processing (AVG 30)")
    DPIA = "dpia", _("Data protection impact assessment (AVG 35)")
    WORKS_COUNCIL = "ondernemingsraad", _("Sheet for the works council (WOR 27)")


@dataclass(frozen=True)
class Question:
    """`code` is kept with the answer and never changes. `position`: where we would begin."""

    code: str
    sheet: Sheet
    title: Any
    position: Any


QUESTIONS: tuple[Question, ...] = (
    Question(
        "controller",
        Sheet.REGISTER,
        _("Who is the controller, and who represents it?"),
        _("The public body itself; of a municipality the mayor and aldermen. Write how to reach them."),
    ),
    Question(
        "ground_victims",
        Sheet.REGISTER,
        _("On which ground are data of employees kept?"),
        _("The duties of an employer (Arbowet, articles 3 and 5) and the employment contract; not consent."),
    ),
    Question(
        "ground_perpetrators",
        Sheet.REGISTER,
        _("On which ground are data kept of who did it?"),
        _(
            "A public task or a legitimate interest, with a balancing test. For criminal data UAVG 33, second "
            "paragraph, under b: offences towards the controller or people in its service. Whether office holders "
            "are such people is an open question."
        ),
    ),
    Question(
        "health",
        Sheet.REGISTER,
        _("Which data on health are kept, and why?"),
        _("Only whether someone was hurt, and went to hospital. Medical data stay with the company doctor."),
    ),
    Question(
        "processors",
        Sheet.REGISTER,
        _("Who processes data for you, and is there an agreement with each?"),
        _("Who hosts the portal and the backups, and who delivers mail. Write the names and the dates of agreements."),
    ),
    Question(
        "outside_eea",
        Sheet.REGISTER,
        _("Does anything go outside the European Economic Area?"),
        _("The portal sends nothing there by itself. Say where it is hosted, and where its backups stand."),
    ),
    Question(
        "need",
        Sheet.DPIA,
        _("Why is this needed, and could it be done with less?"),
        _(
            "Without a record nobody sees that it happens again, and a ban cannot be defended. Less: no BSN, no "
            "diagnosis."
        ),
    ),
    Question(
        "risks_victims",
        Sheet.DPIA,
        _("What can go wrong for employees?"),
        _("Their report becomes known to who they report about, or to a manager who turns on them."),
    ),
    Question(
        "risks_perpetrators",
        Sheet.DPIA,
        _("What can go wrong for people outside the organisation?"),
        _("A report is wrong or of someone else; a mark stays too long; services are shut without need."),
    ),
    Question(
        "measures",
        Sheet.DPIA,
        _("Which measures do you take beside those of the portal?"),
        _("Training, house rules on screens and paper, agreements with the police, who looks along with a ban."),
    ),
    Question(
        "rest_risk",
        Sheet.DPIA,
        _("Which risk is left, and who accepts it?"),
        _("Who runs the server can read along in a portal that is running. Name who accepts what is left, and when."),
    ),
    Question(
        "consulted",
        Sheet.DPIA,
        _("Who was asked: officer, employees, lawyers?"),
        _("The data protection officer advises (AVG 35, second paragraph). Write what was advised, and what you did."),
    ),
    Question(
        "why_council",
        Sheet.WORKS_COUNCIL,
        _("Why is this laid before the works council?"),
        _(
            "A rule on working conditions, on handling personal data of employees and on a system by which presence, "
            "behaviour or performance can be followed (WOR 27, first paragraph, under d, k and l) needs its consent."
        ),
    ),
    Question(
        "not_used_for",
        Sheet.WORKS_COUNCIL,
        _("For what are the data never used?"),
        _("Not to judge employees, not in talks on performance, not to see who reports much."),
    ),
    Question(
        "council_agreed",
        Sheet.WORKS_COUNCIL,
        _("What was agreed with the works council, and when?"),
        _("Date, number of the decision, and when it is looked at again."),
    ),
)


def questions_of(sheet: Sheet) -> list[Question]:
    return [question for question in QUESTIONS if question.sheet == sheet]
