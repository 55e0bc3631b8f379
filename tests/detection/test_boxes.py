"""Box arithmetic, compared with plain loops."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from facecam.detection import boxes as bx
from facecam.types import Floats


def _boxes(count: int) -> st.SearchStrategy[Floats]:
    corners = arrays(np.float32, (count, 2), elements=st.floats(-50, 200, width=32))
    sizes = arrays(np.float32, (count, 2), elements=st.floats(1, 100, width=32))
    return st.tuples(corners, sizes).map(lambda parts: np.concatenate([parts[0], parts[0] + parts[1]], axis=1))


def _iou(a: Floats, b: Floats) -> float:
    w = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    h = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return float(w * h / (sum(areas) - w * h))


@given(_boxes(5), _boxes(3))
def test_overlap_is_the_intersection_over_the_union_of_every_pair(a: Floats, b: Floats) -> None:
    table = bx.overlap(a, b)

    assert table.shape == (5, 3)
    for i in range(5):
        for j in range(3):
            assert abs(table[i, j] - _iou(a[i], b[j])) < 1e-3


@given(_boxes(12), arrays(np.float32, 12, elements=st.floats(0, 1, width=32)), st.floats(0.2, 0.8))
def test_suppression_keeps_exactly_the_boxes_that_no_better_one_overlaps(boxes: Floats, scores: Floats, limit: float) -> None:
    indices = bx.nms(boxes, scores, limit)

    order = sorted(range(len(boxes)), key=lambda i: -scores[i])
    table = bx.overlap(boxes, boxes)
    expected = [i for rank, i in enumerate(order) if not any(table[j, i] > limit for j in order[:rank])]
    assert list(indices) == expected


def test_suppression_in_blocks_equals_suppression_at_once() -> None:
    random = np.random.default_rng(3)
    corner = random.uniform(0, 300, (5000, 2)).astype(np.float32)
    boxes = np.concatenate([corner, corner + random.uniform(10, 40, (5000, 2)).astype(np.float32)], axis=1)
    scores = random.permutation(5000).astype(np.float32)

    indices = bx.nms(boxes, scores, 0.5)

    order = np.argsort(-scores)
    hits = bx.overlap(boxes[order], boxes[order]) > 0.5
    expected = order[~np.triu(hits, k=1).any(axis=0)]
    assert np.array_equal(indices, expected)


@given(_boxes(6))
def test_a_square_keeps_the_center_and_the_longer_side(boxes: Floats) -> None:
    squares = bx.square(boxes)

    size = squares[:, 2:] - squares[:, :2]
    assert np.allclose(size[:, 0], size[:, 1], atol=1e-3)
    assert np.allclose(size[:, 0], (boxes[:, 2:] - boxes[:, :2]).max(axis=1), atol=1e-3)
    assert np.allclose(squares[:, :2] + squares[:, 2:], boxes[:, :2] + boxes[:, 2:], atol=1e-2)


def test_empty_arrays_are_accepted() -> None:
    none = np.empty((0, 4), np.float32)

    assert len(bx.nms(none, np.empty(0, np.float32), 0.5)) == 0
    assert bx.overlap(none, none).shape == (0, 0)
    assert bx.square(none).shape == (0, 4)
