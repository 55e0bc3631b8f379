"""Why is this face taken for whom? The photo it was compared with, the distances on a scale, the votes, and the gates."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from facecam.runtime.account import Account, account_of, photo_of
from facecam.runtime.visitor import Card
from facecam.types import Candidate
from facecam.ui.crop_view import CropView
from facecam.ui.decision_words import headline, sentence_for
from facecam.ui.figures import clock
from facecam.ui.live import Live
from facecam.ui.photo_crops import PhotoCrops
from facecam.ui.why_figures import FigureList, put
from facecam.ui.why_gates import GateList
from facecam.ui.why_scale import WhyScale

REFRESH_MS = 500
"""Figures that change faster cannot be read."""


class WhyPanel(QWidget):
    """Explains the decision about one visitor, and follows it while the visitor is there, until it is held."""

    finished = Signal()

    def __init__(self, live: Live, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self._track_id: int | None = None
        self._card_id: str | None = None
        self._account: Account | None = None
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
    def account(self) -> Account | None:
        """What is shown."""
        return self._account

    def refresh(self) -> None:
        """Show what is known now, unless it is held."""
        if not self.isVisible() or self.hold.isChecked():
            return
        card = self._card()
        if card is not None:
            self._card_id, self._track_id = card.card_id, card.last_track_id
            self._account = account_of(card, self._live.wish.settings)
            self._show(self._account)

    def _begin(self, track_id: int | None, card_id: str | None) -> None:
        self._track_id, self._card_id, self._account = track_id, card_id, None
        self.hold.setChecked(False)
        self._stack.setCurrentIndex(0)
        self.refresh()

    def _follow_hold(self, held: bool) -> None:
        self.hold.setText(self.tr("&Go on") if held else self.tr("&Hold"))
        self.refresh()

    def _card(self) -> Card | None:
        """The visitor who was asked about: by the track as long as it is there, then as the same visitor under another one."""
        presence = self._live.presence
        by_track = presence.card_of(self._track_id) if self._track_id is not None else None
        if by_track is not None and by_track.here:
            return by_track
        return next((card for card in presence.cards if card.card_id == self._card_id), by_track)

    def _show(self, account: Account) -> None:
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

    def _note_of(self, account: Account) -> str:
        """What the headline does not say: that the visitor has gone, or cannot be compared now."""
        if not account.card.here:
            return self.tr("No longer here, last seen at {time}.").format(time=clock(account.card.last.at_s))
        if account.fault is not None and account.look is not None:
            return self.tr("Right now it is not compared. {why}").format(why=sentence_for(account.fault))
        return ""

    def _show_pictures(self, account: Account) -> None:
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
