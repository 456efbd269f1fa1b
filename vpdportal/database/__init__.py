"""Django's PostgreSQL backend, that tells each connection whose rows it may touch (ADR 31)."""
