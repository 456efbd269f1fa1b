"""The trail only grows: the database refuses to change or remove an event."""

from vpdportal.append_only import AppendOnly

TRAIL = AppendOnly("audit_auditevent", "audit", "the audit trail is append-only")
lock, unlock = TRAIL.lock, TRAIL.unlock
