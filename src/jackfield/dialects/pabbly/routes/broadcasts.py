"""Broadcasts: to lists of contacts, now or later, and API campaigns that are triggered one by one."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Depends, Request

from jackfield.core import (
    CampaignView,
    ChannelView,
    Conflict,
    ContactInput,
    NotFound,
    Principal,
    UnknownPlaceholders,
    now_ms,
)
from jackfield.core import content as c

from ..._openapi import Answer, answered
from ..._strict import placeholders_told
from .. import answers, ids, params, shapes
from ..context import Context
from ..convert import SOURCES, file_of, template_given
from ..envelope import iso, ok
from ..fields import BROADCAST, CAMPAIGN_SEND, OF_FILES, TEMPLATE
from ..sending import compose, must_be_connected, named, outcome, recipient, send_outcome

REGULAR = ("text", "image", "audio", "video", "document")
_PLAN = frozenset(("name", "broadcastType", "messageType", "contactList", "status", "scheduleAt"))
KEPT = ("headerParams", "bodyParams", "urlVariables", "copyCode", "copyCodeParam", "link", "filename", "caption")
"""Fields of a template broadcast that its answer shows again."""


def register(api: APIRouter, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Writer = Annotated[Principal, Depends(context.allow("campaigns:write"))]

    @api.post("/broadcasts", tags=["Broadcasts"], summary="Create a broadcast or an API campaign")
    async def create_broadcast(request: Request, caller: Writer) -> Answer[answers.Broadcast]:
        """A broadcast to contact lists (instant or scheduled), or an API campaign to be sent one by one."""
        data = await context.body(request, BROADCAST)
        name = params.must(data, "name", maximum=200)
        kind = params.one_of(data, "broadcastType", ("broadcast", "api"))
        channel = await context.channel(caller)
        row = await (
            _api(context, caller, channel, name, data)
            if kind == "api"
            else _broadcast(context, caller, channel, name, data)
        )
        return ok("Broadcast created successfully", shapes.broadcast(row))

    @api.post("/broadcasts/send", tags=["Broadcasts"], summary="Send an API campaign to one number")
    async def send_campaign(request: Request, caller: Writer) -> Answer[answers.CampaignSent]:
        """Send an API campaign's template to one destination; waits for the provider's answer."""
        data = await context.body(request, CAMPAIGN_SEND)
        said = template_given(data)
        name = params.must(data, "campaignName", maximum=200)
        destination = data.get("destination")
        if destination is None or destination == "":
            raise params.required("destination")
        user = params.must(data, "userName", maximum=200)
        source = params.one_of(data, "source", SOURCES)
        fallbacks = params.obj(data, "defaultContactFieldValues") or {}
        for key, value in fallbacks.items():
            params.plain("" if value is None else str(value), f"defaultContactFieldValues.{key}", 2000)
        found = await core.campaigns.list(caller.workspace_id, kind="api", name=name, limit=1)
        if not found.items:
            raise NotFound(f"There is no API campaign {name!r}.", code="CAMPAIGN_NOT_FOUND")
        campaign = found.items[0]
        caller.channel(campaign.channel_id)
        if campaign.template != said.name:
            raise params.bad("templateName", f"is not the campaign's template ({campaign.template!r}).")
        # Values that the campaign brings lie in fields of the same names.
        values = {**(campaign.options.get("defaults") or {}), **data}
        with named(data), placeholders_told(values):
            content = await _content(context, campaign, data)
            await core.media.check(caller.workspace_id, [content], caller.channel_id)
        channel = await core.channels.get(caller.workspace_id, campaign.channel_id)
        peer, _ = await recipient(core, caller.workspace_id, channel, _phone(destination), "destination")
        must_be_connected(channel)
        with placeholders_told(values):
            async with core.transaction():
                saved = await core.contacts.save(
                    caller.workspace_id,
                    ContactInput(name=user, phone=f"+{peer}", source=source),
                    on_duplicate="skip",
                )
                accepted = await core.campaigns.trigger(
                    campaign, saved.contact, content, fallbacks=fallbacks, source="pabbly"
                )
        settled = await outcome(core, channel, accepted.id)
        own_id = ids.encode(accepted.created_at, accepted.id)
        message_id, status, raw = send_outcome(settled, own_id)
        answer = shapes.meta_response(saved.contact.phone or "", message_id, status, raw)
        # The documentation shows the truth value as text here, and no message beside it.
        shown = {"success": "true", "status": "success", "data": {**answer, "code": 200}}
        return answered(msgspec.json.encode(shown))


def _phone(value: Any) -> str | int:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise params.bad("destination", "must be a phone number with its dialing code.")
    return value


async def _api(
    context: Context, caller: Principal, channel: ChannelView, name: str, data: Mapping[str, Any]
) -> CampaignView:
    core = context.core
    params.only(data, TEMPLATE | {"name", "broadcastType", "messageType", "status"}, "an API campaign")
    said = template_given(data)
    template = await core.templates.find(caller.workspace_id, channel.id, said.name, said.language, to_send=True)
    if (await core.campaigns.list(caller.workspace_id, kind="api", name=name, limit=1)).items:
        raise Conflict(f"An API campaign called {name!r} exists already.", code="CAMPAIGN_EXISTS")
    # Values may come with each send; what is given here is their default, and is checked when it is used.
    return await core.campaigns.create(
        caller.workspace_id,
        channel.id,
        name=name,
        content=c.Template(name=template.name, language=template.language),
        kind="api",
        category=core.templates.lane(template),
        source="pabbly",
        options={
            "pabbly": {
                "name": name,
                "broadcastType": "api",
                "templateName": template.name,
                "bodyParams": said.values.body,
                "headerParams": said.values.header,
            },
            "missing": "skip",
            "defaults": {key: data[key] for key in (*KEPT, "quickReplies", "ltoFields") if data.get(key) is not None},
        },
    )


async def _content(context: Context, campaign: CampaignView, data: Mapping[str, Any]) -> c.Content:
    """The campaign's template with the values of this send, then those of the campaign."""
    stored = msgspec.json.decode(campaign.content or "{}")
    template = await context.core.templates.find(
        campaign.workspace_id, campaign.channel_id, campaign.template or "", stored.get("language")
    )
    given_now = {key: value for key, value in data.items() if value not in (None, "", [])}
    merged = {**(campaign.options.get("defaults") or {}), **given_now}
    names = await placeholder_names(context, campaign.workspace_id, params.obj(data, "defaultContactFieldValues") or {})
    return with_placeholders(compose(context.core, template, template_given(merged)), names)


