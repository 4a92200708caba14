"""What an automation is: its trigger, its conditions and its limits, as data. The steps are in `steps`.

Names are those of the native API: the document is kept as it is sent. Every struct refuses fields that it does not know, so
that a mistyped one is told and not ignored.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec

from .conditions import AtWork, Conditions, number_of
from .hours import Clock, Hours
from .steps import Step

RULE: Final = "rule"
SEQUENCE: Final = "sequence"
KINDS: Final = (RULE, SEQUENCE)
MAX_STEPS: Final = 100
MAX_PATTERN: Final = 2000

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]

Times = Annotated[list[Clock], msgspec.Meta(min_length=1, max_length=24)]
Days = Annotated[list[str], msgspec.Meta(max_length=7)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, tag_field="type"):
    """Base of triggers and conditions."""


# -- triggers -----------------------------------------------------------------------------------------


class OnMessage(_Part, frozen=True, kw_only=True, tag="message", rename="camel"):
    """A person writes in a private chat.

    `match`: `any` message; one whose text is one of `words` (`exact`), `contains` one as a whole word, or `starts` with
    one; or that fits the regular expression `pattern`. Letter case, accents and marks do not count but in patterns.
    `buttons`: only an answer by a button or a row of a list with one of these ids or titles. `kinds`: only messages of
    these kinds. `from_ad`: only the message of somebody whom an advertisement or a post led to us; `ad_ids`: only one of
    these (what the network calls the source's id). `first`: only somebody's first message `ever`, or the first in `days`.
    """

    match: Literal["any", "exact", "contains", "starts", "pattern"] = "any"
    words: Annotated[list[Word], msgspec.Meta(max_length=100)] = []
    pattern: Annotated[str, msgspec.Meta(max_length=MAX_PATTERN)] | None = None
    buttons: Annotated[list[Word], msgspec.Meta(max_length=100)] = []
    kinds: Annotated[list[Word], msgspec.Meta(max_length=30)] = []
    from_ad: bool = False
    ad_ids: Annotated[list[Word], msgspec.Meta(max_length=100)] = []
    first: Literal["ever", "days"] | None = None
    days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 30


class OnTag(_Part, frozen=True, kw_only=True, tag="tag", rename="camel"):
    """A tag is given to a contact, or taken away (`given` false). By hand, the API or an import; not by an automation."""

    tag: Name
    given: bool = True


class OnList(_Part, frozen=True, kw_only=True, tag="list", rename="camel"):
    """A contact comes into a list, or goes out of it (`given` false); not by an automation."""

    list: Name
    given: bool = True


class OnAttribute(_Part, frozen=True, kw_only=True, tag="attribute", rename="camel"):
    """An attribute of a contact changes; to `value` where it is given. Not by an automation."""

    attribute: Name
    value: Annotated[str, msgspec.Meta(max_length=1000)] | None = None


class OnContact(_Part, frozen=True, kw_only=True, tag="contact_created", rename="camel"):
    """A contact is new. `sources`: only from these (`api`, a network, ...)."""

    sources: Annotated[list[Word], msgspec.Meta(max_length=20)] = []


class OnConsent(_Part, frozen=True, kw_only=True, tag="consent", rename="camel"):
    """A person agrees to marketing, or refuses it (`given` false)."""

    given: bool = True


class OnCampaign(_Part, frozen=True, kw_only=True, tag="campaign", rename="camel"):
    """A message of a campaign was delivered or read, or failed; or the person wrote for the first time after it, within 30
    days (`replied`). `campaign_ids`: only of these."""

    what: Literal["delivered", "read", "replied", "failed"]
    campaign_ids: Annotated[list[str | int], msgspec.Meta(max_length=50)] = []


class OnLink(_Part, frozen=True, kw_only=True, tag="link_clicked", rename="camel"):
    """A person follows a link of a campaign that tracks them, for the first time; previews and robots start nothing.
    `campaign_ids`: only of these. `contains`: only a link whose address has this in it, as it is written or where it led."""

    campaign_ids: Annotated[list[str | int], msgspec.Meta(max_length=50)] = []
    contains: Word | None = None


class OnSilence(_Part, frozen=True, kw_only=True, tag="no_answer", rename="camel"):
    """Nobody has answered for some minutes: we (`us`) to a person's message, or the person (`them`) to ours. `while_open`:
    minutes of working hours, as they are when the message comes; of the department `departmentId`, else of the workspace."""

    by: Literal["us", "them"] = "us"
    minutes: Annotated[int, msgspec.Meta(ge=1, le=43_200)]
    while_open: bool = False
    department_id: str | int | None = None


class OnTarget(_Part, frozen=True, kw_only=True, tag="target", rename="camel"):
    """A target of a chat is `missed`, or so near that it is `due_soon` (docs/reply-targets.md). `target`: only of this kind;
    `department_id`: only in chats of this team."""

    what: Literal["missed", "due_soon"] = "missed"
    target: Literal["first_reply", "next_reply", "resolution"] | None = None
    department_id: str | int | None = None


class OnChat(_Part, frozen=True, kw_only=True, tag="chat", rename="camel"):
    """A private chat is `opened` (it is new, or was done or snoozed and opens again, also by a message), `assigned` to a
    member, `snoozed` or `done`; not by an automation. `member_ids`: only assigned to one of these."""

    what: Literal["opened", "assigned", "snoozed", "done"]
    member_ids: Annotated[list[str | int], msgspec.Meta(max_length=100)] = []


class OnCall(_Part, frozen=True, kw_only=True, tag="call_missed", rename="camel"):
    """Somebody called, and nobody answered."""


class OnSchedule(_Part, frozen=True, kw_only=True, tag="schedule", rename="camel"):
    """At `times` (HH:MM) of some `days` (none named: of all) in a time zone, for everybody in the `list` or with the `tag`.

    A time that the clock leaves out in spring comes an hour later, and one that it strikes twice in autumn once. A time at
    which no process ran is made up for, up to six hours later."""

    times: Times
    days: Days = []
    zone: Annotated[str, msgspec.Meta(max_length=64)] = "UTC"
    list: Name | None = None
    tag: Name | None = None


class OnWebhook(_Part, frozen=True, kw_only=True, tag="webhook", rename="camel"):
    """A program calls the rule's own secret address with JSON. `phone` is the path to the person's number in it, `name` to
    their name; a number that is new becomes a contact. `variables`: name to path (`order.id`, `items.0.title`)."""

    phone: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] = "phone"
    name: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    variables: dict[Name, Annotated[str, msgspec.Meta(min_length=1, max_length=200)]] = {}


class OnRequest(_Part, frozen=True, kw_only=True, tag="manual", rename="camel"):
    """Nothing starts it by itself: the API does, or a step of another automation."""


Trigger: TypeAlias = (
    OnMessage
    | OnTag
    | OnList
    | OnAttribute
    | OnContact
    | OnConsent
    | OnCampaign
    | OnLink
    | OnSilence
    | OnTarget
    | OnChat
    | OnCall
    | OnSchedule
    | OnWebhook
    | OnRequest
)
"""What starts an automation."""

# -- the whole ----------------------------------------------------------------------------------------


class Limits(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """How much an automation may do, and when it is its turn.

    `per_chat_hour`: automatic messages in one chat and hour, of all automations together. `per_person_day`: a sequence waits
    while a person has had so much marketing within 24 hours, of sequences and campaigns together.
    `again_after_hours`: how long somebody who has been through it does not come in again; None: never again.
    `again_after_seconds`: the same in seconds; the longer one holds.
    `once_while_closed`: outside working hours somebody comes in once in each chat until they begin again; the hours are those
    of the first condition `working_hours`, else of the workspace.
    `starts_per_day`: how many people may come in within 24 hours. `priority`: where one event starts several, those with
    the lowest number begin first, then the oldest. `quiet_hours`: a sequence writes nothing in them, and goes on after.
    `rest_after_failures`: failures in a row until it rests.
    """

    per_chat_hour: Annotated[int, msgspec.Meta(ge=1, le=200)] = 20
    per_person_day: Annotated[int, msgspec.Meta(ge=1, le=50)] = 3
    again_after_hours: Annotated[int, msgspec.Meta(ge=0, le=87_600)] | None = 0
    again_after_seconds: Annotated[int, msgspec.Meta(ge=0, le=31_536_000)] = 0
    once_while_closed: bool = False
    starts_per_day: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    priority: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    quiet_hours: Hours | None = None
    rest_after_failures: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 10


class Goal(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What ends a sequence for a person: that they write (`replied`), order something (`ordered`), or have one of `tags`. A
    refusal of marketing ends it always."""

    replied: bool = True
    ordered: bool = False
    tags: Annotated[list[Name], msgspec.Meta(max_length=20)] = []


class Document(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """An automation: what starts it, who it is for, what it does, how much it may do, and what ends it. `goal` is a
    sequence's."""

    trigger: Trigger
    conditions: Conditions = []
    steps: Annotated[list[Step], msgspec.Meta(min_length=1, max_length=MAX_STEPS)]
    limits: Limits = Limits()
    goal: Goal | None = None


def department_of(document: Document) -> int | None:
    """The department by whose working hours an automation goes, of its first condition that asks for them; None: the
    workspace's."""
    asked = next((one for one in document.conditions if isinstance(one, AtWork)), None)
    return None if asked is None else number_of(asked.department_id)


def schema() -> dict[str, Any]:
    """The JSON Schema of a document."""
    return msgspec.json.schema(Document)
