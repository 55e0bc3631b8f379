"""Forget a person: remove everything that facecam has stored about them, and prove it by a scan.

Before the first change an intent is written, sealed like a cache (see `facecam.gallery.sealing`), into the user's data folder.
It holds everything that the rest needs, so that the next start or the next call finishes what an interruption has left. It is
deleted before the scan. In the gallery, the person and the images of them among other people's are removed in one transaction.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from facecam.errors import GalleryError
from facecam.fileio import PART_PREFIX, create_private_folder, parse_json, read_regular, write_private
from facecam.gallery.files import is_locked, read_gallery_file
from facecam.gallery.gallery import Gallery, embed_photo
from facecam.gallery.people import Person, display_name, read_people
from facecam.gallery.quarantine import quarantine_sets
from facecam.gallery.sealing import gallery_key, seal, unseal
from facecam.gallery.service import GalleryService
from facecam.gallery.snapshots import spool_folder
from facecam.gallery.transaction import finish_change, recover
from facecam.imageio import MAX_FILE_BYTES
from facecam.messages import QT_TRANSLATE_NOOP, TranslatableText, join_texts
from facecam.networks.embedding_networks import EmbeddingNetwork
from facecam.objects.taught import taught_dir
from facecam.privacy.log_mentions import LogFiles, LogMentions, read_session_json
from facecam.privacy.places import (
    PlaceKind,
    StoredPlace,
    forgetting_folder,
    with_logs,
)
from facecam.privacy.pseudonyms import Pseudonym, pseudonymize, require_ended
from facecam.privacy.scan import Scanner, ScanResult, captured_embeddings
from facecam.privacy.traces import PersonTraces
from facecam.recognition.face_analyzer import ImageFaceAnalyzer
from facecam.types import Floats

_PURPOSE = "forgetting"
_FORMAT = 1
_MAX_INTENT_BYTES = 64 * 2**20
_MARKS = ".marks"

_VIDEOS = (".mp4", ".mkv")

ProgressCallback = Callable[[int, int, str], None]
"""Function called as `progress(done, total, what)`."""


class LogChoice(StrEnum):
    """Choice between keeping a name in logs and replacing it by a pseudonym."""

    KEEP = "keep"
    PSEUDONYMIZE = "pseudonymize"


@dataclass(frozen=True, eq=False)
class ForgetPlan:
    """Everything that `forget` will remove. Nothing is changed yet.

    Attributes:
        gallery: The gallery's folder.
        person: The enrolled person, None when only logs and other files are searched for the name.
        traces: What the person is recognized by in files.
        among_others: Images of the person among other people's rejected faces and quarantined photos.
        mentions: The person in the logs.
        log_files: Files of logs that mention the person.
        max_l2: Greatest distance of the same person's faces by the network's embedding_id.
        videos: Videos that sessions whose logs mention the person have recorded.
    """

    gallery: Path
    person: Person | None
    traces: PersonTraces
    among_others: tuple[Path, ...]
    mentions: LogMentions
    log_files: tuple[Path, ...]
    max_l2: Mapping[str, float]
    videos: tuple[Path, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of the person in the gallery."""
        folders = self.person.folders if self.person is not None else ()
        return tuple(path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())


@dataclass(slots=True)
class ForgetReport:
    """Result of `forget`: the data that were removed, those that stay, and the proof.

    Attributes:
        removed: Sentences about what was removed or changed.
        kept: What is kept by choice, or that facecam cannot search: one line each.
        scan: Result of the scan of everything else.
    """

    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    scan: ScanResult = field(default_factory=ScanResult)

    @property
    def is_complete(self) -> bool:
        """True when nothing is left anywhere that facecam knows."""
        return not (self.kept or self.scan.findings or self.scan.unreadable)


@dataclass(frozen=True, slots=True, eq=False)
class FaceReader:
    """The gallery as read with a network, and the analyzer for images that are not in it."""

    gallery: Gallery
    network: EmbeddingNetwork
    analyzer: ImageFaceAnalyzer | None = None


