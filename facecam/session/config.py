"""Configuration of a session, and the description of it that the log keeps in its JSON."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from facecam import __version__
from facecam.capture.addresses import redact_url
from facecam.capture.source import Segment, Source
from facecam.errors import ModelError
from facecam.expression.reader import NETWORK as EXPRESSION_NETWORK
from facecam.gallery.gallery import Gallery
from facecam.logbook.schema import DECISION_PARAMETERS_KEY, SessionInfo, new_session_id
from facecam.networks.user_networks import role_of, weights_sha256
from facecam.objects.pipeline import object_network
from facecam.presentation.detector import NETWORKS as PRESENTATION_NETWORKS
from facecam.recognition.matching import decision_rule
from facecam.settings import DISTANCES_NETWORK, Mode, Settings
from facecam.types import DecisionParameters, Event, EventCode, Frame, Result

_HIDDEN = "***"


class ResultSink(Protocol):
    """Consumer of recognized frames, called and closed in the recognition thread. An exception ends the session."""

    def __call__(self, frame: Frame, result: Result, slot: int) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """One source: its name until it is open, and its factory, which gets the session's start (time.monotonic).

    `segment` says which part of the source the factory's source delivers.
    """

    name: str
    open_source: Callable[[float], Source]
    segment: Segment = field(default_factory=Segment)


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """Sources of a session and how they are recognized. `log_dir` is the folder of logs, None for none.

    A log is written to the folder unless the setting `log.enabled` is off. Old sessions in it are deleted in any case.

    With `every_frame`, files are not held to their own frame rate and none of their frames is dropped. `labels` are those of the
    session, by name; `options` are those of the run, for the session's JSON.
    """

    settings: Settings
    sources: tuple[SourceConfig, ...]
    gallery_dir: Path
    mode: Mode = Mode.FACES
    log_dir: Path | None = None
    every_frame: bool = False
    sinks: tuple[ResultSink, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def writes_log(self) -> bool:
        """True if the session has a log."""
        return self.log_dir is not None and self.settings.log.enabled


def describe_session(
    settings: Settings,
    mode: Mode,
    sources: Sequence[str],
    gallery_revision: str,
    *,
    started_at_utc: datetime | None = None,
    labels: Mapping[str, str] | None = None,
) -> SessionInfo:
    """Describe a new session: networks, settings, gallery and labels.

    `started_at_utc` is the start of recognition, now by default.
    """
    now = started_at_utc or datetime.now(UTC)
    presentation = PRESENTATION_NETWORKS if settings.track.presentation_check else ()
    expression = EXPRESSION_NETWORK if mode is Mode.FACES and settings.express.enabled else ""
    of_faces = [settings.identify.network, *filter(None, [expression]), *presentation]
    networks = [object_network(settings.objects)] if mode is Mode.OBJECTS else of_faces
    details: dict[str, Any] = {
        "source": list(sources) if len(sources) != 1 else sources[0],
        "mode": mode.value,
        "networks": {name: {"sha256": weights_sha256(name), "role": role_of(name)} for name in ("mtcnn", *networks)},
        "settings": shown_settings(settings),
        DECISION_PARAMETERS_KEY: asdict(decision_parameters(settings)),
        "gallery_revision": gallery_revision,
    }
    faces = mode is Mode.FACES
    return SessionInfo(
        session_id=new_session_id(now),
        started_at_utc=now,
        app_version=__version__,
        embed_model=settings.identify.network if faces else "",
        expression_model=expression,
        labels=labels or {},
        details=details,
    )


def shown_settings(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the settings by section as a log may show them: without credentials in addresses and commands."""
    tree = settings.to_dict()
    for name in ("output", "command"):
        tree["events"][name] = _HIDDEN if tree["events"][name] else ""
    cameras = tree["capture"]["cameras"]
    tree["capture"]["cameras"] = {redact_url(camera): orientation for camera, orientation in cameras.items()}
    return tree


def settings_changed_events(before: Settings, after: Settings) -> list[Event]:
    """Return the log events of changed settings; the second one, if there is one, has the new decision parameters.

    Raises ModelError if the network of `after` cannot be used.
    """
    old, new = shown_settings(before), shown_settings(after)
    changed = [
        f"{section}.{name} {value} -> {new[section][name]}"
        for section, values in old.items()
        for name, value in values.items()
        if value != new[section][name] and f"{section}.{name}" != DISTANCES_NETWORK  # which only follows from the others
    ]
    events = [Event("state", f"settings: {', '.join(changed) or 'unchanged'}", code=EventCode.SETTINGS_CHANGED)]
    if (before.identify, before.track, before.follow) == (after.identify, after.track, after.follow):
        return events
    parameters = decision_parameters(after)
    previous = None  # unknown when the file of the user's network has changed meanwhile
    with contextlib.suppress(ModelError):
        previous = decision_parameters(before)
    if parameters != previous:
        text = ", ".join(f"{name} {value}" for name, value in asdict(parameters).items())
        events.append(Event("state", f"decisions: {text}", code=EventCode.DECISION_PARAMETERS, parameters=parameters))
    return events


def gallery_changed_event(gallery: Gallery) -> Event:
    """Return the log event from which faces are compared with a changed gallery."""
    message = f"gallery: {len(gallery.people)} people, {len(gallery.samples)} photos"
    return Event("state", message, code=EventCode.GALLERY_CHANGED)


def decision_parameters(settings: Settings) -> DecisionParameters:
    """Return the parameters that `facecam replay` needs besides the rows."""
    rule = decision_rule(settings.identify, ())
    track = settings.track
    return DecisionParameters(
        rule.margin_l2, rule.unsure_band_l2, track.enter_after_sightings, settings.follow.enabled, track.presentation_check
    )
