"""facecam train --recipe names: a head for the people enrolled, from the photos of their gallery."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from facecam.cli import common

if TYPE_CHECKING:
    from facecam.faces import FacePipeline
    from facecam.identify.gallery import Sample
    from facecam.settings import Settings
    from facecam.types import Picture

FAR = 0.01
"""At most so many strangers may get a name, as far as the people enrolled can tell."""


def train_names(gallery: str | None, output: Path | None, *, finetune: bool, seed: int, json: str | None) -> None:
    """Fit the head to the gallery's usable photos, with `finetune` after moving the network's last block; say what came of it."""
    from facecam.cli.train import networks_dir
    from facecam.compile import ensure_compiled
    from facecam.faces import FacePipeline, networks
    from facecam.identify.gallery import Gallery, reading_conditions
    from facecam.quiet import load_keras
    from facecam.teach import names_result
    from facecam.teach.names_result import NamesData

    settings, folder = common.settings(), common.gallery_dir(gallery)
    with common.progress("preparing networks") as told:
        ensure_compiled(networks(settings), lambda done, total, _: told(done, total))
    with FacePipeline(settings) as pipeline:
        with common.progress("reading the gallery") as told:
            found = Gallery.load(folder, pipeline, told, conditions=reading_conditions(settings))
        crops = _crops(found.samples, pipeline) if finetune else None
    data = NamesData.of(found.samples, settings.identify.network, crops)
    if finetune:
        load_keras()
    with common.progress("moving the last block") as told:
        moved = names_result.finetune(data, seed, lambda epoch, epochs, loss: told(epoch, epochs)) if finetune else data
    network = names_result.save(moved, FAR, _cap_l2(settings), output or networks_dir() / "names")
    if json != "-":
        out = common.out()
        out.print(
            f"{len(data.names)} people, {len(data.people)} photos; a face farther than {network.figures['threshold_l2']:.3f}"
        )
        out.print("from everybody is a stranger. `facecam evaluate names` tells how such a head does beside nearest-L2.")
        out.print(f"{network.folder}", markup=False)
    common.write_json(json, {"folder": str(network.folder), "names": list(data.names), **network.figures})


def _cap_l2(settings: Settings) -> float:
    from facecam.identify.rule import own_threshold_l2

    return own_threshold_l2(settings.identify.network)


def _crops(samples: tuple[Sample, ...], pipeline: FacePipeline) -> list[Picture]:
    """Each sample's aligned face; the gallery keeps embeddings only."""
    from facecam.embed.align import align
    from facecam.errors import GalleryError
    from facecam.identify.reading import FaceReading
    from facecam.identify.verdict import single_face
    from facecam.picture import read_picture

    crops = []
    for sample in samples:
        bgr = read_picture(sample.photo)
        face = single_face(pipeline.read(bgr))
        if not isinstance(face, FaceReading):
            raise GalleryError(f"{sample.photo} changed while it was read ({face}); try again")
        crops.append(align(bgr, face.face.landmarks_xy))
    return crops
