"""secrets rotate: change the key that stored secrets are sealed with."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import typer

from jackfield.core import KEY_UNKNOWN, Core, SecretKeyFile
from jackfield.server.log import configure_logging
from jackfield.server.startup import check_file, lock_data_dir, open_core
from jackfield.server.startup_error import StartupError
from jackfield.settings import Settings

from ._common import command, err, say, settings

app = typer.Typer(help="The key that stored secrets are sealed with.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The key that stored secrets are sealed with."""


@app.command("rotate")
@command
async def rotate() -> None:
    """Seal all stored secrets with a new key.

    With the key in the data folder: stop the server; a new key is made. With JACKFIELD_SECRET_KEY: restart every server
    with the new key there and the old one in JACKFIELD_SECRET_KEY_OLD, then run this beside them.

    When it is cut off, run it again: it goes on where it was.
    """
    chosen = settings()
    configure_logging(chosen)
    check_file(chosen)
    with ExitStack() as held:
        lock = lock_data_dir(chosen.data_dir)
        if lock is not None:
            held.callback(lock.close)
        if chosen.secret_key.get_secret_value():
            await _between_settings(chosen, served=lock is None)
        else:
            await _in_the_folder(chosen, served=lock is None)


async def _between_settings(chosen: Settings, *, served: bool) -> None:
    new, old = chosen.secret_key.get_secret_value(), chosen.secret_key_old.get_secret_value()
    if not old:
        raise StartupError(
            "Set JACKFIELD_SECRET_KEY to the new key and JACKFIELD_SECRET_KEY_OLD to the old one, restart every server"
            " with both, then run this again."
        )
    if old == new:
        raise StartupError("JACKFIELD_SECRET_KEY and JACKFIELD_SECRET_KEY_OLD are the same key.")
    core = open_core(chosen)
    try:
        await core.migrate()
        if (served or await core.sealing.is_served()) and not await core.sealing.is_adopted():
            raise StartupError(KEY_UNKNOWN)
        await core.sealing.check(adopt=True)
        await _reseal(core)
    finally:
        await core.close()
    say("Now take JACKFIELD_SECRET_KEY_OLD away and restart every server. Logins under the old key end with that.")


async def _in_the_folder(chosen: Settings, *, served: bool) -> None:
    stop = f"A server works on {chosen.data_dir}. Stop it, then run this again: it would not learn of the new key."
    if served:
        raise StartupError(stop)
    core = open_core(chosen)
    try:
        # With the key as it is: a folder that does not belong to the database ends here.
        await core.migrate()
        if await core.sealing.is_served():
            raise StartupError(stop)
    finally:
        await core.close()
    keys = SecretKeyFile(Path(chosen.data_dir))
    if keys.begin():
        say("A new key is in the data folder, with the old one beside it until all is sealed anew.")
    else:
        say("A change of the key was cut off; it goes on.")
    core = open_core(chosen)
    try:
        await core.sealing.check(adopt=True)
        await _reseal(core)
    finally:
        await core.close()
    keys.finish()
    say(
        "The old key is no longer needed. A backup of `jackfield backup` holds the key that it needs; keep the old one with"
        " copies that you made otherwise."
    )


async def _reseal(core: Core) -> None:
    done = await core.sealing.reseal(lambda count: err.print(f"{count} sealed anew ..."))
    say(f"{done} stored secrets were sealed with the new key.")
