"""Working hours reckoned: by the wall clock of a zone, over midnight, on holidays, and when the clock changes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from jackfield.core.desk.hours import Calendar, always, checked
from jackfield.core.ground.errors import Invalid

HOUR = 3_600_000
OFFICE = {
    day: [{"start": "09:00", "end": "12:00"}, {"start": "13:00", "end": "17:00"}] for day in ("mon", "tue", "fri")
}


def calendar(days: dict[str, Any], zone: str = "Europe/Berlin", holidays: Any = ()) -> Calendar:
    return Calendar(checked(zone, days, holidays))


def at(text: str) -> int:
    """Unix ms of a time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def utc(moment: int | None) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%dT%H:%M")


def test_several_spans_of_a_day() -> None:
    office = calendar(OFFICE)
    # A Monday in winter: Berlin is an hour before UTC.
    for time, is_open in (
        ("07:59", 0),
        ("08:00", 1),
        ("10:59", 1),
        ("11:00", 0),
        ("12:00", 1),
        ("15:59", 1),
        ("16:00", 0),
    ):
        assert office.is_open(at(f"2026-01-12T{time}")) is bool(is_open), time
    assert utc(office.opens_at(at("2026-01-12T11:30"))) == "2026-01-12T12:00"
    assert utc(office.opens_at(at("2026-01-12T09:10"))) == "2026-01-12T09:10"
    assert utc(office.closes_at(at("2026-01-12T09:10"))) == "2026-01-12T11:00"
    assert utc(office.closes_at(at("2026-01-12T11:30"))) == "2026-01-12T11:30"
    # From Tuesday's evening until Friday.
    assert utc(office.opens_at(at("2026-01-13T16:00"))) == "2026-01-16T08:00"
    assert utc(office.closed_since(at("2026-01-15T03:00"))) == "2026-01-13T16:00"
    assert office.closed_since(at("2026-01-13T15:59")) is None


