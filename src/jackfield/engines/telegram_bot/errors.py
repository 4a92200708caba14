"""Telegram's refusals in the core's terms: which failure it is, and what a person can do about it.

Telegram has no error codes beyond the HTTP status; what happened is in the English description. The table gives each
description that matters a code of ours, `telegram:<status>:<name>`; a description that is not in it keeps
`telegram:<status>`. Descriptions are those of the Bot API server (https://github.com/tdlib/telegram-bot-api).
"""

from __future__ import annotations

import msgspec

from jackfield.core.ground.errors import LoginRequired, OutcomeUnknown, Rejected, SendError, Throttled, Unavailable

BLOCKED = "telegram:403:blocked"
LINK = "https://core.telegram.org/bots/api#making-requests"


class ApiError(Exception):
    """The Bot API answered `ok: false`. `retry_after` is in seconds; `migrate_to` is a supergroup's new id."""

    def __init__(
        self, status: int, description: str, *, retry_after: float | None = None, migrate_to: int | None = None
    ) -> None:
        super().__init__(f"{status}: {description}")
        self.status = status
        self.description = description
        self.retry_after = retry_after
        self.migrate_to = migrate_to


class Refusal(msgspec.Struct, frozen=True):
    """One known description: the text that gives it away (lower case), what it means, and what to do."""

    status: int
    name: str
    phrase: str
    cause: str
    remedy: str

    @property
    def code(self) -> str:
        """The code under which it is reported."""
        return f"telegram:{self.status}:{self.name}"


