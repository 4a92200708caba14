"""contacts list, show, export, personal-data, erase."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ._command import at_desk
from ._common import MOST_ID, AsJson, say, show_json, show_table, write_out
from ._desk import Desk, upto

app = typer.Typer(help="What is known of people.", no_args_is_help=True)

Contact = Annotated[int, typer.Argument(min=1, max=MOST_ID, help="Id of the contact.")]


Search = Annotated[str | None, typer.Option(help="Only with this in a name, number or e-mail address.")]
Tag = Annotated[str | None, typer.Option(help="Only with this label.")]
OfList = Annotated[str | None, typer.Option("--list", help="Only of this list, by name or id.")]


@app.command("list")
@at_desk
async def list_contacts(
    desk: Desk,
    search: Search = None,
    tag: Tag = None,
    of_list: OfList = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show contacts, the newest first."""
    pages = desk.api.pages("/contacts", limit=min(limit, 200), q=search, tag=tag, list=of_list)
    rows = await upto(limit, pages)
    if as_json:
        show_json(rows)
        return
    show_table(
        ["Id", "Name", "Number", "E-mail", "Labels", "Refused"],
        [
            [
                row["id"],
                row["name"],
                row["phone"],
                row["email"],
                ", ".join(row["tags"]),
                "yes" if row["refusal"] or row["blocked"] else "",
            ]
            for row in rows
        ],
        empty="No contacts. Import some with `jackfield import FILE`.",
    )


@app.command("show")
@at_desk
async def show(desk: Desk, contact_id: Contact, as_json: AsJson = False) -> None:
    """Show a contact with its addresses, lists, labels, attributes and consent."""
    row = await desk.api.get(f"/contacts/{contact_id}")
    if as_json:
        show_json(row)
        return
    refusal = row["refusal"]
    lines = {
        "Name": row["name"],
        "Number": row["phone"],
        "E-mail": row["email"],
        "Country": row["country"],
        "Addresses": ", ".join(f"{one['kind']} {one['value']}" for one in row["identities"]),
        "Lists": ", ".join(one["name"] for one in row["lists"]),
        "Labels": ", ".join(row["tags"]),
        "Consent": f"refused ({refusal['source']}, {refusal['at']})" if refusal else row["optin"],
        "Blocked": "yes" if row["blocked"] else None,
        "Last seen": row["lastSeenAt"],
        "Created": row["createdAt"],
        **row["attributes"],
    }
    show_table(["", ""], [[name, value] for name, value in lines.items() if value not in (None, "")], empty="")


@app.command("export")
@at_desk
async def export(
    desk: Desk,
    file: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write it to this file; to the screen when left out.")
    ] = None,
    tag: Tag = None,
    of_list: OfList = None,
) -> None:
    """Export contacts as CSV, which `jackfield import` reads again."""
    chosen = {name: value for name, value in {"tag": tag, "list": of_list}.items() if value is not None}
    write_out(await desk.api.contacts.export(**chosen), file)


@app.command("personal-data")
@at_desk
async def personal_data(
    desk: Desk,
    contact_id: Contact,
    file: Annotated[Path | None, typer.Option("--output", "-o", help="Write it to this file.")] = None,
) -> None:
    """All that is known of a contact, as JSON: for a request of access."""
    told = await desk.api.contacts.personal_data(str(contact_id))
    if file is None:
        show_json(told)
        return
    write_out((json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode(), file)


@app.command("erase")
@at_desk
async def erase(
    desk: Desk,
    contact_id: Contact,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Forget a contact with its messages, chats, files, tickets and notes. This cannot be undone."""
    if not yes:
        typer.confirm(f"Erase contact {contact_id} with all that is known of it?", abort=True)
    done = await desk.api.contacts.erase(str(contact_id))
    if as_json:
        show_json(done)
        return
    say(f"Erased: {', '.join(f'{count} {noun}' for noun, count in done.items() if noun != 'id')}.")
