"""What a session is asked to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from facecam import __version__
from facecam.capture.source import Source
from facecam.expression.reader import NETWORK as EXPRESSION_NETWORK
from facecam.gallery.gallery import Gallery
from facecam.logbook.replay import GALLERY_CHANGED, KEY, DecisionParameters
from facecam.logbook.schema import SessionInfo, new_session_id
from facecam.networks.convert import role_of, weights_sha256
from facecam.objects.pipeline import object_network
from facecam.recognition.matching import decision_rule
from facecam.settings import Mode, Settings
from facecam.types import Event, Frame, Result


class ResultSink(Protocol):
    """Takes every recognized frame, in the recognizer's thread, and is closed there. What it raises ends the session."""

    def __call__(self, frame: Frame, result: Result, slot: int) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """One source: how it is named until it is open, and what opens it, given the session's start (time.monotonic)."""

    name: str
    open_it: Callable[[float], Source]


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """Sources and what becomes of them. No `log_dir`: no log.

    With `every_frame` files are not held to their own rate, and none of their frames is left out.
    """

    settings: Settings
    sources: tuple[SourceConfig, ...]
    gallery_dir: Path
    mode: Mode = Mode.FACES
    log_dir: Path | None = None
    every_frame: bool = False
    sinks: tuple[ResultSink, ...] = ()


# MERGED runtime.session_info: What a session's json says: who made the log, with which networks and settings, on what machine.


def describe(
    settings: Settings, mode: Mode, sources: Sequence[str], gallery_revision: str, *, started_at_utc: datetime | None = None
) -> SessionInfo:
    """A new session; without `started_at_utc`, when its t_ms was 0, it starts now."""
    now = started_at_utc or datetime.now(UTC)
    seeing = [object_network(settings.objects)] if mode is Mode.OBJECTS else [settings.identify.network, EXPRESSION_NETWORK]
    details: dict[str, Any] = {
        "source": list(sources) if len(sources) != 1 else sources[0],
        "mode": mode.value,
        "networks": {name: {"sha256": weights_sha256(name), "role": role_of(name)} for name in ("mtcnn", *seeing)},
        "settings": settings.to_dict(),
        KEY: deciding(settings).to_dict(),
        "gallery_revision": gallery_revision,
    }
    faces = mode is Mode.FACES
    return SessionInfo(
        session_id=new_session_id(now),
        started_at_utc=now,
        app_version=__version__,
        embed_model=settings.identify.network if faces else "",
        expression_model=EXPRESSION_NETWORK if faces else "",
        details=details,
    )


def difference(before: Settings, after: Settings) -> str:
    """What has another value, as `section.name old -> new`."""
    old, new = before.to_dict(), after.to_dict()
    changed = [
        f"{section}.{name} {value} -> {new[section][name]}"
        for section, values in old.items()
        for name, value in values.items()
        if value != new[section][name]
    ]
    return ", ".join(changed) or "unchanged"


def who_is_enrolled(gallery: Gallery) -> Event:
    """What the log has when faces are compared with other people or photos from then on."""
    return Event("state", f"{GALLERY_CHANGED}{len(gallery.people)} people, {len(gallery.samples)} photos")


def deciding(settings: Settings) -> DecisionParameters:
    """What `facecam replay` must know to decide again, besides the rows."""
    rule = decision_rule(settings.identify, ())
    return DecisionParameters(rule.margin_l2, rule.unsure_band_l2, settings.track.enter_after_sightings, settings.follow.enabled)
