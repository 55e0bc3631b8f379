"""Evidence that a track shows a living face: motion of a still image, and scores of presentation attacks. Pure.

Time comes in with each frame. docs/internals/liveness.md has the figures and the limits.
"""

from __future__ import annotations

import math
from collections import deque
from enum import Enum, auto

import numpy as np

from facecam.types import Floats

PRESENTATION_ATTACK = "presentation_attack"
"""Reason code of a track that shows a photo or a video of a face, by the scores of the networks."""

PRESENTATION_UNDECIDED = "presentation_undecided"
"""Reason code of a track with too few scores for a name, or with scores that contradict each other."""

STILL_PICTURE = "still_picture"
"""Reason code of a track that shows a still image of a face."""

LIVE_SCORE_LIMIT = 0.5
"""Live score of a frame that is not evidence for either side; below, a face looks like a photo or a screen."""

WINDOW_MS = 2000.0
"""Time a face must be observed before it can be called a still image, and length of the examined window."""

EMBED_EVERY_MS = 250.0
"""Embeddings closer in time are alike for a living face too."""

MAX_OFF_PLANE = 0.0065
"""Chosen on the webcam clips of persons A and B by benchmarks/still_images.py, like the networks' `still_spread_l2`; the table
is in docs/internals/liveness.md."""

_LIVENESS_GAP_MS = 500.0
_MIN_FRAMES = 20
_MIN_EMBEDDINGS = 4


class StillImageDetector:
    """Detector for a still image of a face, over a sliding window of one track.

    Far from the camera, the points of a plane move by affine maps however the plane is moved: the centered landmarks of all
    frames lie in two dimensions. Those of a solid head lie in three (Tomasi and Kanade, 1992), those of a speaking face in more.
    The embeddings of a still image hardly change either. docs/internals/liveness.md lists the limits.
    """

    def __init__(self, max_spread_l2: float, window_ms: float = WINDOW_MS) -> None:
        self._max_spread_l2 = max_spread_l2
        self._window_ms = window_ms
        self._landmarks: deque[tuple[float, Floats]] = deque()
        self._embeddings: deque[tuple[float, Floats]] = deque()
        self._started_ms: float | None = None

    def add(self, t_ms: float, landmarks_xy: Floats, embedding: Floats | None) -> None:
        """Add a frame of the track: landmarks (5, 2) in pixels, and the embedding (d,) if there is one."""
        if not self._landmarks or t_ms - self._landmarks[-1][0] > _LIVENESS_GAP_MS:
            self._started_ms = t_ms
            self._landmarks.clear()
            self._embeddings.clear()
        self._landmarks.append((t_ms, landmarks_xy))
        if embedding is not None and (not self._embeddings or t_ms - self._embeddings[-1][0] >= EMBED_EVERY_MS):
            self._embeddings.append((t_ms, embedding))
        for window in (self._landmarks, self._embeddings):
            while window and t_ms - window[0][0] > self._window_ms:
                window.popleft()

    @property
    def is_ready(self) -> bool:
        """True after a whole window without a gap."""
        if self._started_ms is None or self._landmarks[-1][0] - self._started_ms < self._window_ms:
            return False
        return len(self._landmarks) >= _MIN_FRAMES and len(self._embeddings) >= _MIN_EMBEDDINGS

    @property
    def is_still(self) -> bool:
        """True if the track appears to show a still image; False until it is ready."""
        return (
            self.is_ready
            and off_plane(np.array([points for _, points in self._landmarks])) <= MAX_OFF_PLANE
            and spread_l2(np.array([embedding for _, embedding in self._embeddings])) <= self._max_spread_l2
        )


