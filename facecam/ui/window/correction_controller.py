"""Sends the user's corrections of faces to the session and reports their results."""

from __future__ import annotations

from typing import Self

from PySide6.QtCore import QCoreApplication, QObject, Signal

from facecam.enrollment.corrections import (
    AssignName,
    AssignNameToImage,
    Correction,
    RedoCorrection,
    RejectName,
    UndoCorrection,
)
from facecam.enrollment.enroll import IDENTITY_CONFLICT, MIXED_PEOPLE, NOTHING_KEPT
from facecam.errors import ChangeExpiredError, EnrollmentRefusedError, FacecamError, FaceGoneError
from facecam.gallery.undo import ChangeKind, GalleryChange
from facecam.session.enrollment_service import EnrollmentCommand
from facecam.session.status import CommandResult
from facecam.session.visitors import VisitorSummary
from facecam.ui.language import error_text
from facecam.ui.session_controller import SessionController
from facecam.ui.window.message_bar import MessageButton

ResultMessage = tuple[str, tuple[MessageButton, ...]]


class CorrectionController(QObject):
    """Corrections of one SessionController, with follow-up buttons such as Undo and Redo."""

    message_posted = Signal(str, object)
    """A sentence and a tuple of MessageButtons."""
    question_asked = Signal(str, object)
    """A question and a tuple of MessageButtons with its answers."""
    journal_changed = Signal()
    """`can_undo`, `can_redo`, `undo_text` or `redo_text` has changed."""

    def __init__(self, controller: SessionController) -> None:
        super().__init__(controller)
        self._controller = controller
        self._last: GalleryChange | None = None
        self._last_undone: GalleryChange | None = None
        controller.command_finished.connect(self._report)
        controller.started.connect(self._clear_journal)

    @property
    def can_undo(self) -> bool:
        """True if there is a correction to undo."""
        return self._last is not None

    @property
    def can_redo(self) -> bool:
        """True if there is an undone correction to apply again."""
        return self._last_undone is not None

    @property
    def undo_text(self) -> str:
        """Text of the command that undoes the last correction, with its name."""
        if self._last is None:
            return self.tr("Undo the last correction")
        return self.tr("Undo: {correction}").format(correction=_correction_text(self._last))

    @property
    def redo_text(self) -> str:
        """Text of the command that applies the last undone correction again, with its name."""
        if self._last_undone is None:
            return self.tr("Redo the correction")
        return self.tr("Redo: {correction}").format(correction=_correction_text(self._last_undone))

    @classmethod
    def for_controller(cls, controller: SessionController) -> Self:
        """Return the instance that belongs to a SessionController, creating it the first time."""
        return controller.findChild(cls) or cls(controller)

    def assign_name(self, visitor: VisitorSummary, name: str, *, force: bool = False, consent: str = "") -> None:
        """Name a visitor, with all visits. `consent` is what a new person agreed to.

        One who has left is enrolled from the portraits.
        """
        visitor = self.current(visitor)
        if visitor.is_present:
            self._send(AssignName(visitor.last_track_id, name, force, consent))
        else:
            self._send(_from_portraits(visitor, name, force=force, consent=consent))

    def reject_name(self, visitor: VisitorSummary, name: str) -> None:
        """Declare that a visitor is not the person of that name."""
        self._send(RejectName(self.current(visitor).last_track_id, name))

    def current(self, visitor: VisitorSummary) -> VisitorSummary:
        """Return a visitor as now: gone, or under another track, since a menu or a question was opened."""
        return self._controller.visitor_tracker.visitor_of(visitor.last_track_id) or visitor

    def undo(self) -> None:
        """Undo the last correction."""
        self._send(UndoCorrection())

    def redo(self) -> None:
        """Apply the correction again that was undone last."""
        self._send(RedoCorrection())

    def _send(self, correction: Correction) -> None:
        session = self._controller.session
        if session is None or session.wait(0):
            self.message_posted.emit(self.tr("The session has ended. Open a camera or a video first."), ())
        else:
            self._controller.change(correction)

    def _clear_journal(self) -> None:
        """Forget the corrections of the previous session: a session can undo only its own."""
        self._set_journal(None, None)

    def _set_journal(self, last: GalleryChange | None, last_undone: GalleryChange | None) -> None:
        self._last, self._last_undone = last, last_undone
        self.journal_changed.emit()

    def _report(self, result: CommandResult) -> None:
        command = result.command
        if isinstance(command, Correction):
            self._set_journal(result.undoable, result.redoable)
            if result.error is None:
                self.message_posted.emit(*self._describe(command, result))
            elif self._retry_with_portrait(command, result.error) or self._retry_with_new_track(command, result.error):
                pass
            elif (question := self._question(command, result.error)) is not None:
                self.question_asked.emit(*question)
            else:
                self.message_posted.emit(*self._explain_refusal(command, result.error))
        elif result.error is not None and not isinstance(command, EnrollmentCommand):  # The enrollment page reports its own.
            self.message_posted.emit(error_text(result.error), ())

    def _describe(self, correction: Correction, result: CommandResult) -> ResultMessage:
        """Name the visitor's earlier visits, too, and return the message about a correction."""
        undo: MessageButton = self.tr("Undo"), self.undo
        redo: MessageButton = self.tr("Redo"), self.redo
        tracker, name, track_id = self._controller.visitor_tracker, result.event.person or "", result.event.track_id
        undone_change, change = result.redoable, result.undoable
        match correction:
            case UndoCorrection():
                assert track_id is not None
                if undone_change is not None and undone_change.kind is ChangeKind.FACE_REJECTED:
                    tracker.allow(track_id, undone_change.person.person_id)
                else:
                    tracker.unassign(track_id)
                undone = _correction_text(undone_change) if undone_change is not None else name
                return self.tr("Undone: {correction}.").format(correction=undone), (redo,)
            case RedoCorrection() if change is not None:
                assert track_id is not None
                if change.kind is ChangeKind.FACE_REJECTED:
                    tracker.reject(track_id, change.person.person_id)
                else:
                    tracker.assign(track_id, change.person.person_id, name)
                return self.tr("Redone: {correction}.").format(correction=_correction_text(change)), (undo,)
            case AssignName() | AssignNameToImage() if change is not None:
                tracker.assign(correction.track_id, change.person.person_id, name)
            case RejectName() if change is not None:
                tracker.reject(correction.track_id, change.person.person_id)
        is_rejection = change is not None and change.kind is ChangeKind.FACE_REJECTED
        text = self.tr("This face is no longer named {name}.") if is_rejection else self.tr("Named: {name}")
        return text.format(name=name), (undo,)

    def _retry_with_portrait(self, command: Correction, error: FacecamError) -> bool:
        """Name a face by its portraits if it left while its name was typed, or if its current images are not good enough.

        Returns:
            False if that is not the case, or without portraits.
        """
        has_no_image = isinstance(error, EnrollmentRefusedError) and error.reason == NOTHING_KEPT
        if not isinstance(command, AssignName) or not (isinstance(error, FaceGoneError) or has_no_image):
            return False
        visitor = self._controller.visitor_tracker.visitor_of(command.track_id)
        if visitor is None or (has_no_image and not visitor.portrait.score):
            return False
        self._send(_from_portraits(visitor, command.name, force=command.force, consent=command.consent))
        return True

    def _retry_with_new_track(self, command: Correction, error: FacecamError) -> bool:
        """Reject the name of a visitor whose track ended meanwhile, and who has another one now; return whether that is so."""
        if not isinstance(command, RejectName) or not isinstance(error, FaceGoneError):
            return False
        visitor = self._controller.visitor_tracker.visitor_of(command.track_id)
        if visitor is None or not visitor.is_present or visitor.last_track_id == command.track_id:
            return False
        self._send(RejectName(visitor.last_track_id, command.name))
        return True

    def _explain_refusal(self, command: Correction, error: FacecamError) -> ResultMessage:
        if isinstance(error, FaceGoneError):
            return self.tr("The face is no longer visible. Nothing was changed."), ()
        if isinstance(command, UndoCorrection | RedoCorrection):
            return self._explain_undo(command, error)
        if isinstance(command, RejectName) or not isinstance(error, EnrollmentRefusedError):
            return error_text(error), ()
        return self.tr("The camera needs a better view of this face. Look at the camera and move closer."), ()

    def _question(self, command: Correction, error: FacecamError) -> ResultMessage | None:
        """Return the question that an error leads to, None without one."""
        if not isinstance(command, AssignName | AssignNameToImage) or not isinstance(error, EnrollmentRefusedError):
            return None
        visitor = self._controller.visitor_tracker.visitor_of(command.track_id)
        if visitor is None:
            return None
        if error.reason == IDENTITY_CONFLICT:
            return self._ask_about_conflict(visitor, command)
        if error.reason == MIXED_PEOPLE:
            name = command.name
            text = self.tr("This face differs from the photos of {name}, or changes during the video. Is it really {name}?")
            return text.format(name=name), (self._confirm_button(visitor, command),)
        return None

    def _confirm_button(self, visitor: VisitorSummary, command: AssignName | AssignNameToImage) -> MessageButton:
        text = self.tr("Yes, this is {name}").format(name=shortened(command.name))
        return text, lambda: self._answer(visitor, command.name, force=True, consent=command.consent)

    def _answer(self, visitor: VisitorSummary, name: str, *, force: bool = False, consent: str = "") -> None:
        """Name a visitor after a question; without consent only if the person has not been removed meanwhile."""
        gallery = self._controller.gallery
        if consent or (gallery is not None and any(person.name == name for person in gallery.people)):
            self.assign_name(visitor, name, force=force, consent=consent)
        else:
            self.message_posted.emit(self.tr("{name} was removed from the gallery. Nothing was changed.").format(name=name), ())

    def _explain_undo(self, command: UndoCorrection | RedoCorrection, error: FacecamError) -> ResultMessage:
        """Explain why nothing was undone; a correction that can never be undone is skipped."""
        is_undo = isinstance(command, UndoCorrection)
        if isinstance(error, ChangeExpiredError):
            undo: MessageButton = self.undo_text, self.undo
            return error_text(error), (undo,) if is_undo and self.can_undo else ()
        if not (self.can_undo if is_undo else self.can_redo):
            return self.tr("There is nothing to undo.") if is_undo else self.tr("There is nothing to redo."), ()
        return error_text(error), ()

    def _ask_about_conflict(self, visitor: VisitorSummary, command: AssignName | AssignNameToImage) -> ResultMessage:
        """Ask whether the face belongs to the enrolled person whom it resembles."""
        name, compared = command.name, visitor.last_compared
        decision = compared.sighting.decision if compared is not None else visitor.sighting.track_decision.decision
        rival = decision.nearest.name if decision.nearest is not None and decision.nearest.name != name else None
        confirm = self._confirm_button(visitor, command)
        if rival is None:
            return self.tr("This looks like another enrolled person. Is it really {name}?").format(name=name), (confirm,)
        text = self.tr("This looks like {rival}, who is already enrolled. Is it really {name}, a different person?")
        use_rival: MessageButton = (
            self.tr("No, it is {rival}").format(rival=shortened(rival)),
            lambda: self._answer(visitor, rival),
        )
        return text.format(rival=rival, name=name), (confirm, use_rival)


def _from_portraits(visitor: VisitorSummary, name: str, *, force: bool, consent: str) -> AssignNameToImage:
    more = tuple(portrait.bgr for portrait in visitor.more_portraits)
    return AssignNameToImage(visitor.last_track_id, visitor.portrait.bgr, name, force, consent, more)


_MAX_BUTTON_CHARACTERS = 24


def shortened(name: str) -> str:
    """Return a name that fits a button: its first characters, and no ampersand that would underline a letter."""
    short = name if len(name) <= _MAX_BUTTON_CHARACTERS else f"{name[: _MAX_BUTTON_CHARACTERS - 1]}…"
    return short.replace("&", "&&")


def _correction_text(change: GalleryChange) -> str:
    """Return what a correction did, for "Undone: …"."""
    is_rejection = change.kind is ChangeKind.FACE_REJECTED
    translate = QCoreApplication.translate
    text = translate("Corrections", "rejected {name}") if is_rejection else translate("Corrections", "named {name}")
    return text.format(name=change.person.name)