def plan_forgetting(
    name: str, gallery: Path, places: Sequence[StoredPlace], reader: FaceReader | None = None, *, while_running: bool = False
) -> ForgetPlan:
    """Find everything about a person.

    Args:
        name: Name of an enrolled person, or of one who was removed before and is still in logs.
        gallery: The gallery's folder.
        places: Where facecam stores something, see `stored_places`.
        reader: Finds images of the person among other people's; None leaves that out.
        while_running: Read also the log that a running session has written so far, for an export.

    An interrupted change of the gallery is finished first.

    Raises:
        GalleryError: The gallery cannot be read, or the name is an earlier one of an enrolled person, or differs only in capital
            letters from theirs.
        LogError: A session is running.
    """
    files = LogFiles.find(path for place in places if place.kind is PlaceKind.LOGS for path in place.files())
    if not while_running:
        require_ended(files)
    finish_change(gallery)
    recover(gallery)
    people = read_people(gallery)
    person, text = people.find(name), display_name(name)
    others = tuple(one.name for one in people.people if person is None or one.person_id != person.person_id)
    among_others: tuple[Path, ...] = ()
    max_l2: dict[str, float] = {}
    if person is None:
        same = next((other for other in others if other.casefold() == text.casefold()), None)
        if same is not None:  # Logs are searched whatever the case: they would lose the name, and the photos stay.
            raise GalleryError("{name} is not enrolled, but {present} is: write the name so", name=text, present=same)
        ids = _ids_by_name(text, files)
        renamed = next((one for one in people.people if one.person_id in ids), None)
        if renamed is not None:
            raise GalleryError(
                "{name} is an earlier name of {present}: forget {present}, or merge the two first",
                name=text,
                present=renamed.name,
            )
        traces = PersonTraces((text,), tuple(sorted(ids)), others=others)
    else:
        if reader is not None:
            among_others = images_among_others(reader, person)
            max_l2[reader.gallery.embedding_id] = reader.network.threshold_l2
        own = _hashes_of(own_images(person))
        hashes = own | _hashes_of([*person.rejected, *among_others])
        folders = tuple(folder.name for folder in person.folders)
        traces = PersonTraces((person.name,), (person.person_id,), folders, hashes, captured_embeddings(gallery, own), others)
    mentions = LogMentions(traces, files)
    taken = {other.casefold() for other in others}
    earlier = tuple(one for one in sorted(mentions.earlier_names) if one.casefold() not in taken)
    traces = replace(traces, names=(*traces.names, *earlier), photo_hashes=traces.photo_hashes | mentions.hashes)
    in_logs = Scanner(traces, mentions).scan([*files.tables, *files.details, *files.parquet]).findings
    log_files = tuple(dict.fromkeys(finding.path for finding in in_logs))
    return ForgetPlan(gallery, person, traces, among_others, mentions, log_files, max_l2, _recorded_videos(log_files))


def _recorded_videos(logs: Sequence[Path]) -> tuple[Path, ...]:
    """Return the videos that the sessions of these logs have recorded. A relative path, of an earlier version, is not known."""
    found: dict[Path, None] = {}
    for details in (log for log in logs if log.suffix == ".json"):
        content = read_session_json(details)
        recordings = content.get("recordings")
        paths = [video.get("path") for video in recordings if isinstance(video, dict)] if isinstance(recordings, list) else []
        found |= dict.fromkeys(Path(path) for path in paths if isinstance(path, str) and Path(path).is_absolute())
        options = content.get("options")
        if not isinstance(options, dict):
            continue
        record, sources = options.get("record"), options.get("sources")
        if isinstance(record, str) and (path := Path(record)).is_absolute() and path.name:
            count = len(sources) if isinstance(sources, list) else 1
            found |= dict.fromkeys([path, *(path.with_stem(f"{path.stem}-{number}") for number in range(2, count + 1))])
    # Path.is_file raises an error for a name that is too long.
    return tuple(path for path in found if os.path.isfile(path))  # noqa: PTH113


