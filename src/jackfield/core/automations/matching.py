"""Which automations an event starts: compiled once for a workspace, so that a message costs the same for one rule and for two
hundred."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec

from ..contacts.consent.words import plain_words
from ..ground.events import (
    CallReceived,
    ChatUpdated,
    ContactCreated,
    ContactOptedIn,
    ContactOptedOut,
    ContactUpdated,
    EventData,
    LinkClicked,
    MessageDelivered,
    MessageFailed,
    MessageRead,
    MessageReceived,
    MessageSent,
)
from ..ground.service_events import TargetMissed, TargetWarning
from .conditions import number_of
from .document import (
    RULE,
    Document,
    OnAttribute,
    OnCall,
    OnCampaign,
    OnChat,
    OnConsent,
    OnContact,
    OnLink,
    OnList,
    OnMessage,
    OnSilence,
    OnTag,
    OnTarget,
)
from .patterns import PatternSet

MAX_TEXT: Final = 2000
"""Characters of a message that words are looked for in."""
MACHINES: Final = frozenset({"system", "unsupported", "reaction", "poll_vote"})
"""Kinds of messages that nobody wrote, or that are no answer."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """An automation that is on."""

    id: int
    workspace_id: int
    kind: str
    version: int
    enabled_at: int
    document: Document

    @property
    def is_sequence(self) -> bool:
        """Whether it writes over days, and so asks for consent at every step."""
        return self.kind != RULE


class Rules:
    """The automations of one workspace that are on."""

    def __init__(self, rules: Iterable[Rule], tags: Sequence[Rule] = ()) -> None:
        self._tags = _Messages(tags)
        self.by_id = {rule.id: rule for rule in rules}
        self._by_event: dict[type[EventData], list[Callable[[Any], list[Rule]]]] = defaultdict(list)
        self._messages = _Messages([one for one in self.by_id.values() if isinstance(one.document.trigger, OnMessage)])
        self.goals_replied = [one.id for one in self.by_id.values() if one.document.goal and one.document.goal.replied]
        self.goals_ordered = [one.id for one in self.by_id.values() if one.document.goal and one.document.goal.ordered]
        self.sequences = [one.id for one in self.by_id.values() if one.is_sequence]
        self.goals_tagged: dict[str, list[int]] = defaultdict(list)
        for rule in self.by_id.values():
            for tag in rule.document.goal.tags if rule.document.goal is not None else ():
                self.goals_tagged[tag.casefold()].append(rule.id)
            self._compile(rule)

    def _compile(self, rule: Rule) -> None:
        trigger = rule.document.trigger
        one = [rule]
        if isinstance(trigger, OnTag | OnList | OnAttribute):
            self._by_event[ContactUpdated].append(lambda event: one if _labelled(trigger, event) else [])
        elif isinstance(trigger, OnContact):
            sources = frozenset(trigger.sources)
            self._by_event[ContactCreated].append(lambda event: one if not sources or event.source in sources else [])
        elif isinstance(trigger, OnConsent):
            self._by_event[ContactOptedIn if trigger.given else ContactOptedOut].append(lambda _: one)
        elif isinstance(trigger, OnCampaign):
            ids = frozenset(int(given) for given in trigger.campaign_ids if str(given).isdigit())
            if trigger.what == "replied":
                # To which campaign is asked later: it needs the database.
                self._by_event[MessageReceived].append(lambda event: one if is_from_person(event) else [])
                return
            kind = {"delivered": MessageDelivered, "read": MessageRead, "failed": MessageFailed}[trigger.what]
            self._by_event[kind].append(
                lambda event: one if event.campaign_id and (not ids or event.campaign_id in ids) else []
            )
        elif isinstance(trigger, OnLink):
            campaigns = frozenset(int(given) for given in trigger.campaign_ids if str(given).isdigit())
            part = (trigger.contains or "").casefold()
            self._by_event[LinkClicked].append(
                lambda event: (
                    one
                    if (not trigger.campaign_ids or event.campaign_id in campaigns)
                    and part in f"{event.url} {event.target}".casefold()
                    else []
                )
            )
        elif isinstance(trigger, OnChat):
            members = frozenset(int(given) for given in trigger.member_ids if str(given).isdigit())
            all_members = not trigger.member_ids or trigger.what != "assigned"
            self._by_event[ChatUpdated].append(
                lambda event: (
                    one
                    if trigger.what in event.became
                    and not event.automatic
                    and event.chat_kind == "private"
                    and (all_members or event.assignee_id in members)
                    else []
                )
            )
        elif isinstance(trigger, OnTarget):
            department_id = number_of(trigger.department_id)
            self._by_event[TargetMissed if trigger.what == "missed" else TargetWarning].append(
                lambda event: (
                    one if trigger.target in (None, event.kind) and department_id in (None, event.department_id) else []
                )
            )
        elif isinstance(trigger, OnCall):
            self._by_event[CallReceived].append(lambda event: one if event.status == "missed" else [])
        elif isinstance(trigger, OnSilence):
            if trigger.by == "us":
                self._by_event[MessageReceived].append(lambda event: one if is_from_person(event) else [])
            else:
                self._by_event[MessageSent].append(lambda event: one if event.chat_kind == "private" else [])

    @property
    def types(self) -> set[str]:
        """Types of the events that may start one, or end one."""
        found = {kind.type for kind in self._by_event}
        if self._messages.is_any or self._tags.is_any or self.goals_replied or self.goals_ordered:
            found.add(MessageReceived.type)
        if self.goals_tagged:
            found.add(ContactUpdated.type)
        if self.sequences:
            found.add(ContactOptedOut.type)
        return found

    def tagging(self, event: MessageReceived) -> list[Rule]:
        """Rules of tags (see `tagging`) whose trigger this message is; whether it is somebody's first is not asked."""
        return self._tags.matching(event)

    def matching(self, event: EventData) -> list[Rule]:
        """The automations whose trigger this event is, in their turn; conditions are not asked."""
        found = self._messages.matching(event) if isinstance(event, MessageReceived) else []
        for asked in self._by_event.get(type(event), ()):
            found += asked(event)
        return sorted(found, key=_turn)


