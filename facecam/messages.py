"""Texts for the codes that the other packages return, each in one wording for every output, and texts with values.

The window translates the texts of codes in the context "Messages", and the templates of texts with values in "Errors".
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

UNSHOWN = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
"""Control characters other than tab and line feed, invisible ones, those that change the direction of text, and lone surrogates.

The joiners U+200C and U+200D belong to the spelling of names in several scripts.
"""


def visible(text: str) -> str:
    r"""Return a text with control and invisible characters as escapes, such as `\x1b`."""
    return UNSHOWN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class TranslatableText(str):
    """English text that was formatted from a template, and keeps the template and its values for a translation.

    Attributes:
        template: The text with the names of the values in braces.
        values: The values by name. Without any, the template is the text, and its braces are ordinary characters.
    """

    __slots__ = ("template", "values")
    template: str
    values: dict[str, object]

    def __new__(cls, template: str, **values: object) -> Self:
        """Format the text.

        Args:
            template: The text, with the names of `values` in braces.
            values: What stands in the braces. An error stands for its text. This one, unless it is plain, and each
                TranslatableText are translated together with the sentence.
        """
        values = {name: _text_value(value) for name, value in values.items()}
        text = super().__new__(cls, template.format(**values) if values else template)
        text.template, text.values = template, values
        return text

    def translated(self, translate: Callable[[str], str]) -> str:
        """Return the text in another language.

        Args:
            translate: Returns the translation of a template, with the same names in braces, or the template without one.
        """
        template = translate(self.template)
        if not self.values:
            return template
        values = {name: _translated_value(value, translate) for name, value in self.values.items()}
        return template.format(**values)

    def to_json(self) -> dict[str, object]:
        """Return the text as an object that JSON can hold, for another process."""
        return {"template": self.template, "values": {name: _json_value(value) for name, value in self.values.items()}}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the text of `to_json`."""
        values = {
            name: cls.from_json(value) if isinstance(value, Mapping) else value for name, value in content["values"].items()
        }
        return cls(content["template"], **values)


def join_texts(separator: str, texts: Iterable[str]) -> TranslatableText:
    """Return the texts as `separator.join(texts)` does, so that each of them is translated."""
    values = {f"text{index}": text for index, text in enumerate(texts)}
    return TranslatableText(separator.join(f"{{{name}}}" for name in values), **values)


def system_text(error: OSError) -> TranslatableText:
    """Return the reason of an error of the system without its path, for common errors in the same words on every system."""
    reason = error.strerror or str(error)
    if isinstance(reason, TranslatableText):
        return reason
    number = error.errno or 0
    is_from_system = reason == os.strerror(number) or getattr(error, "winerror", None) is not None
    return TranslatableText(SYSTEM_REASONS.get(number, reason) if is_from_system else reason)


def _text_value(value: object) -> object:
    """Return the text of an error, without its traceback, which would keep the objects in its frames; else the value."""
    if not isinstance(value, BaseException):
        return value
    if isinstance(value, OSError):
        return system_text(value)
    text = value.args[0] if len(value.args) == 1 else None
    return text if isinstance(text, TranslatableText) else str(value)


def _translated_value(value: object, translate: Callable[[str], str]) -> object:
    return value.translated(translate) if isinstance(value, TranslatableText) else value


def _json_value(value: object) -> object:
    if isinstance(value, TranslatableText):
        return value.to_json()
    return value if isinstance(value, int | float) else str(value)


@dataclass(frozen=True, slots=True)
class Message:
    """Text for a code: `caption` says what is the case, `advice` what to do ("" if nothing).

    `photo_advice` is what `facecam gallery doctor` says about a photo with this finding that it does not quarantine.
    """

    caption: str
    advice: str = ""
    photo_advice: str = "not used, harmless"


def QT_TRANSLATE_NOOP(_context: str, text: str) -> str:
    """Mark a text in a table for translation; Qt's tools search for this name."""
    return text


