"""A plain OpenCV window: the picture with what was recognised, until it is closed or q or Escape is pressed."""

from __future__ import annotations

import os
from typing import Self

import cv2

from facecam.overlay import annotate, draw
from facecam.types import Frame, Picture, Result

_TITLE = "facecam"
_ESCAPE = 27


class CvWindow:
    """Owned by the thread that shows the first picture. `closed` turns true when the user has had enough."""

    def __init__(self) -> None:
        self.closed = False
        self._opened = False

    def show(self, frame: Frame, result: Result) -> None:
        """Show a recognised frame."""
        picture = frame.bgr.copy()
        draw(picture, annotate(result))
        self._put(picture)

    def preview(self, frame: Frame, caption: str) -> None:
        """Show a frame that is not recognised, and why."""
        picture = frame.bgr.copy()
        origin = 12, picture.shape[0] - 14
        for colour, thickness in (((0, 0, 0), 4), ((255, 255, 255), 1)):
            cv2.putText(picture, caption, origin, cv2.FONT_HERSHEY_SIMPLEX, 0.6, colour, thickness, cv2.LINE_AA)
        self._put(picture)

    def _put(self, picture: Picture) -> None:
        if not self._opened:
            # OpenCV's Qt looks for fonts that its package does not bring, and says so ten times; no text here is Qt's.
            os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")
            cv2.namedWindow(_TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
            cv2.resizeWindow(_TITLE, picture.shape[1], picture.shape[0])
            self._opened = True
        cv2.imshow(_TITLE, picture)
        key = cv2.waitKey(1) & 0xFF
        if key in (ord("q"), _ESCAPE) or cv2.getWindowProperty(_TITLE, cv2.WND_PROP_VISIBLE) < 1:
            self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._opened:
            cv2.destroyAllWindows()
