"""broadcast: a campaign of a text or of a template, and how campaigns are shown while they run."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, NamedTuple

import msgspec
import typer
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from jackfield.client import Campaign, CampaignPreview, Message, Profile, Reason
from jackfield.core import Invalid, states

from ._command import at_desk
from ._common import AsJson, complain, err, out, say, say_simulated, show_json, show_table
from ._desk import Desk
from .sending import check_text, check_time

POLL_S: Final = {False: 0.25, True: 1.0}
"""How often a campaign is looked at: on the database here, and at a server."""
RECEIPTS_S: Final = 30.0
"""How long `--watch` waits for receipts after the last message went out."""
QUIET_S: Final = 5.0
"""It waits no longer when nothing has changed for so long: some networks tell no receipts."""


def pairs_of(option: str, given: Sequence[str] | None, example: str) -> dict[str, str]:
    """Texts of a repeated `NAME=TEXT` option by name. Raises Invalid."""
    found: dict[str, str] = {}
    for one in given or []:
        name, mark, text = one.partition("=")
        if not mark or not name.strip():
            raise Invalid(f"{option} {one!r}: write NAME=TEXT, such as {example}")
        found[name.strip()] = text
    return found


def _by_place(option: str, given: Mapping[str, str]) -> list[str] | dict[str, str]:
    """Values by place where all are numbers from 1 on, else by name. Raises Invalid for a gap."""
    if not given or not all(name.isascii() and name.isdigit() for name in given):
        return dict(given)
    places = sorted(int(name) for name in given)
    if places != list(range(1, len(places) + 1)):
        raise Invalid(f"{option}: number the values from 1 to {len(places)}, without a gap.")
    return [given[str(place)] for place in places]


def template_content(
    name: str, language: str | None, values: Mapping[str, str], header_file: str | None
) -> dict[str, Any]:
    """A template and its values as the API names them: `1` or `name` for the body, `header.1`, and `button.0` for a
    button by its index. Raises Invalid."""
    body, header, buttons = dict[str, str](), dict[str, str](), list[dict[str, Any]]()
    for place, text in values.items():
        part, dot, rest = place.partition(".")
        if dot and part == "header":
            header[rest] = text
        elif dot and part == "button":
            if not (rest.isascii() and rest.isdigit() and int(rest) < 10):
                raise Invalid(f"--var {place}: write button.N, with the button's index from 0 to 9.")
            buttons.append({"index": int(rest), "text": text})
        else:
            body[place] = text
    content: dict[str, Any] = {"name": name}
    parts = {
        "language": language,
        "body": _by_place("--var", body),
        "header": _by_place("--var header", header),
        "link": header_file,
        "buttons": buttons,
    }
    return content | {part: value for part, value in parts.items() if value}


class Composed(NamedTuple):
    """What a campaign says: a kind of content and its fields, as the API names them."""

    kind: str
    content: Mapping[str, Any]


def composed(
    text: str | None,
    template: str | None,
    language: str | None,
    values: Sequence[str] | None,
    header_file: str | None,
) -> Composed:
    """What is to be said. Raises Invalid unless it is either a text or a template."""
    if template is None:
        if language or values or header_file:
            raise Invalid("--language, --var and --header-file belong to --template NAME.")
        if text is None:
            raise Invalid("Say what to send: a text, or --template NAME.")
        check_text(text)
        return Composed("text", {"text": text})
    if text is not None:
        raise Invalid("Give either a text or --template, not both.")
    given = pairs_of("--var", values, "1={first_name}")
    return Composed("template", template_content(template, language, given, header_file))


def show_reasons(rows: Sequence[Reason]) -> None:
    """Why recipients did not get it as a table, with what to do."""
    if rows:
        show_table(
            ["Messages", "Status", "Code", "Why", "What to do"],
            [[row.count, row.status, row.code, row.title, row.remedy] for row in rows],
            empty="",
        )


def show_preview(seen: CampaignPreview, as_json: bool) -> None:
    """Whom a campaign would reach, and what they lack."""
    if as_json:
        show_json(msgspec.to_builtins(seen))
        return
    say(f"{seen.contacts} contacts and {seen.groups} groups. Nothing was sent.")
    rows = [[f"{{{one['name']}}}", one["lacking"]] for one in seen.placeholders]
    if rows:
        show_table(["Placeholder", "Contacts without a value"], rows, empty="")
    if seen.incomplete:
        done = {"skip": "are left out", "fallback": "get the fallback"}.get(seen.missing, "read nothing in its place")
        say(f"{seen.incomplete} contacts lack a value that has no fallback; they {done}.")


def funnel(campaign: Campaign, replied: int | None = None) -> Table:
    """A campaign's progress as a table: each stage contains the later ones. `replied` people, where it is known."""
    reached = {
        "Recipients": campaign.total,
        "Waiting": campaign.pending,
        "Sent": campaign.sent,
        "Delivered": campaign.delivered,
        "Read": campaign.read,
        **({} if replied is None else {"Replied": replied}),
        "Failed": campaign.failed,
        "Skipped": campaign.skipped,
        "Cancelled": campaign.cancelled,
        "Uncertain": campaign.uncertain,
    }
    table = Table(title=escape(f"{campaign.name}: {campaign.status}"), show_edge=False, title_justify="left")
    table.add_column("Stage")
    table.add_column("Messages", justify="right")
    table.add_column("")
    for stage, number in reached.items():
        if stage in ("Skipped", "Cancelled", "Uncertain") and not number:
            continue
        share = number / campaign.total if campaign.total else 0.0
        colour = "red" if stage == "Failed" else "green"
        table.add_row(stage, str(number), f"[{colour}]{'█' * round(share * 30)}[/] {share:.0%}")
    return table


