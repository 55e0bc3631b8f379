"""Still-image check on a moving portrait and on clips of people."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.capture.source import frames, open_source
from facecam.imageio import read_image
from facecam.logbook.replay import ReplayedDecision, ReplayRules, replay_decisions
from facecam.logbook.writer import LogWriter
from facecam.recognizer import Recognizer
from facecam.session.config import describe_session
from facecam.settings import Mode, Settings
from facecam.types import Frame, Image

EILEEN = "Eileen Collins"
FRAME_MS = 1000 / 30


def shaken(photo: Image, count: int) -> Iterator[Frame]:
    """Yield the photo as if held in an unsteady hand."""
    height, width = photo.shape[:2]
    for index in range(count):
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), 3 * np.sin(index / 9), 0.8 + 0.05 * np.sin(index / 14))
        turn[:, 2] += 8 * np.sin(index / 11), 5 * np.sin(index / 7)
        bgr = cv2.warpAffine(photo, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
        yield Frame(np.asarray(bgr, np.uint8), index, index * FRAME_MS, index / 30, "photo")


def recognized(video: Iterator[Frame], gallery: Path, *, check: bool, rules: ReplayRules | None = None) -> list[ReplayedDecision]:
    settings = Settings().replace({"track.still_picture_check": check})
    with Recognizer(settings, gallery) as recognizer:
        info = describe_session(settings, Mode.FACES, ["video"], recognizer.gallery.revision)
        with LogWriter(gallery.parent / "logs", info) as log:
            for frame in video:
                log.write(recognizer(frame), 0)
    return list(replay_decisions(log.path, rules))


def test_a_photo_is_known_until_it_is_found_to_be_still(gallery: Path, portraits: dict[str, Path]) -> None:
    rows = recognized(shaken(read_image(portraits["eileen_collins"]), 90), gallery, check=True)

    reasons = list(dict.fromkeys(row.logged.reason for row in rows))
    assert reasons[-1] == "still_picture"
    assert {row.logged.name for row in rows if row.logged.reason == "votes"} == {EILEEN}
    assert rows[-1].logged.decision == "unsure"
    assert all(row.t_ms > 1900 for row in rows if row.logged.reason == "still_picture")


def test_without_the_check_a_portrait_keeps_its_name(gallery: Path, portraits: dict[str, Path]) -> None:
    rows = recognized(shaken(read_image(portraits["eileen_collins"]), 90), gallery, check=False)

    assert rows[-1].logged.name == EILEEN


def test_a_replay_keeps_still_images_at_any_threshold(gallery: Path, portraits: dict[str, Path]) -> None:
    photo = read_image(portraits["eileen_collins"])

    rows = recognized(shaken(photo, 90), gallery, check=True)
    other = recognized(shaken(photo, 90), gallery, check=True, rules=ReplayRules(threshold_l2=0.9))

    assert [row.again for row in rows] == [row.logged for row in rows]
    assert other[-1].again.reason == "still_picture"


@pytest.mark.parametrize("clip", ["again", "please", "book", "night"])
def test_people_who_sign_are_not_still_images(test_data: Path, tmp_path: Path, clip: str) -> None:
    path = test_data / "data" / "webcam" / f"{clip}.mkv"
    with open_source(str(path), Settings().capture, time.monotonic()) as source:
        rows = recognized(frames(source), tmp_path / "nobody", check=True)

    assert len(rows) > 60
    assert [row.t_ms for row in rows if row.logged.reason == "still_picture"] == []
