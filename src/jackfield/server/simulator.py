"""The controls of the simulated network, served where the operator asks for them."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from jackfield.core import Core
from jackfield.engines.simulator.config import SimulatorConfig
from jackfield.engines.simulator.control import control, target_for

from .envelope import error_response


def simulator_route(core: Core) -> Route:
    """`/simulator/{profile}/{action}`: make the people of a simulator channel do something."""

    async def endpoint(request: Request) -> Response:
        channel = await core.channels.find(request.path_params["profile"])
        if channel is None or channel.engine != "simulator":
            return error_response(404, "PROFILE_NOT_FOUND", "There is no simulator profile with this id.")
        parameters: dict[str, Any] = dict(request.query_params)
        if await request.body():
            try:
                body = await request.json()
            except ValueError:
                body = None
            if not isinstance(body, dict):
                return error_response(400, "INVALID_JSON", "The body must be a JSON object.")
            parameters |= body
        config = core.channels.config_of(channel)
        assert isinstance(config, SimulatorConfig)
        status, answer = await control(
            target_for(channel.id, config),
            request.path_params["action"],
            parameters,
            egress_allow=core.options.egress_allow,
        )
        return JSONResponse(answer, status)

    return Route("/simulator/{profile}/{action}", endpoint, methods=["GET", "POST"])
