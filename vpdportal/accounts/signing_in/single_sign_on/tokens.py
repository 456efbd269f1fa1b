"""Whether an ID token is really from this provider, for us, and of now (OpenID Connect Core 1.0, 3.1.3.7)."""

from typing import Any

import jwt
from allauth.socialaccount.providers.oauth2.client import OAuth2Error

# Signed with a key that only the provider has. Never "none", and never HS256: of that the key would be a public one.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
LEEWAY_SECONDS = 60  # [OWN] clocks differ
LONGEST_SUBJECT = 191  # signs, of the column
REQUIRED = ["iss", "sub", "aud", "exp", "iat"]


def claims_of(id_token: Any, *, keys: Any, issuer: str, client_id: str) -> dict[str, Any]:
    """The claims of a token that is signed by one of the provider's `keys` (a JWK set). Raises OAuth2Error.

    allauth leaves out the signature where the token came straight from the provider; we do not.
    """
    try:
        claims: dict[str, Any] = jwt.decode(
            id_token,
            key=_key(id_token, keys).key,
            algorithms=ALGORITHMS,
            audience=client_id,
            issuer=issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": REQUIRED},
        )
    except (jwt.PyJWTError, TypeError, ValueError) as error:
        raise OAuth2Error(f"ID token refused: {type(error).__name__}") from error
    if claims.get("azp", client_id) != client_id or (isinstance(claims["aud"], list) and len(claims["aud"]) > 1):
        raise OAuth2Error("ID token refused: for someone else too")
    if not 0 < len(claims["sub"]) <= LONGEST_SUBJECT:
        raise OAuth2Error("ID token refused: sub")
    return claims


def _key(id_token: Any, keys: Any) -> jwt.PyJWK:
    """The key that the token names; where it names none, the only one there is."""
    known = jwt.PyJWKSet.from_dict(keys).keys
    name = jwt.get_unverified_header(id_token).get("kid")
    fitting = [key for key in known if key.key_id == name] if name else known
    if len(fitting) != 1:
        raise jwt.InvalidKeyError("no such key")
    return fitting[0]
