"""Clients that the usual generators make of the five documents: they compile, drop nothing, and work."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from jackfield.dialects import DIALECTS
from jackfield.testing.server import JackfieldServer, running_server, until
from tools import web

NAMES = [one.name for one in DIALECTS]
PREFIXES = {one.name: one.prefixes[-1] for one in DIALECTS}
HERE = Path(__file__).parent
NUMBER = "6281234500002"
TEMPLATE = {"fb_template": "summer_time", "language": "en", "params": ["Hi", "Sunday", "20%"]}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JackfieldServer]:
    """One server for all clients, which has read its templates."""
    with running_server(tmp_path_factory.mktemp("server")) as running:
        until(lambda: running.api("GET", "/templates").data, what="templates are read")
        yield running


@pytest.fixture(scope="module")
def folder(server: JackfieldServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the documents as the server gives them, beside which node finds the dashboard's packages."""
    made = tmp_path_factory.mktemp("generated")
    for name in NAMES:
        document = server.request("GET", f"{PREFIXES[name]}/openapi.json")
        (made / f"{name}.json").write_bytes(document.body)
    web.install()
    (made / "node_modules").symlink_to(web.SOURCE / "node_modules")
    return made


def run(*command: str | Path, cwd: Path) -> str:
    """What a program prints. Raises AssertionError with its words when it fails."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout


def node(*command: str | Path, cwd: Path) -> str:
    """What a program of node prints."""
    return run(web.node_home() / "bin" / "node", *command, cwd=cwd)


def operations(folder: Path, name: str, *parts: str) -> set[str]:
    """The ids of the operations in these parts of a document: `paths`, `webhooks`."""
    document = json.loads((folder / f"{name}.json").read_bytes())
    return {
        one["operationId"] for part in parts for methods in document.get(part, {}).values() for one in methods.values()
    }


def snake(name: str) -> str:
    """`sendText` as `send_text`."""
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower()


# -- Redocly's linter --------------------------------------------------------------------------------------


def test_redocly_finds_no_error(folder: Path) -> None:
    (folder / "lint.mjs").write_bytes((HERE / "lint.mjs").read_bytes())
    assert node("lint.mjs", *(f"{name}.json" for name in NAMES), cwd=folder) == ""
    broken = json.loads((folder / "chitchatlabs.json").read_bytes())
    next(iter(broken["paths"].values()))["post"]["security"] = [{"Nobody": []}]
    (folder / "broken.json").write_text(json.dumps(broken), encoding="utf-8")
    assert "security-defined" in node("lint.mjs", "broken.json", cwd=folder)


# -- TypeScript --------------------------------------------------------------------------------------------


def test_typescript_compiles_and_works(folder: Path, server: JackfieldServer) -> None:
    modules = folder / "node_modules"
    (folder / "types.mjs").write_bytes((HERE / "types.mjs").read_bytes())
    node("types.mjs", *NAMES, cwd=folder)
    for name in NAMES:
        listed = (folder / f"{name}.ts").read_text(encoding="utf-8").partition("export interface operations {")[2]
        assert set(re.findall(r"^    (\w+): \{$", listed, re.MULTILINE)) == operations(
            folder, name, "paths", "webhooks"
        )
    (folder / "scenario.ts").write_bytes((HERE / "scenario.ts").read_bytes())
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    options = ["--strict", "--noEmit", "--target", "es2022", "--module", "nodenext", "--types", "node"]
    node(
        modules / "typescript" / "bin" / "tsc", *options, "--allowImportingTsExtensions", "--erasableSyntaxOnly",
        "scenario.ts", cwd=folder,
    )  # fmt: skip
    said = node("scenario.ts", server.url, server.key, server.email, server.password, cwd=folder)
    assert said.endswith("done\n")


# -- openapi-python-client ---------------------------------------------------------------------------------


class Generated:
    """A client that openapi-python-client made, which is called by operation. `answers` are the answers' bodies so far."""

    def __init__(self, package: str, folder: Path, base: str, headers: Mapping[str, str]) -> None:
        self._package = package
        self._places = {
            file.stem: f"{package}.api.{file.parent.name}.{file.stem}"
            for file in sorted((folder / package / "api").glob("*/*.py"))
            if file.stem != "__init__"
        }
        module = importlib.import_module(package)
        self.client = module.Client(base_url=base, headers=dict(headers), raise_on_unexpected_status=True)
        self.answers: dict[str, bytes] = {}

    @property
    def operations(self) -> set[str]:
        """The names of its operations."""
        return set(self._places)

    def __call__(self, operation: str, body: Any = None, *path: str, **query: Any) -> Any:
        """What the client makes of the answer."""
        module = importlib.import_module(self._places[operation])
        if body is not None:
            hint = get_type_hints(module.sync_detailed, vars(module))["body"]
            kinds = [one for one in (get_args(hint) or (hint,)) if inspect.isclass(one) and hasattr(one, "from_dict")]
            query["body"] = next(one for one in kinds if one.__name__.endswith("Body")).from_dict(body)
        answer = module.sync_detailed(*path, client=self.client, **query)
        if answer.status_code == 200 or answer.status_code == 201:
            self.answers[operation] = answer.content
        return answer.parsed


