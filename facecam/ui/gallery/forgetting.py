"""Question before a person is forgotten, and the result with its proof."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLocale, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QGuiApplication
from PySide6.QtWidgets import QButtonGroup, QPlainTextEdit, QPushButton, QRadioButton, QVBoxLayout, QWidget

from facecam.gallery.people import Person
from facecam.gallery.quarantine import count_hidden_photos
from facecam.privacy.forgetting import LogChoice
from facecam.privacy.scan import ScanResult
from facecam.ui.gallery.commands import removal_text
from facecam.ui.gallery.rights import Forgotten
from facecam.ui.language import error_text
from facecam.ui.widgets import FlowLayout, InlinePanel, WrappedButton, bold, fill_layout, vertical_layout, wrapped_label

_MAX_LISTED = 200
_TEXT_LINES = 6


class ForgetPanel(InlinePanel):
    """Explains what forgetting a person does, and asks about the name in logs. Hidden until `ask`."""

    accepted = Signal(object, object)
    """The Person and the LogChoice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._person: Person | None = None
        self._title = wrapped_label(self)
        self._title.setFont(bold(self._title.font()))
        self._text = wrapped_label(self)
        self.pseudonym = WrappedButton(QRadioButton(), self.tr("Replace the name in logs by a pseudonym"), self)
        self.keep = WrappedButton(QRadioButton(), self.tr("Keep the name in logs"), self)
        self._group = QButtonGroup(self)
        for choice in (self.pseudonym, self.keep):
            self._group.addButton(choice.box)
        self._session = wrapped_label(self)
        self._cancel = QPushButton(self.tr("Cancel"), self)
        self.accept = QPushButton(self.tr("Forget"), self)
        buttons = FlowLayout()
        for button in (self._cancel, self.accept):
            button.setAutoDefault(True)  # Enter presses the button that has the focus.
            buttons.addWidget(button)
        fill_layout(QVBoxLayout(self), self._title, self._text, self.pseudonym, self.keep, self._session, buttons)
        self.accept.clicked.connect(self._on_accepted)
        self._cancel.clicked.connect(self.dismiss)

    @property
    def text(self) -> str:
        """The explanation shown now, "" while there is none."""
        return "" if self.isHidden() else self._text.text()

    def ask(self, person: Person, *, is_running: bool, is_recording: bool) -> None:
        """Ask whether to forget a person; `is_running` and `is_recording` tell of a session and a recording that must end."""
        self._person = person
        self._title.setText(self.tr("Forget {name}?").format(name=person.name))
        text = self.tr(
            "This deletes the person's folder ({content}), images of this person in the folders of other people, "
            "all data computed from them, and the name in trained networks, taught objects and notifications. Then all files of "
            "facecam are searched for what is left. Recordings, snapshots, reports, exported files and backups are not changed. "
            "This cannot be undone, and then neither can earlier changes on this page."
        )
        self._text.setText(text.format(content=removal_text(len(person.photos), *count_hidden_photos(person))))
        self.pseudonym.box.setChecked(True)
        session = self.tr("The running session ends first. A new one starts afterward.")
        self._session.setText(f"{session} {self.tr('The recording ends.') if is_recording else ''}".rstrip())
        self._session.setVisible(is_running)
        self.show_for(self._cancel)
        QAccessible.updateAccessibility(QAccessibleEvent(self._text, QAccessible.Event.Alert))

    def _on_accepted(self) -> None:
        if self._person is not None:
            choice = LogChoice.PSEUDONYMIZE if self.pseudonym.box.isChecked() else LogChoice.KEEP
            self.dismiss()
            self.accepted.emit(self._person, choice)


class ForgetResultView(QWidget):
    """View of what was removed, the proof of the scan, and what is kept or out of reach."""

    closed = Signal()
    message_posted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = wrapped_label(self)
        self.title.setFont(bold(self.title.font()))
        self.proof = wrapped_label(self)
        self.details = QPlainTextEdit(self)
        self.details.setReadOnly(True)
        self.details.setTabChangesFocus(True)
        self.details.setAccessibleName(self.tr("Result"))
        self.details.setMinimumHeight(_TEXT_LINES * self.fontMetrics().height())
        self.copy = QPushButton(self.tr("Copy"), self)
        self.close_button = QPushButton(self.tr("Back to the gallery"), self)
        buttons = FlowLayout()
        for button in (self.copy, self.close_button):
            button.setAutoDefault(True)
            buttons.addWidget(button)
        vertical_layout(self, self.title, self.proof, self.details, buttons).setStretchFactor(self.details, 1)
        self.copy.clicked.connect(self._copy)
        self.close_button.clicked.connect(self.closed)

    def show_result(self, done: Forgotten) -> None:
        """Show a result."""
        report = done.report
        is_gone = not (report.scan.findings or report.scan.unreadable)
        title = self.tr("{name} is forgotten.") if is_gone else self.tr("{name} is removed, but the search is not clean.")
        self.title.setText(title.format(name=done.name))
        self.proof.setText(self._proof_text(report.scan))
        sections = (
            (self.tr("Removed or changed:"), list(map(error_text, report.removed))),
            (self.tr("Found by the search. Delete these files yourself:"), self._findings(report.scan)),
            (self.tr("Kept. They may be about this person:"), list(map(error_text, report.kept))),
        )
        lines = [f"{heading}\n{self._listed(entries)}" for heading, entries in sections if entries]
        lines.append(
            self.tr(
                "Not searched: backups, files that were exported or copied, other galleries, logs in other folders, the contents "
                "of recordings and snapshots, and other windows of facecam that are open."
            )
        )
        self.details.setPlainText("\n\n".join(lines))
        QAccessible.updateAccessibility(QAccessibleEvent(self.proof, QAccessible.Event.Alert))

    def clear(self) -> None:
        """Drop the result, which has the person's name."""
        for part in (self.title, self.proof, self.details):
            part.clear()

    def _proof_text(self, scan: ScanResult) -> str:
        searched = self.tr("Searched {files} files ({size}) for the name, the id, the photos and the embeddings:").format(
            files=self.locale().toString(scan.files),
            size=self.locale().formattedDataSize(scan.bytes, 1, QLocale.DataSizeFormat.DataSizeSIFormat),
        )
        found = self.tr("files with traces: {count}.").format(count=len(scan.findings))
        found = found if scan.findings else self.tr("nothing was found.")
        unread = self.tr("Files that could not be read: {count}.").format(count=len(scan.unreadable))
        return f"{searched} {found} {unread if scan.unreadable else ''}".rstrip()

    def _findings(self, scan: ScanResult) -> list[str]:
        kinds = {
            "name": self.tr("name"),
            "person_id": self.tr("id"),
            "photo hash": self.tr("digest of a photo"),
            "embedding": self.tr("embedding"),
            "face": self.tr("face"),
        }
        found = []
        for finding in scan.findings:
            words = ", ".join(kinds.get(kind, kind) for kind in finding.kinds)
            found.append(f"{finding.path}{': ' * bool(finding.part)}{finding.part} ({words})")
        unread = self.tr("{path} could not be read")
        return found + [unread.format(path=path) for path in scan.unreadable]

    def _listed(self, entries: Sequence[str]) -> str:
        shown = [f"• {entry}" for entry in entries[:_MAX_LISTED]]
        if (more := len(entries) - _MAX_LISTED) > 0:
            shown.append(self.tr("and {number} more").format(number=more))
        return "\n".join(shown)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(
            "\n\n".join((f"{self.title.text()}\n{self.proof.text()}", self.details.toPlainText()))
        )
        self.message_posted.emit(self.tr("The result was copied."))
