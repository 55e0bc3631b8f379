"""Translated texts of enrollment: poses, photo requirements, self-test, and results of added photos."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from facecam.enrollment.enroll import ALREADY_THERE, AddPhotosResult, PhotoVerdict
from facecam.enrollment.guided import SelfCheckReport
from facecam.enrollment.poses import Check, Pose, PoseHint
from facecam.messages import QT_TRANSLATE_NOOP
from facecam.recognition.face_analyzer import OK
from facecam.ui.language import caption_text, format_number, sentence_text

translate = QCoreApplication.translate

_POSES = {
    Pose.CENTER: QT_TRANSLATE_NOOP("Enrollment", "Straight ahead"),
    Pose.LEFT: QT_TRANSLATE_NOOP("Enrollment", "To the left"),
    Pose.RIGHT: QT_TRANSLATE_NOOP("Enrollment", "To the right"),
    Pose.UP: QT_TRANSLATE_NOOP("Enrollment", "Chin up"),
    Pose.DOWN: QT_TRANSLATE_NOOP("Enrollment", "Chin down"),
}
_CHECKS = {
    Check.ONE_FACE: QT_TRANSLATE_NOOP("Enrollment", "One face"),
    Check.BIG_ENOUGH: QT_TRANSLATE_NOOP("Enrollment", "Close enough"),
    Check.SHARP: QT_TRANSLATE_NOOP("Enrollment", "Sharp"),
    Check.LIT: QT_TRANSLATE_NOOP("Enrollment", "Well lit"),
    Check.POSE: QT_TRANSLATE_NOOP("Enrollment", "Head in position"),
}
ARROWS: Mapping[str, Pose] = {
    PoseHint.TURN_LEFT: Pose.LEFT,
    PoseHint.TURN_RIGHT: Pose.RIGHT,
    PoseHint.CHIN_UP: Pose.UP,
    PoseHint.CHIN_DOWN: Pose.DOWN,
}
"""Direction in which a hint points."""


def pose_text(pose: Pose) -> str:
    return translate("Enrollment", _POSES[pose])


def check_text(check: Check) -> str:
    """Return the name of a photo requirement."""
    return translate("Enrollment", _CHECKS[check])


def verdict_text(code: str) -> str:
    """Return the reason why a shot is not kept, "" for one that is."""
    text = "" if code == OK else caption_text(code)
    return text[:1].upper() + text[1:]


def self_test_text(report: SelfCheckReport, name: str) -> str:
    """Return the result of the self-test."""
    if report.passed:
        return translate("Enrollment", "{name} is recognized.").format(name=name)
    text = translate("Enrollment", "{name} is not recognized yet. {why}")
    return text.format(name=name, why=sentence_text(report.reason))


def distances_text(report: SelfCheckReport) -> str:
    """Return the distances measured by the self-test, "" without any."""
    lines = []
    if report.own_l2 is not None:
        text = translate("Enrollment", "Distance to the photos: {distance}. Match threshold: {threshold}.")
        lines.append(text.format(distance=format_number(report.own_l2), threshold=format_number(report.threshold_l2)))
    if report.other_l2 is not None and report.other_name is not None:
        text = translate("Enrollment", "Next closest: {other} at {distance}.")
        lines.append(text.format(other=report.other_name, distance=format_number(report.other_l2)))
    return " ".join(lines)


def outcome_text(outcome: PhotoVerdict) -> str:
    """Return the result for one photo."""
    if outcome.reason == OK:
        text = translate("Verdicts", "{file}: added")
    else:
        there = outcome.reason == ALREADY_THERE
        text = "{file}: {reason}" if there else translate("Verdicts", "{file}: refused, {reason}")
    return text.format(file=outcome.path.name, reason=caption_text(outcome.reason))


def addition_text(addition: AddPhotosResult) -> str:
    """Return a summary of all added photos."""
    if addition.mixed is not None:
        text = translate(
            "Verdicts",
            "No photos were added: they do not all look like one person (distance {distance}): {files}. "
            "If they do show {name}, add them anyway.",
        )
        files = ", ".join(Path(sample.origin).name for sample in addition.mixed.others)
        return text.format(distance=format_number(addition.mixed.distance_l2), files=files, name=addition.name)
    rival = addition.similar_person
    if rival is not None:
        text = translate(
            "Verdicts",
            "No photos were added: they look like {rival}, who is already enrolled (distance {distance}). "
            "If they do show {name}, add them anyway.",
        )
        return text.format(rival=rival.name, distance=format_number(rival.distance_l2), name=addition.name)
    if not addition.outcomes:
        return translate("Verdicts", "The files contain no images.")
    there = sum(outcome.reason == ALREADY_THERE for outcome in addition.outcomes)
    counts = {"added": addition.added, "there": there, "refused": len(addition.outcomes) - addition.added - there}
    text = translate("Verdicts", "Photos for {name}. Added: {added}, already there: {there}, refused: {refused}.")
    return text.format(name=addition.name, **counts)
