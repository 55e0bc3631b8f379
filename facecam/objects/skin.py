"""What is a hand: small beside the face that is in view, and largely of its colour. Pure.

Chroma alone: a hand held out is lighter or darker than the face, but hardly of another hue (Phung, Bouzerdoum and Chai, 2005).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.types import Floats

# How far a pixel's Cr and Cb may be from the face's, of 256.
_NEAR = 9.0
_LEARNS = 0.2
# A hand with its forearm is no larger than so many faces.
_FACES = 3.0
# How much of it must have the colour; the rest is sleeve, and what was learned too late.
_SKIN = 0.45


class SkinTone:
    """What is known of the skin of whoever is in view; nothing before the first face."""

    def __init__(self) -> None:
        self._cr_cb: Floats | None = None
        self._face_px = 0

    def learn(self, bgr: Floats, face: tuple[slice, slice]) -> None:
        """Take in the middle of a face in `bgr` (rows, columns, 3) float32, 0 to 255."""
        rows, columns = face
        middle = bgr[_half(rows), _half(columns)]
        if middle.size == 0:
            return
        seen = np.median(_chroma(middle).reshape(-1, 2), axis=0).astype(np.float32)
        self._face_px = (rows.stop - rows.start) * (columns.stop - columns.start)
        self._cr_cb = seen if self._cr_cb is None else self._cr_cb + np.float32(_LEARNS) * (seen - self._cr_cb)

    def is_hand(self, bgr: Floats, mask: NDArray[np.uint8]) -> bool:
        """Whether what `mask` (rows, columns) covers of `bgr` is a hand; never while no face was seen."""
        return int(np.count_nonzero(mask)) <= _FACES * self._face_px and self.share(bgr, mask) > _SKIN

    def share(self, bgr: Floats, mask: NDArray[np.uint8]) -> float:
        """How much of what `mask` (rows, columns) covers of `bgr` has that colour, 0 to 1; 0 while no face was seen."""
        covered = int(np.count_nonzero(mask))
        if self._cr_cb is None or covered == 0:
            return 0.0
        off = np.abs(_chroma(bgr) - self._cr_cb)
        alike = (off[..., 0] < _NEAR) & (off[..., 1] < _NEAR)
        return int(np.count_nonzero(alike & (mask > 0))) / covered


def _half(part: slice) -> slice:
    """The middle half of a range."""
    quarter = (part.stop - part.start) // 4
    return slice(part.start + quarter, part.stop - quarter)


def _chroma(bgr: Floats) -> Floats:
    """(rows, columns, 2) float32: Cr and Cb, 0 to 255."""
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(bgr / np.float32(255)), cv2.COLOR_BGR2YCrCb)[..., 1:] * 255, np.float32)
