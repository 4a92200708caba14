"""Campaigns in the operator's hands: paused, resumed, cancelled, scheduled, paced, broken off; nothing lost or doubled.

One server for the module; every test has a profile of its own on it. Times are lax where a busy machine could make
them long, and exact where the promise is that something does not happen.
"""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from jackfield.testing.server import until

from .conftest import TURNS_TO, Profile, ProfileMaker

GONE = ("sent", "delivered", "read")


def sent(counts: dict[str, Any]) -> int:
    """How many the network took."""
    return sum(counts.get(state, 0) for state in GONE)


def once_each(profile: Profile, count: int) -> None:
    """The network took every recipient's message exactly once."""
    times = Counter(one["to"] for one in profile.outbox() if one["to"] != TURNS_TO)
    assert len(times) == count
    assert max(times.values()) == 1


def iso(moment: datetime) -> str:
    """As a client writes it."""
    return moment.isoformat(timespec="milliseconds")


def clock(moment: datetime) -> str:
    """HH:MM."""
    return f"{moment:%H:%M}"


# -- by hand -------------------------------------------------------------------------------------------


def test_pause_takes_effect_within_a_second_and_loses_nothing(new_profile: ProfileMaker) -> None:
    profile = new_profile(pacing={"rate": 100, "burst": 5})
    campaign = profile.bulk(300)
    until(lambda: profile.taken() >= 30, what="the campaign is under way")
    paused = profile.move(campaign, "pause", reason="lunch")
    assert (paused["status"], paused["pauseReason"]) == ("paused", "lunch")
    profile.turns()
    at_most = profile.taken() - 3
    assert profile.turns() + at_most + 3 == profile.taken() < 306, "once the pause is known nothing more goes out"
    counts = profile.check_counts(campaign)
    assert sent(counts) == at_most
    assert counts["queued"] == 300 - at_most

    profile.pace(rate=2000, burst=100)
    assert profile.move(campaign, "resume")["pauseReason"] is None
    profile.over(campaign)
    once_each(profile, 300)
    assert sent(profile.check_counts(campaign)) == 300
    again = profile.server.api("POST", f"/campaigns/{campaign}/pause")
    assert again.status == 409, "a finished campaign cannot be paused"
    assert again.json["error"]["code"] == "CAMPAIGN_STATE"


def test_cancel_sends_nothing_more(new_profile: ProfileMaker) -> None:
    profile = new_profile(pacing={"rate": 100, "burst": 5})
    campaign = profile.bulk(300)
    until(lambda: profile.taken() >= 20, what="the campaign is under way")
    assert profile.move(campaign, "cancel")["status"] == "cancelled"
    until(lambda: not profile.campaign(campaign)["counts"]["sending"], what="what was in flight has ended")
    counts = profile.check_counts(campaign)
    assert sent(counts) == profile.taken()
    assert sent(counts) + counts["cancelled"] == 300
    assert set(counts) <= {*GONE, "cancelled"}
    for verb in ("resume", "pause", "start"):
        assert profile.server.api("POST", f"/campaigns/{campaign}/{verb}").status == 409
    # Another campaign on the line is not held up by what was cancelled.
    profile.over(profile.bulk(5))
    assert profile.taken() == sent(counts) + 5


def test_a_paused_campaign_can_be_cancelled_and_holds_up_nobody(new_profile: ProfileMaker) -> None:
    profile = new_profile(pacing={"rate": 100, "burst": 1})
    paused = profile.bulk(100)
    profile.move(paused, "pause")
    other = profile.bulk(10, name="Other")
    profile.over(other)
    assert profile.move(paused, "cancel")["status"] == "cancelled"
    counts = profile.check_counts(paused)
    assert sent(counts) + counts["cancelled"] == 100


