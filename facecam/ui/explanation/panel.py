"""Explanation panel ("Why?"): the compared images, distances, votes and quality gates behind a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QAccessible, QBrush, QFontMetricsF, QImage, QPainter, QPaintEvent, QPalette, QPen, QPixmap, QShowEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from facecam.recognition.liveness import LIVE_SCORE_LIMIT
from facecam.recognition.matching import DecisionRule
from facecam.recognition.quality import GateCheck
from facecam.rendering.annotations import STATUS_STYLES
from facecam.rendering.figures import LabelPosition, place_labels
from facecam.rendering.privacy import COVER_BGR
from facecam.session.visitors import DecisionReport, VisitorSummary, decision_report, find_photo, photo_crop
from facecam.settings import Settings
from facecam.types import Candidate, Decision, DecisionStatus
from facecam.ui.background import PhotoCache, to_qimage
from facecam.ui.explanation.text import distance_text, gate_text, headline, live_score_text, threshold_text
from facecam.ui.icons import StatusIcon, StatusIconView
from facecam.ui.language import clock_time, format_number, sentence_text
from facecam.ui.person_card import is_stranger
from facecam.ui.session_controller import SessionController
from facecam.ui.video.overlay_painter import to_qcolor
from facecam.ui.widgets import ImageView, bold, fill_layout, horizontal_layout, vertical_layout, wrapped_label

REFRESH_MS = 500
"""Numbers that change faster cannot be read."""

_CROP_LINES, _MAX_CROP_LINES = 8.0, 14.0
"""Preferred and maximum height of the compared images in lines of text."""

_LABEL_ROWS = 3
"""One for each label of the distance scale, so that its height never changes."""

_MAX_LABEL_SHARE = 0.62
"""Maximum width of a label's text as a share of the scale's width."""

_SHORT_SCALE_L2, _LONG_SCALE_L2 = 1.0, 2.0
"""End of the distance scale; the long one is for networks with a high threshold."""


class CropView(QWidget):
    """Aligned face with a caption below it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.image = ImageView(_CROP_LINES, self, max_lines=_MAX_CROP_LINES)
        self._caption = wrapped_label(self)
        vertical_layout(self, self.image, self._caption, None)

    @property
    def caption(self) -> str:
        return self._caption.text()

    def show_crop(self, pixmap: QPixmap | None, caption: str) -> None:
        """Show a face, or an empty square for None."""
        self.image.show_pixmap(pixmap, caption)
        self._caption.setText(caption)


def read_crop(photo: Path, settings: Settings) -> QImage:
    """Return the face of a gallery photo as it is compared; a null image without exactly one usable face. For any thread."""
    crop = photo_crop(photo, settings)
    return QImage() if crop is None else to_qimage(crop, QImage.Format.Format_RGB888)


