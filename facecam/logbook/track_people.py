"""Person of each row of a face: that of its track, also in the rows before the track's name was decided. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from facecam.logbook.spans import dense_codes, group_codes

FACE_COLUMNS = ("schema_version", "session_id", "track_id", "decision", "reason", "name", "person_id")
"""Columns of the rows of faces that `person_of_each_face` needs."""

_WHOLE_TRACKS_VERSION = 4
"""From this version on, a track is one person."""

_UNDECIDED, _UNKNOWN = -1, -2

_WITHHELD = ["corrected", "name_taken", "presentation_attack", "still_picture"]
"""Reasons for which a face that resembles a person has no name: a user rejected it, another face has it, or it is a picture."""


def person_of_each_face(
    faces: pd.DataFrame, position: Any, rejections: pd.DataFrame, rejection_position: Any
) -> pd.Categorical[Any]:
    """Return the name of the person to whom each row of a face belongs; missing where there is none.

    From version 4 on, all rows of a track belong to the person whose name it has, also those before the name was decided and
    undecided ones between. If a track's name changes, rows up to the change belong to the earlier name, and rows before the first
    name to the first. After a track became unknown, its name was withheld (_WITHHELD) or a user rejected it, rows have no
    person until the next name. In rows of earlier versions, a face belongs to the name in its own row.

    A renamed person has one name, the latest.

    Args:
        faces: Rows of faces with FACE_COLUMNS, in the order of the log.
        position: Position of each of these in the log, (n,) ascending.
        rejections: Rows of events in which a user rejected the name of a track: columns `session_id` and `track_id`.
        rejection_position: Their positions.
    """
    codes, names = _current_names(faces)
    is_whole = (faces["track_id"].notna() & (faces["schema_version"] >= _WHOLE_TRACKS_VERSION)).to_numpy(bool, na_value=False)
    if is_whole.any():
        state = codes.copy()
        unnamed = np.flatnonzero(codes < 0)
        answers = faces[["decision", "reason"]].iloc[unnamed]
        is_nobody = (answers["decision"] == "unknown") | answers["reason"].isin(_WITHHELD)
        state[unnamed[is_nobody.to_numpy(bool, na_value=False)]] = _UNKNOWN
        both = pd.concat([faces[["session_id", "track_id"]][is_whole], rejections[["session_id", "track_id"]]])
        track = dense_codes(group_codes(both, ["session_id", "track_id"]))
        count = int(is_whole.sum())
        codes = codes.copy()
        codes[is_whole] = _whole_tracks(
            state[is_whole], track[:count], np.asarray(position)[is_whole], track[count:], np.asarray(rejection_position)
        )
    return pd.Categorical.from_codes(np.maximum(codes, _UNDECIDED), categories=names)


def _whole_tracks(state: Any, track: Any, position: Any, rejected_track: Any, rejected_position: Any) -> Any:
    """Return the states with those of undecided rows filled from the other rows of the track."""
    tracks = int(max(track.max(initial=-1), rejected_track.max(initial=-1))) + 1
    lowest, highest = np.full(tracks, np.iinfo(np.int64).max), np.full(tracks, _UNKNOWN - 1)
    decided = state != _UNDECIDED
    np.minimum.at(lowest, track[decided], state[decided])
    np.maximum.at(highest, track[decided], state[decided])
    is_changing = lowest < highest
    is_changing[rejected_track] = True
    constant = ~decided & (highest >= _UNKNOWN)[track] & ~is_changing[track]
    filled = np.where(constant, lowest[track], state)
    rows = np.flatnonzero(is_changing[track])
    if len(rows):
        filled[rows] = _changing_tracks(
            pd.DataFrame({"state": state[rows], "track": track[rows], "position": position[rows]}),
            pd.DataFrame({"state": _UNKNOWN, "track": rejected_track, "position": rejected_position}),
        )
    return filled


def _changing_tracks(rows: pd.DataFrame, rejections: pd.DataFrame) -> Any:
    """Return the filled states of the rows of tracks that have several."""
    order = pd.concat([rows, rejections], ignore_index=True).sort_values(["track", "position"], kind="stable")
    by_track = order["track"]
    was_named = (order["state"] >= 0).groupby(by_track).cummax()
    is_decided = (order["state"] >= 0) | ((order["state"] == _UNKNOWN) & was_named)
    states = order["state"].where(is_decided)
    filled = states.groupby(by_track).ffill()
    # Rows before the first name belong to it, also if the track was unknown before.
    filled = filled.fillna(states.groupby(by_track).bfill()).fillna(_UNKNOWN)
    return filled.sort_index().to_numpy(np.int64)[: len(rows)]


def _current_names(faces: pd.DataFrame) -> tuple[Any, pd.Index[Any]]:
    """Return the code of each row's name, -1 for none, and the names. A renamed person has the name of the last session."""
    codes, names = _codes(faces["name"])
    ids, _ = _codes(faces["person_id"])
    has_id = (codes >= 0) & (ids >= 0)
    if not has_id.any():
        return codes, names
    pairs = pd.unique(ids[has_id] * len(names) + codes[has_id])
    owners = pairs // len(names)
    if len(np.unique(owners)) == len(owners):
        return codes, names
    sessions, _ = _codes(faces["session_id"])
    table = pd.DataFrame({"id": ids, "name": codes, "session": sessions})[has_id]
    latest = table.sort_values("session", kind="stable").drop_duplicates("id", keep="last").set_index("id")["name"]
    current = codes.copy()
    current[has_id] = latest.loc[ids[has_id]].to_numpy()
    # Rows of earlier versions have no id: a former name that only one person had is that person's.
    former = pd.Series(owners, pairs % len(names))
    for name, owner in former[~former.index.duplicated(keep=False)].items():
        if name not in set(latest):
            current[(codes == name) & ~has_id] = latest[owner]
    return current, names


def _codes(column: pd.Series[Any]) -> tuple[Any, pd.Index[Any]]:
    """Return the number of each value, -1 for none, and the values in ascending order."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype("category")
    return column.cat.codes.to_numpy(np.int64), column.cat.categories