async def watch(desk: Desk, campaign: Campaign, receipts: float = RECEIPTS_S) -> Campaign:
    """Show a campaign live until it is over (or paused) and what went out is delivered or refused; gives how it ended.

    It waits for receipts `receipts` seconds at most.
    """
    now = asyncio.get_running_loop().time
    with Live(funnel(campaign), console=err, refresh_per_second=4, transient=True) as live:
        over: float | None = None
        changed = now()
        while True:
            if campaign.status not in ("scheduled", "running"):
                over = now() if over is None else over
                waiting = campaign.counts.get(states.SENT, 0) if campaign.status == "finished" else 0
                if not waiting or now() >= over + receipts or now() >= max(over, changed) + QUIET_S:
                    return campaign
            await asyncio.sleep(POLL_S[desk.remote])
            seen = await desk.api.campaigns.get(campaign.id)
            if seen.counts != campaign.counts:
                changed = now()
            campaign = seen
            live.update(funnel(campaign))


async def send_test(desk: Desk, campaign: Campaign, to: str, variables: Mapping[str, str]) -> Message:
    """Send a campaign's content to one address and wait for the network's answer."""
    async with desk.working():
        path = f"/campaigns/{campaign.id}/test"
        made = await desk.api.post(path, {"to": to, "variables": dict(variables)})
        try:
            return await desk.api.messages.settled(str(made["messageId"]))
        except TimeoutError:
            return await desk.api.messages.get(str(made["messageId"]))


def tell_test(message: Message, *, quiet: bool, simulated: bool) -> None:
    """Say how a test went, unless `quiet`. Raises typer.Exit (1) when it failed."""
    why = message.error if message.status == states.FAILED else None
    if not quiet and why is not None:
        complain(f"The test to {message.to} failed. {why.code} {why.title}. {why.cause}", why.remedy)
    elif not quiet:
        say(f"The test to {message.to} is {message.status}.")
    say_simulated(simulated and not quiet)
    if message.status == states.FAILED:
        raise typer.Exit(1)


def audience_of(
    lists: Sequence[str] | None, tags: Sequence[str] | None, groups: Sequence[str] | None, everyone: bool
) -> dict[str, object]:
    """Whom the options choose. Raises Invalid when nobody was chosen."""
    audience: dict[str, object] = {}
    if lists:
        audience["lists"] = list(lists)
    if tags:
        audience["any_tags"] = list(tags)
    if not audience and everyone:
        audience["all"] = True
    if groups:
        audience["groups"] = list(groups)
    if not audience:
        raise Invalid("Choose the recipients: --list NAME, --tag NAME, --group NAME, or --all.")
    return audience


def confirm(seen: CampaignPreview, profile: Profile) -> None:
    """Ask a person at a terminal whether so many messages are meant; scripts are not asked. Raises typer.Abort."""
    groups = f" and {seen.groups} groups" if seen.groups else ""
    if sys.stdin.isatty():
        line = f"{profile.name}, a simulated channel" if profile.simulated else profile.name
        typer.confirm(f"Send to {seen.contacts} contacts{groups} through {line}?", abort=True, err=True)


