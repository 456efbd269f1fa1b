"""The trail only grows: the database refuses to change or remove an event.

But for what has passed its term (ADR 34): while the newest event of a chain says up to which position it is cut, the
events up to there that are five years old may go.
"""

from vpdportal.append_only import AppendOnly

CUT = "audit.cut"  # action of the event that says so
LEAST_YEARS = 5  # [OWN] a claim can be brought for five years: until then who looked must be found

_CHAIN = {
    "postgresql": "OLD.organisation_id::text",
    # Without its dashes, as Django keeps it there.
    "sqlite": "substr(OLD.organisation_id, 1, 8) || '-' || substr(OLD.organisation_id, 9, 4) || '-' || "
    "substr(OLD.organisation_id, 13, 4) || '-' || substr(OLD.organisation_id, 17, 4) || '-' || "
    "substr(OLD.organisation_id, 21)",
}
_SAID = {
    "postgresql": "SELECT substr(said, 10)::bigint FROM jsonb_array_elements_text(newest.fields) said",
    "sqlite": "SELECT CAST(substr(value, 10) AS INTEGER) FROM json_each(newest.fields)",
}
_NAME = {"postgresql": "said", "sqlite": "value"}
_OLD_ENOUGH = {
    "postgresql": f"OLD.at <= newest.at - interval '{LEAST_YEARS} years'",
    "sqlite": f"OLD.at <= datetime(newest.at, '-{LEAST_YEARS} years')",
}


def _may_go(vendor: str) -> str:
    """One condition for a chain of an organisation, one for that of the installation: so both find by the index."""
    return " OR ".join(
        f"({asked} AND EXISTS (SELECT 1 FROM audit_auditevent newest WHERE {mine} "
        f"AND newest.position = (SELECT position FROM audit_chainhead WHERE chain = {chain}) "
        f"AND newest.action = '{CUT}' AND {_OLD_ENOUGH[vendor]} "
        f"AND OLD.position <= ({_SAID[vendor]} WHERE {_NAME[vendor]} LIKE 'position:%')))"
        for asked, mine, chain in (
            ("OLD.organisation_id IS NOT NULL", "newest.organisation_id = OLD.organisation_id", _CHAIN[vendor]),
            ("OLD.organisation_id IS NULL", "newest.organisation_id IS NULL", "'installation'"),
        )
    )


TRAIL = AppendOnly(
    "audit_auditevent",
    "audit",
    "the audit trail is append-only",
    may_go={vendor: _may_go(vendor) for vendor in ("postgresql", "sqlite")},
)
lock, unlock = TRAIL.lock, TRAIL.unlock
