"""facecam find: search for a person in logs, videos and photos."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, BadParameter, Option

import facecam
from facecam.cli import context
from facecam.cli.options import GalleryOption, Input, JsonOption, NetworkOption, Output, OutputFolder, csv_files, log_files
from facecam.errors import FacecamError, OutputError
from facecam.fileio import read_regular, write_output
from facecam.messages import count_of
from facecam.settings import Mode, Settings

if TYPE_CHECKING:
    from facecam.gallery.people import Person
    from facecam.session.file_search import FileSearch, PersonSearch, SearchedFiles

_TABLE = "found.csv"
"""Table in the folder of thumbnails, by which a folder of an earlier search is recognized."""

_SEARCH_SETTINGS = {"express.enabled": False, "track.presentation_check": False, "track.still_picture_check": False}
"""Expressions are not needed, and a picture of the person in a video is a find, too, as it is in a photo."""

_THUMBNAIL = re.compile(r"\d{4,}-[^/\\]*\.jpg")
_MAX_STEM = 60
_MAX_TABLE_BYTES = 2**28


def _table_files(output: Path | None, _: Mapping[str, Any]) -> list[Path]:
    if output is None:
        return []
    return csv_files(output) if output.suffix.lower() == ".csv" else [output]


def find(
    name: Annotated[str, Argument(metavar="NAME", help="Person to find.", show_default=False)],
    paths: Annotated[
        list[Path],
        Argument(metavar="PATH", help="Logs, videos, photos, or folders of these.", show_default=False),
        Input(log_files),
    ],
    output: Annotated[
        Path | None,
        Option("--output", "-o", metavar="FILE", help="Write the table: .csv or .parquet.", show_default=False),
        Output(_table_files),
    ] = None,
    thumbnails: Annotated[
        Path | None,
        Option("--thumbnails", metavar="DIR", help=f"Write a JPEG of each find in a video or photo, and {_TABLE}, to a folder."),
        OutputFolder(own_file=_TABLE),
    ] = None,
    every: Annotated[int, Option("--every", metavar="N", min=1, help="Analyze every N-th frame of the videos.")] = 1,
    network: NetworkOption = None,
    gallery: GalleryOption = None,
    json: JsonOption = None,
) -> bool:
    """Find where a person was seen: in logs, videos and photos.

    Logs are read as they are. Videos and photos are recognized with the gallery; a picture of the person in a video counts, too.
    Folders are searched with the folders in them. Exit code 3: something could not be read.

    Examples:
        facecam find Ada logs
        facecam find Ada logs recordings photos -o ada.csv --thumbnails ada
    """
    from facecam.gallery.people import display_name, read_people
    from facecam.gallery.service import GalleryService
    from facecam.logbook.finding import SUFFIXES
    from facecam.session.file_search import files_to_search

    if output is not None and output.suffix.lower() not in SUFFIXES:
        message = f"{output} cannot be written in this format; end its name in .csv or .parquet"
        raise BadParameter(message, param_hint="--output / -o")
    if thumbnails is not None and thumbnails.resolve() in [path.resolve() for path in paths]:
        raise BadParameter(f"{thumbnails} is searched; name another folder", param_hint="--thumbnails")
    name = display_name(name)
    settings = context.settings({"identify.network": network}).replace(_SEARCH_SETTINGS)
    folder = context.gallery_dir(gallery)
    files = files_to_search(paths, thumbnails, folder)
    # Someone who is not enrolled can be in logs.
    needs_person = bool(files.videos or files.photos)
    person = GalleryService(folder).person(name) if needs_person else read_people(folder).find(name)
    finds = _Finds(thumbnails)
    for path, error in files.unreadable:
        finds.add_failure(path, error)
    interruption: BaseException | None = None
    try:
        _search_logs(files, name, person, finds)
        if person is not None and needs_person:
            _recognize(files, person, settings, folder, every, finds)
    except (KeyboardInterrupt, SystemExit) as interrupted:  # Ctrl-C, or a signal: what was found before is written.
        interruption = interrupted
        context.print_note("stopped: the table has what was found until then, without the file that was being read")
    rows = finds.write_tables(output)
    payload = [{column: _json_value(value) for column, value in row.items()} for row in rows]
    context.present(json, payload, lambda: _print_found(rows, name, files))
    if interruption is not None:
        raise interruption
    return finds.failures > 0


@dataclass
class _Finds:
    """Finds so far, in the order of the search. Thumbnails are written as they come."""

    folder: Path | None
    pieces: list[Any] = field(default_factory=list)
    failures: int = 0
    _count: int = 0
    _is_made: bool = False

    def add_failure(self, path: Path, error: Exception) -> None:
        """Print why a file could not be read to its end."""
        self.failures += 1
        reason = str(error) or type(error).__name__
        context.print_note(reason if str(path) in reason else f"{path}: {reason}")

    def add(self, search: FileSearch, path: Path) -> None:
        """Add what was found in a file, also before an error."""
        found = search.found
        if self.folder is not None:
            numbered = enumerate(search.thumbnails, self._count + 1)
            found = found.assign(thumbnail=[self._write(self.folder, number, path, data) for number, data in numbered])
        self.add_rows(found)
        if search.error is not None:
            self.add_failure(path, search.error)

    def add_rows(self, found: Any) -> None:
        """Add rows without thumbnails."""
        self.pieces.append(found)
        self._count += len(found)

    def _write(self, folder: Path, number: int, path: Path, data: bytes | None) -> str | None:
        if data is None:
            return None
        self.make_folder()
        name = f"{number:04}-{path.stem[:_MAX_STEM]}.jpg"
        if (folder / name).exists():
            raise OutputError("{path} exists and is not of an earlier search; name another folder", path=folder / name)
        write_output(folder / name, data)
        return name

    def write_tables(self, output: Path | None) -> list[dict[str, Any]]:
        """Write the table of all finds to the folder of thumbnails and to a file; return its rows."""
        from facecam.logbook.finding import found_table, plain_rows, write_found

        table = found_table(self.pieces)
        if self.folder is not None:
            self.make_folder()
            write_found(table, self.folder / _TABLE)
        if output is not None:
            write_found(table, output)
        return plain_rows(table)

    def make_folder(self) -> None:
        """Create the folder of thumbnails, and delete those that the table of an earlier search lists."""
        if self.folder is None or self._is_made:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for old in _listed_thumbnails(self.folder):
                old.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(
                "{folder} cannot be written: {error}; name another folder", folder=self.folder, error=error
            ) from error
        self._is_made = True


def _listed_thumbnails(folder: Path) -> list[Path]:
    """Return the thumbnails in the table of an earlier search; files that it does not list are the user's."""
    with suppress(FileNotFoundError, UnicodeDecodeError, csv.Error):
        text = read_regular(folder / _TABLE, _MAX_TABLE_BYTES).decode()
        names = [row.get("thumbnail") or "" for row in csv.DictReader(io.StringIO(text, newline=""))]
        return [folder / name for name in names if _THUMBNAIL.fullmatch(name)]
    return []


