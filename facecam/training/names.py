"""A head for names: one learned prototype a person on the sphere of embeddings, and a threshold that turns strangers away. Pure.

Minimized over unit prototypes p_c, starting from each person's mean embedding m_c, is

    mean_i -log softmax(SCALE * x_i p)[y_i]  +  PULL * mean_c |p_c - m_c|^2

(Wang et al., "NormFace", ACM Multimedia 2017: softmax over scaled cosines). The pull keeps a person of few photos near the mean.
A face gets the nearest prototype's name when that is no farther than the threshold, in plain L2 as everywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam import __version__
from facecam.errors import ModelError, TeachingError
from facecam.fileio import write_atomic
from facecam.networks.trained import NETWORK_FILE, InputForm, TrainedNetwork, read_trained, trained_arrays
from facecam.objects.taught import softmax, unit_rows
from facecam.types import Floats, Image

if TYPE_CHECKING:
    import keras


SCALE = 12.0
PULL = 20.0
"""Chosen among 4, 20, 100 and 1000 on people of LFW view 1's training pairs, with strangers from there; 4 loses much."""

MIN_PHOTOS = 2
_STEPS = 200
_RATE = 0.02

Numbers = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class NamesHead:
    """`prototypes` (people, 128) float32 of length 1, as `names` has them; beyond `threshold_l2` is a stranger."""

    names: tuple[str, ...]
    prototypes: Floats
    threshold_l2: float

    def nearest(self, embeddings: Floats) -> tuple[Numbers, Floats]:
        """The person of the nearest prototype for (n, 128) embeddings of length 1, and its distance in plain L2."""
        return nearest(embeddings, self.prototypes, np.arange(len(self.names)))

    def name(self, embedding: Floats) -> str | None:
        """Whose face (128,) this is; None for a stranger."""
        person, distance = self.nearest(embedding[None])
        return self.names[person[0]] if distance[0] <= self.threshold_l2 else None


def nearest(embeddings: Floats, among: Floats, people: Numbers) -> tuple[Numbers, Floats]:
    """Of each embedding (n, 128) the person of the nearest row of `among`, and the distance in plain L2."""
    cosines = embeddings @ among.T
    best = cosines.argmax(axis=1)
    closest = cosines[np.arange(len(embeddings)), best]
    return people[best], np.sqrt(np.maximum(2 - 2 * closest, 0)).astype(np.float32)


def fit_names(embeddings: Floats, people: Numbers, names: Sequence[str], far: float, cap_l2: float) -> NamesHead:
    """The head for (n, 128) embeddings of length 1 and the number of each one's person.

    The threshold lets at most `far` of strangers pass, the strangers being each person in turn to a head fitted without them; it
    is never above `cap_l2`, which is all that is known of two people. TeachError for fewer people, or with too few photos.
    """
    counts = np.bincount(people, minlength=len(names))
    few = [name for name, count in zip(names, counts, strict=True) if count < MIN_PHOTOS]
    if len(names) < 2 or few:
        lacking = f"{', '.join(few)} have fewer" if few else f"there are {len(names)} people"
        raise TeachingError(f"names need two people or more with {MIN_PHOTOS} usable photos each; {lacking}: enroll more")
    threshold = min(cap_l2, threshold_at(_strangers_l2(embeddings, people), far)) if len(names) > 2 else cap_l2
    return NamesHead(tuple(names), prototypes(embeddings, people), threshold)


def prototypes(embeddings: Floats, people: Numbers, scale: float = SCALE, pull: float = PULL) -> Floats:
    """(people, 128) float32 of length 1, by Adam (Kingma, Ba, arXiv:1412.6980) from the means; the same every time."""
    wanted = np.eye(int(people.max()) + 1, dtype=np.float32)[people]
    means = unit_rows(wanted.T @ embeddings)
    at = means.copy()
    first, second = np.zeros_like(at), np.zeros_like(at)
    for step in range(1, _STEPS + 1):
        apart = softmax((scale * embeddings @ at.T).astype(np.float32)) - wanted
        fit = scale / len(embeddings) * (apart.T @ embeddings)
        gradient = (fit + 2 * pull / len(at) * (at - means)).astype(np.float32)
        first = (0.9 * first + 0.1 * gradient).astype(np.float32)
        second = (0.99 * second + 0.01 * gradient * gradient).astype(np.float32)
        rate = _RATE * (1 - step / (_STEPS + 1))
        change = rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-6)
        at = unit_rows((at - change).astype(np.float32))
    return at


def threshold_at(strangers_l2: Floats, far: float) -> float:
    """The largest threshold at which at most `far` of these distances lie at or below it."""
    allowed = int(np.floor(far * len(strangers_l2)))
    return float(np.nextafter(np.partition(strangers_l2, allowed)[allowed], np.float32(-1)))


