"""The whole server and the Telegram engine over HTTP against the simulated Bot API, polling and called back."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from jackfield.testing.server import JackfieldServer, running_server, until
from jackfield.testing.simulator import SimulatorProcess, simulator_process

from .providers import post, reachable_server, recipients, status

_bots = itertools.count(4242)
PEOPLE = range(1001, 1041)


class Bot:
    """A bot at the simulated Telegram, and the profile of a server that sends as it."""

    def __init__(self, telegram: SimulatorProcess, server: JackfieldServer) -> None:
        self.id = next(_bots)
        self.token = f"{self.id}:AAH-simulated_token"
        self._api = f"{telegram.url}/bot{self.token}"
        self._url = f"{telegram.url}/control/bot/{self.token}"
        self.server = server
        self.control(people=[{"id": one, "name": f"Person {one}"} for one in PEOPLE])
        config = {"baseUrl": telegram.url, "token": self.token}
        body = {"name": f"Bot {self.id}", "engine": "telegram_bot", "config": config}
        self.profile = str(server.api("POST", "/profiles", json=body).data["id"])
        server.api("POST", f"/profiles/{self.profile}/connect")
        until(lambda: status(server, self.profile)["connected"], 60, "the bot is connected")

    def control(self, **body: Any) -> Any:
        """People, groups, faults; see the control's own list."""
        return post(self._url, body)

    def webhook(self) -> str:
        """Where Telegram calls us; empty while the engine polls."""
        return str(post(f"{self._api}/getWebhookInfo")["result"]["url"])

    def says(self, person: int, text: str, **fields: Any) -> Any:
        """A person writes to the bot."""
        said = {"from": str(person), "name": f"Person {person}", "type": "text", "text": text, **fields}
        return post(f"{self._url}/inbound", said)

    def outbox(self) -> list[dict[str, Any]]:
        """What Telegram took, oldest first."""
        rows: list[dict[str, Any]] = post(f"{self._url}/outbox")
        return rows

    def text(self, to: object, text: str) -> str:
        """Send a text; gives our id."""
        body = {"profileId": self.profile, "to": str(to), "text": text}
        return str(self.server.api("POST", "/messages/text", json=body).data["id"])

    def received(self) -> list[dict[str, Any]]:
        """What came in, oldest first."""
        rows = self.server.api("GET", f"/messages?profileId={self.profile}&limit=200").data
        return [row for row in reversed(rows) if row["direction"] == "in"]


@pytest.fixture(scope="module")
def telegram() -> Iterator[SimulatorProcess]:
    """A Telegram at which everything happens at once."""
    with simulator_process("--delay-scale", "0") as running:
        yield running


