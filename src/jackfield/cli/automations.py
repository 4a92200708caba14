"""automation list, show, create, enable, disable, test, runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ._command import at_desk
from ._common import MOST_ID, AsJson, complain, out, say, show_json, show_table
from ._desk import Desk, upto

app = typer.Typer(help="Rules and sequences: what happens by itself.", no_args_is_help=True)
AutomationId = Annotated[int, typer.Argument(min=1, max=MOST_ID, help="The automation's id.")]


@app.command("list")
@at_desk
async def list_automations(desk: Desk, as_json: AsJson = False) -> None:
    """Show the automations, newest first."""
    rows = [one async for one in desk.api.pages("/automations", limit=200)]
    if as_json:
        show_json(rows)
        return
    show_table(
        ["Id", "Name", "Kind", "State", "Started by", "Steps", "In it now"],
        [
            [
                row["id"],
                row["name"],
                row["kind"],
                _state(row),
                row["trigger"]["type"],
                len(row["steps"]),
                row["running"],
            ]
            for row in rows
        ],
        empty="There is no automation yet; `jackfield automation create NAME --recipe welcome` makes one.",
    )


def _state(row: Any) -> str:
    if row["restReason"]:
        return f"rests: {row['restReason']}"
    return "on" if row["enabled"] else "off"


@app.command("show")
@at_desk
async def show(desk: Desk, automation_id: AutomationId, as_json: AsJson = False) -> None:
    """Show an automation and what became of people at each step."""
    row = await desk.api.get(f"/automations/{automation_id}")
    figures = await desk.api.get(f"/automations/{automation_id}/statistics")
    if as_json:
        show_json({**row, "statistics": figures})
        return
    say(
        f"{row['name']}: a {row['kind']}, version {row['version']}, {_state(row)}, started by {row['trigger']['type']}."
    )
    if row["hookUrl"]:
        say(f"Its address: {row['hookUrl']}")
    say(", ".join(f"{count} {state}" for state, count in figures["runs"].items()))
    types = {step["id"]: step["type"] for step in row["steps"]}
    show_table(
        ["Step", "Does", "Done", "Left out", "Failed", "Waiting", "Why"],
        [
            [
                one["step"],
                types.get(one["step"], "(older)"),
                one["done"],
                one["skipped"],
                one["failed"],
                one["waiting"],
                ", ".join(f"{reason}: {count}" for reason, count in one["reasons"].items()) or None,
            ]
            for one in figures["steps"]
        ],
        empty="It has no steps.",
    )


@app.command("create")
@at_desk
async def create(
    desk: Desk,
    name: Annotated[str, typer.Argument(help="What it is called.")],
    file: Annotated[Path | None, typer.Option("--file", "-f", help="JSON with trigger, steps and the like.")] = None,
    recipe: Annotated[
        str | None,
        typer.Option(
            help="welcome, away, menu, order_status, abandoned_cart, appointment, review or win_back instead of a file."
        ),
    ] = None,
    on: Annotated[bool, typer.Option("--on", help="Switch it on at once.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make an automation from a file or a recipe; it is off unless --on is given."""
    if (file is None) == (recipe is None):
        raise typer.BadParameter("Give either --file or --recipe.")
    document: dict[str, Any]
    if file is not None:
        try:
            document = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            complain(f"{file} cannot be read as JSON.")
            raise typer.Exit(1) from None
        if not isinstance(document, dict):
            complain(f"{file} holds no object.")
            raise typer.Exit(1)
    else:
        known = {one["key"]: one for one in await desk.api.get("/automations/recipes")}
        if recipe not in known:
            complain(f"There is no recipe {recipe!r}; there are {', '.join(known)}.")
            raise typer.Exit(1)
        document = {key: value for key, value in known[recipe].items() if key not in ("key", "title", "about")}
    made = await desk.api.post("/automations", {**document, "name": name, "enabled": on})
    if as_json:
        show_json(made)
        return
    say(f"Automation {made['id']} was created; it is {_state(made)}.")
    if made["hookUrl"]:
        say(f"Its address: {made['hookUrl']}")


async def _switch(desk: Desk, automation_id: int, verb: str) -> None:
    row = await desk.api.post(f"/automations/{automation_id}/{verb}")
    say(f"Automation {row['id']} is {_state(row)}.")


@app.command("enable")
@at_desk
async def enable(desk: Desk, automation_id: AutomationId) -> None:
    """Switch it on, from now on; ends its rest after failures."""
    await _switch(desk, automation_id, "enable")


@app.command("disable")
@at_desk
async def disable(desk: Desk, automation_id: AutomationId) -> None:
    """Switch it off; people who are in it wait until it is on again."""
    await _switch(desk, automation_id, "disable")


@app.command("test")
@at_desk
async def try_automation(
    desk: Desk,
    automation_id: AutomationId,
    text: Annotated[str | None, typer.Option(help="Try it with this message instead of the past.")] = None,
    days: Annotated[int, typer.Option(min=1, max=31, help="How far to look back.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Show what it would have done in the last days, or would do with one message. Nothing is sent."""
    body: dict[str, Any] = {"days": days} if text is None else {"text": text}
    found = await desk.api.post(f"/automations/{automation_id}/test", body)
    if as_json:
        show_json(found)
        return
    if text is not None:
        if not found["matches"]:
            say("It would do nothing: " + ("the message does not start it." if found["why"] == "trigger" else
                "its conditions do not hold."))  # fmt: skip
            return
        rows = [[one["step"], one["type"], one["text"]] for one in found["steps"]]
        show_table(["Step", "Does", "Text"], rows, empty="It would take no step.")
        return
    past = found["past"]
    say(f"In {days} days it would have started {past['matched']} times, for {past['people']} people.")
    if past["found"]:
        rows = [
            [one["at"], one["contactName"] or one["contactId"], one["text"], _first_text(one["steps"])]
            for one in past["found"][:20]
        ]
        show_table(["When", "Who", "Wrote", "Would have got"], rows, empty="Nobody.")
        if past["matched"] > len(rows):
            out.print(f"... and {past['matched'] - len(rows)} more.")


def _first_text(steps: list[Any]) -> str | None:
    return next((one["text"] for one in steps if one["text"]), None)


@app.command("runs")
@at_desk
async def runs(
    desk: Desk,
    automation_id: AutomationId,
    state: Annotated[str | None, typer.Option(help="Only these: running, waiting, done, stopped, failed.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Show people's ways through it, newest first."""
    filters = {} if state is None else {"state": state}
    rows = await upto(limit, desk.api.pages(f"/automations/{automation_id}/runs", limit=min(limit, 200), **filters))
    if as_json:
        show_json(rows)
        return
    show_table(
        ["Run", "Contact", "To", "State", "Next step", "Goes on", "Why"],
        [
            [row["id"], row["contactId"], row["to"], row["state"], row["step"], row["dueAt"], row["reason"]]
            for row in rows
        ],
        empty="Nobody has been in it yet.",
    )