def own_images(person: Person) -> list[Path]:
    """Return the images that show the person, also in quarantine."""
    roots = {folder.parent for folder in person.folders}
    quarantined = [path for root in roots for paths in quarantine_sets(root).values() for path in paths]
    return [*person.photos, *(path for path in quarantined if any(path.is_relative_to(folder) for folder in person.folders))]


def _hashes_of(images: Sequence[Path]) -> frozenset[str]:
    """Return the SHA-256 of images; one that cannot be read was never used."""
    found = set()
    for path in images:
        with suppress(OSError):
            found.add(hashlib.sha256(read_gallery_file(path, MAX_FILE_BYTES)).hexdigest())
    return frozenset(found)


def _ids_by_name(name: str, files: LogFiles) -> set[str]:
    """Return the ids that people of this name had in sessions."""
    ids = set()
    for path in (*files.details, *files.archives):
        people = read_session_json(path).get("people")
        for entry in people if isinstance(people, list) else ():
            if (
                isinstance(entry, dict)
                and entry.get("name") == name
                and re.fullmatch("[0-9a-f]{32}", str(entry.get("person_id")))
            ):
                ids.add(str(entry["person_id"]))
    return ids


def images_among_others(reader: FaceReader, person: Person) -> tuple[Path, ...]:
    """Return images of a person among other people's rejected faces and, with an analyzer, their quarantined photos.

    An image counts when its face is within the network's match threshold of one of the person's photos.
    """
    loaded, analyzer, max_l2 = reader.gallery, reader.analyzer, reader.network.threshold_l2
    own = [sample.embedding for sample in loaded.samples_of(person.person_id)]
    if not own:
        return ()
    rows = np.stack(own)

    def shows_person(embedding: Floats | None) -> bool:
        return embedding is not None and float(np.linalg.norm(rows - embedding, axis=1).min()) <= max_l2

    found = [face.photo for face in loaded.rejected if face.person_id != person.person_id and shows_person(face.embedding)]
    if analyzer is not None:
        quarantined = [path for paths in quarantine_sets(loaded.folder).values() for path in paths]
        for path in quarantined:
            if not any(path.is_relative_to(folder) for folder in person.folders):
                with suppress(OSError):
                    if shows_person(embed_photo(path, read_gallery_file(path, MAX_FILE_BYTES), analyzer).embedding):
                        found.append(path)
    return tuple(found)


def forget(
    plan: ForgetPlan, choice: LogChoice, places: Sequence[StoredPlace], report_progress: ProgressCallback | None = None
) -> ForgetReport:
    """Remove everything about the person of a plan, and scan what is left.

    Raises:
        GalleryError: The gallery cannot be changed; nothing was removed.
        FacecamError: Something else cannot be changed. What is left is finished by the next call or start.
    """
    progress = report_progress or (lambda _done, _total, _what: None)
    require_ended(plan.mentions.files)
    intent = _Intent.of(plan, choice, places)
    linked = [path for path in (*plan.files, *plan.among_others, *plan.log_files) if path.stat().st_nlink > 1]
    path = intent.write()
    try:
        report = _carry_out(intent, places, progress)
    except GalleryError:
        if plan.person is not None and read_people(plan.gallery).find(plan.person.name) is not None:
            path.unlink(missing_ok=True)  # nothing was removed
        raise
    path.unlink(missing_ok=True)
    _remove_empty(path.parent)
    report.scan, kept = scan_for(plan, choice, places, progress)
    report.kept += kept
    text = QT_TRANSLATE_NOOP("Errors", "{path} has another name on this disk (a hard link): delete that too")
    report.kept += [TranslatableText(text, path=path) for path in linked]
    return report


