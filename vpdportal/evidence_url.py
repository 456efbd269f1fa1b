"""Where files of evidence are kept when that is not a folder: EVIDENCE_URL, the address of an S3-compatible store.

    s3://bucket/prefix?endpoint=https://s3.example.org&region=nl-ams&addressing=path&ca=/path/of/the/authority.pem

No secret stands in it: the key and its secret are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or what else boto3
finds by itself (a role of the machine).
"""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

STORE = "vpdportal.object_store.SealedObjects"
KNOWN = {"endpoint": "endpoint", "region": "region", "addressing": "addressing", "ca": "authority"}
ADDRESSING = ("auto", "path", "virtual")
EXAMPLE = "s3://bucket/prefix?endpoint=https://s3.example.org&region=nl-ams"


class StoreAway(OSError):
    """The store does not answer, or says that it cannot now. It may be back in a minute."""


class StoreRefuses(OSError):
    """The store answers and does not let us in: a wrong key, a bucket that is not there, a right that lacks."""


def read_evidence_url(url: str) -> dict[str, Any]:
    """The store of EVIDENCE_URL in the form of Django's STORAGES. Raises ImproperlyConfigured with what to do.

    What was set is not said again: someone may have put a secret in it.
    """
    parts = urlsplit(url)
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    endpoint, addressing = asked.get("endpoint", ""), asked.get("addressing", "auto")
    faults = {
        f"is not of the form {EXAMPLE}": parts.scheme != "s3" or not parts.hostname,
        "holds a key or a secret; those are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY": "@" in parts.netloc,
        f"asks something else than {', '.join(KNOWN)}": bool(asked.keys() - KNOWN.keys()),
        "has an endpoint that is no http or https address": bool(endpoint)
        and not endpoint.startswith(("https://", "http://")),
        f"has another addressing than {', '.join(ADDRESSING)}": addressing not in ADDRESSING,
    }
    if found := [fault for fault, is_there in faults.items() if is_there]:
        raise ImproperlyConfigured(f"EVIDENCE_URL {'; '.join(found)}.")
    options = {"bucket": parts.netloc, "prefix": unquote(parts.path).strip("/")}
    return {"BACKEND": STORE, "OPTIONS": options | {KNOWN[name]: value for name, value in asked.items()}}
