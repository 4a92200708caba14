"""The client's side: it sends, and writes down what it was promised."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from jackfield.testing.server import KEY


@dataclass
class Sent:
    """One message as its sender knows it. `text` is unique. `accepted` is the id that was promised; `asked` how many
    requests were made for it, which is more than one only with an idempotency key."""

    text: str
    channel: int
    peer: str
    keyed: bool
    accepted: int | None = None
    asked: int = 0
    refusals: list[int] = field(default_factory=list)
    """Statuses of answers that refused it."""
    unanswered: int = 0
    """Requests whose answer never came."""


class Traffic:
    """Messages to a few chats of each channel over about `seconds`, spread over the servers at `ports`.

    Every other message has an `Idempotency-Key` and is repeated until it is accepted, as a careful caller does. The others
    are asked for once, whatever becomes of it. Chats are written to by one thread each, one message after the other.
    """

    def __init__(
        self, mark: str, ports: Sequence[int], channels: Sequence[int], count: int, seconds: float, chance: Random
    ) -> None:
        self.sent: list[Sent] = []
        self.patience = 25.0
        self._ports = list(ports)
        self._pause = seconds / max(1, count / 4)
        per_chat = max(1, count // 4)
        base = chance.randrange(10_000, 99_999)
        self._threads = []
        for chat in range(4):
            channel = channels[chat % len(channels)]
            plan = [
                Sent(f"{mark} c{chat} n{n}", channel, f"62{base}{channel}{chat:04d}", keyed=n % 2 == 0)
                for n in range(per_chat)
            ]
            self.sent += plan
            self._threads.append(threading.Thread(target=self._write, args=(chat, plan), daemon=True))

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait until all was asked for."""
        for thread in self._threads:
            thread.join()

    def _write(self, chat: int, plan: list[Sent]) -> None:
        port = self._ports[chat % len(self._ports)]
        for one in plan:
            until = time.monotonic() + self.patience
            while True:
                ended = self._ask(port, one)
                if ended or not one.keyed or time.monotonic() > until:
                    break
                time.sleep(0.1)  # as a careful caller waits before it asks again
                port = self._ports[(self._ports.index(port) + 1) % len(self._ports)]
            time.sleep(self._pause)

    def _ask(self, port: int, one: Sent) -> bool:
        """One request; whether it was accepted."""
        headers = {"X-API-Key": KEY, "Content-Type": "application/json"}
        if one.keyed:
            headers["Idempotency-Key"] = one.text
        body = json.dumps({"profileId": str(one.channel), "to": one.peer, "text": one.text})
        one.asked += 1
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("POST", "/api/messages/text", body, headers)
            answer = connection.getresponse()
            status, said = answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            one.unanswered += 1
            return False
        finally:
            connection.close()
        if 200 <= status < 300:
            told: dict[str, Any] = json.loads(said)
            one.accepted = int(told["data"]["id"])
            return True
        one.refusals.append(status)
        return False
