"""Telegram: groups, contacts and campaigns, through the workspace's bots."""

from typing import Annotated

from fastapi import APIRouter, Depends

from jackfield.core import BulkMessage, Content, GroupView, Text

from ..._openapi import Answer
from ..._strict import placeholders_told
from .. import answers, files, shapes
from ..audience import MOST_RECIPIENTS, lists_of, segment_of
from ..context import Caller, Context
from ..fields import CAMPAIGN, MEDIA, PAGING, example
from ..form import Form
from ..wire import ok
from .campaigns import listed, request_data, when
from .contacts import paging
from .messages import MOST_TEXT

GROUPS = ("group_id", "group_ids", "telegram_group_id")


def register(router: APIRouter, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Contacts = Annotated[Caller, Depends(context.allow("contacts:read"))]
    Groups = Annotated[Caller, Depends(context.allow("groups:read"))]
    Reader = Annotated[Caller, Depends(context.allow("campaigns:read"))]
    Writer = Annotated[Caller, Depends(context.allow("campaigns:write"))]
    Listed = Annotated[Form, Depends(context.fields(*PAGING))]
    StoreFields = Annotated[
        Form, Depends(context.fields(*GROUPS, "contact_id", "contact_ids", "message", "channel_id", *CAMPAIGN, *MEDIA))
    ]

    async def known_groups(caller: Caller) -> list[GroupView]:
        bots = await context.channels(caller, telegram=True)
        return await core.groups.known(caller.workspace_id, [bot.id for bot in bots])

    @router.get("/telegram-group", tags=["Telegram"], summary="Telegram groups")
    async def list_telegram_groups(caller: Groups) -> Answer[answers.Groups]:
        """Groups and channels that the bots are in; Telegram tells of them as they change."""
        return ok({"groups": [shapes.group(row, caller.zone) for row in await known_groups(caller)]})

    @router.get("/telegram-contact", tags=["Telegram"], summary="Telegram contacts")
    async def list_telegram_contacts(caller: Contacts, form: Listed) -> Answer[answers.Contacts]:
        """People who are known by a Telegram id, newest first."""
        number, size = paging(form)
        page = await core.contacts.with_identity(caller.workspace_id, "telegram", limit=size, page=number)
        rows = [shapes.contact(row, caller.zone, caller.language) for row in page.items]
        return ok({"contacts": rows, **shapes.pages(page, number, size)})

    @router.get("/telegram-campaign", tags=["Telegram"], summary="Telegram campaigns")
    async def list_telegram_campaigns(caller: Reader, form: Listed) -> Answer[answers.Campaigns]:
        """Campaigns through bots, newest first."""
        return await listed(context, caller, form, telegram=True)

    async def chosen_groups(caller: Caller, form: Form) -> list[GroupView]:
        wanted = form.ids(*GROUPS)
        if not wanted:
            return []
        known = {row.id: row for row in await known_groups(caller)}
        for id_ in wanted:
            if id_ not in known:
                form.fail("group_id", "The selected group id is invalid.")
        return [known[id_] for id_ in dict.fromkeys(wanted) if id_ in known]

    async def recipients(caller: Caller, form: Form, lists: list[int]) -> list[BulkMessage]:
        """Contacts by id, and those of lists and a segment together; without a message yet."""
        ids = form.ids("contact_id", "contact_ids")
        segment = await segment_of(core, caller.workspace_id, form, required=False)
        if form.errors or not (ids or lists or segment is not None):
            return []
        asked = []
        if ids:
            asked.append([{"ids": ids}])
        if lists or segment is not None:
            asked.append([{"lists": lists}] * bool(lists) + ([segment.filter] if segment is not None else []))
        found: dict[str, BulkMessage] = {}
        for filters in asked:
            rows = await core.contacts.recipients(caller.workspace_id, filters, "telegram", limit=MOST_RECIPIENTS + 1)
            if len(rows) > MOST_RECIPIENTS:
                form.fail("contact_list_id", f"At most {MOST_RECIPIENTS} contacts in one Telegram campaign.")
                return []
            for one in rows:
                if one.refuses_marketing:
                    continue
                first_name = one.name.split(" ")[0] if one.name else ""
                variables = {"name": one.name, "first_name": first_name, "phone": one.phone or ""}
                found.setdefault(
                    one.address,
                    BulkMessage(
                        peer=one.address, content=Text(text=""), variables=variables, contact_id=one.contact_id
                    ),
                )
        if not found:
            form.fail("contact_id", "None of these contacts has a Telegram id and accepts marketing.")
        return list(found.values())

    @router.post(
        "/telegram-campaign-store",
        tags=["Telegram"],
        summary="Create a Telegram campaign",
        openapi_extra=example(
            "campaign_name",
            "message",
            "group_id[]",
            "contact_id[]",
            "contact_list_id",
            "segment_id",
            "send_scheduled",
            "schedule_time",
            files=MEDIA,
            required=1,
        ),
    )
    async def create_telegram_campaign(caller: Writer, form: StoreFields) -> Answer[answers.Campaign]:
        """A message or a file to groups and contacts, at Telegram's pace. `{name}` is the contact's, or the group's.

        Recipients: `group_id[]`, `contact_id[]`, and the contacts of `contact_list_id` and `segment_id`.
        """
        name = form.text("campaign_name", "name", maximum=200)
        text = form.text("message", required=False, maximum=MOST_TEXT)
        at = when(form, caller)
        groups = await chosen_groups(caller, form)
        lists = await lists_of(core, caller.workspace_id, form, required=False)
        people = await recipients(caller, form, lists)
        if not groups and not people and not form.errors:
            form.fail(
                "group_id", "The group id field is required when none of contact id / contact list id are present."
            )
        for other in files.further(form, MEDIA):
            form.fail(other, f"One message has one file: send the {other} in a campaign of its own.")
        media = None if form.errors else await files.attached(core, caller.workspace_id, form, MEDIA, text)
        if not text and media is None and not form.errors:
            form.fail("message", "The message field is required when no file is present.")
        if len({group.channel_id for group in groups}) > 1:
            form.fail("group_id", "The groups must belong to one bot.")
        if groups and form.id("channel_id", required=False) not in (None, groups[0].channel_id):
            form.fail("channel_id", "The groups belong to another bot.")
        form.check()
        content: Content = media if media is not None else Text(text=text)
        if groups:
            form.data["channel_id"] = groups[0].channel_id
        channel = await context.channel(caller, form, telegram=True)
        core.networks.check(channel.engine, content)
        with placeholders_told(form.data):
            row = await core.campaigns.create_bulk(
                caller.workspace_id,
                channel.id,
                [
                    *(
                        BulkMessage(
                            peer=group.address,
                            content=content,
                            variables={"name": group.name, "first_name": group.name, "phone": ""},
                        )
                        for group in groups
                    ),
                    *(
                        BulkMessage(peer=one.peer, content=content, variables=one.variables, contact_id=one.contact_id)
                        for one in people
                    ),
                ],
                name=name,
                scheduled_at=at,
                source="api",
                client_data={"chatly": request_data(None, lists, None)} if lists else None,
            )
        return ok(
            shapes.campaign(row, await core.campaigns.counts(row), context.type_of(channel), caller.zone),
            "campaign_created_successfully",
        )
