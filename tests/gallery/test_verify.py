"""Verification finds damaged, changed and stray files of a gallery."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facecam.gallery.cache import cache_folder
from facecam.gallery.verify import verify_gallery

RED, GREEN = (0, 0, 255), (0, 255, 0)


@pytest.fixture
def filled(studio):
    for number in range(2):
        studio.save(studio.root / "Ada" / f"{number}.png", (0, 30 * number, 255))
    studio.load()
    return studio


def faults(studio) -> dict[str, str]:
    return {fault.path.name: fault.reason for fault in verify_gallery(studio.root, studio.reader, "").faults}


def test_an_intact_gallery_has_no_faults(filled) -> None:
    verified = verify_gallery(filled.root, filled.reader, "")

    assert (verified.people, verified.photos, verified.cached, verified.faults) == (1, 2, 2, ())


def test_an_empty_gallery_has_no_faults(studio) -> None:
    assert faults(studio) == {}


def test_a_damaged_photo_a_damaged_person_file_and_a_stray_photo_are_reported(filled) -> None:
    (filled.root / "Ada" / "torn.png").write_bytes(b"\x89PNG and no more")
    (filled.root / "Ada" / "person.toml").write_text("who?", encoding="utf-8")
    filled.save(filled.root / "stray.png", RED)
    filled.save(filled.root / "Ada" / "2020" / "1.png", RED)

    assert faults(filled) == {
        "torn.png": "unreadable",
        "Ada": "person_file_damaged",
        "stray.png": "no_person",
        "2020": "nested_photos",
    }


def test_a_cache_of_other_embeddings_differs(filled, reader_named) -> None:
    class Turned(type(reader_named())):
        def analyze(self, bgr):
            return tuple(
                replace(observation, embedding=np.roll(observation.embedding, 1)) for observation in super().analyze(bgr)
            )

    found = verify_gallery(filled.root, Turned("colors-1"), "").faults

    assert {fault.reason for fault in found} == {"cache_differs"}
    assert "away from the computed one" in found[0].detail


def test_a_damaged_cache_is_reported(filled) -> None:
    (cache,) = cache_folder(filled.root).glob("*.embeddings")
    cache.write_bytes(cache.read_bytes()[:-1])

    assert faults(filled) == {cache.name: "cache_damaged"}
