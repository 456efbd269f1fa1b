"""What was fixed for management never changes: the database refuses it. The exact figures behind it may go (ADR 34)."""

from vpdportal.append_only import AppendOnly

MESSAGE = "what was fixed for management never changes"
FIXED = (
    AppendOnly("incidents_release", "release", MESSAGE, sealed=("sealed_exact",)),
    AppendOnly("incidents_correction", "correction", MESSAGE, sealed=("sealed_exact",)),
)
