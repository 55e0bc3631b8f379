"""`facecam models`: which networks there are, and whether their files are what the manifest says."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facecam.cli import common
from facecam.cli.common import JsonOption, command

if TYPE_CHECKING:
    from rich.table import Table

    from facecam.weights import ModelEntry

_Folder = Annotated[
    Path | None, typer.Argument(metavar="[DIR]", help="A folder with a MANIFEST.toml; else the models that facecam uses.")
]


def register(app: typer.Typer) -> None:
    """Add the group `models` to `app`."""
    group = typer.Typer(help="The networks that facecam comes with.", no_args_is_help=True)
    app.add_typer(group, name="models")
    command(group, "list")(_list)
    command(group, "verify")(_verify)


def _list(json: JsonOption = None) -> None:
    """List the networks: what each is for, its licence, and the distance below which a face gets a name."""
    from facecam.weights import entries

    models = entries()
    if json != "-":
        table = _table("name", "role", "MB", "licence", "threshold")
        for model in models:
            threshold = "" if model.threshold_l2 is None else f"{model.threshold_l2:.3f}"
            table.add_row(model.name, model.role, _megabytes(model), model.licence, threshold)
        common.out().print(table)
    common.write_json(json, [asdict(model) for model in models])


def _verify(directory: _Folder = None, json: JsonOption = None) -> None:
    """Compare every file's size and SHA-256 with the manifest; status 3 when one is missing or damaged."""
    from facecam.errors import ModelError
    from facecam.weights import entries, verified_path

    faults: dict[str, str | None] = {}
    models = entries(directory)
    for model in models:
        try:
            verified_path(model.name, directory)
            faults[model.name] = None
        except ModelError as error:
            faults[model.name] = str(error)
            common.err().print(str(error), markup=False)
    if json != "-":
        table = _table("name", "MB", "state")
        for model in models:
            table.add_row(model.name, _megabytes(model), "missing or damaged" if faults[model.name] else "ok")
        common.out().print(table)
    common.write_json(json, [{"name": name, "ok": fault is None, "message": fault} for name, fault in faults.items()])
    if any(faults.values()):
        raise typer.Exit(common.FINDINGS)


def _table(*columns: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE, pad_edge=False)
    for column in columns:
        right = column in ("MB", "threshold")
        table.add_column(column, justify="right" if right else "left", overflow="fold", no_wrap=column == "name")
    return table


def _megabytes(model: ModelEntry) -> str:
    return f"{model.size_bytes / 1e6:.2f}"
