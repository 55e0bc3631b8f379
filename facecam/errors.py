"""Exceptions that facecam raises on purpose.

    FacecamError
    ├── CameraError                  a camera, file, folder or stream cannot be opened or read
    │   ├── CameraMissingError       this machine has no camera of this index or path
    │   ├── AccessDeniedError        the system or a server refuses access; retrying does not help
    │   └── EmptySegmentError        no frame of a file lies between the times of a segment
    ├── ModelError                   weights are missing, damaged or do not fit, or a network cannot be converted
    ├── GalleryError                 a person, a photo or the gallery folder
    │   ├── EnrollmentRefusedError   no sample was enrolled (`reason` is the code)
    │   ├── FaceGoneError            the face to correct has left the image
    │   ├── ChangeExpiredError       a change can never be undone or redone any more
    │   ├── LockedGalleryError       the gallery is encrypted, and its key is not known
    │   └── WrongPassphraseError     a passphrase does not decrypt the gallery
    ├── LogError                     a log cannot be written or read
    ├── TeachingError                training data are missing, too few or damaged
    ├── OutputError                  a file cannot be written, or would replace an input or a file of the user
    ├── ImageError                   an image cannot be decoded, or has an unsupported shape or type
    └── SettingsError                a setting is unknown, of the wrong type or out of range

A message says what failed, on what, and what to do. The commands print it as one sentence and exit with code 1, or with 2 for an
output that is refused before the work begins. The window shows it in the user's language, translated from the error's template.
"""

from __future__ import annotations

import warnings

from facecam.messages import TranslatableText


class FacecamError(Exception):
    """Base class of all facecam errors. The text is a sentence for the user.

    Attributes:
        text: The English text, which keeps its template and values for a translation.
    """

    def __init__(self, template: str, **values: object) -> None:
        """Format the text.

        Args:
            template: The sentence, with the names of `values` in braces; without values it is used as it is.
            values: What stands in the braces. A FacecamError or a TranslatableText is translated together with the sentence.
        """
        self.text = template if isinstance(template, TranslatableText) else TranslatableText(template, **values)
        super().__init__(self.text)


class CameraError(FacecamError):
    """A source cannot be opened, or stopped delivering frames."""


class CameraMissingError(CameraError):
    """A camera does not exist on this machine. Once it is connected, opening it again helps."""


class AccessDeniedError(CameraError):
    """The system or a server refuses access, which only the user can change."""


class EmptySegmentError(CameraError):
    """No frame of a file lies between the times of a segment."""


class ModelError(FacecamError):
    """Network weights are missing, damaged or do not fit, or compiling them failed."""


class GalleryError(FacecamError):
    """A person or photo cannot be read, added, renamed or removed. Nothing was changed."""


class EnrollmentRefusedError(GalleryError):
    """No sample was enrolled. `reason` is a code: `identity_conflict`, `mixed_people` or `nothing_kept`."""

    def __init__(self, template: str, reason: str, **values: object) -> None:
        super().__init__(template, **values)
        self.reason = reason


class FaceGoneError(GalleryError):
    """The face to correct has left the image. Nothing was changed."""


class ChangeExpiredError(GalleryError):
    """A change of the gallery can never be undone or redone any more. Nothing was changed."""


class LockedGalleryError(GalleryError):
    """The gallery is encrypted, and this process does not have its key."""


class WrongPassphraseError(GalleryError):
    """A passphrase does not decrypt the gallery. Nothing was changed."""


class LogError(FacecamError):
    """A log cannot be written or read."""


class TeachingError(FacecamError):
    """Training data are missing or too few. Everything learned earlier is unchanged."""


class OutputError(FacecamError):
    """A file named for an output cannot be written, is an input, or holds other data. Nothing was changed."""


class ImageError(FacecamError):
    """An image cannot be decoded, or has a shape or type that no stage accepts."""


class SettingsError(FacecamError):
    """A setting is unknown, of the wrong type or out of range."""


_DEPRECATED = {
    "AccessDenied": AccessDeniedError,
    "EnrolmentRefused": EnrollmentRefusedError,
    "FaceGone": FaceGoneError,
    "PictureError": ImageError,
    "TeachError": TeachingError,
}
"""Earlier names, accepted for one release."""


def __getattr__(name: str) -> type[FacecamError]:
    if name not in _DEPRECATED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    current = _DEPRECATED[name]
    warnings.warn(f"facecam.errors.{name} is deprecated, use {current.__name__}", DeprecationWarning, stacklevel=2)
    return current
