"""MTCNN cascade on LiteRT: P-Net over a packed image pyramid, then R-Net and O-Net on crops of the full image."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np

from facecam.detection import boxes as bx
from facecam.detection import pyramid
from facecam.networks.litert import FixedBatchNetwork, Network, open_network
from facecam.settings import DetectSettings
from facecam.types import Box, Face, Floats, Image

_RNET_PX = 24
_ONET_PX = 48
_RNET_BATCHES = (8, 16, 24, 32, 48, 64, 128)
# Each size has its own copy of the weights in memory: two crops run one by one, which takes 0.05 ms more and saves 2.5 MB.
_ONET_BATCHES = (1, 4, 8, 16, 32)
_NMS_LEVEL = 0.5
_NMS_STAGE = 0.7
# Crops are gray beyond the edge of the image: 127.5 is the zero of the networks' scaled input.
_OUTSIDE = (127.5, 127.5, 127.5)
_STEPS = {side_px: np.linspace(0, 1, side_px, dtype=np.float32) for side_px in (_RNET_PX, _ONET_PX)}
# An image of 12 megapixels made of 3,300 small faces has 18,000 windows. Non-maximum suppression takes time that is quadratic in
# their number: 43 s for the 78,000 windows of 13,000 small faces.
_MAX_WINDOWS = 30_000
# cv2.remap takes at most 32,767 rows.
_REMAP_ROWS = 32_000


class Detector(Protocol):
    """Face detector for single images."""

    def detect(self, bgr: Image) -> tuple[Face, ...]:
        """Return the faces of `bgr` (height, width, 3) uint8, best score first, with boxes clipped to the image."""
        ...


class Mtcnn:
    """MTCNN with the `mtcnn` package's arithmetic. It belongs to the thread that calls it first."""

    def __init__(self, settings: DetectSettings) -> None:
        # Measured: OpenCV's own threads compete with LiteRT's and save no time on images of this size.
        cv2.setNumThreads(1)
        self._settings = settings
        self._pnet: Network = open_network("pnet", settings.threads)
        self._rnet = FixedBatchNetwork(open_network("rnet", settings.threads), _RNET_BATCHES)
        self._onet = FixedBatchNetwork(open_network("onet", settings.threads), _ONET_BATCHES)
        self._pyramid = pyramid.Pyramid()

    def detect(self, bgr: Image) -> tuple[Face, ...]:
        """Return the faces of `bgr` (height, width, 3) uint8, best score first.

        With a region in the settings, only its pixels are searched; a face that is partly inside is still found whole.
        """
        settings = self._settings
        x1, y1, x2, y2 = self.region_xyxy(bgr)
        plan = pyramid.layout((x2 - x1, y2 - y1), settings.min_face_size_px, settings.scale_factor)
        if plan is None:
            return ()
        candidates = self._propose(bgr[y1:y2, x1:x2], plan) + np.array([x1, y1, x1, y1], np.float32)
        if len(candidates):
            candidates = self._refine(bgr, candidates)
        return self.confirm(bgr, candidates) if len(candidates) else ()

    def region_xyxy(self, bgr: Image) -> tuple[int, int, int, int]:
        """Return the searched region of this image, in pixels."""
        return self._settings.region_xyxy((bgr.shape[1], bgr.shape[0]))

    def _propose(self, bgr: Image, plan: pyramid.CanvasLayout) -> Floats:
        """Return square candidate boxes (n, 4) from P-Net."""
        min_logit = _logit(self._settings.pnet_threshold)
        parts = [
            pyramid.decode_proposals(self._pnet(tile)[0], plan, min_logit, first_cell)
            for tile, first_cell in self._pyramid.tiles(bgr, plan)
        ]
        found, logits, levels = (np.concatenate(part) for part in zip(*parts, strict=True))
        if len(found) > _MAX_WINDOWS:
            best = np.sort(np.argpartition(-logits, _MAX_WINDOWS)[:_MAX_WINDOWS])
            found, logits, levels = found[best], logits[best], levels[best]
        chosen = bx.batched_nms(found, logits, levels, _NMS_LEVEL)
        chosen = chosen[bx.nms(found[chosen], logits[chosen], _NMS_STAGE)]
        return bx.square(found[chosen])

    def _refine(self, bgr: Image, candidates: Floats) -> Floats:
        """Filter and refine the candidates with R-Net; return square boxes."""
        output = self._rnet(extract_crops(bgr, candidates, _RNET_PX))
        good = output[:, 4] > _logit(self._settings.rnet_threshold)
        refined = bx.refine(candidates, output[:, :4])[good]
        return bx.square(refined[bx.nms(refined, output[good, 4], _NMS_STAGE)])

    def confirm(self, bgr: Image, candidates: Floats) -> tuple[Face, ...]:
        """Return the faces among square boxes (n, 4), with score, exact box and landmarks from O-Net."""
        output = self._onet(extract_crops(bgr, candidates, _ONET_PX))
        good = output[:, 14] > _logit(self._settings.onet_threshold)
        candidates, output = candidates[good], output[good]
        refined = bx.refine(candidates, output[:, :4])
        order = bx.nms(refined, output[:, 14], _NMS_STAGE, over="smaller")
        points = _landmarks(candidates[order], output[order, 4:14])
        scores = 1 / (1 + np.exp(-output[order, 14]))
        clipped = bx.clip(refined[order], (bgr.shape[1], bgr.shape[0]))
        return tuple(
            Face(Box(float(x1), float(y1), float(x2 - x1), float(y2 - y1)), float(score), landmarks)
            for (x1, y1, x2, y2), score, landmarks in zip(clipped, scores, points, strict=True)
            if x2 > x1 and y2 > y1
        )


def extract_crops(bgr: Image, boxes_xyxy: Floats, side_px: int) -> Floats:
    """Return bilinear crops (n, side, side, 3) float32 BGR in 0..255, with the box corners on the corner pixels.

    The sampling equals tf.image.crop_and_resize with coordinates divided by the image size, as in the `mtcnn` package.
    """
    limit = np.array([bgr.shape[1], bgr.shape[0]] * 2, np.float32)
    ends = boxes_xyxy * ((limit - 1) / limit)
    steps = _STEPS[side_px]
    xs = ends[:, 0:1] + (ends[:, 2:3] - ends[:, 0:1]) * steps
    ys = ends[:, 1:2] + (ends[:, 3:4] - ends[:, 1:2]) * steps
    shape = len(boxes_xyxy), side_px, side_px
    map_x = np.broadcast_to(xs[:, None, :], shape).reshape(-1, side_px)
    map_y = np.broadcast_to(ys[:, :, None], shape).reshape(-1, side_px)
    sampled = np.empty((len(map_x), side_px, 3), np.float32)
    for start in range(0, len(map_x), _REMAP_ROWS):
        rows = slice(start, start + _REMAP_ROWS)
        sampled[rows] = cv2.remap(bgr, map_x[rows], map_y[rows], cv2.INTER_LINEAR, borderValue=_OUTSIDE)
    return sampled.reshape(*shape, 3)


def _landmarks(boxes_xyxy: Floats, relative: Floats) -> Floats:
    """Return (n, 5, 2) pixels from O-Net's five x and five y, fractions of the box."""
    corner = boxes_xyxy[:, None, :2]
    size = boxes_xyxy[:, None, 2:] - corner + 1
    points: Floats = np.stack([relative[:, :5], relative[:, 5:]], axis=2)
    return (points * size + corner - 1).astype(np.float32)


def _logit(probability: float) -> float:
    """Return the logit whose sigmoid is `probability`."""
    return float(np.log(probability / (1 - probability)))
