"""Photos and videos of two people are refused by `facecam enroll` with both networks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import cv2
import pytest

from facecam.gallery.people import read_people
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK
from tests.cli.conftest import run_in

NETWORKS = (DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK)
ONE_QUICK = (DEFAULT_NETWORK, pytest.param(HIGH_ACCURACY_NETWORK, marks=pytest.mark.long))


def read_clip(path: Path) -> list[cv2.typing.MatLike]:
    capture, images = cv2.VideoCapture(str(path)), []
    while (read := capture.read())[0]:
        images.append(read[1])
    capture.release()
    return images


@pytest.fixture(scope="module")
def joined(test_data: Path, tmp_path_factory: pytest.TempPathFactory):
    """Return a function that joins the beginnings of two webcam clips, so many frames of each, to one video."""
    folder = tmp_path_factory.mktemp("videos")

    def join(clips: Sequence[str], counts: Sequence[int]) -> Path:
        path = folder / f"{'-'.join(clips)}-{counts[1]}.mp4"
        parts = [
            read_clip(test_data / "data" / "webcam" / f"{clip}.mkv")[:count] for clip, count in zip(clips, counts, strict=True)
        ]
        height, width = parts[0][0].shape[:2]
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30, (width, height))
        for image in (image for part in parts for image in part):
            writer.write(cv2.resize(image, (width, height)))
        writer.release()
        return path

    return join


@pytest.mark.parametrize("network", NETWORKS)
def test_a_video_in_which_the_person_changes_is_refused_with_the_times_unless_forced(
    joined, tmp_path: Path, network: str
) -> None:
    video = joined(("again", "night"), (60, 60))  # the two of the four people who are most alike
    command = ("enroll", "Ada", "--source", video, "--gallery", tmp_path / "gallery", "--network", network)

    refused = run_in(tmp_path, *command)

    assert refused.returncode == 1
    assert "the video shows 2 people, first seen at 0:00 (50%) and 0:02 (50%)" in refused.stderr.replace("\n", " ")
    assert not (tmp_path / "gallery").exists()
    assert run_in(tmp_path, *command, "--force").returncode == 0


@pytest.mark.parametrize("network", ONE_QUICK)
def test_a_person_in_a_fifth_of_a_video_is_asked_about(joined, tmp_path: Path, network: str) -> None:
    video = joined(("please", "eat"), (60, 15))

    refused = run_in(tmp_path, "enroll", "Ada", "--source", video, "--network", network)

    assert refused.returncode == 1
    assert re.search(r"first seen at 0:00 \(79%\) and 0:02 \(21%\)", refused.stderr.replace("\n", " "))


@pytest.mark.parametrize("network", ONE_QUICK)
def test_a_video_of_another_person_is_not_added_to_one_who_is_enrolled_from_a_video(
    test_data: Path, tmp_path: Path, network: str
) -> None:
    clips = test_data / "data" / "webcam"
    options = ("--gallery", tmp_path / "gallery", "--network", network)
    assert run_in(tmp_path, "enroll", "Ada", "--source", clips / "again.mkv", *options).returncode == 0

    refused = run_in(tmp_path, "enroll", "Ada", "--source", clips / "night.mkv", *options)

    assert refused.returncode == 1
    assert "the video and the enrolled photos of Ada (12) show different people" in refused.stderr.replace("\n", " ")
    assert run_in(tmp_path, "enroll", "Ada", "--source", clips / "help.mkv", *options).returncode == 0


@pytest.mark.parametrize("network", ONE_QUICK)
def test_two_clips_of_one_person_are_one_enrollment(joined, tmp_path: Path, network: str) -> None:
    video = joined(("book", "learn"), (60, 60))  # of the four people, the two clips that differ most

    assert run_in(tmp_path, "enroll", "Ada", "--source", video, "--network", network).returncode == 0


@pytest.mark.parametrize("network", NETWORKS)
def test_photos_of_two_people_are_refused_by_name(portraits: dict[str, Path], tmp_path: Path, network: str) -> None:
    photos = portraits["eileen_collins"], portraits["grace_hopper"]
    command = ("enroll", "Ada", *photos, "--gallery", tmp_path / "gallery", "--network", network)

    refused = run_in(tmp_path, *command)

    assert refused.returncode == 1
    message = refused.stderr.replace("\n", " ")
    assert f"{photos[1]} and {photos[0]} show different people" in message
    assert "enroll them under two names, or use --force if they are one person" in message
    assert not (tmp_path / "gallery").exists()
    assert run_in(tmp_path, *command, "--force").returncode == 0
    assert [len(person.photos) for person in read_people(tmp_path / "gallery").people] == [2]
