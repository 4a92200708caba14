"""The AI step: whom it asks, what it knows, what it came to."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, File, Query, Request, UploadFile
from msgspec import UNSET
from pydantic import Field

from jackfield.core import AiSettingsView, AiUseRow, KnowledgeView, Principal, now_ms

from ..._kit import Str, Wire, parse_id
from .. import answers
from ..context import Context, Pages, example, numbers
from ..envelope import Ok, Paged, deleted, iso, ok, paged

MICRO = 1_000_000
DAY_MS = 86_400_000
Price = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
Name = Annotated[Str, Field(min_length=1, max_length=100)]
Format = Literal["text", "markdown", "html", "csv"]


class AiSettingsBody(Wire):
    """The whole of the settings."""

    model_config = example(
        baseUrl="https://api.example.com/v1", apiKey="YOUR_KEY", model="small-model", priceIn=0.15, priceOut=0.6
    )

    baseUrl: Annotated[
        Str, Field(max_length=2000, description="Where `/chat/completions` follows, as in https://api.example.com/v1.")
    ]
    apiKey: Annotated[
        Str | None,
        Field(
            max_length=1000,
            description="Null takes it away. Left out, it stays while scheme, host and port of the address do.",
        ),
    ] = None
    model: Annotated[Str, Field(min_length=1, max_length=200)]
    timeoutSeconds: Annotated[int, Field(ge=1, le=50)] = 30
    maxTokens: Annotated[int, Field(ge=16, le=32_768, description="Of one answer.")] = 800
    jsonMode: Annotated[bool, Field(description="Ask with `response_format` `json_object`.")] = True
    priceIn: Annotated[Price, Field(description="Of a million tokens that are sent.")] = 0
    priceOut: Annotated[Price, Field(description="Of a million tokens of answers.")] = 0
    currency: Annotated[Str, Field(pattern=r"^[A-Za-z]{3}$")] = "USD"
    perChatDay: Annotated[int, Field(ge=1, le=1000, description="Calls for one chat and day (UTC).")] = 20
    perDay: Annotated[int, Field(ge=1, le=1_000_000, description="Calls of the workspace in a day (UTC).")] = 500


class KnowledgeBody(Wire):
    """A page: a name and what it says. Headings of Markdown (`# Prices`) name its passages."""

    model_config = example(name="Delivery", text="# Delivery\n\nParcels take two days.")

    name: Name
    text: Annotated[Str, Field(min_length=1, max_length=2_000_000)]
    format: Format = "markdown"


class KnowledgeChange(Wire):
    """What to change; `format` is that of the new text (left out: as it was, without tags and columns)."""

    model_config = example(name="Delivery and returns")

    name: Name | None = None
    text: Annotated[Str | None, Field(min_length=1, max_length=2_000_000)] = None
    format: Format | None = None


def settings_answer(view: AiSettingsView) -> answers.AiSettings:
    """The settings."""
    return {
        "configured": view.updated_at is not None,
        "baseUrl": view.base_url,
        "hasKey": view.has_key,
        "model": view.model,
        "timeoutSeconds": view.timeout_seconds,
        "maxTokens": view.max_tokens,
        "jsonMode": view.json_mode,
        "priceIn": view.price_in / MICRO,
        "priceOut": view.price_out / MICRO,
        "currency": view.currency,
        "perChatDay": view.per_chat_day,
        "perDay": view.per_day,
        "updatedAt": iso(view.updated_at),
    }


def knowledge_answer(view: KnowledgeView) -> answers.Knowledge:
    """A page or a file, without its text."""
    return {
        "id": str(view.id),
        "name": view.name,
        "format": view.format,
        "filename": view.filename,
        "characters": view.characters,
        "passages": view.passages,
        "createdAt": iso(view.created_at),
        "updatedAt": iso(view.updated_at),
    }


def whole(view: KnowledgeView) -> answers.KnowledgeText:
    """A page or a file, with its text."""
    return {**knowledge_answer(view), "text": view.text or ""}


def row_answer(row: AiUseRow) -> answers.AiUseRow:
    """What an automation asked on a day."""
    return {
        "day": datetime.fromtimestamp(row.day / 1000, UTC).date().isoformat(),
        "automationId": str(row.automation_id),
        "automationName": row.automation_name,
        "calls": row.calls,
        "answers": row.answers,
        "suggestions": row.suggestions,
        "handOvers": row.hand_overs,
        "tokensIn": row.tokens_in,
        "tokensOut": row.tokens_out,
        "cost": row.cost / MICRO,
    }


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    _settings(app, context)
    _knowledge(app, context)


def _settings(app: FastAPI, context: Context) -> None:
    service, uses = context.core.ai_settings, context.core.ai_uses
    Reader = Annotated[Principal, Depends(context.allow("workspace:read"))]
    Writer = Annotated[Principal, Depends(context.allow("workspace:write"))]
    Counter = Annotated[Principal, Depends(context.allow("usage:read"))]
    tags: list[Any] = ["AI"]

    @app.get("/ai/settings", tags=tags, summary="Get the AI settings")
    async def get_ai_settings(caller: Reader) -> Ok[answers.AiSettings]:
        """Which endpoint AI steps ask; none until one is set."""
        return ok(settings_answer(await service.get(caller.workspace_id)))

    @app.put("/ai/settings", tags=tags, summary="Set the AI settings")
    async def set_ai_settings(body: AiSettingsBody, caller: Writer, request: Request) -> Ok[answers.AiSettings]:
        """Any OpenAI-compatible endpoint. Addresses of private networks are refused unless the operator allows them
        (`JACKFIELD_EGRESS_ALLOW`)."""
        view = await service.put(
            caller.workspace_id,
            base_url=body.baseUrl,
            api_key=body.apiKey if "apiKey" in body.model_fields_set else UNSET,
            model=body.model,
            timeout_seconds=body.timeoutSeconds,
            max_tokens=body.maxTokens,
            json_mode=body.jsonMode,
            price_in=round(body.priceIn * MICRO),
            price_out=round(body.priceOut * MICRO),
            currency=body.currency,
            per_chat_day=body.perChatDay,
            per_day=body.perDay,
            by=caller,
            ip=context.ip(request),
        )
        return ok(settings_answer(view))

    @app.delete("/ai/settings", tags=tags, summary="Remove the AI settings")
    async def remove_ai_settings(caller: Writer, request: Request) -> Ok[answers.AiSettings]:
        """Forget the endpoint and its key; AI steps hand over then."""
        return ok(settings_answer(await service.delete(caller.workspace_id, by=caller, ip=context.ip(request))))

    @app.post("/ai/test", tags=tags, summary="Test the AI endpoint")
    async def test_ai(caller: Writer) -> Ok[answers.AiTest]:
        """Ask the endpoint for a word, now, and say what failed. Nothing of any chat is sent. It costs some tokens, which
        the figures do not count."""
        done = await service.test(caller.workspace_id)
        return ok(
            {
                "ok": done.ok,
                "error": done.error,
                "message": done.message,
                "milliseconds": done.milliseconds,
                "tokensIn": done.tokens_in,
                "tokensOut": done.tokens_out,
            }
        )

    @app.get("/ai/usage", tags=tags, summary="Count AI answers")
    async def get_ai_usage(
        caller: Counter,
        first: Annotated[date | None, Query(alias="from", description="First day (UTC); 30 days ago.")] = None,
        last: Annotated[date | None, Query(alias="to", description="Last day (UTC); today.")] = None,
    ) -> Ok[answers.AiUsage]:
        """Calls, answers, tokens and cost by day and automation, oldest first; at most 366 days."""
        until = now_ms() if last is None else _start_of(last)
        since = until - 29 * DAY_MS if first is None else _start_of(first)
        rows = await uses.list(caller.workspace_id, since, until + (1 if last is None else DAY_MS))
        sums = {
            name: sum(getattr(row, name) for row in rows)
            for name in ("calls", "answers", "suggestions", "hand_overs", "tokens_in", "tokens_out", "cost")
        }
        view = await service.get(caller.workspace_id)
        return ok(
            {
                "currency": view.currency,
                "rows": [row_answer(row) for row in rows],
                "total": {
                    "calls": sums["calls"],
                    "answers": sums["answers"],
                    "suggestions": sums["suggestions"],
                    "handOvers": sums["hand_overs"],
                    "tokensIn": sums["tokens_in"],
                    "tokensOut": sums["tokens_out"],
                    "cost": sums["cost"] / MICRO,
                },
            }
        )


def _start_of(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def _knowledge(app: FastAPI, context: Context) -> None:
    service = context.core.knowledge
    Reader = Annotated[Principal, Depends(context.allow("automations:read"))]
    Writer = Annotated[Principal, Depends(context.allow("automations:write"))]
    tags: list[Any] = ["Knowledge"]
    Given = Annotated[UploadFile, File(description="Text, Markdown, HTML or CSV in UTF-8, at most 2 MiB.")]

    def id_of(given: str) -> int:
        return parse_id(given, "page or file", "KNOWLEDGE_NOT_FOUND")

    @app.get("/knowledge", tags=tags, summary="List knowledge")
    async def list_knowledge(caller: Reader, paging: Pages) -> Paged[answers.Knowledge]:
        """Pages and files that AI answers are made of, newest first, without their texts."""
        page = await service.list(caller.workspace_id, **numbers(paging))
        return paged(page, [knowledge_answer(one) for one in page.items])

    @app.post("/knowledge", tags=tags, summary="Add a page", status_code=201)
    async def add_knowledge(body: KnowledgeBody, caller: Writer) -> Ok[answers.KnowledgeText]:
        """Keep a page, cut into passages. At most 300 pages and files of 8,000,000 characters in all."""
        return ok(whole(await service.add(caller.workspace_id, body.name, body.text, format=body.format)), 201)

    @app.post("/knowledge/files", tags=tags, summary="Upload a file of knowledge", status_code=201)
    async def upload_knowledge(caller: Writer, file: Given) -> Ok[answers.KnowledgeText]:
        """Keep a file under its name."""
        made = await service.add_file(
            caller.workspace_id, await file.read(), filename=file.filename, mime=file.content_type
        )
        return ok(whole(made), 201)

    @app.get("/knowledge/search", tags=tags, summary="Search knowledge")
    async def search_knowledge(
        caller: Reader,
        q: Annotated[str, Query(max_length=2000, description="A question, as a person puts it.")] = "",
        limit: Annotated[int, Query(ge=1, le=20)] = 5,
    ) -> Ok[list[answers.KnowledgePassage]]:
        """The passages that a model would be given for a question, the best first."""
        found = await service.find(caller.workspace_id, q, limit=limit)
        return ok([{"knowledgeId": str(one.source_id), "title": one.title, "text": one.text} for one in found])

    @app.get("/knowledge/{id}", tags=tags, summary="Get a page or file of knowledge")
    async def get_knowledge(id: str, caller: Reader) -> Ok[answers.KnowledgeText]:
        """With its text."""
        return ok(whole(await service.get(caller.workspace_id, id_of(id))))

    @app.patch("/knowledge/{id}", tags=tags, summary="Change a page of knowledge")
    async def change_knowledge(id: str, body: KnowledgeChange, caller: Writer) -> Ok[answers.KnowledgeText]:
        """Another name, or another text: its passages are made anew."""
        view = await service.replace(caller.workspace_id, id_of(id), name=body.name, text=body.text, format=body.format)
        return ok(whole(view))

    @app.post("/knowledge/{id}/file", tags=tags, summary="Replace a page by a file")
    async def replace_knowledge(id: str, caller: Writer, file: Given) -> Ok[answers.KnowledgeText]:
        """The text of the file takes the place of what was there; the name stays."""
        view = await service.replace_file(
            caller.workspace_id, id_of(id), await file.read(), filename=file.filename, mime=file.content_type
        )
        return ok(whole(view))

    @app.delete("/knowledge/{id}", tags=tags, summary="Delete a page or file of knowledge")
    async def delete_knowledge(id: str, caller: Writer) -> Ok[answers.Deleted]:
        """Delete it with its passages. Rules that name it go on without it."""
        await service.delete(caller.workspace_id, id_of(id))
        return deleted(id_of(id))