SYSTEM_REASONS = {
    errno.EACCES: QT_TRANSLATE_NOOP("Errors", "Permission denied"),
    errno.EBUSY: QT_TRANSLATE_NOOP("Errors", "Device or resource busy"),
    errno.ECONNREFUSED: QT_TRANSLATE_NOOP("Errors", "Connection refused"),
    errno.ECONNRESET: QT_TRANSLATE_NOOP("Errors", "Connection reset by peer"),
    errno.EDQUOT: QT_TRANSLATE_NOOP("Errors", "Disk quota exceeded"),
    errno.EEXIST: QT_TRANSLATE_NOOP("Errors", "File exists"),
    errno.EFBIG: QT_TRANSLATE_NOOP("Errors", "File too large"),
    errno.EHOSTDOWN: QT_TRANSLATE_NOOP("Errors", "Host is down"),
    errno.EHOSTUNREACH: QT_TRANSLATE_NOOP("Errors", "No route to host"),
    errno.EINVAL: QT_TRANSLATE_NOOP("Errors", "Invalid argument"),
    errno.EIO: QT_TRANSLATE_NOOP("Errors", "Input/output error"),
    errno.EISDIR: QT_TRANSLATE_NOOP("Errors", "Is a directory"),
    errno.ELOOP: QT_TRANSLATE_NOOP("Errors", "Too many levels of symbolic links"),
    errno.EMFILE: QT_TRANSLATE_NOOP("Errors", "Too many open files"),
    errno.ENAMETOOLONG: QT_TRANSLATE_NOOP("Errors", "File name too long"),
    errno.ENETUNREACH: QT_TRANSLATE_NOOP("Errors", "Network is unreachable"),
    errno.ENODEV: QT_TRANSLATE_NOOP("Errors", "No such device"),
    errno.ENOENT: QT_TRANSLATE_NOOP("Errors", "No such file or directory"),
    errno.ENOMEM: QT_TRANSLATE_NOOP("Errors", "Cannot allocate memory"),
    errno.ENOSPC: QT_TRANSLATE_NOOP("Errors", "No space left on device"),
    errno.ENOTCONN: QT_TRANSLATE_NOOP("Errors", "Transport endpoint is not connected"),
    errno.ENOTDIR: QT_TRANSLATE_NOOP("Errors", "Not a directory"),
    errno.ENOTEMPTY: QT_TRANSLATE_NOOP("Errors", "Directory not empty"),
    errno.EPERM: QT_TRANSLATE_NOOP("Errors", "Operation not permitted"),
    errno.EROFS: QT_TRANSLATE_NOOP("Errors", "Read-only file system"),
    errno.ESTALE: QT_TRANSLATE_NOOP("Errors", "Stale file handle"),
    errno.ETIMEDOUT: QT_TRANSLATE_NOOP("Errors", "Connection timed out"),
    errno.EXDEV: QT_TRANSLATE_NOOP("Errors", "Invalid cross-device link"),
}
"""Reasons of common errors of the system, in the words of Linux."""

