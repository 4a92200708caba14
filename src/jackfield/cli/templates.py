"""template list, show, preview, create, sync, remove."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from jackfield.core import Invalid, NotFound

from ._command import at_desk
from ._common import AsJson, say, show_json, show_table
from ._desk import Desk, connected, upto
from .broadcasting import pairs_of, template_content

app = typer.Typer(help="Message templates, as the provider keeps them.", no_args_is_help=True)

Channel = Annotated[str | None, typer.Option(help="Channel id or key; the default channel when left out.")]
Name = Annotated[str, typer.Argument(help="The template's name or id.")]
Language = Annotated[str | None, typer.Option(help="Its language, where it has several, such as en_US.")]


async def find(desk: Desk, given: str, channel: str | None, language: str | None) -> dict[str, Any]:
    """A template by id, or by name on a channel. Raises NotFound, Invalid when the name has several languages."""
    if given.isascii() and given.isdigit():
        one: dict[str, Any] = await desk.api.get(f"/templates/{given}")
        return one
    profile = await desk.profile(channel)
    chosen = {"language": language} if language else {}
    rows = [one async for one in desk.api.pages("/templates", profileId=profile.id, name=given, **chosen)]
    if not rows:
        which = f" in {language}" if language else ""
        raise NotFound(f"{profile.name} has no template {given}{which}.", code="TEMPLATE_NOT_FOUND")
    if len(rows) > 1:
        raise Invalid(f"{given} has several languages; choose one: {', '.join(row['language'] for row in rows)}.")
    return rows[0]


def as_text(seen: dict[str, Any]) -> str:
    """A template as the recipient sees it."""
    header = seen["header"] or (f"[{seen['headerKind'].lower()}]" if seen["headerKind"] else None)
    buttons = [f"[ {one.get('text') or one.get('type')} ]" for one in seen["buttons"]]
    parts = [header, seen["body"], seen["footer"], "\n".join(buttons) or None]
    cards = [f"-- card {index} --\n{as_text(card)}" for index, card in enumerate(seen["cards"], 1)]
    return "\n\n".join([part for part in parts if part] + cards)


@app.command("list")
@at_desk
async def list_templates(
    desk: Desk,
    channel: Annotated[str | None, typer.Option(help="Only of this channel, by id or key.")] = None,
    status: Annotated[str | None, typer.Option(help="Only these, such as APPROVED.")] = None,
    search: Annotated[str | None, typer.Option(help="Only with this in the name or text.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 200,
    as_json: AsJson = False,
) -> None:
    """Show the templates, with their state at the provider."""
    profile = (await desk.profile(channel)).id if channel is not None else None
    filters = {"profileId": profile, "status": status.upper() if status else None, "search": search}
    rows = await upto(limit, desk.api.pages("/templates", limit=min(limit, 200), **filters))
    if as_json:
        show_json(rows)
        return
    keys = ["id", "name", "language", "category", "status", "quality", "profileId", "rejectedReason"]
    show_table(
        ["Id", "Name", "Language", "Category", "Status", "Quality", "Channel", "Why refused"],
        [[row[key] for key in keys] for row in rows],
        empty="No template matches."
        if any(filters.values())
        else "There is no template yet; `jackfield template sync` reads them from the provider.",
    )


@app.command("show")
@at_desk
async def show(
    desk: Desk, name: Name, channel: Channel = None, language: Language = None, as_json: AsJson = False
) -> None:
    """Show a template: its text, its state, and the values that it takes."""
    row = await find(desk, name, channel, language)
    values = await desk.api.get(f"/templates/{row['id']}/parameters")
    if as_json:
        show_json({**row, "parameters": values})
        return
    say(f"{row['name']} ({row['language']}): {row['status']}, {row['category']}")
    if row["rejectedReason"]:
        say(f"Refused: {row['rejectedReason']}")
    say("")
    say(as_text(await desk.api.post(f"/templates/{row['id']}/preview", {})))
    say("")
    show_table(
        ["Value", "Where", "Kind", "Example"],
        [[one["label"], one["place"], one["kind"], one["example"]] for one in values],
        empty="It takes no values.",
    )


@app.command("preview")
@at_desk
async def preview(
    desk: Desk,
    name: Name,
    channel: Channel = None,
    language: Language = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--var", help="Its values: 1=TEXT or name=TEXT; header.1=TEXT; button.0=TEXT. May be repeated."),
    ] = None,
    header_file: Annotated[str | None, typer.Option(help="Link of the file in its header.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show a template as its recipient sees it; with the template's own examples where no value is given."""
    row = await find(desk, name, channel, language)
    content = template_content(row["name"], None, pairs_of("--var", values, "1=Asha"), header_file)
    del content["name"]
    seen = await desk.api.post(f"/templates/{row['id']}/preview", content)
    if as_json:
        show_json(seen)
    else:
        say(as_text(seen))


