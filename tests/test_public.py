"""The public interface: what `import facecam` promises."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import facecam
import facecam.errors
from facecam.types import Box, Decision, DecisionStatus, Face, Quality, Sighting, TrackDecision


@pytest.mark.parametrize("name", facecam.__all__)
def test_every_public_name_is_there_and_knows_its_own_name(name: str) -> None:
    assert getattr(facecam, name).__name__ == name
    assert name in dir(facecam)


def test_the_names_are_sorted_and_each_stands_once() -> None:
    assert facecam.__all__ == sorted(set(facecam.__all__))


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="recognize"):
        facecam.recognize  # noqa: B018


def test_importing_facecam_imports_nothing_heavy() -> None:
    code = "import sys, facecam; print(*sorted({'numpy', 'cv2', 'PySide6', 'pandas', 'tensorflow'} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.strip() == ""


@pytest.mark.parametrize("name", sorted(facecam._DEPRECATED))
def test_an_earlier_public_name_still_works_and_names_its_successor(name: str) -> None:
    with pytest.warns(DeprecationWarning, match=facecam._DEPRECATED[name]):
        found = getattr(facecam, name)

    assert found is getattr(facecam, facecam._DEPRECATED[name])


@pytest.mark.parametrize("name", sorted(facecam.errors._DEPRECATED))
def test_earlier_names_of_errors_still_work(name: str) -> None:
    with pytest.warns(DeprecationWarning, match=name):
        assert getattr(facecam.errors, name) is facecam.errors._DEPRECATED[name]


def test_earlier_names_of_decisions_still_work() -> None:
    decision = Decision(DecisionStatus.UNKNOWN, "too_far")
    track_decision = TrackDecision(1, 0.0, decision)
    face = Face(Box(0, 0, 10, 10), 0.99, np.zeros((5, 2), np.float32))
    sighting = Sighting(face, Quality(0, 0, 0), None, False, decision, 1.0, track_decision)

    with pytest.warns(DeprecationWarning, match="status"):
        assert decision.kind is DecisionStatus.UNKNOWN
    with pytest.warns(DeprecationWarning, match="track_decision"):
        assert sighting.vote is track_decision
