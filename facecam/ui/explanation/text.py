"""Texts that explain a decision: a headline with numbers, and the quality gates."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from facecam.messages import QT_TRANSLATE_NOOP, THRESHOLD_ORIGINS
from facecam.recognition.liveness import LIVE_SCORE_LIMIT, PRESENTATION_ATTACK, PRESENTATION_UNDECIDED, STILL_PICTURE
from facecam.recognition.quality import GateCheck
from facecam.session.visitors import DecisionReport
from facecam.types import Candidate, DecisionStatus
from facecam.ui.language import distinct_numbers, format_number, sentence_text

translate = QCoreApplication.translate

_GATES = {
    "score": QT_TRANSLATE_NOOP("Decisions", "Clearly a face"),
    "size_px": QT_TRANSLATE_NOOP("Decisions", "Large enough"),
    "clipped_fraction": QT_TRANSLATE_NOOP("Decisions", "Not cut off"),
    "sharpness": QT_TRANSLATE_NOOP("Decisions", "Sharp"),
    "brightness": QT_TRANSLATE_NOOP("Decisions", "Well lit"),
    "yaw_deg": QT_TRANSLATE_NOOP("Decisions", "Not turned sideways"),
    "pitch_deg": QT_TRANSLATE_NOOP("Decisions", "Not tilted up or down"),
    "roll_deg": QT_TRANSLATE_NOOP("Decisions", "Not tilted sideways"),
}

_WITHHELD = ("corrected", "name_taken", PRESENTATION_ATTACK, PRESENTATION_UNDECIDED, STILL_PICTURE)
"""Reasons for which a face that resembles a person does not have the name."""


def headline(report: DecisionReport) -> str:
    """Return the decision and its reason in one sentence with numbers."""
    match report.decision.status:
        case DecisionStatus.KNOWN:
            return _known(report)
        case DecisionStatus.SKIPPED:
            reason = sentence_text(report.failed_gate or report.decision.reason)
            return translate("Decisions", "Not compared. {why}").format(why=reason)
        case DecisionStatus.UNKNOWN:
            return _unknown(report)
        case DecisionStatus.UNSURE:
            return _unsure(report)


def _known(report: DecisionReport) -> str:
    name, rule = report.decision.name or "", report.rule
    nearest, margin = report.compared_decision.nearest, report.compared_decision.margin_l2
    if report.face_decision is None:
        return translate("Decisions", "Known as {name}.").format(name=name)
    if not report.face_agrees or nearest is None or rule is None:
        text = translate("Decisions", "Known as {name} by most of the recent comparisons, but not by the last one alone.")
        return text.format(name=name)
    distance, threshold = distinct_numbers(nearest.distance_l2, rule.threshold_l2)
    if margin is None:
        text = translate("Decisions", "Known as {name}: distance {distance} is below {threshold}, and no one else is enrolled.")
        return text.format(name=name, distance=distance, threshold=threshold)
    text = translate(
        "Decisions", "Known as {name}: distance {distance} is below {threshold}, and the next person is {margin} farther away."
    )
    return text.format(name=name, distance=distance, threshold=threshold, margin=format_number(margin))


def _unknown(report: DecisionReport) -> str:
    nearest, rule = report.compared_decision.nearest, report.rule
    if nearest is None or rule is None:
        return translate("Decisions", "Unknown. {why}").format(why=sentence_text("too_far" if nearest else "gallery_empty"))
    if not report.face_agrees:
        return translate("Decisions", "Unknown by most of the recent comparisons, but not by the last one alone.")
    distance, limit = distinct_numbers(nearest.distance_l2, rule.threshold_l2 + rule.unsure_band_l2)
    text = translate("Decisions", "Unknown: the nearest person, {name}, is at distance {distance}, above the limit of {limit}.")
    return text.format(name=nearest.name, distance=distance, limit=limit)


def _unsure(report: DecisionReport) -> str:
    compared, rule, reason = report.compared_decision, report.rule, report.decision.reason
    nearest, second, margin = compared.nearest, compared.second, compared.margin_l2
    if nearest is None or rule is None:
        return translate("Decisions", "Unsure. {why}").format(why=sentence_text(reason))
    if reason == "near_threshold" and nearest.distance_l2 > rule.threshold_l2:
        distance, threshold = distinct_numbers(nearest.distance_l2, rule.threshold_l2)
        text = translate("Decisions", "Perhaps {name}: distance {distance} is slightly above {threshold}.")
        return text.format(name=nearest.name, distance=distance, threshold=threshold)
    if reason == "margin" and margin is not None and second is not None and margin < rule.margin_l2:
        apart, minimum = distinct_numbers(margin, rule.margin_l2)
        text = translate("Decisions", "{name} or {second}? Their distances differ by {margin}; at least {least} is required.")
        return text.format(name=nearest.name, second=second.name, margin=apart, least=minimum)
    if reason in _WITHHELD:
        return translate("Decisions", "Similar to {name}. {why}").format(name=nearest.name, why=sentence_text(reason))
    return translate("Decisions", "Unsure. {why}").format(why=sentence_text(reason))


def distance_text(nearest: Candidate, photos: int) -> str:
    """Return the distance to the nearest person, who has this many photos, and what it is measured to."""
    if nearest.sample_l2 is None:
        text = translate("Decisions", "{distance} to the nearest photo of {name}")
        return text.format(distance=format_number(nearest.distance_l2), name=nearest.name)
    distance, photo = distinct_numbers(nearest.distance_l2, nearest.sample_l2)
    text = translate("Decisions", "{distance} to the mean of the {photos} photos of {name}, {photo} to the nearest of them")
    return text.format(distance=distance, photos=photos, name=nearest.name, photo=photo)


def threshold_text(report: DecisionReport) -> str:
    """Return the nearest person's own match threshold and what it comes from, "" before the first comparison."""
    if report.rule is None or report.gallery_threshold_l2 is None:
        return ""
    own, gallery = distinct_numbers(report.rule.threshold_l2, report.gallery_threshold_l2)
    nearest = report.compared_decision.nearest
    text = translate("Messages", THRESHOLD_ORIGINS[report.threshold_origin])
    return text.format(own=own, gallery=gallery, name=nearest.name if nearest is not None else "")


