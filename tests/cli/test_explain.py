"""`facecam explain` in a process of its own, on the bundled pictures."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from facecam.imageio import read_image

Command = Callable[..., subprocess.CompletedProcess[str]]


def test_a_face_is_explained_by_the_photo_it_is_nearest_to(
    facecam: Command, portraits: dict[str, Path], gallery: Path, tmp_path: Path
) -> None:
    done = facecam("explain", portraits["grace_hopper"], "--gallery", gallery)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Eileen Collins: distance 0.4")
    assert done.stdout.splitlines()[-1] == "grace_hopper-explained.png"
    drawn = read_image(tmp_path / "grace_hopper-explained.png")
    face, heated, photo = (drawn[102:462, left : left + 360].astype(int) for left in (24, 396, 768))
    changed = (np.abs(face - heated).max(axis=2) > 40).mean()
    assert 0.01 < changed < 0.5, "part of the face is under the heat"
    assert np.abs(face - photo).mean() > 20


def test_an_object_is_explained_by_its_label(facecam: Command, portraits: dict[str, Path], tmp_path: Path) -> None:
    done = facecam("explain", portraits["coffee"], "--mode", "objects", "-o", "why.png")

    assert done.returncode == 0, done.stderr
    name, _, share = done.stdout.splitlines()[0].partition(": ")
    assert name == "espresso"
    assert 50 < float(share.removesuffix(" %")) <= 100
    assert read_image(tmp_path / "why.png").shape[1] > 1000


def test_another_label_is_explained_when_it_is_named(facecam: Command, portraits: dict[str, Path]) -> None:
    done = facecam("explain", portraits["cat"], "--mode", "objects", "--label", "Egyptian cat", "-o", "why.png")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Egyptian cat: ")


def test_the_layers_of_a_network_are_one_picture(facecam: Command, portraits: dict[str, Path], tmp_path: Path) -> None:
    done = facecam("explain", portraits["eileen_collins"], "--layers", "-o", "layers.png")

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.startswith("nn4_small2_facecam_v1, 6 layers")
    assert len(read_image(tmp_path / "layers.png")) > 1000


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("cat",), "there is no face on"),
        (("eileen_collins", "--label", "Nobody"), "there is no 'Nobody' in"),
        (("coffee", "--mode", "objects", "--label", "expresso"), "the network has no label 'expresso'; there are espresso"),
        (("nowhere",), "cannot be read"),
        (("eileen_collins", "-o", "why.txt"), "has no suffix of a picture"),
    ],
)
def test_what_cannot_be_explained_is_said_in_one_sentence(
    facecam: Command, portraits: dict[str, Path], gallery: Path, words: tuple[str, ...], sentence: str
) -> None:
    done = facecam("explain", portraits.get(words[0], words[0]), "--gallery", gallery, *words[1:])

    assert done.returncode == 1
    assert done.stderr.startswith("facecam: ")
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_where_nobody_is_enrolled_a_face_has_nothing_to_be_like(facecam: Command, portraits: dict[str, Path]) -> None:
    done = facecam("explain", portraits["eileen_collins"])

    assert done.returncode == 1
    assert "nobody is enrolled in" in done.stderr
    assert "facecam enroll NAME PHOTO" in done.stderr


def test_what_is_no_picture_is_said(facecam: Command, tmp_path: Path) -> None:
    (tmp_path / "notes.jpg").write_text("no picture")

    done = facecam("explain", "notes.jpg")

    assert done.returncode == 1
    assert "is no picture that can be decoded" in done.stderr
