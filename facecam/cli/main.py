"""Entry point of the command `facecam`: command groups and error handling."""

from __future__ import annotations

import gc
import importlib
import sys
from typing import TYPE_CHECKING

from facecam.cli import context
from facecam.errors import FacecamError

if TYPE_CHECKING:
    import typer

COMMANDS = {
    "run": ("run", "run"),
    "enroll": ("people", "register_enroll"),
    "identify": ("images", "identify"),
    "classify": ("images", "classify"),
    "compare": ("images", "compare"),
    "explain": ("images", "explain"),
    "people": ("people", "register_people"),
    "gallery": ("gallery", "gallery_group"),
    "calibrate": ("gallery", "calibrate_threshold"),
    "evaluate": ("evaluate", "evaluate_group"),
    "replay": ("logs", "replay"),
    "report": ("logs", "report"),
    "log": ("logs", "log_group"),
    "models": ("system", "models_group"),
    "bench": ("system", "bench"),
    "cameras": ("system", "register_cameras"),
    "doctor": ("system", "doctor"),
    "train": ("train", "train"),
    "teach": ("train", "teach"),
    "forget-label": ("train", "forget_label"),
    "demo": ("run", "demo"),
}
"""Command or group -> module of this package and its function or group there, in the order of --help.

A function named register_... adds the command or group to the application itself.
"""

_HELP = """Recognize faces, expressions and objects with a webcam. No data leaves this machine.

Without a command, facecam runs with the first camera.

Exit codes: 0 success, 1 error, 2 usage error, 3 completed with findings."""


def application(only: str | None = None) -> typer.Typer:
    """Return the whole command line, or only one command, which loads in a fraction of the time."""
    import typer

    from facecam.cli.options import command

    app = typer.Typer(
        help=_HELP,
        no_args_is_help=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # importing Rich for boxes around the help would take a third of the time of --help
    )
    # Without a callback, Typer would drop the name of a single command.
    app.callback()(lambda: None)
    for name, (module, attribute) in COMMANDS.items() if only is None else [(only, COMMANDS[only])]:
        found = getattr(importlib.import_module(f"facecam.cli.{module}"), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        elif attribute.startswith("register_"):
            found(app)
        else:
            command(app, name)(found)
    return app


def main() -> None:
    """Run the command line. A FacecamError prints one sentence and exits with 1; with --debug it prints a traceback."""
    # While modules load there is no garbage, and collecting takes a sixth of the time until a window shows an image.
    # Commands and sessions enable the collector again.
    gc.disable()
    try:
        if sys.argv[1:]:
            application(sys.argv[1] if sys.argv[1] in COMMANDS else None)(sys.argv[1:])
        else:
            _run_first_camera()
    except FacecamError as error:
        if context.invocation.debug:
            raise
        print(f"facecam: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:  # a second Ctrl-C: the first one ends a run cleanly
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _run_first_camera() -> None:
    """Do what `facecam run` does, without loading Typer: that saves a quarter of the time to the first image."""
    from facecam.cli import runner

    context.log_to_stderr()
    runner.run_and_summarize(
        runner.RunOptions(
            settings=context.settings(),
            gallery_dir=context.gallery_dir(None),
            log_dir=context.log_dir(None),
            window=runner.window_available(),
        )
    )
