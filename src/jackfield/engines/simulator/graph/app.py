"""Meta's Graph API on the simulated network, as a bare ASGI application.

Any version prefix ("/v23.0") or none. Ids that nobody has set up are made on first use, with any token; see
`numbers.Registry`. Answers, errors and webhooks are Meta's in shape and code.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import msgspec

from ..world import World
from . import control, deliver, messages, nodes
from .deliver import Deliveries
from .errors import GraphProblem, bad_token, required, unknown_object
from .messages import Lost
from .numbers import PORTFOLIO, Number, Registry, pick
from .request import Receive, Request, Scope, Send, answer, cut
from .uploads import APP_ID, Uploads

_encode = msgspec.json.Encoder().encode
_PHONE_FIELDS = {
    "display_phone_number",
    "verified_name",
    "quality_rating",
    "throughput",
    "status",
    "platform_type",
    "code_verification_status",
    "name_status",
    "is_on_biz_app",
    "webhook_configuration",
    "whatsapp_business_manager_messaging_limit",
}
"""Asking an unknown id for one of these says that it is a phone number."""


class GraphApp:
    """The application around one world. `strict`: limits and the 24-hour window are enforced unless switched off."""

    def __init__(self, world: World, *, strict: bool = True) -> None:
        self.registry = Registry(world, strict=strict)
        self.uploads = Uploads()
        self._deliveries: dict[str, Deliveries] = {}
        self._http: aiohttp.ClientSession | None = None
        self._edges: dict[str, Callable[[Request], Awaitable[dict[str, Any]]]] = {
            "media": self._media,
            "message_templates": self._templates,
            "phone_numbers": self._phone_numbers,
            "subscribed_apps": self._subscribed_apps,
            "whatsapp_business_profile": self._profile,
            "whatsapp_commerce_settings": self._commerce,
            "product_catalogs": self._catalogs,
            "owned_product_catalogs": self._catalogs,
            "products": self._products,
            "register": self._register,
            "deregister": self._register,
            "calls": self._calls,
            "uploads": self._uploads,
        }

    async def close(self) -> None:
        """End all deliveries."""
        for deliveries in self._deliveries.values():
            await deliveries.stop()
        if self._http is not None:
            await self._http.close()
            self._http = None

    def _client(self) -> aiohttp.ClientSession:
        if self._http is None or self._http.closed:
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=256), cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._http

    def deliveries(self, phone_number_id: str) -> Deliveries:
        """A number's webhooks."""
        found = self._deliveries.get(phone_number_id)
        if found is None:
            found = self._deliveries[phone_number_id] = Deliveries(self.registry.number(phone_number_id), self._client)
        return found

    # -- ASGI ----------------------------------------------------------------------------------------

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        parts = request.parts
        try:
            await request.read()
            if len(parts) == 2 and request.method == "POST" and parts[1] in ("messages", "marketing_messages"):
                result = await self._send(request)
            elif parts[:2] == ["control", "graph"]:
                status, shown = await self._control(request)
                await answer(send, status, _encode(shown))
                return
            elif parts[:2] == ["whatsapp_business", "attachments"]:
                await self._download(request, send)
                return
            else:
                result = await self._route(request)
        except Lost:
            await cut(receive, send)
            return
        except GraphProblem as problem:
            if problem.code == "offline":
                await answer(send, 503, b"Service Unavailable", b"text/plain")
                return
            await answer(send, problem.status, _encode(problem.body()), retry_after=problem.retry_after)
            return
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            # A body whose parts are of another shape than any check foresaw; Meta says no more than this either.
            await answer(send, 400, _encode(GraphProblem(100, "Invalid parameter").body()))
            return
        await answer(send, 200, _encode(result))

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self.close()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _send(self, request: Request) -> dict[str, Any]:
        number = self._number(request, request.parts[0])
        delay = number.account.answer_delay()
        if delay:
            await asyncio.sleep(delay)
        return messages.post(self.registry, number, request.body)

    def _number(self, request: Request, phone_number_id: str) -> Number:
        if not request.token:
            raise GraphProblem(104, http=401, message="An access token is required to request this resource.")
        number = self.registry.opened(phone_number_id, request.token)
        proof = request.query.get("appsecret_proof")
        if proof is not None:
            number.check_proof(request.token, proof)
        return number

    async def _route(self, request: Request) -> dict[str, Any]:
        parts, method = request.parts, request.method
        if not request.token:
            raise bad_token("An access token is required to request this resource.")
        if method not in ("GET", "POST", "DELETE"):
            raise GraphProblem(100, http=400, message=f"Unsupported {method.lower()} request.")
        if len(parts) == 1:
            return await self._node(request, parts[0])
        edge = self._edges.get(parts[1]) if len(parts) == 2 else None
        if edge is None:
            path = "/".join(parts)
            raise GraphProblem(2500, http=400, message=f"Unknown path components: /{path}")
        return await edge(request)

    # -- nodes ---------------------------------------------------------------------------------------

    async def _node(self, request: Request, node_id: str) -> dict[str, Any]:
        """`/{id}` of whatever has this id."""
        registry, method = self.registry, request.method
        if node_id.startswith("upload:"):
            if method == "POST":
                return self.uploads.put(node_id, request.header(b"file_offset") or "0", request.body)
            return self.uploads.state(node_id)
        if node_id in ("app", APP_ID) and method == "GET":
            app = {"id": APP_ID, "name": "Jackfield", "link": "https://example.com/", "category": "Business"}
            return pick(app, request.query.get("fields"))
        found = registry.media(node_id, request.token)
        if found is not None and method != "POST":
            number, file = found
            number.check_token(request.token)
            if method == "DELETE":
                number.account.media.remove(node_id)
                return {"success": True}
            self._not_blocked(number)
            return nodes.media_node(number, node_id, file, request.origin)
        if node_id not in registry.numbers:
            template = registry.template(node_id, request.token)
            if template is not None:
                account, info = template
                if method == "POST":
                    number = next(n for n in registry.numbers.values() if registry.holder(n) is account)
                    return nodes.edit_template(
                        account, info, request.fields(), registry.quota(number), strict=registry.strict
                    )
                return pick(nodes.template_node(info), request.query.get("fields"))
            for number in registry.visible(request.token):
                for catalog, _ in registry.holder(number).catalogs:
                    if catalog.provider_id == node_id:
                        return pick(nodes.catalog_node(catalog), request.query.get("fields"))
        wanted = set(request.query.get("fields", "").split(","))
        if (
            node_id in registry.numbers
            or wanted & _PHONE_FIELDS
            or (method == "POST" and b"webhook_configuration" in request.body)
        ):
            number = self._number(request, node_id)
            if method == "POST":
                return await self._change_number(number, request.fields())
            if method == "GET":
                return pick(number.node(), request.query.get("fields"))
        if method == "GET" and node_id in registry.accounts:
            first = registry.waba(node_id, request.token)[0]
            return pick(nodes.account_node(first), request.query.get("fields"))
        if method == "GET" and "phone_number_id" in request.query:
            self._failed_fetch(request.token)
        raise unknown_object(node_id, method)

    def _failed_fetch(self, token: str) -> None:
        """Count a file that was not there, or whose link had expired."""
        number = next(self.registry.visible(token), None)
        if number is not None and number.strict:
            number.failed_fetches.count(time.monotonic())

    @staticmethod
    def _not_blocked(number: Number) -> None:
        if number.failed_fetches.blocked(time.monotonic()):
            raise GraphProblem(80007, "Too many requests for media failed; no file can be fetched for 30 minutes.")

    async def _change_number(self, number: Number, fields: dict[str, Any]) -> dict[str, Any]:
        webhook = fields.get("webhook_configuration")
        if isinstance(webhook, dict):
            url, token = str(webhook.get("override_callback_uri") or ""), str(webhook.get("verify_token") or "")
            await control.override(number, url, token, self._verify)
            await self._follow(number)
        return {"success": True}

    # -- edges ---------------------------------------------------------------------------------------

    async def _media(self, request: Request) -> dict[str, Any]:
        number = self._number(request, request.parts[0])
        return nodes.upload(number, *await request.form())

    async def _download(self, request: Request, send: Send) -> None:
        media_id = request.query.get("mid", "")
        found = self.registry.media(media_id, request.token) if request.token else None
        until = request.query.get("ext", "")
        if found is None or not until.isdigit() or int(until) < time.time():
            self._failed_fetch(request.token)
            await answer(send, 401 if not request.token else 404, b"", b"text/plain")
            return
        number, (data, mime, _) = found
        try:
            number.check_token(request.token)
            self._not_blocked(number)
        except GraphProblem as problem:
            await answer(send, problem.status, _encode(problem.body()))
            return
        await answer(send, 200, data, mime.encode())

    def _waba(self, request: Request) -> list[Number]:
        return self.registry.waba(request.parts[0], request.token)

    async def _templates(self, request: Request) -> dict[str, Any]:
        number = self._waba(request)[0]
        account = number.account
        if request.method == "POST":
            quota = self.registry.quota(number)
            return nodes.create_template(account, request.fields(), quota, strict=self.registry.strict)
        if request.method == "DELETE":
            return nodes.delete_template(account, request.query)
        return nodes.list_templates(account, request.query, request.url)

    async def _phone_numbers(self, request: Request) -> dict[str, Any]:
        rows = self._waba(request)
        fields = request.query.get("fields")
        return nodes.page(rows, request.query, lambda number: pick(number.node(), fields), request.url)

    async def _subscribed_apps(self, request: Request) -> dict[str, Any]:
        numbers = self._waba(request)
        if request.method == "GET":
            app = {"whatsapp_business_api_data": {"id": "1", "name": "Jackfield", "link": "https://example.com/"}}
            url = numbers[0].callback_url
            return {"data": [app | ({"override_callback_uri": url} if url else {})]}
        fields = request.fields()
        if request.method == "POST" and fields.get("override_callback_uri"):
            url, token = str(fields["override_callback_uri"]), str(fields.get("verify_token") or "")
            for number in numbers:
                await control.override(number, url, token, self._verify)
                await self._follow(number)
        return {"success": True}

    async def _profile(self, request: Request) -> dict[str, Any]:
        number = self._number(request, request.parts[0])
        if request.method == "POST":
            return nodes.update_profile(number, request.fields(), self.uploads.mime)
        return nodes.profile(number, request.query.get("fields"))

    async def _commerce(self, request: Request) -> dict[str, Any]:
        number = self._number(request, request.parts[0])
        if request.method == "POST":
            number.catalog_visible = str(request.fields().get("is_catalog_visible", "true")).lower() == "true"
            return {"success": True}
        return nodes.commerce(self.registry.holder(number), number)

    async def _catalogs(self, request: Request) -> dict[str, Any]:
        if request.parts[0] == PORTFOLIO:
            number = next(self.registry.visible(request.token), None)
            if number is None:
                raise unknown_object(PORTFOLIO)
            account = self.registry.holder(number)
        else:
            account = self._waba(request)[0].account
        fields = request.query.get("fields") or "id,name"
        rows = [info for info, _ in account.catalogs]
        return nodes.page(rows, request.query, lambda row: pick(nodes.catalog_node(row), fields), request.url)

    async def _products(self, request: Request) -> dict[str, Any]:
        for number in self.registry.visible(request.token):
            account = self.registry.holder(number)
            if any(info.provider_id == request.parts[0] for info, _ in account.catalogs):
                return nodes.list_products(account, request.parts[0], request.query, request.url)
        raise unknown_object(request.parts[0])

    async def _uploads(self, request: Request) -> dict[str, Any]:
        # The app is whichever the caller says is its own: nothing else here belongs to one.
        if not (request.parts[0] == "app" or request.parts[0].isdigit()) or request.method != "POST":
            raise unknown_object(request.parts[0], request.method)
        return self.uploads.begin(request.fields())

    async def _register(self, request: Request) -> dict[str, Any]:
        number = self._number(request, request.parts[0])
        if request.parts[1] == "register":
            pin = str(request.fields().get("pin", ""))
            if not re.fullmatch(r"\d{6}", pin):
                raise required("pin")
        number.registered = request.parts[1] == "register"
        return {"success": True}

    async def _calls(self, request: Request) -> dict[str, Any]:
        number = self._number(request, request.parts[0])
        fields = request.fields()
        call_id, action = str(fields.get("call_id", "")), fields.get("action")
        if action not in ("reject", "terminate"):
            raise GraphProblem(100, "Param action must be one of {REJECT, TERMINATE}: this network carries no voice.")
        if not number.account.reject_call(call_id.removeprefix("wacid.")):
            raise GraphProblem(100, message="(#100) There is no such call.", http=400)
        return {"messaging_product": "whatsapp", "success": True}

    # -- control -------------------------------------------------------------------------------------

    async def _control(self, request: Request) -> tuple[int, dict[str, Any]]:
        parts = request.parts
        try:
            fields = request.fields()
            if len(parts) == 2:
                return 200, {"success": True, "data": [n.settings() for n in self.registry.numbers.values()]}
            if len(parts) == 3 and request.method == "GET":
                return 200, {"success": True, "data": self._number_answer(self.registry.number(parts[2]))}
            if len(parts) == 3:
                number = await control.configure(self.registry, parts[2], fields, self._verify)
                deliveries = self.deliveries(number.id)
                if "batch" in fields:
                    deliveries.batch = max(1, int(fields["batch"]))
                await self._follow(number)
                return 200, {"success": True, "data": self._number_answer(number)}
            if len(parts) == 4 and parts[3] == "webhook" and isinstance(fields.get("value"), dict):
                change = {"field": str(fields.get("field") or "messages"), "value": fields["value"]}
                await self.deliveries(parts[2]).put(change)
                return 200, {"success": True}
            return 404, {"success": False, "error": {"code": "NOT_FOUND", "message": "There is no such control."}}
        except (ValueError, TypeError) as problem:
            return 400, {"success": False, "error": {"code": "VALIDATION_ERROR", "message": str(problem)}}
        except GraphProblem as problem:
            words = problem.message or problem.details or problem.code
            return 400, {"success": False, "error": {"code": "REFUSED", "message": words}, "graph": problem.body()}

    def _number_answer(self, number: Number) -> dict[str, Any]:
        deliveries = self.deliveries(number.id)
        counts = {"delivered": deliveries.delivered, "failed": deliveries.failed, "waiting": deliveries.waiting}
        return {**number.settings(), "batch": deliveries.batch, "webhooks": counts}

    async def _verify(self, url: str, token: str) -> None:
        await deliver.verify(self._client(), url, token)

    async def _follow(self, number: Number) -> None:
        """Deliver while there is a callback."""
        deliveries = self.deliveries(number.id)
        if number.callback_url is not None:
            await deliveries.start()
        elif deliveries.running:
            await deliveries.stop()


def build(world: World, *, strict: bool = True) -> GraphApp:
    """Meta's Graph API for this world. `strict` false: no limits and no 24-hour window unless set by control."""
    return GraphApp(world, strict=strict)