class LiveScoreBar(QWidget):
    """Bar of a live score from 0 to 1 with a line at the limit. The text beside it says the same to screen readers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.score: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_score(self, score: float | None) -> None:
        """Draw a score; nothing for None."""
        if score != self.score:
            self.score = score
            self.update()

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(8 * line, round(0.5 * line))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.score is None:
            return
        painter = QPainter(self)
        status = DecisionStatus.KNOWN if self.score >= LIVE_SCORE_LIMIT else DecisionStatus.UNSURE
        color, bar = self.palette().color(QPalette.ColorRole.WindowText), QRectF(0.5, 0.5, self.width() - 1, self.height() - 1)
        filled = QRectF(bar.left(), bar.top(), bar.width() * self.score, bar.height())
        painter.fillRect(filled, to_qcolor(STATUS_STYLES[status][1], 0.45))
        painter.setPen(QPen(color, 1))
        painter.drawRect(bar)
        painter.setPen(QPen(color, 2))
        limit_x = bar.left() + bar.width() * LIVE_SCORE_LIMIT
        painter.drawLine(QPointF(limit_x, bar.top()), QPointF(limit_x, bar.bottom()))


class DecisionValues(QWidget):
    """Distance, next person, margin, threshold, votes and live score of a decision."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)  # A QFormLayout cuts wrapped texts: it has their heights at another width.
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self._titles: dict[QLabel, QLabel] = {}
        self.distance = self._add_row(self.tr("Distance"))
        self.second = self._add_row(self.tr("Next person"))
        self.margin = self._add_row(self.tr("Margin"))
        self.threshold = self._add_row(self.tr("Match threshold"))
        self.votes = self._add_row(self.tr("Votes"))
        self.live_score = self._add_row(self.tr("Living face"))
        self.live_bar = LiveScoreBar(self)
        self._grid.addWidget(self.live_bar, self._grid.rowCount(), 0, 1, 2)

    def _add_row(self, title: str) -> QLabel:
        """Add a row. Screen readers read in the order in which the labels are created."""
        row, value, title_label = self._grid.rowCount(), wrapped_label(self), QLabel(title, self)
        title_label.setBuddy(value)
        self._grid.addWidget(title_label, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, row, 1)
        self._titles[value] = title_label
        return value

    def show_report(self, report: DecisionReport, photos: int) -> None:
        """Show the values of a decision; `photos` is the number of the nearest person's."""
        decision, rule, track_decision = report.compared_decision, report.rule, report.visitor.sighting.track_decision
        self.distance.setText(self.tr("no one") if decision.nearest is None else distance_text(decision.nearest, photos))
        self.second.setText(self._person_text(decision.second))
        self.threshold.setText(threshold_text(report) or self.tr("none"))
        if decision.margin_l2 is None or rule is None:
            self.margin.setText(self.tr("none"))
        else:
            text = self.tr("{margin}, at least {least} required")
            self.margin.setText(text.format(margin=format_number(decision.margin_l2), least=format_number(rule.margin_l2)))
        votes = format_number(track_decision.votes_for, 1), format_number(track_decision.votes_total, 1)
        self.votes.setText(self.tr("{votes} of {all}").format(votes=votes[0], all=votes[1]))
        score = track_decision.live_score
        self.live_score.setText("" if score is None else live_score_text(score))
        self.live_bar.show_score(score)
        for part in (self._titles[self.live_score], self.live_score, self.live_bar):
            part.setVisible(score is not None)

    def _person_text(self, person: Candidate | None) -> str:
        if person is None:
            return self.tr("no one")
        return self.tr("{distance} to {name}").format(distance=format_number(person.distance_l2), name=person.name)


