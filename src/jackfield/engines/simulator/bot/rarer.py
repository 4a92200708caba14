"""The Bot API's message types that a business seldom sends: live locations, games, invoices, paid media, live photos,
drafts; and those of a business account of somebody else's, which no simulated bot is connected to."""

from __future__ import annotations

from time import time
from typing import Any

from .bot import Bot
from .files import described, file_object
from .sending import caption_of
from .wire import Fields, Json, bad

_TITLE, _DESCRIPTION, _PAYLOAD = 32, 255, 128
"""Most characters of an invoice's title and description, most bytes of its payload
(https://core.telegram.org/bots/api#sendinvoice)."""
MOST_STARS = 25_000
"""The most that paid media may cost (https://core.telegram.org/bots/api#sendpaidmedia)."""
_FOREVER = 0x7FFFFFFF


def send_game(bot: Bot, fields: Fields) -> Json:
    """sendGame; BotFather knows every game here, by any short name."""
    name = fields.text("game_short_name")
    if not name:
        raise bad("GAME_SHORTNAME_INVALID")
    photo = described("photo", "1", 1, "image/jpeg", None)
    return bot.send(fields, "game", {"game": {"title": name, "description": f"A game named {name}", "photo": photo}})


def send_invoice(bot: Bot, fields: Fields) -> Json:
    """sendInvoice."""
    title, description, currency = fields.text("title"), fields.text("description"), fields.text("currency")
    if not 1 <= len(title) <= _TITLE:
        raise bad("INVOICE_TITLE_INVALID")
    if not 1 <= len(description) <= _DESCRIPTION:
        raise bad("INVOICE_DESCRIPTION_INVALID")
    if not 1 <= len(fields.text("payload").encode()) <= _PAYLOAD:
        raise bad("INVOICE_PAYLOAD_INVALID")
    if len(currency) != 3 or not currency.isupper():
        raise bad("CURRENCY_INVALID")
    if currency != "XTR" and not fields.text("provider_token"):
        raise bad("PAYMENT_PROVIDER_INVALID")
    prices = fields.json("prices")
    if not isinstance(prices, list) or not prices:
        raise bad("there must be at least one price")
    try:
        total = sum(int(price["amount"]) for price in prices)
    except (KeyError, TypeError, ValueError):
        raise bad("can't parse prices JSON object") from None
    invoice = {
        "title": title,
        "description": description,
        "start_parameter": fields.text("start_parameter"),
        "currency": currency,
        "total_amount": total,
    }
    return bot.send(fields, "invoice", {"invoice": invoice})


def send_paid_media(bot: Bot, fields: Fields) -> Json:
    """sendPaidMedia: pictures and films that cost stars."""
    stars, items = fields.integer("star_count"), fields.json("media")
    if not 1 <= stars <= MOST_STARS:
        raise bad("STARS_AMOUNT_INVALID")
    if not isinstance(items, list) or not 1 <= len(items) <= 10:
        raise bad("there must be 1 to 10 items in the paid media")
    shown: list[Json] = []
    for item in items:
        kind = item.get("type") if isinstance(item, dict) else None
        if kind not in ("photo", "video"):
            raise bad("can't parse InputPaidMedia: type is wrong")
        shown.append({"type": kind, kind: file_object(bot.account.media, fields, item.get("media"), kind)})
    content: Json = {"paid_media": {"star_count": stars, "paid_media": shown}, **caption_of(fields)}
    return bot.send(fields, "paid_media", content)


def send_live_photo(bot: Bot, fields: Fields) -> Json:
    """sendLivePhoto: a short film with the picture that stands for it."""
    shelf = bot.account.media
    film = file_object(shelf, fields, fields.files.get("live_photo") or fields.values.get("live_photo"), "video")
    still = file_object(shelf, fields, fields.files.get("photo") or fields.values.get("photo"), "photo")
    return bot.send(fields, "live_photo", {"live_photo": {**film, "photo": still}, **caption_of(fields)})


def send_draft(bot: Bot, fields: Fields) -> bool:
    """sendMessageDraft: shown while it is written, and no message."""
    chat = bot.chats.named(fields.values.get("chat_id"))
    if problem := chat.problem():
        raise problem
    if chat.type != "private":
        raise bad("drafts can be shown in private chats only")
    if not fields.integer("draft_id"):
        raise bad("draft_id must be non-zero")
    return True


def not_connected(bot: Bot, fields: Fields) -> Any:
    """Whatever is done in the name of a business account: no bot is connected to one here."""
    raise bad("business connection not found")


# -- live locations ----------------------------------------------------------------------------------


def _live(bot: Bot, fields: Fields, doing: str) -> tuple[Any, Json, Json]:
    chat, message = bot.own(fields, doing)
    place: Json = message.get("location") or {}
    period = place.get("live_period")
    if not period or (period != _FOREVER and message["date"] + period < time()):
        raise bad("message can't be edited")
    return chat, message, place


def edit_live(bot: Bot, fields: Fields) -> Json:
    """editMessageLiveLocation."""
    chat, message, place = _live(bot, fields, "edit")
    moved = {**place, "latitude": fields.real("latitude"), "longitude": fields.real("longitude")}
    for name in ("live_period", "heading", "proximity_alert_radius"):
        if name in fields:
            moved[name] = fields.integer(name)
    if moved == place:
        raise bad(
            "message is not modified: specified new message content and reply markup are exactly the same as a "
            "current content and reply markup of the message"
        )
    return bot.changed(chat, {**message, "location": moved, "edit_date": int(time())})


def stop_live(bot: Bot, fields: Fields) -> Json:
    """stopMessageLiveLocation."""
    chat, message, place = _live(bot, fields, "stop")
    still = {name: value for name, value in place.items() if name in ("latitude", "longitude")}
    return bot.changed(chat, {**message, "location": still, "edit_date": int(time())})


SEND_RARER = {
    "sendgame": send_game,
    "sendinvoice": send_invoice,
    "sendpaidmedia": send_paid_media,
    "sendlivephoto": send_live_photo,
    "sendmessagedraft": send_draft,
    "sendchecklist": not_connected,
}
CHANGE_RARER = {
    "editmessagelivelocation": edit_live,
    "stopmessagelivelocation": stop_live,
    "editmessagechecklist": not_connected,
}
"""Methods by lower-case name."""
