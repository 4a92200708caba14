"""Ready-to-paste requests, one for each dialect: what a newcomer tries first. A test runs each as it is printed."""

from __future__ import annotations

import json
from shlex import quote
from typing import Any

from jackfield.dialects import DIALECTS

JSON_BODY = "Content-Type: application/json"


def curl_lines(base: str, key: str, email: str, password: str) -> list[tuple[str, str]]:
    """Title and command for each dialect that is there. `base` is the origin, such as http://127.0.0.1:3001."""
    known = {
        "native": ("Native API", native(base, key)),
        "pabbly": ("Pabbly Chatflow", pabbly(base, key)),
        "chitchatlabs": ("ChitChatLabs", chitchatlabs(base, key)),
        "chattu": ("Chattu", chattu(base, key)),
        "chatly": ("Chatly", chatly(base, key, email, password)),
    }
    return [known[dialect.name] for dialect in DIALECTS if dialect.name in known]


def native(base: str, key: str) -> str:
    """Send a text."""
    body = {"to": "628123456789", "text": "Hello from Jackfield"}
    return _post(f"{base}/api/messages/text", [f"X-API-Key: {key}"], body)


def pabbly(base: str, key: str) -> str:
    """Send a template with parameters."""
    body = {
        "to": 15551486942,
        "type": "template",
        "templateName": "summer_time",
        "headerParams": ["Hi John"],
        "bodyParams": ["Summer", "25%"],
    }
    return _post(f"{base}/pabbly/api/v1/messages", [f"Authorization: Bearer {key}"], body)


def chitchatlabs(base: str, key: str) -> str:
    """Send a template with a picture."""
    body = {
        "to": {"mobile": "919739978284", "name": "Partha"},
        "fb_template": "habit_run_confirmation_message",
        "language": "en",
        "file": {"type": "image", "link": "https://example.com/test.png"},
        "params": ["Partha", "Habit Run November Edition", "24th Nov"],
        "tag": "test_tag",
    }
    return _post(f"{base}/chitchatlabs/chat-service/apis/message/single", [f"x-tenant-api-key: {key}"], body)


def chattu(base: str, key: str) -> str:
    """List the connected phones."""
    return f"curl {quote(base + '/chattu/api/clients')} -H {quote('x-api-key: ' + key)}"


def chatly(base: str, key: str, email: str, password: str) -> str:
    """Log in; the token of the answer goes into the other requests."""
    fields = " ".join("-F " + quote(field) for field in (f"email={email}", f"password={password}"))
    return f"curl -X POST {quote(base + '/chatly/auth/api/login')} -H {quote('apikey: ' + key)} {fields}"


def _post(url: str, headers: list[str], body: Any) -> str:
    given = " ".join("-H " + quote(header) for header in (*headers, JSON_BODY))
    return f"curl -X POST {quote(url)} {given} -d {quote(json.dumps(body))}"