@pytest.fixture(scope="module", params=["polling", "webhook"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JackfieldServer]:
    """Without and with a public address: the engine polls, or is called back."""
    folder = tmp_path_factory.mktemp("server")
    with running_server(folder) if request.param == "polling" else reachable_server(folder) as running:
        yield running


@pytest.fixture
def bot(telegram: SimulatorProcess, server: JackfieldServer) -> Bot:
    """A bot of its own for each test."""
    return Bot(telegram, server)


def test_a_conversation(bot: Bot) -> None:
    public = bot.server.env.get("JACKFIELD_PUBLIC_URL")
    assert bot.webhook() == (f"{public}/hooks/{bot.profile}" if public else "")
    bot.says(1001, "Is it in stock?")
    (came,) = until(bot.received, what="the question")
    assert (came["text"], came["from"]) == ("Is it in stock?", "1001")
    answer = bot.text(1001, "It is.")
    sent = bot.server.message(answer, "sent")
    (taken,) = bot.outbox()
    assert (taken["to"], taken["text"]) == ("1001", "It is.")
    assert sent["providerId"] == f"1001:{taken['content']['message_id']}"
    # As a chat id it goes back to the same person; a group becomes known by its first message.
    bot.server.message(bot.text("1001@c.us", "Indeed."), "sent")
    bot.control(groups=[{"id": -100777, "title": "Club", "members": [1001]}])
    bot.says(1001, "Hello all", chat="-100777")
    (club,) = until(lambda: bot.server.api("GET", f"/groups?profileId={bot.profile}").data, what="the group")
    assert (club["id"], club["name"]) == ("-100777", "Club")
    until(lambda: len(bot.received()) == 2, what="what was said in the group")
    # The order of a chat is kept, and nothing is told twice.
    for n in range(20):
        bot.says(1001, f"Line {n}")
    until(lambda: len(bot.received()) == 22, what="all lines")
    assert [row["text"] for row in bot.received()[2:]] == [f"Line {n}" for n in range(20)]


def test_a_conversation_arrives_as_it_was_written(bot: Bot) -> None:
    """More than the chat's pace lets go at once, of several kinds, and throttled in between."""
    bot.server.api("PATCH", f"/profiles/{bot.profile}", json={"pacing": {"perRecipientS": 0.1}})
    bot.control(faults={"errors": [{"code": "telegram:429", "count": 1, "retryAfter": 1, "to": "1006"}]})
    sent = []
    for n in range(8):
        body: dict[str, Any] = {"profileId": bot.profile, "to": "1006"}
        if n % 2:
            answer = bot.server.api("POST", "/messages/location", json={**body, "latitude": n, "longitude": 2})
        else:
            answer = bot.server.api("POST", "/messages/text", json={**body, "text": f"Line {n}"})
        sent.append(str(answer.data["id"]))
    for message in sent:
        bot.server.message(message, "sent", seconds=60)
    shown = [row["content"].get("text") or row["content"]["location"]["latitude"] for row in bot.outbox()]
    assert shown == [f"Line {n}" if n % 2 == 0 else n for n in range(8)]


def test_a_campaign_through_a_bad_network(bot: Bot) -> None:
    """Throttled, refused, cut: each person at most once, and each failure explained."""
    bot.control(
        faults={
            "errors": [
                {"code": "telegram:429", "count": 2, "retryAfter": 1},
                {"code": "telegram:502", "count": 2},
                {"code": "telegram:not_started", "to": "1005"},
            ]
        },
        blocked=[1007],
    )
    everyone = [*PEOPLE, 999_999]
    body = {
        "profileId": bot.profile,
        "category": "utility",
        "messages": [{"to": str(one), "type": "text", "content": {"text": "Your order is ready"}} for one in everyone],
    }
    batch = bot.server.api("POST", "/bulk/send", json=body).data["batchId"]

    def over() -> bool:
        counts = bot.server.api("GET", f"/campaigns/{batch}").data["counts"]
        return bool(counts["sent"] + counts["failed"] == len(everyone))

    until(over, 300, "every message has its final status")
    reached = {str(one) for one in everyone} - {"1005", "1007", "999999"}
    assert Counter(row["to"] for row in bot.outbox()) == dict.fromkeys(reached, 1)
    rows = {row["to"]: row for row in recipients(bot.server, batch)}
    assert {to for to, row in rows.items() if row["status"] == "sent"} == reached
    codes = {to: row["error"]["code"] for to, row in rows.items() if row["status"] == "failed"}
    assert codes == {
        "1005": "telegram:403:not_started",
        "1007": "telegram:403:blocked",
        "999999": "telegram:400:chat_not_found",
    }
    assert all(len(rows[to]["error"]["remedy"]) > 10 for to in codes)


def test_a_lost_answer_is_not_sent_again(bot: Bot) -> None:
    bot.control(faults={"drop": 1})
    doubtful = bot.text(1002, "Did you get this?")
    row = bot.server.message(doubtful, "uncertain")
    assert row["error"]["cause"]
    bot.control(faults={"reset": True})
    bot.server.message(bot.text(1002, "And this?"), "sent")
    assert [row["text"] for row in bot.outbox()] == ["Did you get this?", "And this?"]


def test_blocking_is_an_opt_out(bot: Bot) -> None:
    bot.says(1003, "hello")
    until(bot.received, what="the message")
    bot.control(blocked=[1003])

    def optin() -> Any:
        rows = bot.server.api("GET", "/contacts?search=Person 1003".replace(" ", "%20")).data
        return rows[0].get("optin", rows[0].get("optIn")) if rows else None

    until(lambda: optin() is False, what="the opt-out")


def test_a_revoked_token_stops_the_channel(bot: Bot) -> None:
    bot.control(revoked=True)
    waiting = bot.text(1004, "Anybody there?")

    def down() -> dict[str, Any] | None:
        found = status(bot.server, bot.profile)
        return found if found["status"] == "logged_out" else None

    found = until(down, 60, "the channel is down")
    assert found is not None
    assert "BotFather" in found["reason"]
    assert bot.token not in found["reason"]
    bot.server.message(waiting, "queued")
    bot.control(revoked=False)
    bot.server.api("POST", f"/profiles/{bot.profile}/connect")
    bot.server.message(waiting, "sent")
    assert len(bot.outbox()) == 1


def test_what_was_said_while_the_server_was_down(bot: Bot) -> None:
    """Killed, not closed: what came before is not told twice, what comes meanwhile is not lost, and in order."""
    bot.says(1001, "before")
    until(bot.received, what="the first message")
    bot.server.kill()
    for n in range(5):
        bot.says(1001, f"meanwhile {n}")
    bot.server.start()
    until(lambda: len(bot.received()) == 6, 90, "what was said meanwhile")
    bot.says(1001, "after")
    until(lambda: len(bot.received()) == 7, 30, "what was said afterwards")
    assert [row["text"] for row in bot.received()] == ["before", *(f"meanwhile {n}" for n in range(5)), "after"]
