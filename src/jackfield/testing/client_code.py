"""The Python client's calls, written from the OpenAPI document: one method for each operation, with its types.

Tests hold the files in `jackfield/client/operations` and the document together, as they do with the pages of docs/.
"""

from __future__ import annotations

import keyword
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from jackfield.client._http import REPEATABLE
from jackfield.client._names import ELSEWHERE, GROUPS, method_of

MOST_LINES: Final = 430
"""Of types in one file."""
PAGING: Final = ("limit", "cursor", "page", "offset", "total")
HEAD: Final = """\"\"\"{title}

Written from the OpenAPI document by `make docs`; do not change it here.
\"\"\"

from __future__ import annotations

"""
SHADOWS: Final = frozenset({"list", "dict"})
"""Names of fields that would hide a type of those beside them."""
RENAMED: Final = {"Call": "PhoneCall"}
"""Schemas whose names mean something else in the client."""
Schema = Mapping[str, Any]


def client_files(document: Schema, folder: Path) -> dict[Path, str]:
    """Every file of the generated part of the client, as it should be."""
    found = _Writer(document).files()
    return {folder / name: text for name, text in _formatted(found).items()}


def _formatted(files: Mapping[str, str]) -> dict[str, str]:
    """The files as ruff formats them."""
    with TemporaryDirectory() as given:
        folder = Path(given)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        options = ["--quiet", "--line-length", "120", "--isolated", "--target-version", "py311"]
        for command in (["check", "--select", "I,F401", "--fix-only", *options], ["format", *options]):
            subprocess.run(  # noqa: S603 - our own words
                [sys.executable, "-m", "ruff", *command, str(folder)], check=True, capture_output=True
            )
        return {name: (folder / name).read_text(encoding="utf-8") for name in files}


def snake(name: str) -> str:
    """`profileId` as `profile_id`; a word of Python gets a line behind it."""
    found = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
    return f"{found}_" if keyword.iskeyword(found) or found in SHADOWS else found


def camel(name: str) -> str:
    """`profile_id` as `profileId`."""
    first, *rest = name.split("_")
    return first + "".join(one.capitalize() for one in rest)


def told(text: str, indent: int) -> str:
    """A description as a docstring."""
    text = re.sub(r"\s+", " ", text).strip().replace("\\", "\\\\").replace('"""', "'''") or "."
    lines = textwrap.wrap(text + ('"""' if not text.endswith('"') else ' """'), 110 - indent) or ['"""']
    return textwrap.indent('"""' + "\n".join(lines), " " * indent)


