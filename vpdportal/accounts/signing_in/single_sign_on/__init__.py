"""Signing in with the organisation's own account: OpenID Connect, and SAML where there is nothing else (ADR 29)."""
