"""Bulk: many explicit recipients in one request, with variables (seed 004, 7.5)."""

import asyncio
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from pydantic import FailFast, Field

from jackfield.core import BulkMessage, CampaignView, Conflict, NotFound, Principal

from ..._kit import Str, Wire, parse_id
from ..._strict import placeholders_told, told_as
from .. import answers, shapes
from ..checks import invalid
from ..context import Context, Pages, example, numbers
from ..envelope import Ok, Paged, ok, paged
from ..sending import Known, compose, same_recipient
from ..times import planned

MOST = 100_000
"""Messages in one request; larger audiences are campaigns."""


WORDS = {"processing": "running", "completed": "finished", "pending": "scheduled"}
"""MultiWA's words for a batch's status."""


class BulkItem(Wire):
    """One message. `content` depends on `type`; `{name}` in its texts is filled from `variables`, which must have it."""

    chat_id: Annotated[str | int | None, Field(alias="chatId")] = None
    to: str | int | None = None
    type: Annotated[Str, Field(max_length=30)] = "text"
    content: dict[str, Any] | Str
    variables: dict[str, Any] = Field(default_factory=dict)


class BulkOptions(Wire):
    """Pauses between messages, in ms; with `randomizeDelay` each is drawn from it to one and a half of it, never less."""

    delay_between_messages: Annotated[int, Field(alias="delayBetweenMessages", ge=0, le=86_400_000)] = 0
    randomize_delay: Annotated[bool, Field(alias="randomizeDelay")] = False


class BulkBody(Wire):
    """`POST /bulk/send`."""

    model_config = example(
        profileId="1",
        messages=[
            {
                "chatId": "628123456789@c.us",
                "type": "text",
                "content": {"text": "Hello {name}!"},
                "variables": {"name": "John"},
            },
            {
                "chatId": "628987654321@c.us",
                "type": "text",
                "content": {"text": "Hello {name}!"},
                "variables": {"name": "Jane"},
            },
        ],
        options={"delayBetweenMessages": 5000, "randomizeDelay": True},
    )

    profile_id: Annotated[str | int | None, Field(alias="profileId")] = None
    name: Annotated[Str, Field(max_length=200)] | None = None
    messages: Annotated[list[BulkItem], Field(min_length=1, max_length=MOST), FailFast()]
    options: BulkOptions = BulkOptions()
    category: Annotated[Str, Field(max_length=30)] = "marketing"
    tag: Annotated[Str, Field(max_length=200)] | None = None
    scheduled_at: Annotated[str | int | None, Field(alias="scheduledAt")] = None


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("campaigns:read"))]
    Writer = Annotated[Principal, Depends(context.allow("messages:write"))]

    @app.post("/bulk/send", tags=["Bulk"], summary="Send bulk messages with variables")
    async def send_bulk(body: BulkBody, request: Request, caller: Writer) -> Ok[answers.Batch]:
        """Put all messages into the ledger; they are sent at the profile's pace. Follow the batch by its id."""

        async def run() -> Ok[answers.Batch]:
            channel = await context.channel(caller, body.profile_id)
            messages = []
            known: Known = {}
            for index, item in enumerate(body.messages):
                if index % 200 == 199:
                    # Others are answered in between.
                    await asyncio.sleep(0)
                place = f"messages.{index}."
                name, given = ("to", item.to) if item.chat_id is None else ("chatId", item.chat_id)
                if given is None:
                    raise invalid(f"{place}chatId", "Is required.")
                if item.to is not None and not same_recipient(item.to, given):
                    raise invalid(f"{place}to", "Means the same as chatId; give one of them.")
                with told_as(f"{place}{name}"):
                    peer, _ = core.networks.parse(channel.engine, given)
                _check_variables(item.variables, place)
                content = await compose(context, channel, item.type, item.content, f"{place}content.", known)
                core.networks.check(channel.engine, content)
                messages.append(BulkMessage(peer=peer, content=content, variables=item.variables))
            await core.media.check(caller.workspace_id, (one.content for one in messages), caller.channel_id)
            with placeholders_told(
                lambda at: {f"messages.{at}.content": body.messages[at or 0].content},
                inside=True,
                filled_by="messages.{}.variables",
            ):
                campaign = await core.campaigns.create_bulk(
                    caller.workspace_id,
                    channel.id,
                    messages,
                    name=body.name,
                    category=body.category,
                    delay_ms=body.options.delay_between_messages,
                    randomize=body.options.randomize_delay,
                    scheduled_at=await planned(core, caller.workspace_id, "scheduledAt", body.scheduled_at),
                    tag=body.tag,
                    source=caller.source,
                )
            return ok(shapes.batch(campaign, await core.campaigns.counts(campaign)))

        return await context.once(request, caller, body.model_dump, run)

    async def find(caller: Principal, given: str) -> CampaignView:
        """The batch. Raises NotFound (BATCH_NOT_FOUND) that names the id as it was given."""
        try:
            row = await core.campaigns.get(caller.workspace_id, parse_id(given, "batch", "BATCH_NOT_FOUND"))
        except NotFound:
            raise NotFound(f"There is no batch {given[:40]}.", code="BATCH_NOT_FOUND") from None
        caller.channel(row.channel_id)
        return row

    @app.get("/bulk/batches", tags=["Bulk"], summary="List all batches")
    async def list_batches(
        caller: Reader, paging: Pages, status: Annotated[str | None, Query(max_length=30)] = None
    ) -> Paged[answers.Batch]:
        """Batches, newest first, with their counts."""
        page = await core.campaigns.list(
            caller.workspace_id,
            kind="bulk",
            state=WORDS.get(status, status) if status else None,
            channel_id=caller.only(None),
            **numbers(paging),
        )
        return paged(page, [shapes.batch(row, await core.campaigns.counts(row)) for row in page.items])

    @app.get("/bulk/batch/{batchId}", tags=["Bulk"], summary="Get batch status")
    async def get_batch(batchId: str, caller: Reader) -> Ok[answers.Batch]:
        """A batch with its counts per status."""
        row = await find(caller, batchId)
        return ok(shapes.batch(row, await core.campaigns.counts(row)))

    @app.post("/bulk/batch/{batchId}/cancel", tags=["Bulk"], summary="Cancel batch")
    async def cancel_batch(batchId: str, caller: Writer) -> Ok[answers.Batch]:
        """Stop what is not yet sent. A batch that is over answers with its counts, unchanged."""
        row = await find(caller, batchId)
        if row.state == "finished":
            raise Conflict("The batch is completed; nothing is left to cancel.", code="BATCH_COMPLETED")
        row = await core.campaigns.cancel(caller.workspace_id, row.id)
        return ok(shapes.batch(row, await core.campaigns.counts(row)))


def _check_variables(variables: dict[str, Any], place: str) -> None:
    for name, value in variables.items():
        if isinstance(value, dict | list) or "\x00" in name or (isinstance(value, str) and "\x00" in value):
            raise invalid(f"{place}variables.{name[:40]}", "Must be text or a number.")