def off_plane(landmarks_xy: Floats) -> float:
    """Return the root mean square deviation of landmarks (frames, 5, 2) from the motion of a plane, in eye distances."""
    points = landmarks_xy.astype(np.float64)
    eye_distance = float(np.linalg.norm(points[:, 1] - points[:, 0], axis=1).mean())
    centered = (points - points.mean(axis=1, keepdims=True)).transpose(0, 2, 1).reshape(-1, points.shape[1])
    # Squared singular values in ascending order: the two largest are the plane.
    squares = np.linalg.eigvalsh(centered.T @ centered)[:-2].clip(min=0)
    return float(np.sqrt(squares.sum() / centered.size)) / max(eye_distance, 1e-6)


def spread_l2(embeddings: Floats) -> float:
    """Return the root mean square L2 distance of embeddings (n, d) from their mean, corrected for small n."""
    deviations = embeddings - embeddings.mean(axis=0)
    return float(np.sqrt((deviations**2).sum() / (len(embeddings) - 1)))


# Chosen on persons A and B by benchmarks/presentation_attacks.py; the scores of the first sightings are there when a name is due.
_FIRST_SCORES = 3
_DECIDED_LOG_ODDS = 2.0
_MAX_LOG_ODDS = 10.0
_SMALLEST = 0.02

_DOUBTFUL_EVERY_MS = 100.0
_ATTACK_EVERY_MS = 1000.0
_PROBABLY_LIVE_EVERY_MS = 800.0
_LIVE_EVERY_MS = 2400.0


class Presentation(Enum):
    """State of a track's evidence for a living face."""

    UNDECIDED = auto()
    LIVE = auto()
    ATTACK = auto()


class PresentationEvidence:
    """Evidence that a track shows a living face: the sum of the log odds of some of its frames' scores.

    The sum is limited, so that earlier frames do not outweigh what the camera sees now. A state stays until the sum has reached
    the limit of the other one: a hand before the mouth for half a second changes nothing, a photo that replaces the person does.
    The state depends on nothing but the scores and their times.

    Attributes:
        last_score: The newest score, None before the first.

    References:
        Wald, "Sequential Tests of Statistical Hypotheses", Annals of Mathematical Statistics 16 (1945).
    """

    def __init__(self) -> None:
        self.last_score: float | None = None
        self._state = Presentation.UNDECIDED
        self._log_odds = 0.0
        self._count = 0
        self._scored_ms: float | None = None

    @property
    def state(self) -> Presentation:
        """State after the scores so far."""
        return self._state

    def is_due(self, t_ms: float) -> bool:
        """Return whether a score is wanted at this time: at once while undecided, rarely once the sum is at its limit."""
        if self._scored_ms is None or self._state is Presentation.UNDECIDED:
            return True
        return not 0 <= t_ms - self._scored_ms < self._every_ms()

    def _every_ms(self) -> float:
        """Return the time between two scores of a decided track."""
        is_certain = abs(self._log_odds) >= _MAX_LOG_ODDS
        if self._state is Presentation.ATTACK:
            return _ATTACK_EVERY_MS if is_certain else _DOUBTFUL_EVERY_MS
        if is_certain:
            return _LIVE_EVERY_MS
        if self.last_score is not None and self.last_score < LIVE_SCORE_LIMIT:
            return _DOUBTFUL_EVERY_MS  # So that a photo which replaces the person loses the name within three seconds.
        return _PROBABLY_LIVE_EVERY_MS

    def add(self, t_ms: float, live_score: float) -> None:
        """Add the score of a frame: the probability of a living face, 0 to 1. A score that is not a number counts as 0."""
        live_score = live_score if math.isfinite(live_score) else 0.0
        self._scored_ms, self.last_score = t_ms, live_score
        probability = min(max(live_score, _SMALLEST), 1 - _SMALLEST)
        changed = self._log_odds + math.log(probability / (1 - probability))
        self._log_odds = min(max(changed, -_MAX_LOG_ODDS), _MAX_LOG_ODDS)
        self._count += 1
        if self._count >= _FIRST_SCORES and abs(self._log_odds) >= _DECIDED_LOG_ODDS:
            self._state = Presentation.LIVE if self._log_odds > 0 else Presentation.ATTACK