def _strangers_l2(embeddings: Floats, people: Numbers) -> Floats:
    """How near each photo comes to the prototypes of all others, its person left out of fitting."""
    found = np.empty(len(people), np.float32)
    for person in np.unique(people):
        own = people == person
        _, others = np.unique(people[~own], return_inverse=True)
        left = prototypes(embeddings[~own], others.reshape(-1))
        found[own] = nearest(embeddings[own], left, np.arange(len(left)))[1]
    return found


# MERGED teach.names_result: A head for names as a folder: prototypes, threshold, and with fine-tuning the end of the network, as plain arrays.

RECIPE = "names"
_PROTOTYPES = "prototypes"
_FORM = InputForm(96, 3)


class FacePhoto(Protocol):
    """What is learned from: a photo's embedding (128,) float32 of length 1, and whose it is."""

    @property
    def name(self) -> str: ...
    @property
    def embedding(self) -> Floats: ...


@dataclass(frozen=True, slots=True, eq=False)
class NamesData:
    """Embeddings (n, 128) by the network `weights`, the number of each one's person, and, for fine-tuning, the aligned crops.

    `moved` are the arrays at the network's end that the embeddings were made with, if they are not its own.
    """

    names: tuple[str, ...]
    people: NDArray[np.intp]
    embeddings: Floats
    weights: str
    crops_rgb: Image | None = None
    moved: dict[str, NDArray[Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, samples: Sequence[FacePhoto], weights: str, crops_rgb: Sequence[Image] | None = None) -> NamesData:
        """The samples of a gallery. TeachError when there are none."""
        if not samples:
            raise TeachingError(
                "nobody is enrolled with a usable photo, so there are no names to learn; `facecam enroll` adds people"
            )
        names = tuple(sorted({sample.name for sample in samples}))
        people = np.array([names.index(sample.name) for sample in samples], np.intp)
        crops = None if crops_rgb is None else np.stack(crops_rgb)
        return cls(names, people, np.stack([sample.embedding for sample in samples]), weights, crops)


def finetune_names(data: NamesData, seed: int, told: Callable[[int, int, float], None]) -> NamesData:
    """The same people by a network whose last block was moved for them. Needs the crops."""
    assert data.crops_rgb is not None
    moved = finetune_embedding(data.weights, data.crops_rgb, data.people, seed, told)
    return replace(data, moved=moved, embeddings=embed_with(data.weights, moved, data.crops_rgb))


def save(data: NamesData, far: float, cap_l2: float, folder: Path) -> TrainedNetwork:
    """Fit the head and write it to `folder`, over an earlier one. TeachError when it cannot be fitted or written."""
    from safetensors.numpy import save as packed

    if folder.is_dir() and any(folder.iterdir()) and not (folder / NETWORK_FILE).is_file():
        raise TeachingError(f"{folder} holds other things than a trained network; name another folder with -o")
    head = fit_names(data.embeddings, data.people, data.names, far, cap_l2)
    content = packed({_PROTOTYPES: head.prototypes, **data.moved})
    digest = hashlib.sha256(content).hexdigest()
    figures = {
        "facecam": __version__,
        "threshold_l2": head.threshold_l2,
        "photos": len(data.people),
        "finetuned": bool(data.moved),
    }
    weights = f"weights-{digest[:12]}.safetensors"
    network = TrainedNetwork(folder, RECIPE, data.weights, _FORM, data.names, weights, digest, figures)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(folder / weights, content)
        write_atomic(folder / NETWORK_FILE, network.to_json().encode())
        for old in folder.glob("weights-*.safetensors"):
            if old.name != weights:
                old.unlink(missing_ok=True)
    except OSError as error:
        raise TeachingError(f"{folder} cannot be written: {error.strerror}; name another folder with -o") from error
    return network


def load(folder: Path) -> tuple[NamesHead, dict[str, NDArray[Any]]]:
    """The head, and the arrays to put at the network's end before faces are embedded for it, none when it was left as it is.

    ModelError when the folder is damaged or holds something else.
    """
    network = read_trained(folder)
    arrays = trained_arrays(network)
    prototypes = arrays.pop(_PROTOTYPES, None)
    if network.recipe != RECIPE or prototypes is None or len(prototypes) != len(network.labels):
        raise ModelError(f"{folder} holds no head for names but a network of the recipe {network.recipe}; train names anew")
    return NamesHead(network.labels, prototypes, float(network.figures["threshold_l2"])), arrays


# MERGED teach.triplet: nn4.small2's last inception block and its dense layer, moved a little for the people enrolled, by triplets of faces.
#
# FaceNet's loss (Schroff, Kalenichenko, Philbin, CVPR 2015), max(0, |a - p|^2 - |a - n|^2 + margin), with each batch's hardest
# positive and negative for every anchor (Hermans, Beyer, Leibe, arXiv:1703.07737). All before block 5b stays as it is and runs
# once over every crop, its mirror image and a darker, a brighter and a blurred one.

MARGIN = 0.2
RATE = 1e-5
EPOCHS = 12
_PEOPLE, _EACH = 8, 4
_BEFORE = "inception_5a"


def finetune_embedding(
    weights: str, crops_rgb: Image, people: Numbers, seed: int, told: Callable[[int, int, float], None]
) -> dict[str, NDArray[Any]]:
    """The arrays of block 5b and the dense layer, by "layer/array", after EPOCHS rounds over (n, 96, 96, 3) uint8 RGB crops.

    `weights` names the embedding network. `told(epoch, epochs, loss)` hears of every round. Fixed seed.
    """
    import keras

    keras.utils.set_random_seed(seed)
    before, tail = _parts(weights)
    for layer in tail.layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    x, y = varied(crops_rgb, people)
    features = np.concatenate([np.asarray(before(x[n : n + 64], training=False)) for n in range(0, len(x), 64)])
    tail.compile(optimizer=keras.optimizers.Adam(RATE), loss=_hardest_triplets, jit_compile=False)
    random = np.random.default_rng(seed)
    for epoch in range(EPOCHS):
        order = batches(y, random)
        fit = tail.fit(features[order], y[order].astype(np.float32), batch_size=_PEOPLE * _EACH, shuffle=False, verbose=0)
        told(epoch + 1, EPOCHS, float(fit.history["loss"][-1]))
    return {f"{layer.name}/{v.name}": v.numpy() for layer in tail.layers for v in layer.weights}


def embed_with(weights: str, arrays: dict[str, NDArray[Any]], crops_rgb: Image) -> Floats:
    """(n, 128) embeddings of length 1, averaged with the mirror image's, by the network with these arrays at its end.

    ModelError when they are not those of its end.
    """
    before, tail = _parts(weights)
    for layer in tail.layers:
        for variable in layer.weights:
            array = arrays.get(f"{layer.name}/{variable.name}")
            if array is None or array.shape != tuple(variable.shape):
                raise ModelError(
                    f"these arrays are not the end of {weights}: {layer.name}/{variable.name} is missing; train anew"
                )
            variable.assign(array)
    found = []
    for start in range(0, len(crops_rgb), 32):
        batch = crops_rgb[start : start + 32].astype(np.float32) / np.float32(255)
        both = np.asarray(tail(before(np.concatenate([batch, batch[:, :, ::-1]]), training=False), training=False))
        mean = both[: len(batch)] + both[len(batch) :]
        found.append(mean / np.linalg.norm(mean, axis=1, keepdims=True))
    return np.concatenate(found)


def varied(crops_rgb: Image, people: Numbers) -> tuple[Floats, Numbers]:
    """Every crop five times, (5 n, 96, 96, 3) float32 in 0..1: as it is, mirrored, darker, brighter, blurred; and its person."""
    unit = crops_rgb.astype(np.float32) / np.float32(255)
    blurred = np.stack([cv2.GaussianBlur(crop, (0, 0), 1.2) for crop in unit])
    return np.concatenate([unit, unit[:, :, ::-1], unit**1.4, unit**0.7, blurred]).astype(np.float32), np.tile(people, 5)


def batches(people: Numbers, random: np.random.Generator) -> Numbers:
    """Rows in an order whose every 32 are eight people with four faces each; fewer people are asked again."""
    rows = {int(person): np.flatnonzero(people == person) for person in np.unique(people)}
    order: list[int] = []
    for _ in range(max(1, len(people) // (_PEOPLE * _EACH))):
        chosen = random.permutation(list(rows))[:_PEOPLE]
        for person in np.resize(chosen, _PEOPLE):
            order += list(random.choice(rows[int(person)], _EACH, replace=len(rows[int(person)]) < _EACH))
    return np.array(order, np.intp)


def _parts(weights: str) -> tuple[keras.Model, keras.Model]:
    """nn4.small2 up to block 5a, and from there to the embedding."""
    import keras

    from facecam.embedding.nn4_small2 import create_model

    whole = create_model(weights)
    middle = whole.get_layer(_BEFORE).output
    return keras.Model(whole.input, middle), keras.Model(middle, whole.output)


def _hardest_triplets(people: Any, embeddings: Any) -> Any:
    """The loss of each anchor of a batch, (n,): its farthest face of the same person against its nearest of another."""
    from keras import ops

    people = ops.reshape(people, (-1,))
    squares = ops.maximum(2.0 - 2.0 * ops.matmul(embeddings, ops.transpose(embeddings)), 0.0)
    same = ops.cast(ops.equal(people[:, None], people[None, :]), "float32")
    farthest = ops.max(squares * same, axis=1)
    closest = ops.min(squares + 8.0 * same, axis=1)
    return ops.maximum(farthest - closest + MARGIN, 0.0)
