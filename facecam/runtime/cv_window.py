"""Plain OpenCV windows, one per source: the live picture with what was recognised, until one is closed, or q or Escape."""

from __future__ import annotations

import os
from typing import Self

import cv2

from facecam.overlay import annotate, draw
from facecam.types import Frame, Picture, Result

_ESCAPE = 27


class CvWindow:
    """Owned by the thread that shows the first picture. `closed` turns true when the user has had enough."""

    def __init__(self) -> None:
        self.closed = False
        self._titles: set[str] = set()

    def show(self, title: str, frame: Frame, result: Result | None, caption: str = "") -> None:
        """Show a frame with what is known about it, and below it what there is to say."""
        picture = frame.bgr.copy()
        if result is not None:
            draw(picture, annotate(result))
        if caption:
            origin = 12, picture.shape[0] - 14
            for colour, thickness in (((0, 0, 0), 4), ((255, 255, 255), 1)):
                cv2.putText(picture, caption, origin, cv2.FONT_HERSHEY_SIMPLEX, 0.6, colour, thickness, cv2.LINE_AA)
        self._put(title, picture)

    def pump(self) -> None:
        """Let the windows react; to be called often, also while no picture comes."""
        if not self._titles:
            return
        key = cv2.waitKey(1) & 0xFF
        hidden = any(cv2.getWindowProperty(title, cv2.WND_PROP_VISIBLE) < 1 for title in self._titles)
        if key in (ord("q"), _ESCAPE) or hidden:
            self.closed = True

    def _put(self, title: str, picture: Picture) -> None:
        if title not in self._titles:
            # OpenCV's Qt looks for fonts that its package does not bring, and says so ten times; no text here is Qt's.
            os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")
            cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
            cv2.resizeWindow(title, picture.shape[1], picture.shape[0])
            self._titles.add(title)
        cv2.imshow(title, picture)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._titles:
            cv2.destroyAllWindows()