async def _broadcast(
    context: Context, caller: Principal, channel: ChannelView, name: str, data: Mapping[str, Any]
) -> CampaignView:
    core = context.core
    message_type = params.one_of(data, "messageType", ("template", "regular"))
    status = params.one_of(data, "status", ("scheduled", "instant"))
    lists = params.names(data, "contactList") or []
    if not lists:
        raise params.required("contactList")
    zone = ZoneInfo(await core.accounts.timezone(caller.workspace_id))
    scheduled_at = params.timestamp(data, "scheduleAt", zone)
    if status == "scheduled" and scheduled_at is None:
        raise params.required("scheduleAt")
    if status == "instant" and scheduled_at is not None:
        raise params.bad("scheduleAt", "is only for the status scheduled.")
    if scheduled_at is not None and scheduled_at <= now_ms():
        raise params.bad("scheduleAt", "must be in the future.")
    shown: dict[str, Any] = {"name": name, "messageType": message_type, "broadcastType": "broadcast"}
    content: c.Content
    if message_type == "template":
        params.only(data, _PLAN | TEMPLATE, "a broadcast of a template")
        said = template_given(data)
        template = await core.templates.find(caller.workspace_id, channel.id, said.name, said.language, to_send=True)
        with named(data):
            content, category = compose(core, template, said), core.templates.lane(template)
        shown["templateName"] = template.name
        shown["bodyParams"], shown["headerParams"] = said.values.body, said.values.header
        shown |= {key: data[key] for key in KEPT if key not in shown and data.get(key) not in (None, "", {})}
    else:
        content, regular = _regular(data)
        category = "marketing"
        shown["regularMessage"] = regular
    with placeholders_told(data):
        content = with_placeholders(content, await placeholder_names(context, caller.workspace_id))
    with named(data):
        core.networks.check(channel.engine, content)
        await core.media.check(caller.workspace_id, [content], caller.channel_id)
    shown["contactList"] = lists
    if status == "scheduled":
        shown["scheduleAt"] = iso(scheduled_at)
    with placeholders_told(data):
        return await core.campaigns.create(
            caller.workspace_id,
            channel.id,
            name=name,
            content=content,
            audience=await _audience(context, caller.workspace_id, lists),
            category=category,
            scheduled_at=scheduled_at if status == "scheduled" else None,
            source="pabbly",
            options={"pabbly": shown, "missing": "skip"},
        )


