"""MultiWA's broadcasts: its own client's names for campaigns. The document does not list them; see `routes.multiwa`."""

from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query, Request
from pydantic import Field

from jackfield.core import CampaignChanges, CampaignView, ChannelView, ContactInput, Content, Filter, Invalid, Principal

from ..._kit import Str, Wire, parse_id
from ..._strict import placeholders_told
from .. import answers, multiwa
from ..checks import invalid
from ..context import Context, Pages, numbers
from ..envelope import Ok, deleted, ok, paged
from ..known_numbers import phone_of
from ..sending import compose
from ..times import planned
from .campaigns import find_campaign

STATES = {word: state for state, word in multiwa.BROADCASTS.items()}
LONGEST_PAUSE = 1.25
"""A campaign's random pauses are up to so many times the shortest one."""
MOST = 1000
"""Recipients that are named one by one; larger audiences have a tag, or are sent by `POST /bulk/send`."""


class Recipients(Wire):
    """To whom: everyone, who has one of some tags, or contacts by id or number."""

    type: Literal["tags", "contacts", "all"]
    value: Annotated[list[Str | int], Field(max_length=MOST)] = Field(default_factory=list)


class Pauses(Wire):
    """Between two messages, in ms."""

    delay_min: Annotated[int | None, Field(alias="delayMin", ge=0, le=3_600_000)] = None
    delay_max: Annotated[int | None, Field(alias="delayMax", ge=0, le=3_600_000)] = None

    def options(self) -> dict[str, Any]:
        """As campaigns have them: no pause is shorter than asked for. Raises Invalid."""
        least, most = self.delay_min or 0, self.delay_max
        if most is not None and most < least:
            raise invalid("settings.delayMax", "Must not be less than delayMin.")
        delay = max(least, round((most or 0) / LONGEST_PAUSE))
        return {"delay_ms": delay, "randomize": delay > 0}


class BroadcastBody(Wire):
    """A new broadcast: a draft."""

    profile_id: Annotated[Str | int | None, Field(alias="profileId")] = None
    name: Annotated[Str, Field(min_length=1, max_length=200)]
    message: dict[str, Any] | Str
    recipients: Recipients
    settings: Pauses = Field(default_factory=Pauses)


class BroadcastChange(Wire):
    """What to change of a draft."""

    profile_id: Annotated[Str | int | None, Field(alias="profileId")] = None
    name: Annotated[Str, Field(min_length=1, max_length=200)] | None = None
    message: dict[str, Any] | Str | None = None
    recipients: Recipients | None = None
    settings: Pauses | None = None


