"""One source as it is shown: its picture as Qt paints it, and its marks, smoothed and as fresh as they are."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage

from facecam.overlay import Mark, Overlay, Words, annotate
from facecam.overlay.blurring import blurred, strangers
from facecam.overlay.smoothing import Smoother
from facecam.types import Frame, Picture, Result
from facecam.ui.fitting import Fit
from facecam.ui.painting import OverlayPainter

FRESH_MS = 400.0
"""Marks found in a picture this much older than the shown one begin to fade."""

FADE_MS = 250.0
"""And are gone after so much more."""

_KEPT_S = 1.5


class Tile:
    """Keeps the newest of one source; `fit` is where it was painted last."""

    def __init__(self) -> None:
        self.frame: Frame | None = None
        self.overlay: Overlay | None = None
        self.result: Result | None = None
        self.fit: Fit | None = None
        self.painter = OverlayPainter()
        self._recognised: Frame | None = None
        self._smoother = Smoother()
        self._image: tuple[Frame, bool, QImage, Picture] | None = None

    def see(self, frame: Frame, result: Result, words: Words) -> None:
        """Take what was recognised in a frame."""
        if self._recognised is None or frame.source != self._recognised.source or frame.t_ms < self._recognised.t_ms:
            self._smoother.forget()
        overlay = annotate(result, words)
        marks = self._smoother.smoothed(overlay.marks, result.t_ms)
        self.overlay = dataclasses.replace(overlay, marks=marks)
        self._recognised, self.result = frame, result

    def shown(self, *, blur: bool) -> Frame | None:
        """The frame to be shown: the newest; where strangers are blurred, the newest in which they were looked for."""
        return self._recognised if blur else self.frame

    def kept(self, *, blur: bool) -> Frame | None:
        """The frame that a snapshot shows: one that was recognised, with its own marks, unless that was long ago."""
        frame, recognised = self.frame, self._recognised
        if frame is None or recognised is None or blur:
            return self.shown(blur=blur)
        fits = frame.source == recognised.source and frame.captured_at_s - recognised.captured_at_s < _KEPT_S
        return recognised if fits else frame

    def image(self, frame: Frame, *, blur: bool) -> QImage:
        """The frame for Qt; made once, however often it is painted."""
        if self._image is None or self._image[0] is not frame or self._image[1] is not blur:
            bgr = blurred(frame.bgr, strangers(self.result)) if blur and self.result is not None else frame.bgr
            # Qt scales pictures of four bytes a pixel in half the time that those of three take.
            bgrx = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2BGRA), np.uint8)
            wide, high = frame.size_wh
            # Qt does not copy: the array must live as long as the image.
            self._image = frame, blur, QImage(bgrx.data, wide, high, bgrx.strides[0], QImage.Format.Format_RGB32), bgrx
        return self._image[2]

    def opacity(self, frame: Frame) -> float:
        """How strongly the marks are shown over this frame: 1 while they are fresh, 0 when they belong to another picture."""
        if self._recognised is None or self._recognised.source != frame.source:
            return 0.0
        age_ms = abs(frame.captured_at_s - self._recognised.captured_at_s) * 1e3
        return min(1.0, max(0.0, 1 - (age_ms - FRESH_MS) / FADE_MS))

    def mark_at(self, place: QPointF) -> Mark | None:
        """The face's mark at a place of the widget; the smallest of several, none of what is no face."""
        if self.fit is None or self.overlay is None or self.frame is None or not self.opacity(self.frame):
            return None
        x, y = self.fit.to_frame(place)
        faces = [m for m in self.overlay.marks if m.track_id is not None]
        hit = [m for m in faces if m.box.x <= x <= m.box.x + m.box.w and m.box.y <= y <= m.box.y + m.box.h]
        return min(hit, key=lambda mark: mark.box.w * mark.box.h, default=None)
