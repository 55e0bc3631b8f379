"""False match rates between people of one group, gender or age (`facecam evaluate groups`). See docs/internals/groups.md.

The labels are used for the report only: recognition neither infers nor stores them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facecam.errors import ImageError
from facecam.evaluation.lfw import central_face
from facecam.fileio import MAX_TABLE_BYTES, read_regular
from facecam.imageio import read_image
from facecam.networks.embedding_networks import embedding_network
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.recognition.matching import decide, decision_rule, gallery_index
from facecam.recognition.open_set import OpenSetStatistics, load_distance_table, pairwise_l2
from facecam.settings import IdentifySettings, Settings
from facecam.types import DecisionStatus, Floats, Sample

LABELS = "labels.csv"
COLUMNS = ("image", "age", "gender", "group")
EVERYBODY = "all"
ADULTS = "group, adults"
ADULT_YEARS = 20
FEW_PEOPLE = 30
"""The rate of fewer people says little about others: it is shown, but neither ranked nor part of the mean."""
RESAMPLES = 1000
GALLERIES = 100
"""Galleries drawn from the people with one value."""

_ROUNDING_L2 = 0.01

Flags = NDArray[np.bool_]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class LabeledImage:
    """An image of one person, with the labels of its row in labels.csv."""

    path: Path
    age: str
    gender: str
    group: str

    @property
    def years(self) -> int:
        """First number of the age band; 70 for "more than 70"."""
        return int(re.findall(r"\d+", self.age)[0])


@dataclass(frozen=True, slots=True, eq=False)
class LabeledFaces:
    """All images, the indices (n,) of those with a usable face, and their embeddings (n, length) by name of the network."""

    images: Sequence[LabeledImage]
    usable: Rows
    embeddings: dict[str, Floats]


@dataclass(frozen=True, slots=True)
class GroupRate:
    """False match rate between the people with one value of a label, from 0 to 1. None without two people, or with a mean of 0.

    Attributes:
        label: age, gender, group, ADULTS for the groups among adults, or EVERYBODY.
        value: Value of the label.
        photos: Images with this value.
        people: Those with a usable face, each of another person.
        pairs: Pairs of people; each of two is once enrolled and once the stranger.
        false_match_rate: Share of strangers within the enrolled person's own threshold.
        low: Lower end of its 95 % interval, by bootstrap over the people.
        high: Upper end of it; three in the number of pairs when no pair matches.
        ratio: The rate as a multiple of the mean over the label's ranked values.
        uncorrected_rate: Rate with the gallery's threshold for everybody, without the cohort.
        uncorrected_ratio: The same as a multiple of the mean over the label's ranked values.
        threshold_l2: Mean of the people's own thresholds, with the gallery's spread of 1.
        strangers_named: Share of strangers that get a name in galleries of people with this value; the strangers have it too.
        strangers_threshold_l2: Mean of the people's own thresholds in these galleries.
        ranked: There are at least FEW_PEOPLE, or no value of the label has as many and there are two.
    """

    label: str
    value: str
    photos: int
    people: int
    pairs: int
    false_match_rate: float | None
    low: float | None
    high: float | None
    ratio: float | None
    uncorrected_rate: float | None
    uncorrected_ratio: float | None
    threshold_l2: float | None
    strangers_named: float | None
    strangers_threshold_l2: float | None
    ranked: bool


@dataclass(frozen=True, slots=True)
class GroupReport:
    """Rates of one network at the automatic threshold of a gallery of `enrolled` people with one photo each."""

    network: str
    label: str
    enrolled: int
    fpir: float
    threshold_l2: float
    rates: Sequence[GroupRate]

    def to_dict(self) -> dict[str, Any]:
        """Return the figures by their JSON names."""
        return asdict(self)

    @property
    def summary(self) -> str:
        """Text that says for whom the network works worst, and which values have too few people to be ranked."""
        worst, few = [], []
        for label in ("group", "gender", "age"):
            rates = sorted((rate for rate in self.rates if rate.label == label), key=lambda rate: -(rate.false_match_rate or 0))
            ranked = [rate for rate in rates if rate.ranked]
            highest = max((rate.false_match_rate or 0 for rate in ranked), default=0)
            worst += [_described(rate) for rate in ranked[:1] if rate.false_match_rate]
            few += [
                f"{_described(rate)}, {rate.people} people"
                for rate in rates
                if not rate.ranked and (rate.false_match_rate or 0) > highest
            ]
        if not worst and not few:
            return f"{self.label}: no two people of the same group, gender or age match."
        none = f"{self.label}: no two people of a group, gender or age with {FEW_PEOPLE} people or more match."
        sentences = [f"{self.label} works worst for {'; '.join(worst)}." if worst else none]
        if few:
            sentences.append(f"Higher rates, but of fewer than {FEW_PEOPLE} people: {'; '.join(few)}.")
        galleries = [(rate.strangers_named, rate) for rate in self.rates if rate.ranked and rate.strangers_named is not None]
        if galleries:
            share, rate = max(galleries, key=lambda found: found[0])
            sentences.append(
                f"With {self.enrolled} people of one kind enrolled, at most {100 * share:.2f} % of strangers of this kind "
                f"get a name ({rate.label} {rate.value}); {100 * self.fpir:.4g} % are allowed."
            )
        return " ".join(sentences)


def _described(rate: GroupRate) -> str:
    assert rate.false_match_rate is not None
    of_mean = "" if rate.ratio is None else f", {rate.ratio:.1f} times the mean"
    return f"{rate.label} {rate.value} ({100 * rate.false_match_rate:.2f} % of pairs match{of_mean})"


def read_labels(directory: Path, part: tuple[int, int] = (1, 1)) -> list[LabeledImage]:
    """Read DIR/labels.csv.

    Args:
        directory: Folder with labels.csv and images/.
        part: (first, step): only the images of the rows first, first + step, first + 2 step ..., counted from 1.

    Raises:
        ImageError: The table is missing or malformed. Names the file and the line.
    """
    path, images = directory / LABELS, []
    try:
        with io.StringIO(read_regular(path, MAX_TABLE_BYTES).decode("utf-8-sig"), newline="") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                values = [row.get(column) or "" for column in COLUMNS]
                if not all(values) or not re.search(r"\d", values[1]):
                    got = ",".join(value for value in row.values() if isinstance(value, str))
                    raise ImageError(f"{path}, line {line}: expected {', '.join(COLUMNS)} with an age in years, got {got}")
                images.append(LabeledImage(directory / "images" / values[0], *values[1:]))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"{path} cannot be read: {reason}; give the folder that holds it") from error
    first, step = part
    return images[first - 1 :: step]


def embed_images(
    images: Sequence[LabeledImage], networks: Sequence[str], settings: Settings, report_progress: Callable[[int, int], None]
) -> LabeledFaces:
    """Embed the usable face nearest to each image's center with each network.

    Raises:
        ImageError: An image cannot be read, or fewer than two show a usable face.
        ModelError: A network is missing or damaged.
    """
    usable, embeddings = [], {network: list[Floats]() for network in networks}
    with ExitStack() as stack:
        analyzers = {
            network: stack.enter_context(open_face_analyzer(settings.replace({"identify.network": network})))
            for network in networks
        }
        detector = analyzers[networks[0]]
        for number, image in enumerate(images):
            bgr = read_image(image.path)
            faces = detector.detect(bgr)
            for network, analyzer in analyzers.items():
                face = central_face(analyzer.observe(bgr, faces, [True] * len(faces)), bgr)
                if face is not None and face.embedding is not None:
                    embeddings[network].append(face.embedding)
                    usable += [number] if analyzer is detector else []
            report_progress(number + 1, len(images))
    if len(usable) < 2:
        raise ImageError(f"{len(images)} images contain {len(usable)} usable faces; two are needed")
    return LabeledFaces(images, np.array(usable), {network: np.stack(rows) for network, rows in embeddings.items()})


def evaluate(faces: LabeledFaces, network: str, enrolled: int, fpir: float) -> GroupReport:
    """Return the rates at the automatic threshold of galleries of this many people with one photo each.

    The false match rate is that of two people in a gallery of people who do not resemble each other. `strangers_named` is what
    the false positive identification rate `fpir` promises, with everything that recognition applies to one image.
    """
    settings = IdentifySettings(network=network, false_positive_identification_rate=fpir)
    measured = _Comparison(faces.embeddings[network], enrolled, settings)
    rates = [rate for label, values in _labels(faces.images) for rate in _label_rates(label, values, faces, measured)]
    return GroupReport(network, embedding_network(network).label, enrolled, fpir, measured.threshold_l2, rates)


class _Comparison:
    """Faces of different people, compared with each other. `embeddings` is (n, length)."""

    def __init__(self, embeddings: Floats, enrolled: int, settings: IdentifySettings) -> None:
        self._embeddings, self._enrolled, self._settings = embeddings, enrolled, settings
        table, cap_l2 = load_distance_table(settings.network), embedding_network(settings.network).threshold_l2
        fpir = settings.false_positive_identification_rate
        self.threshold_l2 = OpenSetStatistics(enrolled).threshold_l2(fpir, table, cap_l2)
        self.own_l2 = self.threshold_l2 - table.threshold_reduction_l2(embeddings)
        self._apart_l2 = pairwise_l2(embeddings, embeddings)
        np.fill_diagonal(self._apart_l2, np.inf)
        self.matches: Flags = self._apart_l2 <= self.own_l2[:, np.newaxis]
        self.uncorrected_matches: Flags = self._apart_l2 <= self.threshold_l2

    def strangers_named(self, rows: Rows) -> tuple[float, float] | tuple[None, None]:
        """Return the share of strangers that get a name in galleries of these people, and the mean of the people's thresholds.

        The people are drawn at random, the others are the strangers.
        """
        if len(rows) < 2 * self._enrolled:
            return None, None
        random, named, thresholds = np.random.default_rng(0), 0, []
        for _ in range(GALLERIES):
            drawn = random.permutation(rows)
            people, strangers = drawn[: self._enrolled], drawn[self._enrolled :]
            samples = [self._sample(row) for row in people]
            rule, index = decision_rule(self._settings, samples), gallery_index(self._settings, samples)
            near = strangers[self._apart_l2[np.ix_(strangers, people)].min(axis=1) <= rule.threshold_l2 + _ROUNDING_L2]
            decisions = [decide(match, rule) for match in index.nearest_batch(self._embeddings[near])]
            named += sum(decision.status is DecisionStatus.KNOWN for decision in decisions)
            thresholds += [rule.own_threshold_l2(own) for own, _ in index.nearest_batch(self._embeddings[people]) if own]
        return named / (GALLERIES * (len(rows) - self._enrolled)), float(np.mean(thresholds))

    def _sample(self, row: np.intp) -> Sample:
        name = str(row)
        return Sample(sample_id=name, person_id=name, name=name, photo=Path(name), embedding=self._embeddings[row])


def _labels(images: Sequence[LabeledImage]) -> list[tuple[str, list[str | None]]]:
    """Return each label with its value for each image; None leaves the image out."""
    return [
        (EVERYBODY, ["people"] * len(images)),
        ("group", [image.group for image in images]),
        (ADULTS, [image.group if image.years >= ADULT_YEARS else None for image in images]),
        ("gender", [image.gender for image in images]),
        ("age", [image.age for image in images]),
    ]


def _label_rates(label: str, values: list[str | None], faces: LabeledFaces, measured: _Comparison) -> list[GroupRate]:
    """Return the rate of each value of a label."""
    years = {value: image.years for value, image in zip(values, faces.images, strict=True)} if label == "age" else {}
    names = sorted({value for value in values if value is not None}, key=lambda value: (years.get(value, 0), value))
    of_face = np.array([values[number] or "" for number in faces.usable])
    members = [np.flatnonzero(of_face == name) for name in names]
    corrected = [_match_rate(measured.matches, rows) for rows in members]
    uncorrected = [_match_rate(measured.uncorrected_matches, rows) for rows in members]
    enough = [len(rows) >= FEW_PEOPLE for rows in members]
    counted = [many if any(enough) else len(rows) > 1 for many, rows in zip(enough, members, strict=True)]
    rates = []
    for name, rows, rate, plain, ranked in zip(names, members, corrected, uncorrected, counted, strict=True):
        low, high = _interval(measured.matches, rows)
        named, named_l2 = measured.strangers_named(rows)
        found = GroupRate(
            label=label,
            value=name,
            photos=values.count(name),
            people=len(rows),
            pairs=len(rows) * (len(rows) - 1) // 2,
            false_match_rate=rate,
            low=low,
            high=high,
            ratio=_ratio(rate, list(compress(corrected, counted))),
            uncorrected_rate=plain,
            uncorrected_ratio=_ratio(plain, list(compress(uncorrected, counted))),
            threshold_l2=float(measured.own_l2[rows].mean()) if len(rows) else None,
            strangers_named=named,
            strangers_threshold_l2=named_l2,
            ranked=ranked,
        )
        rates.append(found)
    return rates


def _match_rate(matches: Flags, rows: Rows) -> float | None:
    pairs = len(rows) * (len(rows) - 1)
    return float(matches[np.ix_(rows, rows)].sum() / pairs) if pairs else None


def _ratio(rate: float | None, others: Sequence[float | None]) -> float | None:
    measured = [other for other in others if other is not None]
    return rate / float(np.mean(measured)) if rate is not None and any(measured) else None


def _interval(matches: Flags, rows: Rows) -> tuple[float, float] | tuple[None, None]:
    """Return the 95 % interval of the match rate by bootstrap over the people; a person never matches the same person."""
    count = len(rows)
    if count < 2:
        return None, None
    found = matches[np.ix_(rows, rows)].astype(np.float32)
    if not found.any():
        return 0.0, min(3 / (count * (count - 1) // 2), 1.0)
    drawn = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), size=RESAMPLES).astype(np.float32)
    pairs = count**2 - (drawn**2).sum(axis=1)
    shares = ((drawn @ found) * drawn).sum(axis=1) / np.maximum(pairs, 1)
    low, high = np.quantile(shares, (0.025, 0.975))
    return float(low), float(high)
