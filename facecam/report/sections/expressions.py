"""What the faces of known people showed, and what that does not say."""

from __future__ import annotations

import numpy as np
import pandas as pd

from facecam.logbook.answers import shown
from facecam.report.facts import Facts
from facecam.report.parts import Bars, Chart, Column, Lines, Section
from facecam.report.tables import table
from facecam.types import EXPRESSIONS

LINES = 8

MEANING = (
    (
        "An expression is not an emotion. The figures say how much a face looks like pictures that people labelled with these "
        "seven words. They do not say what somebody feels, thinks or intends."
    ),
    (
        "A face at rest is often read as sad, angry or neutral; light, glasses, beards, age and a turned head move the figures. "
        "Valence goes from unpleasant (-1) to pleasant (1): the same seven probabilities, with one rough weight each."
    ),
    "Look at how one person changes over time rather than at who scores higher, and decide nothing about anybody by it.",
)


def expressions(facts: Facts) -> Section:
    """The mix over time and per person, and valence over time."""
    rows = facts.faces
    rows = rows[rows["name"].notna() & rows["valence"].notna() & rows["local"].notna()]
    title = "Expressions"
    if rows.empty:
        return Section("expressions", title, (*MEANING, "No expression of a known person was logged."))
    found = shown.expressions(rows).sort_values("sightings", ascending=False, kind="stable").reset_index()
    columns = {"name": Column("Name"), "sightings": Column("Sightings", "count")}
    columns |= {f"p_{name}": Column(name.capitalize(), "share") for name in EXPRESSIONS}
    tables = (table("expressions", "Mean per person", found, columns | {"valence": Column("Valence", "number", 2)}),)
    rows = rows.assign(bin=facts.bins(rows))
    return Section("expressions", title, MEANING, (_over_time(facts, rows), _mix(found), _valence(facts, rows, found)), tables)


def _over_time(facts: Facts, rows: pd.DataFrame) -> Chart:
    mean = rows.groupby("bin")[shown.MIX].mean()
    parts = {name: mean[f"p_{name}"].to_numpy(float) for name in EXPRESSIONS}
    body = Bars(mean.index.to_numpy(), parts, "mean probability", width=facts.step_ms)
    return Chart("expression-time", "Expressions over time, all known people", body)


def _mix(found: pd.DataFrame) -> Chart:
    top = found.head(3 * LINES)
    parts = {name: top[f"p_{name}"].to_numpy(float) for name in EXPRESSIONS}
    body = Bars(top["name"].astype(str).to_numpy(object), parts, "mean probability")
    return Chart("expression-person", "Expressions per person", body)


def _valence(facts: Facts, rows: pd.DataFrame, found: pd.DataFrame) -> Chart:
    names = list(found["name"].head(LINES).astype(str))
    mean = rows[rows["name"].isin(names)].groupby(["bin", "name"], observed=True)["valence"].mean()
    wide = facts.at_every_bin(mean.unstack("name"))
    lines = {name: wide[name].to_numpy(float, na_value=np.nan) for name in names}
    note = f"The {LINES} with most sightings of {len(found)}." if len(found) > LINES else ""
    body = Lines(wide.index.to_numpy(), lines, "valence", (-1.0, 1.0))
    return Chart("valence", "Valence over time, per person", body, note)