class _Writer:
    def __init__(self, document: Schema) -> None:
        self._schemas: Mapping[str, Schema] = document["components"]["schemas"]
        self._operations = [
            (method.upper(), path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if operation["operationId"] not in ELSEWHERE
        ]

    def files(self) -> dict[str, str]:
        """Name to text."""
        answers = self._parts("answers", self._ordered(self._answered()), self._struct)
        inputs = self._parts("inputs", self._ordered(self._given()), self._typed_dict)
        files = {**answers, **inputs}
        by_tag: dict[str, list[tuple[str, str, Schema]]] = {}
        for one in self._operations:
            by_tag.setdefault(one[2]["tags"][0], []).append(one)
        for tag, operations in sorted(by_tag.items()):
            files[f"{GROUPS[tag]}.py"] = self._group(tag, operations, files)
        files["__init__.py"] = '"""One method for each operation of the native API; see `testing.client_code`."""\n'
        files["everything.py"] = self._groups(by_tag)
        return files

    # -- types -----------------------------------------------------------------------------------

    def _type(self, schema: Schema, *, answer: bool) -> str:
        """A schema as a type; in answers a choice of several objects is not told apart."""
        if "$ref" in schema:
            name = str(schema["$ref"]).rpartition("/")[2]
            return RENAMED.get(name, name)
        if "anyOf" in schema:
            parts = list(dict.fromkeys(self._type(one, answer=answer) for one in schema["anyOf"]))
            several = len([one for one in parts if one != "None"]) > 1 and any(
                "$ref" in str(one) for one in schema["anyOf"]
            )
            if "Any" in parts or (answer and several):
                return "Any"
            return " | ".join(parts)
        if "enum" in schema and not answer and all(isinstance(one, str) for one in schema["enum"]):
            return f"Literal[{', '.join(repr(one) for one in schema['enum'])}]"
        kind = schema.get("type")
        if kind == "array":
            return f"list[{self._type(schema.get('items', {}), answer=answer)}]"
        if kind == "object":
            of = schema.get("additionalProperties")
            return f"dict[str, {self._type(of, answer=answer) if isinstance(of, dict) and of else 'Any'}]"
        names = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
        return names.get(str(kind), "Any")

    def _struct(self, name: str) -> str:
        schema, name = self._schemas[name], RENAMED.get(name, name)
        if not schema.get("properties"):
            return f"{name} = dict[str, Any]\n"
        lines = [f"class {name}(Answer):", told(schema.get("description", name), 4), ""]
        required = schema.get("required", ())
        # Those that are always there come first, as Python wants them.
        for wire, part in sorted(schema["properties"].items(), key=lambda one: one[0] not in required):
            field, kind = snake(wire), self._type(part, answer=True)
            options = [] if wire in required else ["default=None"]
            if wire not in required and "None" not in kind and kind != "Any":
                kind += " | None"
            if camel(field) != wire:
                options.append(f"name={wire!r}")
            default = f" = msgspec.field({', '.join(options)})" if options else ""
            lines.append(f"    {field}: {kind}{' = None' if options == ['default=None'] else default}")
        return "\n".join(lines) + "\n"

    def _typed_dict(self, name: str) -> str:
        schema = self._schemas[name]
        if "oneOf" in schema:
            return f"{name} = {' | '.join(dict.fromkeys(self._type(one, answer=False) for one in schema['oneOf']))}\n"
        return self._dictionary(name, schema, schema.get("required", ()), ())

    def _dictionary(self, name: str, schema: Schema, required: Iterable[str], bases: Iterable[str]) -> str:
        fields = {wire: self._type(part, answer=False) for wire, part in schema.get("properties", {}).items()}
        if not fields and not list(bases):
            return f"{name} = dict[str, Any]\n"
        needed = set(required)
        marked = {wire: kind if wire in needed else f"NotRequired[{kind}]" for wire, kind in fields.items()}
        odd = {
            wire: kind
            for wire, kind in marked.items()
            if keyword.iskeyword(wire) or wire in SHADOWS or not wire.isidentifier()
        }
        parents = list(bases)
        text = ""
        if odd:
            inside = ", ".join(f'"{wire}": {kind!r}' for wire, kind in odd.items())
            text = f'_{name} = TypedDict("_{name}", {{{inside}}})\n'
            parents.append(f"_{name}")
        lines = [f"class {name}({', '.join(parents or ['TypedDict'])}):", told(schema.get("description", name), 4), ""]
        lines += [f"    {wire}: {kind}" for wire, kind in marked.items() if wire not in odd]
        return text + "\n".join(lines) + "\n"

    def _parts(self, title: str, names: list[str], write: Any) -> dict[str, str]:
        """Types in files that are not too long; each may name those before it."""
        files: dict[str, str] = {}
        places: dict[str, str] = {}
        text, lines = "", 0
        number = 1

        def close() -> None:
            nonlocal text, lines, number
            module = f"{title}_{number}"
            here = {one for one, place in places.items() if place == module}
            files[f"{module}.py"] = self._imports(text, places, here, title) + text
            text, lines, number = "", 0, number + 1

        for name in names:
            made = write(name)
            count = made.count("\n") + 3
            if lines + count > MOST_LINES:
                close()
            places[RENAMED.get(name, name)] = f"{title}_{number}"
            text += "\n\n" + made
            lines += count
        close()
        return files

    @staticmethod
    def _imports(text: str, places: Mapping[str, str], here: set[str], title: str) -> str:
        used = set(re.findall(r"\b[A-Z]\w+", text)) - here
        lines = [HEAD.format(title=f"What calls {'answer' if title == 'answers' else 'take'}.")]
        lines.append(
            "from typing import Any, Literal, NotRequired\n\nimport msgspec\nfrom typing_extensions import TypedDict\n"
        )
        lines.append("from jackfield.client._resource import Answer\n")
        lines += [f"from .{places[name]} import {name}\n" for name in sorted(used & set(places))]
        return "".join(lines)

    def _ordered(self, roots: Iterable[str]) -> list[str]:
        """Schemas and all that they name, each after those that it names."""
        found: dict[str, None] = {}
        open_: set[str] = set()

        def visit(name: str) -> None:
            if name in found or name in open_:
                return
            open_.add(name)
            for other in _refs(self._schemas[name]):
                visit(other)
            found[name] = None

        for root in sorted(roots):
            visit(root)
        return list(found)

    def _answered(self) -> set[str]:
        return {name for _, _, one in self._operations for name in _refs(self._data(one)[1] or {})}

    def _given(self) -> set[str]:
        return {name for _, _, one in self._operations if not self._is_form(one) for name in _refs(self._body(one))}

    # -- operations ------------------------------------------------------------------------------

    def _data(self, operation: Schema) -> tuple[bool, Schema | None]:
        """Whether an answer is a list that has pages, and the schema of its data; None for a file."""
        answers = operation["responses"]
        content = (answers.get("200") or answers.get("201") or {}).get("content", {})
        if "application/json" not in content:
            return False, None
        name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
        data: Schema = self._schemas[name]["properties"]["data"]
        paged = name.endswith("Page")
        return paged, data["items"] if paged else data

    @staticmethod
    def _is_form(operation: Schema) -> bool:
        return "multipart/form-data" in operation.get("requestBody", {}).get("content", {})

    @staticmethod
    def _body(operation: Schema) -> Schema:
        content = operation.get("requestBody", {}).get("content", {})
        kinds: list[Schema] = list(content.values())
        return dict(kinds[0]["schema"]) if kinds else {}

    def _fields(self, body: Schema) -> list[str]:
        """The fields that a body has by name."""
        return [field for name in list(_refs(body))[:1] for field in self._schemas[name].get("properties", ())]

    def _group(self, tag: str, operations: list[tuple[str, str, Schema]], files: Mapping[str, str]) -> str:
        types, methods = [], []
        for method, path, operation in operations:
            made, written = self._operation(method, path, operation)
            types += made
            methods.append(written)
        name = class_of(tag)
        text = "\n\n".join(
            [*types, f"class {name}(Resource):\n" + told(f"{tag}: all calls.", 4) + "\n\n" + "\n".join(methods)]
        )
        used = set(re.findall(r"\b[A-Z]\w+", text))
        lines = [HEAD.format(title=f"{tag}: one method for each call.")]
        lines.append("from pathlib import Path\nfrom typing import Any, Literal, NotRequired\n\n")
        lines.append("from typing_extensions import TypedDict, Unpack\n\n")
        lines.append(
            "from jackfield.client._call import Call, Pages\nfrom jackfield.client._resource import Paging, Resource, quoted\n"
        )
        for file, content in files.items():
            if file.startswith(("answers_", "inputs_")):
                # An answer and a body never have one name.
                there = set(re.findall(r"^class (\w+)|^(\w+) = ", content, re.MULTILINE))
                names = sorted({one for pair in there for one in pair if one} & used)
                lines += [f"from .{file[:-3]} import {one}\n" for one in names]
        return "".join(lines) + "\n\n" + text

    def _operation(self, method: str, path: str, operation: Schema) -> tuple[list[str], str]:
        types: list[str] = []
        id_ = operation["operationId"]
        paged, data = self._data(operation)
        answer = "bytes" if data is None else self._type(data, answer=True)
        places = re.findall(r"\{(\w+)\}", path)
        names = [f"{one}_" if one == "id" else snake(one) for one in places]
        query = [one for one in operation.get("parameters", ()) if one["in"] == "query"]
        body = self._body(operation)
        positional = [f"{one}: str" for one in names]
        options, call = [], ""
        if self._is_form(operation):
            positional.append("file: str | Path | bytes")
        if positional:
            positional.append("/")
        fields = set(self._fields(body))
        # What a query and a body both take is given in the body.
        query = [one for one in query if one["name"] not in fields]
        if body:
            options += [f"{one['name']}: {self._type(one['schema'], answer=False)} | None = None" for one in query]
        if (
            method == "POST"
            and "key" not in fields
            and not self._is_form(operation)
            and REPEATABLE.search(re.sub(r"\{\w+\}", "1", path))
        ):
            options.append("key: str | None = None")
        rest = self._rest(id_, operation, query, body, types)
        parameters = ["self", *positional, *(["*", *options] if options and not rest else options), *rest]
        if options and rest:
            parameters = ["self", *positional, "*", *options, *rest]
        place = path
        for wire, name in zip(places, names, strict=True):
            place = place.replace(f"{{{wire}}}", f"{{quoted({name})}}")
        address = f'f"{place}"' if places else f'"{place}"'
        call = self._call(
            method, address, answer, paged=paged, operation=operation, query=query, rest=rest, options=options
        )
        kind = f"Pages[{answer}]" if paged else f"Call[{answer}]"
        head = f"    def {method_of(id_)}({', '.join(parameters)}) -> {kind}:\n"
        return types, head + told(
            operation.get("description") or operation["summary"], 8
        ) + f"\n        return {call}\n"

    def _rest(self, id_: str, operation: Schema, query: list[Schema], body: Schema, types: list[str]) -> list[str]:
        """What is given by name: the fields of the body, else the query."""
        if body:
            name = next(iter(_refs(body)), "")
            schema = self._schemas[name]
            if self._is_form(operation):
                shown = {key: one for key, one in schema["properties"].items() if key != "file"}
                if not shown:
                    return []
                required = [one for one in schema.get("required", ()) if one != "file"]
                types.append(self._dictionary(name, {**schema, "properties": shown}, required, ()))
            elif not schema.get("properties") or schema.get("additionalProperties", False) is not False:
                return ["**given: Any"]
            return [f"**given: Unpack[{name}]"]
        if not query:
            return []
        own = [one for one in query if one["name"] not in PAGING]
        paging = any(one["name"] == "cursor" for one in query)
        if not own:
            return ["**given: Unpack[Paging]"]
        name = id_[0].upper() + id_[1:] + "Query"
        properties = {
            one["name"]: {key: value for key, value in one["schema"].items() if key != "description"} for one in own
        }
        required = [one["name"] for one in own if one.get("required")]
        schema = {"properties": properties, "description": f"What {method_of(id_)} may be told."}
        types.append(self._dictionary(name, schema, required, ["Paging"] if paging else []))
        return [f"**given: Unpack[{name}]"]

    def _call(
        self,
        method: str,
        address: str,
        answer: str,
        *,
        paged: bool,
        operation: Schema,
        query: list[Schema],
        rest: list[str],
        options: list[str],
    ) -> str:
        given = "given" if rest else "{}"
        if paged:
            return f"self._pages({answer}, {address}, {given})"
        if self._is_form(operation):
            asked = ", ".join(f"{one['name']}={one['name']}" for one in query)
            return f"self._upload({answer}, {address}, file, {given}{', ' + asked if asked else ''})"
        parts = [answer, f'"{method}"', address]
        if self._body(operation):
            parts.append(given)
            parts += [f"{one['name']}={one['name']}" for one in query]
        elif rest:
            parts.append("**given")
        if any(one.startswith("key:") for one in options):
            parts.append("key=key")
        return f"self._call({', '.join(parts)})"

    @staticmethod
    def _groups(by_tag: Mapping[str, Any]) -> str:
        lines = [
            HEAD.format(title="The groups of calls that have no methods of their own."),
            "from typing import Any\n\n",
        ]
        own = [tag for tag in sorted(by_tag) if GROUPS[tag] not in BY_HAND]
        lines += [f"from .{GROUPS[tag]} import {class_of(tag)}\n" for tag in own]
        lines.append(
            '\n\nclass Groups:\n    """What a client has for each noun."""\n\n    def __init__(self, client: Any) -> None:\n'
        )
        lines += [f"        self.{GROUPS[tag]} = {class_of(tag)}(client)\n" for tag in own]
        return "".join(lines)


BY_HAND: Final = frozenset(
    {"messages", "bulk", "contacts", "campaigns", "profiles", "webhooks", "keys", "chats", "inbound"}
)
"""Groups that have methods of their own beside the generated ones."""


def class_of(tag: str) -> str:
    """The class of a group."""
    return "".join(one.capitalize() for one in GROUPS[tag].split("_")) + "Calls"


def _refs(schema: Any) -> Iterator[str]:
    """The schemas that one names, in their order."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].rpartition("/")[2]
        for key, one in schema.items():
            if key not in ("example", "examples", "default", "discriminator"):
                yield from _refs(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from _refs(one)
