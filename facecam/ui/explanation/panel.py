"""Why is this face taken for whom? The photo it was compared with, the distances on a scale, the votes, and the gates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QBrush, QCloseEvent, QColor, QFontMetricsF, QPainter, QPaintEvent, QPalette, QPen, QPolygonF, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from facecam.recognition.matching import DecisionRule
from facecam.recognition.quality import GateCheck
from facecam.rendering.annotations import LOOKS
from facecam.rendering.figures import LabelPosition, place_labels
from facecam.session.visitors import DecisionReport, VisitorSummary, decision_report, photo_of
from facecam.types import Candidate, Decision, DecisionStatus
from facecam.ui.explanation.crops import CropView, PhotoCrops
from facecam.ui.explanation.words import gate_words, headline, sentence_for
from facecam.ui.language import clock, number
from facecam.ui.session_controller import SessionController
from facecam.ui.video.overlay_painter import color

# MERGED ui.why_figures: The figures behind a decision, one line each.


class FigureList(QWidget):
    """Distance, next person, margin, threshold and votes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self.distance = self._line(self.tr("Distance"))
        self.second = self._line(self.tr("Next person"))
        self.margin = self._line(self.tr("Margin"))
        self.threshold = self._line(self.tr("Threshold"))
        self.votes = self._line(self.tr("Votes"))

    def _line(self, words: str) -> QLabel:
        label, row = QLabel(self), self._grid.rowCount()
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        name = QLabel(words, self)
        name.setBuddy(label)
        self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(label, row, 1)
        return label

    def show_account(self, account: DecisionReport) -> None:
        """Show the figures of this one."""
        figures, rule, vote = account.figures, account.rule, account.card.sighting.track_decision
        put(self.distance, self._person(figures.nearest))
        put(self.second, self._person(figures.second))
        put(self.threshold, self.tr("none") if rule is None else number(rule.threshold_l2))
        if figures.margin_l2 is None or rule is None:
            put(self.margin, self.tr("none"))
        else:
            said = self.tr("{margin}, at least {least}")
            put(self.margin, said.format(margin=number(figures.margin_l2), least=number(rule.margin_l2)))
        said = self.tr("{votes} of {all}")
        put(self.votes, said.format(votes=number(vote.votes_for, 1), all=number(vote.votes_total, 1)))

    def _person(self, person: Candidate | None) -> str:
        if person is None:
            return self.tr("nobody")
        return self.tr("{distance} to {name}").format(distance=number(person.distance_l2), name=person.name)


def put(label: QLabel, text: str) -> None:
    """Show a text; one that has not changed is not told again, since a screen reader would read it anew."""
    if label.text() != text:
        label.setText(text)


# MERGED ui.why_gates: The gates a face must pass to be compared, as a list: what is asked for, what was measured, and whether that is enough.

_TICK = ((0.14, 0.55), (0.4, 0.8), (0.86, 0.22))
_CROSS = (((0.2, 0.2), (0.8, 0.8)), ((0.8, 0.2), (0.2, 0.8)))


class GateSign(QWidget):
    """A tick, a cross, or a dash for what was not measured; as high as a line of text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._passed: bool | None = None

    def show_verdict(self, passed: bool | None) -> None:
        """Show a tick, a cross, or for None a dash."""
        if passed is not self._passed:
            self._passed = passed
            self.update()

    def sizeHint(self) -> QSize:
        side = self.fontMetrics().ascent()
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        side = min(self.width(), self.height())
        top = (self.height() - side) / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = side / (5 if self._passed is False else 7)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.WindowText), width, c=Qt.PenCapStyle.RoundCap))

        def at(share: tuple[float, float]) -> QPointF:
            return QPointF(share[0] * side, top + share[1] * side)

        if self._passed is None:
            painter.drawLine(at((0.25, 0.5)), at((0.75, 0.5)))
        elif self._passed:
            painter.drawPolyline(QPolygonF([at(point) for point in _TICK]))
        else:
            for begin, end in _CROSS:
                painter.drawLine(at(begin), at(end))


class GateList(QWidget):
    """One line per measure, in the order in which the gates stand."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self._lines: list[tuple[GateSign, QLabel, QLabel]] = []

    def show_checks(self, checks: Sequence[GateCheck]) -> None:
        """Show these measures; nothing while there are none."""
        while len(self._lines) < len(checks):
            self._add_line()
        for position, line in enumerate(self._lines):
            for part in line:
                part.setVisible(position < len(checks))
        for check, line in zip(checks, self._lines, strict=False):
            self._fill(check, *line)

    def _add_line(self) -> None:
        line = GateSign(self), QLabel(self), QLabel(self)
        line[1].setWordWrap(True)
        line[2].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for column, part in enumerate(line):
            self._grid.addWidget(part, len(self._lines), column)
        self._lines.append(line)

    def _fill(self, check: GateCheck, sign: GateSign, asked: QLabel, measured: QLabel) -> None:
        words, value, limit = gate_words(check)
        passed = None if check.value is None else check.fault is None
        sign.show_verdict(passed)
        said = self.tr("{value} ({limit})").format(value=value, limit=limit) if value else self.tr("not measured")
        for label, text, bold in ((asked, words, passed is False), (measured, said, passed is False)):
            if label.text() != text:
                label.setText(text)
            if label.font().bold() is not bold:
                font = label.font()
                font.setBold(bold)
                label.setFont(font)
        verdict = self.tr("passed") if passed else self.tr("failed") if passed is False else ""
        measured.setAccessibleName(", ".join(word for word in (words, said, verdict) if word))


