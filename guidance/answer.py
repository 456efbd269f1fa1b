"""The menu's whole answer as plain data: what `manage.py advise` prints and the page "What if" shows."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from guidance.advice import Advice, Advised
from guidance.explaining import because_text, reason_text
from guidance.questions import Question, questions_of


def answer_of(advised: Advised) -> dict[str, Any]:
    """The answer in the language that is active. What the police ask to wait with stands apart under "on_hold"."""
    items = advised.card.every
    ladder = advised.ladder
    return {
        "reconstruction": advised.card.menu.is_reconstruction,
        "menu_version": advised.menu_version,
        "severity": advised.severity,
        "severity_proposed": advised.proposed_severity,
        "severity_because": because_text((part.to_data() for part in advised.severity_because), items),
        "advice": [_advice(advice) for advice in advised.advice if not advice.is_on_hold],
        "on_hold": [_advice(advice) for advice in advised.advice if advice.is_on_hold],
        "fallen_away": [
            {"code": item.code, "rule": rule.name, "text": str(rule.text)} for item, rule in advised.dropped
        ],
        "questions": [_question(question) for question in questions_of(advised)],
        "ladder": ladder
        and {
            "severity": ladder.severity,
            "occurrence": ladder.occurrence,
            "steps": [{"code": step.code, "months": step.months} for step in ladder.steps],
        },
        "possible_offences": [
            {
                "article": offence.article,
                "name": str(offence.name),
                "note": str(offence.note),
                "own_knowledge_only": offence.is_our_knowledge,
            }
            for offence in advised.offences
        ],
    }


def _advice(advice: Advice) -> dict[str, Any]:
    item = advice.item
    return {
        "code": item.code,
        "phase": item.phase,
        "status": item.status,
        "strength": advice.strength,
        "due": _moment(advice.due),
        "because": reason_text((part.to_data() for part in advice.because), item, advice.card.every),
        "months": advice.months,
        "sources": item.sources,
        "verified": item.is_verified,
    }


def _question(question: Question) -> dict[str, Any]:
    return {
        "fact": question.fact,
        "text": question.text,
        "adds": question.adds,
        "removes": question.removes,
        "holds": question.holds,
        "assumed": question.assumed,
    }


def _moment(moment: datetime | None) -> str | None:
    return timezone.localtime(moment).isoformat() if moment else None
