"""The error book's pages on Meta's WhatsApp Cloud API.

Causes and remedies are in our own words after Meta's error codes page; a row is
(code, Meta's title, cause, remedy, retry class, what pauses, link when not the error codes page).
"""

from __future__ import annotations

from typing import Any, Final

_DOCS = "https://developers.facebook.com/documentation/business-messaging/whatsapp"
META_ERRORS = f"{_DOCS}/support/error-codes"

_THROUGHPUT = f"{_DOCS}/throughput"
_LIMITS = f"{_DOCS}/messaging-limits"
_MEDIA = f"{_DOCS}/business-phone-numbers/media"
_TEMPLATES = f"{_DOCS}/templates"
_BSUID = f"{_DOCS}/business-scoped-user-ids"

_BACKOFF: Final = "backoff"
_PAUSE: Final = "pause"
_TEMPLATE: Final = "pause_template"
_RECIPIENT: Final = "final_recipient"
_REQUEST: Final = "final_request"
_REUPLOAD: Final = "reupload"
_LATER: Final = "not_before_24h"

_RENEW = "Make a permanent token of a system user in Meta Business Suite and enter it in the channel's settings."
_PERMISSION = (
    "Give the token's system user the number and the permissions whatsapp_business_messaging and "
    "whatsapp_business_management, then enter a new token."
)


