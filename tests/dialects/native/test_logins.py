"""Logging a profile in: by QR, by code, by the fields of its configuration; and what a connected one can look up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jackfield.testing.server import JackfieldServer, until
from jackfield.testing.simulator import SimulatorProcess, simulator_process

from .conftest import number


@pytest.fixture(scope="module")
def telegram() -> Iterator[SimulatorProcess]:
    """A Telegram."""
    with simulator_process("--delay-scale", "0") as running:
        yield running


def made(native: JackfieldServer, **fields: Any) -> str:
    """A profile's path."""
    return f"/profiles/{native.api('POST', '/profiles', json={'name': 'Login', **fields}).data['id']}"


def test_every_engine_describes_itself(native: JackfieldServer) -> None:
    engines = {one["name"]: one for one in native.api("GET", "/engines").data}
    assert set(engines) == {"simulator", "whatsapp_cloud", "whatsapp_web", "telegram_bot"}
    for one in engines.values():
        schema = one["configSchema"]
        assert one["capabilities"]
        assert one["kinds"]
        assert all(" " in field["title"] or field["title"].isalpha() for field in schema["properties"].values())
        assert all(field["title"][0].isupper() for field in schema["properties"].values())
    cloud, bot = engines["whatsapp_cloud"]["configSchema"], engines["telegram_bot"]["configSchema"]
    wanted = {"baseUrl", "apiVersion", "phoneNumberId", "wabaId", "accessToken", "appSecret", "verifyToken"}
    assert set(cloud["properties"]) == wanted
    assert set(bot["properties"]) == {"baseUrl", "token", "webhookSecret"}
    assert bot["properties"]["token"]["writeOnly"] is True
    assert cloud["properties"]["baseUrl"]["default"] == "https://graph.facebook.com"
    assert bot["required"] == ["token"]


def test_a_phone_is_paired_by_code(native: JackfieldServer) -> None:
    path = made(native, engine="simulator")
    shown = native.api("POST", f"{path}/connect").data
    assert (shown["status"], shown["login"]["type"], shown["pairingCode"]) == ("pairing", "qr", None)
    assert shown["qrCode"].startswith("data:image/png")
    # The login is on, and now a code is wanted in place of the QR.
    shown = native.api("POST", f"{path}/connect", json={"phone": "+62 812-3456-7890"}).data
    assert shown["login"]["type"] == "pairing_code"
    assert shown["qrCode"] is None
    assert len(shown["pairingCode"].replace("-", "")) == 8
    assert native.api("GET", f"{path}/status").data["login"]["code"] == shown["pairingCode"]
    refused = native.api("GET", f"{path}/qr").json["error"]
    assert (refused["code"], shown["pairingCode"] in refused["message"]) == ("QR_NOT_AVAILABLE", True)
    native.request("POST", f"/simulator/{path.rpartition('/')[2]}/scan")
    until(lambda: native.api("GET", f"{path}/status").data["connected"])
    assert native.api("GET", f"{path}/status").data["login"] is None
    assert native.api("POST", f"{path}/connect", json={"phone": "nobody"}).json["error"]["details"].keys() == {"phone"}
    native.api("DELETE", path)


def test_a_revoked_token_asks_for_the_fields(native: JackfieldServer, telegram: SimulatorProcess) -> None:
    path = made(native, engine="telegram_bot", config={"baseUrl": telegram.url, "token": "99:AAH-first_token"})
    assert native.api("POST", f"{path}/connect", json={"phone": "628123456789"}).json["error"]["code"] == "UNSUPPORTED"
    assert native.api("POST", f"{path}/connect").data["status"] == "connected"
    control = f"{telegram.url}/control/bot/99:AAH-first_token"
    import urllib.request

    urllib.request.urlopen(control, data=b'{"revoked": true}').close()
    until(lambda: native.api("GET", f"{path}/status").data["status"] == "logged_out", 30)
    step = native.api("GET", f"{path}/status").data["login"]
    assert step["type"] == "fields"
    assert "BotFather" in step["why"]
    assert "token" in step["schema"]["properties"]
    assert "AAH-first" not in str(step)
    connected = native.api("POST", f"{path}/connect", json={"config": {"token": "99:AAH-second_token"}}).data
    assert (connected["status"], connected["login"]) == ("connected", None)
    native.api("DELETE", path)


def test_a_profile_that_cannot_connect_says_why(native: JackfieldServer) -> None:
    path = made(native, engine="telegram_bot", config={"baseUrl": "http://127.0.0.1:1", "token": "98:AAH-token"})
    native.api("POST", f"{path}/connect")
    shown = until(lambda: native.api("GET", f"{path}/status").data["reason"] and native.api("GET", f"{path}/status"))
    assert shown.data["status"] == "connecting"
    assert "next try in" in shown.data["reason"]
    assert "AAH" not in shown.data["reason"]
    native.api("DELETE", path)


def test_lookups(native: JackfieldServer) -> None:
    assert native.api("GET", f"/profiles/1/picture/{number(91)}").data["url"].endswith(f"{number(91)}.jpg")
    assert native.api("GET", f"/profiles/1/lid/99{number(91)}@lid").data["phone"] == number(91)
    assert native.api("GET", "/profiles/1/lid/12345678").data == {"lid": "12345678@lid", "phone": None}
    assert native.api("GET", "/profiles/1/lid/nobody").status == 400
    group = native.api("POST", "/groups", json={"profileId": "1", "name": "Asked for"}).data["id"]
    assert native.api("GET", f"/groups/{group}/join-requests?profileId=1").data == []
    native.request("POST", "/simulator/1/group", json={"group": group, "asking": number(92)})
    (asks,) = native.api("GET", f"/groups/{group}/join-requests?profileId=1").data
    assert asks == {"id": f"{number(92)}@c.us", "phone": number(92)}
    body = {"profileId": "1", "participants": [number(92)]}
    shown = native.api("POST", f"/groups/{group}/participants/add", json=body).data
    assert number(92) in {one["phone"] for one in shown["participants"]}
    assert native.api("GET", f"/groups/{group}/join-requests?profileId=1").data == []
