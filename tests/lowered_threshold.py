"""Distance tables whose cohort resembles one person, so that this person's match threshold is lower."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facecam.recognition.open_set import COHORT_NEAREST, COHORT_WEIGHT, DistanceTable, load_distance_table
from facecam.settings import IdentifySettings
from facecam.types import Floats


def table_lowering(person: Floats, reduction_l2: float) -> DistanceTable:
    """Return the default network's table with a cohort that lowers the threshold of a person (d,), and not of dissimilar ones."""
    cohort = np.repeat(person[np.newaxis].astype(np.float64), COHORT_NEAREST, axis=0)
    return replace(load_distance_table(IdentifySettings().network), cohort=cohort, cohort_l2=reduction_l2 / COHORT_WEIGHT)


def most_resembling(table: DistanceTable) -> Floats:
    """Return the face of a table's cohort whose threshold would be lowered the most, (d,) float32."""
    faces = table.cohort.astype(np.float32)
    return np.asarray(faces[int(table.threshold_reduction_l2(faces).argmax())])
