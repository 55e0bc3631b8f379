"""Thread that computes heat maps for the newest recognized frame of each source, without delaying recognition.

A process of low priority does the work. The thread only crops the face or object and waits.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from facecam.embedding.embedder import align, crop_to_image, embedding_id
from facecam.errors import FacecamError
from facecam.explain.process import ExplainerProcess
from facecam.gallery.gallery import Gallery
from facecam.messages import TranslatableText
from facecam.networks.embedding_networks import Alignment, embedding_network
from facecam.objects.classifier import central_crop, class_names, crop_square
from facecam.objects.imagenet import INPUT_SIZE_PX
from facecam.objects.localization import CROP_SCALES, central_square
from facecam.rendering.figures import draw_heatmap, square_transform
from facecam.session.latest_value_queue import LatestValueQueue
from facecam.settings import IdentifySettings, Mode
from facecam.types import Box, DecisionStatus, Floats, Frame, Image, Result, Sighting

_WAIT_S = 0.2
_MAX_FAILURES = 3
"""The worker ends after this many failed explanations without a successful one in between."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """Heat map (n, n) float32, 0 to 1, of a track's face or of the object in `square`.

    `subject` is the name that the face was compared with, or the label. `captured_at_s` is the frame's. `alignment` is that of
    the network that compared the face.
    """

    heatmap: Floats
    subject: str
    captured_at_s: float
    square: Box | None = None
    alignment: Alignment | None = None

    def to_frame(self, sighting: Sighting | None) -> Floats:
        """Return the (2, 3) transform from the heat map's pixels to a frame's; a face's follows `sighting`."""
        if sighting is not None and self.alignment is not None:
            return crop_to_image(sighting.face.landmarks_xy, self.alignment)
        assert self.square is not None
        return square_transform(self.square, len(self.heatmap))


@dataclass(frozen=True, slots=True, eq=False)
class _Request:
    frame: Frame
    result: Result
    gallery: Gallery | None


Key = tuple[int, int | None]
"""Slot and track id, None for an object."""