@pytest.fixture(scope="module")
def clients(folder: Path, server: JackfieldServer) -> Iterator[dict[str, Generated]]:
    """A generated client of every dialect."""
    from openapi_python_client import generate
    from openapi_python_client.config import Config, ConfigFile, MetaType

    options = ConfigFile(post_hooks=[], content_type_overrides={"image/png": "application/octet-stream"})
    for name in NAMES:
        made = folder / f"made_{name}"
        config = Config.from_sources(options, MetaType.NONE, folder / f"{name}.json", "utf-8", False, made)
        # A call or a schema that it cannot express is a warning here.
        assert [f"{one.header} {one.detail}" for one in generate(config=config)] == []
    sys.path.insert(0, str(folder))
    login = server.request(
        "POST", "/chatly/auth/api/login", json={"email": server.email, "password": server.password},
        headers={"apikey": server.key},
    ).json["data"]["token"]  # fmt: skip
    headers = {
        "native": {"X-API-Key": server.key},
        "chatly": {"apikey": server.key, "Authorization": f"Bearer {login}"},
        "chattu": {"x-api-key": server.key},
        "pabbly": {"Authorization": f"Bearer {server.key}"},
        "chitchatlabs": {"x-tenant-api-key": server.key},
    }
    yield {name: Generated(f"made_{name}", folder, server.url + PREFIXES[name], headers[name]) for name in NAMES}
    sys.path.remove(str(folder))


def test_python_clients_compile_and_drop_nothing(clients: dict[str, Generated], folder: Path) -> None:
    for name, client in clients.items():
        assert client.operations == {snake(one) for one in operations(folder, name, "paths")}
        run(sys.executable, "-m", "compileall", "-q", f"made_{name}", cwd=folder)


def test_python_clients_and_models_take_the_real_answers(clients: dict[str, Generated], folder: Path) -> None:
    """A short use of every dialect by openapi-python-client's clients; then the answers that they got, by the models of
    datamodel-code-generator, which have no field but the documented ones."""
    native = clients["native"]
    contact = native("create_contact", {"name": "Asha", "phone": NUMBER}).data.id
    sent = native("send_text", {"to": NUMBER, "text": "Hello"}, wait=10.0).data
    assert native("get_message", None, sent.id).data.text == "Hello"
    assert native("get_message", None, "none").error.code == "MESSAGE_NOT_FOUND"

    chatly = clients["chatly"]
    assert chatly("get_profile").data.client.company_name
    assert chatly("send_message", {"receiver_id": int(contact), "message": "Hi"}).data.message == "Hi"
    assert chatly("list_chat_rooms", per_page=5).data.chat_rooms
    assert "name" in chatly("create_tag", {"name": ""}).data

    chattu = clients["chattu"]
    phone = chattu("list_clients")[0].client_id
    shalom = {"clientId": phone, "number": NUMBER, "message": "Shalom"}
    assert chattu("send_message", shalom).client_id == phone
    assert "Shalom" in [one.message for one in chattu("list_sent_messages")]
    assert chattu("send_message", {**shalom, "clientId": "nobody"}).code == "CLIENT_NOT_FOUND"

    pabbly = clients["pabbly"]
    assert pabbly("send_message", {"to": NUMBER, "type": "text", "message": "Namaste"}).data.to == NUMBER
    assert "Namaste" in [one.message for one in pabbly("list_messages", to=NUMBER).data.messages]
    assert pabbly("get_contact", None, "none").success is False

    labs = clients["chitchatlabs"]
    single = labs("send_single", {"to": {"mobile": NUMBER, "name": "Asha"}, **TEMPLATE}).data
    assert labs("get_single", None, single.id).data.fb_template == "summer_time"
    assert labs("get_single", None, "none").error.code == "MESSAGE_NOT_FOUND"

    from datamodel_code_generator import DataModelType, Formatter, InputFileType
    from datamodel_code_generator import generate as generate_models

    for name, client in clients.items():
        generate_models(
            folder / f"{name}.json",
            input_file_type=InputFileType.OpenAPI,
            output_model_type=DataModelType.PydanticV2BaseModel,
            output=folder / f"models_{name}.py",
            formatters=[Formatter.BUILTIN],
            extra_fields="forbid",
        )
        models = importlib.import_module(f"models_{name}")
        document = json.loads((folder / f"{name}.json").read_bytes())
        assert set(document["components"]["schemas"]) <= set(vars(models))
        assert client.answers
        for methods in document["paths"].values():
            for one in methods.values():
                answer = client.answers.get(snake(one["operationId"]))
                if answer is not None:
                    content = next(found for status, found in one["responses"].items() if status.startswith("2"))
                    schema = content["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                    assert getattr(models, schema).model_validate_json(answer)
