"""All diagnostic checks in order. Each finding is yielded as soon as it is known; a check that fails yields one too."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from facecam.diagnostics import machine, speed
from facecam.diagnostics.findings import Finding, Verdict
from facecam.errors import FacecamError

Check = Callable[[], Iterable[Finding]]

_REPORT_ADVICE = "If no line above explains it, please report this problem"


@dataclass(frozen=True, slots=True)
class CheckContext:
    """Configuration, folders and sources to check. The sources are opened.

    `config` is None to search for a configuration file. `gallery_dir` is None if a broken configuration hides it.
    """

    config: Path | None
    gallery_dir: Path | None
    log_dir: Path
    sources: tuple[str, ...] = ()


def run_checks(context: CheckContext) -> Iterator[Finding]:
    """Yield every finding. Checks whose faults cause later faults come first."""
    opencv_loads = True
    for name, check in _installation_checks(context):
        for finding in guarded(name, check):
            opencv_loads = opencv_loads and not (finding.check == "opencv" and finding.verdict is Verdict.FAULT)
            yield finding
    # Without OpenCV each of the other checks would only repeat that fault.
    for name, check in _recognition_checks(context) if opencv_loads else ():
        yield from guarded(name, check)


def _installation_checks(context: CheckContext) -> list[tuple[str, Check]]:
    """Return the checks that do not need OpenCV, and last the check of OpenCV."""
    return [
        ("system", lambda: [machine.check_system()]),
        ("packages", machine.check_packages),
        ("configuration", lambda: [machine.check_configuration(context.config)]),
        ("models", machine.check_models),
        ("folders", lambda: _check_folders(context)),
        ("disk", lambda: _check_disks(context)),
        ("clock", lambda: [machine.check_clock()]),
        ("display", lambda: [machine.check_display(os.environ)]),
        ("libraries", lambda: [_check_libraries()]),
        ("opencv", machine.check_opencv),
    ]


def _recognition_checks(context: CheckContext) -> list[tuple[str, Check]]:
    settings = machine.settings_or_defaults(context.config)
    return [
        ("cameras", _check_listed_cameras),
        *(("source", lambda text=text: [machine.check_source(text, settings.capture)]) for text in context.sources),
        ("networks", lambda: machine.check_compiled_networks(settings)),
        ("speed", lambda: speed.check_speed(settings)),
    ]


def guarded(name: str, check: Check) -> Iterator[Finding]:
    """Yield the findings of a check, and a fault if it raises, so that the other checks still run."""
    try:
        yield from check()
    except FacecamError as error:
        yield Finding.from_error(name, error, _REPORT_ADVICE)
    except (OSError, ImportError) as error:
        yield Finding(name, Verdict.FAULT, f"not checked: {error}", _REPORT_ADVICE)


def _check_libraries() -> Finding:
    has_display = machine.check_display(os.environ).verdict is Verdict.OK
    return machine.check_libraries(machine.LIBRARIES, needs_window=has_display)


def _check_listed_cameras() -> Iterator[Finding]:
    from facecam.capture.camera import list_cameras

    yield from machine.check_cameras(list_cameras())


def _check_folders(context: CheckContext) -> Iterator[Finding]:
    """Check the folders that facecam writes to."""
    import platformdirs

    if context.gallery_dir is None:
        yield Finding("gallery", Verdict.WARNING, "its folder is unknown", "Correct the configuration first")
    else:
        yield machine.check_folder("gallery", context.gallery_dir, "Choose another folder with --gallery or FACECAM_GALLERY")
    yield machine.check_folder("logs", context.log_dir, "Choose another folder with --log, or run with --no-log")
    config_dir = Path(platformdirs.user_config_dir("facecam", appauthor=False))
    yield machine.check_folder("config", config_dir, "Keep the settings in ./facecam.toml", Verdict.WARNING)


def _check_disks(context: CheckContext) -> Iterator[Finding]:
    gallery = {} if context.gallery_dir is None else {"gallery": context.gallery_dir}
    yield from machine.check_disks(gallery | {"logs": context.log_dir})