MESSAGES = {
    # Quality gates.
    "low_score": Message(
        QT_TRANSLATE_NOOP("Messages", "hardly a face"),
        QT_TRANSLATE_NOOP("Messages", "show the whole face, with nothing covering it"),
    ),
    "too_small": Message(QT_TRANSLATE_NOOP("Messages", "too small"), QT_TRANSLATE_NOOP("Messages", "move closer to the camera")),
    "clipped": Message(QT_TRANSLATE_NOOP("Messages", "cut off at the edge"), QT_TRANSLATE_NOOP("Messages", "move to the center")),
    "blurry": Message(QT_TRANSLATE_NOOP("Messages", "blurred"), QT_TRANSLATE_NOOP("Messages", "hold still or clean the camera")),
    "dark": Message(QT_TRANSLATE_NOOP("Messages", "too dark"), QT_TRANSLATE_NOOP("Messages", "turn on a light in front of you")),
    "bright": Message(
        QT_TRANSLATE_NOOP("Messages", "too bright"), QT_TRANSLATE_NOOP("Messages", "reduce the light on your face")
    ),
    "extreme_pose": Message(
        QT_TRANSLATE_NOOP("Messages", "turned too far"), QT_TRANSLATE_NOOP("Messages", "turn back toward the camera")
    ),
    # Photos and frames of enrollment.
    "no_face": Message(
        QT_TRANSLATE_NOOP("Messages", "no face found"), QT_TRANSLATE_NOOP("Messages", "move in front of the camera")
    ),
    "several_faces": Message(
        QT_TRANSLATE_NOOP("Messages", "several faces"),
        QT_TRANSLATE_NOOP("Messages", "only one may be in view"),
        "not used: crop it to one face",
    ),
    "outlier": Message(
        QT_TRANSLATE_NOOP("Messages", "looks like a different person"),
        QT_TRANSLATE_NOOP("Messages", "continue with the same person"),
    ),
    "unreadable": Message(QT_TRANSLATE_NOOP("Messages", "could not be read as an image")),
    "not_found_again": Message(QT_TRANSLATE_NOOP("Messages", "the face was not found in the saved photo")),
    "too_alike": Message(QT_TRANSLATE_NOOP("Messages", "too similar to another photo")),
    "already_enrolled": Message(QT_TRANSLATE_NOOP("Messages", "too similar to a photo in the gallery")),
    "already_there": Message(QT_TRANSLATE_NOOP("Messages", "already in the gallery")),
    "left_out": Message(QT_TRANSLATE_NOOP("Messages", "excluded by you")),
    # Enrollments that ended without a sample.
    "nothing_kept": Message(
        QT_TRANSLATE_NOOP("Messages", "no photo is good enough"),
        QT_TRANSLATE_NOOP("Messages", "make sure that one face is near, sharp and well lit"),
    ),
    "identity_conflict": Message(
        QT_TRANSLATE_NOOP("Messages", "looks like another enrolled person"),
        QT_TRANSLATE_NOOP("Messages", "add the photos to that person, or confirm that these are two people"),
    ),
    "mixed_people": Message(
        QT_TRANSLATE_NOOP("Messages", "the photos show different people"),
        QT_TRANSLATE_NOOP("Messages", "enroll them under two names, or confirm that they are one person"),
        "not moved: move these photos to a folder of their own, or leave them if they are the same person",
    ),
    "canceled": Message(QT_TRANSLATE_NOOP("Messages", "canceled before it was complete")),
    # Faults of a gallery.
    "duplicate": Message(QT_TRANSLATE_NOOP("Messages", "the same photo is already there")),
    "cross_risk": Message(
        QT_TRANSLATE_NOOP("Messages", "too similar to a photo of another person"),
        photo_advice="not moved because it is the person's last photo: enroll more photos of both people",
    ),
    "no_person": Message(QT_TRANSLATE_NOOP("Messages", "is outside a person's folder")),
    "not_an_image": Message(QT_TRANSLATE_NOOP("Messages", "is not an image")),
    "outside": Message(QT_TRANSLATE_NOOP("Messages", "points outside of the ZIP file")),
    "duplicate_entry": Message(QT_TRANSLATE_NOOP("Messages", "the ZIP file has another file of this name")),
    "not_saved": Message(QT_TRANSLATE_NOOP("Messages", "could not be saved")),
    "no_region": Message(QT_TRANSLATE_NOOP("Messages", "has no face with a name")),
    "no_labeled_face": Message(QT_TRANSLATE_NOOP("Messages", "no face found where the photo has the name")),
    "bad_name": Message(QT_TRANSLATE_NOOP("Messages", "the folder name is not a valid name for a person")),
    "person_file_damaged": Message(QT_TRANSLATE_NOOP("Messages", "person.toml is damaged")),
    "person_file_newer": Message(
        QT_TRANSLATE_NOOP("Messages", "a newer version of facecam wrote person.toml; update facecam to use this person")
    ),
    "duplicate_name": Message(
        QT_TRANSLATE_NOOP("Messages", "another person has the same name; rename one, or merge the two if they are one person")
    ),
    "file_truncated": Message(
        QT_TRANSLATE_NOOP("Messages", "the encrypted file is cut off"),
        QT_TRANSLATE_NOOP("Messages", "restore it from a backup"),
        "not used: restore it from a backup",
    ),
    "file_altered": Message(
        QT_TRANSLATE_NOOP("Messages", "the encrypted file was changed or is damaged"),
        QT_TRANSLATE_NOOP("Messages", "restore it from a backup"),
        "not used: restore it from a backup",
    ),
    "file_swapped": Message(
        QT_TRANSLATE_NOOP("Messages", "the encrypted file belongs to another place in the gallery"),
        QT_TRANSLATE_NOOP("Messages", "restore it from a backup"),
        "not used: restore it from a backup",
    ),
    "file_replayed": Message(
        QT_TRANSLATE_NOOP("Messages", "the encrypted file is an older version or was removed before"),
        QT_TRANSLATE_NOOP("Messages", "restore it from a backup"),
        "not used: restore it from a backup",
    ),
    "file_foreign": Message(
        QT_TRANSLATE_NOOP("Messages", "the file was encrypted for another gallery"),
        photo_advice="not used: delete it, or import it from the other gallery",
    ),
    "file_not_encrypted": Message(
        QT_TRANSLATE_NOOP("Messages", "the file is not encrypted, so facecam has not written it"),
        photo_advice="not used: delete it, and enroll the photo with facecam",
    ),
    "file_missing": Message(
        QT_TRANSLATE_NOOP("Messages", "the encrypted file is missing"),
        QT_TRANSLATE_NOOP("Messages", "restore it from a backup"),
        "restore it from a backup; --fix takes it off the list",
    ),
    "gallery_locked": Message(
        QT_TRANSLATE_NOOP("Messages", "the gallery is encrypted and locked"),
        QT_TRANSLATE_NOOP("Messages", "enter its passphrase"),
    ),
    "header_missing": Message(
        QT_TRANSLATE_NOOP("Messages", "the file is encrypted, but .encryption.toml of the gallery is missing"),
        QT_TRANSLATE_NOOP("Messages", "restore it from a backup"),
        "not used: restore .encryption.toml from a backup",
    ),
    "nested_photos": Message(QT_TRANSLATE_NOOP("Messages", "photos in a folder inside a person's folder are not used")),
    "duplicate_person_id": Message(QT_TRANSLATE_NOOP("Messages", "has the same ID as another person")),
    "cache_damaged": Message(QT_TRANSLATE_NOOP("Messages", "the cache is damaged; the next start rebuilds it")),
    "cache_differs": Message(
        QT_TRANSLATE_NOOP("Messages", "the cached embedding differs from the computed one: delete facecam's cache folder")
    ),
    "changed_unseen": Message(
        QT_TRANSLATE_NOOP("Messages", "the content changed while size and times stayed the same: check the disk")
    ),
    # Decisions.
    "match": Message(QT_TRANSLATE_NOOP("Messages", "close to one person and clearly farther from everyone else")),
    "votes": Message(QT_TRANSLATE_NOOP("Messages", "decided by most of the recent comparisons")),
    "gallery_empty": Message(QT_TRANSLATE_NOOP("Messages", "no one is enrolled yet")),
    "too_far": Message(QT_TRANSLATE_NOOP("Messages", "no enrolled person is similar enough")),
    "near_threshold": Message(
        QT_TRANSLATE_NOOP("Messages", "similar to an enrolled person, but not similar enough for the name")
    ),
    "margin": Message(QT_TRANSLATE_NOOP("Messages", "almost equally similar to two people")),
    "corrected": Message(QT_TRANSLATE_NOOP("Messages", "you said that it is someone else")),
    "name_taken": Message(QT_TRANSLATE_NOOP("Messages", "another face in the video matches this name better")),
    "another_name": Message(QT_TRANSLATE_NOOP("Messages", "mistaken for another person")),
    "few_sightings": Message(QT_TRANSLATE_NOOP("Messages", "not compared often enough yet")),
    "presentation_undecided": Message(QT_TRANSLATE_NOOP("Messages", "still being checked for a picture or a screen")),
    "presentation_attack": Message(
        QT_TRANSLATE_NOOP("Messages", "looks like a picture or a screen"),
        QT_TRANSLATE_NOOP("Messages", "face the camera, with nothing in front of the face"),
    ),
    "still_picture": Message(QT_TRANSLATE_NOOP("Messages", "moves like a photo, not like a head")),
    "settled": Message(QT_TRANSLATE_NOOP("Messages", "the same face as before, which does not need to be compared again")),
    # Hints of guided enrollment; the empty one stands for a frame without a fault.
    "": Message(QT_TRANSLATE_NOOP("Messages", "very good, hold that pose")),
    "look_straight": Message(QT_TRANSLATE_NOOP("Messages", "look straight into the camera and hold still")),
    "turn_left": Message(QT_TRANSLATE_NOOP("Messages", "turn your head slowly to your left")),
    "turn_right": Message(QT_TRANSLATE_NOOP("Messages", "turn your head slowly to your right")),
    "chin_up": Message(QT_TRANSLATE_NOOP("Messages", "raise your chin a little")),
    "chin_down": Message(QT_TRANSLATE_NOOP("Messages", "lower your chin a little")),
    "askew": Message(
        QT_TRANSLATE_NOOP("Messages", "the camera is too far to one side"),
        QT_TRANSLATE_NOOP("Messages", "place it in front of you at eye level, or skip this pose"),
    ),
}

