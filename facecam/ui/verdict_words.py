"""What became of photos that were to be added, in the user's language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from facecam.identify.add_photos import ALREADY_THERE, Addition, Outcome
from facecam.identify.verdict import OK
from facecam.ui.reasons import reason_words


def outcome_words(outcome: Outcome, *, saved: bool) -> str:
    """What became of one photo; what would have, if nothing was saved."""
    translate = QCoreApplication.translate
    if outcome.reason == ALREADY_THERE:
        said = translate("Verdicts", "{file}: is there already")
    elif outcome.reason != OK:
        said = translate("Verdicts", "{file}: refused, {reason}")
    else:
        said = translate("Verdicts", "{file}: added") if saved else translate("Verdicts", "{file}: good")
    return said.format(file=outcome.path.name, reason=reason_words(outcome.reason))


def addition_words(addition: Addition, locale: QLocale) -> str:
    """All photos summed up in a sentence."""
    translate = QCoreApplication.translate
    if addition.rival is not None:
        said = translate(
            "Verdicts",
            "Nothing was added: these photos look like {rival}, who is enrolled (distance {distance}). If they do show "
            "{name}, add them all the same.",
        )
        distance = locale.toString(addition.rival.distance_l2, "f", 2)
        return said.format(rival=addition.rival.name, distance=distance, name=addition.name)
    if not addition.outcomes:
        return translate("Verdicts", "There was no picture among the files.")
    there = sum(outcome.reason == ALREADY_THERE for outcome in addition.outcomes)
    counts = {"added": addition.added, "there": there, "refused": len(addition.outcomes) - addition.added - there}
    said = translate("Verdicts", "Photos for {name}. Added: {added}, there already: {there}, refused: {refused}.")
    return said.format(name=addition.name, **counts)
