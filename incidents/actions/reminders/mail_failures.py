"""What an answer of a mail server means: whose fault it is, and so what happens next (ADR 22).

A server that is away, refuses the portal or answers nonsense is nobody's fault: mail waits. Only what is said about
one address counts against that address, and only a number that says that it does not exist counts as forever.
"""

import re
from smtplib import (
    SMTPDataError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from incidents.vocabulary import MailTrouble

NO_SUCH_ADDRESS = frozenset({550, 551, 553})  # RFC 5321, 4.2.3
# RFC 3463: X.1 the address, X.2 the mailbox; and 5.4.1, as Microsoft says that it does not know a mailbox.
ABOUT_ADDRESS = re.compile(rb"\b[45]\.(?:[12]\.\d{1,3}|4\.1)\b")
ABOUT_OTHER = re.compile(rb"\b[45]\.[03-7]\.\d{1,3}\b")  # X.7 is security or policy: "relaying denied"
PERMANENT = 500


def trouble_of(error: Exception) -> MailTrouble:
    """Whose fault it is that a mail did not go out."""
    if isinstance(error, SMTPRecipientsRefused):
        return _of_recipient(*_first_answer(error))
    if isinstance(error, SMTPDataError):
        return MailTrouble.MESSAGE if error.smtp_code >= PERMANENT else MailTrouble.LATER
    if isinstance(error, SMTPNotSupportedError | ValueError):  # an address that mail servers cannot read (UnicodeError)
        return MailTrouble.ADDRESS
    if isinstance(error, SMTPException | OSError):
        return MailTrouble.SERVER
    return MailTrouble.MESSAGE  # a mistake of ours in this one mail: the others go on


def failure_of(error: Exception) -> str:
    """The kind of error and the server's number for it, never its text: that may quote an address."""
    number: object = ""
    if isinstance(error, SMTPRecipientsRefused):
        number, _text = _first_answer(error)
    elif isinstance(error, SMTPResponseException):
        number = error.smtp_code
    return f"{type(error).__name__} {number}".strip()[:80]


def _of_recipient(code: int, text: bytes) -> MailTrouble:
    is_about_other = ABOUT_OTHER.search(text) and not ABOUT_ADDRESS.search(text)
    if is_about_other and code >= PERMANENT:
        return MailTrouble.SERVER
    if code in NO_SUCH_ADDRESS:
        return MailTrouble.ADDRESS
    return MailTrouble.LATER


def _first_answer(error: SMTPRecipientsRefused) -> tuple[int, bytes]:
    """A mail has one recipient, so there is one answer."""
    code, text = next(iter(error.recipients.values()), (0, b""))
    return int(code), text if isinstance(text, bytes) else str(text).encode()
