"""A plain OpenCV window: live pictures with what was recognised, side by side, until it is closed or q or Escape is pressed."""

from __future__ import annotations

import math
import os
import textwrap
from typing import Self

import cv2
import numpy as np

from facecam.overlay import annotate, draw
from facecam.recorder import fitted
from facecam.types import Frame, Picture, Result

_TITLE = "facecam"
_ESCAPE = 27
_LETTER_WIDTH_PX, _LINE_HEIGHT_PX = 12, 24


class CvWindow:
    """Owned by the thread that shows the first picture. `closed` turns true when the user has had enough.

    One window for all sources: of several, OpenCV's Qt paints none.
    """

    def __init__(self) -> None:
        self.closed = False
        self._pictures: dict[int, Picture] = {}
        self._opened = False
        self._size_wh = (0, 0)

    def show(self, slot: int, frame: Frame, result: Result | None, caption: str = "") -> None:
        """Show a source's frame with what is known about it, and below it what there is to say."""
        picture = frame.bgr.copy()
        if result is not None:
            draw(picture, annotate(result))
        _caption(picture, caption)
        self._pictures[slot] = picture
        self._put(_tiled([self._pictures[number] for number in sorted(self._pictures)]))

    def pump(self) -> None:
        """Let the window react; to be called often, also while no picture comes."""
        if self._opened:
            # Within 1 ms a busy machine gets to no painting at all.
            key = cv2.waitKey(10) & 0xFF
            self.closed = key in (ord("q"), _ESCAPE) or cv2.getWindowProperty(_TITLE, cv2.WND_PROP_VISIBLE) < 1

    def _put(self, picture: Picture) -> None:
        if not self._opened:
            # OpenCV's Qt looks for fonts that its package does not bring, and says so ten times; no text here is Qt's.
            os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")
            cv2.namedWindow(_TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
            self._opened = True
        if self._size_wh != (picture.shape[1], picture.shape[0]):
            self._size_wh = picture.shape[1], picture.shape[0]
            cv2.resizeWindow(_TITLE, *self._size_wh)
        cv2.imshow(_TITLE, picture)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._opened:
            cv2.destroyAllWindows()


def _caption(picture: Picture, text: str) -> None:
    """Write a sentence along the lower edge, in as many lines as it takes."""
    lines = textwrap.wrap(text, max(20, picture.shape[1] // _LETTER_WIDTH_PX))
    for number, line in enumerate(reversed(lines)):
        origin = 12, picture.shape[0] - 14 - number * _LINE_HEIGHT_PX
        for colour, thickness in (((0, 0, 0), 4), ((255, 255, 255), 1)):
            cv2.putText(picture, line, origin, cv2.FONT_HERSHEY_SIMPLEX, 0.6, colour, thickness, cv2.LINE_AA)


def _tiled(pictures: list[Picture]) -> Picture:
    """The pictures in rows as equal tiles, each as large as the first."""
    if len(pictures) == 1:
        return pictures[0]
    size_wh = pictures[0].shape[1], pictures[0].shape[0]
    tiles = [fitted(picture, size_wh) for picture in pictures]
    columns = math.ceil(math.sqrt(len(tiles)))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    return np.vstack([np.hstack(tiles[row : row + columns]) for row in range(0, len(tiles), columns)])
