"""WhatsApp campaigns: an approved template to the contacts of a list and a segment."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends

from jackfield.core import CampaignChanges, CampaignView, Conflict, NotFound

from ..._kit import parse_id
from ..._openapi import Answer
from ..._strict import placeholders_told
from .. import answers, shapes
from ..audience import audience, lists_of, segment_of
from ..context import TELEGRAM, Caller, Context
from ..fields import CAMPAIGN, MEDIA, PAGING, TEMPLATE, example
from ..form import Form
from ..wire import ok
from .contacts import paging
from .messages import approved, compose

FIELDS = (
    "campaign_name",
    "template_id",
    "contact_list_id",
    "segment_id",
    "send_scheduled",
    "schedule_time",
    "body_values[]",
    "button_values[]",
)


def when(form: Form, caller: Caller, *, scheduled: bool = False) -> int | None:
    """The time to start, where send_scheduled asks for one (or did before); noted as missing where it then is.

    A time that nothing asks for is noted too: else the campaign would go out at once.
    """
    asked = form.flag("send_scheduled")
    if asked or (asked is None and scheduled):
        return form.future_time("schedule_time", caller.zone, required=asked is True)
    if form.raw("schedule_time") is not None and not form.failed("send_scheduled"):
        form.fail("schedule_time", "The schedule time needs send_scheduled=1.")
    return None


async def listed(context: Context, caller: Caller, form: Form, *, telegram: bool) -> Answer[Any]:
    """A page of campaigns with their figures."""
    number, size = paging(form)
    channels = {row.id: row for row in await context.channels(caller, telegram=telegram)}
    page = await context.core.campaigns.list(
        caller.workspace_id, channel_ids=[*channels], page=number, limit=size, total=True
    )
    rows = [
        shapes.campaign(
            row, await context.core.campaigns.counts(row), context.type_of(channels.get(row.channel_id)), caller.zone
        )
        for row in page.items
    ]
    return ok({"campaigns": rows, **shapes.pages(page, number, size)})


def register(router: APIRouter, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Caller, Depends(context.allow("campaigns:read"))]
    Writer = Annotated[Caller, Depends(context.allow("campaigns:write"))]
    Listed = Annotated[Form, Depends(context.fields(*PAGING))]
    StoreFields = Annotated[Form, Depends(context.fields(*CAMPAIGN, *TEMPLATE))]

    async def campaign_answer(caller: Caller, row: CampaignView) -> dict[str, Any]:
        channel = await core.channels.get(caller.workspace_id, row.channel_id)
        return shapes.campaign(row, await core.campaigns.counts(row), context.type_of(channel), caller.zone)

    @router.get("/whatsapp-campaign", tags=["Campaigns"], summary="WhatsApp campaigns")
    async def list_campaigns(caller: Reader, form: Listed) -> Answer[answers.Campaigns]:
        """Campaigns on WhatsApp numbers, newest first."""
        return await listed(context, caller, form, telegram=False)

    @router.post(
        "/whatsapp-campaign-store",
        tags=["Campaigns"],
        summary="Create a WhatsApp campaign",
        openapi_extra=example(*FIELDS, files=MEDIA, required=4),
    )
    async def create_campaign(caller: Writer, form: StoreFields) -> Answer[answers.Campaign]:
        """A template to the contacts that are in the list and match the segment; `send_scheduled=1` waits until
        `schedule_time` (in the account's time zone where it names none)."""
        name = form.text("campaign_name", "name", maximum=200)
        lists = await lists_of(core, caller.workspace_id, form, required=True)
        segment = await segment_of(core, caller.workspace_id, form, required=True)
        at = when(form, caller)
        template = await approved(context, caller, form)
        content = await compose(context, caller, form, template) if template is not None else None
        form.check()
        assert segment is not None
        assert template is not None
        assert content is not None
        filter_ = await audience(core, caller.workspace_id, form, lists, segment.filter)
        form.check()
        with placeholders_told(form.data):
            row = await core.campaigns.create(
                caller.workspace_id,
                template.channel_id,
                name=name,
                content=content,
                audience=filter_,
                category=core.templates.lane(template),
                scheduled_at=at,
                source="api",
                options={"chatly": request_data(template.id, lists, segment.id)},
            )
        return ok(await campaign_answer(caller, row), "campaign_created_successfully")

    @router.post(
        "/whatsapp-campaign-update/{id}",
        tags=["Campaigns"],
        summary="Update a WhatsApp campaign",
        openapi_extra=example(*FIELDS, files=MEDIA),
    )
    async def update_campaign(id: str, caller: Writer, form: StoreFields) -> Answer[answers.Campaign]:
        """Takes what the store takes; what is left out stays. Only before the campaign has started."""
        row = await core.campaigns.get(caller.workspace_id, parse_id(id, "campaign", "CAMPAIGN_NOT_FOUND"))
        channel = await core.channels.get(caller.workspace_id, row.channel_id)
        if core.networks.of(channel.engine).name == TELEGRAM or caller.channel_id not in (None, channel.id):
            raise NotFound(f"There is no WhatsApp campaign {row.id}.", code="CAMPAIGN_NOT_FOUND")
        known = dict(row.options.get("chatly") or {})
        name = form.text("campaign_name", "name", maximum=200) if form.has("campaign_name", "name") else None
        lists = await lists_of(core, caller.workspace_id, form, required=False)
        segment = await segment_of(core, caller.workspace_id, form, required=False)
        at = when(form, caller, scheduled=row.scheduled_at is not None)
        if form.id("channel_id", required=False) not in (None, row.channel_id):
            form.fail("channel_id", "The campaign belongs to another WhatsApp number.")
        # New values belong to a template; they come with the one it has where none is named.
        content = template = None
        if form.has("template_id", "body_values", "button_values", "header_values", *MEDIA):
            form.data.setdefault("template_id", known.get("template_id"))
            form.data.setdefault("channel_id", row.channel_id)
            template = await approved(context, caller, form)
            if template is not None and template.channel_id != row.channel_id:
                form.fail("template_id", "The template belongs to another WhatsApp number.")
            elif template is not None:
                content = await compose(context, caller, form, template)
        form.check()
        filter_ = None
        if lists or segment is not None:
            lists = lists or _listed(known.get("contact_list_id"))
            if segment is None and known.get("segment_id") is not None:
                segment = await core.contacts.segments.get(caller.workspace_id, known["segment_id"], count=False)
            filter_ = await audience(core, caller.workspace_id, form, lists, segment.filter if segment else {})
            form.check()
            known |= request_data(known.get("template_id"), lists, segment.id if segment else None)
        if template is not None:
            known["template_id"] = template.id
        changes = CampaignChanges(
            name=name,
            content=content,
            audience=filter_,
            category=core.templates.lane(template) if template is not None else None,
            start=form.flag("send_scheduled") is False,
        )
        if at is not None:
            changes = msgspec.structs.replace(changes, scheduled_at=at)
        try:
            with placeholders_told(form.data):
                row = await core.campaigns.update(caller.workspace_id, row.id, changes, client_data={"chatly": known})
        except Conflict as error:
            form.fail("campaign", error.message)
            form.check()
        return ok(await campaign_answer(caller, row), "campaign_updated_successfully")


def request_data(template_id: int | None, lists: list[int], segment_id: int | None) -> dict[str, Any]:
    """What a campaign keeps of the request, to show it again."""
    return {
        "template_id": template_id,
        "contact_list_id": lists[0] if len(lists) == 1 else lists,
        "segment_id": segment_id,
    }


def _listed(value: Any) -> list[int]:
    return [] if value is None else list(value) if isinstance(value, list) else [value]
