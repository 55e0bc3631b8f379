"""Data dictionary of the log: meaning, type, unit and levels of each column, as JSON next to CSV files.

References:
    Brain Imaging Data Structure 1.10, "Tabular files": a JSON object per column with Description, Format, Units and Levels.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from facecam.fileio import MAX_TEXT_BYTES, is_stream, parse_json, read_regular, write_output, write_private
from facecam.logbook.schema import COLUMNS, Column, ColumnKind
from facecam.messages import caption
from facecam.settings import Mode
from facecam.types import CLEAR_FROM, EXPRESSIONS, UNCLEAR, DecisionStatus, EventCode, TimeOrigin

FILE_NAME = "columns.json"
"""File in each folder of logs. Next to an exported NAME.csv it is NAME.columns.json: NAME.json may describe a session."""

MACHINE = Column("machine", "category", "Name of the computer that wrote the row's session")
"""Column that `facecam log merge` adds."""

SESSION_LABEL_PREFIX = "session_"
"""Beginning of the columns with one session label each: `session_condition` has the value of the label `condition`."""

EVENT_LEVELS: Mapping[str, str] = {
    "seen": "A face (mode faces), or the labels of a frame (mode objects)",
    "enter": "A track was decided: known or unknown, or its name changed",
    "exit": "A decided track ended; the row has the time of its last sighting",
    "empty": "The first frame without a face after one with faces",
    "error": "Something failed",
    "state": "Something changed: the source, settings, the gallery, an enrollment",
    "correction": "The user rejected or assigned a name, or undid that",
    "marker": "The user marked this moment",
    "frames": "Numbers of frames of the source so far",
}
EVENT_CODE_LEVELS: Mapping[EventCode, str] = {
    EventCode.NAME_CHANGED: "The track has another name than before",
    EventCode.NO_FACE: "No face in the image",
    EventCode.NAME_REJECTED: "The user rejected the name in event_person",
    EventCode.NAME_ASSIGNED: "The user assigned the name in event_person",
    EventCode.REJECTION_UNDONE: "The user undid the rejection of a name",
    EventCode.ASSIGNMENT_UNDONE: "The user undid the assignment of a name",
    EventCode.OPENING: "The source is being opened",
    EventCode.RUNNING: "The source delivers frames",
    EventCode.RECONNECTING: "The source is lost and opened again",
    EventCode.FAILED: "The source has ended with an error",
    EventCode.PAUSED: "The user paused recognition",
    EventCode.RESUMED: "The user resumed recognition",
    EventCode.SEEKED: "The user moved to another time of a file, or it began again",
    EventCode.MODE_CHANGED: "Faces or objects: the mode changed",
    EventCode.SETTINGS_CHANGED: "Other settings apply",
    EventCode.DECISION_PARAMETERS: "The parameters in the columns required_margin_l2 to follow and presentation_check changed",
    EventCode.GALLERY_CHANGED: "The gallery changed; all tracks collect votes again",
    EventCode.GALLERY_UNAVAILABLE: "The gallery folder cannot be read; the people loaded before are still recognized",
    EventCode.GALLERY_AVAILABLE: "The gallery folder can be read again",
    EventCode.ENROLLMENT_BEGUN: "Enrollment of event_person began",
    EventCode.ENROLLMENT_SAVED: "Photos of event_person were saved",
    EventCode.ENROLLMENT_RECOGNIZED: "The enrolled person was recognized",
    EventCode.ENROLLMENT_NOT_RECOGNIZED: "The enrolled person was not recognized",
    EventCode.ENROLLMENT_UNDONE: "The enrollment was undone",
    EventCode.ENROLLMENT_ENDED: "The enrollment ended without photos, or with an error",
    EventCode.CLOCK_MOVED: "The system clock was set, or the computer slept",
    EventCode.LOGS_DELETED: "Old sessions were deleted",
    EventCode.RECORDINGS_DELETED: "Old recordings of the window were deleted",
    EventCode.SNAPSHOTS_DELETED: "Old snapshots were deleted",
    EventCode.FRAME_FAILED: "A frame could not be recognized",
    EventCode.RECORDING_FAILED: "The recording of the video ended",
    EventCode.LOG_INTERRUPTED: "The log could not be written for some time; message has the number of lost rows",
    EventCode.COMMAND_REFUSED: "A change during the session was refused",
    EventCode.UNREADABLE: "An image could not be read",
    EventCode.ANOTHER_PERSON: "The track ended because its face was another person's",
    EventCode.SPARSE_FRAMES: "Frames are so far apart that each face is decided on its single sighting",
}

GATES = ("low_score", "too_small", "clipped", "blurry", "dark", "bright", "extreme_pose")
REASONS = (
    *("match", "votes", "gallery_empty", "too_far", "near_threshold", "margin", "corrected", "name_taken", "another_name"),
    *("few_sightings", "presentation_undecided", "presentation_attack", "still_picture", "settled", *GATES),
)

_SIGHTING_LEVELS = {
    DecisionStatus.KNOWN: "The face is a known person's",
    DecisionStatus.UNSURE: "The face may be a known person's",
    DecisionStatus.UNKNOWN: "The face belongs to none of the known people",
    DecisionStatus.SKIPPED: "Not compared: it failed a gate, or its track is settled",
}
_TRACK_LEVELS = {
    DecisionStatus.KNOWN: "A known person, in name",
    DecisionStatus.UNSURE: "No name has enough votes",
    DecisionStatus.UNKNOWN: "No known person",
    DecisionStatus.SKIPPED: "No decision yet, and this face was not compared: reason is the gate that it failed",
}
_ORIGIN_LEVELS = {
    TimeOrigin.CLOCK: "This machine's clock, while a live source was recognized",
    TimeOrigin.GIVEN: "The user, with --started-at",
    TimeOrigin.CONTAINER: "The creation time in the file; an estimate",
    TimeOrigin.FILE: "The file's modification time minus its length; an estimate",
}
_LEVELS: Mapping[str, Mapping[Any, str]] = {
    "mode": {Mode.FACES: "Faces", Mode.OBJECTS: "Objects"},
    "event": EVENT_LEVELS,
    "gate": {code: caption(code) for code in GATES},
    "sighting_decision": _SIGHTING_LEVELS,
    "decision": _TRACK_LEVELS,
    "reason": {code: caption(code) for code in REASONS},
    "expression": {name: f"p_{name} is the largest of the seven" for name in EXPRESSIONS}
    | {UNCLEAR: f"None of the seven probabilities reaches {CLEAR_FROM}"},
    "event_code": EVENT_CODE_LEVELS,
    "ts_origin": _ORIGIN_LEVELS,
}
_BOOLEAN = {"0": "no", "1": "yes"}
_DELIMITERS = {"session_labels": "; "}
_FORMATS: Mapping[ColumnKind, str] = {
    "text": "string",
    "category": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "time": "datetime",
}
_KNOWN = {column.name: column for column in (*COLUMNS, MACHINE)}

_logger = logging.getLogger(__name__)


def data_dictionary(names: Iterable[str] | None = None) -> dict[str, dict[str, Any]]:
    """Return the description of the columns in the form of BIDS, by name; without `names` of all columns of the log.

    A column that this version does not know has only its name.
    """
    return {name: _description(name) for name in (names if names is not None else (column.name for column in COLUMNS))}


def is_label_column(name: str) -> bool:
    """Return whether this is the name of a column with one session label, such as `session_condition`."""
    return name.startswith(SESSION_LABEL_PREFIX) and name not in _KNOWN


def describe_columns(
    columns: Iterable[Column], levels: Mapping[str, Mapping[Any, str]] | None = None
) -> dict[str, dict[str, Any]]:
    """Return the description of other columns than the log's, such as those of a list or a table of a report.

    `levels` are the possible values with their meaning, by the name of the column.
    """
    return {column.name: _described(column, (levels or {}).get(column.name)) for column in columns}


def dictionary_path(csv: Path) -> Path:
    """Return the path of the data dictionary of an exported CSV file."""
    return csv.with_name(f"{csv.stem}.{FILE_NAME}")


def write_dictionary(folder: Path) -> None:
    """Write the data dictionary of the logs in a folder; another file of its name stays. Never raises: a session does without."""
    path, data = folder / FILE_NAME, dictionary_bytes(data_dictionary())
    try:
        found = read_regular(path, MAX_TEXT_BYTES) if path.exists() else b"{}"
        if found != data and parse_json(found).keys() <= {*_KNOWN}:
            write_private(path, data)
    except (OSError, ValueError, AttributeError) as error:
        _logger.info("the data dictionary of the logs in %s is not written: %s", folder, error)


def csv_outputs(csv: Path) -> list[Path]:
    """Return the files that a command writes for a CSV file: with its data dictionary, unless it is a pipe or a device."""
    return [csv] if is_stream(csv) else [csv, dictionary_path(csv)]


def write_dictionary_of(csv: Path, dictionary: Mapping[str, Mapping[str, Any]]) -> None:
    """Write a data dictionary next to a CSV file, but not of a pipe or a device. OutputError when that fails."""
    if not is_stream(csv):
        write_output(dictionary_path(csv), dictionary_bytes(dictionary))


def dictionary_bytes(dictionary: Mapping[str, Mapping[str, Any]]) -> bytes:
    """Return a data dictionary as the content of a JSON file."""
    return (json.dumps(dictionary, ensure_ascii=False, indent=2) + "\n").encode()


def _description(name: str) -> dict[str, Any]:
    if (column := _KNOWN.get(name)) is not None:
        return _described(column, _LEVELS.get(name))
    if name.startswith(SESSION_LABEL_PREFIX):
        label = name.removeprefix(SESSION_LABEL_PREFIX)
        return _described(Column(name, "category", f"Value of the session's label {label}"))
    return {"Description": f"{name}, a column of a newer version of facecam"}


def _described(column: Column, levels: Mapping[Any, str] | None = None) -> dict[str, Any]:
    levels = _BOOLEAN if column.kind == "bool" else levels
    fields = {
        "Description": column.description,
        "Format": _FORMATS[column.kind],
        "Units": column.unit,
        "Levels": {str(level): meaning for level, meaning in levels.items()} if levels else None,
        "Delimiter": _DELIMITERS.get(column.name),
    }
    return {name: value for name, value in fields.items() if value}
