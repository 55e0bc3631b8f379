"""What became of something that a running session was asked to change, for whoever asked."""

from __future__ import annotations

from dataclasses import dataclass

from facecam.errors import FacecamError
from facecam.identify.corrections import Correction
from facecam.identify.gallery import Gallery
from facecam.mode import Mode
from facecam.runtime.guiding import Guidance
from facecam.settings import Settings
from facecam.types import Event

Change = Settings | Mode | Gallery | Correction | Guidance


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What was asked for, and the event that the log tells it by; `error` says why nothing was changed, None when it was."""

    asked: Change
    event: Event
    error: FacecamError | None = None
