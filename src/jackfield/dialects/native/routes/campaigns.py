"""Campaigns: content for an audience."""

from typing import Annotated, Any, Literal

import msgspec
from fastapi import Depends, FastAPI, Query, Request, Response
from pydantic import Field

from jackfield.core import (
    CampaignChanges,
    CampaignView,
    Conflict,
    Principal,
    Template,
)
from jackfield.core import Filter as MessageFilter
from jackfield.core import content as contents

from ..._kit import Str, Wire, parse_id
from ..._strict import placeholders_told
from .. import answers, shapes
from ..checks import invalid
from ..context import Context, Pages, Sort, example, numbers
from ..envelope import Ok, Paged, deleted, iso, ok, paged
from ..files import TABLES, Format, filter_from, streamed
from ..sending import compose
from ..times import planned

BUDGET_USED = (
    "The number has written to as many new people as it may in 24 hours; the rest goes out as the time moves on. "
    "People who write first, or were written to already, do not count."
)


Status = Annotated[str | None, Query()]
Reason = Annotated[
    str | None,
    Query(max_length=100, description="A code of the statistics' `reasons`: who did not get it for this."),
]
Replied = Annotated[bool | None, Query(description="Who has written since they got it, or everybody else.")]
Clicked = Annotated[bool | None, Query(description="Who has followed a link of the campaign, or everybody else.")]

Fallbacks = Annotated[dict[Str, Any], Field(description="Texts for placeholders that a contact has no value for.")]
Missing = Annotated[
    Literal["blank", "fallback", "skip"] | None,
    Field(description="For contacts who lack a value: blank, a fallback for each placeholder, or leave them out."),
]
TrackLinks = Annotated[
    bool, Field(alias="trackLinks", description="Count who follows links: recipients get short links of this server.")
]


class CampaignBody(Wire):
    """A new campaign. `audience` is a filter over contacts (empty: everyone), with `groups` (by name, address or id) of the
    profile beside it: groups alone go to no contacts. `content` as in bulk messages; a placeholder is a field or attribute
    of contacts, or has a fallback."""

    model_config = example(
        name="Autumn",
        content={"text": "Hi {first_name}, 20% off until Sunday!"},
        audience={"tags": ["vip"]},
        start=False,
    )

    name: Annotated[Str, Field(min_length=1, max_length=200)]
    profile_id: Annotated[str | int | None, Field(alias="profileId")] = None
    type: Annotated[Str, Field(max_length=30)] = "text"
    content: dict[str, Any] | Str
    audience: dict[str, Any] = Field(default_factory=dict)
    kind: Annotated[str, Field(pattern="^(broadcast|api)$")] = "broadcast"
    category: Annotated[Str | None, Field(max_length=30, description="marketing, or a template's own.")] = None
    segment_id: Annotated[str | int | None, Field(alias="segmentId", description="A segment as audience.")] = None
    tag: Annotated[Str, Field(max_length=200)] | None = None
    scheduled_at: Annotated[str | int | None, Field(alias="scheduledAt")] = None
    start: bool = True
    fallbacks: Fallbacks = Field(default_factory=dict)
    missing: Missing = None
    track_links: TrackLinks = False


class CampaignPreviewBody(Wire):
    """A campaign that is not made yet."""

    model_config = example(content={"text": "Hi {first_name}, 20% off!"}, audience={"tags": ["vip"]}, missing="skip")

    profile_id: Annotated[str | int | None, Field(alias="profileId")] = None
    type: Annotated[Str, Field(max_length=30)] = "text"
    content: dict[str, Any] | Str
    audience: dict[str, Any] = Field(default_factory=dict)
    segment_id: Annotated[str | int | None, Field(alias="segmentId")] = None
    fallbacks: Fallbacks = Field(default_factory=dict)
    missing: Missing = None


class PauseBody(Wire):
    """Why."""

    model_config = example(reason="wrong price")

    reason: Annotated[Str, Field(max_length=500)] | None = None


