"""A lock that one side can only close: text typed on a device without signal is opened on the server alone.

The device has a public key (P-256). For each text it makes a fresh key pair, agrees on a secret (ECDH), derives an
AES-256 key from it (HKDF-SHA256) and seals with AES-GCM. What stays on the device is unreadable there, too.
"""

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

CURVE = ec.SECP256R1()
INFO = b"vpd-portal one way 1"


class WillNotOpen(Exception):
    """What came in was changed, is not for this key, or is no such thing at all."""


def new_lock() -> tuple[str, str]:
    """A fresh pair: the private key as PEM, and the public one as base64 of its 65 bytes (uncompressed point)."""
    private = ec.generate_private_key(CURVE)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return pem, base64.b64encode(point).decode()


def open_lock(private_pem: str, *, ephemeral: str, nonce: str, sealed: str, bound_to: str) -> bytes:
    """The content. The three texts are base64; `bound_to` was authenticated with it. Raises WillNotOpen."""
    private = load_pem_private_key(private_pem.encode(), password=None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    try:
        point = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, base64.b64decode(ephemeral, validate=True))
        secret = private.exchange(ec.ECDH(), point)
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=INFO).derive(secret)
        content = base64.b64decode(sealed, validate=True)
        return AESGCM(key).decrypt(base64.b64decode(nonce, validate=True), content, bound_to.encode())
    except (ValueError, binascii.Error, InvalidTag) as error:
        raise WillNotOpen from error
