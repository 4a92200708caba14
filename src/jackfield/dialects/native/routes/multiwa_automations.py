"""MultiWA's automations and auto-replies: rules of ours in its words (see `multiwa_rules`).

Other names for calls of this API, so the document does not list them; docs/dialects/native.md does.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

import msgspec
from fastapi import Depends, FastAPI, Query
from msgspec import UNSET
from pydantic import Field

from jackfield.core import AutomationView, Begun, ChannelView, Conflict, Invalid, Principal, Unsupported

from ..._kit import Filled, Str, Wire
from .. import multiwa_rules as rules
from ..checks import invalid
from ..context import Context
from ..envelope import Ok, deleted, iso, ok
from .automations import automation_id, parts_of

Part = dict[str, Any]
AUTOREPLY: Final = "Autoreply: "
"""How names of auto-replies begin, there as here."""
MOST: Final = 200
FIELDS: Final = {
    "trigger.pattern": "triggerConfig",
    "trigger.kinds": "triggerConfig.types",
    "text": "message",
    "add": "tags",
    "remove": "tags",
    "file.url": "url",
    "file": "url",
    "memberIds": "assignedUserId",
}
"""What a field of a document is called in MultiWA's words."""


class AutomationBody(Wire):
    """A new automation."""

    profile_id: Annotated[Str | int, Field(alias="profileId")]
    name: Annotated[Filled, Field(max_length=100)]
    is_active: Annotated[bool, Field(alias="isActive")] = True
    trigger_type: Annotated[Str, Field(alias="triggerType", max_length=30)]
    trigger_config: Annotated[Part, Field(alias="triggerConfig")]
    conditions: Annotated[list[Any], Field(max_length=20)] = Field(default_factory=list)
    actions: Annotated[list[Any], Field(min_length=1, max_length=100)]
    cooldown_secs: Annotated[int | None, Field(alias="cooldownSecs", ge=0, le=31_536_000)] = None
    max_triggers_per_day: Annotated[int | None, Field(alias="maxTriggersPerDay", ge=1, le=1_000_000)] = None


class AutomationChange(Wire):
    """What to change."""

    profile_id: Annotated[Str | int | None, Field(alias="profileId")] = None
    name: Annotated[Filled, Field(max_length=100)] | None = None
    is_active: Annotated[bool | None, Field(alias="isActive")] = None
    trigger_type: Annotated[Str | None, Field(alias="triggerType", max_length=30)] = None
    trigger_config: Annotated[Part | None, Field(alias="triggerConfig")] = None
    conditions: Annotated[list[Any] | None, Field(max_length=20)] = None
    actions: Annotated[list[Any] | None, Field(min_length=1, max_length=100)] = None
    cooldown_secs: Annotated[int | None, Field(alias="cooldownSecs", ge=0, le=31_536_000)] = None
    max_triggers_per_day: Annotated[int | None, Field(alias="maxTriggersPerDay", ge=1, le=1_000_000)] = None


class TrialBody(Wire):
    """A message to try."""

    message: Annotated[Filled, Field(max_length=4096)]


class OrderBody(Wire):
    """All or some automations of a profile, in their new order."""

    profile_id: Annotated[Str | int, Field(alias="profileId")]
    order: Annotated[list[Str], Field(min_length=1, max_length=500)]


class ReplyChange(Wire):
    """What to change of an auto-reply."""

    keywords: Annotated[list[Annotated[Filled, Field(max_length=200)]] | None, Field(min_length=1, max_length=100)] = (
        None
    )
    match_mode: Annotated[Literal["exact", "contains", "startsWith"] | None, Field(alias="matchMode")] = None
    response: Annotated[Filled, Field(max_length=4096)] | None = None
    is_active: Annotated[bool | None, Field(alias="isActive")] = None
    private_only: Annotated[bool | None, Field(alias="privateOnly")] = None
    cooldown_secs: Annotated[int | None, Field(alias="cooldownSecs", ge=0, le=31_536_000)] = None


class ReplyBody(ReplyChange):
    """A new auto-reply."""

    profile_id: Annotated[Str | int, Field(alias="profileId")]
    keywords: Annotated[list[Annotated[Filled, Field(max_length=200)]], Field(min_length=1, max_length=100)]
    response: Annotated[Filled, Field(max_length=4096)]


