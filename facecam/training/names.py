"""Learned names: one prototype per person on the sphere of embeddings, a threshold that rejects strangers, and fine-tuning.

Minimized over unit prototypes p_c, starting from each person's mean embedding m_c, is

    mean_i -log softmax(SCALE * x_i p)[y_i]  +  PULL * mean_c |p_c - m_c|^2

(Wang et al., "NormFace", ACM Multimedia 2017: softmax over scaled cosines). The pull keeps a person of few photos near the mean.
A face gets the name of the nearest prototype within the threshold, in plain L2.

Fine-tuning trains nn4.small2's last inception block and dense layer with FaceNet's triplet loss (Schroff, Kalenichenko, Philbin,
CVPR 2015), max(0, |a - p|^2 - |a - n|^2 + margin), with each batch's hardest positive and negative for every anchor (Hermans,
Beyer, Leibe, arXiv:1703.07737). The layers before block 5b are frozen and run once over every augmented crop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam import __version__
from facecam.errors import GalleryError, ModelError, TeachingError
from facecam.fileio import check_output_folder
from facecam.gallery.files import read_gallery_image
from facecam.networks.embedding_networks import embedding_network
from facecam.networks.keras_imagenet import assign_arrays, load_keras, network_variables
from facecam.networks.litert import softmax
from facecam.networks.names_heads import FINETUNED, PERSON_IDS, PROTOTYPES, RECIPE
from facecam.networks.user_networks import NETWORK_FILE, InputForm, TrainedNetwork, read_trained, trained_arrays
from facecam.objects.taught import unit_rows
from facecam.recognition.face_analyzer import ImageFaceAnalyzer, single_face
from facecam.settings import RETIRED_NETWORKS
from facecam.training.dataset import Numbers
from facecam.training.trainer import write_network
from facecam.types import FaceObservation, Floats, Image, Sample

if TYPE_CHECKING:
    import keras

SCALE = 12.0
PULL = 20.0
"""Chosen among 4, 20, 100 and 1000 on people of LFW view 1's training pairs, with strangers from there; 4 loses much."""
MIN_PHOTOS = 2
_STEPS = 200
_RATE = 0.02

MARGIN = 0.2
FINETUNE_RATE = 1e-5
EPOCHS = 12
_BATCH_PEOPLE, _BATCH_FACES = 8, 4
_LAST_FROZEN_LAYER = "inception_5a"


