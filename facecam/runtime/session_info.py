"""What a session's json says: who made the log, with which networks and settings, on what machine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from facecam import __version__
from facecam.compile import role_of, weights_sha256
from facecam.express.expression import NETWORK as EXPRESSION_NETWORK
from facecam.identify.gallery import Gallery
from facecam.identify.rule import decision_rule
from facecam.logbook.deciding import GALLERY_CHANGED, KEY, Deciding
from facecam.logbook.rows import SessionInfo, new_session_id
from facecam.mode import Mode
from facecam.settings import Settings
from facecam.types import Event


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


def difference(before: Settings, after: Settings) -> str:
    """What has another value, as `section.name old -> new`."""
    old, new = before.to_dict(), after.to_dict()
    changed = [
        f"{section}.{name} {value} -> {new[section][name]}"
        for section, values in old.items()
        for name, value in values.items()
        if value != new[section][name]
    ]
    return ", ".join(changed) or "unchanged"


def who_is_enrolled(gallery: Gallery) -> Event:
    """What the log has when faces are compared with other people or photos from then on."""
    return Event("state", f"{GALLERY_CHANGED}{len(gallery.people)} people, {len(gallery.samples)} photos")


def deciding(settings: Settings) -> Deciding:
    """What `facecam replay` must know to decide again, besides the rows."""
    rule = decision_rule(settings.identify, ())
    return Deciding(rule.margin_l2, rule.unsure_band_l2, settings.track.enter_after_sightings, settings.follow.enabled)
