"""Tables of the study as Markdown: steps, and templates of people, each half in its own columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.study.figures import Share
from benchmarks.study.people import Naming
from benchmarks.study.steps import CohortUse, Row


@dataclass(frozen=True, slots=True)
class Study:
    """All measurements of one network. `cohorts`: the chosen use of each."""

    network: str
    train_every: int
    rows: Sequence[Row]
    naming: Sequence[Naming]
    cohorts: Sequence[CohortUse]


def markdown(study: Study) -> str:
    """Format both tables; shares in %, with their standard errors."""
    used = "; ".join(f"{use.cohort}: the {use.count} nearest, weight {use.weight:g}" for use in study.cohorts)
    lines = [f"### {study.network}", "", *_steps(study.rows), ""]
    lines += [f"Cohorts as chosen on the training pairs: {used}.", "", *_people(study.naming), ""]
    return "\n".join(lines)


def _steps(rows: Sequence[Row]) -> list[str]:
    figures = "accuracy | TAR at FAR 1 % | at 0.1 %"
    lines = [
        f"| step | passes | train: {figures} | gain at 0.1 % | test: {figures} | AUC | over shipped: accuracy | at 0.1 % |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    test = {row.step: row for row in rows if row.half == "test"}
    for train in (row for row in rows if row.half == "train"):
        own = test[train.step]
        cells = [_with_error(train.accuracy), _plain(train.tar_at_far_001), _plain(train.tar_at_far_0001)]
        cells += [_gain(train.gain_tar_at_far_0001), _with_error(own.accuracy), _with_error(own.tar_at_far_001)]
        cells += [
            _with_error(own.tar_at_far_0001),
            f"{own.auc:.4f}",
            _gain(own.accuracy_over_shipped),
            _gain(own.tar_at_far_0001_over_shipped),
        ]
        lines.append(f"| {train.step} | {train.passes} | {' | '.join(cells)} |")
    return lines


def _people(rows: Sequence[Naming]) -> list[str]:
    figures = "rank 1 | named | gain"
    people = {row.half: row.people for row in rows}
    lines = [
        f"| a person's photos as | {' | '.join(f'{half} ({people[half]} people): {figures}' for half in people)} |",
        "|---|---|---|---|---|---|---|",
    ]
    test = {row.step: row for row in rows if row.half == "test"}
    for train in (row for row in rows if row.half == "train"):
        cells = [
            cell
            for row in (train, test[train.step])
            for cell in (_with_error(row.rank1), _with_error(row.named), _gain(row.gain))
        ]
        lines.append(f"| {train.step} | {' | '.join(cells)} |")
    return lines


def _plain(share: Share) -> str:
    return f"{100 * share.value:.1f}"


def _with_error(share: Share) -> str:
    return f"{100 * share.value:.1f} ± {100 * share.error:.1f}"


def _gain(share: Share) -> str:
    return f"{100 * share.value:+.1f} ± {100 * share.error:.1f}"
