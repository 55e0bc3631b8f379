"""People of LFW view 1's training pairs whose two photos nn4.small2 finds unlike each other, and high accuracy alike."""

from __future__ import annotations

import shutil
from pathlib import Path

HARD_PEOPLE = ("Gabriel_Valdes", "Kate_Capshaw", "Kurt_Busch", "Lynne_Cheney", "Richard_Krajicek", "Silvia_Farina_Elia")


def enroll_hard_people(test_data: Path, gallery: Path) -> Path:
    """Add them to a gallery folder, two photos each, and return it."""
    for person in HARD_PEOPLE:
        folder = gallery / person.replace("_", " ")
        folder.mkdir(parents=True)
        for number in (1, 2):
            photo = f"{person}_{number:04}.jpg"
            shutil.copy(test_data / "data" / "lfw-view1" / "images" / person / photo, folder / photo)
    return gallery
