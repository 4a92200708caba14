"""Every error code of the native API: its HTTP status and what it means. The reference page lists them from here."""

from __future__ import annotations

import re
from typing import Final

CODES: Final[dict[str, tuple[int, str]]] = {
    # the request
    "VALIDATION_ERROR": (400, "A field is missing or wrong; `details` maps each field to what is wrong with it."),
    "BAD_REQUEST": (400, "The request cannot be read."),
    "INVALID_JSON": (400, "The body is not valid JSON."),
    "INVALID_RECIPIENT": (400, "`to` is neither a phone number with country code nor a chat id."),
    "INVALID_PHONE": (400, "Not a valid phone number."),
    "TEMPLATE_PARAMS": (400, "The values do not fit the template; `details` names the parameter."),
    "TEMPLATE_REJECTED": (400, "The provider refused the template; the message says why."),
    "PROVIDER_REFUSED": (400, "The provider refused the change; `details` has its code and what to do."),
    "GROUP_REFUSED": (400, "The network refused the change of the group."),
    "MEDIA_EMPTY": (400, "The file is empty."),
    "MEDIA_TOO_LARGE": (400, "The file is larger than this server takes (JACKFIELD_MAX_UPLOAD_MB)."),
    "TOO_LARGE": (413, "The body is larger than this server takes (JACKFIELD_MAX_BODY_MB)."),
    "WRONG_SECRET_KEY": (503, "The database was sealed with another secret key (a server does not start with it)."),
    "HEADERS_TOO_LARGE": (431, "The headers are more, or larger, than this server takes."),
    "UNSUPPORTED_MEDIA_TYPE": (415, "The header Content-Type is missing, or names a type that is not taken here."),
    "METHOD_NOT_ALLOWED": (405, "This URL does not support this method."),
    "MESSAGE_IN_FLIGHT": (409, "A message to this contact is being sent now; try again in a moment."),
    "STORAGE_UNAVAILABLE": (
        503,
        "The server's disk is full or fails, or its database is out of reach; nothing was stored. `Retry-After` says when to"
        " try.",
    ),
    # who is asking
    "UNAUTHORIZED": (401, "There is no key or token, or it is unknown, revoked or expired."),
    "INVALID_TOKEN": (401, "The token is not valid; log in again."),
    "TOKEN_EXPIRED": (401, "The login has expired; log in again."),
    "INVALID_CREDENTIALS": (401, "E-mail address or password is wrong."),
    "SECOND_FACTOR_REQUIRED": (
        401,
        "The account has a second factor; send its code as `code`. With 403: the workspace requires one; set it up.",
    ),
    "INVALID_SECOND_FACTOR": (401, "The code of the second factor is wrong or was used already."),
    "INVALID_SETUP_CODE": (403, "The setup code is wrong; the server prints it when it starts without an owner."),
    "FORBIDDEN": (403, "The key or role may not do this; `details.scope` is what it lacks."),
    "CROSS_ORIGIN": (403, "A session cookie came with a request of another site; programs send a key or token."),
    "GROUP_FORBIDDEN": (403, "Only admins of the group may do this."),
    "READ_ONLY_CHAT": (403, "Only admins may write in this group or newsletter."),
    "SKIPPED": (403, "The contact must not be written to: blocked, opted out, or without an address."),
    # what is asked for
    "NOT_FOUND": (404, "There is nothing at this address, or no such object in this workspace."),
    "ATTRIBUTE_NOT_FOUND": (404, "There is no such attribute."),
    "AUTOMATION_NOT_FOUND": (404, "There is no such automation."),
    "BATCH_NOT_FOUND": (404, "There is no such batch."),
    "CALL_NOT_FOUND": (404, "There is no such call."),
    "CAMPAIGN_NOT_FOUND": (404, "There is no such campaign."),
    "CANNED_REPLY_NOT_FOUND": (404, "There is no such canned reply."),
    "CATALOG_NOT_FOUND": (404, "There is no such catalog."),
    "CHAT_NOT_FOUND": (404, "There is no such chat."),
    "CONTACT_NOT_FOUND": (404, "There is no such contact."),
    "DELIVERY_NOT_FOUND": (404, "There is no such delivery of this webhook."),
    "DEPARTMENT_NOT_FOUND": (404, "There is no such department."),
    "GROUP_NOT_FOUND": (404, "There is no such group, or the profile is not in it."),
    "KNOWLEDGE_NOT_FOUND": (404, "There is no such page or file of knowledge."),
    "INVITATION_NOT_FOUND": (404, "There is no such invitation, or it was accepted or withdrawn."),
    "KEY_NOT_FOUND": (404, "There is no such API key, or it was revoked."),
    "LIST_NOT_FOUND": (404, "There is no such list."),
    "MEDIA_NOT_FOUND": (404, "There is no such file, or its link has expired."),
    "MEMBER_NOT_FOUND": (404, "There is no such member."),
    "MESSAGE_NOT_FOUND": (404, "There is no such message."),
    "NOTE_NOT_FOUND": (404, "There is no such note."),
    "PROBLEM_NOT_FOUND": (404, "There is no such inbound problem, or it is out of date and deleted."),
    "PROFILE_NOT_FOUND": (404, "There is no such profile, or the key is bound to another one."),
    "RUN_NOT_FOUND": (404, "There is no such run of this automation."),
    "SCHEDULE_NOT_FOUND": (404, "There is no such scheduled message."),
    "SECOND_FACTOR_NOT_FOUND": (404, "There is no second factor, or it was not set up."),
    "SESSION_NOT_FOUND": (404, "There is no such session, or it has ended."),
    "SEGMENT_NOT_FOUND": (404, "There is no such segment."),
    "SUPPRESSION_NOT_FOUND": (404, "The address is not suppressed."),
    "TAG_NOT_FOUND": (404, "There is no such tag."),
    "TEMPLATE_NOT_FOUND": (404, "There is no such template, or not in this language."),
    "TEMPLATES_UNREADABLE": (409, "The profile's templates cannot be read; the message says why."),
    "TICKET_NOT_FOUND": (404, "There is no such ticket."),
    "VIEW_NOT_FOUND": (404, "There is no such saved view, or it is another member's own."),
    "WEBHOOK_NOT_FOUND": (404, "There is no such webhook."),
    "WORKSPACE_NOT_FOUND": (404, "There is no such workspace, or it is not yours."),
    # not in this state
    "CONFLICT": (409, "The object's present state does not allow it."),
    "ALREADY_CONNECTED": (409, "The profile is connected; there is nothing to scan."),
    "ATTRIBUTE_EXISTS": (409, "An attribute of this name exists."),
    "AUTOMATION_OFF": (409, "The automation is off, or rests after too many failures."),
    "AI_NOT_SET": (409, "No AI endpoint is set."),
    "AUTOMATION_EXISTS": (409, "An automation of this name exists."),
    "BATCH_COMPLETED": (409, "The batch is completed; nothing is left to cancel."),
    "CALL_OVER": (409, "The call has ended."),
    "CAMPAIGN_KIND": (409, "A campaign of this kind does not take this."),
    "CAMPAIGN_PAUSED": (409, "The campaign is paused; the message says why."),
    "CAMPAIGN_STATE": (409, "The campaign's state does not allow it."),
    "CANNED_REPLY_EXISTS": (409, "A canned reply with this shortcut exists."),
    "CHANNEL_EXISTS": (409, "A profile of this key exists."),
    "CONTACT_EXISTS": (409, "A contact with this number exists; `details.id` is it."),
    "DEPARTMENT_EXISTS": (409, "A department of this name exists."),
    "EMAIL_EXISTS": (409, "The e-mail address belongs to a member already."),
    "IDEMPOTENCY_IN_PROGRESS": (409, "The first request with this Idempotency-Key has not answered."),
    "IDEMPOTENCY_KEY_REUSED": (409, "The Idempotency-Key was used with another request within 24 hours."),
    "IDEMPOTENCY_REPEATED": (409, "An equal request with this Idempotency-Key came first."),
    "KEY_EXISTS": (409, "This API key is in use already."),
    "RUN_OVER": (409, "The run has ended."),
    "SETUP_DONE": (409, "The server has an owner already; log in instead."),
    "LAST_OWNER": (409, "A workspace needs an owner."),
    "KNOWLEDGE_EXISTS": (409, "A page or file of knowledge of this name exists."),
    "LIST_EXISTS": (409, "A list of this name exists."),
    "MESSAGE_NOT_SENT": (409, "The network does not know the message yet."),
    "NO_FILE": (409, "The message has no file that could be fetched from the network."),
    "NOT_CANCELLABLE": (409, "The message has gone out."),
    "NOT_STARTED": (409, "The contact does not come into the automation; `details.reason` says why."),
    "NOT_UNDOABLE": (409, "The merge is more than 30 days old, or the entry of the history is no merge."),
    "MERGE_NOT_FOUND": (404, "Nothing was merged into the contact, or not by this merge."),
    "NOT_DELETABLE": (409, "Only messages of your own can be deleted for everyone."),
    "NOT_EDITABLE": (409, "Only messages of your own can be edited."),
    "NOT_INCOMING": (409, "Only messages that came in can be marked as read."),
    "OUTCOME_UNKNOWN": (
        409,
        "The network, or the database in mid-commit, did not answer: it may have been done or not (504 from single messages,"
        " and from the database).",
    ),
    "NETWORK_UNAVAILABLE": (409, "The network is out of reach; try again (503 from single messages)."),
    "PROFILE_NOT_CONNECTED": (409, "The profile is not connected."),
    "QR_NOT_AVAILABLE": (409, "There is no QR code now; start the connection first."),
    "SECOND_FACTOR_EXISTS": (409, "The second factor is on; switch it off first."),
    "SEGMENT_EXISTS": (409, "A segment of this name exists."),
    "TAG_EXISTS": (409, "A tag of this name exists."),
    "TEMPLATE_PENDING": (409, "The provider has not taken the template yet."),
    "WEBHOOK_DISABLED": (409, "The webhook is disabled; enable it first."),
    # limits and engines
    "UNSUPPORTED": (
        422,
        "The profile's engine cannot do this; nothing was sent. `details.capability` is what it lacks.",
    ),
    "PROVIDER_REJECTED": (422, "The network refused; `details` has its code, the cause and the remedy."),
    "DAILY_LIMIT_REACHED": (
        429,
        "The profile's messages of today are used up; `limit`, `count` and `resetAt` say more.",
    ),
    "LIMIT_REACHED": (429, "A limit is used up; Retry-After says when to try again."),
    "RATE_LIMITED": (429, "Too many attempts; Retry-After says when to try again."),
    "THROTTLED": (429, "The network asks to slow down; Retry-After says for how long."),
    "TOO_MUCH_KNOWLEDGE": (429, "A workspace keeps at most 300 pages and files of 8,000,000 characters in all."),
    "TOO_MANY_AUTOMATIONS": (429, "A workspace has at most 500 automations."),
    "TOO_MANY_VIEWS": (429, "A member, and all together, keep at most 200 saved views."),
    "TOO_MANY_WEBHOOKS": (429, "A workspace has at most 100 webhooks."),
    "SLOW_READER": (429, "A live listener read too slowly and was cut off; resume from the last cursor."),
    "OVERLOADED": (503, "The server has too much to do; nothing was stored. Try again in a moment."),
    "INTERNAL_ERROR": (500, "An internal error occurred; it has been logged."),
    "ERROR": (400, "Anything without a code of its own."),
}

