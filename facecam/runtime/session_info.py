"""What a session's json says: who made the log, with which networks and settings, on what machine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from facecam import __version__
from facecam.compile import role_of, weights_sha256
from facecam.express.expression import NETWORK as EXPRESSION_NETWORK
from facecam.identify.rule import decision_rule
from facecam.logbook.deciding import KEY, Deciding
from facecam.logbook.rows import SessionInfo, new_session_id
from facecam.mode import Mode
from facecam.settings import Settings


def describe(
    settings: Settings, mode: Mode, sources: Sequence[str], gallery_revision: str, *, started_at_utc: datetime | None = None
) -> SessionInfo:
    """A new session; without `started_at_utc`, when its t_ms was 0, it starts now."""
    now = started_at_utc or datetime.now(UTC)
    seeing = [settings.objects.network] if mode is Mode.OBJECTS else [settings.identify.network, EXPRESSION_NETWORK]
    details: dict[str, Any] = {
        "source": list(sources) if len(sources) != 1 else sources[0],
        "mode": mode.value,
        "networks": {name: {"sha256": weights_sha256(name), "role": role_of(name)} for name in ("mtcnn", *seeing)},
        "settings": settings.to_dict(),
        KEY: deciding(settings).to_dict(),
        "gallery_revision": gallery_revision,
    }
    faces = mode is Mode.FACES
    return SessionInfo(
        session_id=new_session_id(now),
        started_at_utc=now,
        app_version=__version__,
        embed_model=settings.identify.network if faces else "",
        expression_model=EXPRESSION_NETWORK if faces else "",
        details=details,
    )


def deciding(settings: Settings) -> Deciding:
    """What `facecam replay` must know to decide again, besides the rows."""
    rule = decision_rule(settings.identify, ())
    return Deciding(rule.margin_l2, rule.unsure_band_l2, settings.track.enter_after_sightings, settings.follow.enabled)
