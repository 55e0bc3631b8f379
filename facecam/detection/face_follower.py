"""Faces from frame to frame: O-Net on the boxes carried over, the whole cascade only when that is not enough.

O-Net is the cascade's own judge: its score says whether the face is still there, its regression moves the box along.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.detection import boxes as bx
from facecam.detection.mtcnn import Mtcnn
from facecam.settings import FollowSettings
from facecam.types import Face, Image

Region = tuple[int, int, int, int]

_THUMBNAIL_WH = (80, 60)
# A gray value that changes by more than this has moved; a sensor's noise stays below.
_CHANGED = 18
# A face of 40 pixels in a frame of 640 covers 25 of the thumbnail's pixels; half of them must change.
_MOVED_PIXELS = 12
# What moves with a face (hair, neck, shoulders beside it) is not something else.
_AROUND_FACE = 1.8


class FaceFollower:
    """A detector for consecutive frames of one source. Owned by the thread that owns its detector."""

    def __init__(self, detector: Mtcnn, settings: FollowSettings) -> None:
        self._detector = detector
        self._settings = settings
        self._faces: tuple[Face, ...] = ()
        self._since_search = 0
        self._searched: NDArray[np.int16] | None = None

    def detect(self, bgr: Image) -> tuple[Face, ...]:
        """The faces of the next frame, best score first."""
        region_xyxy = self._detector.region_xyxy(bgr)
        thumbnail = _thumbnail(bgr, region_xyxy)
        self._since_search += 1
        followed = None if self._search_is_due(thumbnail, region_xyxy) else self._follow(bgr)
        if followed is None:
            self._faces = self._detector.detect(bgr)
            self._since_search, self._searched = 0, thumbnail
        else:
            self._faces = followed
        return self._faces

    def forget(self) -> None:
        """Search the next frame: it does not follow the last one closely."""
        self._faces, self._searched = (), None

    def _search_is_due(self, thumbnail: NDArray[np.int16], region_xyxy: Region) -> bool:
        settings = self._settings
        if self._searched is None or self._since_search >= settings.detect_every_frames:
            return True
        return self._since_search >= settings.detect_moving_every_frames and self._moved_elsewhere(thumbnail, region_xyxy)

    def _follow(self, bgr: Image) -> tuple[Face, ...] | None:
        """The faces where they were a frame ago; None when one of them is lost."""
        if not self._faces:
            return ()
        carried = np.array([face.box.xyxy for face in self._faces], np.float32)
        found = self._detector.confirm(bgr, bx.square(carried))
        return found if len(found) == len(self._faces) else None

    def _moved_elsewhere(self, thumbnail: NDArray[np.int16], region_xyxy: Region) -> bool:
        """Whether anything but the faces has changed since the last search."""
        assert self._searched is not None
        changed = np.abs(thumbnail - self._searched) > _CHANGED
        x1, y1, x2, y2 = region_xyxy
        scale = np.array(_THUMBNAIL_WH) / (x2 - x1, y2 - y1)
        for face in self._faces:
            middle = np.array([face.box.x + face.box.w / 2 - x1, face.box.y + face.box.h / 2 - y1])
            reach = face.box.longer_side_px * _AROUND_FACE / 2
            (left, top), (right, bottom) = ((middle + side * reach) * scale for side in (-1, 1))
            changed[max(0, int(top)) : max(0, int(bottom) + 1), max(0, int(left)) : max(0, int(right) + 1)] = False
        return int(np.count_nonzero(changed)) >= _MOVED_PIXELS


def _thumbnail(bgr: Image, region_xyxy: Region) -> NDArray[np.int16]:
    """(60, 80) gray of the region, signed so that differences do not wrap."""
    x1, y1, x2, y2 = region_xyxy
    small = cv2.resize(bgr[y1:y2, x1:x2], _THUMBNAIL_WH, interpolation=cv2.INTER_LINEAR)
    return cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.int16)