def test_replies_overtake_a_running_campaign(new_profile: ProfileMaker) -> None:
    profile = new_profile(pacing={"rate": 40, "burst": 1})
    campaign = profile.bulk(400)
    until(lambda: profile.taken() >= 5, what="the campaign is under way")
    reply = profile.text("628999000111", "In stock, yes")
    accepted = profile.campaign(campaign)
    row = profile.server.message(reply, *GONE)
    place = [one["to"] for one in profile.outbox()].index("628999000111")
    assert place - sent(accepted["counts"]) < 60, "behind what was in flight or claimed, not behind the campaign"
    assert row["category"] == "service"
    assert profile.campaign(campaign)["status"] == "running"
    profile.move(campaign, "cancel")


# -- in time -------------------------------------------------------------------------------------------


def test_what_is_scheduled_goes_out_in_time(profile: Profile) -> None:
    server = profile.server
    began = time.monotonic()
    for i in range(3):
        person = {"name": f"Planned {i}", "phone": f"62877000000{i}", "tags": ["planned"]}
        assert server.api("POST", "/contacts", json=person).status in (200, 201)
    # What is to be planned takes a few more requests than those, on a slow machine as well.
    due = datetime.now(UTC) + timedelta(seconds=2 + 10 * (time.monotonic() - began))
    message = profile.text("628999000222", scheduledAt=iso(due))
    batch = profile.bulk(3, scheduledAt=iso(due))
    campaign = server.api(
        "POST",
        "/campaigns",
        json={
            "name": "Planned",
            "profileId": profile.id,
            "content": {"text": "Dear {name}"},
            "audience": {"any_tags": ["planned"]},
            "scheduledAt": iso(due),
        },
    ).data["id"]
    cancelled = profile.text("628999000333", scheduledAt=iso(due))
    assert server.api("POST", f"/messages/{cancelled}/cancel").data["status"] == "cancelled"
    assert server.api("GET", f"/messages/{message}").data["status"] == "scheduled"
    assert {profile.campaign(one)["status"] for one in (batch, campaign)} == {"scheduled"}

    profile.over(batch)
    profile.over(campaign)
    server.message(message, *GONE)
    outbox = profile.outbox()
    assert len(outbox) == 7, "one message, three of the batch, three of the campaign, and not the cancelled one"
    assert sorted(one["text"] for one in outbox if one["text"].startswith("Dear")) == [
        f"Dear Planned {i}" for i in range(3)
    ]
    times = [one["ms"] / 1000 for one in outbox]
    assert min(times) >= due.timestamp() - 0.01, "never early"
    assert max(times) - due.timestamp() < 30, "in time"


def test_a_scheduled_campaign_can_be_started_earlier_or_cancelled(profile: Profile) -> None:
    later = iso(datetime.now(UTC) + timedelta(hours=1))
    started, moved, cancelled = (profile.bulk(2, scheduledAt=later) for _ in range(3))
    profile.move(cancelled, "cancel")
    assert profile.check_counts(cancelled) == {"cancelled": 2}
    profile.move(started, "start")
    soon = iso(datetime.now(UTC) + timedelta(seconds=5))
    assert profile.server.api("PATCH", f"/campaigns/{moved}", json={"scheduledAt": soon}).status == 200
    profile.over(started)
    profile.over(moved)
    assert profile.taken() == 4


def test_delay_between_messages(profile: Profile) -> None:
    exact = profile.bulk(6, options={"delayBetweenMessages": 500})
    profile.over(exact)
    times = [one["ms"] for one in profile.outbox()]
    # A busy machine may hand one over late, never early.
    assert times[-1] - times[0] >= 4 * 500
    assert all(later - earlier >= 100 for earlier, later in pairwise(times)), times
    drawn = profile.bulk(6, options={"delayBetweenMessages": 500, "randomizeDelay": True})
    profile.over(drawn)
    times = [one["ms"] for one in profile.outbox()][6:]
    assert times[-1] - times[0] >= 4 * 250
    dues = [one["sentAt"] for one in profile.rows(drawn)]
    assert dues == sorted(dues)


