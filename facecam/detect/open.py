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


def open_follower(detector: Detector, settings: FollowSettings) -> Follower | None:
    """What follows faces over consecutive frames with `detector`; None when every frame is to be searched."""
    return Follower(detector, settings) if settings.enabled and isinstance(detector, Mtcnn) else None
