"""import: a contacts file as it left somebody's phone or spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, FileSizeColumn, Progress, TextColumn, TimeElapsedColumn, TotalFileSizeColumn

from jackfield.core import Invalid

from ._command import at_desk
from ._common import AsJson, err, out, say, show_json, show_table
from ._desk import Desk

SHOWN = 20
"""Refused rows shown on the screen; `--refused FILE` has them all."""


def parse_mapping(pairs: list[str]) -> dict[str, Any]:
    """`phone=COLUMN` pairs as a mapping; the same field twice means several columns. Raises Invalid."""
    mapping: dict[str, Any] = {}
    for pair in pairs:
        field, sign, column = pair.partition("=")
        if not sign or not field.strip():
            raise Invalid(f"--map {pair!r}: write FIELD=COLUMN, such as phone=Telefon")
        field = field.strip()
        if field in mapping:
            before = mapping[field]
            mapping[field] = [*(before if isinstance(before, list) else [before]), column]
        else:
            mapping[field] = column
    return mapping


def show_preview(found: dict[str, Any], *, as_json: bool) -> None:
    """Print what an import would do."""
    if as_json:
        show_json(found)
        return
    where = f"sheet {found['sheet'] or 1} of {', '.join(found['sheets'])}" if found["sheets"] else found["encoding"]
    upto = "" if found["complete"] else " (the first rows of the file)"
    say(f"{found['contacts']} contacts, {found['refusedTotal']} refused{upto}; read as {where}.")
    show_table(
        ["column", "read as", "values"],
        [
            [one["title"] or f"#{one['index'] + 1}", one["name"] or one["field"] or "-", ", ".join(one["samples"][:3])]
            for one in found["columns"]
        ],
        empty="No columns.",
    )
    if found["countries"]:
        say("Countries: " + ", ".join(f"{code or '?'} {count}" for code, count in found["countries"].items()))
    if found["refused"]:
        show_table(
            ["line", "value", "reason"],
            [[str(one["line"]), one["value"], one["reason"]] for one in found["refused"][:20]],
            empty="",
        )


@at_desk
async def import_contacts(
    desk: Desk,
    file: Annotated[
        Path, typer.Argument(help="CSV, vCard, XLSX, XLS, ODS or JSON.", exists=True, dir_okay=False, readable=True)
    ],
    default_country: Annotated[
        str | None, typer.Option("--default-country", help="Country of numbers without country code, such as IN.")
    ] = None,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="FIELD=COLUMN where the guess is wrong; may be repeated.")
    ] = None,
    on_duplicate: Annotated[str, typer.Option("--on-duplicate", help="skip or merge.")] = "merge",
    list_name: Annotated[str | None, typer.Option("--list", help="Put the contacts into this list.")] = None,
    refused_file: Annotated[
        Path | None, typer.Option("--refused", help="Write the refused rows to this CSV file.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="Of a text file, such as windows-1251; else guessed.")
    ] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", help="Name or number of a workbook's sheet.")] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Only tell what would be done.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import contacts from a file as it left a phone, a tool or a spreadsheet.

    Understands exports of Google, Outlook, HubSpot and Shopify.
    Every number ends up in international form, or is refused with the reason.
    """
    chosen = parse_mapping(mapping or [])
    if preview:
        show_preview(
            await desk.preview_contacts(
                file, default_country=default_country, mapping=chosen or None, encoding=encoding, sheet=sheet
            ),
            as_json=as_json,
        )
        return
    size = file.stat().st_size
    with Progress(
        TextColumn("Importing"),
        BarColumn(),
        FileSizeColumn(),
        TotalFileSizeColumn(),
        TextColumn("{task.fields[rows]} rows"),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=as_json,
    ) as bar:
        # A server does not tell how far it is: the bar moves to and fro until it is done.
        task = bar.add_task("import", total=None if desk.remote else size, rows=0)
        report = await desk.import_contacts(
            file,
            default_country=default_country,
            mapping=chosen or None,
            on_duplicate=on_duplicate,
            list_name=list_name,
            refused_file=refused_file,
            encoding=encoding,
            sheet=sheet,
            progress=lambda read, rows: bar.update(task, completed=min(read, size), rows=rows),
        )
    refused = [{"line": one.line, "value": one.value, "reason": one.reason} for one in report.refused]
    if as_json:
        show_json(
            {
                "created": report.created,
                "merged": report.merged,
                "skipped": report.skipped,
                "refused": refused,
                "refusedTotal": report.refused_total,
                "dropped": [{"line": one.line, "value": one.value, "reason": one.reason} for one in report.dropped],
                "droppedTotal": report.dropped_total,
            }
        )
        return
    out.print(
        f"[green]{report.created} created[/], {report.merged} merged, {report.skipped} skipped, "
        f"[yellow]{report.refused_total} refused[/]",
        highlight=False,
        soft_wrap=True,
    )
    if report.dropped_total:
        say(f"{report.dropped_total} more numbers were invalid; their contacts were imported without them.")
    if refused:
        show_table(
            ["Line", "Value", "Reason"], [[r["line"], r["value"], r["reason"]] for r in refused[:SHOWN]], empty=""
        )
        if report.refused_total > SHOWN:
            say(f"... and {report.refused_total - SHOWN} more; --refused FILE writes them all.")
