"""Face detection in consecutive frames: O-Net refines the last boxes, and the whole cascade runs only when necessary.

O-Net's score tells whether a face is still there, and its regression moves the box along.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.detection import boxes as bx
from facecam.detection.mtcnn import Mtcnn
from facecam.settings import FollowSettings
from facecam.types import Face, Frame, Image

Region = tuple[int, int, int, int]

# Faces are followed only between frames this close in time: a moving head must still overlap its last box.
_CONSECUTIVE_MS = 200.0
_THUMBNAIL_WH = (80, 60)
# Change of a gray value that counts as motion; sensor noise stays below.
_CHANGED = 18
# A face of 40 pixels in a frame of 640 covers 25 of the thumbnail's pixels; half of them must change.
_MOVED_PIXELS = 12
# Size of the ignored area in box sides, since hair, neck and shoulders move with the face.
_AROUND_FACE = 1.8


class FaceFollower:
    """Face detector for consecutive frames of one source. It belongs to the thread that owns its detector."""

    def __init__(self, detector: Mtcnn, settings: FollowSettings) -> None:
        self._detector = detector
        self._settings = settings
        self._faces: tuple[Face, ...] = ()
        self._frames_since_search = 0
        self._search_thumbnail: NDArray[np.int16] | None = None
        self._last_ms = -math.inf
        self._size_wh = (0, 0)

    @property
    def has_searched(self) -> bool:
        """True if the last frame was searched in full."""
        return self._search_thumbnail is not None and self._frames_since_search == 0

    def detect_next(self, frame: Frame, *, search: bool = False) -> tuple[Face, ...]:
        """Return the faces of the source's next frame, best score first.

        With `search` the frame is searched in full, and also when it is long after the last one, earlier, or of another size, for
        example after a lost camera.
        """
        is_consecutive = 0 <= frame.t_ms - self._last_ms <= _CONSECUTIVE_MS and frame.size_wh == self._size_wh
        if search or not is_consecutive:
            self.reset()
        self._last_ms, self._size_wh = frame.t_ms, frame.size_wh
        return self.detect(frame.bgr)

    def detect(self, bgr: Image) -> tuple[Face, ...]:
        """Return the faces of the next frame, best score first."""
        region_xyxy = self._detector.region_xyxy(bgr)
        thumbnail = _thumbnail(bgr, region_xyxy)
        self._frames_since_search += 1
        followed = None if self._search_is_due(thumbnail, region_xyxy) else self._follow(bgr)
        if followed is None:
            self._faces = self._detector.detect(bgr)
            self._frames_since_search, self._search_thumbnail = 0, thumbnail
        else:
            self._faces = followed
        return self._faces

    def reset(self) -> None:
        """Search the next frame in full, because it does not closely follow the last one."""
        self._faces, self._search_thumbnail = (), None

    def _search_is_due(self, thumbnail: NDArray[np.int16], region_xyxy: Region) -> bool:
        settings = self._settings
        if self._search_thumbnail is None or self._frames_since_search >= settings.detect_every_frames:
            return True
        return self._frames_since_search >= settings.detect_moving_every_frames and self._moved_elsewhere(thumbnail, region_xyxy)

    def _follow(self, bgr: Image) -> tuple[Face, ...] | None:
        """Refine the faces of the last frame; return None if one of them is lost."""
        if not self._faces:
            return ()
        last = np.array([face.box.xyxy for face in self._faces], np.float32)
        found = self._detector.confirm(bgr, bx.square(last))
        return found if len(found) == len(self._faces) else None

    def _moved_elsewhere(self, thumbnail: NDArray[np.int16], region_xyxy: Region) -> bool:
        """Return True if anything but the faces has changed since the last search."""
        assert self._search_thumbnail is not None
        changed = np.abs(thumbnail - self._search_thumbnail) > _CHANGED
        x1, y1, x2, y2 = region_xyxy
        scale = np.array(_THUMBNAIL_WH) / (x2 - x1, y2 - y1)
        for face in self._faces:
            center = np.array([face.box.x + face.box.w / 2 - x1, face.box.y + face.box.h / 2 - y1])
            reach = face.box.longer_side_px * _AROUND_FACE / 2
            (left, top), (right, bottom) = ((center + side * reach) * scale for side in (-1, 1))
            changed[max(0, int(top)) : max(0, int(bottom) + 1), max(0, int(left)) : max(0, int(right) + 1)] = False
        return int(np.count_nonzero(changed)) >= _MOVED_PIXELS


def _thumbnail(bgr: Image, region_xyxy: Region) -> NDArray[np.int16]:
    """Return (60, 80) gray values of the region, signed so that differences do not wrap."""
    x1, y1, x2, y2 = region_xyxy
    small = cv2.resize(bgr[y1:y2, x1:x2], _THUMBNAIL_WH, interpolation=cv2.INTER_LINEAR)
    return cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.int16)
