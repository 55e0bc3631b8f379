"""`facecam explain`, on the bundled images."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from facecam.imageio import read_image
from tests.cli.conftest import Command


def test_a_face_is_explained_by_the_nearest_photo(
    facecam: Command, portraits: dict[str, Path], gallery: Path, tmp_path: Path
) -> None:
    done = facecam("explain", portraits["grace_hopper"], "--gallery", gallery)

    assert done.returncode == 0, done.stderr
    distances = re.match(r"Eileen Collins: distance (\d\.\d{3}), threshold (\d\.\d{3})\n", done.stdout)
    assert distances is not None, done.stdout
    assert float(distances[1]) > float(distances[2])
    assert done.stdout.splitlines()[-1] == "grace_hopper-explained.png"
    drawn = read_image(tmp_path / "grace_hopper-explained.png")
    face, heated, photo = (drawn[102:462, left : left + 360].astype(int) for left in (24, 396, 768))
    changed = (np.abs(face - heated).max(axis=2) > 40).mean()
    assert 0.01 < changed < 0.5, "the heatmap covers part of the face"
    assert np.abs(face - photo).mean() > 20


def test_the_mean_of_a_persons_photos_is_named_where_it_is_nearer(facecam: Command, test_data: Path) -> None:
    photos = sorted((test_data / "data" / "lfw-view1" / "images" / "Ricardo_Lagos").iterdir())
    facecam("enroll", "Ricardo Lagos", *photos[:3], "--gallery", "people")
    face = next(photo for photo in photos if photo.stem.endswith("0022"))

    explained = facecam("explain", face, "--gallery", "people", "-o", "why.png")
    identified = facecam("identify", face, "--gallery", "people")

    first, second, *_ = explained.stdout.splitlines()
    to_mean = re.fullmatch(r"Ricardo Lagos: distance (\d\.\d{3}) to the mean of 3 photos, threshold \d\.\d{3}", first)
    to_photo = re.fullmatch(r"distance to the nearest of these photos: (\d\.\d{3})", second)
    assert to_mean is not None, first
    assert to_photo is not None, second
    assert float(to_mean[1]) < float(to_photo[1])
    assert re.search(r"Ricardo Lagos +Ricardo Lagos +0\.\d\d +mean of photos ", identified.stdout)


def test_an_object_is_explained_by_its_label(facecam: Command, portraits: dict[str, Path], tmp_path: Path) -> None:
    done = facecam("explain", portraits["coffee"], "--mode", "objects", "-o", "why.png")

    assert done.returncode == 0, done.stderr
    name, _, share = done.stdout.splitlines()[0].partition(": ")
    assert name == "espresso"
    assert 50 < float(share.removesuffix(" %")) <= 100
    assert read_image(tmp_path / "why.png").shape[1] > 1000


def test_a_given_label_is_explained(facecam: Command, portraits: dict[str, Path]) -> None:
    done = facecam("explain", portraits["cat"], "--mode", "objects", "--label", "Egyptian cat", "-o", "why.png")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Egyptian cat: ")


def test_the_layers_of_a_network_are_drawn(facecam: Command, portraits: dict[str, Path], tmp_path: Path) -> None:
    done = facecam("explain", portraits["eileen_collins"], "--layers", "-o", "layers.png")

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.startswith("nn4_small2_facecam_v2, 6 layers")
    assert len(read_image(tmp_path / "layers.png")) > 1000


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("cat",), "face of sufficient size found in"),
        (("eileen_collins", "--label", "Nobody"), "'Nobody' is not enrolled in"),
        (("coffee", "--mode", "objects", "--label", "expresso"), "the network has no label 'expresso'; there are espresso"),
        (("nowhere",), "cannot be read"),
    ],
)
def test_an_error_is_one_sentence(
    facecam: Command, portraits: dict[str, Path], gallery: Path, args: tuple[str, ...], message: str
) -> None:
    done = facecam("explain", portraits.get(args[0], args[0]), "--gallery", gallery, *args[1:])

    assert done.returncode == 1
    assert done.stderr.startswith("facecam: ")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_empty_gallery_is_an_error_with_advice(facecam: Command, portraits: dict[str, Path]) -> None:
    done = facecam("explain", portraits["eileen_collins"])

    assert done.returncode == 1
    assert "no one is enrolled in" in done.stderr
    assert "facecam enroll NAME PHOTO" in done.stderr


def test_a_file_that_is_not_an_image_is_an_error(facecam: Command, tmp_path: Path) -> None:
    (tmp_path / "notes.jpg").write_text("no picture")

    done = facecam("explain", "notes.jpg")

    assert done.returncode == 1
    assert "could not be decoded as an image" in done.stderr
