"""What someone sends from a page of a while ago, when a colleague was there meanwhile."""

from typing import Any

from django.urls import reverse

from incidents.actions.advice import complete_facts
from tests import clock
from tests.world import Place, make_incident

SAID = "was answered meanwhile: no. Your answer was not written."


def test_an_answer_that_a_colleague_gave_otherwise_is_not_dropped_in_silence(town: Place, as_user: Any):
    incident = make_incident(town, behaviours=("threat",))
    client, address = as_user(town.adviser), reverse("case_facts", args=[incident.pk])
    client.cookies["vpd_language"] = "en"
    complete_facts(incident=incident, answers={"offence_suspected": False}, by=town.deputy, now=clock.now())

    def told(**answers: str) -> str:
        return client.post(address, answers, follow=True).content.decode()

    assert SAID in told(offence_suspected="yes")
    assert SAID in told(offence_suspected="yes", safe_to_meet="yes"), "beside an answer that counts"
    assert SAID not in told(offence_suspected="no"), "the same"
    assert SAID not in told(offence_suspected="unknown") and SAID not in told(offence_suspected="")
    incident.refresh_from_db()
    assert (incident.facts.offence_suspected, incident.facts.safe_to_meet) == (False, True)