# MERGED ui.why_scale: A scale of distances: where the name ends, where unsure ends, and how far away the nearest two people are.

_LANES = 3
"""As many as there are labels: so the widget never changes its height."""

_WIDEST = 0.62
"""How much of the widget's width a label's words may take."""

_SHORT_L2, _LONG_L2 = 1.0, 2.0
"""Where the scale ends: farther only for a network whose threshold lies that far."""


@dataclass(frozen=True, slots=True)
class _Tick:
    at_l2: float
    text: str
    hollow: bool = False
    is_line: bool = False


class WhyScale(QWidget):
    """Draws the distances of one decision. What it shows is its accessible description, too."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rule: DecisionRule | None = None
        self._ticks: tuple[_Tick, ...] = ()
        self.setAccessibleName(self.tr("Scale of distances"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def end_l2(self) -> float:
        """The distance at the right end."""
        far = self._rule is not None and self._rule.threshold_l2 + self._rule.unsure_band_l2 > 0.7 * _SHORT_L2
        return _LONG_L2 if far else _SHORT_L2

    def show_decision(self, decision: Decision, rule: DecisionRule | None) -> None:
        """Draw this decision's distances against this rule."""
        ticks = self._ticks_of(decision, rule)
        if (ticks, rule) != (self._ticks, self._rule):
            self._ticks, self._rule = ticks, rule
            self.setAccessibleDescription(", ".join(tick.text for tick in ticks))
            self.update()

    def _ticks_of(self, decision: Decision, rule: DecisionRule | None) -> tuple[_Tick, ...]:
        if rule is None:
            return ()
        threshold = self.tr("Threshold {distance}").format(distance=number(rule.threshold_l2))
        ticks = [_Tick(rule.threshold_l2, threshold, is_line=True)]
        people = (decision.nearest, decision.second)
        ticks += [_person_tick(person, first=person is people[0]) for person in people if person is not None]
        return tuple(ticks)

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(16 * line, round((2.6 + _LANES) * line + 3 * _gap(line)))

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
        self._paint_ticks(painter, bar)

    def _x(self, bar: QRectF, at_l2: float) -> float:
        return bar.left() + bar.width() * min(max(at_l2 / self.end_l2, 0.0), 1.0)

    def _paint_zones(self, painter: QPainter, bar: QRectF, rule: DecisionRule) -> None:
        """Known, unsure, unknown: in their colors, the middle one hatched, each with its word."""
        text = self.palette().color(QPalette.ColorRole.WindowText)
        edges = (0.0, rule.threshold_l2, rule.threshold_l2 + rule.unsure_band_l2, self.end_l2)
        words = {
            DecisionStatus.KNOWN: self.tr("known"),
            DecisionStatus.UNSURE: self.tr("unsure"),
            DecisionStatus.UNKNOWN: self.tr("unknown"),
        }
        middles = []
        for kind, begin, end in zip(words, edges, edges[1:], strict=False):
            zone = QRectF(self._x(bar, begin), bar.top(), self._x(bar, end) - self._x(bar, begin), bar.height())
            painter.fillRect(zone, color(LOOKS[kind][1], 0.45))
            if kind is DecisionStatus.UNSURE:
                painter.fillRect(zone, QBrush(text, Qt.BrushStyle.BDiagPattern))
            middles.append((zone.center().x(), words[kind]))
        painter.setPen(QPen(text, 1))
        painter.drawRect(bar)
        self._paint_ends(painter, bar)
        metrics = QFontMetricsF(self.font())
        places = place_labels([(x, metrics.horizontalAdvance(word)) for x, word in middles], self.width(), _gap(bar.height()))
        for place, (_, word) in zip(places, middles, strict=True):
            if place.lane == 0:  # in a narrow panel the later words go
                painter.drawText(QPointF(place.left_px, metrics.ascent()), word)

    def _paint_ends(self, painter: QPainter, bar: QRectF) -> None:
        inside = bar.adjusted(_gap(bar.height()), 0, -_gap(bar.height()), 0)
        painter.drawText(inside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, number(0, 0))
        painter.drawText(inside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number(self.end_l2, 0))

    def _paint_ticks(self, painter: QPainter, bar: QRectF) -> None:
        metrics = QFontMetricsF(self.font())
        text, ground = (self.palette().color(role) for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Window))
        below = bar.bottom() + _gap(metrics.height())
        mark, most = metrics.height(), _WIDEST * self.width()
        widths = [min(most, metrics.horizontalAdvance(tick.text)) + 1.4 * mark for tick in self._ticks]
        wanted = [(self._x(bar, tick.at_l2), width) for tick, width in zip(self._ticks, widths, strict=True)]
        places = place_labels(wanted, self.width(), _gap(metrics.height()))
        painter.setPen(QPen(text, 1, Qt.PenStyle.DotLine))
        for (x, _), place in zip(wanted, places, strict=True):
            painter.drawLine(QPointF(x, bar.bottom()), QPointF(x, below + place.lane * metrics.height()))
        for tick, (x, _), place in zip(self._ticks, wanted, places, strict=True):
            _paint_label(painter, tick, place, (below, metrics), (text, ground))
            _paint_mark(painter, tick, QPointF(x, bar.center().y()), bar.height(), (text, ground))


