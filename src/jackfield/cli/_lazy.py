"""Commands that are imported when they are called.

The commands' own imports (the core, the servers, the native API) cost up to 2.5 s of CPU. Whoever asks for `--version` or
`--help`, or presses Tab in a shell, needs none of them: names and first lines stand in a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup


class Entry(NamedTuple):
    """A command of the first level: the module in this package, and the function or Typer application in it."""

    module: str
    attribute: str
    help: str
    """What its own help begins with."""
    here_only: bool = False
    """Whether it has no meaning at a server elsewhere."""

    def load(self, name: str) -> Any:
        """The command itself."""
        found = getattr(import_module(f".{self.module}", __package__), self.attribute)
        if isinstance(found, typer.Typer):
            command = typer.main.get_command(found)
        else:
            alone = typer.Typer(add_completion=False)
            alone.command(name)(found)
            command = typer.main.get_command(alone)
        command.name = name
        return command


class LazyGroup(TyperGroup):
    """A group of `Entry`s: lists show their first lines, and a command that is called is imported."""

    entries: Mapping[str, Entry] = {}

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = {name: TyperCommand(name, help=entry.help) for name, entry in self.entries.items()}

    def load(self, name: str) -> Any:
        """A command itself. Raises KeyError."""
        return self.entries[name].load(name)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """See click: which command the words call."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command if name is None else self.load(name), rest


def walk(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """A command and all those below it, imported, each with its words."""
    yield words, command
    for name, below in getattr(command, "commands", {}).items():
        yield from walk(command.load(name) if isinstance(command, LazyGroup) else below, (*words, name))
