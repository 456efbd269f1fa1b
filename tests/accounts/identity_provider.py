"""An organisation's own sign-in: a real OpenID Connect provider in a thread, which can also misbehave."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
import jwt
import oidc_provider_mock
import requests
from django.test import Client
from django.urls import reverse
from werkzeug.serving import make_server

from vpdportal.sign_in_file import GivenRole, Provider

os.environ.setdefault("AUTHLIB_INSECURE_TRANSPORT", "1")  # it speaks http, on this machine


@dataclass
class IdentityProvider:
    """One provider. What it `says` in a token goes before what is so (None: not at all); `tamper` changes the token."""

    url: str
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    says: dict[str, Any] = field(default_factory=dict)
    tamper: Callable[[str], str] | None = None
    is_down: bool = False

    def knows(self, subject: str, **claims: Any) -> None:
        """Someone, with what it says of them from now on."""
        requests.put(f"{self.url}/users/{subject}", json=claims, timeout=5).raise_for_status()

    def configured(self, pk: str = "gemeente", organisation: str = "vlinderwaard", **more: Any) -> Provider:
        provider = Provider(
            id=pk,
            kind="openid_connect",
            names=(("nl", "de gemeente"), ("en", "the municipality")),
            organisation=organisation,
            domains=("vlinderwaard.invalid",),
            roles=(
                GivenRole("medewerkers", "employee", "Publiekszaken"),
                GivenRole("adviseurs", "adviser"),
                GivenRole("fg", "auditor"),
                GivenRole("leiding", "manager", "Publiekszaken"),
            ),
            manages_roles=True,
            roles_claim="groups",
            strong_claim="amr",
            strong_values=("mfa",),
            signs_out=True,
            server_url=self.url,
            issuer=self.url,
            client_id="portal",
            secret="geheim",  # noqa: S106
        )
        return replace(provider, **more)

    def ask(self, client: Client, pk: str = "gemeente", **query: str) -> str:
        """The portal sends the browser to the provider: that address."""
        response = client.get(reverse("single_sign_on", args=[pk]), query)
        assert response.status_code == 302, response.content.decode()
        address = response.headers["Location"]
        self.asked.append(parse_qs(urlsplit(address).query))
        return str(address)

    def answer(self, address: str, subject: str, **form: str) -> str:
        """The person signs in at the provider, which sends the browser back: that address, without our host."""
        response = requests.post(address, {"sub": subject, **form}, allow_redirects=False, timeout=5)
        assert response.status_code == 302, response.text
        back = urlsplit(response.headers["Location"])
        assert f"{back.scheme}://{back.netloc}" == "http://testserver"
        return f"{back.path}?{back.query}"

    def sign_in(self, client: Client, subject: str, pk: str = "gemeente", **query: str) -> Any:
        """All the way round; the portal's answer."""
        return client.get(self.answer(self.ask(client, pk, **query), subject))


def _signed_anew(token: str, says: dict[str, Any]) -> str:
    """By the provider's own key."""
    claims = {**jwt.decode(token, options={"verify_signature": False}), **says}
    key = json.dumps(flask.g.oidc_provider_mock_storage.jwk.as_dict(is_private=True))
    return jwt.encode(
        {name: value for name, value in claims.items() if value is not None},
        jwt.algorithms.RSAAlgorithm.from_jwk(key),  # type: ignore[arg-type]
        algorithm="RS256",
        headers=jwt.get_unverified_header(token),
    )


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    app = oidc_provider_mock.app()
    server = make_server("localhost", 0, app, threaded=True)
    provider = IdentityProvider(f"http://localhost:{server.server_port}")

    @app.before_request
    def down() -> None:
        if provider.is_down:
            flask.abort(502)

    @app.after_request
    def tampered(response: flask.Response) -> flask.Response:
        if flask.request.path == "/oauth2/token" and response.status_code == 200:
            answer = response.get_json()
            answer["id_token"] = _signed_anew(answer["id_token"], provider.says)
            if provider.tamper:
                answer["id_token"] = provider.tamper(answer["id_token"])
            response.set_data(flask.json.dumps(answer))
        return response

    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
