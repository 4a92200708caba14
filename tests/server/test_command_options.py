"""Where a command finds the server that it works at."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from jackfield.cli._command import KeyOption, Url, chosen_server

A, B, C = "http://a.example", "http://b.example", "http://c.example"


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["--url", A, "--key", "before", "show"], f"{A} before"),
        (["--url", A, "--key", "before", "show", "--key", "own"], f"{A} own"),
        (["--url", A, "show", "--url", B], f"{B} of-environment"),
        (["show"], f"{C} of-environment"),
    ],
)
def test_what_is_written_goes_before_the_environment(words: list[str], wanted: str) -> None:
    app = typer.Typer()

    @app.callback()
    def main(ctx: typer.Context, url: str | None = None, key: str | None = None) -> None:
        ctx.obj = {"url": url, "key": key}

    @app.command()
    def show(ctx: typer.Context, url: Url = None, api_key: KeyOption = None) -> None:
        server = chosen_server(ctx, url, api_key, None)
        assert server is not None
        typer.echo(f"{server.url} {server.key}")

    result = CliRunner().invoke(app, words, env={"JACKFIELD_URL": C, "JACKFIELD_API_KEY": "of-environment"})
    assert (result.exit_code, result.output.strip()) == (0, wanted)
