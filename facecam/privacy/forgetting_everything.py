"""Delete all that facecam has stored, about everyone: `facecam forget --everything`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from facecam.fileio import data_dir, is_in_data_dir
from facecam.gallery.people import Person, read_people
from facecam.gallery.service import GalleryService, has_encryption
from facecam.gallery.transaction import remove_empty
from facecam.messages import count_of
from facecam.privacy.forgetting import ForgetReport, ProgressCallback
from facecam.privacy.log_mentions import LogFiles
from facecam.privacy.places import MEDIA_NAMES, PlaceKind, StoredPlace, has_users_files, is_own_entry, own_folders
from facecam.privacy.pseudonyms import require_ended


@dataclass(frozen=True, slots=True)
class EverythingPlan:
    """Everything that `forget_everything` will delete: the people of a plain gallery, and files by the kind of place."""

    gallery: Path
    people: tuple[Person, ...]
    files: Mapping[PlaceKind, tuple[Path, ...]]
    kept: tuple[StoredPlace, ...]
    is_encrypted: bool = False
    others: tuple[Path, ...] = ()
    """Files in facecam's folders of recordings, snapshots and reports that the window has not named, such as of `--record`."""


def plan_everything(gallery: Path, places: Sequence[StoredPlace], *, with_media: bool) -> EverythingPlan:
    """Find everything that facecam has stored. Recordings, snapshots and reports are deleted with `with_media` only.

    LogError when a session is running.
    """
    require_ended(LogFiles.find(path for place in places if place.kind is PlaceKind.LOGS for path in place.files()))
    files: dict[PlaceKind, tuple[Path, ...]] = {}
    kept, others = [], list[Path]()
    for place in places:
        is_users = not place.is_whole_owned and place.kind is PlaceKind.SETTINGS
        if is_users or (place.kind in MEDIA_NAMES and not with_media):
            kept.append(place)
        elif place.kind in MEDIA_NAMES:
            named = replace(place, names=MEDIA_NAMES[place.kind])
            files[place.kind] = (*files.get(place.kind, ()), *named.files())
            others += named.other_files() if place.is_whole_owned else ()
        elif place.kind is not PlaceKind.GALLERY:
            files[place.kind] = (*files.get(place.kind, ()), *place.files())
    default = data_dir() / "gallery"
    if is_in_data_dir(default) and os.path.realpath(default) != os.path.realpath(gallery):
        files[PlaceKind.GALLERY] = tuple(StoredPlace(PlaceKind.GALLERY, default, "").files())
    is_encrypted = has_encryption(gallery)
    people = () if is_encrypted else GalleryService(gallery).everyone()
    return EverythingPlan(gallery, people, files, tuple(kept), is_encrypted, tuple(others))


def forget_everything(
    plan: EverythingPlan, places: Sequence[StoredPlace], report_progress: ProgressCallback | None = None
) -> ForgetReport:
    """Delete everything of a plan, the gallery first and the key last. A repeated call finishes an interrupted one.

    Raises:
        GalleryError: The gallery cannot be changed.
    """
    report, progress = ForgetReport(), report_progress or (lambda _done, _total, _what: None)
    if plan.gallery.is_dir():
        service = GalleryService(plan.gallery)
        removed = service.remove_everyone()
        report.removed.append(f"{count_of(removed, 'person')} of the gallery {plan.gallery}")
    ordered = sorted(plan.files, key=lambda kind: kind is PlaceKind.KEY)
    for number, kind in enumerate(ordered):
        progress(number, len(ordered), kind)
        deleted = [path for path in plan.files[kind] if _delete(path, report)]
        if deleted:
            report.removed.append(f"{count_of(len(deleted), 'file')} of {kind}")
    kept_places = [place.path for place in plan.kept]
    for place in places:
        if place.path not in kept_places and place.kind is not PlaceKind.GALLERY:
            _remove_folders(place)
    _remove_own_folders(plan, report)
    report.scan.files = sum(len(paths) for paths in plan.files.values())
    _list_remaining(plan, report)
    return report


def _delete(path: Path, report: ForgetReport) -> bool:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        report.kept.append(f"{path} cannot be deleted: {error.strerror}")
        return False
    return True


def _remove_folders(place: StoredPlace) -> None:
    for folder in sorted(place.folders(), reverse=True):
        remove_empty([folder])


def _remove_own_folders(plan: EverythingPlan, report: ForgetReport) -> None:
    """Delete what is left in facecam's own folders, and nothing that facecam never makes: a link can lead to other files."""
    spared = [Path(os.path.realpath(path)) for path in (plan.gallery, *(place.path for place in plan.kept))]
    for folder in own_folders():
        for entry in sorted(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else ():
            if not is_own_entry(entry.name):
                if not any(_overlap(Path(os.path.realpath(entry)), one) for one in spared):
                    report.kept.append(f"{entry} is not facecam's")
                continue
            for path in [*sorted(entry.rglob("*"), reverse=True), entry] if not entry.is_symlink() else [entry]:
                if any(_overlap(Path(os.path.realpath(path)), one) for one in spared):
                    continue
                if path.is_dir() and not path.is_symlink():
                    remove_empty([path])
                else:
                    _delete(path, report)
        remove_empty([folder])
    if not has_users_files(plan.gallery):
        remove_empty([plan.gallery])
    for folder in own_folders():
        remove_empty([folder])


def _overlap(path: Path, other: Path) -> bool:
    return path.is_relative_to(other) or other.is_relative_to(path)


def _list_remaining(plan: EverythingPlan, report: ForgetReport) -> None:
    """Add what is left to the report."""
    if plan.gallery.is_dir():
        left = [person.folders[0] for person in read_people(plan.gallery).people]
        others = left if has_users_files(plan.gallery) else sorted(plan.gallery.iterdir())
        report.kept += [f"{path} is not facecam's" for path in others]
    report.kept += [f"{path} was not named by facecam: delete it yourself" for path in plan.others]
    for place in plan.kept:
        count = sum(1 for _ in place.files())
        if count:
            report.kept.append(f"{count_of(count, 'file')} in {place.path} ({place.kind})")
