"""The command `facecam`: its groups, and what happens to an error on the way out."""

from __future__ import annotations

import sys

import typer

from facecam.cli import (
    bench,
    calibrate,
    cameras,
    common,
    compare,
    demo,
    doctor,
    enroll,
    evaluate,
    gallery,
    log,
    models,
    people,
    pictures,
    replay,
    run,
    teach,
    train,
)
from facecam.errors import FacecamError

app = typer.Typer(
    help="See through a webcam: who is there, how they look, what they hold up. Nothing leaves this machine.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: importing what draws boxes would take a third of the time that --help may take
)

for group in (
    run,
    enroll,
    pictures,
    compare,
    people,
    gallery,
    calibrate,
    evaluate,
    replay,
    log,
    models,
    train,
    teach,
    bench,
    cameras,
    doctor,
    demo,
):
    group.register(app)


def main() -> None:
    """Run the command line; a FacecamError is one sentence on stderr and status 1, with --debug a traceback."""
    arguments = sys.argv[1:] or ["run"]
    try:
        app(arguments)
    except FacecamError as error:
        if common.invocation.debug:
            raise
        print(f"facecam: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
