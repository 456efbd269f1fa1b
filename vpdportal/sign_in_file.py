"""The identity providers of the organisations, from the file that SIGN_IN_FILE names (docs/sign_in.example.toml).

What cannot be is refused at the start, with a sentence that says where: a provider that is half right lets in people
who should not be, or nobody.
"""

import importlib.util
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import get_language

LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
KINDS = ("openid_connect", "saml")
ID = re.compile(r"[a-z][a-z0-9-]{1,38}")
DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


@dataclass(frozen=True)
class GivenRole:
    """What membership of a group makes of someone: a code of Role, and the name of a department or nothing."""

    group: str
    role: str
    department: str = ""


@dataclass(frozen=True)
class Provider:
    """One identity provider, of one organisation."""

    id: str
    kind: str
    names: tuple[tuple[str, str], ...]  # language and name
    organisation: str  # its slug
    domains: tuple[str, ...]  # of whose addresses this provider may speak
    roles: tuple[GivenRole, ...] = ()
    manages_roles: bool = False
    email_claim: str = "email"
    name_claim: str = "name"
    roles_claim: str = "roles"
    strong_claim: str = ""  # which claim tells of a second factor, and by which values
    strong_values: tuple[str, ...] = ()
    signs_out: bool = False
    server_url: str = ""
    issuer: str = ""
    client_id: str = ""
    secret: str = ""
    entity_id: str = ""  # of a SAML provider, with the two that follow
    sign_on_url: str = ""
    certificate: str = ""

    @property
    def name(self) -> str:
        """In the language of the page."""
        names = dict(self.names)
        return names.get(get_language() or "nl", names["nl"])

    def __repr__(self) -> str:
        return f"<Provider {self.id}>"  # never the secret

    def speaks_of(self, email: str) -> bool:
        """Whether this provider may say whose address this is."""
        return email.lower().rpartition("@")[2] in self.domains


class SignInFileError(ImproperlyConfigured):
    """The file cannot be used as it is; the message says where and what to do."""


def read_sign_in_file(path: str) -> tuple[Provider, ...]:
    """All providers of the file. Raises SignInFileError."""
    try:
        data = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SignInFileError(f"SIGN_IN_FILE {path} cannot be read: {error}.") from error
    file = _Table(data, path)
    providers = tuple(_provider(table, Path(path).parent) for table in file.tables("provider"))
    file.end()
    ids = [provider.id for provider in providers]
    for one in ids:
        if ids.count(one) > 1:
            raise SignInFileError(f"{path}: two providers have the id {one!r}. Give each its own, and never change it.")
    return providers


class _Table:
    """A table of the file, read key by key; what is left over is a mistake."""

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        self.values, self.where, self.read = values, where, set[str]()

    def refuse(self, sentence: str) -> SignInFileError:
        return SignInFileError(f"{self.where}: {sentence}")

    def get(self, key: str, kind: type, default: Any = None) -> Any:
        """The value; without a default it has to be there."""
        self.read.add(key)
        value = self.values.get(key, default)
        if value is None or value == "" and default is None:
            raise self.refuse(f"{key} is missing. docs/sign_in.md says what it is.")
        if not isinstance(value, kind):
            raise self.refuse(f"{key} has to be {WORDS[kind]}.")
        return value

    def texts(self, key: str, default: Any = None) -> tuple[str, ...]:
        values = self.get(key, list, default)
        if not all(isinstance(value, str) and value for value in values):
            raise self.refuse(f"{key} has to be a list of texts.")
        return tuple(values)

    def tables(self, key: str) -> list["_Table"]:
        values = self.get(key, list, [])
        if not all(isinstance(value, dict) for value in values):
            raise self.refuse(f"write {key} as [[{key}]].")
        return [_Table(value, f"{self.where}, {key} {number}") for number, value in enumerate(values, 1)]

    def end(self) -> None:
        if unknown := sorted(set(self.values) - self.read):
            raise self.refuse(f"{', '.join(unknown)}: unknown. docs/sign_in.example.toml has all names.")


WORDS: dict[type, str] = {str: "a text", list: "a list", dict: "a table", bool: "true or false"}


