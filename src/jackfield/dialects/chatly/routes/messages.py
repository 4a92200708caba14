"""Messages to contacts: texts, files, approved templates."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from jackfield.core import (
    Audio,
    Content,
    Invalid,
    MessageView,
    NotFound,
    TemplateView,
    Text,
    Values,
    button_kind,
    buttons_of,
    required,
)
from jackfield.core import Template as TemplateContent

from ..._openapi import Answer
from .. import answers, files, shapes
from ..context import TELEGRAM, Caller, Context, address_on
from ..fields import MEDIA, PAGING, TEMPLATE, example
from ..form import Form
from ..wire import ok
from .contacts import paging

MOST_TEXT = 4096


def fill(template: TemplateView, values: list[str]) -> dict[str, Any]:
    """Button values in the order of the template's buttons, as `core.templates` takes them.

    Those that must have a value come first; what is left over goes to quick replies, whose payload is a choice.
    """
    kinds = [button_kind(button, template.category) for button in buttons_of(template.components)]
    needed = [kind for kind in kinds if kind is not None]
    replies = sum(str(button.get("type", "")).upper() == "QUICK_REPLY" for button in buttons_of(template.components))
    filled: dict[str, Any] = {"urls": [], "quick_replies": []}
    if len(values) > len(needed) + replies:
        raise Invalid("button_values: more than the template has buttons", code="TEMPLATE_PARAMS",
                      details={"button_values": [f"At most {len(needed) + replies} values."]})  # fmt: skip
    if len(values) == len(kinds) and len(values) > len(needed):
        # One for every button, in order.
        pairs = list(zip(kinds, values, strict=True))
    else:
        pairs = list(zip([*needed, *([None] * replies)], values, strict=False))
    for kind, value in pairs:
        if kind == "url":
            filled["urls"].append(value)
        elif kind in ("otp", "copy_code"):
            filled["code"] = value
        elif kind is None and len(filled["quick_replies"]) < replies:
            filled["quick_replies"].append(value)
    return filled


def sample(template: TemplateView) -> str | None:
    """The link of the file with which a template's media header was approved, if it has one.

    The seed calls the header's file optional, so a request without one sends that.
    """
    for one in required(template):
        if one.place == "header" and one.card is None and one.key == "link":
            return one.example if (one.example or "").startswith(("http://", "https://")) else None
    return None


async def compose(context: Context, caller: Caller, form: Form, template: TemplateView) -> TemplateContent | None:
    """The template with the values of the form; None after noting what is wrong."""
    body = form.values("body_values")
    header = form.values("header_values")
    buttons = form.values("button_values")
    for name in files.further(form, MEDIA):
        form.fail(name, f"A template has one file: leave the {name} away.")
    media = await files.attached(context.core, caller.workspace_id, form, MEDIA)
    if form.errors:
        return None
    if isinstance(media, Audio):
        form.fail("audio", "WhatsApp's templates take an image, a video or a document.")
        return None
    kind = type(media).__name__.lower() if media is not None else None
    link = media.url if media is not None else sample(template)
    try:
        extra = fill(template, list(buttons.values()) if isinstance(buttons, dict) else buttons)
        return context.core.templates.compose(
            template,
            Values(
                header=header,
                body=body,
                link=link,
                kind=kind,
                filename=getattr(media, "filename", None),
                **extra,
            ),
        )
    except Invalid as error:
        where = next(iter(error.details or {}), "body_values") if isinstance(error.details, dict) else "body_values"
        place = where.partition(".")[0].partition("[")[0]
        names = {"body": "body_values", "header": kind or "header_values", "buttons": "button_values"}
        form.fail(names.get(place, place), error.message)
        return None


def register(router: APIRouter, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Writer = Annotated[Caller, Depends(context.allow("messages:write"))]
    Reader = Annotated[Caller, Depends(context.allow("templates:read"))]
    SendMessageFields = Annotated[
        Form, Depends(context.fields("receiver_id", "contact_id", "message", "channel_id", *MEDIA))
    ]
    SendTemplateFields = Annotated[Form, Depends(context.fields("contact_id", "receiver_id", *TEMPLATE))]
    TemplatesFields = Annotated[Form, Depends(context.fields("search", "name", "channel_id", *PAGING))]

    async def shown(row: MessageView, caller: Caller) -> dict[str, Any]:
        """A message that was sent, with the chat room it stands in."""
        room = await core.chats.chat_by_peer(caller.workspace_id, row.channel_id, row.peer)
        return shapes.message(row, caller.zone, None if room is None else room.chat.id)

    @router.post(
        "/send-message",
        tags=["Messages"],
        summary="Send a text or a file",
        openapi_extra=example("receiver_id", "message", files=MEDIA, required=1),
    )
    async def send_message(caller: Writer, form: SendMessageFields) -> Answer[answers.Message]:
        """To a contact by its id: `message`, or a file in `image` or `document` with `message` as its caption.

        Answers with the message as it stands once the network took it, or still `queued` when that takes long.
        """
        contact = await context.contact(caller, form, "receiver_id", "contact_id")
        text = form.text("message", required=False, maximum=MOST_TEXT)
        for name in files.further(form, MEDIA):
            form.fail(name, f"One message has one file: send the {name} in a message of its own.")
        media = None if form.errors else await files.attached(core, caller.workspace_id, form, MEDIA, text)
        if not text and media is None and not form.has(*MEDIA) and not form.failed("message"):
            for name in ("message", "image", "document"):
                others = " / ".join(one for one in ("message", "image", "document") if one != name)
                form.fail(name, f"The {name} field is required when none of {others} are present.")
        form.check()
        assert contact is not None
        content: Content = media if media is not None else Text(text=text)
        channel, peer = await context.route(caller, form, contact, "receiver_id")
        row = await context.send(caller, channel, peer, contact, content, "service")
        return ok(await shown(row, caller), "message_sent_successfully")

    @router.post(
        "/whatsapp/send-template",
        tags=["Messages"],
        summary="Send an approved template",
        openapi_extra=example("template_id", "contact_id", "body_values[]", "button_values[]", files=MEDIA, required=2),
    )
    async def send_template(caller: Writer, form: SendTemplateFields) -> Answer[answers.Message]:
        """An approved template to a contact, with its values and the header's file."""
        contact = await context.contact(caller, form, "contact_id", "receiver_id")
        template = await find(caller, form)
        content = await compose(context, caller, form, template) if template is not None else None
        form.check()
        assert contact is not None
        assert template is not None
        assert content is not None
        channel = await core.channels.get(caller.workspace_id, template.channel_id)
        peer = address_on(core.networks.of(channel.engine), contact)
        if peer is None:
            form.fail("contact_id", "This contact has no WhatsApp number.")
            form.check()
        assert peer is not None
        row = await context.send(caller, channel, peer, contact, content, core.templates.lane(template))
        return ok(await shown(row, caller), "template_sent_successfully")

    async def find(caller: Caller, form: Form) -> TemplateView | None:
        return await approved(context, caller, form)

    @router.get("/template", tags=["Messages"], summary="Templates")
    async def list_templates(caller: Reader, form: TemplatesFields) -> Answer[answers.Templates]:
        """The WhatsApp templates, each with its number, and Meta's components; `search` looks in the name, `channel_id` leaves
        those of one number."""
        number, size = paging(form)
        search = form.text("search", "name", required=False, maximum=200)
        numbers = {row.id: row for row in await context.channels(caller, telegram=False)}
        wanted = form.id("channel_id", required=False)
        if wanted is not None and wanted not in numbers:
            form.fail("channel_id", "The selected channel id is invalid.")
        form.check()
        page = await core.templates.list(
            caller.workspace_id,
            channel_id=wanted if wanted is not None else caller.channel_id,
            search=search or None,
            limit=size,
            page=number,
            total=True,
        )
        return ok(
            {
                "templates": [shapes.template(row, numbers.get(row.channel_id), caller.zone) for row in page.items],
                **shapes.pages(page, number, size),
            }
        )


async def approved(context: Context, caller: Caller, form: Form) -> TemplateView | None:
    """The approved template of template_id; None after noting what is wrong with it."""
    given = form.id("template_id")
    if given is None:
        return None
    try:
        row = await context.core.templates.get(caller.workspace_id, given)
        channel = await context.core.channels.get(caller.workspace_id, row.channel_id)
    except NotFound:
        form.fail("template_id", "The selected template id is invalid.")
        return None
    if context.core.networks.of(channel.engine).name == TELEGRAM or caller.channel_id not in (None, channel.id):
        form.fail("template_id", "The selected template id is invalid.")
        return None
    numbers = await context.channels(caller, telegram=False)
    meant = form.id("channel_id", required=False)
    if meant is None and not form.failed("channel_id") and numbers:
        meant = numbers[0].id
    if channel.id != meant:
        # Which number a customer hears from is for the caller to say, not for a template's id.
        form.fail(
            "template_id",
            f"The template belongs to {channel.name} ({channel.address or channel.engine}): send channel_id={channel.id} "
            "to use that number.",
        )
        return None
    if row.status != "APPROVED":
        form.fail("template_id", f"The template is {row.status.lower()}; only approved ones can be sent.")
        return None
    return row