def live_score_text(score: float) -> str:
    """Return a track's newest score in the check for presentation attacks, and the limit of one that looks like an attack."""
    measured, limit = distinct_numbers(score, LIVE_SCORE_LIMIT)
    text = translate("Decisions", "{score} (a picture or a screen: below {limit})")
    return text.format(score=measured, limit=limit)


def gate_text(check: GateCheck) -> tuple[str, str, str]:
    """Return a gate's requirement, the measured value ("" if not measured), and the limit."""
    value = "" if check.value is None else _format_measure(check.measure, check.value)
    minimum = None if check.minimum is None else _format_measure(check.measure, check.minimum)
    maximum = None if check.maximum is None else _format_measure(check.measure, check.maximum)
    if minimum is None or check.minimum == -(check.maximum or 0):
        limit = translate("Decisions", "≤ {most}").format(most=maximum)
    elif maximum is None:
        limit = translate("Decisions", "≥ {least}").format(least=minimum)
    else:
        limit = translate("Decisions", "{least} to {most}").format(least=minimum, most=maximum)
    return translate("Decisions", _GATES[check.measure]), value, limit


def _format_measure(measure: str, value: float) -> str:
    match measure:
        case "score":
            return format_number(value)
        case "size_px":
            return translate("Decisions", "{pixels} px").format(pixels=round(value))
        case "clipped_fraction":
            return translate("Decisions", "{percent} %").format(percent=round(value * 100))
        case "yaw_deg" | "pitch_deg" | "roll_deg":
            return translate("Decisions", "{degrees}°").format(degrees=format_number(value, 0))
    return str(round(value))