class GateList(QWidget):
    """One row per quality gate, in the order of the gates: icon, requirement, and measured value with limit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(0)  # The icons are higher than the texts.
        self._grid.setColumnStretch(1, 1)
        self._rows: list[tuple[StatusIconView, QLabel, QLabel]] = []
        self.hide()

    def show_checks(self, checks: Sequence[GateCheck]) -> None:
        """Show these measurements, () for none."""
        while len(self._rows) < len(checks):
            self._add_row()
        for check, row in zip(checks, self._rows, strict=False):
            self._fill(check, *row)
        self.setVisible(bool(checks))

    def _add_row(self) -> None:
        row = StatusIconView(parent=self), wrapped_label(self), wrapped_label(self)
        row[2].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for column, widget in enumerate(row):
            self._grid.addWidget(widget, len(self._rows), column)
        self._rows.append(row)

    def _fill(self, check: GateCheck, icon: StatusIconView, requirement: QLabel, measurement: QLabel) -> None:
        requirement_text, value, limit = gate_text(check)
        failed = check.value is not None and check.reason is not None
        icon.show_icon(StatusIcon.SKIPPED if check.value is None else StatusIcon.WRONG if failed else StatusIcon.DONE)
        measured_text = self.tr("{value} ({limit})").format(value=value, limit=limit) if value else self.tr("not measured")
        for label, text in ((requirement, requirement_text), (measurement, measured_text)):
            label.setText(text)
            font = label.font()
            font.setBold(failed)
            label.setFont(font)
        result = "" if check.value is None else self.tr("failed") if failed else self.tr("passed")
        measurement.setAccessibleName(", ".join(text for text in (requirement_text, measured_text, result) if text))


@dataclass(frozen=True, slots=True)
class _Mark:
    """Mark on the distance scale: a line for the threshold, a disk for the nearest person, a circle for the next one."""

    distance_l2: float
    text: str
    is_line: bool = False
    is_filled: bool = True


class DistanceScale(QWidget):
    """Scale with the threshold, the unsure band and the nearest two people. Its accessible description contains the labels."""

    accessible_role = QAccessible.Role.Chart

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rule: DecisionRule | None = None
        self._marks: tuple[_Mark, ...] = ()
        self.setAccessibleName(self.tr("Scale of distances"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def end_l2(self) -> float:
        """Distance at the right end."""
        is_long = self._rule is not None and self._rule.threshold_l2 + self._rule.unsure_band_l2 > 0.7 * _SHORT_SCALE_L2
        return _LONG_SCALE_L2 if is_long else _SHORT_SCALE_L2

    def show_decision(self, decision: Decision, rule: DecisionRule | None) -> None:
        """Draw a decision's distances and the rule; nothing without a rule."""
        marks = []
        if rule is not None:
            threshold = self.tr("Match threshold {distance}").format(distance=format_number(rule.threshold_l2))
            marks.append(_Mark(rule.threshold_l2, threshold, is_line=True))
            for person, is_filled in ((decision.nearest, True), (decision.second, False)):
                if person is not None:
                    text = f"{person.name} {format_number(person.distance_l2)}"
                    marks.append(_Mark(person.distance_l2, text, is_filled=is_filled))
        if (tuple(marks), rule) != (self._marks, self._rule):
            self._marks, self._rule = tuple(marks), rule
            self.setAccessibleDescription(", ".join(mark.text for mark in marks))
            self.update()

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(16 * line, round((2.6 + _LABEL_ROWS) * line + 3 * _gap(line)))

    def minimumSizeHint(self) -> QSize:
        return QSize(8 * self.fontMetrics().height(), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._rule is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        bar = QRectF(0.5, line + _gap(line) / 2, self.width() - 1, 1.3 * line)
        self._paint_zones(painter, bar, self._rule)
        self._paint_marks(painter, bar)

    def _x(self, bar: QRectF, distance_l2: float) -> float:
        return bar.left() + bar.width() * min(max(distance_l2 / self.end_l2, 0.0), 1.0)

    def _paint_zones(self, painter: QPainter, bar: QRectF, rule: DecisionRule) -> None:
        """Paint the bar in the colors of known, unsure (hatched) and unknown, with a word above each and numbers at the ends."""
        color = self.palette().color(QPalette.ColorRole.WindowText)
        edges = (0.0, rule.threshold_l2, rule.threshold_l2 + rule.unsure_band_l2, self.end_l2)
        words = {
            DecisionStatus.KNOWN: self.tr("known"),
            DecisionStatus.UNSURE: self.tr("unsure"),
            DecisionStatus.UNKNOWN: self.tr("unknown"),
        }
        centers = []
        for status, begin, end in zip(words, edges, edges[1:], strict=False):
            zone = QRectF(self._x(bar, begin), bar.top(), self._x(bar, end) - self._x(bar, begin), bar.height())
            painter.fillRect(zone, to_qcolor(STATUS_STYLES[status][1], 0.45))
            if status is DecisionStatus.UNSURE:
                painter.fillRect(zone, QBrush(color, Qt.BrushStyle.BDiagPattern))
            centers.append((zone.center().x(), words[status]))
        painter.setPen(QPen(color, 1))
        painter.drawRect(bar)
        inside = bar.adjusted(_gap(bar.height()), 0, -_gap(bar.height()), 0)
        for alignment, number in ((Qt.AlignmentFlag.AlignLeft, 0), (Qt.AlignmentFlag.AlignRight, self.end_l2)):
            painter.drawText(inside, alignment | Qt.AlignmentFlag.AlignVCenter, format_number(number, 0))
        metrics = QFontMetricsF(self.font())
        positions = place_labels([(x, metrics.horizontalAdvance(word)) for x, word in centers], self.width(), _gap(bar.height()))
        for position, (_, word) in zip(positions, centers, strict=True):
            if position.lane == 0:  # A narrow panel has room for the first words only.
                painter.drawText(QPointF(position.left_px, metrics.ascent()), word)

    def _paint_marks(self, painter: QPainter, bar: QRectF) -> None:
        metrics = QFontMetricsF(self.font())
        line = metrics.height()
        top, max_width = bar.bottom() + _gap(line), _MAX_LABEL_SHARE * self.width()
        xs = [self._x(bar, mark.distance_l2) for mark in self._marks]
        widths = [min(max_width, metrics.horizontalAdvance(mark.text)) + 1.4 * line for mark in self._marks]
        positions = place_labels(list(zip(xs, widths, strict=True)), self.width(), _gap(line))
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.WindowText), 1, Qt.PenStyle.DotLine))
        for x, position in zip(xs, positions, strict=True):
            painter.drawLine(QPointF(x, bar.bottom()), QPointF(x, top + position.lane * line))
        for mark, x, position in zip(self._marks, xs, positions, strict=True):
            self._paint_label(painter, mark, position, top)
            self._paint_mark(painter, mark, QPointF(x, bar.center().y()), bar.height())

    def _paint_label(self, painter: QPainter, mark: _Mark, position: LabelPosition, top: float) -> None:
        metrics = QFontMetricsF(self.font())
        line = metrics.height()
        rect = QRectF(position.left_px, top + position.lane * line, position.width_px, line)
        painter.fillRect(rect, self.palette().color(QPalette.ColorRole.Window))
        self._paint_mark(painter, mark, QPointF(rect.left() + 0.5 * line, rect.center().y()), 0.8 * line)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        rect.adjust(line, 0, 0, 0)
        text = metrics.elidedText(mark.text, Qt.TextElideMode.ElideMiddle, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_mark(self, painter: QPainter, mark: _Mark, center: QPointF, height: float) -> None:
        """Paint a mark on the bar, or in front of its label."""
        color = self.palette().color(QPalette.ColorRole.WindowText)
        painter.setPen(QPen(color, 3 if mark.is_line else 2))
        if mark.is_line:
            painter.drawLine(center - QPointF(0, height / 2), center + QPointF(0, height / 2))
        else:
            painter.setBrush(color if mark.is_filled else self.palette().color(QPalette.ColorRole.Window))
            painter.drawEllipse(center, height / 4, height / 4)


def _gap(line: float) -> float:
    return max(3.0, line * 0.3)


class ExplanationPanel(QWidget):
    """Explains the decision about one visitor and keeps it up to date until the user freezes it."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.report: DecisionReport | None = None
        self._controller = controller
        self._track_id: int | None = None
        self._visitor_id: str | None = None
        self._crops = PhotoCache(lambda photo: read_crop(photo, controller.settings), self)
        self._crops.ready.connect(self._on_crop_ready)
        # A replaced photo has the same path.
        controller.gallery_changed.connect(self._crops.clear)
        controller.covering_changed.connect(self._on_covering_changed)
        self.setAccessibleName(self.tr("Why?"))
        hint = self._selectable_label(self.tr("To explain a decision, click a face or a person's card and choose “Why?”."))
        hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        hint.setContentsMargins(8, 8, 8, 8)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(hint)
        self._stack.addWidget(self._make_content())
        vertical_layout(self, self._stack)
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()

    def _make_content(self) -> QWidget:
        content = QWidget(self)
        self.headline, self.note = self._selectable_label(), self._selectable_label()
        self._gates_title = self._selectable_label(self.tr("Quality required for a comparison"))
        for label in (self.headline, self._gates_title):
            label.setFont(bold(label.font()))
        self.photo, self.face = CropView(content), CropView(content)
        crops = QHBoxLayout()
        crops.addWidget(self.photo, 1)
        crops.addWidget(self.face, 1)
        self.scale = DistanceScale(content)
        self.values = DecisionValues(content)
        self.gates = GateList(content)
        self.freeze = QPushButton(self.tr("Free&ze"), content)
        self.freeze.setCheckable(True)
        self.freeze.setToolTip(self.tr("Stop updating this explanation"))
        self.freeze.toggled.connect(self._on_freeze_toggled)
        column = QVBoxLayout(content)
        column.setSpacing(round(0.7 * self.fontMetrics().height()))
        details = self.scale, self.values, self._gates_title, self.gates
        fill_layout(column, self.headline, self.note, crops, *details, horizontal_layout(self.freeze, None), None)
        return content

    def _selectable_label(self, text: str = "") -> QLabel:
        label = wrapped_label(self, text)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def show_track(self, track_id: int) -> None:
        """Explain the face of this track from now on."""
        self._track_id, self._visitor_id, self.report = track_id, None, None
        self.freeze.setChecked(False)
        self._stack.setCurrentIndex(0)
        self.refresh()

    def refresh(self) -> None:
        """Show the current decision, unless the panel is frozen or hidden."""
        if not self.isVisible() or self.freeze.isChecked():
            return
        visitor = self._find_visitor()
        if visitor is not None:
            self._visitor_id, self._track_id = visitor.visitor_id, visitor.last_track_id
            self.report = decision_report(visitor, self._controller.settings)
            self._show(self.report)

    def _on_freeze_toggled(self, is_frozen: bool) -> None:
        self.freeze.setText(self.tr("&Resume") if is_frozen else self.tr("Free&ze"))
        self.refresh()

    def _on_covering_changed(self) -> None:
        """Cover the face or no longer, also while the panel is frozen."""
        if self.report is not None:
            self._show_crops(self.report)

    def _find_visitor(self) -> VisitorSummary | None:
        """Return the visitor of the track while that is present, then the same visitor on another track."""
        tracker = self._controller.visitor_tracker
        by_track = tracker.visitor_of(self._track_id) if self._track_id is not None else None
        if by_track is not None and by_track.is_present:
            return by_track
        return next((visitor for visitor in tracker.visitors if visitor.visitor_id == self._visitor_id), by_track)

    def _show(self, report: DecisionReport) -> None:
        self._stack.setCurrentIndex(1)
        self.headline.setText(headline(report))
        self.note.setText(self._note_text(report))
        self.note.setVisible(bool(self.note.text()))
        self._show_crops(report)
        self.scale.show_decision(report.compared_decision, report.rule)
        self.scale.setVisible(report.rule is not None)
        self.values.show_report(report, self._photos_of(report.compared_decision.nearest))
        self._gates_title.setVisible(bool(report.checks))
        self.gates.show_checks(report.checks)

    def _note_text(self, report: DecisionReport) -> str:
        """Return a note if the visitor has left or is currently not compared, else ""."""
        if not report.visitor.is_present:
            return self.tr("No longer here. Last seen at {time}.").format(time=clock_time(report.visitor.last_seen_s))
        if report.failed_gate is not None and report.face_decision is not None:
            return self.tr("Currently not compared. {why}").format(why=sentence_text(report.failed_gate))
        return ""

    def _show_crops(self, report: DecisionReport) -> None:
        face = report.visitor.last_compared or report.visitor.last_measured
        if face is not None:
            text = self.tr("Seen at {time}") if report.face_decision is not None else self.tr("Seen at {time}, not compared")
            crop = QPixmap.fromImage(to_qimage(face.crop_rgb, QImage.Format.Format_RGB888))
            if self._controller.covers_strangers and is_stranger(report.visitor):
                crop.fill(to_qcolor(COVER_BGR))
            self.face.show_crop(crop, text.format(time=clock_time(face.seen_s)))
        nearest = report.compared_decision.nearest
        photo = self._photo_of(nearest)
        if nearest is None or photo is None:
            self.photo.show_crop(None, self.tr("No photo to compare with"))
        elif (pixmap := self._crops.pixmap(photo)) is not None:
            text = self.tr("Unreadable photo of {name}") if pixmap.isNull() else self.tr("Nearest photo of {name}")
            self.photo.show_crop(pixmap, text.format(name=nearest.name))

    def _photo_of(self, nearest: Candidate | None) -> Path | None:
        gallery = self._controller.gallery
        return find_photo(gallery, nearest.sample_id) if nearest is not None and gallery is not None else None

    def _photos_of(self, nearest: Candidate | None) -> int:
        gallery = self._controller.gallery
        return len(gallery.samples_of(nearest.person_id)) if nearest is not None and gallery is not None else 0

    def _on_crop_ready(self) -> None:
        if self.report is not None:
            self._show_crops(self.report)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
