"""The judge. It shares no code with the server: it reads the tables with plain SQL, and compares them with what the
network took, what the receiver got and what the client was promised."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import asyncpg

from .receiver import Arrival
from .traffic import Sent

Rows = list[dict[str, Any]]
Query = Callable[[str], Rows]
RIGHT = ("sent", "delivered", "read")
OPEN = ("scheduled", "queued", "sending", "uncertain")
_MARK = re.compile(r"r\d+\.\d+ c\d+ n\d+|r\d+\.\d+ in \d+ \d+")


def postgres(url: str) -> Query:
    """Asks a PostgreSQL, past every proxy."""

    async def ask(sql: str) -> Rows:
        connection = await asyncpg.connect(url, timeout=20)
        try:
            return [dict(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    return lambda sql: asyncio.run(ask(sql))


def sqlite(file: Path) -> Query:
    """Asks a SQLite file."""

    def ask(sql: str) -> Rows:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=20)) as db:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute(sql)]

    return ask


def pid_of(lease_owner: str | None) -> int:
    """The process in a channel's `lease_owner`, 0 for none."""
    return int(lease_owner.split(":")[1]) if lease_owner else 0


def owner_pid(query: Query, channel: int) -> int:
    """The process that owns a channel, 0 for none."""
    (row,) = query(f"SELECT lease_owner FROM channels WHERE id = {channel}")
    return pid_of(row["lease_owner"])


@dataclass
class Verdict:
    """What one round showed. The lists say what was wrong, in words; empty lists are what we want."""

    accepted: int = 0
    sent: int = 0
    uncertain: int = 0
    resent: int = 0
    """Uncertain ones that the network saw twice, as documented for networks that cannot be asked."""
    doubled: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """Anything else: states that do not fit, counts that differ, leases held by the dead."""

    @property
    def problems(self) -> list[str]:
        """All of it."""
        return [
            f"{name}: {one}"
            for name in ("doubled", "lost", "stuck", "disordered", "wrong")
            for one in getattr(self, name)
        ]