class Book:
    """The automations of a caller, in MultiWA's words."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._service = context.core.automations

    async def zone(self, caller: Principal) -> str:
        """The workspace's time zone."""
        return await self._context.core.accounts.timezone(caller.workspace_id)

    async def document(self, caller: Principal, given: Mapping[str, Any], limits: Part) -> Part:
        """A document of ours; `given` is a whole automation in MultiWA's words. Raises Invalid, NotFound."""
        channel = await self._context.channel(caller, given["profileId"])
        trigger = rules.trigger_of(given["triggerType"], given["triggerConfig"])
        conditions = rules.conditions_of(channel.id, given["conditions"], trigger, await self.zone(caller))
        return {
            "trigger": trigger,
            "conditions": conditions,
            "steps": rules.steps_of(given["actions"]),
            "limits": {
                **limits,
                "againAfterHours": 0,
                "againAfterSeconds": given["cooldownSecs"],
                "startsPerDay": given["maxTriggersPerDay"],
                "priority": given["priority"],
            },
        }

    async def create(self, caller: Principal, given: Part, name: str, *, enabled: bool) -> AutomationView:
        """Make one; it comes after the others of its profile."""
        given["priority"] = 1 + max((one["priority"] for _, one in await self.rows(caller, None)), default=0)
        document = await self.document(caller, given, {})
        with _told():
            return await self._service.create(caller.workspace_id, name, "rule", document, enabled=enabled)

    async def change(
        self, caller: Principal, view: AutomationView, given: Part, name: str | None, enabled: bool | None
    ) -> AutomationView:
        """Change what is given and nothing else."""
        document: Any = UNSET
        if given:
            known = await self.words(caller, view)
            limits = parts_of(view.document)["limits"]
            document = await self.document(caller, {**known, **given}, limits)
        with _told():
            return await self._service.update(
                caller.workspace_id,
                view.id,
                name=UNSET if name is None else name,
                document=document,
                enabled=UNSET if enabled is None else enabled,
            )

    async def words(self, caller: Principal, view: AutomationView) -> Part:
        """One as MultiWA would have it, its profile included. Raises Unsupported where it has no words for it."""
        found = rules.said(msgspec.to_builtins(view.document), await self.zone(caller)) if view.kind == "rule" else None
        if found is None:
            raise Unsupported(
                f"The automation {view.name!r} does what MultiWA has no words for. GET /api/automations/{view.id} "
                "shows it, PATCH changes it."
            )
        profile_id = found.pop("profile_id") or str((await self._context.channel(caller)).id)
        return {"profileId": profile_id, **found}

    async def find(self, caller: Principal, given: str) -> AutomationView:
        """One of the caller's. Raises NotFound."""
        return await self._service.get(caller.workspace_id, automation_id(given))

    async def rows(self, caller: Principal, channel: ChannelView | None) -> list[tuple[AutomationView, Part]]:
        """Those that MultiWA has words for, of a profile or of all, in their turn."""
        zone, found, cursor = await self.zone(caller), [], None
        while True:
            page = await self._service.list(caller.workspace_id, kind="rule", limit=MOST, cursor=cursor)
            for view in page.items:
                one = rules.said(msgspec.to_builtins(view.document), zone)
                if one is None:
                    continue
                profile_id = one.pop("profile_id")
                if channel is None or profile_id in (None, str(channel.id)):
                    found.append((view, {"profileId": profile_id or str(channel.id if channel else ""), **one}))
            cursor = page.cursor
            if not cursor:
                return sorted(found, key=lambda one: (one[1]["priority"], one[0].id))

    async def shown(self, caller: Principal, found: list[tuple[AutomationView, Part]]) -> list[Part]:
        """As MultiWA's client has them, with their figures."""
        zone = ZoneInfo(await self.zone(caller))
        midnight = datetime.now(UTC).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        begun = await self._service.begun(
            caller.workspace_id, [view.id for view, _ in found], int(midnight.timestamp() * 1000)
        )
        return [_shown(view, words, begun.get(view.id, Begun())) for view, words in found]

    async def one(self, caller: Principal, view: AutomationView, status: int = 200) -> Ok[Any]:
        """An answer with one."""
        (shown,) = await self.shown(caller, [(view, await self.words(caller, view))])
        return ok(shown, status, beside=shown)


def _shown(view: AutomationView, words: Part, begun: Begun) -> Part:
    stats = {"triggerCount": begun.count, "lastTriggered": iso(begun.last_at), "todayCount": begun.since}
    return {
        "id": str(view.id),
        "name": view.name,
        "isActive": view.enabled and view.rest_reason is None,
        **words,
        "stats": stats,
        "createdAt": iso(view.created_at),
        "updatedAt": iso(view.updated_at),
    }


@contextmanager
def _told() -> Iterator[None]:
    """What is wrong with a document, told by MultiWA's fields."""
    try:
        yield
    except Invalid as error:
        if not error.details:
            raise
        details = {_field(str(field)): messages for field, messages in error.details.items()}
        field, messages = next(iter(details.items()))
        raise Invalid(f"{field}: {messages[0]}", details=details) from None