THRESHOLD_ORIGINS = {
    "fixed": QT_TRANSLATE_NOOP("Messages", "{own}: set by you for everyone."),
    "gallery": QT_TRANSLATE_NOOP("Messages", "{own}: the match threshold of this gallery."),
    "resembles_many": QT_TRANSLATE_NOOP(
        "Messages", "{own}: the match threshold of this gallery, {gallery}, lowered because many faces resemble {name}."
    ),
    "alike_photos": QT_TRANSLATE_NOOP(
        "Messages",
        "{own}: the match threshold of this gallery, {gallery}, lowered because the photos of {name} are very similar. Photos "
        "from other days raise it.",
    ),
}
"""Sentences about a person's own match threshold and what it comes from."""


def caption(code: str) -> str:
    """Return the caption of a code; for an unknown one, of a newer version for example, the code in words."""
    return MESSAGES[code].caption if code in MESSAGES else code.replace("_", " ")


def caption_with_code(code: str) -> str:
    """Return the caption of a code followed by the code, by which documents and scripts name the case."""
    return f"{caption(code)} ({code})"


def sentence(code: str, translate: Callable[[str], str] = str) -> str:
    """Return caption and advice of a code as one sentence, each translated by `translate`."""
    advice = MESSAGES[code].advice if code in MESSAGES else ""
    text = ": ".join(translate(part) for part in (caption(code), advice) if part)
    return f"{text[:1].upper()}{text[1:]}."


def count_of(number: int, noun: str) -> str:
    """Return a number with its noun in English: "no files", "1 file", "2 entries", "3 people"."""
    if number != 1:
        noun = re.sub("person$", "people", noun) if noun.endswith("person") else re.sub("(?<=[^aeiou])y$", "ie", noun) + "s"
    return f"{number or 'no'} {noun}"


def as_sentence(text: str) -> str:
    """Return an error's message, which is written to follow a colon, as a sentence of its own."""
    return text[:1].upper() + text[1:] + ("" if not text or text[-1] in ".?!" else ".")