def is_from_person(event: MessageReceived) -> bool:
    """Whether a person wrote this to us alone: no echo of our own, no group, no notice of the network,
    no rating of a survey."""
    return (
        not event.from_me
        and event.chat_kind == "private"
        and event.contact_id is not None
        and event.survey_id is None
        and event.kind not in MACHINES
    )


def _labelled(trigger: OnTag | OnList | OnAttribute, event: ContactUpdated) -> bool:
    if event.automatic:
        return False
    if isinstance(trigger, OnAttribute):
        name, names = trigger.attribute, event.attributes
    elif isinstance(trigger, OnTag):
        name, names = trigger.tag, event.tags_added if trigger.given else event.tags_removed
    else:
        name, names = trigger.list, event.lists_added if trigger.given else event.lists_removed
    return name.casefold() in (one.casefold() for one in names)


def text_of(event: MessageReceived) -> str:
    """What a message says; empty for one without text."""
    return "" if event.body == f"[{event.kind}]" else event.body


class _Messages:
    """The rules of messages, by what they look for."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.is_any = bool(rules)
        self._all: list[Rule] = []
        self._exact: dict[str, list[Rule]] = defaultdict(list)
        self._phrases: dict[str, list[Rule]] = defaultdict(list)
        self._starts: dict[str, list[Rule]] = defaultdict(list)
        self._inside: list[tuple[str, Rule]] = []
        self._buttons: dict[str, list[Rule]] = defaultdict(list)
        self._patterned: list[Rule] = []
        for rule in rules:
            self._add(rule, rule.document.trigger)
        triggers: list[Any] = [rule.document.trigger for rule in self._patterned]
        self._patterns = PatternSet([one.pattern for one in triggers])
        self._longest = max((len(one.split()) for one in (*self._phrases, *self._starts)), default=0)

    def _add(self, rule: Rule, trigger: Any) -> None:
        for button in trigger.buttons:
            self._buttons[_folded(button) or button].append(rule)
        if trigger.match == "pattern":
            self._patterned.append(rule)
        elif trigger.match == "any":
            if not trigger.buttons:
                self._all.append(rule)
        else:
            where = {"exact": self._exact, "contains": self._phrases, "starts": self._starts}[trigger.match]
            for word in trigger.words:
                folded = _folded(word)
                if trigger.match == "contains" and not folded.isascii() and _runs_together(folded):
                    self._inside.append((folded, rule))
                elif folded:
                    where[folded].append(rule)

    def matching(self, event: MessageReceived) -> list[Rule]:
        """Each rule once, in the order in which they were made."""
        if not self.is_any or not is_from_person(event):
            return []
        found = [*self._all]
        text = text_of(event)[:MAX_TEXT]
        words = plain_words(text) if self._exact or self._longest or self._inside else []
        if words:
            joined = " ".join(words)
            found += self._exact.get(joined, ())
            found += [rule for inside, rule in self._inside if inside in joined]
            for size in range(1, min(self._longest, len(words)) + 1):
                found += self._starts.get(" ".join(words[:size]), ())
                for start in range(len(words) - size + 1):
                    found += self._phrases.get(" ".join(words[start : start + size]), ())
        if text and self._patterns:
            found += [self._patterned[place] for place in self._patterns.found(text)]
        if self._buttons and event.kind in ("button_reply", "list_reply"):
            for said in (event.content.get("id"), event.content.get("title")):
                found += self._buttons.get(_folded(str(said or "")) or str(said or ""), ())
        chosen = {rule.id: rule for rule in found if self._is_of_kind(rule, event)}
        return [chosen[id_] for id_ in sorted(chosen)]

    @staticmethod
    def _is_of_kind(rule: Rule, event: MessageReceived) -> bool:
        """Whether it is of the kinds, and of the advertisements, that a rule is for."""
        trigger = rule.document.trigger
        if not isinstance(trigger, OnMessage):
            return True
        if trigger.kinds and event.kind not in trigger.kinds:
            return False
        if not trigger.from_ad and not trigger.ad_ids:
            return True
        return event.referral is not None and (
            not trigger.ad_ids or str(event.referral.get("source_id") or "") in trigger.ad_ids
        )


def _turn(rule: Rule) -> tuple[int, int]:
    return rule.document.limits.priority, rule.id


def _folded(text: str) -> str:
    return " ".join(plain_words(text))


def _runs_together(text: str) -> bool:
    """Whether it is of a script that writes words without blanks between: Chinese, Japanese, Thai, Lao, Khmer, Burmese."""
    return any(
        "\u0e00" <= char <= "\u0eff"
        or "\u1000" <= char <= "\u109f"
        or "\u1780" <= char <= "\u17ff"
        or "\u3040" <= char <= "\u30ff"
        or "\u3400" <= char <= "\u9fff"
        for char in text
    )
