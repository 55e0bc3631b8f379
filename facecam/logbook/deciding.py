"""What a session decides with, besides the figures in its rows. It stands in the session's json, and in a row when it changes.

The threshold is not here: it moves with the gallery, and stands in every row.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

from facecam.errors import LogError

_PREFIX = "deciding: "
KEY = "deciding"
"""Where the session's json has it."""

GALLERY_CHANGED = "gallery: "
"""How the message of the `state` row begins that says that other people or photos are enrolled."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """The margin and the band (plain L2), and how many sightings must agree before a track has a name.

    With `follow` the faces of settled tracks were not compared in every frame.
    """

    margin_l2: float
    unsure_band_l2: float
    enter_after_sightings: int
    follow: bool

    def to_dict(self) -> dict[str, float]:
        return asdict(self)

    def message(self) -> str:
        """The message of the `state` row that says so from then on."""
        return _PREFIX + json.dumps(self.to_dict())

    @classmethod
    def from_message(cls, message: str) -> Self | None:
        """What such a row says, None for the message of another."""
        return cls._parse(json.loads(message.removeprefix(_PREFIX))) if message.startswith(_PREFIX) else None

    @classmethod
    def of_session(cls, details: Path) -> Self:
        """What the session began with, from its json. LogError when that is not there or does not say."""
        try:
            content = json.loads(details.read_text(encoding="utf-8"))
            return cls._parse(content[KEY])
        except OSError as error:
            raise LogError(
                f"{details} cannot be read ({error.strerror or error}): it says how its session decided, put it beside the log"
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise LogError(f"{details} does not say how its session decided ({error!r}): an older facecam made it") from error

    @classmethod
    def _parse(cls, values: dict[str, Any]) -> Self:
        return cls(**{field.name: values[field.name] for field in fields(cls)})