def _provider(table: _Table, folder: Path) -> Provider:
    pk = table.get("id", str)
    if not ID.fullmatch(pk):
        raise table.refuse(f"id {pk!r} has to be 2 to 39 small letters, digits or dashes.")
    table.where += f" ({pk})"
    kind = table.get("kind", str, "openid_connect")
    if kind not in KINDS:
        raise table.refuse(f"kind has to be {' or '.join(KINDS)}.")
    values = {**_about(table), **(_openid(table, folder) if kind == "openid_connect" else _saml(table, folder))}
    table.end()
    return Provider(id=pk, kind=kind, **values)


def _about(table: _Table) -> dict[str, Any]:
    """What every kind has."""
    names = _Table(table.get("name", dict), f"{table.where}, name")
    dutch = names.get("nl", str)
    domains = table.texts("domains")
    for domain in domains:
        if not DOMAIN.fullmatch(domain):
            raise table.refuse(f"domain {domain!r} has to be small letters without @, as in gemeente.example.")
    if not domains:
        raise table.refuse("domains is empty, so nobody could sign in.")
    proof = _Table(table.get("second_factor", dict, {}), f"{table.where}, second_factor")
    found = {
        "names": (("nl", dutch), ("en", names.get("en", str, dutch))),
        "organisation": table.get("organisation", str),
        "domains": domains,
        "manages_roles": table.get("manages_roles", bool, False),
        "email_claim": table.get("email_claim", str, "email"),
        "name_claim": table.get("name_claim", str, "name"),
        "roles_claim": table.get("roles_claim", str, "roles"),
        "strong_claim": proof.get("claim", str) if proof.values else "",
        "strong_values": proof.texts("values") if proof.values else (),
        "roles": tuple(_role(one) for one in table.tables("role")),
    }
    if found["manages_roles"] != bool(found["roles"]):
        raise table.refuse("manages_roles goes with one [[provider.role]] or more, and the other way round.")
    names.end()
    proof.end()
    return found


def _role(table: _Table) -> GivenRole:
    given = GivenRole(table.get("group", str), table.get("role", str), table.get("department", str, ""))
    table.end()
    return given


def _openid(table: _Table, folder: Path) -> dict[str, Any]:
    server = table.get("server_url", str).rstrip("/")
    _check_address(table, "server_url", server)
    if "/common/" in f"{server}/" or "/organizations/" in f"{server}/":
        raise table.refuse("server_url lets in people of every organisation. Write the id of your own tenant in it.")
    return {
        "server_url": server,
        "issuer": table.get("issuer", str, server),
        "client_id": table.get("client_id", str),
        "secret": _secret(table, folder),
        "signs_out": table.get("sign_out", bool, True),
    }


def _saml(table: _Table, folder: Path) -> dict[str, Any]:
    if importlib.util.find_spec("onelogin") is None:
        raise table.refuse('SAML needs a package more: pip install "vpd-portal[saml]".')
    address = table.get("sign_on_url", str)
    _check_address(table, "sign_on_url", address)
    path = folder / table.get("certificate_file", str)
    return {
        "entity_id": table.get("entity_id", str),
        "sign_on_url": address,
        "certificate": _content(table, "certificate_file", path),
    }


def _secret(table: _Table, folder: Path) -> str:
    """From the one place that is named; better an environment variable or a file than here."""
    places = [key for key in ("secret", "secret_env", "secret_file") if key in table.values]
    if len(places) != 1:
        raise table.refuse("give the secret in one of secret_env, secret_file or secret.")
    value = table.get(places[0], str)
    if places[0] == "secret_env":
        if not os.environ.get(value):
            raise table.refuse(f"secret_env names the variable {value}, which is not set.")
        return os.environ[value]
    return _content(table, "secret_file", folder / value) if places[0] == "secret_file" else str(value)


def _content(table: _Table, key: str, path: Path) -> str:
    try:
        content = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise table.refuse(f"{key} {path} cannot be read: {type(error).__name__}.") from error
    if not content:
        raise table.refuse(f"{key} {path} is empty.")
    return content


def _check_address(table: _Table, key: str, address: str) -> None:
    parts = urlsplit(address)
    if not parts.hostname or parts.scheme != "https" and parts.hostname not in LOCAL_HOSTS:
        raise table.refuse(f"{key} has to begin with https://.")
