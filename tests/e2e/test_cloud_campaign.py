"""The whole server and the Cloud API engine against a Meta that throttles, fails, loses answers and repeats itself.

600 recipients; 10,000 with JACKFIELD_CHAOS=1.
"""

from __future__ import annotations

import logging
import os
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from jackfield.testing.server import JackfieldServer, until
from jackfield.testing.simulator import SimulatorProcess, simulator_process

from .providers import CloudNumber, import_csv, reachable_server, recipients

log = logging.getLogger(__name__)
COUNT = 10_000 if os.environ.get("JACKFIELD_CHAOS") else 600


@pytest.fixture(scope="module")
def meta() -> Iterator[SimulatorProcess]:
    """A Meta at which people get and read everything within some 60 ms."""
    with simulator_process("--delay-scale", "0.05") as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JackfieldServer]:
    """A server with a public address."""
    with reachable_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.mark.timeout(1300)
def test_a_campaign_through_a_bad_network(server: JackfieldServer, meta: SimulatorProcess) -> None:
    number = CloudNumber(meta)
    profile = number.join(server)
    people = {f"62812{n:08d}": f"Person {n}" for n in range(COUNT)}
    csv = "phone,name\n" + "".join(f"+{phone},{name}\n" for phone, name in people.items())
    imported = import_csv(server, csv, into="Everyone").data
    assert imported["created"] == COUNT, imported
    number.faults(
        errors=[
            {"code": 130429, "rate": 0.05},
            {"code": 131000, "rate": 0.01},
            {"code": 131026, "rate": 0.01},
            {"code": 131049, "rate": 0.01},
        ],
        refuse=0.01,
        drop=0.01,
        duplicateStatuses=0.01,
        disorder=0.01,
    )
    begun = time.monotonic()
    campaign = server.api(
        "POST",
        "/campaigns",
        json={
            "name": "Through a bad network",
            "profileId": profile,
            "type": "template",
            "content": {"name": "demo_text", "language": "en", "body": ["{name}"]},
            "audience": {"lists": ["Everyone"]},
        },
    ).data["id"]

    def over() -> dict[str, Any] | None:
        found: dict[str, Any] = server.api("GET", f"/campaigns/{campaign}").data
        assert found["status"] in ("running", "finished"), found["pauseReason"]
        counts = found["counts"]
        return found if counts["read"] + counts["failed"] == COUNT else None

    try:
        report = until(over, 1200 if COUNT > 1000 else 300, "every message has its final status")
    except AssertionError as error:
        left = [row for row in recipients(server, campaign) if row["status"] not in ("read", "failed")]
        raise AssertionError(f"{len(left)} have none, such as {left[:3]}") from error
    assert report is not None
    log.info("%d messages through a bad network: %.1f s", COUNT, time.monotonic() - begun)
    number.quiet()

    # Every recipient exactly once in what the network took, with the right name in the template.
    taken = number.outbox()
    assert Counter(row["to"] for row in taken) == dict.fromkeys(people, 1)
    for row in taken[:50]:
        assert people[row["to"]] in str(row["content"]), row

    # Every final status is the network's.
    rows = recipients(server, campaign)
    assert len(rows) == COUNT
    assert {row["to"]: row["status"] for row in rows} == {row["to"]: row["status"] for row in taken}
    assert {row["to"]: row["providerId"] for row in rows} == {row["to"]: row["id"] for row in taken}

    def finished() -> dict[str, Any] | None:
        found: dict[str, Any] = server.api("GET", f"/campaigns/{campaign}").data
        return found if found["status"] == "finished" else None

    last = until(finished, what="the campaign is finished")
    assert last is not None
    assert last["counts"] == report["counts"]

    # What was doubtful was settled by the network's own word, and stays on record.
    doubtful = [row for row in rows if row["wasUncertain"]]
    assert doubtful, "answers were lost"
    assert report["wasUncertain"] == len(doubtful)
    assert all(row["attempts"] == 1 or row["providerId"] for row in doubtful)
    assert max(row["attempts"] for row in rows) > 1, "some were throttled and tried again"

    # The report explains each failure in words.
    failed = [row for row in rows if row["status"] == "failed"]
    assert {row["error"]["code"] for row in failed} == {"131026", "131049"}
    for row in failed:
        error = row["error"]
        assert len(error["message"]) > 10, error
        assert len(error["cause"]) > 20, error
        assert len(error["remedy"]) > 10, error
        assert error["link"].startswith("https://"), error
    assert all(row["error"] is None for row in rows if row["status"] == "read")


def test_a_campaign_stays_inside_the_messaging_limit(server: JackfieldServer, meta: SimulatorProcess) -> None:
    """250 new people in 24 hours: the rest waits, nothing is refused, and the stats say why."""
    number = CloudNumber(meta, "106540352242933", messagingLimit="TIER_250")
    profile = number.join(server)
    people = {f"62813{n:08d}": f"Person {n}" for n in range(300)}
    csv = "phone,name\n" + "".join(f"+{phone},{name}\n" for phone, name in people.items())
    assert import_csv(server, csv, into="Tier").data["created"] == 300
    body = {
        "name": "Within the limit",
        "profileId": profile,
        "type": "template",
        "content": {"name": "demo_text", "language": "en", "body": ["{name}"]},
        "audience": {"lists": ["Tier"]},
    }
    campaign = server.api("POST", "/campaigns", json=body).data["id"]

    def held() -> dict[str, Any] | None:
        found: dict[str, Any] = server.api("GET", f"/campaigns/{campaign}/stats").data
        return found if found["counts"]["read"] == 250 and found["held"] else None

    stats = until(held, what="the budget is used up")
    assert stats is not None
    assert stats["counts"]["queued"] == 50
    assert stats["held"]["budget"]["limit"] == 250
    assert stats["held"]["budget"]["freeAt"]
    assert stats["reasons"] == [], "the network refused nobody"
    assert server.api("GET", f"/profiles/{profile}").data["budget"]["used"] == 250
    assert len(number.outbox()) == 250

    # People who were written to already cost nothing: they hear from us while the others wait.
    known = number.outbox()[0]["to"]
    sent = server.api(
        "POST",
        "/messages/template",
        json={"to": known, "profileId": profile, "name": "demo_text", "language": "en", "body": ["again"]},
    ).data["messageId"]
    assert server.message(sent, "read", "delivered", "sent")["error"] is None
