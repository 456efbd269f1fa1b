"""How long what is kept stays, what stays longer and why, and destroying the rest with a proof of it (ADR 34)."""
