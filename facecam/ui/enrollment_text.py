"""Translated texts for the codes of enrollment: poses, hints, shot verdicts, self-test, and results of added photos."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from facecam.enrollment.enroll import ALREADY_THERE, AddPhotosResult, PhotoOutcome
from facecam.enrollment.guided import ANOTHER_NAME, FEW_SIGHTINGS, SelfCheckReport
from facecam.enrollment.poses import Check, Pose, PoseHint
from facecam.recognition.face_analyzer import OK
from facecam.ui.language import QT_TRANSLATE_NOOP, format_number

translate = QCoreApplication.translate

_CONTEXT = "Enrollment"

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
_HINTS = {
    "": QT_TRANSLATE_NOOP("Enrollment", "Very good, hold that pose."),
    "no_face": QT_TRANSLATE_NOOP("Enrollment", "Move in front of the camera."),
    "several_faces": QT_TRANSLATE_NOOP("Enrollment", "Only one face may be in view."),
    "outlier": QT_TRANSLATE_NOOP("Enrollment", "This looks like a different person. Continue with the same person."),
    "low_score": QT_TRANSLATE_NOOP("Enrollment", "Show your whole face, with nothing covering it."),
    "clipped": QT_TRANSLATE_NOOP("Enrollment", "Move to the center: part of your face is out of view."),
    "too_small": QT_TRANSLATE_NOOP("Enrollment", "Move closer to the camera."),
    "blurry": QT_TRANSLATE_NOOP("Enrollment", "Hold still."),
    "dark": QT_TRANSLATE_NOOP("Enrollment", "More light on your face, please."),
    "bright": QT_TRANSLATE_NOOP("Enrollment", "Less light on your face, please."),
    "extreme_pose": QT_TRANSLATE_NOOP("Enrollment", "Too far: turn back a little."),
    PoseHint.LOOK_STRAIGHT: QT_TRANSLATE_NOOP("Enrollment", "Look straight into the camera and hold still."),
    PoseHint.TURN_LEFT: QT_TRANSLATE_NOOP("Enrollment", "Turn your head slowly to your left."),
    PoseHint.TURN_RIGHT: QT_TRANSLATE_NOOP("Enrollment", "Turn your head slowly to your right."),
    PoseHint.CHIN_UP: QT_TRANSLATE_NOOP("Enrollment", "Raise your chin a little."),
    PoseHint.CHIN_DOWN: QT_TRANSLATE_NOOP("Enrollment", "Lower your chin a little."),
    PoseHint.ASKEW: QT_TRANSLATE_NOOP(
        "Enrollment", "The camera is too far to one side. Place it in front of you at eye level, or skip this pose."
    ),
}
_VERDICTS = {
    "left_out": QT_TRANSLATE_NOOP("Enrollment", "Excluded by you"),
    "too_alike": QT_TRANSLATE_NOOP("Enrollment", "Too similar to another photo to be useful"),
    "already_enrolled": QT_TRANSLATE_NOOP("Enrollment", "Too similar to a photo in the gallery"),
    "not_found_again": QT_TRANSLATE_NOOP("Enrollment", "The face was not found in the saved photo"),
    "outlier": QT_TRANSLATE_NOOP("Enrollment", "Looks like a different person"),
}
_TEST_FAILURES = {
    ANOTHER_NAME: QT_TRANSLATE_NOOP("Enrollment", "{name} is not recognized yet: the face was mistaken for {other}."),
    FEW_SIGHTINGS: QT_TRANSLATE_NOOP("Enrollment", "{name} was in view too briefly to be tested."),
    "too_far": QT_TRANSLATE_NOOP("Enrollment", "{name} is not recognized yet: the face differs too much from the photos."),
    "near_threshold": QT_TRANSLATE_NOOP(
        "Enrollment", "{name} is not recognized reliably yet: the face is almost too different from the photos."
    ),
    "margin": QT_TRANSLATE_NOOP("Enrollment", "{name} is not recognized reliably: {other} looks almost the same."),
    "corrected": QT_TRANSLATE_NOOP("Enrollment", "{name} looks like a face that you marked as a different person."),
    "no_face": QT_TRANSLATE_NOOP("Enrollment", "{name} was not tested: no face was in front of the camera."),
    "several_faces": QT_TRANSLATE_NOOP("Enrollment", "{name} was not tested: several faces were in front of the camera."),
}
_NOT_TESTED = QT_TRANSLATE_NOOP("Enrollment", "{name} was not visible clearly enough to be tested. {advice}")
_PASSED = QT_TRANSLATE_NOOP("Enrollment", "{name} is recognized.")

ARROWS = {
    PoseHint.TURN_LEFT: Pose.LEFT,
    PoseHint.TURN_RIGHT: Pose.RIGHT,
    PoseHint.CHIN_UP: Pose.UP,
    PoseHint.CHIN_DOWN: Pose.DOWN,
}
"""Direction in which a hint points."""


def pose_text(pose: Pose) -> str:
    return translate(_CONTEXT, _POSES[pose])


def check_text(check: Check) -> str:
    """Return the name of a photo requirement."""
    return translate(_CONTEXT, _CHECKS[check])


def hint_text(code: str) -> str:
    """Return the instruction for a checklist code; "" stands for a passed checklist."""
    return translate(_CONTEXT, _HINTS[code])


def verdict_text(code: str) -> str:
    """Return the reason why a shot is not kept, "" for one that is."""
    return translate(_CONTEXT, _VERDICTS[code]) if code in _VERDICTS else ""


def self_test_text(report: SelfCheckReport, name: str) -> str:
    """Return the result of the self-test."""
    if report.passed:
        return translate(_CONTEXT, _PASSED).format(name=name)
    if report.reason in _TEST_FAILURES:
        return translate(_CONTEXT, _TEST_FAILURES[report.reason]).format(name=name, other=report.other_name or "?")
    advice = hint_text(report.reason) if report.reason in _HINTS else ""
    return translate(_CONTEXT, _NOT_TESTED).format(name=name, advice=advice).strip()


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


_REASONS = {
    "no_face": QT_TRANSLATE_NOOP("Reasons", "no face was found"),
    "several_faces": QT_TRANSLATE_NOOP("Reasons", "several faces: crop the photo to one"),
    "unreadable": QT_TRANSLATE_NOOP("Reasons", "could not be read as an image"),
    "low_score": QT_TRANSLATE_NOOP("Reasons", "the face is not clear enough"),
    "too_small": QT_TRANSLATE_NOOP("Reasons", "the face is too small"),
    "clipped": QT_TRANSLATE_NOOP("Reasons", "the face is cut off at the edge"),
    "blurry": QT_TRANSLATE_NOOP("Reasons", "the face is blurred"),
    "dark": QT_TRANSLATE_NOOP("Reasons", "the face is too dark"),
    "bright": QT_TRANSLATE_NOOP("Reasons", "the face is too bright"),
    "extreme_pose": QT_TRANSLATE_NOOP("Reasons", "the face is turned too far"),
    "not_found_again": QT_TRANSLATE_NOOP("Reasons", "the face was not found in the saved photo"),
    "duplicate": QT_TRANSLATE_NOOP("Reasons", "the same photo is already there"),
    "outlier": QT_TRANSLATE_NOOP("Reasons", "looks like a different person"),
    "cross_risk": QT_TRANSLATE_NOOP("Reasons", "too similar to a photo of another person"),
    "no_person": QT_TRANSLATE_NOOP("Reasons", "is outside a person's folder"),
    "bad_name": QT_TRANSLATE_NOOP("Reasons", "the folder name is not a valid name for a person"),
    "person_file_damaged": QT_TRANSLATE_NOOP("Reasons", "person.toml is damaged"),
    "duplicate_person_id": QT_TRANSLATE_NOOP("Reasons", "has the same ID as another person"),
}


def reason_text(code: str) -> str:
    """Return the reason why a photo is not used, or the code itself when it is unknown."""
    return translate("Reasons", _REASONS[code]) if code in _REASONS else code


def outcome_text(outcome: PhotoOutcome, *, saved: bool) -> str:
    """Return the result for one photo; without `saved`, what saving would do."""
    if outcome.reason == ALREADY_THERE:
        text = translate("Verdicts", "{file}: already in the gallery")
    elif outcome.reason != OK:
        text = translate("Verdicts", "{file}: rejected, {reason}")
    else:
        text = translate("Verdicts", "{file}: added") if saved else translate("Verdicts", "{file}: good")
    return text.format(file=outcome.path.name, reason=reason_text(outcome.reason))


def addition_text(addition: AddPhotosResult) -> str:
    """Return a summary of all added photos."""
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
    text = translate("Verdicts", "Photos for {name}. Added: {added}, already there: {there}, rejected: {refused}.")
    return text.format(name=addition.name, **counts)