def _field(field: str) -> str:
    if field in FIELDS:
        return FIELDS[field]
    if field.startswith("steps."):
        _, number, *rest = field.split(".", 2)
        return ".".join(["actions", number, *(FIELDS.get(one, one) for one in rest)])
    return field


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    book = Book(context)
    _automations(app, context, book)
    _replies(app, context, book)


def _automations(app: FastAPI, context: Context, book: Book) -> None:
    service = context.core.automations
    Reader = Annotated[Principal, Depends(context.allow("automations:read"))]
    Writer = Annotated[Principal, Depends(context.allow("automations:write"))]

    @app.post("/automation", include_in_schema=False)
    async def create_multiwa_automation(body: AutomationBody, caller: Writer) -> Ok[Any]:
        """A rule; it comes after the others."""
        given = _given(body) | {
            "conditions": body.conditions,
            "cooldownSecs": body.cooldown_secs or 0,
            "maxTriggersPerDay": body.max_triggers_per_day,
        }
        return await book.one(caller, await book.create(caller, given, body.name, enabled=body.is_active), 201)

    @app.get("/automation", include_in_schema=False)
    async def list_multiwa_automations(
        caller: Reader,
        profile_id: Annotated[str, Query(alias="profileId")],
        trigger_type: Annotated[str | None, Query(alias="triggerType", max_length=30)] = None,
        is_active: Annotated[bool | None, Query(alias="isActive")] = None,
    ) -> Ok[Any]:
        """Those that MultiWA has words for, in their turn."""
        channel = await context.channel(caller, profile_id)
        shown = await book.shown(caller, await book.rows(caller, channel))
        kept = [one for one in shown if trigger_type in (None, one["triggerType"])]
        return ok([one for one in kept if is_active in (None, one["isActive"])])

    @app.post("/automation/reorder", include_in_schema=False)
    async def reorder_multiwa_automations(body: OrderBody, caller: Writer) -> Ok[Any]:
        """The order in which those begin that one message starts."""
        channel = await context.channel(caller, body.profile_id)
        known = {str(view.id): view for view, _ in await book.rows(caller, channel)}
        for place, id_ in enumerate(body.order):
            if id_ not in known:
                raise invalid(f"order.{place}", "Is no automation of this profile.")
            if id_ in body.order[:place]:
                raise invalid(f"order.{place}", "Is there twice.")
        await service.reorder(caller.workspace_id, [known[id_].id for id_ in body.order])
        return ok({"order": body.order})

    @app.get("/automation/{id}", include_in_schema=False)
    async def get_multiwa_automation(id: str, caller: Reader) -> Ok[Any]:
        """One."""
        return await book.one(caller, await book.find(caller, id))

    @app.put("/automation/{id}", include_in_schema=False)
    async def update_multiwa_automation(id: str, body: AutomationChange, caller: Writer) -> Ok[Any]:
        """Change what is given."""
        view = await book.find(caller, id)
        return await book.one(caller, await book.change(caller, view, _given(body), body.name, body.is_active))

    def both(noun: str) -> None:
        @app.delete(f"/{noun}/{{id}}", include_in_schema=False, name=f"delete_{noun}")
        async def delete_one(id: str, caller: Writer) -> Ok[Any]:
            """With its runs; who is in it gets nothing more."""
            view = await book.find(caller, id)
            await book.words(caller, view)
            await service.delete(caller.workspace_id, view.id)
            return deleted(view.id)

        @app.put(f"/{noun}/{{id}}/toggle", include_in_schema=False, name=f"toggle_{noun}")
        async def toggle_one(id: str, caller: Writer) -> Ok[Any]:
            """On, or off again."""
            view = await book.find(caller, id)
            await book.words(caller, view)
            is_on = view.enabled and view.rest_reason is None
            changed = await service.update(caller.workspace_id, view.id, enabled=not is_on)
            return await book.one(caller, changed)

    both("automation")
    both("autoreply")

    @app.post("/automation/{id}/test", include_in_schema=False)
    async def test_multiwa_automation(id: str, body: TrialBody, caller: Reader) -> Ok[Any]:
        """Whether a message would start it, and what it would do."""
        view = await book.find(caller, id)
        words = await book.words(caller, view)
        # Its conditions are of somebody who writes; as there, it is the trigger that is tried.
        document = {**msgspec.to_builtins(view.document), "conditions": []}
        tried = await context.core.automation_tests.message(caller.workspace_id, "rule", document, text=body.message)
        shown = {
            "automation": {"id": str(view.id), "name": view.name, "triggerType": words["triggerType"]},
            "testMessage": body.message,
            "matches": tried.matches,
            "matchDetails": {} if tried.why is None else {"note": f"Not started because of its {tried.why}."},
            "actions": words["actions"] if tried.matches else None,
        }
        return ok(shown, beside=shown)

    @app.get("/automation/{id}/stats", include_in_schema=False)
    async def get_multiwa_automation_stats(id: str, caller: Reader) -> Ok[Any]:
        """How often it was started."""
        view = await book.find(caller, id)
        (one,) = await book.shown(caller, [(view, await book.words(caller, view))])
        kept = ("id", "name", "isActive", "maxTriggersPerDay", "cooldownSecs")
        shown = {**{name: one[name] for name in kept}, **one["stats"]}
        return ok(shown, beside=shown)