def scan_for(
    plan: ForgetPlan, choice: LogChoice, places: Sequence[StoredPlace], progress: ProgressCallback
) -> tuple[ScanResult, list[str]]:
    """Scan everything that facecam owns; return the result, and lines about what was kept by choice or cannot be searched."""
    files, kept = _unfinished_beside(places), _unsearched(places)
    video_text = QT_TRANSLATE_NOOP("Errors", "{path} may show the person: watch it, and delete it if it does")
    kept += [TranslatableText(video_text, path=path) for path in plan.videos]
    for place in places:
        if place.kind is not PlaceKind.KEY:
            files += [path for path in place.files() if path.suffix not in _VIDEOS]
    logs = LogFiles.find(path for place in places if place.kind is PlaceKind.LOGS for path in place.files())
    mentions = LogMentions(plan.traces, logs)
    scanner = Scanner(plan.traces, mentions, plan.gallery, plan.max_l2)
    others = {path for place in places if place.kind is PlaceKind.LOGS for path in place.other_files()} - set(files)
    files += sorted(path for path in others if path.suffix not in _VIDEOS)
    result = scanner.scan(files, lambda done, total: progress(done, total, "scanning"))
    kept_kinds = {PlaceKind.REPORTS: QT_TRANSLATE_NOOP("Errors", "a report")}
    if choice is LogChoice.KEEP:
        kept_kinds[PlaceKind.LOGS] = QT_TRANSLATE_NOOP("Errors", "a log, kept by choice")
    by_place = [(place, kept_kinds[place.kind]) for place in places if place.kind in kept_kinds]
    for finding in list(result.findings):
        text = next((text for place, text in by_place if finding.path.is_relative_to(place.path)), None)
        if finding.path in others:
            text = QT_TRANSLATE_NOOP("Errors", "another file in a folder of logs: change or delete it yourself")
        if text is not None:
            result.findings.remove(finding)
            kept.append(TranslatableText("{path} is {noun}", path=finding.path, noun=TranslatableText(text)))
    return result, list(dict.fromkeys(kept))


def _unsearched(places: Sequence[StoredPlace]) -> list[str]:
    """Return lines about files that may show the person and cannot be searched."""
    lines: list[str] = []
    for kind, noun in ((PlaceKind.RECORDINGS, "recording"), (PlaceKind.SNAPSHOTS, "snapshot")):
        for place in places:
            count = sum(1 for _ in place.files()) if place.kind is kind else 0
            if count:
                text = TranslatableText(
                    "{files} in {folder} may show the person: look through the folder, and delete what does",
                    files=_count_text(count, noun),
                    folder=place.path,
                )
                lines.append(text)
    return lines


def _carry_out(intent: _Intent, places: Sequence[StoredPlace], progress: ProgressCallback) -> ForgetReport:
    """Remove everything; each step can be repeated."""
    report = ForgetReport()
    progress(0, 6, "gallery")
    _remove_from_gallery(intent, report)
    progress(1, 6, "taught data")
    _remove_taught(intent, report)
    progress(2, 6, "window")
    _remove_from_window(intent, places, report)
    progress(3, 6, "undo")
    _remove_unfinished(places)
    if intent.choice is LogChoice.PSEUDONYMIZE:
        files = LogFiles.find(path for place in places if place.kind is PlaceKind.LOGS for path in place.files())
        require_ended(files)
        mentions = LogMentions(intent.traces, files)
        changed = pseudonymize(mentions, intent.pseudonym, lambda done, total: progress(done, total, "logs"))
        if changed:
            files_text = _count_text(len(changed), "file")
            text = TranslatableText("the name in {files} of logs: it is now {name}", files=files_text, name=intent.pseudonym.name)
            report.removed.append(text)
    _remove_marks(places)
    return report


def _remove_from_gallery(intent: _Intent, report: ForgetReport) -> None:
    if not intent.gallery.is_dir():
        return
    service = GalleryService(intent.gallery)
    person = next((one for one in read_people(intent.gallery).people if one.person_id in intent.traces.person_ids), None)
    also = [intent.gallery / path for path in intent.among_others]
    if person is not None:
        owners = Counter(path.relative_to(intent.gallery).parts[0] for path in also)
        removal = service.remove_person(person, keep_undo=False, also=also)
        numbers = {
            "photo": removal.photos,
            "quarantined photo": removal.quarantined,
            "rejected face": removal.rejected,
            "cached observation": removal.cached_entries,
        }
        report.removed.append(join_texts(", ", [_count_text(number, noun) for noun, number in numbers.items()]))
        for owner, count in owners.items():
            text = TranslatableText(
                "{images} of this person that had been rejected or quarantined for {name}",
                images=_count_text(count, "image"),
                name=owner,
            )
            report.removed.append(text)
        report.kept += [TranslatableText("{path} was not deleted: delete it yourself", path=path) for path in removal.leftovers]
    else:  # the transaction was finished before an interruption
        service.finish_removal()


