"""Which cameras there are, for a menu: looked up in a thread, since a driver may take its time."""

from __future__ import annotations

import sys

from facecam.capture.camera import known_cameras
from facecam.capture.probe import probe
from facecam.settings import CaptureSettings


def look_for_cameras(settings: CaptureSettings | None = None) -> dict[int, str]:
    """Index and name of each camera. Linux lists them; elsewhere the first ones are opened for a moment, which takes seconds."""
    if sys.platform == "linux":
        return known_cameras()
    reports = probe(settings or CaptureSettings(), lambda done, total: None)
    return {report.index: report.name for report in reports if report.error is None}