def test_a_pause_keeps_the_delays_of_what_is_to_come(profile: Profile) -> None:
    campaign = profile.bulk(8, options={"delayBetweenMessages": 500})
    until(lambda: profile.taken() >= 2, what="under way")
    profile.move(campaign, "pause")
    time.sleep(1.2)
    before = profile.taken()
    profile.move(campaign, "resume")
    profile.over(campaign)
    times = [one["ms"] for one in profile.outbox()][before:]
    assert len(times) == 8 - before
    assert all(later - earlier >= 100 for earlier, later in pairwise(times)), "no burst after the pause"


def test_an_outage_keeps_the_delays_too(profile: Profile) -> None:
    campaign = profile.bulk(12, options={"delayBetweenMessages": 500})
    until(lambda: profile.taken() >= 2, what="under way")
    profile.server.api("POST", f"/profiles/{profile.id}/disconnect")
    time.sleep(1.2)
    before = profile.taken()
    assert before < 11
    profile.server.api("POST", f"/profiles/{profile.id}/connect")
    profile.over(campaign)
    times = [one["ms"] for one in profile.outbox()][before:]
    assert len(times) == 12 - before
    assert all(later - earlier >= 100 for earlier, later in pairwise(times)), "what is overdue does not go at once"


# -- paced ---------------------------------------------------------------------------------------------


def test_rate_and_random_delay(new_profile: ProfileMaker) -> None:
    profile = new_profile(pacing={"rate": 50, "burst": 2})
    profile.over(profile.bulk(40))
    times = [one["ms"] for one in profile.outbox()]
    assert times[-1] - times[0] >= 500, "40 messages at 50 a second take most of a second"
    profile.pace(delayMs=[400, 600])
    profile.over(profile.bulk(5))
    times = [one["ms"] for one in profile.outbox()][40:]
    assert all(later - earlier >= 100 for earlier, later in pairwise(times)), times


def test_one_recipient_at_a_time(new_profile: ProfileMaker) -> None:
    profile = new_profile(pacing={"perRecipientS": 1})
    for i in range(4):
        profile.text("628999000444", f"Part {i}")
    for i in range(4):
        profile.text(f"62899900050{i}")
    until(lambda: profile.taken() == 8, what="all are out")
    mine = [one for one in profile.outbox() if one["to"] == "628999000444"]
    assert [one["text"] for one in mine] == [f"Part {i}" for i in range(4)]
    assert all(later["ms"] - earlier["ms"] >= 600 for earlier, later in pairwise(mine))
    others = [one["ms"] for one in profile.outbox() if one["to"] != "628999000444"]
    assert max(others) < mine[-1]["ms"], "others do not wait for one"


def test_quiet_hours_hold_marketing_only(new_profile: ProfileMaker) -> None:
    now = datetime.now(UTC)
    quiet = {"start": clock(now - timedelta(hours=1)), "end": clock(now + timedelta(hours=2)), "timezone": "UTC"}
    profile = new_profile(pacing={"quietHours": quiet})
    campaign = profile.bulk(5)
    news = profile.bulk(3, category="utility")
    reply = profile.text("628999000111", "A reply at night")
    profile.server.message(reply, *GONE)
    profile.over(news)
    turns = profile.turns()
    assert profile.check_counts(campaign) == {"queued": 5}
    profile.pace(quietHours={**quiet, "end": clock(now - timedelta(minutes=30))})
    profile.over(campaign)
    assert profile.taken() == 9 + turns


def test_daily_cap_holds_campaigns_and_lets_replies_through(new_profile: ProfileMaker) -> None:
    profile = new_profile(pacing={"dailyCap": 20})
    campaign = profile.bulk(50)
    until(lambda: profile.taken() >= 20, what="the cap is used up")
    writer = "628999000666"
    profile.server.request("POST", f"/simulator/{profile.id}/inbound", json={"from": writer, "text": "Still there?"})
    until(
        lambda: profile.server.api("GET", f"/messages?profileId={profile.id}&direction=in").data,
        what="a person has written",
    )
    turns = profile.turns(writer)
    assert profile.taken() == 20 + turns, "replies go out, the campaign waits"
    assert profile.campaign(campaign)["status"] == "running"
    profile.pace(dailyCap=500)
    profile.over(campaign)
    assert profile.taken() == 50 + turns