def _given(body: Wire) -> Part:
    """The document's parts that a request gives, by MultiWA's names."""
    names = ("profileId", "triggerType", "triggerConfig", "conditions", "actions", "cooldownSecs", "maxTriggersPerDay")
    given = body.model_dump(by_alias=True, exclude_unset=True)
    # That there is no cap any more can be said; elsewhere null is "not given".
    return {
        name: given[name]
        for name in names
        if name in given and (given[name] is not None or name == "maxTriggersPerDay")
    }


def _replies(app: FastAPI, context: Context, book: Book) -> None:
    Reader = Annotated[Principal, Depends(context.allow("automations:read"))]
    Writer = Annotated[Principal, Depends(context.allow("automations:write"))]

    def given_of(body: ReplyChange, config: Part) -> Part:
        if body.private_only is False:
            raise invalid("privateOnly", "Automations answer private chats only.")
        given: Part = {}
        if body.keywords is not None or body.match_mode is not None:
            mode = body.match_mode or config.get("matchMode", "contains")
            words = body.keywords or config.get("keywords")
            given |= {"triggerType": "keyword", "triggerConfig": {"keywords": words, "matchMode": mode}}
        if body.response is not None:
            given["actions"] = [{"type": "reply", "message": body.response}]
        if body.cooldown_secs is not None:
            given["cooldownSecs"] = body.cooldown_secs
        return given

    @contextmanager
    def told() -> Iterator[None]:
        names = {"actions.0.message": "response", "triggerConfig": "keywords", "triggerConfig.keywords": "keywords"}
        try:
            yield
        except Invalid as error:
            details = {names.get(str(field), str(field)): one for field, one in (error.details or {}).items()}
            field, messages = next(iter(details.items()), ("", [str(error)]))
            raise Invalid(f"{field}: {messages[0]}", details=details or None) from None

    @app.post("/autoreply", include_in_schema=False)
    async def create_autoreply(body: ReplyBody, caller: Writer) -> Ok[Any]:
        """A rule that answers words with a text; to the same person again after `cooldownSecs`, 60 when left out."""
        whole: Part = {"profileId": body.profile_id, "conditions": [], "cooldownSecs": 60, "maxTriggersPerDay": None}
        active = body.is_active is not False
        with told():
            given = whole | given_of(body, {})
            for name in _names(body.keywords):
                try:
                    return await book.one(caller, await book.create(caller, given, name, enabled=active), 201)
                except Conflict as error:
                    if error.code != "AUTOMATION_EXISTS":
                        raise
        raise Conflict("There are too many auto-replies to these words.", code="AUTOMATION_EXISTS")

    @app.get("/autoreply", include_in_schema=False)
    async def list_autoreplies(caller: Reader, profile_id: Annotated[str, Query(alias="profileId")]) -> Ok[Any]:
        """The newest first."""
        channel = await context.channel(caller, profile_id)
        found = [one for one in await book.rows(caller, channel) if one[0].name.startswith(AUTOREPLY)]
        return ok(await book.shown(caller, sorted(found, key=lambda one: -one[0].id)))

    @app.get("/autoreply/{id}", include_in_schema=False)
    async def get_autoreply(id: str, caller: Reader) -> Ok[Any]:
        """One."""
        return await book.one(caller, await book.find(caller, id))

    @app.put("/autoreply/{id}", include_in_schema=False)
    async def update_autoreply(id: str, body: ReplyChange, caller: Writer) -> Ok[Any]:
        """Change what is given."""
        view = await book.find(caller, id)
        config = (await book.words(caller, view))["triggerConfig"]
        with told():
            return await book.one(caller, await book.change(caller, view, given_of(body, config), None, body.is_active))


def _names(keywords: list[str]) -> Iterator[str]:
    """Names for an auto-reply, as MultiWA makes them; names are unique here."""
    begin = f"{AUTOREPLY}{', '.join(keywords[:3])}"[:90]
    yield f"{begin}..."
    yield from (f"{begin}... ({number})" for number in range(2, 100))