_DOLLAR = re.compile(r"\$([A-Za-z][A-Za-z0-9_]{0,63})")
_FIELDS = {
    "name": "name",
    "firstname": "firstname",
    "lastname": "lastname",
    "mobile": "mobile",
    "mobilenumber": "mobile",
    "phone": "phone",
    "email": "email",
}


async def placeholder_names(context: Context, workspace_id: int, more: Iterable[str] = ()) -> dict[str, str]:
    """What `$Name` may mean, folded: a contact's fields, the workspace's attributes, and the names in `more`."""
    attributes = await context.core.contacts.attributes.all(workspace_id)
    known = {**_FIELDS, **{one.name.casefold(): one.name for one in attributes}}
    return known | {str(one).casefold(): str(one) for one in more if str(one).casefold() not in known}


def with_placeholders(content: c.Content, names: Mapping[str, str]) -> c.Content:
    """The vendor's `$Name`, `$MobileNumber` in texts and values, as its templates' examples have it, beside `{{name}}`.

    In all that recipients read: text, caption, values of header, body, buttons and cards. A sum ("$5") is none. Raises
    UnknownPlaceholders for a name that nothing fills, which the recipients would else read as it is written.
    """

    def one(match: re.Match[str]) -> str:
        name = names.get(match[1].casefold())
        if name is None:
            raise UnknownPlaceholders([f"${match[1]}"], "no field or attribute of contacts has this name.")
        return f"{{{{{name}}}}}"

    def walk(value: Any, key: str = "") -> Any:
        if isinstance(value, str):
            return _DOLLAR.sub(one, value) if key in ("text", "caption") and "$" in value else value
        if isinstance(value, list):
            return [walk(each, key) for each in value]
        return {name: walk(each, name) for name, each in value.items()} if isinstance(value, dict) else value

    return c.parse(walk(msgspec.to_builtins(content)))


def _regular(data: Mapping[str, Any]) -> tuple[c.Content, dict[str, Any]]:
    kind = params.one_of(data, "regularMessageType", REGULAR)
    own = OF_FILES.get(kind, frozenset(("message",)))
    params.only(data, _PLAN | {"regularMessageType"} | own, f"a broadcast of type {kind}")
    if kind == "text":
        text = params.must(data, "message", maximum=4096)
        return c.Text(text=text), {"type": "text", "message": text}
    content = file_of(kind, data)
    kept = {key: data[key] for key in ("link", "caption", "filename") if data.get(key) is not None}
    return content, {"type": kind, **kept}


async def _audience(context: Context, workspace_id: int, names: list[str]) -> dict[str, Any]:
    """The filter that these list names mean. Raises Invalid that names a list that does not exist."""
    folded = {one.casefold() for one in names}
    if "all" in folded:
        return {"all": True}
    known = {one.name.casefold(): one for one in await context.core.contacts.lists.all(workspace_id)}
    missing = [one for one in names if one.casefold() not in known and one.casefold() != "unassigned"]
    if missing:
        raise params.bad("contactList", f"names lists that do not exist: {', '.join(missing[:10])}.")
    numbers = [known[one].id for one in sorted(folded - {"unassigned"})]
    if "unassigned" not in folded:
        return {"lists": numbers}
    return {"lists_or_unassigned": numbers} if numbers else {"unassigned": True}