# -- when the network refuses --------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "kind"), [("132015", "reject"), ("131042", "reject"), ("131042", "async")])
def test_a_pausing_code_pauses_the_campaign(new_profile: ProfileMaker, code: str, kind: str) -> None:
    profile = new_profile(pacing={"rate": 40, "burst": 5})
    profile.faults(code=code, kind=kind)
    campaign = profile.bulk(120)
    paused = profile.over(campaign, 120, "paused")
    assert code in paused["pauseReason"]
    assert len(paused["pauseReason"]) > 30, "the reason says what to do"

    def settled() -> bool:
        by = profile.campaign(campaign)["counts"]
        return not by["sending"] and not sent(by)

    until(settled, what="what was in flight, or taken, has failed")
    counts = profile.check_counts(campaign)
    assert counts["failed"] + counts["queued"] == 120
    assert counts["queued"] > 5
    row = next(row for row in profile.rows(campaign) if row["status"] == "failed")
    assert row["error"]["code"] == code
    assert row["error"]["remedy"]

    profile.faults()
    profile.pace(rate=1000, burst=100)
    profile.move(campaign, "resume")
    profile.over(campaign)
    counts = profile.check_counts(campaign)
    assert sent(counts) + counts["failed"] == 120
    assert "queued" not in counts


def test_a_campaign_that_mostly_fails_is_paused(new_profile: ProfileMaker) -> None:
    profile = new_profile(settings={"breaker": {"window": 20, "ratio": 0.5}}, pacing={"rate": 100, "burst": 5})
    profile.faults(code="131026", kind="reject", rate=0.9)
    campaign = profile.bulk(300)
    paused = profile.over(campaign, 120, "paused")
    assert "131026" in paused["pauseReason"]
    assert "failed" in paused["pauseReason"]
    assert profile.check_counts(campaign)["queued"] > 50


def test_throttling_slows_and_all_arrive(profile: Profile) -> None:
    profile.faults(errors=[{"code": 130429, "count": 30, "retryAfter": 0.7}])
    campaign = profile.bulk(200)
    finished = profile.over(campaign)
    once_each(profile, 200)
    counts = profile.check_counts(campaign)
    assert sent(counts) == 200
    assert finished["wasUncertain"] == 0
    again = [row["attempts"] for row in profile.rows(campaign) if row["attempts"] > 1]
    assert len(again) >= 1
    assert sum(again) - len(again) == 30


def test_one_throttled_recipient_does_not_slow_the_others(profile: Profile) -> None:
    slow = profile.number(3)
    profile.faults(errors=[{"code": 131056, "to": slow, "count": 1}])
    campaign = profile.bulk(50)
    profile.over(campaign)
    once_each(profile, 50)
    assert profile.outbox()[-1]["to"] == slow, "all the others are out before"


def test_lost_answers_end_exactly_once(profile: Profile) -> None:
    profile.faults(drop=0.2)
    campaign = profile.bulk(200)
    until(lambda: profile.campaign(campaign)["wasUncertain"] > 0, what="some answers were lost")
    profile.over(campaign)
    once_each(profile, 200)
    assert sent(profile.check_counts(campaign)) == 200
    uncertain = [row for row in profile.rows(campaign) if row["wasUncertain"]]
    assert 10 < len(uncertain) < 90
    assert all(row["providerId"] and row["attempts"] == 1 for row in uncertain)


def test_an_unreachable_network_delays_and_loses_nothing(profile: Profile) -> None:
    profile.faults(refuse=0.3)
    campaign = profile.bulk(60)
    until(lambda: profile.taken() >= 20, what="most went through at once")
    profile.faults()
    profile.over(campaign)
    once_each(profile, 60)
    assert sent(profile.check_counts(campaign)) == 60
