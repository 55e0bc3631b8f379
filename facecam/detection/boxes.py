"""Arithmetic on boxes. Pure NumPy: (n, 4) float32 arrays of x1, y1, x2, y2 in pixels, scores (n,) beside them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facecam.types import Floats

# Of the boxes, so many at a time meet those with a better score only: that halves the work, and bounds the memory.
_BLOCK = 128


def areas(boxes_xyxy: Floats) -> Floats:
    """(n,) areas in square pixels."""
    result: Floats = (boxes_xyxy[:, 2] - boxes_xyxy[:, 0]) * (boxes_xyxy[:, 3] - boxes_xyxy[:, 1])
    return result


def overlap(a_xyxy: Floats, b_xyxy: Floats, *, over: str = "union") -> Floats:
    """(len(a), len(b)) intersection over the union, or with over="smaller" over the smaller of the two areas."""
    a_left, a_top, a_right, a_bottom = a_xyxy.T[:, :, None]
    b_left, b_top, b_right, b_bottom = np.ascontiguousarray(b_xyxy.T)
    # In place: with hundreds of boxes on each side, fresh memory for every step takes half of the time.
    shared: Floats = np.minimum(a_right, b_right)
    shared -= np.maximum(a_left, b_left)
    np.maximum(shared, 0, out=shared)
    height = np.minimum(a_bottom, b_bottom)
    height -= np.maximum(a_top, b_top)
    shared *= np.maximum(height, 0, out=height)
    if over == "smaller":
        whole = np.minimum(areas(a_xyxy)[:, None], areas(b_xyxy), out=height)
    else:
        whole = np.add(areas(a_xyxy)[:, None], areas(b_xyxy), out=height)
        whole -= shared
    shared /= np.maximum(whole, 1e-9, out=whole)
    return shared


def suppress(boxes_xyxy: Floats, scores: Floats, threshold: float, *, over: str = "union") -> NDArray[np.intp]:
    """Indices of the boxes that no better-scored box overlaps by more than `threshold`, best first.

    Unlike greedy suppression, a box that is suppressed itself still suppresses: this is the `mtcnn` package's rule, and it
    needs no loop over boxes.
    """
    if len(scores) < 2:
        return np.arange(len(scores))
    order = np.argsort(-scores, kind="stable")
    ranked = boxes_xyxy[order]
    keep = np.empty(len(order), bool)
    for start in range(0, len(order), _BLOCK):
        stop = min(start + _BLOCK, len(order))
        hits = overlap(ranked[:stop], ranked[start:stop], over=over) > threshold
        places = np.arange(start, stop)
        hits[places, places - start] = True
        keep[places] = hits.argmax(axis=0) == places  # the first that it overlaps is the box itself
    return order[keep]


def suppress_in_groups(boxes_xyxy: Floats, scores: Floats, groups: NDArray[np.intp], threshold: float) -> NDArray[np.intp]:
    """The same where only boxes of one group compete: each group (0, 1, 2 ...) is moved to a place of its own."""
    reach = boxes_xyxy.max(initial=0) - boxes_xyxy.min(initial=0) + 1
    return suppress(boxes_xyxy + (groups * reach).astype(np.float32)[:, None], scores, threshold)


def square(boxes_xyxy: Floats) -> Floats:
    """The boxes grown about their centers to squares of their longer sides."""
    size = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
    side = size.max(axis=1, keepdims=True)
    corner = boxes_xyxy[:, :2] + (size - side) / 2
    return np.concatenate([corner, corner + side], axis=1)


def refine(boxes_xyxy: Floats, offsets: Floats) -> Floats:
    """Each edge moved by its offset (n, 4), a fraction of the box's side; sides count one pixel more, as in the package."""
    size = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2] + 1
    result: Floats = boxes_xyxy + offsets * np.tile(size, 2)
    return result


def clip(boxes_xyxy: Floats, size_wh: tuple[int, int]) -> Floats:
    """The boxes cut at the frame's edges (0 to width - 1, 0 to height - 1)."""
    limit = np.array([size_wh[0] - 1, size_wh[1] - 1] * 2, np.float32)
    return np.clip(boxes_xyxy, 0, limit)
