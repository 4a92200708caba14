from __future__ import annotations

import pytest

from jackfield.core.desk.working_hours import calendar_of
from jackfield.core.ground.errors import Invalid, NotFound

from .conftest import SmallCore, on_both

OFFICE = {"mon": [{"start": "09:00", "end": "17:00"}]}


@on_both
async def test_a_department_has_its_own_hours_or_those_of_the_workspace(core: SmallCore) -> None:
    ours, theirs = await core.workspace(), await core.workspace()
    times = core.working_times
    sales = (await core.tickets.create_department(ours, "Sales")).id
    view = await times.get(ours, sales)
    assert (view.source, view.open, view.closes_at) == ("none", True, None)
    await times.put(ours, timezone="Asia/Jakarta", days=OFFICE, holidays=[{"date": "2026-12-25", "name": "Christmas"}])
    view = await times.get(ours, sales)
    assert (view.source, view.hours.timezone, list(view.hours.days)) == ("workspace", "Asia/Jakarta", ["mon"])
    assert [one.name for one in view.hours.holidays] == ["Christmas"]
    own = await times.put(ours, department_id=sales, days={})
    assert (own.source, own.hours.timezone, own.open, own.opens_at) == ("department", "UTC", False, None)
    assert (await times.get(ours)).source == "workspace"
    assert (await times.get(theirs)).source == "none"
    async with core.db.read() as session:
        assert (await calendar_of(session, ours, sales)).hours == own.hours
        # A department that is gone, or somebody else's, works as the workspace does.
        assert (await calendar_of(session, ours, 10**30)).hours.timezone == "Asia/Jakarta"
        assert (await calendar_of(session, theirs, sales)).hours.timezone == "UTC"
    with pytest.raises(Invalid):
        await times.put(ours, department_id=sales, days={"mon": [{"start": "x", "end": "10:00"}]})
    assert (await times.delete(ours, department_id=sales)).source == "workspace"
    assert (await times.delete(ours)).source == "none"
    assert (await times.delete(ours)).source == "none"
    for wrong in (sales, 10**30, 0):
        for attempt in (
            times.get(theirs, wrong),
            times.put(theirs, department_id=wrong, days={}),
            times.delete(theirs, department_id=wrong),
        ):
            with pytest.raises(NotFound):
                await attempt
    told = [(one.action, one.target) for one in (await core.audit.list(ours, action="working_hours.*")).items]
    assert told == [
        ("working_hours.removed", f"workspace:{ours}"),
        ("working_hours.removed", f"department:{sales}"),
        ("working_hours.changed", f"department:{sales}"),
        ("working_hours.changed", f"workspace:{ours}"),
    ]