# fmt: off
META: tuple[tuple[Any, ...], ...] = (
    # -- who we are: token and permissions
    ("0", "AuthException", "Meta could not authenticate the app: the token is expired or was revoked.",
     _RENEW, _PAUSE, "account"),
    ("190", "Access token has expired", "The access token is wrong, expired or was revoked.",
     _RENEW, _PAUSE, "account"),
    ("3", "API Method", "The app lacks the capability or permission for this call.", _PERMISSION, _PAUSE, "account"),
    ("10", "Permission Denied", "The permission was not granted or has been removed.", _PERMISSION, _PAUSE, "account"),
    ("200", "API Permission", "The permission was not granted or has been removed (codes 200 to 299).",
     _PERMISSION, _PAUSE, "account"),
    ("131005", "Access denied", "The permission was not granted or has been removed.",
     _PERMISSION, _PAUSE, "account"),
    # -- too fast
    ("4", "API Too Many Calls", "The app has used up its rate limit of API calls.",
     "Nothing to do: sending slows down and goes on. Raise the app's limit at Meta if it returns daily.", _BACKOFF),
    ("613", "Calls to this API have exceeded the rate limit", "This kind of call was made too often.",
     "Nothing to do: it is tried again later.", _BACKOFF),
    ("80007", "Rate limit issues", "The WhatsApp Business Account has used up its rate limit.",
     "Nothing to do: sending slows down and goes on.", _BACKOFF),
    ("130429", "Rate limit hit",
     "The number sent faster than its throughput allows (80 messages a second in and out; 20 in coexistence).",
     "Nothing to do: sending slows down and goes on. Lower the channel's rate if it returns.",
     _BACKOFF, None, _THROUGHPUT),
    ("131056", "(Business Account, Consumer Account) pair rate limit hit",
     "Too many messages from this number to this one recipient in a short time (about one per 6 seconds).",
     "Nothing to do: this recipient waits, the others go on.", "recipient_backoff"),
    ("131048", "Spam rate limit hit",
     "Too many earlier messages of this number were blocked or reported as spam, so Meta restricts it.",
     "Stop campaigns, look at the quality rating in WhatsApp Manager, and write only to people who asked for it.",
     _PAUSE, "account", _LIMITS),
    ("131064", "Messaging limit reached through template classification violations",
     "Templates were sent under a wrong category, so Meta lowered the account's limit.",
     "Correct the templates' categories in WhatsApp Manager and wait for the restriction to end.", _PAUSE, "account"),
    ("133016", "Account register deregister rate limit exceeded",
     "The number was registered or deregistered too often in a short time.",
     "Wait 72 hours before registering the number again.", _PAUSE, "account"),
    # -- the account's standing
    ("368", "Temporarily blocked for policies violations",
     "The WhatsApp Business Account is restricted for violating a policy.",
     "Read the violation in WhatsApp Manager (Account quality) and appeal or wait.", _PAUSE, "account"),
    ("131031", "Account has been locked",
     "The account is restricted for a policy violation, or data of the request did not match the account.",
     "Look at Account quality in WhatsApp Manager; check the two-step PIN if one was sent.", _PAUSE, "account"),
    ("131042", "Business eligibility payment issue",
     "There is a problem with the payment method: none attached, credit line over its limit, or account suspended.",
     "Put the payment method right in WhatsApp Manager, Billing.", _PAUSE, "account"),
    ("131044", "Business eligibility payment issue", "There is a problem with the payment method (for calls).",
     "Put the payment method right in WhatsApp Manager, Billing.", _PAUSE, "account"),
    ("131037", "Display name not approved", "The number's display name is not approved, so it may not send.",
     "Submit a display name in WhatsApp Manager and wait for its approval.", _PAUSE, "account"),
    ("131045", "Incorrect certificate", "The number is not registered properly.",
     "Register the number again with its two-step PIN (POST /api/profiles/{id}/register).", _PAUSE, "account"),
    ("133010", "Phone number not registered", "The number is not registered on the Cloud API.",
     "Register it with its two-step PIN (POST /api/profiles/{id}/register), which connects it again.", _PAUSE, "account"),
    ("131063", "Marketing templates disabled for Cloud API",
     "Marketing templates of this account may only go through the Marketing Messages API.",
     "Turn off disable_marketing_messages_on_cloud_api for the account at Meta.", _PAUSE, "campaign"),
    ("133000", "Incomplete deregistration", "An earlier deregistration of the number failed half-way.",
     "Deregister the number again, then register it.", _PAUSE, "account"),
    ("133004", "Server temporarily unavailable", "Meta's registration server is busy.",
     "Nothing to do: it is tried again.", _BACKOFF),
    ("133005", "Two step verification PIN mismatch", "The two-step PIN is wrong.",
     "Enter the right PIN or reset it in WhatsApp Manager.", _PAUSE, "account"),
    ("133006", "Phone number re-verification needed", "The number must be verified before it is registered.",
     "Verify the number in WhatsApp Manager.", _PAUSE, "account"),
    ("133008", "Too many two step verification PIN guesses", "The PIN was guessed too often.",
     "Wait as long as the details say, then use the right PIN.", _PAUSE, "account"),
    ("133009", "Two step verification PIN guessed too fast", "The PIN was entered too fast.",
     "Wait as long as the details say, then use the right PIN.", _PAUSE, "account"),
    ("133015", "Please wait a few minutes before attempting to register this phone number",
     "The number was just deleted and is not free yet.", "Wait five minutes, then register again.", _BACKOFF),
    # -- the platform is ill
    ("1", "API Unknown", "Meta had an unknown error, or the request is malformed.",
     "Nothing to do: it is tried again. If all messages fail so, see Meta's status page.", _BACKOFF),
    ("2", "API Service", "Meta's service is down or overloaded.",
     "Nothing to do: it is tried again. See Meta's status page.", _BACKOFF),
    ("131000", "Something went wrong", "The message failed for a reason Meta does not know.",
     "Nothing to do: it is tried again.", _BACKOFF),
    ("131016", "Service unavailable", "A service at Meta is temporarily unavailable.",
     "Nothing to do: it is tried again.", _BACKOFF),
    ("131057", "Account in maintenance mode",
     "The account is being worked on, usually the minute in which its throughput is raised.",
     "Nothing to do: it is tried again within minutes.", _BACKOFF, None, _THROUGHPUT),
    ("135000", "Generic user error", "The message failed because of an unknown fault in the request or at Meta.",
     "Nothing to do: it is tried again. If it stays, compare the message with Meta's reference.", _BACKOFF),
    # -- this recipient
    ("131026", "Message undeliverable",
     "The recipient is not on WhatsApp, has not accepted its terms, or uses a version that is too old.",
     "Check the number with its owner; remove it from the list if it has no WhatsApp.", _RECIPIENT),
    ("131047", "Re-engagement message",
     "More than 24 hours have passed since the recipient last wrote, so only templates may be sent.",
     "Send an approved template instead.", _RECIPIENT, None, f"{_DOCS}/messages/send-messages"),
    ("131049", "Meta chose not to deliver",
     "This person has had as much marketing as Meta allows for now (per-user limit, all businesses together).",
     "Do not send it again within 24 hours. Send fewer and better-aimed marketing messages.", _LATER, None,
     f"{_TEMPLATES}/marketing-templates/per-user-limits"),
    ("130472", "User's number is part of an experiment",
     "The recipient is in a group that gets no marketing messages as part of an experiment of Meta's.",
     "Wait, or reach this person by other means; after they write first, messages go through.", _LATER),
    ("131050", "User has stopped marketing messages",
     "The recipient has switched off marketing messages from this business.",
     "Send no marketing to this person; utility and service messages still go.", _RECIPIENT),
    ("131021", "Recipient cannot be sender", "Sender and recipient are the same number.",
     "Use another recipient.", _RECIPIENT),
    ("131030", "Recipient phone number not in allowed list",
     "The number is a test number and the recipient is not on its list of allowed numbers.",
     "Add the recipient in the app's API setup at Meta, or use a real business number. A mobile number of Argentina is on the "
     "list as people dial it (54 11 15 ...) or as WhatsApp writes it (54 9 11 ...): add it with the 9 after 54, and if that is "
     "refused, without it; Mexican numbers likewise with and without the 1 after 52.", _RECIPIENT),
    ("131062", "BSUID recipients are not supported for this message",
     "Messages of this kind (authentication templates) need a phone number, not a business-scoped user id.",
     "Ask the person for the phone number.", _RECIPIENT, None, _BSUID),
    ("130497", "Business account is restricted from messaging users in this country",
     "The account may not write to this country in its business category.",
     "Remove recipients of this country; see the Business Messaging Policy.", _RECIPIENT),
    ("137000", "Recipient identity key mismatch",
     "The recipient reinstalled WhatsApp or changed phones, and the identity hash sent does not match.",
     "Confirm the person's identity, then send with the new hash or without one.", _RECIPIENT),
    ("131020", "Bad group", "The group has no other member.", "Add members to the group first.", _RECIPIENT),
    ("131041", "Group unknown", "The group does not exist or the number is not a member of it.",
     "Synchronise the groups.", _RECIPIENT),
    # -- our request is wrong
    ("100", "Invalid parameter", "The request has a parameter that is unknown, misspelled or not allowed here.",
     "The details name it. Check the ids of number and account in the channel's settings.", _REQUEST),
    ("33", "Parameter value is not valid", "The phone number id is unknown, or the number was deleted.",
     "Check the phone number id in the channel's settings.", _PAUSE, "account"),
    ("131008", "Required parameter is missing", "The request lacks a field that this kind of message needs.",
     "The details name the field: fill it in.", _REQUEST),
    ("131009", "Parameter value is not valid", "A field has a value that is not allowed (too long, wrong kind).",
     "The details name the field: correct it.", _REQUEST),
    ("131051", "Unsupported message type", "Meta does not support this kind of message.",
     "Send another kind of message.", _REQUEST),
    ("132000", "Template param count mismatch",
     "The number of values does not match the number of variables in the template.",
     "Synchronise the templates and fill in every variable.", _REQUEST, "campaign", _TEMPLATES),
    ("132001", "Template does not exist",
     "There is no approved template of this name in this language.",
     "Synchronise the templates; check spelling, language and approval.", _REQUEST, "campaign", _TEMPLATES),
    ("132005", "Template hydrated text too long", "With its values filled in, the template's text is too long.",
     "Shorten the values.", _REQUEST, None, _TEMPLATES),
    ("132008", "Template parameter format", "A template value is not of the form that its variable takes.",
     "Check line breaks, tabs, runs of spaces, and the kind of each value.", _REQUEST, None, _TEMPLATES),
    ("132012", "Template parameter format mismatch",
     "A template value is of another kind than its variable (text where a picture is wanted, say).",
     "Synchronise the templates and give each variable a value of its kind.", _REQUEST, "campaign", _TEMPLATES),
    ("132018", "Template parameters invalid", "The template's values do not pass Meta's checks.",
     "Synchronise the templates and check each value.", _REQUEST, None, _TEMPLATES),
    ("131014", "Request for the file's link failed",
     "Meta could not fetch the file from the link in the message: the link's server answered with an error, such as 404.",
     "Open the link without a login: it must answer with the file itself. Uploading the file here and sending it by its "
     "`mediaId` needs no link.", _REUPLOAD, None, _MEDIA),
    ("131052", "Media download error", "Meta could not fetch the media from its link, or it has expired.",
     "Check that the link is public; the file is uploaded and sent once more.", _REUPLOAD, None, _MEDIA),
    ("131053", "Media upload error", "Meta could not take the media (type, size or encoding).",
     "Check type and size (image 5 MB, video and audio 16 MB, document 100 MB).", _REUPLOAD, None, _MEDIA),
    # -- the template or flow
    ("132007", "Template format character policy violated", "The template's content violates a policy of Meta's.",
     "Read why it was rejected in WhatsApp Manager; change the template.", _TEMPLATE, "campaign", _TEMPLATES),
    ("132015", "Template is paused", "The template is paused because recipients rated it poorly.",
     "Change the template, or wait (3, then 6 hours) until Meta resumes it.", _TEMPLATE, "campaign", _TEMPLATES),
    ("132016", "Template is disabled", "The template was paused too often and is disabled for good.",
     "Make a new template with other content.", _TEMPLATE, "campaign", _TEMPLATES),
    ("132068", "Flow is blocked", "The flow is blocked, usually because its endpoint fails.",
     "Put the flow's endpoint right in WhatsApp Manager.", _TEMPLATE, "campaign"),
    ("132069", "Flow is throttled", "The flow's endpoint is slow or failing: only 10 messages an hour may use it.",
     "Put the flow's endpoint right in WhatsApp Manager.", _TEMPLATE, "campaign"),
    # -- making templates
    ("2388019", "Message template limit exceeded", "The account has as many templates as it may have.",
     "Delete templates that are not used.", _REQUEST, None, _TEMPLATES),
    ("2388023", "Message template language is being deleted", "A template of this name was just deleted.",
     "Use another name, or wait 30 days.", _REQUEST, None, _TEMPLATES),
    ("2388024", "Content in this language already exists", "There is a template of this name and language already.",
     "Use another name or edit the existing one.", _REQUEST, None, _TEMPLATES),
    ("2388040", "Character limit exceeded", "A field of the template is too long.",
     "Shorten it (header 60, body 1024, footer 60, button 25 characters).", _REQUEST, None, _TEMPLATES),
    ("2388043", "Template component lacks a field", "A part of the template lacks a field that Meta wants, mostly `example`.",
     "Give an example value for each variable, and a file (`media:ID`) as `header_handle` for a media header.",
     _REQUEST, None, _TEMPLATES),
    ("2388047", "Message header format incorrect", "The template's header has a format that is not allowed.",
     "No line breaks, emoji, asterisks or formatting in a header.", _REQUEST, None, _TEMPLATES),
    ("2388072", "Message body format incorrect", "The template's body has a format that is not allowed.",
     "Check the variables' numbering and runs of line breaks.", _REQUEST, None, _TEMPLATES),
    ("2388073", "Message footer format incorrect", "The template's footer has a format that is not allowed.",
     "No variables, line breaks or emoji in a footer.", _REQUEST, None, _TEMPLATES),
    ("2388293", "Too many variables for the message's length", "The template has too many variables for its length.",
     "Write more text or use fewer variables.", _REQUEST, None, _TEMPLATES),
    ("2388299", "Variables at start or end", "A variable stands at the very start or end of the template.",
     "Put text before and after it.", _REQUEST, None, _TEMPLATES),
)
# fmt: on