class ScheduleBody(Wire):
    """When it is to start."""

    scheduled_at: Annotated[Str | int, Field(alias="scheduledAt")]


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("campaigns:read"))]
    Writer = Annotated[Principal, Depends(context.allow("campaigns:write"))]

    async def find(caller: Principal, given: str) -> CampaignView:
        return await find_campaign(context, caller, given)

    async def answer(row: CampaignView, status: int = 200, **more: Any) -> Ok[Any]:
        shown = {**multiwa.broadcast(row, await core.campaigns.counts(row)), **more}
        return ok(shown, status, beside=shown)

    async def said(channel: ChannelView, given: dict[str, Any] | str, caller: Principal) -> Content:
        """What a broadcast says: `{type, ...}` as a message of that type, or `{type, content}`."""
        fields = {"text": given} if isinstance(given, str) else dict(given)
        kind = fields.pop("type", "text")
        if not isinstance(kind, str):
            raise invalid("message.type", "Must be text.")
        data: Any = fields
        if "content" in fields:
            data = fields.pop("content")
            if fields:
                raise Invalid(
                    "message: unknown fields", details={f"message.{name[:100]}": ["Unknown field."] for name in fields}
                )
        elif kind != "text" and "text" in fields:
            data = {**{name: value for name, value in fields.items() if name != "text"}, "caption": fields["text"]}
        content = await compose(context, channel, kind, data, "message.")
        core.networks.check(channel.engine, content)
        await core.media.check(caller.workspace_id, [content], caller.channel_id)
        return content

    async def audience(channel: ChannelView, given: Recipients, caller: Principal) -> dict[str, Any]:
        """Recipients as a filter over contacts; numbers that are no contact's become contacts."""
        if given.type == "all":
            if given.value:
                raise invalid("recipients.value", "Everyone is meant; leave it empty.")
            return {}
        if not given.value:
            raise invalid("recipients.value", "Must not be empty.")
        if given.type == "tags":
            return {"any_tags": [str(one) for one in given.value]}
        texts = [str(one) for one in given.value]
        ids = [int(one) for one in texts if one.isascii() and one.isdigit() and len(one) < 19]
        known = {view.id for view in await core.contacts.get_many(caller.workspace_id, ids)}
        found: list[int] = []
        for index, text in enumerate(texts):
            if text.isascii() and text.isdigit() and int(text) in known:
                found.append(int(text))
                continue
            phone = phone_of(core, channel, text)
            if phone is None:
                raise invalid(f"recipients.value.{index}", "Is neither a contact's id nor a phone number.")
            saved = await core.contacts.save(caller.workspace_id, ContactInput(phone=phone), on_duplicate="skip")
            found.append(saved.contact.id)
        return {"ids": list(dict.fromkeys(found))}

    @app.post("/broadcast", include_in_schema=False, status_code=201)
    async def create_broadcast(body: BroadcastBody, request: Request, caller: Writer) -> Ok[Any]:
        """A draft, to be scheduled or started."""

        async def make() -> Ok[Any]:
            channel = await context.channel(caller, body.profile_id)
            content = await said(channel, body.message, caller)
            with placeholders_told({"message": body.message}, inside=True):
                row = await core.campaigns.create(
                    caller.workspace_id,
                    channel.id,
                    name=body.name,
                    content=content,
                    audience=await audience(channel, body.recipients, caller),
                    start=False,
                    source="api",
                    options=body.settings.options(),
                )
            return await answer(row, 201)

        return await context.once(request, caller, body.model_dump, make)

    @app.get("/broadcast", include_in_schema=False)
    async def list_broadcasts(
        caller: Reader,
        paging: Pages,
        profile_id: Annotated[str | None, Query(alias="profileId")] = None,
        status: Annotated[str | None, Query(max_length=30)] = None,
    ) -> Ok[Any]:
        """Broadcasts, newest first."""
        channel_id = parse_id(profile_id, "profile", "PROFILE_NOT_FOUND") if profile_id else None
        paging = multiwa.counted(paging)
        page = await core.campaigns.list(
            caller.workspace_id,
            kind="broadcast",
            state=STATES.get(status, status) if status else None,
            channel_id=caller.only(channel_id),
            **numbers(paging),
        )
        items = [multiwa.broadcast(row, await core.campaigns.counts(row)) for row in page.items]
        return paged(page, items, beside=multiwa.listed(paging, page))

    @app.get("/broadcast/{id}", include_in_schema=False)
    async def get_broadcast(id: str, caller: Reader) -> Ok[Any]:
        """One broadcast."""
        return await answer(await find(caller, id))

    @app.put("/broadcast/{id}", include_in_schema=False)
    async def update_broadcast(id: str, body: BroadcastChange, caller: Writer) -> Ok[Any]:
        """Change a draft."""
        row = await find(caller, id)
        channel = await core.channels.get(caller.workspace_id, row.channel_id)
        if body.profile_id not in (None, "") and str(body.profile_id) != str(row.channel_id):
            raise invalid("profileId", "A broadcast stays on its profile.")
        changes = CampaignChanges(
            name=body.name,
            content=await said(channel, body.message, caller) if body.message is not None else None,
            audience=await audience(channel, body.recipients, caller) if body.recipients is not None else None,
        )
        options = body.settings.options() if body.settings is not None else None
        with placeholders_told({"message": body.message}, inside=True):
            row = await core.campaigns.update(caller.workspace_id, row.id, changes, client_data=options)
        return await answer(row)

    @app.delete("/broadcast/{id}", include_in_schema=False)
    async def delete_broadcast(id: str, caller: Writer) -> Ok[answers.Deleted]:
        """Delete a broadcast that has not started."""
        row = await find(caller, id)
        await core.campaigns.delete(caller.workspace_id, row.id)
        return deleted(row.id)

    @app.post("/broadcast/{id}/schedule", include_in_schema=False)
    async def schedule_broadcast(id: str, body: ScheduleBody, caller: Writer) -> Ok[Any]:
        """Have it start at a time."""
        row = await find(caller, id)
        at = await planned(core, caller.workspace_id, "scheduledAt", body.scheduled_at)
        return await answer(await core.campaigns.schedule(caller.workspace_id, row.id, at))

    @app.post("/broadcast/{id}/start", include_in_schema=False)
    async def start_broadcast(id: str, caller: Writer) -> Ok[Any]:
        """Start it now."""
        row = await find(caller, id)
        count = await core.campaigns.reach(caller.workspace_id, row.audience)
        return await answer(await core.campaigns.start(caller.workspace_id, row.id), recipientCount=count)

    @app.post("/broadcast/{id}/pause", include_in_schema=False)
    async def pause_broadcast(id: str, caller: Writer) -> Ok[Any]:
        """Stop sending within a second."""
        return await answer(await core.campaigns.pause(caller.workspace_id, (await find(caller, id)).id))

    @app.post("/broadcast/{id}/resume", include_in_schema=False)
    async def resume_broadcast(id: str, caller: Writer) -> Ok[Any]:
        """Go on where it was paused."""
        return await answer(await core.campaigns.resume(caller.workspace_id, (await find(caller, id)).id))

    @app.post("/broadcast/{id}/cancel", include_in_schema=False)
    async def cancel_broadcast(id: str, caller: Writer) -> Ok[Any]:
        """Never send the rest."""
        return await answer(await core.campaigns.cancel(caller.workspace_id, (await find(caller, id)).id))

    @app.get("/broadcast/{id}/stats", include_in_schema=False)
    async def get_broadcast_stats(id: str, caller: Reader) -> Ok[Any]:
        """Its counts, in per cent what was delivered and what is done, and how long it took in seconds."""
        row = await find(caller, id)
        counts = multiwa.stats(await core.campaigns.counts(row))
        total, ended = counts["total"], row.finished_at
        shown = {
            **counts,
            "successRate": round(100 * counts["delivered"] / total) if total else 0,
            "progress": round(100 * (total - counts["pending"]) / total) if total else 0,
            "duration": round((ended - row.started_at) / 1000) if ended and row.started_at else None,
        }
        return ok(shown, beside=shown)

    @app.get("/broadcast/{id}/recipients", include_in_schema=False)
    async def list_broadcast_recipients(
        id: str, caller: Reader, paging: Pages, status: Annotated[str | None, Query(max_length=30)] = None
    ) -> Ok[Any]:
        """Its messages, in the order of the recipients."""
        row = await find(caller, id)
        paging = multiwa.counted(paging)
        page = await core.messages.list(
            caller.workspace_id,
            Filter(campaign_id=row.id, state="queued" if status == "pending" else status),
            **numbers(paging),
            newest_first=False,
        )
        items = [{**multiwa.message(one), "to": one.peer} for one in page.items]
        return paged(page, items, beside=multiwa.listed(paging, page))