REFUSALS: tuple[Refusal, ...] = (
    Refusal(
        403,
        "blocked",
        "bot was blocked by the user",
        "The person blocked the bot.",
        "Nothing can be sent until the person unblocks the bot; reach them another way.",
    ),
    Refusal(
        403,
        "deactivated",
        "user is deactivated",
        "The person deleted their Telegram account.",
        "Remove this Telegram identity from the contact.",
    ),
    Refusal(
        403,
        "not_started",
        "can't initiate conversation",
        "The person has never started the bot; a bot cannot write first.",
        "Give the person the bot's t.me link and wait for their first message.",
    ),
    Refusal(403, "kicked", "bot was kicked", "The bot was removed from this group or channel.", "Add the bot again."),
    Refusal(
        403,
        "not_member",
        "bot is not a member",
        "The bot is not in this group or channel.",
        "Add the bot to it, in channels as an administrator.",
    ),
    Refusal(
        403,
        "to_bot",
        "send messages to bots",
        "The recipient is itself a bot.",
        "Bots cannot write to bots; choose another recipient.",
    ),
    Refusal(
        403,
        "no_rights",
        "not enough rights",
        "The bot may not do this in the chat.",
        "Give the bot the missing right in the chat's administrator settings.",
    ),
    Refusal(
        403,
        "business_rights",
        "bot_access_forbidden",
        "The owner of the business account does not let the bot answer there.",
        "Have the owner allow it, in the settings of Telegram Business.",
    ),
    Refusal(
        400,
        "chat_not_found",
        "chat not found",
        "There is no such chat, or the person has never started the bot.",
        "Check the chat id; give the person the bot's t.me link and wait for their first message.",
    ),
    Refusal(
        400,
        "no_rights",
        "not enough rights",
        "The bot may not do this in the chat.",
        "Give the bot the missing right in the chat's administrator settings.",
    ),
    Refusal(
        400,
        "write_forbidden",
        "chat_write_forbidden",
        "The bot may not write in this chat.",
        "Allow members to write, or make the bot an administrator.",
    ),
    Refusal(
        400,
        "upgraded",
        "group chat was upgraded",
        "The group became a supergroup with a new id.",
        "Nothing to do: the new id is used from now on.",
    ),
    Refusal(
        400,
        "deactivated",
        "group chat was deactivated",
        "The group was deleted or deactivated.",
        "Choose another chat.",
    ),
    Refusal(
        400,
        "peer_invalid",
        "peer_id_invalid",
        "Telegram does not know this recipient.",
        "Check the chat id; a bot cannot write first.",
    ),
    Refusal(
        400,
        "too_long",
        "is too long",
        "The text or caption is longer than Telegram allows.",
        "Shorten it: 4096 characters for a text, 1024 for a caption.",
    ),
    Refusal(400, "empty", "is empty", "There is nothing to send.", "Give the message a text."),
    Refusal(
        400,
        "file_url",
        "failed to get http url content",
        "Telegram could not fetch the file from its address.",
        "Make sure that the address is public, answers quickly and gives at most 20 MB (5 MB for a picture).",
    ),
    Refusal(
        400,
        "file_id",
        "wrong file identifier",
        "Telegram does not know this file, or cannot fetch its address.",
        "Upload the file instead of naming it.",
    ),
    Refusal(
        400,
        "file_too_big",
        "file is too big",
        "The file is larger than a bot may fetch (20 MB).",
        "Ask for a smaller file, or use a Bot API server of your own, which has no such limit.",
    ),
    Refusal(
        400,
        "photo_dimensions",
        "photo_invalid_dimensions",
        "The picture is too large or too narrow for a photo.",
        "Send it as a document.",
    ),
    Refusal(
        400,
        "voice_forbidden",
        "voice_messages_forbidden",
        "The person does not accept voice messages.",
        "Send the sound as an audio file or a document.",
    ),
    Refusal(
        400,
        "reaction",
        "reaction_invalid",
        "Telegram does not allow this emoji as a reaction here.",
        "Use one of Telegram's own reaction emoji.",
    ),
    Refusal(
        400,
        "format",
        "can't parse entities",
        "The marks of a formatted text are wrong.",
        "Close every mark, and escape signs that are meant as they are; or send the text without a format.",
    ),
    Refusal(
        400,
        "topic_not_found",
        "thread not found",
        "The forum has no such topic (any more).",
        "Write to the group itself, or to another topic.",
    ),
    Refusal(400, "topic_closed", "topic_closed", "The topic is closed.", "Open it again in Telegram."),
    Refusal(
        400,
        "business_gone",
        "business connection not found",
        "The business account no longer lets the bot answer.",
        "Have its owner connect the bot again, in the settings of Telegram Business.",
    ),
    Refusal(
        400,
        "business_idle",
        "business_peer_usage_missing",
        "A bot may answer in a business chat only within a day of the person's last message.",
        "Wait for the person to write again.",
    ),
    Refusal(
        400,
        "message_not_found",
        "not found",
        "The message to change, delete or react to is gone.",
        "Nothing to do.",
    ),
    Refusal(
        400,
        "cannot_edit",
        "can't be edited",
        "Telegram no longer lets this message be edited.",
        "Send a new message instead.",
    ),
    Refusal(
        400,
        "cannot_delete",
        "can't be deleted",
        "Telegram no longer lets this message be deleted (after 48 hours, or not the bot's own).",
        "Delete it in Telegram by hand.",
    ),
    Refusal(
        400,
        "buttons",
        "button_",
        "Telegram does not accept one of the buttons.",
        "Check the buttons' addresses, and that data has at most 64 bytes.",
    ),
    Refusal(
        413,
        "too_large",
        "too large",
        "The file is larger than Telegram takes from a bot (50 MB, 10 MB for a picture).",
        "Send a link, or use a Bot API server of your own.",
    ),
)
"""Known refusals, the more specific before the more general."""

_REVOKED = "Telegram does not accept the bot's token: it was revoked or mistyped. Get the current one from BotFather."


def known(status: int, description: str) -> Refusal | None:
    """The table's entry for an answer, if there is one."""
    lowered = description.lower()
    return next((entry for entry in REFUSALS if entry.status == status and entry.phrase in lowered), None)


def to_send_error(error: ApiError, *, scope: str = "channel") -> SendError:
    """What an answer means for the message that was being sent; `scope` says what a 429 must slow down.

    401 and a 404 on the method itself are Telegram's two ways to say that the token is wrong. Of the 5xx, those that
    say "no backend took it" (502, 503, or a server that says it is closing or restarting) are certain; any other may
    come after the message was taken.
    """
    status, description = error.status, error.description
    if status == 429:
        return Throttled("telegram:429", description, error.retry_after or 1.0, scope)
    if status == 401 or (status == 404 and description.strip().lower() == "not found"):
        return LoginRequired(f"telegram:{status}", _REVOKED)
    if status >= 500:
        before = status in (502, 503) or "restart" in description.lower() or "closing" in description.lower()
        return (Unavailable if before else OutcomeUnknown)(f"telegram:{status}", description)
    entry = known(status, description)
    if entry is None:
        return Rejected(f"telegram:{status}", description)
    return Rejected(entry.code, f"{entry.cause} {entry.remedy} ({description})")