FILES: Final[dict[str, str]] = {
    "empty_file": "The file is empty.",
    "no_rows": "The file has no rows.",
    "binary_file": "The file is no text.",
    "old_excel": "The old Excel file (.xls) is damaged or has a password; save it as XLSX or CSV.",
    "other_document": "The file is a document of another kind.",
    "broken_xlsx": "The workbook (XLSX, ODS) is damaged.",
    "broken_json": "The JSON is damaged.",
    "unknown_sheet": "`sheet` names a sheet that is not there.",
    "unknown_encoding": "`encoding` names an encoding that is not known.",
    "unsure_encoding": "The encoding of the text cannot be told; name it in `encoding`.",
    "line_too_long": "A line is too long for a table.",
    "too_many_columns": "The table has too many columns.",
    "unclosed_quote": "A quoted cell is never closed.",
    "too_large": "The file is too large, or unpacks to far too much.",
    "no_phone_column": "No column holds phone numbers; name it in `mapping`.",
    "unknown_column": "`mapping` names a column that is not there.",
    "unknown_country": "`defaultCountry` is not a country code.",
}
"""Why a contact file as a whole cannot be read (400)."""

_NOUN = re.compile(r"(?:[Nn]o such|[Tt]here is no(?: such)?) ([A-Za-z ]+?)(?: [0-9'\"].*)?\.?$")
_NOUNS: Final = {"channel": "PROFILE", "api key": "KEY"}


def not_found_code(message: str) -> str:
    """The code of something that was not found, told by the noun of the core's sentence."""
    found = _NOUN.match(message)
    if found is None:
        return "NOT_FOUND"
    noun = found.group(1).lower()
    code = f"{_NOUNS.get(noun, noun.upper())}_NOT_FOUND"
    return code if code in CODES else "NOT_FOUND"
