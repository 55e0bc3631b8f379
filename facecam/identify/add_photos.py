"""Photos for one person of a gallery: each judged, and what came of each; partial success is told, not hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from facecam.identify.enrol import Choose, Enrolled, PhotoVerdict, Rival, enrol, judge_photo, rival_of, selection_of
from facecam.identify.folder import GalleryFolder
from facecam.identify.gallery import Gallery
from facecam.identify.people import photos_in
from facecam.identify.reading import FaceReader
from facecam.identify.selection import SelectionRule
from facecam.identify.verdict import OK

ALREADY_THERE = "already_there"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one photo: "ok", already_there, or the code for why it was refused."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Addition:
    """What became of photos for `name`. With a `rival` nothing was saved, and the outcomes are what would have become of them."""

    name: str
    outcomes: tuple[Outcome, ...]
    enrolled: Enrolled | None = None
    rival: Rival | None = None

    @property
    def added(self) -> int:
        """How many photos the person has gained."""
        return len(self.enrolled.added) if self.enrolled is not None else 0


@dataclass(frozen=True, slots=True)
class AddingRule:
    """The threshold in force and the rule for picking samples. With `force` somebody like another person is added, too.

    `consent` is written down for a person who is new. Of several faces in a photo `choose` may name the one that is meant.
    """

    threshold_l2: float
    selection: SelectionRule
    force: bool = False
    consent: str = ""
    choose: Choose | None = None


def photos_below(paths: Iterable[Path]) -> list[Path]:
    """The files, and of folders the pictures directly in them; nothing twice."""
    found = [photo for path in paths for photo in (photos_in(path) if path.is_dir() else (path,))]
    return list(dict.fromkeys(found))


def add_photos(
    gallery: Gallery,
    name: str,
    photos: Sequence[Path],
    reader: FaceReader,
    rule: AddingRule,
    *,
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> Addition:
    """Judge the photos and save the good ones for that person; `told(done, total)` after each. GalleryError when not saved."""
    verdicts: list[PhotoVerdict] = []
    for photo in photos:
        verdicts.append(judge_photo(photo, reader, rule.selection, choose=rule.choose))
        told(len(verdicts), len(photos))
    judged = tuple(Outcome(verdict.path, verdict.reason) for verdict in verdicts)
    selection = selection_of(verdicts)
    if not selection.samples:
        return Addition(name, judged)
    rival = None if rule.force else rival_of(gallery, name, selection.samples, rule.threshold_l2)
    if rival is not None:
        return Addition(name, judged, rival=rival)
    enrolled = enrol(gallery, name, selection, rule.threshold_l2, force=True, consent=rule.consent)
    return Addition(name, _outcomes(gallery.folder, verdicts, enrolled), enrolled)


def _outcomes(root: Path, verdicts: Sequence[PhotoVerdict], enrolled: Enrolled) -> tuple[Outcome, ...]:
    """Each photo's; of two with the same content one was there already."""
    folder, new = GalleryFolder(root), set(enrolled.added)
    outcomes: list[Outcome] = []
    for verdict in verdicts:
        reason = verdict.reason
        if verdict.sample is not None:
            saved = folder.photo_path(enrolled.person, verdict.sample.jpeg)
            reason = OK if saved in new else ALREADY_THERE
            new.discard(saved)
        outcomes.append(Outcome(verdict.path, reason))
    return tuple(outcomes)
