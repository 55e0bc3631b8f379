"""Everything facecam raises on purpose.

    FacecamError
    ├── CameraError      a source that cannot be opened or read: camera, file, folder, stream
    │   └── AccessDenied     the system or the server says no: trying again changes nothing
    ├── ModelError       weights that are missing, damaged or do not fit; a network that cannot be compiled
    ├── GalleryError     a person, a photo or the gallery's folder
    │   ├── EnrollmentRefused   nothing was enrolled, and why (`reason` is the code)
    │   └── FaceGone           the face that was to be corrected is no longer there
    ├── LogError         a log that cannot be written or read
    ├── TeachError       what is to be learned from is missing, too little or damaged
    ├── PictureError     a picture that cannot be decoded, or has a shape or type no stage takes
    └── SettingsError    a setting that is unknown, of the wrong type or out of its range

A message says what failed, on what, and what to do. `cli/` prints it as one sentence and exits with status 1.
"""


class FacecamError(Exception):
    """The root of everything that facecam raises on purpose; its text is a sentence for the user."""


class CameraError(FacecamError):
    """A source could not be opened, or stopped delivering."""


class AccessDeniedError(CameraError):
    """The system or a server refuses; only a person can change that."""


class ModelError(FacecamError):
    """Weights are missing, damaged or of another network, or compiling them failed."""


class GalleryError(FacecamError):
    """A person or photo could not be read, added, renamed or removed; nothing was changed."""


class EnrollmentRefusedError(GalleryError):
    """No sample was kept. `reason` is a code: `identity_conflict` or `nothing_kept`."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class FaceGoneError(GalleryError):
    """The face that somebody said something of has left the picture; nothing was changed."""


class LogError(FacecamError):
    """A log could not be written or read."""


class TeachingError(FacecamError):
    """There is nothing, or too little, to learn from; nothing that was learned before is changed."""


class ImageError(FacecamError):
    """A picture could not be decoded, or is no picture that a network can take."""


class SettingsError(FacecamError):
    """A setting is unknown, of the wrong type or out of its range."""