def _person_tick(person: Candidate, *, first: bool) -> _Tick:
    return _Tick(person.distance_l2, f"{person.name} {number(person.distance_l2)}", hollow=not first)


def _paint_label(
    painter: QPainter, tick: _Tick, place: LabelPosition, layout: tuple[float, QFontMetricsF], colors: tuple[QColor, QColor]
) -> None:
    top, metrics = layout
    room = QRectF(place.left_px, top + place.lane * metrics.height(), place.width_px, metrics.height())
    painter.fillRect(room, colors[1])
    _paint_mark(painter, tick, QPointF(room.left() + 0.5 * metrics.height(), room.center().y()), 0.8 * metrics.height(), colors)
    painter.setPen(colors[0])
    room.adjust(metrics.height(), 0, 0, 0)
    shown = metrics.elidedText(tick.text, Qt.TextElideMode.ElideMiddle, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


def _paint_mark(painter: QPainter, tick: _Tick, at: QPointF, height: float, colors: tuple[QColor, QColor]) -> None:
    """On the scale and before its label: the threshold is a line, the nearest person a full circle, the next one an empty one."""
    text, ground = colors
    if tick.is_line:
        painter.setPen(QPen(text, 3))
        painter.drawLine(at - QPointF(0, height / 2), at + QPointF(0, height / 2))
        return
    painter.setPen(QPen(text, 2))
    painter.setBrush(ground if tick.hollow else text)
    painter.drawEllipse(at, height / 4, height / 4)


def _gap(line: float) -> float:
    return max(3.0, line * 0.3)


REFRESH_MS = 500
"""Figures that change faster cannot be read."""


class WhyPanel(QWidget):
    """Explains the decision about one visitor, and follows it while the visitor is there, until it is held."""

    finished = Signal()

    def __init__(self, live: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self._track_id: int | None = None
        self._card_id: str | None = None
        self._account: DecisionReport | None = None
        self._crops = PhotoCrops.of(live)
        self._crops.ready.connect(self._show_photo)
        self.setAccessibleName(self.tr("Why?"))
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._make_nobody())
        self._stack.addWidget(self._make_content())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()

    def _make_nobody(self) -> QWidget:
        nobody = self._label()
        nobody.setText(self.tr("Click a face in the picture, or choose a card, and ask “Why?” there."))
        nobody.setAlignment(Qt.AlignmentFlag.AlignTop)
        nobody.setContentsMargins(8, 8, 8, 8)
        return nobody

    def _make_content(self) -> QWidget:
        content = QWidget(self)
        self.sentence, self.note = self._label(), self._label()
        font = self.sentence.font()
        font.setBold(True)
        self.sentence.setFont(font)
        self.photo, self.seen = CropView(content), CropView(content)
        pictures = QHBoxLayout()
        pictures.addWidget(self.photo, 1)
        pictures.addWidget(self.seen, 1)
        self.scale = WhyScale(content)
        self.figures = FigureList(content)
        self.gates = GateList(content)
        self._gates_heading = self._heading(self.tr("What a face must be to be compared"))
        self.hold = QPushButton(self.tr("&Hold"), content)
        self.hold.setCheckable(True)
        self.hold.setToolTip(self.tr("Keep what is shown, although the face goes on moving"))
        self.hold.toggled.connect(self._follow_hold)
        column = QVBoxLayout(content)
        column.setSpacing(round(0.7 * self.fontMetrics().height()))
        for part in (self.sentence, self.note):
            column.addWidget(part)
        column.addLayout(pictures)
        column.addWidget(self.scale)
        column.addWidget(self.figures)
        column.addWidget(self._gates_heading)
        column.addWidget(self.gates)
        column.addWidget(self.hold, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        return content

    def _label(self) -> QLabel:
        label = QLabel(self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _heading(self, words: str) -> QLabel:
        label = self._label()
        label.setText(words)
        font = label.font()
        font.setBold(True)
        label.setFont(font)
        return label

    def show_track(self, track_id: int) -> None:
        """Explain the face of this track from now on."""
        self._begin(track_id, None)

    def show_person(self, person_id: str) -> None:
        """Explain this person's last decision."""
        self._begin(None, f"person {person_id}")

    @property
    def account(self) -> DecisionReport | None:
        """What is shown."""
        return self._account

    def refresh(self) -> None:
        """Show what is known now, unless it is held."""
        if not self.isVisible() or self.hold.isChecked():
            return
        card = self._card()
        if card is not None:
            self._card_id, self._track_id = card.card_id, card.last_track_id
            self._account = decision_report(card, self._live.wish.settings)
            self._show(self._account)

    def _begin(self, track_id: int | None, card_id: str | None) -> None:
        self._track_id, self._card_id, self._account = track_id, card_id, None
        self.hold.setChecked(False)
        self._stack.setCurrentIndex(0)
        self.refresh()

    def _follow_hold(self, held: bool) -> None:
        self.hold.setText(self.tr("&Go on") if held else self.tr("&Hold"))
        self.refresh()

    def _card(self) -> VisitorSummary | None:
        """The visitor who was asked about: by the track as long as it is there, then as the same visitor under another one."""
        presence = self._live.presence
        by_track = presence.card_of(self._track_id) if self._track_id is not None else None
        if by_track is not None and by_track.here:
            return by_track
        return next((card for card in presence.cards if card.card_id == self._card_id), by_track)

    def _show(self, account: DecisionReport) -> None:
        self._stack.setCurrentIndex(1)
        put(self.sentence, headline(account))
        put(self.note, self._note_of(account))
        self.note.setVisible(bool(self.note.text()))
        self._show_pictures(account)
        self.scale.show_decision(account.figures, account.rule)
        self.scale.setVisible(account.rule is not None)
        self.figures.show_account(account)
        self._gates_heading.setVisible(bool(account.checks))
        self.gates.show_checks(account.checks)

    def _note_of(self, account: DecisionReport) -> str:
        """What the headline does not say: that the visitor has gone, or cannot be compared now."""
        if not account.card.here:
            return self.tr("No longer here, last seen at {time}.").format(time=clock(account.card.last.at_s))
        if account.fault is not None and account.look is not None:
            return self.tr("Right now it is not compared. {why}").format(why=sentence_for(account.fault))
        return ""

    def _show_pictures(self, account: DecisionReport) -> None:
        look = account.card.compared or account.card.measured
        if look is not None:
            seen = self.tr("Seen at {time}") if account.look is not None else self.tr("Seen at {time}, not compared")
            self.seen.show_crop(look.crop_rgb, seen.format(time=clock(look.moment.at_s)))
        nearest = account.figures.nearest
        photo = self._photo_of(nearest)
        if nearest is None or photo is None:
            self.photo.show_crop(None, self.tr("No photo to compare with"))
        elif self._crops.knows(photo):
            crop = self._crops.crop(photo)
            said = (
                self.tr("The nearest photo of {name}")
                if crop is not None
                else self.tr("A photo of {name} that cannot be read now")
            )
            self.photo.show_crop(crop, said.format(name=nearest.name))

    def _photo_of(self, nearest: Candidate | None) -> Path | None:
        gallery = self._live.gallery
        return photo_of(gallery, nearest.sample_id) if nearest is not None and gallery is not None else None

    def _show_photo(self) -> None:
        if self._account is not None:
            self._show_pictures(self._account)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._timer.stop()
        super().closeEvent(event)
