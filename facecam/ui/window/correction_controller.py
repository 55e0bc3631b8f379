"""What the user says of faces, on its way to the session, and what became of it on the way back."""

from __future__ import annotations

from typing import Self

from PySide6.QtCore import QObject, Signal

from facecam.enrollment.corrections import AssignName, AssignNameToImage, Correction, RejectName, UndoCorrection
from facecam.enrollment.enroll import IDENTITY_CONFLICT
from facecam.errors import EnrollmentRefusedError, FacecamError, FaceGoneError
from facecam.session.enrollment_service import EnrollmentCommand
from facecam.session.status import CommandResult
from facecam.session.visitors import VisitorSummary
from facecam.ui.session_controller import SessionController
from facecam.ui.window.message_bar import Offer

_UNDOS_KEPT = 20
"""As many as a session takes back."""


class CorrectionController(QObject):
    """One per Live: asks for corrections, and tells what became of them, with what may be done next."""

    told = Signal(str, object)
    """A sentence, and a tuple of Offers."""
    undo_changed = Signal(bool)
    """Whether there is a correction to take back."""

    def __init__(self, live: SessionController) -> None:
        super().__init__(live)
        self._live = live
        self._done: list[Correction] = []
        live.answered.connect(self._tell)
        live.begun.connect(self._forget)

    @classmethod
    def of(cls, live: SessionController) -> Self:
        """The one of this Live."""
        return live.findChild(cls) or cls(live)

    @property
    def can_undo(self) -> bool:
        """Whether there is a correction to take back."""
        return bool(self._done)

    def name(self, card: VisitorSummary, name: str, *, force: bool = False) -> None:
        """This visitor is the person of that name; one who has gone is known by the portrait from now on."""
        if card.here:
            self._ask(AssignName(card.last_track_id, name, force))
        else:
            self._ask(AssignNameToImage(card.last_track_id, card.portrait.bgr, name, force))

    def deny(self, card: VisitorSummary, name: str) -> None:
        """This visitor is not the person of that name."""
        self._ask(RejectName(card.last_track_id, name))

    def undo(self) -> None:
        """Take the last correction back."""
        self._ask(UndoCorrection())

    def _ask(self, correction: Correction) -> None:
        session = self._live.session
        if session is None or session.wait(0):  # nobody is left who would answer
            self.told.emit(self.tr("Nothing is looked at any more: open a camera or a film first."), ())
        else:
            self._live.change(correction)

    def _forget(self) -> None:
        """A session takes back its own corrections only."""
        self._done.clear()
        self.undo_changed.emit(False)

    def _tell(self, outcome: CommandResult) -> None:
        asked = outcome.asked
        if isinstance(asked, AssignName | AssignNameToImage | RejectName | UndoCorrection):
            if outcome.error is None:
                self.told.emit(*self._carried_out(asked))
            elif not self._tries_the_portrait(asked, outcome.error):
                self.told.emit(*self._refused(asked, outcome.error))
        elif outcome.error is not None and not isinstance(asked, EnrollmentCommand):  # which answers where it was asked
            self.told.emit(str(outcome.error), ())

    def _carried_out(self, done: Correction) -> tuple[str, tuple[Offer, ...]]:
        undo: Offer = self.tr("Undo"), self.undo
        match done:
            case UndoCorrection():
                taken_back = self._done.pop() if self._done else None
                if isinstance(taken_back, AssignNameToImage):
                    self._live.presence.call(taken_back.track_id, None)
                self.undo_changed.emit(bool(self._done))
                return self.tr("Taken back."), (undo,) if self._done else ()
            case RejectName():
                sentence = self.tr("This is not {name} any more.").format(name=done.name)
            case AssignName() | AssignNameToImage():
                sentence = self.tr("Named: {name}").format(name=done.name)
        if isinstance(done, AssignNameToImage):
            self._live.presence.call(done.track_id, done.name)
        self._done = [*self._done, done][-_UNDOS_KEPT:]
        self.undo_changed.emit(True)
        return sentence, (undo,)

    def _tries_the_portrait(self, asked: Correction, error: FacecamError) -> bool:
        """Whether a face that went while its name was typed is being named by what is left of it."""
        if not isinstance(asked, AssignName) or not isinstance(error, FaceGoneError):
            return False
        card = self._live.presence.card_of(asked.track_id)
        if card is not None:
            self._live.change(AssignNameToImage(asked.track_id, card.portrait.bgr, asked.name, asked.force))
        return card is not None

    def _refused(self, asked: Correction, error: FacecamError) -> tuple[str, tuple[Offer, ...]]:
        if isinstance(error, FaceGoneError):
            return self.tr("The face has gone: nothing was changed."), ()
        if isinstance(asked, UndoCorrection) and not self._done:
            return self.tr("There is nothing to take back."), ()
        if isinstance(asked, UndoCorrection | RejectName) or not isinstance(error, EnrollmentRefusedError):
            return str(error), ()
        card = self._live.presence.card_of(asked.track_id)
        if error.reason == IDENTITY_CONFLICT and card is not None:
            return self._conflict(card, asked.name)
        return self.tr("There is no picture of this face yet that is good enough: it should look at the camera, near by."), ()

    def _conflict(self, card: VisitorSummary, name: str) -> tuple[str, tuple[Offer, ...]]:
        """The question whether it is somebody who is enrolled."""
        look = card.compared.sighting.decision if card.compared is not None else card.sighting.track_decision.decision
        rival = look.nearest.name if look.nearest is not None and look.nearest.name != name else None
        anyway: Offer = self.tr("Yes, this is {name}").format(name=name), lambda: self.name(card, name, force=True)
        if rival is None:
            return self.tr("This looks like somebody else who is enrolled. Is it really {name}?").format(name=name), (anyway,)
        sentence = self.tr("This looks like {rival}, who is enrolled already. Is it really {name}, somebody else?")
        same: Offer = self.tr("No, it is {rival}").format(rival=rival), lambda: self.name(card, rival)
        return sentence.format(rival=rival, name=name), (anyway, same)
