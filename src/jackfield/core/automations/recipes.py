"""Ready-made automations to begin with. Each is a whole document; texts, words and addresses are there to be changed."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from .document import Document
from .parse import parse

_EVENING: Final = {"start": "20:00", "end": "09:00", "zone": "UTC"}


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """One: `key` names it, `title` and `about` tell people what it is for."""

    key: str
    title: str
    about: str
    kind: str
    document: dict[str, Any]

    def parsed(self) -> Document:
        """The document with all that it leaves out, steps' ids included, as an automation made of it has it."""
        return parse(self.document, self.kind)


RECIPES: Final = (
    Recipe(
        key="welcome",
        title="Welcome",
        about="Greets everybody who writes for the first time.",
        kind="rule",
        document={
            "trigger": {"type": "message", "first": "ever"},
            "steps": [{"type": "send", "text": "Hello {first_name}, thank you for writing. How can we help?"}],
        },
    ),
    Recipe(
        key="away",
        title="Away",
        about="Says outside your working hours when you will be back; once in each chat until you open.",
        kind="rule",
        document={
            "trigger": {"type": "message"},
            "conditions": [{"type": "working_hours", "negate": True}],
            "steps": [{"type": "send", "text": "We are closed now and will be back on {opens_date} at {opens_time}."}],
            "limits": {"onceWhileClosed": True},
        },
    ),
    Recipe(
        key="menu",
        title="Menu",
        about="Offers choices, answers one of them and hands the chat over for the other.",
        kind="rule",
        document={
            "trigger": {"type": "message", "match": "exact", "words": ["menu", "help"]},
            "steps": [
                {
                    "type": "ask",
                    "id": "menu",
                    "text": "What can we do for you, {first_name}?",
                    "buttons": [{"title": "Opening hours"}, {"title": "Talk to us"}],
                    "check": "choice",
                    "again": "Please choose one of the two.",
                },
                {
                    "type": "branch",
                    "cases": [{"conditions": [{"type": "variable", "values": ["Talk to us"]}], "next": "person"}],
                },
                {"type": "send", "text": "We are open from 9 to 17, Monday to Friday.", "next": "end"},
                {"type": "send", "id": "person", "text": "Somebody will write to you in a moment."},
                {"type": "hand_over", "seconds": 86_400},
            ],
        },
    ),
    Recipe(
        key="ai_answers",
        title="Answer from my pages",
        about="An AI of your own answers from your pages and files; a person takes over where it is unsure or asked for.",
        kind="rule",
        document={
            "trigger": {"type": "message"},
            "steps": [
                {
                    "type": "ai",
                    "instructions": "You answer for a shop. Be short and friendly.",
                    "otherwise": "person",
                    "next": "end",
                },
                {"type": "send", "id": "person", "text": "Somebody of us will write to you in a moment."},
                {"type": "hand_over", "seconds": 86_400},
            ],
        },
    ),
    Recipe(
        key="order_status",
        title="Order status",
        about="Asks for the number of an order and looks it up in your shop.",
        kind="rule",
        document={
            "trigger": {"type": "message", "match": "contains", "words": ["where is my order", "order status"]},
            "steps": [
                {"type": "ask", "text": "What is the number of your order?", "check": "number", "variable": "order"},
                {
                    "type": "webhook",
                    "url": "https://shop.example.com/order-status",
                    "body": {"order": "{order}"},
                    "variables": {"status": "status"},
                    "otherwise": "person",
                },
                {"type": "send", "text": "Order {order}: {status}.", "next": "end"},
                {"type": "send", "id": "person", "text": "I cannot find it; somebody will look for it."},
                {"type": "hand_over"},
            ],
        },
    ),
    Recipe(
        key="abandoned_cart",
        title="Abandoned cart",
        about="Your shop calls its address when somebody leaves a cart; they are reminded twice unless they write or buy.",
        kind="sequence",
        document={
            "trigger": {
                "type": "webhook",
                "phone": "customer.phone",
                "name": "customer.name",
                "variables": {"item": "items.0.title", "link": "url"},
            },
            "steps": [
                {"type": "wait", "seconds": 3600},
                {"type": "send", "text": "Hello {first_name}, your {item} is still waiting: {link}"},
                {"type": "wait", "seconds": 86_400},
                {"type": "send", "text": "We keep your {item} until tomorrow: {link}"},
            ],
            "goal": {"replied": True, "tags": ["ordered"]},
            "limits": {"againAfterHours": 168, "quietHours": _EVENING},
        },
    ),
    Recipe(
        key="appointment",
        title="Appointment reminder",
        about="Your calendar calls its address a day before; the person confirms or gets a call.",
        kind="rule",
        document={
            "trigger": {"type": "webhook", "phone": "phone", "name": "name", "variables": {"time": "time"}},
            "steps": [
                {
                    "type": "ask",
                    "text": "We expect you tomorrow at {time}. Will you come?",
                    "buttons": [{"title": "Yes"}, {"title": "No"}],
                    "check": "choice",
                    "timeoutSeconds": 43_200,
                },
                {
                    "type": "branch",
                    "cases": [{"conditions": [{"type": "variable", "values": ["no"]}], "next": "call"}],
                },
                {"type": "tag", "add": ["confirmed"], "next": "end"},
                {"type": "ticket", "id": "call", "subject": "Another appointment for {name}"},
            ],
        },
    ),
    Recipe(
        key="review",
        title="Review",
        about="Asks two days after an order how it was; a bad answer opens a ticket.",
        kind="sequence",
        document={
            "trigger": {"type": "tag", "tag": "ordered"},
            "steps": [
                {"type": "wait", "seconds": 172_800},
                {
                    "type": "ask",
                    "text": "How do you like it, from 1 to 5?",
                    "check": "number",
                    "attribute": "rating",
                    "tries": 1,
                },
                {
                    "type": "branch",
                    "cases": [{"conditions": [{"type": "variable", "op": "less", "values": ["4"]}], "next": "sorry"}],
                },
                {"type": "send", "text": "Thank you! Would you tell others? https://example.com/review", "next": "end"},
                {"type": "send", "id": "sorry", "text": "We are sorry. Somebody will write to you."},
                {"type": "ticket", "subject": "{name} rated us {answer}", "priority": "high"},
            ],
            "limits": {"againAfterHours": 720, "quietHours": _EVENING},
            "goal": {"replied": False},
        },
    ),
    Recipe(
        key="win_back",
        title="Win-back",
        about="Writes to people whom you tag as quiet, and stops when they answer.",
        kind="sequence",
        document={
            "trigger": {"type": "tag", "tag": "quiet"},
            "conditions": [{"type": "consent", "consent": "allowed"}],
            "steps": [
                {"type": "send", "text": "We have not heard from you for a while, {first_name}. Here is 10 %: BACK10"},
                {"type": "wait", "seconds": 604_800, "until": {"start": "10:00", "end": "18:00", "zone": "UTC"}},
                {"type": "send", "text": "BACK10 is valid until tomorrow."},
                {"type": "tag", "add": ["lost"], "remove": ["quiet"]},
            ],
            "goal": {"replied": True},
            "limits": {"againAfterHours": 2160, "quietHours": _EVENING},
        },
    ),
)