def test_working_time_goes_by_in_working_hours_alone() -> None:
    office = calendar(OFFICE)
    assert utc(office.add(at("2026-01-12T10:00"), HOUR // 2)) == "2026-01-12T10:30"
    assert utc(office.add(at("2026-01-12T10:30"), HOUR)) == "2026-01-12T12:30"
    assert utc(office.add(at("2026-01-12T03:00"), 7 * HOUR)) == "2026-01-12T16:00"
    assert utc(office.add(at("2026-01-12T03:00"), 7 * HOUR + 60_000)) == "2026-01-13T08:01"
    assert utc(office.add(at("2026-01-13T15:00"), 2 * HOUR)) == "2026-01-16T09:00"
    assert utc(office.add(at("2026-01-13T20:00"), 0)) == "2026-01-16T08:00"


def test_over_midnight() -> None:
    bar = calendar({"fri": [{"start": "18:00", "end": "02:00"}], "sat": [{"start": "20:00", "end": "24:00"}]}, "UTC")
    assert bar.is_open(at("2026-01-17T01:59"))
    assert not bar.is_open(at("2026-01-17T02:00"))
    assert utc(bar.closes_at(at("2026-01-16T23:00"))) == "2026-01-17T02:00"
    assert utc(bar.closes_at(at("2026-01-17T21:00"))) == "2026-01-18T00:00"
    assert utc(bar.closed_since(at("2026-01-17T05:00"))) == "2026-01-17T02:00"
    # Spans that touch at midnight are one.
    shift = calendar({"mon": [{"start": "22:00", "end": "24:00"}], "tue": [{"start": "00:00", "end": "06:00"}]}, "UTC")
    assert utc(shift.closes_at(at("2026-01-12T23:00"))) == "2026-01-13T06:00"


def test_holidays() -> None:
    days = {day: [{"start": "09:00", "end": "17:00"}] for day in ("mon", "tue", "wed", "thu", "fri")}
    days["thu"] = [{"start": "20:00", "end": "02:00"}]
    given = [
        {"date": "2020-12-25", "name": "Christmas", "yearly": True},
        {"date": "2026-12-28", "name": "Stocktaking"},
        {"date": "2026-12-29", "hours": [{"start": "10:00", "end": "12:00"}]},
        {"date": "2024-02-29", "yearly": True},
    ]
    shop = calendar(days, "UTC", given)
    # The eve's span goes on into the holiday; the holiday itself is closed, and so is the Monday after.
    assert shop.is_open(at("2026-12-25T01:00"))
    assert not shop.is_open(at("2026-12-25T10:00"))
    assert utc(shop.opens_at(at("2026-12-25T02:00"))) == "2026-12-29T10:00"
    assert utc(shop.closes_at(at("2026-12-29T11:00"))) == "2026-12-29T12:00"
    assert utc(shop.closed_since(at("2026-12-29T09:00"))) == "2026-12-25T02:00"
    # A single date is one in its year alone, a yearly one in each; the 29th of February where there is one.
    assert shop.is_open(at("2027-12-28T10:00"))
    assert not shop.is_open(at("2028-12-25T10:00"))
    assert not shop.is_open(at("2028-02-29T10:00"))
    assert shop.is_open(at("2027-03-01T10:00"))
    # A date of this year goes before a yearly one.
    both = [*given, {"date": "2026-12-25", "hours": [{"start": "08:00", "end": "09:00"}]}]
    assert calendar(days, "UTC", both).is_open(at("2026-12-25T08:30"))


def test_the_clock_goes_forward() -> None:
    """Berlin, 29 March 2026: after 01:59 comes 03:00, at 01:00 UTC."""
    night = calendar({"sat": [{"start": "22:00", "end": "02:30"}], "sun": [{"start": "02:30", "end": "06:00"}]})
    assert utc(night.opens_at(at("2026-03-28T12:00"))) == "2026-03-28T21:00"
    # What is left out is the moment of the jump: one span ends there, the other begins there, and nothing is between.
    assert utc(night.closes_at(at("2026-03-28T22:00"))) == "2026-03-29T04:00"
    early = calendar({"sun": [{"start": "02:15", "end": "04:00"}]})
    assert utc(early.opens_at(at("2026-03-29T00:30"))) == "2026-03-29T01:00"
    assert utc(early.closes_at(at("2026-03-29T01:00"))) == "2026-03-29T02:00"
    # A span that is left out as a whole is none.
    gone = calendar({"sun": [{"start": "02:10", "end": "02:50"}]})
    assert utc(gone.opens_at(at("2026-03-29T00:00"))) == "2026-04-05T00:10"
    # The day has 23 hours, and office hours are those of the clock on both sides.
    office = calendar({"fri": [{"start": "09:00", "end": "17:00"}], "mon": [{"start": "09:00", "end": "17:00"}]})
    assert utc(office.opens_at(at("2026-03-27T07:00"))) == "2026-03-27T08:00"
    assert utc(office.opens_at(at("2026-03-28T07:00"))) == "2026-03-30T07:00"
    assert utc(calendar({"sun": [{"start": "00:00", "end": "24:00"}]}).add(at("2026-03-28T23:00"), 23 * HOUR)) == (
        "2026-03-29T22:00"
    )


def test_the_clock_goes_back() -> None:
    """Berlin, 25 October 2026: 02:00 to 02:59 come twice, at 00:00 and 01:00 UTC. The first of both counts."""
    night = calendar({"sat": [{"start": "22:00", "end": "02:30"}], "sun": [{"start": "02:45", "end": "06:00"}]})
    assert utc(night.closes_at(at("2026-10-24T22:00"))) == "2026-10-25T00:30"
    assert utc(night.opens_at(at("2026-10-25T00:35"))) == "2026-10-25T00:45"
    assert night.is_open(at("2026-10-25T01:10"))
    assert utc(night.closes_at(at("2026-10-25T01:10"))) == "2026-10-25T05:00"
    whole = calendar({"sun": [{"start": "00:00", "end": "24:00"}]})
    assert utc(whole.closes_at(at("2026-10-25T10:00"))) == "2026-10-25T23:00"
    assert utc(whole.add(at("2026-10-24T22:00"), 25 * HOUR)) == "2026-10-25T23:00"


def test_a_day_that_begins_at_one_o_clock() -> None:
    """Cairo, 24 April 2026: after 23:59 comes 01:00."""
    whole = calendar({"fri": [{"start": "00:00", "end": "24:00"}]}, "Africa/Cairo")
    assert utc(whole.opens_at(at("2026-04-23T12:00"))) == "2026-04-23T22:00"
    assert utc(whole.closes_at(at("2026-04-24T12:00"))) == "2026-04-24T21:00"


def test_always_and_never() -> None:
    now = at("2026-01-12T11:00")
    everything = Calendar(always("Asia/Jakarta"))
    assert everything.is_open(now)
    assert (everything.opens_at(now), everything.closes_at(now)) == (now, None)
    assert everything.add(now, 100 * HOUR) == now + 100 * HOUR
    nothing = calendar({})
    assert not nothing.is_open(now)
    assert (nothing.opens_at(now), nothing.closes_at(now), nothing.closed_since(now)) == (None, now, 0)
    assert nothing.add(now, HOUR) is None
    # Once a year is found.
    once = calendar({}, "UTC", [{"date": "2026-01-11", "yearly": True, "hours": [{"start": "10:00", "end": "11:00"}]}])
    assert utc(once.opens_at(now)) == "2027-01-11T10:00"


@pytest.mark.parametrize(
    ("zone", "days", "holidays", "field"),
    [
        ("Berlin", {}, [], "timezone"),
        ("UTC", {"monday": []}, [], "days.monday"),
        ("UTC", {"mon": [{"start": "9:00", "end": "17:00"}]}, [], "days.mon.0.start"),
        ("UTC", {"mon": [{"start": "09:00", "end": "25:00"}]}, [], "days.mon.0.end"),
        ("UTC", {"mon": [{"start": "09:00", "end": "09:00"}]}, [], "days.mon.0.end"),
        (
            "UTC",
            {"mon": [{"start": "12:00", "end": "14:00"}, {"start": "09:00", "end": "12:30"}]},
            [],
            "days.mon.0.start",
        ),
        ("UTC", {"mon": [{"start": "09:00", "end": "10:00"}] * 13}, [], "days.mon"),
        (
            "UTC",
            {"sun": [{"start": "22:00", "end": "03:00"}], "mon": [{"start": "02:00", "end": "04:00"}]},
            [],
            "days.sun.0.end",
        ),
        ("UTC", {}, [{"date": "2026-02-30"}], "holidays.0.date"),
        ("UTC", {}, [{"date": "20260201"}], "holidays.0.date"),
        (
            "UTC",
            {},
            [{"date": "2026-05-01", "yearly": True}, {"date": "2027-05-01", "yearly": True}],
            "holidays.1.date",
        ),
        ("UTC", {}, [{"date": "2026-05-01", "hours": [{"start": "x", "end": "10:00"}]}], "holidays.0.hours.0.start"),
        ("UTC", {}, [{"date": "2026-05-01"}] * 401, "holidays"),
    ],
)
def test_what_is_wrong_is_told_by_its_field(zone: str, days: Any, holidays: Any, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        checked(zone, days, holidays)
    assert list(caught.value.details or {}) == [field], caught.value.details


def test_what_counts_between_two_moments_is_what_adding_it_leads_over() -> None:
    week = {
        "mon": [{"start": "09:00", "end": "12:00"}, {"start": "13:00", "end": "17:00"}],
        "tue": [{"start": "22:00", "end": "02:00"}],
    }
    calendar = Calendar(checked("UTC", week, [{"date": "2026-11-24", "hours": [{"start": "10:00", "end": "11:00"}]}]))
    hour, monday = 3_600_000, 1_795_392_000_000  # 2026-11-23 00:00 UTC
    assert calendar.local(monday).isoformat() == "2026-11-23T00:00:00+00:00"
    for start, end, hours in (
        (0, 9, 0), (0, 24, 7), (11, 14, 2), (10, 10, 0), (12, 10, 0), (16, 36, 2), (0, 7 * 24, 8), (0, 10 * 24, 19),
    ):  # fmt: skip
        assert calendar.between(monday + start * hour, monday + end * hour) == hours * hour, (start, end)
    due = calendar.add(monday + 11 * hour, 3 * hour)
    assert due is not None
    assert calendar.between(monday + 11 * hour, due) == 3 * hour
    assert Calendar(checked("UTC", {}, [])).between(monday, monday + 100 * hour) == 0
