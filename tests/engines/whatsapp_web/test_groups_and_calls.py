"""Groups, newsletters, pictures, checks of contacts and calls, on fake phones in real child processes."""

from __future__ import annotations

import pytest
from neonize.proto import Neonize_pb2 as nz
from neonize.utils.enum import ParticipantChange

from jackfield.core.ground.errors import Rejected
from jackfield.core.port import (
    GroupChanged,
    IncomingCall,
)
from jackfield.engines.whatsapp_web import jids
from jackfield.engines.whatsapp_web.fake_network import OWN, with_required_fields

from .conftest import ANA, Line

GROUP = "120363000000000001@g.us"


def _group(name: str = "Team", members: tuple[str, ...] = (OWN, ANA)) -> nz.GroupInfo:
    people = [
        nz.GroupParticipant(JID=jids.make(number), IsAdmin=number == OWN, DisplayName=number) for number in members
    ]
    group = nz.GroupInfo(JID=jids.parse(GROUP), Participants=people, GroupName=nz.GroupName(Name=name))
    return with_required_fields(group)  # type: ignore[no-any-return]


async def test_groups(line: Line) -> None:
    session, device = await line.pair()
    answers = line.network.answers
    answers["create_group"] = lambda name, people: _group(name)
    answers["get_group_info"] = lambda jid: _group("Renamed")
    answers["get_joined_groups"] = lambda: [_group()]
    answers["get_group_invite_link"] = lambda jid, revoke: f"https://chat.whatsapp.com/{'new' if revoke else 'old'}"
    answers["get_group_request_participants"] = lambda jid: [
        with_required_fields(nz.GroupParticipantRequest(Participant=jids.make(ANA)))
    ]
    answers["update_group_participants"] = lambda jid, people, action: []
    made = await session.create_group("Team", [ANA], "All of us")
    assert (made.address, [member.address for member in made.participants or []]) == (GROUP, [OWN, ANA])
    assert line.network.calls["set_group_topic"][0][0][3] == "All of us"
    assert (await session.update_group(GROUP, name="Renamed", description=None)).name == "Renamed"
    assert [group.name for group in await session.list_groups()] == ["Team"]
    await session.change_participants(GROUP, [ANA], "promote")
    assert line.network.calls["update_group_participants"][0][0][2] is ParticipantChange.PROMOTE
    assert await session.invite_link(GROUP, revoke=True) == "https://chat.whatsapp.com/new"
    assert await session.join_requests(GROUP) == [ANA]
    await session.leave_group(GROUP)
    assert len(line.network.calls["leave_group"]) == 1
    refused = with_required_fields(nz.GroupParticipant(JID=jids.make(ANA), Error=403))
    answers["update_group_participants"] = lambda jid, people, action: [refused]
    with pytest.raises(Rejected, match=f"{ANA} \\(403\\)"):
        await session.change_participants(GROUP, [ANA], "add")

    device.event(nz.JoinedGroup(GroupInfo=_group("New one")))
    assert (await line.heard.until(GroupChanged))[0].group.name == "New one"
    device.event(nz.GroupInfoEvent(JID=jids.parse(GROUP), Join=[jids.make(ANA)]))
    assert (await line.heard.until(GroupChanged, 2))[1].group.name == "Renamed"
    device.event(nz.GroupInfoEvent(JID=jids.parse(GROUP), Leave=[jids.make(OWN)]))
    assert (await line.heard.until(GroupChanged, 3))[2].group.left


async def test_newsletters_pictures_and_contact_checks(line: Line) -> None:
    session, _ = await line.pair()
    letter = nz.NewsletterMetadata(ID=jids.make("120363000000000009", jids.NEWSLETTERS))
    letter.ThreadMeta.Name.Text = "News"
    line.network.answers["create_newsletter"] = lambda name, text, picture: with_required_fields(letter)
    line.network.answers["get_subscribed_newletters"] = lambda: [with_required_fields(letter)]
    made = await session.create_newsletter("News", None)
    assert (made.address, made.kind) == ("120363000000000009@newsletter", "newsletter")
    assert [found.name for found in await session.list_newsletters()] == ["News"]
    line.network.answers["get_profile_picture"] = lambda jid: nz.ProfilePictureInfo(URL="https://pps.whatsapp.net/x")
    assert await session.picture(ANA) == "https://pps.whatsapp.net/x"
    checks = await session.check_contacts([ANA, "4915120000000"])
    assert [(check.exists, check.address) for check in checks] == [(True, ANA), (False, None)]


async def test_calls(line: Line) -> None:
    session, device = await line.pair()
    meta = nz.BasicCallMeta(callCreator=jids.make(ANA), callID="C1", timestamp=1_700_000_000)
    getattr(meta, "from").CopyFrom(jids.make(ANA))
    offer = nz.CallOffer(basicCallMeta=meta)
    offer.data.Nodes.add(Tag="video")
    device.event(offer)
    (call,) = await line.heard.until(IncomingCall)
    assert (call.call_id, call.caller, call.is_video, call.started_at) == ("C1", ANA, True, 1_700_000_000_000)
    await session.reject_call("C1", ANA)
    args, _ = line.network.calls["reject_call"][0]
    assert (args[0].User, args[1]) == (ANA, "C1")
    device.event(nz.CallTerminate(basicCallMeta=meta, reason="timeout"))
    assert (await line.heard.until(IncomingCall, 2))[1].status == "missed"
