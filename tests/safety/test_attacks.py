"""What `python run.py attack` stands on: the portal that is attacked is the real one, and what breaks it is counted."""

from pathlib import Path

from tests.attacks import attacked
from tests.attacks.tools import answered
from vpdportal import settings


def test_the_portal_under_attack_is_the_real_one_but_for_its_limits():
    names = {name for module in (attacked, settings) for name in vars(module) if name.isupper()}
    other = {name for name in names if getattr(attacked, name, None) != getattr(settings, name, None)}
    assert other == {"HOLD_LIMITS", "ACCOUNT_RATE_LIMITS"}


def test_an_answer_of_500_is_counted_and_the_same_address_is_counted_once(tmp_path: Path):
    log = tmp_path / "portal.asked"
    one, two = "4abbb130-60c0-438e-8550-d515d67e64b6", "245f40f6-9521-498a-9940-626b069064b6"
    log.write_text(f"200 GET /dossier/{one}/\n200 GET /dossier/{two}/\n500 POST /dossier/{two}/\nhalf\n")
    given = answered(log)
    assert given.statuses == {"200": 2, "500": 1}
    assert given.different == 2