class ExplanationWorker(threading.Thread):
    """Explains submitted results until `stop()`. Its methods are usable from any thread.

    An explanation that fails is skipped, and the next one has a new process. `loading` is True while the first explanation is
    computed; `error` is what ended the thread.
    """

    def __init__(self, settings: IdentifySettings) -> None:
        super().__init__(name="explain", daemon=True)
        self._settings = settings
        self._requests: LatestValueQueue[_Request] = LatestValueQueue()
        self._explanations: dict[Key, Explanation] = {}
        self._process: ExplainerProcess | None = None
        self._labels: set[str] = set()
        self._failures = 0
        self._attempted_at_s: dict[Key, float] = {}
        self._process_lock = threading.Lock()
        self._stopping = threading.Event()
        self.loading = False
        self.error: FacecamError | None = None

    def submit(self, slot: int, frame: Frame, result: Result, gallery: Gallery | None) -> None:
        """Request the explanation of a source's result, replacing its previous request."""
        self._requests.put(_Request(frame, result, gallery), slot)

    def explanations(self, slot: int, result: Result) -> list[tuple[Explanation, Floats]]:
        """Return the newest explanation of each face or object in a source's result, with its transform to the frame."""
        sightings: dict[Key, Sighting | None] = {
            (slot, sighting.track_decision.track_id): sighting for sighting in result.sightings
        }
        explanations = self._explanations
        return [
            (explanations[key], explanations[key].to_frame(sighting))
            for key, sighting in (sightings or {(slot, None): None}).items()
            if key in explanations
        ]

    def draw_heatmaps(self, bgr: Image, result: Result, slot: int) -> None:
        """Draw the explanations into the frame's image (height, width, 3) uint8."""
        for explanation, to_frame in self.explanations(slot, result):
            draw_heatmap(bgr, explanation.heatmap, to_frame)

    def stop(self) -> None:
        """Stop, also during an explanation."""
        self._stopping.set()
        self._requests.close()
        self._close_process()

    def run(self) -> None:
        try:
            while not self._stopping.is_set() and self.error is None:
                taken = self._requests.take(_WAIT_S)
                if taken is not None:
                    self._explain_or_skip(*taken)
        finally:
            self.loading = False
            self.stop()

    def _explain_or_skip(self, slot: int, request: _Request) -> None:
        try:
            self._explain(slot, request)
        except Exception as error:  # noqa: BLE001 - whatever one face does, the others are explained
            if self._stopping.is_set():
                return
            self._failures += 1
            _log.warning("an explanation failed: %s", error, exc_info=not isinstance(error, FacecamError))
            self._close_process()
            if self._failures >= _MAX_FAILURES:
                reason = error if isinstance(error, FacecamError) else TranslatableText("internal error ({error})", error=error)
                self.error = FacecamError("explanations stopped: {reason}; switch them off and on again", reason=reason)

    def _explain(self, slot: int, request: _Request) -> None:
        """Explain the object, or the face whose turn is the longest ago."""
        result = request.result
        tracks = {sighting.track_decision.track_id for sighting in result.sightings} if result.mode is Mode.FACES else {None}
        self._explanations = {key: value for key, value in self._explanations.items() if key[0] != slot or key[1] in tracks}
        self._attempted_at_s = {key: at_s for key, at_s in self._attempted_at_s.items() if key[0] != slot or key[1] in tracks}
        if result.mode is Mode.OBJECTS:
            self._explain_object(slot, request)
            return

        def attempted_at_s(sighting: Sighting) -> float:
            return self._attempted_at_s.get((slot, sighting.track_decision.track_id), -1.0)

        comparable = [sighting for sighting in result.sightings if _is_comparable(sighting)]
        gallery = request.gallery
        # While the gallery is embedded by another network, these settings may be ahead of it.
        if gallery is not None and comparable and gallery.embedding_id == embedding_id(self._settings):
            sighting = min(comparable, key=attempted_at_s)
            self._attempted_at_s[slot, sighting.track_decision.track_id] = request.frame.captured_at_s
            self._explain_face(slot, request, gallery, sighting)

    def _explain_object(self, slot: int, request: _Request) -> None:
        labels, frame = request.result.labels, request.frame
        if not labels or labels[0].label_id not in self._known_labels():
            self._explanations = {key: value for key, value in self._explanations.items() if key != (slot, None)}
            return
        region = request.result.region
        square = central_crop(frame.bgr) if region is None else central_square(region, frame.size_wh, CROP_SCALES[0])
        heatmap = self._open_process().object(crop_square(frame.bgr, square, INPUT_SIZE_PX), labels[0].label_id)
        self._store((slot, None), Explanation(heatmap, labels[0].name, frame.captured_at_s, square))

    def _explain_face(self, slot: int, request: _Request, gallery: Gallery, sighting: Sighting) -> None:
        nearest = sighting.track_decision.decision.nearest
        assert nearest is not None
        sample = next((sample for sample in gallery.samples if sample.sample_id == nearest.sample_id), None)
        if sample is None:  # just removed from the gallery
            return
        alignment = embedding_network(self._settings.network).alignment
        crop_rgb = align(request.frame.bgr, sighting.face.landmarks_xy, alignment)
        heatmap = self._open_process().face(crop_rgb, sample.embedding)
        explanation = Explanation(heatmap, nearest.name, request.frame.captured_at_s, alignment=alignment)
        self._store((slot, sighting.track_decision.track_id), explanation)

    def _known_labels(self) -> set[str]:
        """Return the WordNet ids of the labels that can be explained, which are ImageNet's."""
        self._labels = self._labels or {label_id for label_id, _ in class_names()}
        return self._labels

    def _open_process(self) -> ExplainerProcess:
        with self._process_lock:
            if self._process is None and not self._stopping.is_set():
                self.loading = True
                self._process = ExplainerProcess(self._settings)
            if self._process is None:
                raise FacecamError("the explanation worker has stopped")
            return self._process

    def _close_process(self) -> None:
        with self._process_lock:
            if self._process is not None:
                self._process.close()
                self._process = None

    def _store(self, key: Key, explanation: Explanation) -> None:
        self.loading = False
        self._failures = 0
        self._explanations = {**self._explanations, key: explanation}  # replaced as a whole, because other threads read it


def _is_comparable(sighting: Sighting) -> bool:
    """Return whether the face has a nearest person whom it may be."""
    decision = sighting.track_decision.decision
    return decision.status in (DecisionStatus.KNOWN, DecisionStatus.UNSURE) and decision.nearest is not None