@dataclass(frozen=True, slots=True, eq=False)
class NamesHead:
    """`prototypes` (people, d) float32 of length 1 in the order of `names`; a face beyond `threshold_l2` is a stranger.

    It names embeddings of the network `weights` only, with `tuned_arrays` at its end if it was fine-tuned.
    """

    names: tuple[str, ...]
    prototypes: Floats
    threshold_l2: float
    weights: str
    tuned_arrays: dict[str, NDArray[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class NamesData:
    """Embeddings (n, d) by the network `weights`, the number of each one's person, and aligned crops for fine-tuning.

    `tuned_arrays` are the fine-tuned arrays at the network's end that the embeddings were made with. `person_ids` are those of
    the gallery's people, in the order of `names`.
    """

    names: tuple[str, ...]
    people: Numbers
    embeddings: Floats
    weights: str
    crops_rgb: Image | None = None
    tuned_arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
    person_ids: tuple[str, ...] = ()

    @classmethod
    def from_samples(cls, samples: Sequence[Sample], weights: str, crops_rgb: Sequence[Image] | None = None) -> NamesData:
        """Collect the samples of a gallery. TeachingError when there are none."""
        if not samples:
            raise TeachingError("the gallery has no usable photo to learn names from; add people with `facecam enroll`")
        names = tuple(sorted({sample.name for sample in samples}))
        people = np.array([names.index(sample.name) for sample in samples], np.intp)
        crops = None if crops_rgb is None else np.stack(crops_rgb)
        ids = {sample.name: sample.person_id for sample in samples}
        embeddings = np.stack([sample.embedding for sample in samples])
        return cls(names, people, embeddings, weights, crops, person_ids=tuple(ids[name] for name in names))


def aligned_crops(samples: Sequence[Sample], analyzer: ImageFaceAnalyzer) -> list[Image]:
    """Align the face of each sample again, because the gallery stores only embeddings. GalleryError when a photo has changed."""
    crops = []
    for sample in samples:
        observation = single_face(analyzer.analyze(read_gallery_image(sample.photo)))
        if not isinstance(observation, FaceObservation) or observation.crop_rgb is None:
            raise GalleryError(f"{sample.photo} changed while it was read; try again")
        crops.append(observation.crop_rgb)
    return crops


def nearest(embeddings: Floats, among: Floats, people: Numbers) -> tuple[Numbers, Floats]:
    """Return for each embedding (n, d) the person of the nearest row of `among`, and the distance in plain L2."""
    cosines = embeddings @ among.T
    best = cosines.argmax(axis=1)
    closest = cosines[np.arange(len(embeddings)), best]
    return people[best], np.sqrt(np.maximum(2 - 2 * closest, 0)).astype(np.float32)


def fit_names(data: NamesData, far: float, cap_l2: float) -> NamesHead:
    """Fit prototypes and threshold to the embeddings.

    At most `far` of the strangers get a name; each person in turn is a stranger to a head fitted without them. The threshold
    never exceeds `cap_l2`, its value for two people. TeachingError for fewer people, or with too few photos.
    """
    embeddings, people, names = data.embeddings, data.people, data.names
    counts = np.bincount(people, minlength=len(names))
    few = [name for name, count in zip(names, counts, strict=True) if count < MIN_PHOTOS]
    if len(names) < 2 or few:
        problem = f"{', '.join(few)} have fewer" if few else f"there are {len(names)} people"
        raise TeachingError(f"names need two people or more with {MIN_PHOTOS} usable photos each; {problem}: enroll more")
    threshold = min(cap_l2, threshold_at_far(_stranger_distances_l2(embeddings, people), far)) if len(names) > 2 else cap_l2
    return NamesHead(names, prototypes(embeddings, people), threshold, data.weights, data.tuned_arrays)


def prototypes(embeddings: Floats, people: Numbers, scale: float = SCALE, pull: float = PULL) -> Floats:
    """Return (people, d) float32 of length 1, fitted from the means by Adam (Kingma, Ba, arXiv:1412.6980); deterministic."""
    target = np.eye(int(people.max()) + 1, dtype=np.float32)[people]
    means = unit_rows(target.T @ embeddings)
    current = means.copy()
    first, second = np.zeros_like(current), np.zeros_like(current)
    for step in range(1, _STEPS + 1):
        error = softmax((scale * embeddings @ current.T).astype(np.float32)) - target
        fit = scale / len(embeddings) * (error.T @ embeddings)
        gradient = (fit + 2 * pull / len(current) * (current - means)).astype(np.float32)
        first = (0.9 * first + 0.1 * gradient).astype(np.float32)
        second = (0.99 * second + 0.01 * gradient * gradient).astype(np.float32)
        rate = _RATE * (1 - step / (_STEPS + 1))
        change = rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-6)
        current = unit_rows((current - change).astype(np.float32))
    return current


def threshold_at_far(stranger_distances_l2: Floats, far: float) -> float:
    """Return the largest threshold at which at most `far` of these distances lie at or below it."""
    allowed = int(np.floor(far * len(stranger_distances_l2)))
    return float(np.nextafter(np.partition(stranger_distances_l2, allowed)[allowed], np.float32(-1)))


def _stranger_distances_l2(embeddings: Floats, people: Numbers) -> Floats:
    """Return each photo's distance to the nearest prototype of a head fitted without its person."""
    found = np.empty(len(people), np.float32)
    for person in np.unique(people):
        own = people == person
        _, others = np.unique(people[~own], return_inverse=True)
        fitted = prototypes(embeddings[~own], others.reshape(-1))
        found[own] = nearest(embeddings[own], fitted, np.arange(len(fitted)))[1]
    return found


def finetune_names(data: NamesData, seed: int, report_progress: Callable[[int, int, float], None]) -> NamesData:
    """Fine-tune the network for these people and embed them again. Needs the crops."""
    assert data.crops_rgb is not None
    tuned_arrays = finetune_embedding(data.weights, data.crops_rgb, data.people, seed, report_progress)
    return replace(data, tuned_arrays=tuned_arrays, embeddings=embed_with(data.weights, tuned_arrays, data.crops_rgb))


def save_names(data: NamesData, far: float, cap_l2: float, folder: Path) -> TrainedNetwork:
    """Fit the head and write it to `folder`, over an earlier one. TeachingError when it cannot be fitted or written."""
    check_output_folder(folder, NETWORK_FILE)
    head, base = fit_names(data, far, cap_l2), embedding_network(data.weights)
    figures: dict[str, object] = {
        "facecam": __version__,
        "base_sha256": base.sha256,
        "threshold_l2": head.threshold_l2,
        "photos": len(data.people),
        FINETUNED: bool(data.tuned_arrays),
        PERSON_IDS: list(data.person_ids),
    }
    arrays = {PROTOTYPES: head.prototypes, **data.tuned_arrays}
    form = InputForm(base.alignment.size_px, 3, base.scaling)
    return write_network(TrainedNetwork(folder, RECIPE, data.weights, form, data.names, "", "", figures), arrays)


def read_names(folder: Path) -> NamesHead:
    """Return a stored head.

    Raises:
        ModelError: The folder holds no intact head, or one of another network than facecam has; the message says what to do.
    """
    stored = read_trained(folder)
    if stored.recipe != RECIPE:
        raise ModelError(f"{folder} was trained by the recipe {stored.recipe}, not by {RECIPE}; choose another folder")
    again = "train it again with `facecam train --recipe names`"
    if stored.base in RETIRED_NETWORKS:
        raise ModelError(f"the head in {folder} belongs to the network {stored.base}, which was replaced; {again}")
    if stored.figures.get("base_sha256", "") not in ("", embedding_network(stored.base).sha256):
        raise ModelError(f"the head in {folder} belongs to other weights of {stored.base} than the present ones; {again}")
    arrays = trained_arrays(stored)
    try:
        return NamesHead(
            stored.labels, arrays.pop(PROTOTYPES), float(stored.figures["threshold_l2"]), stored.base, tuned_arrays=arrays
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the head in {folder} is incomplete ({error}); {again}") from error


def finetune_embedding(
    weights: str, crops_rgb: Image, people: Numbers, seed: int, report_progress: Callable[[int, int, float], None]
) -> dict[str, NDArray[Any]]:
    """Fine-tune block 5b and the dense layer on aligned crops (n, size, size, 3) uint8; return their arrays by "layer/array".

    `weights` names the embedding network; `report_progress(epoch, epochs, loss)` follows every epoch.
    """
    load_keras()
    import keras

    keras.utils.set_random_seed(seed)
    frozen, tail = _split_network(weights)
    for layer in tail.layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    x, y = augment(crops_rgb, people)
    features = np.concatenate([np.asarray(frozen(x[n : n + 64], training=False)) for n in range(0, len(x), 64)])
    tail.compile(optimizer=keras.optimizers.Adam(FINETUNE_RATE), loss=_hardest_triplet_loss, jit_compile=False)
    random, batch_size = np.random.default_rng(seed), _BATCH_PEOPLE * _BATCH_FACES
    for epoch in range(EPOCHS):
        order = triplet_batches(y, random)
        fit = tail.fit(features[order], y[order].astype(np.float32), batch_size=batch_size, shuffle=False, verbose=0)
        report_progress(epoch + 1, EPOCHS, float(fit.history["loss"][-1]))
    return {name: variable.numpy() for name, variable in network_variables(tail).items()}


def embed_with(weights: str, arrays: dict[str, NDArray[Any]], crops_rgb: Image) -> Floats:
    """Return (n, d) embeddings of length 1, averaged with the mirror image's, by the network with these arrays at its end.

    Raises ModelError when the arrays do not fit.
    """
    frozen, tail = _split_network(weights)
    assign_arrays(tail, arrays, "the fine-tuned arrays")
    found = []
    for start in range(0, len(crops_rgb), 32):
        batch = crops_rgb[start : start + 32].astype(np.float32) / np.float32(255)
        both = np.asarray(tail(frozen(np.concatenate([batch, batch[:, :, ::-1]]), training=False), training=False))
        mean = both[: len(batch)] + both[len(batch) :]
        found.append(mean / np.linalg.norm(mean, axis=1, keepdims=True))
    return np.concatenate(found)


def augment(crops_rgb: Image, people: Numbers) -> tuple[Floats, Numbers]:
    """Return each crop unchanged, mirrored, darker, brighter and blurred, (5 n, ...) float32 in 0..1; and its person."""
    unit = crops_rgb.astype(np.float32) / np.float32(255)
    blurred = np.stack([cv2.GaussianBlur(crop, (0, 0), 1.2) for crop in unit])
    return np.concatenate([unit, unit[:, :, ::-1], unit**1.4, unit**0.7, blurred]).astype(np.float32), np.tile(people, 5)


def triplet_batches(people: Numbers, random: np.random.Generator) -> Numbers:
    """Return an order of rows in which every 32 are four faces each of eight people; with fewer people these repeat."""
    rows = {int(person): np.flatnonzero(people == person) for person in np.unique(people)}
    order: list[int] = []
    for _ in range(max(1, len(people) // (_BATCH_PEOPLE * _BATCH_FACES))):
        chosen = random.permutation(list(rows))[:_BATCH_PEOPLE]
        for person in np.resize(chosen, _BATCH_PEOPLE):
            own = rows[int(person)]
            order += list(random.choice(own, _BATCH_FACES, replace=len(own) < _BATCH_FACES))
    return np.array(order, np.intp)


def _split_network(weights: str) -> tuple[keras.Model, keras.Model]:
    """Return nn4.small2 up to block 5a, and from there to the embedding. TeachingError for another network."""
    load_keras()
    import keras

    from facecam.networks.convert import create_shipped

    whole = create_shipped(weights)
    if whole.name != "nn4_small2":
        raise TeachingError(f"{weights} cannot be fine-tuned, only nn4.small2; train without --finetune, or choose nn4.small2")
    middle = whole.get_layer(_LAST_FROZEN_LAYER).output
    return keras.Model(whole.input, middle), keras.Model(middle, whole.output)


def _hardest_triplet_loss(people: Any, embeddings: Any) -> Any:
    """Return each anchor's loss, (n,): its farthest face of the same person against its nearest of another."""
    from keras import ops

    people = ops.reshape(people, (-1,))
    squares = ops.maximum(2.0 - 2.0 * ops.matmul(embeddings, ops.transpose(embeddings)), 0.0)
    same = ops.cast(ops.equal(people[:, None], people[None, :]), "float32")
    farthest = ops.max(squares * same, axis=1)
    closest = ops.min(squares + 8.0 * same, axis=1)
    return ops.maximum(farthest - closest + MARGIN, 0.0)