class Checker:
    """Judges rounds on one database. `outbox` gives what the network took of a channel, `arrivals` what the receiver got."""

    def __init__(
        self,
        query: Query,
        channels: Sequence[int],
        outbox: Callable[[int], list[dict[str, Any]]],
        arrivals: list[Arrival],
        refused: set[int],
    ) -> None:
        self._query = query
        self._channels = channels
        self._outbox = outbox
        self._arrivals = arrivals
        self._refused = refused
        self._taken: dict[int, int] = {}

    def marks(self) -> tuple[int, int, int]:
        """Where a round begins: last message, last event, arrivals so far."""
        (row,) = self._query(
            "SELECT (SELECT coalesce(max(id), 0) FROM messages) AS m, (SELECT coalesce(max(id), 0) FROM events) AS e"
        )
        for channel in self._channels:
            self._taken[channel] = len(self._outbox(channel))
        return row["m"], row["e"], len(self._arrivals)

    def open_work(self, begin: tuple[int, int, int]) -> list[str]:
        """What is not settled yet."""
        rows = self._query(
            "SELECT 'message ' || id || ' is ' || state AS said FROM messages WHERE direction = 'out' "
            f"AND id > {begin[0]} AND state IN {OPEN!r} UNION ALL "
            "SELECT 'delivery ' || id || ' of event ' || event_id || ' is pending after ' || attempts || ' attempts' "
            "FROM deliveries WHERE state = 'pending'"
        )
        return [row["said"] for row in rows]

    def settle(self, begin: tuple[int, int, int], seconds: float, expected_in: int, sent: int) -> list[str]:
        """Wait until all is settled and said; gives what is still open after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            left: list[str]
            try:
                # In this order: what is told last is owed by then.
                left = self._unread(begin, expected_in) + self.open_work(begin)
            except (OSError, asyncpg.PostgresError, sqlite3.Error) as error:
                left = [f"the database cannot be read: {type(error).__name__}"]
            if not left or time.monotonic() > deadline:
                return left
            time.sleep(0.15)  # between two looks at the tables

    def _unread(self, begin: tuple[int, int, int], expected_in: int) -> list[str]:
        """People read everything and are heard, so these come to `read`, and what they wrote comes in."""
        (row,) = self._query(
            f"SELECT (SELECT count(*) FROM messages WHERE id > {begin[0]} AND direction = 'out' "
            f"AND state IN ('sent', 'delivered')) AS unread, "
            f"(SELECT count(*) FROM messages WHERE id > {begin[0]} AND direction = 'in') AS came"
        )
        said = []
        if row["unread"]:
            said.append(f"{row['unread']} messages were never reported as read")
        if row["came"] < expected_in:
            said.append(f"{expected_in - row['came']} messages of people did not come in")
        return said

    def judge(
        self, begin: tuple[int, int, int], sent: Sequence[Sent], inbound: Sequence[str], left: Sequence[str]
    ) -> Verdict:
        """Compare everything. `inbound` are the texts that people wrote, `left` what `settle` gave."""
        verdict = Verdict(stuck=list(left))
        rows = self._query(
            "SELECT id, channel_id, direction, peer, state, content, provider_id, uncertain_at, error_code, attempts "
            f"FROM messages WHERE id > {begin[0]} ORDER BY id"
        )
        by_text: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            found = _MARK.search(row["content"] or "")
            by_text[found[0] if found else f"unknown {row['id']}"].append(row)
        network: Counter[str] = Counter()
        for channel in self._channels:
            for entry in self._outbox(channel)[self._taken[channel] :]:
                found = _MARK.search(json.dumps(entry))
                if found:
                    network[found[0]] += 1
        self._judge_sends(verdict, sent, by_text, network)
        for text in inbound:
            count = len(by_text.get(text, ()))
            if count != 1:
                verdict.wrong.append(f"what a person wrote ({text}) is there {count} times")
        known = {one.text for one in sent} | set(inbound)
        for text in by_text.keys() - known:
            verdict.wrong.append(f"nobody asked for {text}")
        self._judge_events(verdict, begin, rows)
        return verdict

    def _judge_sends(
        self, verdict: Verdict, sent: Sequence[Sent], by_text: dict[str, Rows], network: Counter[str]
    ) -> None:
        for one in sent:
            found, seen = by_text.get(one.text, []), network[one.text]
            once = 1 if one.keyed else one.asked
            if len(found) > once:
                verdict.doubled.append(f"{one.text} is in the ledger {len(found)} times (asked {one.asked} times)")
            uncertain = any(row["uncertain_at"] for row in found)
            verdict.uncertain += uncertain
            verdict.sent += seen
            if seen > max(1, len(found)) or (seen > 1 and len(found) == 1):
                if uncertain:
                    verdict.resent += seen - 1
                else:
                    verdict.doubled.append(f"the network saw {one.text} {seen} times, and it was never uncertain")
            for row in found:
                if row["state"] in RIGHT and not seen:
                    verdict.lost.append(f"{one.text} is {row['state']}, and the network never saw it")
                if row["state"] not in RIGHT and row["state"] not in OPEN:
                    verdict.lost.append(f"{one.text} is {row['state']} ({row['error_code']}); seen {seen} times")
            if one.accepted is None:
                continue
            verdict.accepted += 1
            mine = [row for row in found if row["id"] == one.accepted]
            if len(mine) != 1:
                verdict.lost.append(f"{one.text} was accepted as {one.accepted} and is not in the ledger")
            elif not seen and mine[0]["state"] not in OPEN:
                verdict.lost.append(f"{one.text} was accepted and the network never saw it ({mine[0]['state']})")

    def _judge_events(self, verdict: Verdict, begin: tuple[int, int, int], rows: Rows) -> None:
        events = self._query(f"SELECT id, type, data FROM events WHERE id > {begin[1]} ORDER BY id")
        first: dict[int, int] = {}
        for place, arrival in enumerate(self._arrivals[begin[2] :]):
            first.setdefault(arrival.event, place)
        missing = [one for one in events if one["type"].startswith("message.") and one["id"] not in first]
        owed = {row["event_id"] for row in self._query(f"SELECT event_id FROM deliveries WHERE event_id > {begin[1]}")}
        for one in missing:
            if one["id"] in owed:
                verdict.lost.append(f"event {one['id']} ({one['type']}) never reached the receiver")
        by_id = {row["id"]: row for row in rows}
        told: Counter[tuple[int, str]] = Counter()
        # What has an order: the stages of one message; and in a chat, what came in and what went out.
        lines: dict[tuple[Any, ...], list[tuple[int, int, str]]] = defaultdict(list)
        for one in events:
            message = _message_of(json.loads(one["data"]))
            row = by_id.get(message) if message is not None else None
            if row is None or not one["type"].startswith("message."):
                continue
            told[(row["id"], one["type"])] += 1
            if one["id"] in first:
                seen = (one["id"], first[one["id"]], f"{one['id']} ({one['type']} of {row['id']})")
                lines[("message", row["id"])].append(seen)
                if one["type"] in ("message.sent", "message.received"):
                    lines[(one["type"], row["channel_id"], row["peer"])].append(seen)
        for line in lines.values():
            for (earlier, a, said), (_, b, later) in pairwise(line):
                if a > b and earlier not in self._refused:
                    verdict.disordered.append(f"event {later} came before {said}")
        for row in rows:
            if row["direction"] == "in":
                if told[(row["id"], "message.received")] != 1:
                    verdict.wrong.append(
                        f"message {row['id']} came in, and was told {told[(row['id'], 'message.received')]} times"
                    )
            elif row["state"] == "read":
                # The network may tell of the delivery before it answers the send: then it is never told as sent.
                for stage, least in (("message.sent", 0), ("message.read", 1)):
                    if not least <= told[(row["id"], stage)] <= 1:
                        verdict.wrong.append(f"message {row['id']}: {stage} was told {told[(row['id'], stage)]} times")

    def leases(self, alive: Sequence[int], seconds: float) -> list[str]:
        """Wait until each channel belongs to a living process and is connected; gives what is wrong after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            wrong = []
            for row in self._query("SELECT id, lease_owner, status FROM channels WHERE wanted = 'up'"):
                owner = row["lease_owner"]
                if pid_of(owner) not in alive:
                    wrong.append(f"channel {row['id']} belongs to {owner}")
                elif row["status"] != "connected":
                    wrong.append(f"channel {row['id']} is {row['status']}")
            if not wrong or time.monotonic() > deadline:
                return wrong
            time.sleep(0.1)  # between two looks at the tables


def _message_of(data: dict[str, Any]) -> int | None:
    for name in ("message_id", "messageId", "id"):
        value = data.get(name)
        if isinstance(value, int | str) and str(value).isdigit():
            return int(value)
    message = data.get("message")
    return _message_of(message) if isinstance(message, dict) else None


def is_alive(pid: int) -> bool:
    """Whether a process is there."""
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