class CampaignChange(Wire):
    """What to change of a campaign that has not started."""

    model_config = example(name="Autumn sale")

    name: Annotated[Str, Field(min_length=1, max_length=200)] | None = None
    type: Annotated[Str, Field(max_length=30)] = "text"
    content: dict[str, Any] | Str | None = None
    audience: dict[str, Any] | None = None
    category: Annotated[Str | None, Field(max_length=30)] = None
    tag: Annotated[Str, Field(max_length=200)] | None = None
    scheduled_at: Annotated[str | int | None, Field(alias="scheduledAt", description="null: a draft again.")] = None
    fallbacks: dict[Str, Any] | None = None
    missing: Missing = None
    track_links: Annotated[bool | None, Field(alias="trackLinks")] = None


class CampaignScheduleBody(Wire):
    """When it is to start; null makes it a draft again."""

    model_config = example(scheduledAt="2027-01-01T08:00:00Z")

    scheduled_at: Annotated[str | int | None, Field(alias="scheduledAt")]


class CopyBody(Wire):
    """The copy's name."""

    model_config = example(name="Autumn, second wave")

    name: Annotated[Str, Field(min_length=1, max_length=200)] | None = None


class TestBody(Wire):
    """To whom."""

    model_config = example(to="628123456789", variables={"first_name": "Budi"})

    to: Str | int
    variables: dict[Str, Any] = Field(default_factory=dict)


class TriggerBody(Wire):
    """One contact: by id, or by number (made when it is new)."""

    model_config = example(phone="628123456789", name="Budi", variables={"code": "A-17"})

    contact_id: Annotated[str | int | None, Field(alias="contactId")] = None
    phone: Str | int | None = None
    name: Annotated[Str | None, Field(max_length=200)] = None
    variables: dict[Str, Any] = Field(default_factory=dict)


class AudienceBody(Wire):
    """An audience to count."""

    model_config = example(audience={"tags": ["vip"]})

    audience: dict[str, Any] = Field(default_factory=dict)


