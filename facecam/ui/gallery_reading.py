"""What the gallery page reads of the people's folder, beside the window's thread."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from facecam.faces import open_face_reader
from facecam.identify.gallery_doctor import DoctorRule, Examination, examine
from facecam.identify.people import People, read_people
from facecam.identify.photo_facts import PhotoReader, read_photos
from facecam.identify.rule import decision_rule, own_threshold_l2
from facecam.identify.set_aside import aside_sets
from facecam.settings import GateSettings, Settings
from facecam.ui.background import Told
from facecam.ui.photo_adding import calm


@dataclass(frozen=True, slots=True)
class FolderLook:
    """Who is in the folder, how many photos the newest set that is aside has, and when each photo was changed (ns)."""

    people: People
    last_aside: int
    changed_ns: Mapping[Path, int]

    def replaced_since(self, before: FolderLook) -> set[Path]:
        """The photos that are other ones under the same name."""
        return {path for path, at_ns in self.changed_ns.items() if before.changed_ns.get(path, at_ns) != at_ns}


def look_into(root: Path) -> FolderLook:
    """The folder as it is now. GalleryError when it cannot be read."""
    sets, people = aside_sets(root), read_people(root)
    changed_ns: dict[Path, int] = {}
    for photo in (photo for person in people.people for photo in person.photos):
        with contextlib.suppress(OSError):
            changed_ns[photo] = photo.stat().st_mtime_ns
    return FolderLook(people, len(sets[-1].photos) if sets else 0, changed_ns)


def check_photos(root: Path, settings: Settings, told: Told) -> Examination:
    """Read every photo anew and judge it, as `facecam gallery doctor` does."""
    with open_face_reader(replace(calm(settings), gate=GateSettings.none())) as faces:
        photos = read_photos(read_people(root), PhotoReader(faces, settings.gate), told)
    rule = decision_rule(settings.identify, [sample for photo in photos if (sample := photo.sample()) is not None])
    limits = DoctorRule.for_threshold(own_threshold_l2(settings.identify.network), settings.gate.min_size_px)
    return examine(photos, limits, rule)
