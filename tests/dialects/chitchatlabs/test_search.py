"""ChitChatLabs' searchSpec finds whom it names."""

from __future__ import annotations

import pytest

from jackfield.core import Core, Invalid
from jackfield.dialects.chitchatlabs.convert import filter_of

ATTRIBUTES = {"city": "City", "plan": "Plan"}


async def test_a_search_finds_whom_it_names(core: Core, workspace: int) -> None:
    made = await core.contacts.create(
        workspace,
        name="Partha",
        phone="919845012345",
        tags=["VIP"],
        attributes={"City": "Pune", "Plan": "x"},
        optin=True,
    )
    await core.contacts.create(workspace, name="Parthasarathy", phone="919845012346", attributes={"City": "Pune"})
    for spec in (
        {"name": "partha"},
        {"Name": "PARTHA", "City": "Pune"},
        {"mobile": "+91 98450 12345"},
        {"mobile": 919845012345},
        {"tag": "vip"},
        {"tags": ["VIP"], "optIn": True},
        {"city": "Pune", "attributes.plan": "x"},
    ):
        page = await core.contacts.list(workspace, filter_of(spec, ATTRIBUTES), total=True)
        assert [view.id for view in page.items] == [made.id], spec
    assert (await core.contacts.list(workspace, filter_of({}, ATTRIBUTES), total=True)).total == 2
    assert (await core.contacts.list(workspace, filter_of({"name": "nobody"}, ATTRIBUTES), total=True)).total == 0


@pytest.mark.parametrize(
    "spec",
    [
        None,
        [],
        {"name": {"$ne": 1}},
        {"optin": "perhaps"},
        {"name": "a\0"},
        {"shoe": 9},
        {f"attributes.{number}": 1 for number in range(51)},
    ],
)
def test_what_cannot_be_compared_is_refused(spec: object) -> None:
    with pytest.raises(Invalid, match="searchSpec"):
        filter_of(spec, ATTRIBUTES)
