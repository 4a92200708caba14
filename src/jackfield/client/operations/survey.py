"""Survey: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource

from .answers_7 import Survey, SurveyRating
from .inputs_5 import SurveyBody


class ListSurveyAnswersQuery(Paging):
    """What list_survey_answers may be told."""

    commented: NotRequired[bool]
    profileId: NotRequired[str | None]


class SurveyCalls(Resource):
    """Survey: all calls."""

    def get_survey(self) -> Call[Survey]:
        """What people are asked after a chat is done. It is off until it is switched on."""
        return self._call(Survey, "GET", "/survey")

    def set_survey(self, **given: Unpack[SurveyBody]) -> Call[Survey]:
        """Asked is within the 24-hour window, once for each chat that is done, whoever was answered by a person
        and has not refused marketing."""
        return self._call(Survey, "PUT", "/survey", given)

    def list_survey_answers(self, **given: Unpack[ListSurveyAnswersQuery]) -> Pages[SurveyRating]:
        """Ratings, newest first."""
        return self._pages(SurveyRating, "/survey/answers", given)
