"""All diagnostic checks in order. Each finding is yielded as soon as it is known; a check that fails yields one too."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from facecam.diagnostics import machine, speed
from facecam.diagnostics.machine import Finding, Verdict
from facecam.errors import FacecamError, SettingsError
from facecam.fileio import config_dir
from facecam.settings import find_config

Check = Callable[[], Finding | Iterable[Finding]]

_REPORT_ADVICE = "If no line above explains it, please report this problem"


def run_checks(config: Path | None, gallery_dir: Path | None, log_dir: Path, sources: Sequence[str] = ()) -> Iterator[Finding]:
    """Yield every finding. Checks whose faults cause later faults come first.

    Args:
        config: Configuration file; None to search for one.
        gallery_dir: None if a broken configuration hides it.
        log_dir: Folder of the logs.
        sources: Sources to open.
    """
    opencv_loads = True
    installation: dict[str, Check] = {
        "system": machine.check_system,
        "packages": machine.check_packages,
        "configuration": lambda: machine.check_configuration(config),
        "models": machine.check_models,
        "folders": lambda: _check_folders(gallery_dir, log_dir),
        "disk": lambda: machine.check_disks(({"gallery": gallery_dir} if gallery_dir else {}) | {"logs": log_dir}),
        "clock": machine.check_clock,
        "display": lambda: machine.check_display(os.environ),
        "libraries": _check_libraries,
        "opencv": machine.check_opencv,
    }
    for name, check in installation.items():
        for finding in guarded(name, check):
            opencv_loads = opencv_loads and not (finding.check == "opencv" and finding.verdict is Verdict.FAULT)
            yield finding
    if not opencv_loads:  # each of the other checks would only repeat that fault
        return
    settings = machine.settings_or_defaults(config)
    yield from guarded("permissions", lambda: _check_permissions(gallery_dir, log_dir, config))
    yield from guarded("connections", _check_connections)
    yield from guarded("cameras", _check_listed_cameras)
    for source in sources:
        yield from guarded("source", partial(machine.check_source, source, settings.capture))
    yield from guarded("networks", lambda: machine.check_compiled_networks(settings))
    yield from guarded("speed", lambda: speed.check_speed(settings))


def guarded(name: str, check: Check) -> Iterator[Finding]:
    """Yield the findings of a check, and a fault if it raises, so that the other checks still run."""
    try:
        found = check()
        yield from [found] if isinstance(found, Finding) else found
    except FacecamError as error:
        yield Finding.from_error(name, error, _REPORT_ADVICE)
    except (OSError, ImportError) as error:
        yield Finding(name, Verdict.FAULT, f"not checked: {error}", _REPORT_ADVICE)


def _check_permissions(gallery_dir: Path | None, log_dir: Path, config: Path | None) -> Iterable[Finding]:
    from facecam.diagnostics.privacy import check_permissions
    from facecam.privacy.places import stored_places

    try:
        in_use = find_config(config)
    except SettingsError:  # the check of the configuration reports it
        in_use = None
    return check_permissions(stored_places(gallery_dir, log_dir, in_use))


def _check_connections() -> Finding:
    from facecam.diagnostics.privacy import check_connections

    return check_connections()


def _check_libraries() -> Finding:
    has_display = machine.check_display(os.environ).verdict is Verdict.OK
    return machine.check_libraries(machine.LIBRARIES, needs_window=has_display)


def _check_listed_cameras() -> Iterator[Finding]:
    from facecam.capture.camera import list_cameras

    yield from machine.check_cameras(list_cameras())


def _check_folders(gallery_dir: Path | None, log_dir: Path) -> Iterator[Finding]:
    """Check the folders that facecam writes to."""
    if gallery_dir is None:
        yield Finding("gallery", Verdict.WARNING, "its folder is unknown", "Correct the configuration first")
    else:
        yield machine.check_folder("gallery", gallery_dir, "Choose another folder with --gallery or FACECAM_GALLERY")
    yield machine.check_folder("logs", log_dir, "Choose another folder with --log, or run with --no-log")
    yield machine.check_folder("config", config_dir(), "Keep the settings in ./facecam.toml", Verdict.WARNING)
