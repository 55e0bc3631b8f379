"""Whether a track shows a picture of a face: its landmarks move only as points of a plane do, and its embeddings hardly change.

Before a distant camera the points of a plane move by affine maps, whatever is done with the plane: centred, the landmarks of all
frames then lie in two dimensions, those of a solid head in three (Tomasi and Kanade, 1992), those of a face that speaks in
more. What it cannot tell is in docs/liveness.md.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from facecam.types import Floats

STILL_PICTURE = "still_picture"
"""The reason of a track that is unsure since it shows a picture of a face."""

WINDOW_MS = 2000.0
"""How long a face is watched before anything is said, and how far back is looked then."""

EMBED_EVERY_MS = 250.0
"""Embeddings closer in time are alike for a living face too."""

MAX_OFF_PLANE = 0.0065
MAX_SPREAD_L2 = 0.075
"""Chosen on the clips of persons A and B of the webcam clips by benchmarks/still_pictures.py; docs/liveness.md has its table."""

_GAP_MS = 500.0
_LEAST_FRAMES = 20
_LEAST_EMBEDDINGS = 4


class StillWatch:
    """The last `window_ms` of one track, and what they say."""

    def __init__(self, window_ms: float = WINDOW_MS) -> None:
        self._window_ms = window_ms
        self._landmarks: deque[tuple[float, Floats]] = deque()
        self._embeddings: deque[tuple[float, Floats]] = deque()
        self._began_ms: float | None = None

    def add(self, t_ms: float, landmarks_xy: Floats, embedding: Floats | None) -> None:
        """One more frame of the track: (5, 2) landmarks in pixels, and its embedding (128,) if it was made."""
        if not self._landmarks or t_ms - self._landmarks[-1][0] > _GAP_MS:
            self._began_ms = t_ms
            self._landmarks.clear()
            self._embeddings.clear()
        self._landmarks.append((t_ms, landmarks_xy))
        if embedding is not None and (not self._embeddings or t_ms - self._embeddings[-1][0] >= EMBED_EVERY_MS):
            self._embeddings.append((t_ms, embedding))
        for kept in (self._landmarks, self._embeddings):
            while kept and t_ms - kept[0][0] > self._window_ms:
                kept.popleft()

    @property
    def is_ready(self) -> bool:
        """Whether enough was seen: `window_ms` without a gap."""
        if self._began_ms is None or self._landmarks[-1][0] - self._began_ms < self._window_ms:
            return False
        return len(self._landmarks) >= _LEAST_FRAMES and len(self._embeddings) >= _LEAST_EMBEDDINGS

    @property
    def is_still(self) -> bool:
        """Whether it is a still picture, as far as can be told; False until enough was seen."""
        return (
            self.is_ready
            and off_plane(np.array([points for _, points in self._landmarks])) <= MAX_OFF_PLANE
            and spread_l2(np.array([embedding for _, embedding in self._embeddings])) <= MAX_SPREAD_L2
        )


def off_plane(landmarks_xy: Floats) -> float:
    """How far the landmarks (frames, 5, 2) are from moving as points of a plane: root mean square, in eye distances."""
    points = landmarks_xy.astype(np.float64)
    eye_distance = float(np.linalg.norm(points[:, 1] - points[:, 0], axis=1).mean())
    centred = (points - points.mean(axis=1, keepdims=True)).transpose(0, 2, 1).reshape(-1, points.shape[1])
    # The squares of the singular values, smallest first: the two largest are the plane.
    squares = np.linalg.eigvalsh(centred.T @ centred)[:-2].clip(min=0)
    return float(np.sqrt(squares.sum() / centred.size)) / max(eye_distance, 1e-6)


def spread_l2(embeddings: Floats) -> float:
    """How far the embeddings (n, 128) are from their mean, root mean square, plain L2; n of few is allowed for."""
    apart = embeddings - embeddings.mean(axis=0)
    return float(np.sqrt((apart**2).sum() / (len(embeddings) - 1)))