@at_desk
async def broadcast(
    desk: Desk,
    text: Annotated[
        str | None, typer.Argument(help="What to say; {name} and other fields are filled for each contact.")
    ] = None,
    lists: Annotated[list[str] | None, typer.Option("--list", help="To this list; may be repeated.")] = None,
    tags: Annotated[
        list[str] | None, typer.Option("--tag", help="To contacts with this label; may be repeated.")
    ] = None,
    everyone: Annotated[bool, typer.Option("--all", help="To everyone.")] = False,
    name: Annotated[str | None, typer.Option(help="The campaign's name.")] = None,
    channel: Annotated[str | None, typer.Option(help="Channel id or key; the default channel when left out.")] = None,
    template: Annotated[
        str | None, typer.Option(help="Send this template in place of a text (`jackfield template list`).")
    ] = None,
    language: Annotated[str | None, typer.Option(help="The template's language, where it has several.")] = None,
    values: Annotated[
        list[str] | None,
        typer.Option(
            "--var",
            help="The template's values: 1={first_name}, or name=TEXT; header.1=TEXT; button.0=TEXT. May be repeated.",
        ),
    ] = None,
    header_file: Annotated[str | None, typer.Option(help="Link of the file in the template's header.")] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="Start then (ISO 8601, in the workspace's zone) instead of now.")
    ] = None,
    groups: Annotated[
        list[str] | None, typer.Option("--group", help="To this group of the channel; may be repeated.")
    ] = None,
    fallback: Annotated[
        list[str] | None, typer.Option(help="NAME=TEXT: what contacts read who lack a value; may be repeated.")
    ] = None,
    missing: Annotated[
        str | None, typer.Option(help="For contacts who lack a value: blank, fallback (for each), or skip.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say whom it reaches, and how many lack which value.")
    ] = False,
    test_to: Annotated[
        str | None, typer.Option(help="Send it to this number only, and keep the campaign as a draft.")
    ] = None,
    follow: Annotated[
        bool, typer.Option("--watch", help="Show the progress until it is over and the receipts are in.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send a campaign to contacts, and to groups by name. Without --watch the running server sends it.

    With --watch it ends with status 1 when nobody got it.
    """
    what = composed(text, template, language, values, header_file)
    due = check_time(at)
    fallbacks = pairs_of("--fallback", fallback, "first_name=friend")
    filling = {name: value for name, value in {"fallbacks": fallbacks, "missing": missing}.items() if value}
    audience = audience_of(lists, tags, groups, everyone)
    row = await desk.profile(channel)
    chosen: dict[str, Any] = {"type": what.kind, "audience": audience, "profile": row.id, **filling}
    seen = await desk.api.campaigns.preview(what.content, **chosen)
    if not seen.contacts and not seen.groups:
        raise Invalid("No contacts match. Import some with `jackfield import FILE`.")
    if dry_run:
        show_preview(seen, as_json)
        if not as_json:
            say_simulated(row.simulated)
        return
    title = name or (text or template or "")[:60]
    if test_to is not None:
        draft = await desk.api.campaigns.create(title, what.content, start=False, **chosen)
        message = await send_test(desk, draft, test_to, fallbacks)
        if as_json:
            test = {**msgspec.to_builtins(message), "simulated": row.simulated}
            show_json({"id": draft.id, "status": draft.status, "test": test})
        tell_test(message, quiet=as_json, simulated=row.simulated)
        if not as_json:
            say(f"Campaign {draft.id} is a draft: `jackfield campaign start {draft.id}` sends it to {seen.contacts}.")
        return
    if not yes and not as_json:
        confirm(seen, row)
    campaign = await desk.api.campaigns.create(title, what.content, at=due, **chosen)
    if follow:
        async with desk.working():
            campaign = await watch(desk, campaign)
    await ended(desk, campaign, follow=follow, as_json=as_json)


async def ended(desk: Desk, campaign: Campaign, *, follow: bool, as_json: bool) -> None:
    """Say where a campaign stands. Raises typer.Exit (1) when it was watched and all its messages failed."""
    simulated = await desk.is_simulated(profile_id=campaign.profile_id)
    if as_json:
        counts = campaign.counts
        shown = {"id": campaign.id, "name": campaign.name, "status": campaign.status, "simulated": simulated}
        show_json({**shown, "counts": counts})
    else:
        if follow:
            out.print(funnel(campaign))
            show_reasons((await desk.api.campaigns.stats(campaign.id)).reasons)
        when = f" for {campaign.scheduled_at}" if campaign.status == "scheduled" and campaign.scheduled_at else ""
        say(f"Campaign {campaign.id} is {campaign.status}{when}.")
        say_simulated(simulated)
        if campaign.pause_reason:
            say(f"Paused: {campaign.pause_reason}")
        if not follow and not desk.somebody_sends():
            say("No server runs on this data folder: start `jackfield serve`, or use --watch next time.")
    if follow and campaign.total and campaign.failed == campaign.total:
        raise typer.Exit(1)
