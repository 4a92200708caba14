"""A browser's login: a cookie that scripts cannot read, and that no other site can use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import httpx
import pytest

from jackfield.app import build_app
from jackfield.core import Core
from jackfield.server.startup import bootstrap, open_core
from jackfield.settings import Settings
from jackfield.testing import server
from jackfield.testing.server import JackfieldServer

EMAIL, PASSWORD, KEY = "owner@example.com", "correct horse battery", "test-key-0123456789"
LOGIN = {"email": EMAIL, "password": PASSWORD, "cookie": True}
OURS = {"Origin": "http://jackfield.test"}


@pytest.fixture
def settings(migrated_sqlite: str, tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        database_url=migrated_sqlite,
        owner_email=EMAIL,
        owner_password=PASSWORD,  # type: ignore[arg-type]
        api_key=KEY,  # type: ignore[arg-type]
        cors_origins="https://shop.example",
        trusted_proxies="127.0.0.1",
    )


@pytest.fixture
async def core(settings: Settings) -> AsyncIterator[Core]:
    async with open_core(settings) as core:
        await bootstrap(core, settings)
        yield core


@pytest.fixture
async def browser(core: Core, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client that keeps cookies and sends nothing else of its own."""
    transport = httpx.ASGITransport(app=build_app(core, settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test") as client:
        yield client


async def test_the_cookie_stands_for_the_login(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/api/auth/login", json=LOGIN, headers=OURS)
    assert answer.status_code == 200
    assert set(answer.json()["data"]) == {"expiresIn", "user"}, "the token is where no script can read it"
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("jackfield_session=")
    assert {"httponly", "samesite=strict", "path=/", "max-age=86400"} <= {one.strip() for one in cookie.split(";")}
    assert "secure" not in cookie, "this server does not know of TLS"
    assert answer.headers["cache-control"] == "no-store"
    assert (await browser.get("/api/auth/me")).json()["data"]["role"] == "owner"
    (own,) = (await browser.get("/api/auth/sessions")).json()["data"]
    assert own["current"] is True
    assert own["userAgent"].startswith("python-httpx")

    answer = await browser.post("/api/auth/logout", headers=OURS)
    assert answer.json()["data"] == {"loggedOut": True}
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    browser.cookies.set("jackfield_session", cookie.partition(";")[0].partition("=")[2])
    assert (await browser.get("/api/auth/me")).status_code == 401


async def test_over_tls_the_cookie_is_bound_to_the_host(browser: httpx.AsyncClient) -> None:
    tls = {"X-Forwarded-Proto": "https"}
    answer = await browser.post("/api/auth/login", json=LOGIN, headers={**tls, "Origin": "https://jackfield.test"})
    name, _, rest = answer.headers["set-cookie"].partition("=")
    assert name == "__Host-jackfield_session"
    assert "secure" in rest.lower()
    token = rest.partition(";")[0]
    assert (await browser.get("/api/auth/me", headers={**tls, "Cookie": f"{name}={token}"})).status_code == 200
    # A neighbour's page or a network in between can set cookies of the plain name: over TLS they count for nothing.
    plain = {**tls, "Cookie": f"jackfield_session={token}"}
    assert (await browser.get("/api/auth/me", headers=plain)).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://jackfield.test.evil.example"},
        {"Origin": "https://jackfield.test"},
        {"Origin": "http://jackfield.test:8080"},
        {"Origin": "https://shop.example"},
        {"Origin": "http://[x"},
        {"Sec-Fetch-Site": "cross-site", **OURS},
        {"Sec-Fetch-Site": "same-site", **OURS},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_another_site_changes_nothing(browser: httpx.AsyncClient, headers: dict[str, str]) -> None:
    await browser.post("/api/auth/login", json=LOGIN, headers=OURS)
    for method, path, body in (
        ("POST", "/api/keys", {"name": "mine"}),
        ("POST", "/api/messages/text", {"to": "628123456789", "text": "Hi"}),
        ("POST", "/api/auth/logout", None),
        ("DELETE", "/api/auth/sessions", None),
    ):
        answer = await browser.request(method, path, json=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "CROSS_ORIGIN"), (method, path)
    assert [one["name"] for one in (await browser.get("/api/keys")).json()["data"]] == ["First key"]
    if headers.get("Sec-Fetch-Site") == "cross-site" or headers.get("Origin", OURS["Origin"]) != OURS["Origin"]:
        assert (await browser.get("/api/keys", headers=headers)).status_code == 403
        assert (await browser.post("/api/auth/login", json=LOGIN, headers=headers)).status_code == 403


@pytest.mark.parametrize("headers", [OURS, {"Sec-Fetch-Site": "same-origin"}])
async def test_our_own_pages_may(browser: httpx.AsyncClient, headers: dict[str, str]) -> None:
    await browser.post("/api/auth/login", json=LOGIN, headers=OURS)
    assert (await browser.post("/api/keys", json={"name": "mine"}, headers=headers)).status_code == 201


async def test_keys_and_tokens_ask_for_no_origin(browser: httpx.AsyncClient) -> None:
    await browser.post("/api/auth/login", json=LOGIN, headers=OURS)
    evil = {"Origin": "https://evil.example"}
    assert (await browser.get("/api/keys", headers={"X-API-Key": KEY, **evil})).status_code == 200
    plain = (await browser.post("/api/auth/login", json={**LOGIN, "cookie": False}, headers=evil)).json()["data"]
    headers = {"Authorization": f"Bearer {plain['token']}", **evil}
    assert (await browser.post("/api/keys", json={"name": "mine"}, headers=headers)).status_code == 201


async def test_scripts_of_other_origins_are_let_in_by_name(browser: httpx.AsyncClient) -> None:
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key"}
    allowed = await browser.options("/api/messages", headers={"Origin": "https://shop.example", **asks})
    assert allowed.headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-credentials" not in allowed.headers
    other = await browser.options("/api/messages", headers={"Origin": "https://evil.example", **asks})
    assert "access-control-allow-origin" not in other.headers


async def test_cors_is_off_by_default(core: Core, settings: Settings) -> None:
    app = build_app(core, settings.model_copy(update={"cors_origins": ""}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://jackfield.test") as client:
        answer = await client.get("/api/keys", headers={"X-API-Key": KEY, "Origin": "https://shop.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/api/keys", "/api/auth/me", "/pabbly/messages", "/nowhere", "/healthz"])
async def test_browsers_are_told_what_not_to_do(browser: httpx.AsyncClient, path: str) -> None:
    headers = (await browser.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"] == "frame-ancestors 'none'"
    assert headers["cache-control"] == "no-store"


async def test_a_person_changes_their_password(browser: httpx.AsyncClient) -> None:
    await browser.post("/api/auth/login", json=LOGIN, headers=OURS)
    body = {"currentPassword": "wrong", "password": "another horse battery"}
    assert (await browser.post("/api/auth/password", json=body, headers=OURS)).status_code == 400
    body["currentPassword"] = PASSWORD
    assert (await browser.post("/api/auth/password", json=body, headers=OURS)).status_code == 200
    assert (await browser.get("/api/auth/me")).status_code == 200, "this session goes on"
    assert (await browser.post("/api/auth/login", json=LOGIN, headers=OURS)).status_code == 401
    answer = await browser.post("/api/auth/password", json=body, headers={"X-API-Key": KEY})
    assert answer.status_code == 403


async def test_a_socket_is_for_our_own_pages(native: JackfieldServer) -> None:
    login = {"email": server.EMAIL, "password": server.PASSWORD, "cookie": False}
    token = native.request("POST", "/api/auth/login", json=login).data["token"]
    cookie = {"Cookie": f"jackfield_session={token}"}
    async with aiohttp.ClientSession() as session:
        for foreign in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(f"{native.url}/api/ws", headers={**cookie, **foreign})
            assert refused.value.status == 403, foreign
        # A browser says where the page came from at every handshake (RFC 6455, 4.1); who does not is a program.
        for ours in ({"Origin": native.url}, {}):
            async with session.ws_connect(f"{native.url}/api/ws", headers={**cookie, **ours}) as socket:
                assert (await socket.receive_json(timeout=60))["event"] == "ready"
