"""Sends the user's corrections of faces to the session and reports their results."""

from __future__ import annotations

from typing import Self

from PySide6.QtCore import QCoreApplication, QObject, Signal

from facecam.capture.source import as_sentence
from facecam.enrollment.corrections import (
    AssignName,
    AssignNameToImage,
    Correction,
    RedoCorrection,
    RejectName,
    UndoCorrection,
)
from facecam.enrollment.enroll import IDENTITY_CONFLICT, MIXED_PEOPLE
from facecam.errors import ChangeExpiredError, EnrollmentRefusedError, FacecamError, FaceGoneError
from facecam.gallery.undo import ChangeKind, GalleryChange
from facecam.session.enrollment_service import EnrollmentCommand
from facecam.session.status import CommandResult
from facecam.session.visitors import VisitorSummary
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
        controller.started.connect(lambda: self._set_journal(None, None))  # A session can undo only its own corrections.

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

    def assign_name(self, visitor: VisitorSummary, name: str, *, force: bool = False) -> None:
        """Name a visitor; one who has left is enrolled from the portrait."""
        if visitor.is_present:
            self._send(AssignName(visitor.last_track_id, name, force))
        else:
            self._send(AssignNameToImage(visitor.last_track_id, visitor.portrait.bgr, name, force))

    def reject_name(self, visitor: VisitorSummary, name: str) -> None:
        """Declare that a visitor is not the person of that name."""
        self._send(RejectName(visitor.last_track_id, name))

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

    def _set_journal(self, last: GalleryChange | None, last_undone: GalleryChange | None) -> None:
        self._last, self._last_undone = last, last_undone
        self.journal_changed.emit()

    def _report(self, result: CommandResult) -> None:
        command = result.command
        if isinstance(command, Correction):
            self._set_journal(result.undoable, result.redoable)
            if result.error is None:
                self.message_posted.emit(*self._describe(command, result))
            elif self._retry_with_portrait(command, result.error):
                pass
            elif (question := self._question(command, result.error)) is not None:
                self.question_asked.emit(*question)
            else:
                self.message_posted.emit(*self._explain_refusal(command, result.error))
        elif result.error is not None and not isinstance(command, EnrollmentCommand):  # The enrollment page reports its own.
            self.message_posted.emit(as_sentence(str(result.error)), ())

    def _describe(self, correction: Correction, result: CommandResult) -> ResultMessage:
        """Show the name of a visitor who has left, and return the message about a correction."""
        undo: MessageButton = self.tr("Undo"), self.undo
        redo: MessageButton = self.tr("Redo"), self.redo
        past_names, name = self._controller.visitor_tracker, result.event.person or ""
        match correction:
            case UndoCorrection():
                assert result.event.track_id is not None
                past_names.set_past_name(result.event.track_id, None)
                undone = _correction_text(result.redoable) if result.redoable is not None else name
                return self.tr("Undone: {correction}.").format(correction=undone), (redo,)
            case RedoCorrection():
                assert result.event.track_id is not None
                if result.undoable is not None and result.undoable.kind is not ChangeKind.FACE_REJECTED:
                    past_names.set_past_name(result.event.track_id, name)
                if result.undoable is not None:
                    return self.tr("Redone: {correction}.").format(correction=_correction_text(result.undoable)), (undo,)
            case AssignNameToImage():
                past_names.set_past_name(correction.track_id, correction.name)
        is_rejection = result.undoable is not None and result.undoable.kind is ChangeKind.FACE_REJECTED
        text = self.tr("This face is no longer named {name}.") if is_rejection else self.tr("Named: {name}")
        return text.format(name=name), (undo,)

    def _retry_with_portrait(self, command: Correction, error: FacecamError) -> bool:
        """Name a face that left while its name was typed by its portrait; return False if that is not the case."""
        if not isinstance(command, AssignName) or not isinstance(error, FaceGoneError):
            return False
        visitor = self._controller.visitor_tracker.visitor_of(command.track_id)
        if visitor is not None:
            self._send(AssignNameToImage(command.track_id, visitor.portrait.bgr, command.name, command.force))
        return visitor is not None

    def _explain_refusal(self, command: Correction, error: FacecamError) -> ResultMessage:
        if isinstance(error, FaceGoneError):
            return self.tr("The face is no longer visible. Nothing was changed."), ()
        if isinstance(command, UndoCorrection | RedoCorrection):
            return self._explain_undo(command, error)
        if isinstance(command, RejectName) or not isinstance(error, EnrollmentRefusedError):
            return str(error), ()
        return self.tr("The camera needs a better view of this face. Look at the camera and move closer."), ()

    def _question(self, command: Correction, error: FacecamError) -> ResultMessage | None:
        """Return the question that an error leads to, None without one."""
        if not isinstance(command, AssignName | AssignNameToImage) or not isinstance(error, EnrollmentRefusedError):
            return None
        visitor = self._controller.visitor_tracker.visitor_of(command.track_id)
        if visitor is None:
            return None
        if error.reason == IDENTITY_CONFLICT:
            return self._ask_about_conflict(visitor, command.name)
        if error.reason == MIXED_PEOPLE:
            name = command.name
            text = self.tr("This face differs from the photos of {name}, or changes during the video. Is it really {name}?")
            return text.format(name=name), (self._confirm_button(visitor, name),)
        return None

    def _confirm_button(self, visitor: VisitorSummary, name: str) -> MessageButton:
        text = self.tr("Yes, this is {name}").format(name=shortened(name))
        return text, lambda: self.assign_name(visitor, name, force=True)

    def _explain_undo(self, command: UndoCorrection | RedoCorrection, error: FacecamError) -> ResultMessage:
        """Explain why nothing was undone; a correction that can never be undone is skipped."""
        is_undo = isinstance(command, UndoCorrection)
        if isinstance(error, ChangeExpiredError):
            undo: MessageButton = self.undo_text, self.undo
            return str(error), (undo,) if is_undo and self.can_undo else ()
        if not (self.can_undo if is_undo else self.can_redo):
            return self.tr("There is nothing to undo.") if is_undo else self.tr("There is nothing to redo."), ()
        return str(error), ()

    def _ask_about_conflict(self, visitor: VisitorSummary, name: str) -> ResultMessage:
        """Ask whether the face belongs to the enrolled person whom it resembles."""
        compared = visitor.last_compared
        decision = compared.sighting.decision if compared is not None else visitor.sighting.track_decision.decision
        rival = decision.nearest.name if decision.nearest is not None and decision.nearest.name != name else None
        confirm = self._confirm_button(visitor, name)
        if rival is None:
            return self.tr("This looks like another enrolled person. Is it really {name}?").format(name=name), (confirm,)
        text = self.tr("This looks like {rival}, who is already enrolled. Is it really {name}, a different person?")
        use_rival: MessageButton = (
            self.tr("No, it is {rival}").format(rival=shortened(rival)),
            lambda: self.assign_name(visitor, rival),
        )
        return text.format(rival=rival, name=name), (confirm, use_rival)


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
