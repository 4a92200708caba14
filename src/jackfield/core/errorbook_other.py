"""The error book's pages on Telegram, WhatsApp Web, transport and Jackfield itself.

A row is (code, title, cause, remedy, retry class, what pauses, link). HTTP pseudo-codes are "http:503", Telegram's
are "telegram:429" or "telegram:" and a word where its description tells more; codes in capitals are Jackfield's
own or those that a paired phone's session reports.
"""

from __future__ import annotations

from typing import Any, Final

_BOTS = "https://core.telegram.org/bots/api"
_FLOOD = "https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this"
_WEB = "https://faq.whatsapp.com/1104628461053549"

_BACKOFF: Final = "backoff"
_PAUSE: Final = "pause"
_RECIPIENT: Final = "final_recipient"
_REQUEST: Final = "final_request"
_SETTLE: Final = "settle"

# fmt: off
OTHER: tuple[tuple[Any, ...], ...] = (
    # -- transport
    ("timeout", "No answer in time", "The provider did not answer in time; it may have taken the message.",
     "Nothing to do: the provider's status report settles it, else the policy for uncertain messages.",
     _SETTLE, None, ""),
    ("outcome_unknown", "Outcome unknown",
     "The connection broke after the message had left; it may have gone out.",
     "Nothing to do: the provider's status report settles it, else the policy for uncertain messages.",
     _SETTLE, None, ""),
    ("connection", "No connection", "The provider's server could not be reached; the message surely did not go out.",
     "Nothing to do: it is tried again. Check this server's network, DNS and proxy if it stays.", _BACKOFF, None, ""),
    ("dns", "Name not found", "The provider's host name could not be resolved.",
     "Check the base URL in the channel's settings and this server's DNS.", _BACKOFF, None, ""),
    ("tls", "No secure connection", "The provider's certificate could not be verified.",
     "Check this server's clock and certificate store, and any proxy in between.", _BACKOFF, None, ""),
    ("bad_answer", "Unreadable answer",
     "The provider answered success with something that names no message; it may have gone out.",
     "Check that the base URL is the provider's and not a proxy's login page.", _SETTLE, None, ""),
    ("http:4xx", "Request refused", "The provider refused the request without one of its own error codes.",
     "Check base URL, version and ids in the channel's settings.", _REQUEST, None, ""),
    ("http:401", "Not authorised", "The provider refused the credentials.",
     "Enter a new token in the channel's settings.", _PAUSE, "account", ""),
    ("http:403", "Forbidden", "The provider refuses this to these credentials.",
     "Check the token's permissions and enter a new one.", _PAUSE, "account", ""),
    ("http:404", "Not found", "The provider knows no such address.",
     "Check base URL, version and ids in the channel's settings.", _REQUEST, "account", ""),
    ("http:408", "Request timeout", "The provider gave up waiting for the request.",
     "Nothing to do: it is tried again.", _BACKOFF, None, ""),
    ("http:413", "Too large", "The message or file is larger than the provider takes.",
     "Send a smaller file.", _REQUEST, None, ""),
    ("http:429", "Too many requests", "The provider asks to slow down.",
     "Nothing to do: sending slows down and goes on.", _BACKOFF, None, ""),
    ("http:5xx", "Server error", "The provider's server failed.",
     "Nothing to do: it is tried again. See the provider's status page if it stays.", _BACKOFF, None, ""),
    # -- Telegram
    ("telegram:400", "Bad request", "Telegram says that the request is wrong; its words name what.",
     "Correct the message.", _REQUEST, None, _BOTS),
    ("telegram:chat_not_found", "Chat not found", "The chat does not exist, or this person never started the bot.",
     "A bot cannot write first: ask the person to open the bot and press Start.", _RECIPIENT, None, _BOTS),
    ("telegram:401", "Unauthorized", "The bot's token is wrong or was revoked.",
     "Get the token from @BotFather and enter it in the channel's settings.", _PAUSE, "account", _BOTS),
    ("telegram:403", "Forbidden", "The bot may not write there: blocked, removed, or never started.",
     "Remove the recipient; a person who presses Start again can be written to.", _RECIPIENT, None, _BOTS),
    ("telegram:blocked", "Bot was blocked by the user", "The person has blocked the bot.",
     "Do not write again unless the person starts the bot anew.", _RECIPIENT, None, _BOTS),
    ("telegram:deactivated", "User is deactivated", "The person's Telegram account was deleted.",
     "Remove the recipient.", _RECIPIENT, None, _BOTS),
    ("telegram:kicked", "Bot was kicked", "The bot was removed from the group or channel.",
     "Add the bot to the group again.", _RECIPIENT, None, _BOTS),
    ("telegram:migrated", "Group became a supergroup", "The group has a new id.",
     "Nothing to do: the new id is stored and the message is sent there.", _BACKOFF, None, _BOTS),
    ("telegram:404", "Not found", "Telegram knows no such bot or method: the token is malformed.",
     "Check the token and base URL in the channel's settings.", _PAUSE, "account", _BOTS),
    ("telegram:409", "Conflict", "Another program reads this bot's updates, or a webhook is set.",
     "Stop the other program or give it a bot of its own.", _PAUSE, "account", _BOTS),
    ("telegram:413", "Too large", "Bots may upload 50 MB and download 20 MB.",
     "Send a smaller file or a link.", _REQUEST, None, _BOTS),
    ("telegram:429", "Too many requests", "Telegram's flood limit (about 30 a second, 1 a second per chat).",
     "Nothing to do: the wait that Telegram names is kept.", _BACKOFF, None, _FLOOD),
    ("telegram:4xx", "Request refused", "Telegram refused the request.", "Read its words on the message.",
     _REQUEST, None, _BOTS),
    ("telegram:5xx", "Telegram is unavailable", "Telegram's servers failed.",
     "Nothing to do: it is tried again.", _BACKOFF, None, _BOTS),
    # -- WhatsApp Web (paired phones)
    ("463", "New chats are restricted",
     "WhatsApp lets this number answer but not open new chats for now (reach-out restriction).",
     "Wait a day or more without new chats; replies still go. Warm the number up before writing to strangers.",
     "not_before_24h", "campaign", _WEB),
    ("NOT_ON_WHATSAPP", "Not on WhatsApp", "The number has no WhatsApp account.",
     "Remove it from the list.", _RECIPIENT, None, ""),
    ("LOGGED_OUT", "Logged out", "The device was unlinked on the phone, or WhatsApp ended the session.",
     "Pair the number again by QR or code.", _PAUSE, "account", _WEB),
    ("BANNED", "Number is banned", "WhatsApp has banned this number, for good or for a while.",
     "Appeal in the WhatsApp app. Use the Cloud API for business messaging.", _PAUSE, "account", _WEB),
    ("REPLACED", "Session taken over", "Another program opened the same paired session.",
     "Make sure that one session is used by one program only.", _PAUSE, "account", ""),
    ("NOT_PAIRED", "Not paired", "The channel has not been paired with a phone yet.",
     "Pair the number by QR or code.", _PAUSE, "account", ""),
    ("CLIENT_OUTDATED", "Client outdated", "WhatsApp no longer accepts this version of the web client.",
     "Update the whatsapp-web extra.", _PAUSE, "account", ""),
    ("ENGINE_CRASHED", "Connection process ended",
     "The process that held the connection died while the message was on its way.",
     "Nothing to do: it is restarted, and the message is settled by its id.", _SETTLE, None, ""),
    ("NOT_GROUP_MEMBER", "Not in this group", "The number is not, or no longer, a member of the group.",
     "Have an admin add the number.", _RECIPIENT, None, ""),
    # -- Jackfield's own
    ("UNSUPPORTED", "Not possible on this network", "The channel's engine cannot send this kind of message.",
     "Send another kind, or use another channel.", _REQUEST, None, ""),
    ("DISCONNECTED", "Channel is not connected", "The channel was not connected when the message was due.",
     "Connect the channel; the message is sent then.", _BACKOFF, None, ""),
    ("ATTEMPTS_EXHAUSTED", "Given up", "Every attempt failed, or the time in which the message makes sense is over.",
     "See the last attempt's code; send it again when the cause is gone.", _RECIPIENT, None, ""),
    ("EXPIRED", "Too late", "The time in which the message makes sense was over before it could be sent.",
     "Send it again if it still matters.", _RECIPIENT, None, ""),
    ("OPTED_OUT", "Opted out", "The contact does not want such messages.",
     "Nothing to do: the contact's wish is kept.", _RECIPIENT, None, ""),
    ("WINDOW_CLOSED", "24-hour window is closed", "The contact has not written in the last 24 hours.",
     "Send an approved template instead.", _RECIPIENT, None, ""),
    ("BAD_ADDRESS", "Not an address", "The recipient is no phone number, user id or group that this network knows.",
     "Correct the contact's number.", _RECIPIENT, None, ""),
    ("MEDIA_NOT_FOUND", "File is missing", "The stored file that the message refers to is gone.",
     "Upload it again.", _REQUEST, None, ""),
    ("MEDIA_TOO_LARGE", "File is too large", "The file is larger than the network takes.",
     "Send a smaller file.", _REQUEST, None, ""),
    ("MEDIA_TYPE", "File type not taken", "The network does not take files of this type here.",
     "Convert the file, or send it as a document.", _REQUEST, None, ""),
)
# fmt: on
