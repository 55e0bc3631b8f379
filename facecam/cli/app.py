"""The command `facecam`: its groups, and what happens to an error on the way out."""

from __future__ import annotations

import gc
import importlib
import sys
from typing import TYPE_CHECKING

from facecam.cli import calling
from facecam.errors import FacecamError

if TYPE_CHECKING:
    import typer

COMMANDS = {
    "run": "run",
    "enroll": "enroll",
    "identify": "pictures",
    "classify": "pictures",
    "compare": "compare",
    "explain": "explain",
    "people": "people",
    "gallery": "gallery",
    "calibrate": "calibrate",
    "evaluate": "evaluate",
    "replay": "replay",
    "report": "report",
    "log": "log",
    "models": "models",
    "bench": "bench",
    "cameras": "cameras",
    "doctor": "doctor",
    "train": "train",
    "teach": "teach",
    "forget-label": "teach",
    "demo": "demo",
}
"""Command or group -> the module of this folder that adds it, in the order of --help."""


def application(command: str | None = None) -> typer.Typer:
    """The whole command line; with a `command` that one alone, which is read in a fraction of the time."""
    import typer

    made = typer.Typer(
        help="See through a webcam: who is there, how they look, what they hold up. Nothing leaves this machine.",
        no_args_is_help=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # plain help: importing what draws boxes would take a third of the time that --help may take
    )
    made.callback()(_nothing)  # without it, a single command would stand without its name
    modules = dict.fromkeys(COMMANDS.values()) if command is None else (COMMANDS[command],)
    for module in modules:
        importlib.import_module(f"facecam.cli.{module}").register(made)
    return made


def _nothing() -> None:
    """The commands do everything."""


def __getattr__(name: str) -> typer.Typer:
    """`app` is the whole command line, made when somebody asks for it."""
    if name == "app":
        return application()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def main() -> None:
    """Run the command line; a FacecamError is one sentence on stderr and status 1, with --debug a traceback."""
    # Nothing of what is loaded is garbage, and looking for it takes a sixth of the time until a window has its picture.
    # Whatever works for longer begins to look again.
    gc.disable()
    try:
        if sys.argv[1:]:
            application(sys.argv[1] if sys.argv[1] in COMMANDS else None)(sys.argv[1:])
        else:
            _run_alone()
    except FacecamError as error:
        if calling.invocation.debug:
            raise
        print(f"facecam: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _run_alone() -> None:
    """`facecam` without a word is `facecam run`, without what reading words would cost: a quarter of the time to the picture."""
    from facecam.cli import playing
    from facecam.mode import Mode

    calling.log_to_stderr()
    job = playing.Job(
        settings=calling.settings(),
        sources=("0",),
        mode=Mode.FACES,
        gallery_dir=calling.gallery_dir(None),
        log_dir=calling.log_dir(None),
        record=None,
        window=playing.has_display(),
    )
    if not job.window:
        calling.err().print(playing.NO_DISPLAY, markup=False)
    playing.play(job)
