"""Teaching a label, forgetting it, and taking that back: every time the head is fitted anew to all views there are.

The base's features cost a few milliseconds a view and the head a second or two, so nothing is spared by fitting it in steps, and
nothing old can be lost.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from facecam.errors import TeachError
from facecam.objects.features import base_sha256
from facecam.objects.taught_head import Head
from facecam.objects.taught_store import BACKGROUND, Taught, TaughtLabel, read_taught, write_taught
from facecam.teach.head import Checked, check, fit
from facecam.teach.views import MIN_VIEWS

LONGEST = 60


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What was learned. `checked` tells how the head does on views it was not fitted on; None when no label is left."""

    taught: Taught
    checked: Checked | None


def label_name(text: str) -> str:
    """The label as it is kept and shown: NFC, single blanks. TeachError when it cannot be shown as one line."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name or not name.isprintable() or len(name) > LONGEST:
        raise TeachError(f"{text[:80]!r} is no label; write 1 to {LONGEST} characters that can be seen")
    return BACKGROUND if name.casefold() == BACKGROUND else name


def teach(folder: Path, new: TaughtLabel, background: Callable[[], TaughtLabel]) -> Lesson:
    """Add the views of `new` to what `folder` holds, to those of the same label if there are any, and fit the head.

    `background` is asked once, for the first label. TeachError when the views are too few; then nothing is changed.
    """
    if len(new.views) < MIN_VIEWS:
        raise TeachError(
            f"{new.name}: only {len(new.views)} different views were seen, {MIN_VIEWS} are needed; turn it, bring it nearer, "
            "or give more pictures"
        )
    before = read_taught(folder, base_sha256())
    labels = list(before.labels)
    if before.label(BACKGROUND) is None:
        labels.insert(0, background())
    known = next((number for number, label in enumerate(labels) if label.name == new.name), None)
    if known is None:
        labels.append(new)
    else:
        labels[known] = labels[known].joined(new)
    return _learn(folder, before, tuple(labels), before.forgotten)


def forget(folder: Path, name: str) -> Lesson:
    """Take a label away with all its views; until the next one is forgotten it can be had back. TeachError for an unknown one."""
    before = read_taught(folder, base_sha256())
    gone = before.label(name)
    if gone is None or name == BACKGROUND:
        known = [label.name for label in before.labels if label.name != BACKGROUND]
        raise TeachError(
            f"{name!r} was not taught; {'taught are ' + ', '.join(known) if known else 'nothing was yet'} ({folder})"
        )
    return _learn(folder, before, tuple(label for label in before.labels if label is not gone), gone)


def take_back(folder: Path) -> Lesson:
    """Put back the label that was forgotten last. TeachError when there is none."""
    before = read_taught(folder, base_sha256())
    gone = before.forgotten
    if gone is None:
        raise TeachError(f"nothing was forgotten in {folder} that could be put back")
    again = before.label(gone.name)
    labels = tuple(label.joined(gone) if label is again else label for label in before.labels)
    return _learn(folder, before, labels if again else (*labels, gone), None)


def _learn(folder: Path, before: Taught, labels: tuple[TaughtLabel, ...], forgotten: TaughtLabel | None) -> Lesson:
    shown = [label for label in labels if label.name != BACKGROUND]
    head: Head | None = fit(labels) if shown else None
    after = replace(before, labels=labels, head=head, forgotten=forgotten)
    write_taught(folder, after, base_sha256())
    return Lesson(after, check(labels) if shown else None)
