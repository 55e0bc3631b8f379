"""The command `facecam`: its groups, and what happens to an error on the way out."""

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
    "run": ("run", "register"),
    "enroll": ("people", "register_enroll"),
    "identify": ("images", "register_pictures"),
    "classify": ("images", "register_pictures"),
    "compare": ("images", "register_compare"),
    "explain": ("images", "register_explain"),
    "people": ("people", "register_people"),
    "gallery": ("gallery", "register_gallery"),
    "calibrate": ("gallery", "register_calibrate"),
    "evaluate": ("evaluate", "register_evaluate"),
    "replay": ("logs", "register_replay"),
    "report": ("logs", "register_report"),
    "log": ("logs", "register_log"),
    "models": ("system", "register_models"),
    "bench": ("system", "register_bench"),
    "cameras": ("system", "register_cameras"),
    "doctor": ("system", "register_doctor"),
    "train": ("train", "register_train"),
    "teach": ("train", "register_teach"),
    "forget-label": ("train", "register_teach"),
    "demo": ("demo", "register"),
}
"""Command or group -> module of this package and the function that adds it, in the order of --help."""


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
    wanted = dict.fromkeys(COMMANDS.values()) if command is None else (COMMANDS[command],)
    for module, function in wanted:
        getattr(importlib.import_module(f"facecam.cli.{module}"), function)(made)
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
        if context.invocation.debug:
            raise
        print(f"facecam: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _run_alone() -> None:
    """`facecam` without a word is `facecam run`, without what reading words would cost: a quarter of the time to the picture."""
    from facecam.cli import runner
    from facecam.settings import Mode

    context.log_to_stderr()
    job = runner.RunOptions(
        settings=context.settings(),
        sources=("0",),
        mode=Mode.FACES,
        gallery_dir=context.gallery_dir(None),
        log_dir=context.log_dir(None),
        record=None,
        window=runner.has_display(),
    )
    if not job.window:
        context.err().print(runner.NO_DISPLAY, markup=False)
    runner.run_and_summarize(job)
