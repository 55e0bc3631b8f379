"""What a threshold means, as sentences in the user's language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from facecam.identify.calibrate import Promise, odds


def stranger_words(promise: Promise) -> str:
    """How many strangers get a name."""
    translate = QCoreApplication.translate
    count, whole = odds(promise.stranger_share)
    if count == 0:
        return translate("Promise", "Fewer than 1 stranger in {whole} gets a name.").format(whole=whole)
    if count == 1:
        return translate("Promise", "About 1 stranger in {whole} gets a name.").format(whole=whole)
    return translate("Promise", "About {count} strangers in {whole} get a name.").format(count=count, whole=whole)


def miss_words(promise: Promise) -> str:
    """How many sightings of enrolled people stay without a name."""
    translate = QCoreApplication.translate
    count, whole = odds(promise.miss_share)
    if count == 0:
        return translate("Promise", "Fewer than 1 in {whole} sightings of an enrolled person stays unnamed.").format(whole=whole)
    if count == 1:
        return translate("Promise", "1 in {whole} sightings of an enrolled person stays unnamed.").format(whole=whole)
    return translate("Promise", "{count} in {whole} sightings of an enrolled person stay unnamed.").format(
        count=count, whole=whole
    )