def _remove_taught(intent: _Intent, report: ForgetReport) -> None:
    from facecam.networks.names_heads import forget_name
    from facecam.training.object_teaching import erase_label

    for name in intent.traces.names:
        for head in forget_name(name, intent.traces.person_ids):
            text = TranslatableText("the network {folder}" if head.is_deleted else "the name in {folder}", folder=head.folder)
            report.removed.append(text)
        if erase_label(taught_dir(), name):
            report.removed.append(TranslatableText("a taught object of this name"))


def _remove_from_window(intent: _Intent, places: Sequence[StoredPlace], report: ForgetReport) -> None:
    """Remove the person from the people about whom the window notifies."""
    pattern = re.compile(rf"(?:{'|'.join(intent.traces.person_ids)}) ?".encode())
    for place in places:
        if place.kind is PlaceKind.WINDOW and intent.traces.person_ids and place.path.is_file():
            data = read_regular(place.path, _MAX_INTENT_BYTES)
            if pattern.search(data):
                write_private(place.path, pattern.sub(b"", data))
                report.removed.append(TranslatableText("the notification about this person"))


def _remove_unfinished(places: Sequence[StoredPlace]) -> None:
    """Delete unfinished files, which can hold anything, and copies of removed files for undo."""
    kinds = (PlaceKind.GALLERY, PlaceKind.CACHE, PlaceKind.OBJECTS, PlaceKind.NETWORKS, PlaceKind.LOGS)
    spool = spool_folder()
    for path in _unfinished_beside(places):
        with suppress(OSError):
            path.unlink()
    for place in places:
        for path in place.files() if place.kind in kinds else ():
            if path.name.startswith(PART_PREFIX) or path.is_relative_to(spool):
                with suppress(OSError):  # another program has just finished it
                    path.unlink()


def _unfinished_beside(places: Sequence[StoredPlace]) -> list[Path]:
    """Return the unfinished files beside the places that are files, such as window.ini."""
    folders = {place.path.parent for place in places if place.kind in (PlaceKind.WINDOW, PlaceKind.SETTINGS) and place.is_private}
    return [path for folder in sorted(folders) for path in folder.glob(f"{PART_PREFIX}*")]


def _remove_marks(places: Sequence[StoredPlace]) -> None:
    """Delete markers that no session has taken: none is running."""
    for place in places:
        folder = place.path / _MARKS
        if place.kind is PlaceKind.LOGS and folder.is_dir():
            for path in sorted(folder.rglob("*"), reverse=True):
                with suppress(OSError):
                    path.rmdir() if path.is_dir() else path.unlink()
            _remove_empty(folder)


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


_COUNTS = {
    "photo": (QT_TRANSLATE_NOOP("Errors", "{count} photo"), QT_TRANSLATE_NOOP("Errors", "{count} photos")),
    "quarantined photo": (
        QT_TRANSLATE_NOOP("Errors", "{count} quarantined photo"),
        QT_TRANSLATE_NOOP("Errors", "{count} quarantined photos"),
    ),
    "rejected face": (
        QT_TRANSLATE_NOOP("Errors", "{count} rejected face"),
        QT_TRANSLATE_NOOP("Errors", "{count} rejected faces"),
    ),
    "cached observation": (
        QT_TRANSLATE_NOOP("Errors", "{count} cached observation"),
        QT_TRANSLATE_NOOP("Errors", "{count} cached observations"),
    ),
    "image": (QT_TRANSLATE_NOOP("Errors", "{count} image"), QT_TRANSLATE_NOOP("Errors", "{count} images")),
    "file": (QT_TRANSLATE_NOOP("Errors", "{count} file"), QT_TRANSLATE_NOOP("Errors", "{count} files")),
    "recording": (QT_TRANSLATE_NOOP("Errors", "{count} recording"), QT_TRANSLATE_NOOP("Errors", "{count} recordings")),
    "snapshot": (QT_TRANSLATE_NOOP("Errors", "{count} snapshot"), QT_TRANSLATE_NOOP("Errors", "{count} snapshots")),
}
"""Templates of a number of things, for one and for several."""


