"""How safe the decisions were: distances beside the threshold, and the reasons."""

from __future__ import annotations

import numpy as np
import pandas as pd

from facecam.logbook.answers import shown
from facecam.report.facts import Facts
from facecam.report.parts import Bars, Chart, Column, Section, Table
from facecam.report.tables import some, table

CLOSE_L2 = 0.02
"""Nearer to the threshold than this, on either side, is a close call."""

_KINDS = ("known", "unsure", "unknown")


def decisions(facts: Facts) -> Section:
    """Distances of all faces that were compared, and what the tracks were decided to be."""
    reasons = shown.decisions(facts.log).reset_index()
    columns = {"decision": Column("Decision"), "reason": Column("Reason"), "faces": Column("Faces", "count")}
    columns |= {"share": Column("Share", "share"), "tracks": Column("Tracks", "count")}
    by_reason = table("reasons", "Decisions by reason, as the faces' tracks had them", reasons, columns)
    rows = facts.faces
    rows = rows[rows["embedded"].fillna(value=False) & rows["distance_l2"].notna()]
    if rows.empty:
        sentence = "No face was compared with anybody: either none was good enough, or nobody is enrolled."
        return Section("decisions", "How safe the decisions were", (sentence,), (), (by_reason,) if by_reason.rows else ())
    per_person = _per_person(rows)
    tables = (per_person, by_reason) if per_person.rows else (by_reason,)
    return Section("decisions", "How safe the decisions were", _sentences(rows), (_histogram(rows),), tables)


def _sentences(rows: pd.DataFrame) -> tuple[str, ...]:
    known = rows[rows["sighting_decision"] == "known"]
    headroom = (rows["threshold_l2"] - rows["distance_l2"]).dropna()
    close = int((headroom.abs() < CLOSE_L2).sum())
    compared = (
        f"{some(len(rows), 'face was', 'faces were')} compared with the enrolled people; {len(known):,} were near enough to one "
        "and clearly nearer than to the next. A distance is plain L2 between two embeddings, 0 to 2: smaller is more alike."
    )
    safe = (
        f"{some(close, 'face')} ({close / len(rows):.1%}) lay within {CLOSE_L2} of the threshold, on either side: close calls. "
        "The farther the known ones stay to its left and the others to its right, the safer the names."
    )
    lead = known["margin_l2"].median()
    if pd.isna(lead):
        return compared, safe
    return compared, safe, f"Half of the known faces were at least {lead:.3f} nearer to their person than to the next."


def _histogram(rows: pd.DataFrame) -> Chart:
    distances = rows["distance_l2"].to_numpy(float)
    threshold = rows["threshold_l2"].dropna()
    top = max(float(np.quantile(distances, 0.999)), float(threshold.max()) if len(threshold) else 0.0) * 1.05
    edges = np.linspace(0, top, 61)
    kinds = rows["sighting_decision"].to_numpy(object)
    # What lies beyond the axis is counted in its last bar.
    parts = {kind: np.histogram(np.minimum(distances[kinds == kind], top), edges)[0].astype(float) for kind in _KINDS}
    marks = {}
    if len(threshold):
        low, high = float(threshold.min()), float(threshold.max())
        marks = {"threshold": low} if low == high else {"lowest threshold": low, "highest threshold": high}
    body = Bars(edges[:-1], parts, "faces", "distance to the nearest person (plain L2)", float(edges[1]), marks)
    return Chart("distances", "Distances and threshold", body)


def _per_person(rows: pd.DataFrame) -> Table:
    known = rows[rows["sighting_decision"] == "known"]
    known = known.assign(headroom=known["threshold_l2"] - known["distance_l2"])
    found = known.groupby("nearest_name", observed=True)
    figures = found.agg(
        faces=("distance_l2", "size"), median=("distance_l2", "median"), least=("headroom", "min"), margin=("margin_l2", "median")
    )
    figures["p95"] = found["distance_l2"].quantile(0.95)
    columns = {
        "nearest_name": Column("Name"), "faces": Column("Faces compared", "count"),
        "median": Column("Median distance", "number", 3),
        "p95": Column("95 % nearer than", "number", 3), "least": Column("Least room to threshold", "number", 3),
        "margin": Column("Median lead over next", "number", 3),
    }  # fmt: skip
    return table("distances-person", "Known faces, per person", figures.reset_index(), columns)