async def find_campaign(context: Context, caller: Principal, given: str) -> CampaignView:
    """A campaign that the caller may see. Raises NotFound."""
    number = parse_id(given, "campaign", "CAMPAIGN_NOT_FOUND")
    row = await context.core.campaigns.get(caller.workspace_id, number)
    caller.channel(row.channel_id)
    return row


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("campaigns:read"))]
    Writer = Annotated[Principal, Depends(context.allow("campaigns:write"))]

    async def find(caller: Principal, given: str) -> CampaignView:
        return await find_campaign(context, caller, given)

    async def campaign_answer(row: CampaignView, status: int = 200) -> Ok[answers.Campaign]:
        return ok(shapes.campaign(row, await core.campaigns.counts(row)), status)

    async def audience_of(caller: Principal, body: CampaignBody | CampaignPreviewBody) -> dict[str, Any]:
        audience = await filter_from(core, caller.workspace_id, body.audience, "audience")
        if body.segment_id in (None, ""):
            return audience
        segment = parse_id(body.segment_id, "segment", "SEGMENT_NOT_FOUND")
        found = await core.contacts.segments.get(caller.workspace_id, segment, count=False)
        return {**found.filter, **audience}

    def options_of(body: CampaignBody | CampaignPreviewBody) -> dict[str, Any]:
        track = isinstance(body, CampaignBody) and body.track_links
        given = {"fallbacks": body.fallbacks, "missing": body.missing, "track_links": track}
        return {name: value for name, value in given.items() if value}

    @app.post("/campaigns", tags=["Campaigns"], summary="Create a campaign", status_code=201)
    async def create_campaign(body: CampaignBody, request: Request, caller: Writer) -> Ok[answers.Campaign]:
        """Create a campaign; it starts at once unless `start` is false or `scheduledAt` lies ahead."""

        async def run() -> Ok[answers.Campaign]:
            channel = await context.channel(caller, body.profile_id)
            content = await compose(context, channel, body.type, body.content)
            core.networks.check(channel.engine, content)
            await core.media.check(caller.workspace_id, [content], caller.channel_id)
            audience, category = await audience_of(caller, body), body.category or "marketing"
            if isinstance(content, Template):
                row_ = await core.templates.check_content(caller.workspace_id, channel.id, content)
                category = body.category or core.templates.lane(row_)
            with placeholders_told({"content": body.content}, inside=True):
                row = await core.campaigns.create(
                    caller.workspace_id,
                    channel.id,
                    name=body.name,
                    content=content,
                    audience=audience,
                    kind=body.kind,
                    category=category,
                    scheduled_at=await planned(core, caller.workspace_id, "scheduledAt", body.scheduled_at),
                    start=body.start,
                    tag=body.tag,
                    source=caller.source,
                    options=options_of(body),
                )
            return await campaign_answer(row, 201)

        return await context.once(request, caller, body.model_dump, run)

    @app.get("/campaigns", tags=["Campaigns"], summary="List campaigns")
    async def list_campaigns(
        caller: Reader,
        paging: Pages,
        status: Annotated[str | None, Query(max_length=30)] = None,
        kind: Annotated[str | None, Query(max_length=30)] = None,
        profile_id: Annotated[str | None, Query(alias="profileId")] = None,
        name: Annotated[str | None, Query(max_length=200)] = None,
        sort: Sort = "-createdAt",
    ) -> Paged[answers.Campaign]:
        """Campaigns, newest first, with their counts."""
        channel_id = parse_id(profile_id, "profile", "PROFILE_NOT_FOUND") if profile_id else None
        page = await core.campaigns.list(
            caller.workspace_id,
            kind=kind,
            state=status,
            name=name,
            channel_id=caller.only(channel_id),
            newest_first=sort.startswith("-"),
            **numbers(paging),
        )
        return paged(page, [shapes.campaign(row, await core.campaigns.counts(row)) for row in page.items])

    @app.get("/campaigns/{id}", tags=["Campaigns"], summary="Get a campaign")
    async def get_campaign(id: str, caller: Reader) -> Ok[answers.Campaign]:
        """A campaign with its counts: `sent` contains delivered and read, as in a funnel."""
        return await campaign_answer(await find(caller, id))

    @app.get("/campaigns/{id}/recipients", tags=["Campaigns"], summary="Recipients with status and reason")
    async def list_campaign_recipients(
        id: str,
        caller: Reader,
        paging: Pages,
        status: Status = None,
        reason: Reason = None,
        replied: Replied = None,
        clicked: Clicked = None,
    ) -> Paged[answers.Message]:
        """Who got it, who did not, and why. All filters hold together."""
        row = await find(caller, id)
        page = await core.messages.list(
            caller.workspace_id,
            MessageFilter(campaign_id=row.id, state=status, error_code=reason, replied=replied, clicked=clicked),
            **numbers(paging),
            newest_first=False,
        )
        return paged(page, [shapes.message(one) for one in page.items])

    @app.post("/campaigns/{id}/start", tags=["Campaigns"], summary="Start a campaign")
    async def start_campaign(id: str, caller: Writer) -> Ok[answers.Campaign]:
        """Start a draft or scheduled campaign now."""
        return await campaign_answer(await core.campaigns.start(caller.workspace_id, (await find(caller, id)).id))

    @app.post("/campaigns/{id}/pause", tags=["Campaigns"], summary="Pause a campaign")
    async def pause_campaign(id: str, caller: Writer, body: PauseBody | None = None) -> Ok[answers.Campaign]:
        """Stop sending within a second; nothing is lost."""
        row = await find(caller, id)
        return await campaign_answer(
            await core.campaigns.pause(caller.workspace_id, row.id, body.reason if body else None)
        )

    @app.post("/campaigns/{id}/resume", tags=["Campaigns"], summary="Resume a campaign")
    async def resume_campaign(id: str, caller: Writer) -> Ok[answers.Campaign]:
        """Go on where it was paused."""
        return await campaign_answer(await core.campaigns.resume(caller.workspace_id, (await find(caller, id)).id))

    @app.post("/campaigns/{id}/cancel", tags=["Campaigns"], summary="Cancel a campaign")
    async def cancel_campaign(id: str, caller: Writer) -> Ok[answers.Campaign]:
        """Never send what has not gone out yet."""
        return await campaign_answer(await core.campaigns.cancel(caller.workspace_id, (await find(caller, id)).id))

    @app.post("/campaigns/audience", tags=["Campaigns"], summary="Count an audience")
    async def count_audience(body: AudienceBody, caller: Reader) -> Ok[answers.Reach]:
        """How many contacts an audience has now."""
        audience = await filter_from(core, caller.workspace_id, body.audience, "audience")
        return ok({"contacts": await core.campaigns.reach(caller.workspace_id, audience)})

    @app.post("/campaigns/preview", tags=["Campaigns"], summary="Preview a campaign")
    async def preview_campaign(body: CampaignPreviewBody, caller: Reader) -> Ok[answers.CampaignPreview]:
        """Whom a campaign would reach, and how many contacts lack a value for which placeholder; nothing is made."""
        channel = await context.channel(caller, body.profile_id)
        content = await compose(context, channel, body.type, body.content)
        core.networks.check(channel.engine, content)
        audience = await audience_of(caller, body)
        with placeholders_told({"content": body.content}, inside=True):
            seen = await core.campaigns.preview(caller.workspace_id, channel.id, content, audience, options_of(body))
        return ok(
            {
                "contacts": seen.contacts,
                "groups": seen.groups,
                "placeholders": [{"name": name, "lacking": count} for name, count in seen.lacking.items()],
                "incomplete": seen.incomplete,
                "missing": seen.missing,
            }
        )

    @app.get("/campaigns/{id}/stats", tags=["Campaigns"], summary="Figures of a campaign")
    async def get_campaign_stats(id: str, caller: Reader) -> Ok[answers.CampaignFigures]:
        """Counts by status, as a funnel; how many have replied; and what the failures were, the most frequent first.
        `held` says why a running campaign waits, and until when."""
        row = await find(caller, id)
        counts = await core.campaigns.counts(row)
        reasons = [shapes.reason(*one) for one in await core.campaigns.failures(row)]
        held: answers.Held | None = None
        if row.state == "running" and counts.by_state["queued"]:
            standing = await core.budgets.standing(await core.channels.get(caller.workspace_id, row.channel_id))
            if standing is not None and standing.free_at is not None:
                held = {
                    "code": "BUDGET_USED",
                    "message": BUDGET_USED,
                    "until": iso(standing.free_at),
                    "budget": shapes.budget(standing),
                }
            used = await core.caps.used_up(row.channel_id)
            if held is None and used is not None:
                held = {
                    "code": "DAILY_CAP_REACHED",
                    "message": f"The profile has sent its {used.limit} messages for today (UTC).",
                    "until": iso(used.until),
                    "budget": None,
                }
        return ok(
            {
                **shapes.counted(counts),
                "id": str(row.id),
                "status": row.state,
                "replied": await core.campaigns.replied(row),
                "clicked": await core.campaigns.clicked(row),
                "held": held,
                "reasons": reasons,
            }
        )

    @app.get(
        "/campaigns/{id}/export",
        tags=["Campaigns"],
        summary="Export recipients",
        responses=TABLES,
        response_class=Response,
    )
    async def export_campaign(
        id: str,
        caller: Reader,
        status: Status = None,
        reason: Reason = None,
        replied: Replied = None,
        clicked: Clicked = None,
        format: Format = "csv",
    ) -> Response:
        """Recipients with status and reason; filters as for the list of them. Phone numbers are as `+628123456789` in both
        formats, and no cell is taken for a formula."""
        row = await find(caller, id)
        wanted = MessageFilter(state=status, error_code=reason, replied=replied, clicked=clicked)
        return await streamed(core.campaigns.export(row, wanted, format=format), f"campaign-{row.id}", format)

    @app.patch("/campaigns/{id}", tags=["Campaigns"], summary="Update a campaign")
    async def update_campaign(id: str, body: CampaignChange, caller: Writer) -> Ok[answers.Campaign]:
        """Change a campaign that has not started."""
        row = await find(caller, id)
        content = None
        if body.content is not None:
            channel = await core.channels.get(caller.workspace_id, row.channel_id)
            content = await compose(context, channel, body.type, body.content)
            core.networks.check(channel.engine, content)
            await core.media.check(caller.workspace_id, [content], caller.channel_id)
        changes = CampaignChanges(
            name=body.name,
            content=content,
            audience=await filter_from(core, caller.workspace_id, body.audience, "audience")
            if body.audience is not None
            else None,
            category=body.category,
            tag=body.tag,
            fallbacks=body.fallbacks,
            missing=body.missing,
            track_links=body.track_links,
        )
        if "scheduled_at" in body.model_fields_set:
            changes = msgspec.structs.replace(
                changes, scheduled_at=await planned(core, caller.workspace_id, "scheduledAt", body.scheduled_at)
            )
        with placeholders_told({"content": body.content}, inside=True):
            row = await core.campaigns.update(caller.workspace_id, row.id, changes)
        return await campaign_answer(row)

    @app.delete("/campaigns/{id}", tags=["Campaigns"], summary="Delete a campaign")
    async def delete_campaign(id: str, caller: Writer) -> Ok[answers.Deleted]:
        """Delete a campaign that has not started. One that has keeps its messages: cancel it instead."""
        row = await find(caller, id)
        await core.campaigns.delete(caller.workspace_id, row.id)
        return deleted(row.id)

    @app.post("/campaigns/{id}/schedule", tags=["Campaigns"], summary="Schedule a campaign")
    async def schedule_campaign(id: str, body: CampaignScheduleBody, caller: Writer) -> Ok[answers.Campaign]:
        """Have it start at a time."""
        row = await find(caller, id)
        at = await planned(core, caller.workspace_id, "scheduledAt", body.scheduled_at)
        return await campaign_answer(await core.campaigns.schedule(caller.workspace_id, row.id, at))

    @app.post("/campaigns/{id}/duplicate", tags=["Campaigns"], summary="Duplicate a campaign", status_code=201)
    async def duplicate_campaign(id: str, caller: Writer, body: CopyBody | None = None) -> Ok[answers.Campaign]:
        """A draft of the same content and audience."""
        row = await find(caller, id)
        made = await core.campaigns.duplicate(caller.workspace_id, row.id, body.name if body else None)
        return await campaign_answer(made, 201)

    @app.post("/campaigns/{id}/test", tags=["Campaigns"], summary="Test send")
    async def test_campaign(id: str, body: TestBody, caller: Writer) -> Ok[answers.TestMessage]:
        """Send the campaign's content to one address, as a single message."""
        row = await find(caller, id)
        channel = await core.channels.get(caller.workspace_id, row.channel_id)
        peer, kind = core.networks.parse(channel.engine, body.to)
        made = await core.campaigns.test_send(row, peer, kind, body.variables)
        return ok({"messageId": str(made.id), "status": made.state, "to": peer, "timestamp": iso(made.created_at)})

    @app.post("/campaigns/{id}/trigger", tags=["Campaigns"], summary="Trigger an api campaign")
    async def trigger_campaign(id: str, body: TriggerBody, caller: Writer) -> Ok[answers.Triggered]:
        """Send a campaign of kind `api` to one contact."""
        row = await find(caller, id)
        if row.kind != "api" or row.content is None:
            raise Conflict("Only campaigns of kind api are triggered.", code="CAMPAIGN_KIND")
        content = contents.decode(row.content)
        # What fills the campaign's content is a field of this request; the content itself is none.
        with placeholders_told({"variables": row.content}):
            if body.contact_id not in (None, ""):
                number = parse_id(body.contact_id, "contact", "CONTACT_NOT_FOUND")
                contact = await core.contacts.get(caller.workspace_id, number)
                made = await core.campaigns.trigger(row, contact, content, fallbacks=body.variables)
            elif body.phone not in (None, ""):
                async with core.transaction():
                    contact = await core.contacts.create(
                        caller.workspace_id, name=body.name, phone=body.phone, on_duplicate="merge"
                    )
                    made = await core.campaigns.trigger(row, contact, content, fallbacks=body.variables)
            else:
                raise invalid("phone", "Give a phone number or a contactId.")
        return ok(
            {
                "messageId": str(made.id),
                "status": made.state,
                "contactId": str(contact.id),
                "timestamp": iso(made.created_at),
            }
        )
