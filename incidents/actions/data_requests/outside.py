"""Sealed columns that no answer holds, and why: a column in no table and not here fails a test."""

KEY = "a key, and no data about a person"
NUMBERS = "numbers of the whole organisation, about nobody"
SHEET = "of a sheet of rows that are no case yet, for 14 days at most; what becomes a case is collected there"
COPIES = "a copy made to answer a request; the sources are collected themselves"
SHEETS = dict.fromkeys(("caseimport.name", "caseimport.sealed_columns", "importblock.sealed_rows"), SHEET)
# "model.column" → why an answer to an employee does not hold it.
NOT_OF_EMPLOYEES: dict[str, str] = {
    **{
        f"person.sealed_{name}": "about someone outside the organisation: in that person's own answer"
        for name in ("name", "identifiers", "address", "note")
    },
    **{f"involvement.{name}": "about someone outside the organisation" for name in ("remark", "delay_reason")},
    **{
        f"reaction.{name}": "about someone outside the organisation, drafted as an office"
        for name in (
            *("conduct", "hearing_words", "proportionality", "core_services", "scope"),
            *("instruction", "override_reason", "end_reason"),
        )
    },
    "breach.words": "about someone outside the organisation",
    "retentionstay.reason": "why a case is kept, about no employee",
    **SHEETS,
    "datapiece.text": COPIES,
    "datapiece.given": COPIES,
    "offlinekey.private": KEY,
    "release.sealed_exact": NUMBERS,
    "correction.sealed_exact": NUMBERS,
}
# "model.column" → why an answer to a citizen does not hold it.
NOT_OF_CITIZENS: dict[str, str] = {
    **{
        f"incident.{name}": "about the person hit or the reporter, who are not this citizen"
        for name in ("affected_name", "contact", "reporter_contact", "helped_remark")
    },
    "restrictioncheck.reason": "holds who asked and why, never about whom: it cannot be found by person",
    "caseopening.reason": "about a look of an employee",
    "caseopening.judgement": "about a look of an employee",
    "logreview.remark": "about looks of employees",
    "draft.sealed_content": "not sent: its author's alone, and found by no person",
    **SHEETS,
    "datapiece.text": COPIES,
    "datapiece.given": COPIES,
    "offlinekey.private": KEY,
    "release.sealed_exact": NUMBERS,
    "correction.sealed_exact": NUMBERS,
}
