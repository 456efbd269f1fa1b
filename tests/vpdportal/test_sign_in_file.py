"""The file with identity providers: the example is right, and what is wrong in it is said at the start."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from vpdportal.accounts.apps import AccountsConfig
from vpdportal.sign_in_file import SignInFileError, read_sign_in_file

ROOT = Path(__file__).resolve().parents[2]
RIGHT = """
[[provider]]
id = "gemeente"
name = {nl = "de gemeente"}
organisation = "vlinderwaard"
server_url = "https://login.voorbeeld.invalid/vlinderwaard/v2.0/"
client_id = "portal"
secret = "geheim"
domains = ["vlinderwaard.invalid"]
manages_roles = true
second_factor = {claim = "amr", values = ["mfa"]}

[[provider.role]]
group = "VPD.Adviseur"
role = "adviser"
"""


def written(folder: Path, text: str) -> str:
    path = folder / "sign_in.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_what_is_right_is_read(tmp_path: Path):
    (provider,) = read_sign_in_file(written(tmp_path, RIGHT))
    assert provider.server_url == provider.issuer == "https://login.voorbeeld.invalid/vlinderwaard/v2.0"
    assert (provider.name, provider.kind, provider.secret) == ("de gemeente", "openid_connect", "geheim")
    assert [(one.group, one.role, one.department) for one in provider.roles] == [("VPD.Adviseur", "adviser", "")]
    assert "geheim" not in repr(provider) and "geheim" not in str([provider])
    assert provider.speaks_of("Noor@Vlinderwaard.Invalid") and not provider.speaks_of("noor@x.vlinderwaard.invalid")
    assert not provider.speaks_of("") and not provider.speaks_of("vlinderwaard.invalid@elders.invalid")


def test_a_secret_may_stand_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GEMEENTE_SECRET", "uit de omgeving")
    (tmp_path / "geheim.txt").write_text("uit een bestand\n")
    for line, secret in (
        ('secret_env = "GEMEENTE_SECRET"', "uit de omgeving"),
        ('secret_file = "geheim.txt"', "uit een bestand"),
    ):
        (provider,) = read_sign_in_file(written(tmp_path, RIGHT.replace('secret = "geheim"', line)))
        assert provider.secret == secret


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('id = "gemeente"', "", "id is missing"),
        ('id = "gemeente"', 'id = "De Gemeente"', "small letters"),
        ('id = "gemeente"', "id = 3", "a text"),
        ('client_id = "portal"', "", "client_id is missing"),
        ('secret = "geheim"', "", "give the secret in one of"),
        ('secret = "geheim"', 'secret = ""', "secret is missing"),
        ('secret = "geheim"', 'secret_env = "IS_NOT_SET"', "IS_NOT_SET, which is not set"),
        ('secret = "geheim"', 'secret_file = "weg.txt"', "cannot be read"),
        ('secret = "geheim"', 'secret = "a"\nsecret_env = "B"', "give the secret in one of"),
        ("https://login", "http://login", "https://"),
        ("/vlinderwaard/v2.0/", "/common/v2.0", "your own tenant"),
        ('["vlinderwaard.invalid"]', "[]", "nobody could sign in"),
        ('["vlinderwaard.invalid"]', '["@vlinderwaard.invalid"]', "without @"),
        ('["vlinderwaard.invalid"]', '"vlinderwaard.invalid"', "a list"),
        ("manages_roles = true", "manages_roles = false", "goes with"),
        ("manages_roles = true", 'manages_roles = "ja"', "true or false"),
        ("manages_roles = true", "manage_roles = true", "manages_roles goes with"),
        ("client_id", 'colour = "blue"\nclient_id', "colour: unknown"),
        ('values = ["mfa"]', 'value = "mfa"', "values is missing"),
        ('role = "adviser"', "", "role is missing"),
        ('name = {nl = "de gemeente"}', 'name = {en = "the municipality"}', "nl is missing"),
        ("[[provider]]", "[provider]", "a list"),
        ("[[provider]]", '[[provider]]\nkind = "ldap"', "openid_connect or saml"),
        ("[[provider]]", "[[provider]", "cannot be read"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(tmp_path: Path, old: str, new: str, sentence: str):
    assert old in RIGHT
    with pytest.raises(SignInFileError) as error:
        read_sign_in_file(written(tmp_path, RIGHT.replace(old, new, 1)))
    assert sentence in str(error.value) and "sign_in.toml" in str(error.value)
    assert "geheim" not in str(error.value).replace("weg.txt", "")


def test_two_providers_with_one_id_are_refused(tmp_path: Path):
    with pytest.raises(SignInFileError, match="two providers have the id 'gemeente'"):
        read_sign_in_file(written(tmp_path, RIGHT + RIGHT))


@pytest.mark.parametrize(("role", "sentence"), [("boss", "no role 'boss'"), ("deputy", "a last day")])
def test_a_role_that_is_not_there_stops_the_start(tmp_path: Path, settings: Any, role: str, sentence: str):
    settings.SIGN_IN_PROVIDERS = read_sign_in_file(written(tmp_path, RIGHT.replace('"adviser"', f'"{role}"')))
    config = AccountsConfig.create("vpdportal.accounts")
    with pytest.raises(SignInFileError, match=sentence):
        config.ready()


def test_the_example_in_the_manual_is_right(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any):
    monkeypatch.setenv("VEENWOUDE_SIGN_IN_SECRET", "geheim")
    example = (ROOT / "docs/sign_in.example.toml").read_text(encoding="utf-8")
    (tmp_path / "secret-adfs").write_text("geheim")
    (tmp_path / "waterschap.pem").write_text("-----BEGIN CERTIFICATE-----")
    settings.SIGN_IN_PROVIDERS = read_sign_in_file(written(tmp_path, example))
    assert [provider.kind for provider in settings.SIGN_IN_PROVIDERS] == ["openid_connect", "openid_connect", "saml"]
    AccountsConfig.create("vpdportal.accounts").ready()


def test_a_process_does_not_start_with_a_wrong_file(tmp_path: Path):
    path = written(tmp_path, RIGHT.replace('"adviser"', '"boss"'))
    started = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, "SIGN_IN_FILE": path},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert started.returncode != 0 and "no role 'boss'" in started.stderr
