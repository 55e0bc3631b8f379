"""Every check in its order. Each finding is given as soon as it is known; a check that breaks is a finding as well."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from facecam.diagnostics import cameras, machine, speed
from facecam.diagnostics.findings import Finding, Verdict
from facecam.errors import FacecamError
from facecam.settings import Settings

Check = Callable[[], Iterable[Finding]]

_BROKEN = "If no line above says why, please report this one"


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What is examined: this machine, with this configuration, these folders, and these sources, which are opened.

    `config` is the file that was named, None to look for one. `gallery_dir` is None when a broken configuration hides it.
    """

    config: Path | None
    gallery_dir: Path | None
    log_dir: Path
    sources: tuple[str, ...] = ()


def examine(subject: CheckContext) -> Iterator[Finding]:
    """Every finding, in the order in which one may cause the next."""
    sees = True
    for name, check in _ground(subject):
        for finding in guarded(name, check):
            sees = sees and not (finding.check == "opencv" and finding.verdict is Verdict.FAULT)
            yield finding
    # Without OpenCV each of the others would only say so again.
    for name, check in _sight(subject) if sees else ():
        yield from guarded(name, check)


def _ground(subject: CheckContext) -> list[tuple[str, Check]]:
    """What can be checked even when OpenCV does not load; the last says whether it does."""
    return [
        ("system", lambda: [machine.system()]),
        ("packages", machine.packages),
        ("configuration", lambda: [machine.configuration(subject.config)]),
        ("models", machine.weights),
        ("folders", lambda: _folders(subject)),
        ("disk", lambda: _disks(subject)),
        ("clock", lambda: [machine.clock()]),
        ("display", lambda: [machine.display(os.environ)]),
        ("libraries", lambda: [machine.libraries(machine.LIBRARIES, window=_window_is_wanted())]),
        ("opencv", machine.opencv),
    ]


def _sight(subject: CheckContext) -> list[tuple[str, Check]]:
    """What is seen with, and how fast."""
    settings = machine.settings_or_defaults(subject.config)
    return [
        ("cameras", _listed_cameras),
        *(("source", partial(_source, text, settings)) for text in subject.sources),
        ("networks", lambda: [machine.compiled(settings)]),
        ("cache", lambda: [_cache(settings)]),
        ("speed", lambda: speed.speed(settings)),
    ]


def guarded(name: str, check: Check) -> Iterator[Finding]:
    """The check's findings, and one more when it breaks: a missing file or library must not hide what the others say."""
    try:
        yield from check()
    except FacecamError as error:
        yield Finding.of(name, error, _BROKEN)
    except (OSError, ImportError) as error:
        yield Finding(name, Verdict.FAULT, f"not checked: {error}", _BROKEN)


def _window_is_wanted() -> bool:
    return machine.display(os.environ).verdict is Verdict.OK


def _listed_cameras() -> Iterator[Finding]:
    from facecam.capture.camera import known_cameras

    yield from cameras.cameras(known_cameras())


def _source(text: str, settings: Settings) -> list[Finding]:
    return [cameras.source(text, settings.capture)]


def _folders(subject: CheckContext) -> Iterator[Finding]:
    """The folders that facecam writes to, the cache aside."""
    if subject.gallery_dir is None:
        yield Finding("gallery", Verdict.WARNING, "its folder is not known", "Correct the configuration first")
    else:
        advice = "Name a folder of your own with --gallery or FACECAM_GALLERY"
        yield machine.writable(machine.WritableFolder("gallery", subject.gallery_dir, advice))
    yield machine.writable(
        machine.WritableFolder("logs", subject.log_dir, "Name a folder of your own with --log, or run with --no-log")
    )
    yield machine.writable(
        machine.WritableFolder("config", _config_dir(), "Keep the settings in ./facecam.toml", Verdict.WARNING)
    )


def _cache(settings: Settings) -> Finding:
    """The compiled networks' folder: one that cannot be written hurts only who must compile."""
    from facecam.networks.convert import cache_dir

    verdict = Verdict.WARNING if machine.ready(settings) else Verdict.FAULT
    return machine.writable(machine.WritableFolder("cache", cache_dir(), "Let FACECAM_CACHE name a folder of your own", verdict))


def _disks(subject: CheckContext) -> Iterator[Finding]:
    from facecam.networks.convert import cache_dir

    gallery = {} if subject.gallery_dir is None else {"gallery": subject.gallery_dir}
    yield from machine.disks(gallery | {"logs": subject.log_dir, "cache": cache_dir()})


def _config_dir() -> Path:
    import platformdirs

    return Path(platformdirs.user_config_dir("facecam", appauthor=False))