def components_of(file: str) -> list[dict[str, Any]]:
    """Components in Meta's shape from a JSON file, or from standard input for `-`: a list, or an object that has it.

    Raises Invalid.
    """
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        found = json.loads(text)
    except (OSError, ValueError):
        raise Invalid(f"{file}: cannot be read as JSON.") from None
    if isinstance(found, dict):
        found = found.get("components")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Invalid(f'{file}: write a list of components such as [{{"type": "BODY", "text": "Hi {{{{1}}}}"}}].')
    return found


@app.command("create")
@at_desk
async def create(
    desk: Desk,
    name: Annotated[str, typer.Argument(help="Lower case letters, digits and underscores.")],
    language: Annotated[str, typer.Option(help="Such as en_US.")],
    body: Annotated[str | None, typer.Option(help="The text, with {{1}} or {{name}} where values go.")] = None,
    example: Annotated[
        list[str] | None, typer.Option(help="1=TEXT or name=TEXT: an example of each value, which reviewers ask for.")
    ] = None,
    footer: Annotated[str | None, typer.Option(help="A small line below the text.")] = None,
    file: Annotated[
        str | None, typer.Option(help="All components as JSON in Meta's shape, in place of --body; - is the input.")
    ] = None,
    category: Annotated[str, typer.Option(help="UTILITY, MARKETING or AUTHENTICATION.")] = "UTILITY",
    channel: Channel = None,
    as_json: AsJson = False,
) -> None:
    """Submit a template to the provider, who reviews it before it may be sent."""
    named = False
    if file is not None:
        if body or footer or example:
            raise Invalid("Give either --file, or --body with its --example and --footer.")
        components = components_of(file)
    elif body:
        part: dict[str, Any] = {"type": "BODY", "text": body}
        examples = pairs_of("--example", example, "1=Asha")
        named = bool(examples) and not all(one.isdigit() for one in examples)
        if named:
            part["example"] = {
                "body_text_named_params": [{"param_name": one, "example": text} for one, text in examples.items()]
            }
        elif examples:
            part["example"] = {"body_text": [[examples[one] for one in sorted(examples, key=int)]]}
        components = [part, *([{"type": "FOOTER", "text": footer}] if footer else [])]
    else:
        raise Invalid("Say what the template says: --body TEXT, or --file FILE.")
    profile = await desk.profile(channel)
    async with connected(desk, profile):
        row = await desk.api.post(
            "/templates",
            {
                "profileId": profile.id,
                "name": name,
                "language": language,
                "category": category.upper(),
                "components": components,
                "parameterFormat": "NAMED" if named else "POSITIONAL",
            },
        )
    if as_json:
        show_json(row)
    else:
        say(f"Template {row['id']} ({row['name']}, {row['language']}) is {row['status']}.")


@app.command("sync")
@at_desk
async def sync(desk: Desk, channel: Channel = None, as_json: AsJson = False) -> None:
    """Read a channel's templates from the provider now; it happens by itself when it connects, and hourly."""
    profile = await desk.profile(channel)
    async with connected(desk, profile):
        done = await desk.api.post("/templates/sync", {"profileId": profile.id})
    if as_json:
        show_json(done)
    else:
        say(f"{profile.name} has {done['templates']} templates.")


@app.command("remove")
@at_desk
async def remove(
    desk: Desk,
    name: Name,
    channel: Channel = None,
    language: Language = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a template at the provider, too."""
    row = await find(desk, name, channel, language)
    if not yes:
        typer.confirm(f"Delete {row['name']} ({row['language']}) at the provider?", abort=True)
    profile = await desk.profile(row["profileId"])
    async with connected(desk, profile):
        await desk.api.delete(f"/templates/{row['id']}")
    say(f"Template {row['name']} ({row['language']}) is deleted.")
