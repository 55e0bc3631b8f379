"""Bounding box arithmetic. Boxes are (n, 4) float32 arrays of x1, y1, x2, y2 in pixels, scores are (n,)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facecam.types import Box, Floats

# Boxes are compared in blocks, and only with better-scored ones: that halves the work and bounds the memory.
_BLOCK = 128


def areas(boxes_xyxy: Floats) -> Floats:
    """Return (n,) areas in square pixels."""
    result: Floats = (boxes_xyxy[:, 2] - boxes_xyxy[:, 0]) * (boxes_xyxy[:, 3] - boxes_xyxy[:, 1])
    return result


def overlap(a_xyxy: Floats, b_xyxy: Floats, *, over: str = "union") -> Floats:
    """Return (len(a), len(b)) intersections over the union, or with over="smaller" over the smaller area."""
    a_left, a_top, a_right, a_bottom = a_xyxy.T[:, :, None]
    b_left, b_top, b_right, b_bottom = np.ascontiguousarray(b_xyxy.T)
    # In place, because with hundreds of boxes new memory for every step takes half of the time.
    shared: Floats = np.minimum(a_right, b_right)
    shared -= np.maximum(a_left, b_left)
    np.maximum(shared, 0, out=shared)
    height = np.minimum(a_bottom, b_bottom)
    height -= np.maximum(a_top, b_top)
    shared *= np.maximum(height, 0, out=height)
    if over == "smaller":
        divisor = np.minimum(areas(a_xyxy)[:, None], areas(b_xyxy), out=height)
    else:
        divisor = np.add(areas(a_xyxy)[:, None], areas(b_xyxy), out=height)
        divisor -= shared
    shared /= np.maximum(divisor, 1e-9, out=divisor)
    return shared


def iou(a: Box, b: Box) -> float:
    """Return the intersection over union of two boxes, for which arrays take 25 times as long."""
    w = min(a.x + a.w, b.x + b.w) - max(a.x, b.x)
    h = min(a.y + a.h, b.y + b.h) - max(a.y, b.y)
    shared = max(0.0, w) * max(0.0, h)
    return shared / (a.w * a.h + b.w * b.h - shared)


def nms(boxes_xyxy: Floats, scores: Floats, threshold: float, *, over: str = "union") -> NDArray[np.intp]:
    """Return the indices of boxes that no better-scored box overlaps by more than `threshold`, best first.

    Unlike in greedy non-maximum suppression, a suppressed box still suppresses others. This is the `mtcnn` package's rule, and
    it needs no loop over boxes.
    """
    if len(scores) < 2:
        return np.arange(len(scores))
    order = np.argsort(-scores, kind="stable")
    ranked = boxes_xyxy[order]
    keep = np.empty(len(order), bool)
    for start in range(0, len(order), _BLOCK):
        stop = min(start + _BLOCK, len(order))
        hits = overlap(ranked[:stop], ranked[start:stop], over=over) > threshold
        indices = np.arange(start, stop)
        hits[indices, indices - start] = True
        keep[indices] = hits.argmax(axis=0) == indices  # the first box that it overlaps is itself
    return order[keep]


def batched_nms(boxes_xyxy: Floats, scores: Floats, groups: NDArray[np.intp], threshold: float) -> NDArray[np.intp]:
    """Return the result of `nms` within each group (0, 1, 2, ...), by moving the groups apart."""
    extent = boxes_xyxy.max(initial=0) - boxes_xyxy.min(initial=0) + 1
    return nms(boxes_xyxy + (groups * extent).astype(np.float32)[:, None], scores, threshold)


def square(boxes_xyxy: Floats) -> Floats:
    """Return squares with the centers and longer sides of the boxes."""
    size = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
    side = size.max(axis=1, keepdims=True)
    corner = boxes_xyxy[:, :2] + (size - side) / 2
    return np.concatenate([corner, corner + side], axis=1)


def refine(boxes_xyxy: Floats, offsets: Floats) -> Floats:
    """Move each edge by its offset (n, 4), a fraction of the side plus one pixel, as in the `mtcnn` package."""
    size = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2] + 1
    result: Floats = boxes_xyxy + offsets * np.tile(size, 2)
    return result


def clip(boxes_xyxy: Floats, size_wh: tuple[int, int]) -> Floats:
    """Clip boxes to the frame (0 to width - 1, 0 to height - 1)."""
    limit = np.array([size_wh[0] - 1, size_wh[1] - 1] * 2, np.float32)
    return np.clip(boxes_xyxy, 0, limit)
