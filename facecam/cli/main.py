"""Entry point of the command `facecam`: command groups and error handling."""

from __future__ import annotations

import contextlib
import gc
import importlib
import signal
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from facecam.cli import context
from facecam.errors import FacecamError

if TYPE_CHECKING:
    import typer

COMMAND_GROUPS = {
    "Recognize": {
        "run": ("run", "run"),
        "demo": ("run", "demo"),
        "process": ("process", "process"),
        "identify": ("images", "identify"),
        "classify": ("images", "classify"),
        "compare": ("images", "compare"),
        "explain": ("images", "explain"),
        "find": ("find", "find"),
    },
    "People": {
        "enroll": ("people", "register_enroll"),
        "people": ("people", "register_people"),
        "gallery": ("gallery", "gallery_group"),
        "calibrate": ("calibrate", "calibrate_threshold"),
    },
    "Objects": {
        "teach": ("train", "teach"),
        "forget-label": ("train", "forget_label"),
    },
    "Logs and reports": {
        "report": ("report", "report"),
        "log": ("logs", "log_group"),
        "mark": ("mark", "mark"),
        "replay": ("report", "replay"),
    },
    "Networks": {
        "models": ("system", "models_group"),
        "train": ("train", "train"),
        "evaluate": ("evaluate", "evaluate_group"),
    },
    "Privacy": {
        "privacy": ("privacy", "privacy"),
        "export-person": ("rights", "export_person"),
        "forget": ("rights", "forget"),
    },
    "This computer": {
        "cameras": ("system", "register_cameras"),
        "doctor": ("system", "doctor"),
        "bench": ("system", "bench"),
        "licenses": ("licenses", "licenses"),
    },
}
"""Title -> command or group -> module of this package and its function or group there, in the order of --help.

A function named register_... adds the command or group to the application itself.
"""

COMMANDS = {name: place for commands in COMMAND_GROUPS.values() for name, place in commands.items()}

_HELP = """Recognize faces, expressions and objects with a webcam. No data leaves this machine.

Without a command, facecam runs with the first camera. `facecam COMMAND --help` shows the options and examples of a command.

Exit codes: 0 success, 1 error, 2 usage error, 3 completed with findings."""


def application(only: str | None = None) -> typer.Typer:
    """Return the whole command line, or only one command, which loads in a fraction of the time."""
    import typer

    from facecam.cli.help_text import help_group
    from facecam.cli.options import command, version_option

    app = typer.Typer(
        cls=help_group({title: tuple(commands) for title, commands in COMMAND_GROUPS.items()}),
        help=_HELP,
        no_args_is_help=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # importing Rich for boxes around the help would take a third of the time of --help
    )
    # Without a callback, Typer would drop the name of a single command.
    app.callback()(version_option)
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
    context.open_streams()
    code: str | int | None = 0
    try:
        with _exit_on_signals():
            if sys.argv[1:]:
                application(sys.argv[1] if sys.argv[1] in COMMANDS else None)(sys.argv[1:])
            else:
                _run_first_camera()
    except SystemExit as ended:
        code = ended.code
    except FacecamError as error:
        if context.invocation.debug:
            raise
        print(f"facecam: {context.visible(str(error))}", file=sys.stderr)
        code = 1
    except KeyboardInterrupt:  # a second Ctrl-C: the first one ends a run cleanly
        code = 130
    if (fault := context.output_error()) is not None:
        print(f"facecam: the output cannot be written: {fault.strerror or fault}", file=sys.stderr)
        code = code or 1
    sys.exit(code)


@contextlib.contextmanager
def _exit_on_signals() -> Iterator[None]:
    """Exit cleanly on SIGTERM and when the terminal closes, so that no unfinished file stays. A second signal kills."""

    def handle(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        sys.exit(128 + number)

    is_main = threading.current_thread() is threading.main_thread()  # only there, handlers can be set
    known = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if is_main and hasattr(signal, name)]
    # `nohup` ignores SIGHUP, and so does what it starts.
    replaced = [number for number in known if signal.getsignal(number) is signal.SIG_DFL]
    for number in replaced:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number in replaced:
            signal.signal(number, signal.SIG_DFL)


def _run_first_camera() -> None:
    """Do what `facecam run` does, without loading Typer: that saves a quarter of the time to the first image."""
    from facecam.cli import runner

    context.log_to_stderr()
    runner.run_and_summarize(
        runner.RunOptions(
            settings=context.settings(),
            gallery_dir=context.gallery_dir(None, unlock=not (window := runner.window_available())),
            log_dir=context.log_dir(None),
            window=window,
        )
    )
