"""What is not in order at Meta: each leaves the channel in a state that says what to do, and Meta is left in peace."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from jackfield.testing.server import JackfieldServer, until
from jackfield.testing.simulator import SimulatorProcess, simulator_process

from .conftest import Profile
from .providers import CloudNumber, MeterServer, import_csv, metered, reachable_server, recipients, status

_ids = itertools.count(106540352242001)
PATIENCE_S = 60.0
"""Far more than any of this takes, even on a machine that does much else."""


@pytest.fixture(scope="module")
def meta() -> Iterator[SimulatorProcess]:
    """A Meta at which everything happens at once."""
    with simulator_process("--delay-scale", "0.05") as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JackfieldServer]:
    """A server with a public address and 300 contacts."""
    with reachable_server(tmp_path_factory.mktemp("server")) as running:
        rows = "".join(f"+62812{n:08d},Person {n}\n" for n in range(300))
        assert import_csv(running, f"phone,name\n{rows}", into="Everyone").data["created"] == 300
        yield running


@pytest.fixture
def meter(meta: SimulatorProcess) -> Iterator[MeterServer]:
    """Counts what is asked of Meta."""
    with metered(meta.url) as running:
        yield running


@pytest.fixture
def number(meta: SimulatorProcess) -> CloudNumber:
    """A number of its own for each test."""
    return CloudNumber(meta, str(next(_ids)))


def down(server: JackfieldServer, profile: str) -> str:
    """Wait until the channel is down for good; gives the reason."""
    found = until(
        lambda: (one := status(server, profile))["status"] in ("logged_out", "banned") and one,
        PATIENCE_S,
        "the channel is down",
    )
    assert found["connected"] is False
    return str(found["reason"])


def left_in_peace(server: JackfieldServer, meter: MeterServer) -> None:
    """Meta is asked nothing more. What was in flight when the state was told may still end.

    The simulator's line of the same server sends meanwhile: each of its messages is a round of the worker in which
    something could have been asked.
    """
    until(lambda: len(meter.paths), what="Meta was asked")
    line = Profile(server, "1")

    def quiet() -> bool:
        asked = len(meter.paths)
        line.turns()
        return asked == len(meter.paths)

    until(quiet, 60, "nothing is in flight any more")
    asked = len(meter.paths)
    line.turns(times=5)
    assert asked == len(meter.paths)


def states(server: JackfieldServer, run: str) -> set[str]:
    """The states in which a campaign's messages are."""
    return {state for state, count in server.api("GET", f"/campaigns/{run}").data["counts"].items() if count}


def campaign(server: JackfieldServer, profile: str, template: str = "demo_text") -> str:
    """A campaign to everyone; gives its id."""
    body = {
        "name": "States",
        "profileId": profile,
        "type": "template",
        "content": {"name": template, "language": "en", "body": ["{name}"]},
        "audience": {"lists": ["Everyone"]},
    }
    return str(server.api("POST", "/campaigns", json=body).data["id"])


@pytest.mark.parametrize(
    ("config", "control", "words"),
    [
        ({"accessToken": "EAAJwrong"}, {}, ("190", "permanent token", "channel's settings")),
        ({}, {"tokenState": "expired"}, ("190", "expired", "permanent token")),
        ({"phoneNumberId": "999"}, {}, ("33", "phone number id", "channel's settings")),
        ({}, {"status": "BANNED"}, ("131031", "banned")),
    ],
    ids=["wrong token", "expired token", "wrong phone number id", "banned number"],
)
def test_connecting_says_what_to_do(
    server: JackfieldServer,
    number: CloudNumber,
    meter: MeterServer,
    config: dict[str, Any],
    control: dict[str, Any],
    words: tuple[str, ...],
) -> None:
    if control:
        number.control(**control)
    profile = number.make(server, config={"baseUrl": meter.url, **config})
    reason = down(server, profile)
    assert all(word.casefold() in reason.casefold() for word in words), reason
    assert "EAAJ" not in reason
    message = server.api("POST", "/messages/text", json={"profileId": profile, "to": "628111222333", "text": "Hi"})
    left_in_peace(server, meter)
    assert len(meter.paths) <= 3, meter.paths
    waiting = server.api("GET", f"/messages/{message.data['id']}").data
    assert waiting["status"] == "queued", "it waits for the channel"
    assert not any(path.endswith("/messages") for path in meter.paths)


def test_an_unregistered_number_is_told_at_the_first_send(
    server: JackfieldServer, number: CloudNumber, meter: MeterServer
) -> None:
    profile = number.join(server, config={"baseUrl": meter.url})
    number.control(registered=False)
    run = campaign(server, profile)
    reason = down(server, profile)
    assert "133010" in reason
    assert "Register it" in reason
    left_in_peace(server, meter)
    until(lambda: states(server, run) == {"queued"}, what="all of it waits for the channel")
    assert number.outbox() == []
    # What the reason says to do is what helps.
    refused = server.api("POST", f"/profiles/{profile}/register", json={"pin": "12"})
    assert refused.status == 400
    number.faults(errors=[])
    assert server.api("POST", f"/profiles/{profile}/register", json={"pin": "123456"}).status == 200
    until(lambda: status(server, profile)["connected"], PATIENCE_S, "the number can send")
    until(number.outbox, PATIENCE_S, "what waited goes out")


