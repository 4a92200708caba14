"""AI: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict, Unpack

from jackfield.client._call import Call
from jackfield.client._resource import Resource

from .answers_1 import AiSettings, AiTest, AiUsage
from .inputs_1 import AiSettingsBody

_GetAiUsageQuery = TypedDict("_GetAiUsageQuery", {"from": "NotRequired[str | None]"})


class GetAiUsageQuery(_GetAiUsageQuery):
    """What get_ai_usage may be told."""

    to: NotRequired[str | None]


class AiCalls(Resource):
    """AI: all calls."""

    def get_ai_settings(self) -> Call[AiSettings]:
        """Which endpoint AI steps ask; none until one is set."""
        return self._call(AiSettings, "GET", "/ai/settings")

    def set_ai_settings(self, **given: Unpack[AiSettingsBody]) -> Call[AiSettings]:
        """Any OpenAI-compatible endpoint. Addresses of private networks are refused unless the operator allows
        them (`JACKFIELD_EGRESS_ALLOW`)."""
        return self._call(AiSettings, "PUT", "/ai/settings", given)

    def remove_ai_settings(self) -> Call[AiSettings]:
        """Forget the endpoint and its key; AI steps hand over then."""
        return self._call(AiSettings, "DELETE", "/ai/settings")

    def test_ai(self) -> Call[AiTest]:
        """Ask the endpoint for a word, now, and say what failed. Nothing of any chat is sent. It costs some
        tokens, which the figures do not count."""
        return self._call(AiTest, "POST", "/ai/test")

    def get_ai_usage(self, **given: Unpack[GetAiUsageQuery]) -> Call[AiUsage]:
        """Calls, answers, tokens and cost by day and automation, oldest first; at most 366 days."""
        return self._call(AiUsage, "GET", "/ai/usage", **given)
