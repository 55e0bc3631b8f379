"""Which detector the settings ask for, and whether it follows faces from frame to frame."""

from __future__ import annotations

from facecam.detect.follow import Follower
from facecam.detect.mtcnn import Detector, Mtcnn
from facecam.settings import DetectSettings, FollowSettings


def open_detector(settings: DetectSettings) -> Detector:
    """facecam's own cascade (`fast`) or the `mtcnn` package (`package`)."""
    if settings.detector == "package":
        from facecam.detect.package import PackageMtcnn

        return PackageMtcnn(settings)
    return Mtcnn(settings)


def follow(detector: Detector, settings: FollowSettings) -> Detector | Follower:
    """The detector for consecutive frames; it shares `detector`, and is it when nothing is to be followed."""
    return Follower(detector, settings) if settings.enabled and isinstance(detector, Mtcnn) else detector