def test_a_token_that_expires_in_a_campaign(server: JackfieldServer, number: CloudNumber, meter: MeterServer) -> None:
    profile = number.join(server, config={"baseUrl": meter.url}, pacing={"rate": 100, "burst": 20})
    run = campaign(server, profile)
    until(lambda: len(number.outbox()) > 20, PATIENCE_S, "the campaign is on its way")
    number.control(tokenState="expired")
    reason = down(server, profile)
    assert "190" in reason
    assert "permanent token" in reason
    left_in_peace(server, meter)
    held = server.api("GET", f"/campaigns/{run}").data
    assert held["status"] == "running"
    assert held["counts"]["failed"] == 0, "nothing is lost: what was not sent waits for the channel"
    assert held["counts"]["queued"] > 0

    number.control(tokenState="valid")
    server.api("POST", f"/profiles/{profile}/connect")
    until(lambda: server.api("GET", f"/campaigns/{run}").data["counts"]["read"] == 300, PATIENCE_S, "the rest went out")
    assert Counter(row["to"] for row in number.outbox()) == {f"62812{n:08d}": 1 for n in range(300)}


def test_a_revoked_app_secret_is_told(server: JackfieldServer, number: CloudNumber) -> None:
    number.control(appSecret="another-secret")
    profile = number.make(server)
    until(lambda: status(server, profile)["connected"], seconds=PATIENCE_S, what="the number can send")

    def told() -> dict[str, Any] | None:
        notice = (server.api("GET", f"/profiles/{profile}").data["account"] or {}).get("notice") or {}
        # The notice that it is connected comes first.
        return notice if notice.get("kind") == "app_secret" else None

    notice = until(told, seconds=PATIENCE_S, what="the app secret is told")
    assert "app secret" in notice["message"]
    assert "Enter the secret" in notice["message"]
    # What comes signed with another secret is refused, and changes nothing.
    hook = f"{server.url}/hooks/{profile}"
    number.control(callbackUrl=hook, verify=False)
    sent = server.api("POST", "/messages/text", json={"profileId": profile, "to": "628111222444", "text": "Hi"}).data
    server.message(sent["id"], "sent", seconds=PATIENCE_S)
    until(lambda: number.control()["webhooks"]["waiting"] > 0, what="webhooks wait for a better day")
    assert server.api("GET", f"/messages/{sent['id']}").data["status"] == "sent"
    # With the right one entered, they are taken when Meta tries again.
    server.api("PATCH", f"/profiles/{profile}", json={"config": {"appSecret": "another-secret"}})
    # On a slow machine the short pauses are used up by now, and the next try is a minute away.
    server.message(sent["id"], "read", seconds=2 * PATIENCE_S)


def test_a_paused_template_pauses_the_campaign(
    server: JackfieldServer, number: CloudNumber, meter: MeterServer
) -> None:
    profile = number.join(server, config={"baseUrl": meter.url}, pacing={"rate": 100, "burst": 20})
    number.faults(pausedTemplates=["demo_text"])
    run = campaign(server, profile)
    paused = until(
        lambda: (one := server.api("GET", f"/campaigns/{run}").data)["status"] == "paused" and one,
        PATIENCE_S,
        "it is paused",
    )
    assert "132015" in paused["pauseReason"]
    assert "Change the template" in paused["pauseReason"]
    left_in_peace(server, meter)
    sends = sum(path.endswith("/messages") for path in meter.paths)
    assert sends <= 60, "what was in flight, and no more"
    assert status(server, profile)["connected"], "the channel goes on with everything else"
    reply = server.api("POST", "/messages/text", json={"profileId": profile, "to": "628111222333", "text": "Hi"}).data
    server.message(reply["id"], "read", seconds=PATIENCE_S)
    failed = [row for row in recipients(server, run) if row["status"] == "failed"]
    assert failed
    assert all("paused" in row["error"]["title"].lower() for row in failed)


def test_an_unpaid_account_pauses_the_campaign(server: JackfieldServer, number: CloudNumber) -> None:
    """Meta takes the messages and says by webhook that it did not deliver them."""
    profile = number.join(server, pacing={"rate": 50, "burst": 10})
    number.faults(errors=[{"code": 131042}])
    run = campaign(server, profile)
    paused = until(
        lambda: (one := server.api("GET", f"/campaigns/{run}").data)["status"] == "paused" and one,
        PATIENCE_S,
        "it is paused",
    )
    assert "131042" in paused["pauseReason"]
    assert "Billing" in paused["pauseReason"]
    until(lambda: "sending" not in states(server, run), PATIENCE_S, "nothing is in flight")
    assert len(number.outbox()) < 150


def test_the_number_and_its_business_profile(server: JackfieldServer, number: CloudNumber) -> None:
    profile = number.join(server)
    number.control(messagingLimit="TIER_2K")
    until(
        lambda: (server.api("GET", f"/profiles/{profile}").data["account"] or {})["messagingLimit"] == 2000,
        PATIENCE_S,
        "the webhook told of the new limit",
    )
    account = server.api("GET", f"/profiles/{profile}/account").data
    assert (account["quality"], account["messagingLimit"]) == ("GREEN", 2000)
    assert account["raw"]["id"] == number.id
    path = f"/profiles/{profile}/business"
    changed = server.api("PUT", path, json={"about": "Soup since 1987", "websites": ["https://example.com"]})
    assert changed.status == 200
    assert server.api("GET", path).data == changed.data
    assert changed.data["about"] == "Soup since 1987"
    refused = server.api("PUT", path, json={"picture": "987654"})
    assert refused.status == 400
    assert refused.json["error"]["code"] == "PROVIDER_REFUSED"