def _count_text(number: int, noun: str) -> TranslatableText:
    return TranslatableText(_COUNTS[noun][number != 1], count=number)


@dataclass(frozen=True, eq=False)
class _Intent:
    """A forget that has begun."""

    gallery: Path
    traces: PersonTraces
    among_others: tuple[str, ...]
    choice: LogChoice
    pseudonym: Pseudonym
    logs: tuple[str, ...]
    """Folders of the logs: the next start may use others."""

    @classmethod
    def of(cls, plan: ForgetPlan, choice: LogChoice, places: Sequence[StoredPlace]) -> _Intent:
        among = tuple(path.relative_to(plan.gallery).as_posix() for path in plan.among_others)
        logs = tuple(str(place.path) for place in places if place.kind is PlaceKind.LOGS)
        return cls(plan.gallery, plan.traces, among, choice, Pseudonym.random(), logs)

    def write(self) -> Path:
        """Write the intent and return its file. GalleryError when that fails."""
        traces = self.traces
        content = {
            "format": _FORMAT,
            "gallery": str(self.gallery.absolute()),
            "names": traces.names,
            "person_ids": traces.person_ids,
            "folders": traces.folders,
            "photo_hashes": sorted(traces.photo_hashes),
            "others": traces.others,
            "among_others": self.among_others,
            "choice": self.choice,
            "pseudonym": asdict(self.pseudonym),
            "logs": self.logs,
        }
        path = forgetting_folder() / f"{gallery_key(self.gallery)}-{secrets.token_hex(8)}"
        try:
            create_private_folder(path.parent)
            write_private(path, seal(json.dumps(content).encode("utf-8", "surrogatepass"), self.gallery, _PURPOSE))
        except OSError as error:
            raise GalleryError("{path} cannot be written: {reason}; nothing was removed", path=path, reason=error) from error
        return path

    @classmethod
    def read(cls, path: Path, gallery: Path) -> _Intent | None:
        """Return a stored intent of this gallery, None when it is damaged, or the gallery is locked."""
        try:
            data = unseal(read_regular(path, _MAX_INTENT_BYTES), gallery, _PURPOSE)
            content: dict[str, Any] = parse_json(data or b"")
            traces = PersonTraces(
                tuple(content["names"]),
                tuple(content["person_ids"]),
                tuple(content["folders"]),
                frozenset(content["photo_hashes"]),
                others=tuple(content["others"]),
            )
            choice, pseudonym = LogChoice(content["choice"]), Pseudonym(**content["pseudonym"])
            return cls(gallery, traces, tuple(content["among_others"]), choice, pseudonym, tuple(content["logs"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _intents(gallery: Path | None = None) -> Iterator[Path]:
    folder, prefix = forgetting_folder(), "" if gallery is None else gallery_key(gallery)
    if folder.is_dir():
        yield from sorted(path for path in folder.iterdir() if path.name.startswith(prefix))


def finish_interrupted(gallery: Path, places: Sequence[StoredPlace]) -> list[str]:
    """Finish what an interruption of `forget` has left in this gallery; return a line for each.

    Raises:
        FacecamError: Something cannot be changed now; it is tried again the next time.
    """
    lines = []
    for path in list(_intents(gallery)):
        if path.name.startswith(PART_PREFIX):
            continue
        intent = _Intent.read(path, gallery)
        if intent is None:
            if not is_locked(gallery):  # Damaged, or of a lost key: without it nobody can finish it.
                path.unlink(missing_ok=True)
            continue
        report = _carry_out(intent, with_logs(places, map(Path, intent.logs)), lambda _done, _total, _what: None)
        path.unlink(missing_ok=True)
        _remove_empty(path.parent)
        lines += ["an interrupted removal of a person was finished", *report.removed]
    return lines