def _search_logs(files: SearchedFiles, name: str, person: Person | None, finds: _Finds) -> None:
    from facecam.logbook.finding import find_in_logs

    with context.progress("reading logs") as report_progress, context.warnings_as_notes():
        for number, log in enumerate(files.logs):
            report_progress(number, len(files.logs))
            try:
                finds.add_rows(find_in_logs(log, name, None if person is None else person.person_id))
            except FacecamError as error:
                finds.add_failure(log[0], error)


def _recognize(files: SearchedFiles, person: Person, settings: Settings, folder: Path, every: int, finds: _Finds) -> None:
    """Search videos and photos. An error costs the file that has it."""
    from facecam.session.file_search import PersonSearch, videos_with_tables

    with ExitStack() as stack:
        report_progress = stack.enter_context(context.progress("reading the gallery"))
        recognizer = stack.enter_context(facecam.Recognizer(settings, folder, Mode.FACES, progress=report_progress))
        if not any(sample.person_id == person.person_id for sample in recognizer.gallery.samples):
            context.print_note(f"{person.name} has no usable photo in {folder}, so that no face can be recognized as this person")
        search = PersonSearch(recognizer, settings, person.name, person.person_id, with_thumbnails=finds.folder is not None)
        done = videos_with_tables(files, recognizer.gallery, settings.identify.network, every)
        if done:
            context.print_note(f"{count_of(len(done), 'video')} not recognized again: their tables are among the logs")
        videos = [path for path in files.videos if path not in done]
        for number, path in enumerate(videos, start=1):
            report = partial(report_progress, new_description=f"video {number} of {len(videos)}, {path.name}")
            finds.add(search.video(path, every, report), path)
        _search_photos(files.photos, search, finds, report_progress)


def _search_photos(photos: Sequence[Path], search: PersonSearch, finds: _Finds, report_progress: Any) -> None:
    for number, path in enumerate(photos):
        report_progress(number, len(photos), "photos")
        try:
            found = search.photo(path)
        except Exception as error:  # noqa: BLE001 - one photo must not stop the others
            finds.add_failure(path, error)
        else:
            if found is not None:
                finds.add(found, path)


def _json_value(value: Any) -> Any:
    return value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else value


def _print_found(found: Sequence[Mapping[str, Any]], name: str, files: SearchedFiles) -> None:
    searched = count_of(files.count, "file")
    if not files.count:
        context.print_result("Nothing to search: no log, video or photo was found in these places.")
        return
    if not found:
        context.print_result(f"{name} was not found in {searched}.")
        return
    head = ("found in", "source", "when", "from", "to", "frames", "distance", "thumbnail")
    rows = list(map(_table_row, found))
    shown = [place for place, cells in enumerate(zip(*rows, strict=True)) if any(cells)]
    columns = [head[place] for place in shown]
    context.print_table(([row[place] for place in shown] for row in rows), columns, right=("from", "to", "frames", "distance"))
    context.print_result(f"{name} was found {count_of(len(found), 'time')} in {searched}.")


def _table_row(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        row["file"],
        row["source"] or "",
        f"{row['begin_utc'].astimezone():%Y-%m-%d %H:%M:%S}",
        _time_text(row["begin_s"]),
        _time_text(row["end_s"]),
        str(row["sightings"]),
        "" if row["distance_l2"] is None else f"{row['distance_l2']:.2f}",
        row["thumbnail"] or "",
    )


def _time_text(seconds: float | None) -> str:
    """Return a time as h:mm:ss.s; "" for none."""
    if seconds is None:
        return ""
    tenths = round(seconds * 10)
    return f"{tenths // 36000}:{tenths // 600 % 60:02}:{tenths // 10 % 60:02}.{tenths % 10}"
