"""The configuration and the networks: what was set, whether the weights are the right ones, and what is compiled already."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from facecam.configuration import find_config, gallery_dir_from_config, load_settings
from facecam.doctor.check import Finding, Verdict
from facecam.errors import ModelError, SettingsError
from facecam.settings import Settings

_HASH_BYTES = hashlib.sha256().digest_size


def configuration(explicit: Path | None) -> Finding:
    """Which file is read, and how many settings differ from the defaults; a fault when it, or the environment, is wrong."""
    try:
        path = find_config(explicit)
        gallery_dir_from_config(explicit)
        changed = _changed(load_settings(explicit))
    except SettingsError as error:
        return Finding.of("configuration", error, "Correct it in the configuration file or the FACECAM_ variable")
    where = str(path.absolute()) if path else "no facecam.toml"
    return Finding("configuration", Verdict.OK, f"{where}, {changed or 'no'} setting{'s'[: changed != 1]} changed")


def settings_or_defaults(explicit: Path | None) -> Settings:
    """What is set; the defaults when the configuration is wrong, so that the other checks still say something."""
    try:
        return load_settings(explicit)
    except SettingsError:
        return Settings()


def weights(directory: Path | None = None) -> Iterator[Finding]:
    """Whether each file of the manifest is there and has its SHA-256."""
    from facecam.weights import entries, verified_path

    sound = 0
    models = entries(directory)
    for model in models:
        try:
            verified_path(model.name, directory)
            sound += 1
        except ModelError as error:
            yield Finding.of("models", error, "Install facecam again")
    if sound == len(models):
        size = sum(model.size_bytes for model in models) / 1e6
        yield Finding("models", Verdict.OK, f"{sound} files, {size:.0f} MB, all with the SHA-256 of the manifest")


def compiled(settings: Settings) -> Finding:
    """Which networks are compiled on this machine. That some are not is no fault: the next start sees to it."""
    from facecam.compile import cache_dir, compiled_path, missing

    needed = needed_networks(settings)
    todo = missing(needed)
    damaged = [name for name in needed if name not in todo and not is_sound(compiled_path(name))]
    if damaged:
        found = f"compiled, but damaged since: {', '.join(damaged)}"
        return Finding(
            "networks", Verdict.WARNING, found, "The next start compiles them again; if this comes back, check the disk"
        )
    if not todo:
        return Finding("networks", Verdict.OK, f"all {len(needed)} compiled, in {cache_dir()}")
    found = (
        f"{len(needed) - len(todo)} of {len(needed)} compiled; the first start takes about half a minute for {', '.join(todo)}"
    )
    return Finding("networks", Verdict.OK, found)


def needed_networks(settings: Settings) -> list[str]:
    """Everything that recognising faces and objects with these settings calls."""
    from facecam.mode import Mode
    from facecam.recognizer import networks_for

    return list(dict.fromkeys([*networks_for(settings, Mode.FACES), *networks_for(settings, Mode.OBJECTS)]))


def ready(settings: Settings) -> bool:
    """Whether every network can be opened at once, without compiling."""
    from facecam.compile import compiled_path, missing

    needed = needed_networks(settings)
    return not missing(needed) and all(is_sound(compiled_path(name)) for name in needed)


def is_sound(path: Path) -> bool:
    """Whether a compiled file is there and whole: it begins with the SHA-256 of the rest."""
    try:
        stored = path.read_bytes()
    except FileNotFoundError:
        return False
    return hashlib.sha256(stored[_HASH_BYTES:]).digest() == stored[:_HASH_BYTES]


def _changed(settings: Settings) -> int:
    """How many settings are not the default."""
    own, default = settings.to_dict(), Settings().to_dict()
    return sum(value != default[section][name] for section, values in own.items() for name, value in values.items())
