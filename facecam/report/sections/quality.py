"""What the reader of a report should know of the log itself: what is missing, what was changed meanwhile, what is weak."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from facecam.report.facts import Facts
from facecam.report.parts import Column, Section
from facecam.report.tables import some, table

SMALL_PX = 40
MESSAGES = 50


def quality(facts: Facts) -> Section:
    """One sentence per thing that was found, and the errors."""
    found = [*facts.warnings, *_endings(facts), *_changes(facts.log), *_faces(facts.faces), *_events(facts.log)]
    errors = facts.log.loc[facts.log["event"] == "error", ["local", "source", "message"]].tail(MESSAGES)
    columns = {"local": Column("When", "time"), "source": Column("Source"), "message": Column("What")}
    tables = (table("errors", "Errors, the last ones", errors, columns),) if len(errors) else ()
    return Section("quality", "About this log", tuple(found) or ("Nothing is known to be wrong with this log.",), (), tables)


def _endings(facts: Facts) -> Iterator[str]:
    if without := [one.session_id for one in facts.endings if not one.ended]:
        yield f"{some(len(without), 'session')} still ran or did not come to an orderly end: {_few(without)}."
    if lost := sum(one.rows_lost for one in facts.endings):
        yield f"{some(lost, 'row')} never reached the disk, which was full or gone."


def _changes(log: pd.DataFrame) -> Iterator[str]:
    for column, what in (("embed_model", "embedding network"), ("expression_model", "expression network")):
        if (count := log[column].nunique()) > 1:
            yield f"{count} different versions of the {what} were at work; their figures do not compare."
    if (count := log["gallery_revision"].nunique()) > 1:
        yield f"The gallery changed: people or photos were added or removed, {count} states in all."
    if log.loc[log["event"] == "seen"].groupby("session_id", observed=True)["source"].nunique().max() > 1:
        yield "A session had several sources. Where these are files each has its own time, which begins with the session's start."


def _faces(faces: pd.DataFrame) -> Iterator[str]:
    if not len(faces):
        return
    if small := int((faces["w"] < SMALL_PX).sum()):
        share = f"{some(small, 'face')} of {len(faces):,} ({small / len(faces):.0%})"
        yield f"{share} were under {SMALL_PX} pixels wide, where names are weaker."
    gates = faces["gate"].value_counts()
    if refused := int(gates.sum()):
        reasons = ", ".join(f"{gate} {count:,}" for gate, count in gates.items() if count)
        yield f"{some(refused, 'face')} ({refused / len(faces):.0%}) were not good enough to be compared: {reasons}."


def _events(log: pd.DataFrame) -> Iterator[str]:
    counts = log["event"].value_counts()
    said = log.loc[log["event"] == "state", "message"].fillna("")
    if count := int(counts.get("error", 0)):
        yield f"{some(count, 'error')} happened."
    if count := int(said.str.startswith("reconnecting").sum()):
        yield f"A source was lost and opened again {some(count, 'time')}."
    if count := int(said.str.startswith("the system's clock moved").sum()):
        yield f"The system's clock was set, or the machine slept, {some(count, 'time')}; times go on from the session's start."
    if count := int(counts.get("correction", 0)):
        yield f"{some(count, 'correction')} came from somebody at the window."


def _few(names: list[str]) -> str:
    return ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")
