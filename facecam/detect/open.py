"""Which detector the settings ask for."""

from __future__ import annotations

from facecam.detect.mtcnn import Detector, Mtcnn
from facecam.settings import DetectSettings


def open_detector(settings: DetectSettings) -> Detector:
    """facecam's own cascade (`fast`) or the `mtcnn` package (`package`)."""
    if settings.detector == "package":
        from facecam.detect.package import PackageMtcnn

        return PackageMtcnn(settings)
    return Mtcnn(settings)
