"""The thread that has explained what is recognized, beside recognition: of each source it takes the newest, and it may lag.

The work is done in a process of its own, of low priority. The thread only cuts out what is to be explained, and waits.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from facecam.embedding.embedder import align, from_crop
from facecam.errors import FacecamError
from facecam.explain.process import ExplainerProcess
from facecam.gallery.gallery import Gallery
from facecam.objects.classifier import central_crop, class_names, cut
from facecam.objects.imagenet import INPUT_SIZE_PX
from facecam.objects.localization import CROP_SCALES, central_square
from facecam.rendering.figures import draw_heatmap, over_square
from facecam.session.latest_value_queue import LatestValueQueue
from facecam.settings import IdentifySettings, Mode
from facecam.types import Box, DecisionStatus, Floats, Frame, Image, Result, Sighting

_WAIT_S = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """A heat map (n, n) float32, 0 to 1, and what it is about: a track's face, or in `square` an object.

    `about` is the name that the face was compared with, or the label. `captured_at_s` is the frame's.
    """

    heat: Floats
    about: str
    captured_at_s: float
    square: Box | None = None

    def to_frame(self, sighting: Sighting | None) -> Floats:
        """The (2, 3) transform from the heat map's pixels to a frame's; a face's goes where that face is seen now."""
        if sighting is not None:
            return from_crop(sighting.face.landmarks_xy)
        assert self.square is not None
        return over_square(self.square, len(self.heat))


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    frame: Frame
    result: Result
    gallery: Gallery | None


Key = tuple[int, int | None]
"""Slot and track; no track for an object."""


class ExplanationWorker(threading.Thread):
    """Explains what it is asked until `stop()`; its methods are for any thread.

    `loading` is True until the first answer to a first question has come; `error` says what ended it.
    """

    def __init__(self, settings: IdentifySettings) -> None:
        super().__init__(name="explain", daemon=True)
        self._settings = settings
        self._questions: LatestValueQueue[_Question] = LatestValueQueue()
        self._found: dict[Key, Explanation] = {}
        self._beside: ExplainerProcess | None = None
        self._labels: set[str] = set()
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self.loading = False
        self.error: FacecamError | None = None

    def ask(self, slot: int, frame: Frame, result: Result, gallery: Gallery | None) -> None:
        """What is to be explained next of a source, instead of what it asked before."""
        self._questions.put(_Question(frame, result, gallery), slot)

    def explained(self, slot: int, result: Result) -> list[tuple[Explanation, Floats]]:
        """The newest heat map of each face or object in a source's result, and the transform that lays it over that frame."""
        seen: dict[Key, Sighting | None] = {(slot, sighting.track_decision.track_id): sighting for sighting in result.sightings}
        found = self._found
        return [
            (found[key], found[key].to_frame(sighting))
            for key, sighting in (seen or {(slot, None): None}).items()
            if key in found
        ]

    def lay(self, bgr: Image, result: Result, slot: int) -> None:
        """Paint them into that frame's picture (height, width, 3) uint8."""
        for one, to_frame in self.explained(slot, result):
            draw_heatmap(bgr, one.heat, to_frame)

    def stop(self) -> None:
        """End it, also in the midst of an explanation."""
        self._stopping.set()
        self._questions.close()
        with self._guard:
            if self._beside is not None:
                self._beside.close()

    def run(self) -> None:
        try:
            while not self._stopping.is_set():
                taken = self._questions.take(_WAIT_S)
                if taken is not None:
                    self._answer(*taken)
        except FacecamError as error:
            self.error = None if self._stopping.is_set() else error
        finally:
            self.loading = False
            self.stop()

    def _answer(self, slot: int, question: _Question) -> None:
        """Explain one thing: the object, or the face whose heat map is the oldest."""
        result = question.result
        tracks = {sighting.track_decision.track_id for sighting in result.sightings} if result.mode is Mode.FACES else {None}
        self._found = {key: heat for key, heat in self._found.items() if key[0] != slot or key[1] in tracks}
        if result.mode is Mode.OBJECTS:
            self._explain_object(slot, question)
            return
        comparable = [sighting for sighting in result.sightings if _named(sighting)]
        if question.gallery is not None and comparable:
            oldest = min(comparable, key=lambda sighting: self._age((slot, sighting.track_decision.track_id)))
            self._explain_face(slot, question, question.gallery, oldest)

    def _age(self, key: Key) -> float:
        found = self._found.get(key)
        return -1.0 if found is None else found.captured_at_s

    def _explain_object(self, slot: int, question: _Question) -> None:
        labels, frame = question.result.labels, question.frame
        if not labels or labels[0].label_id not in self._known_labels():
            self._found = {key: heat for key, heat in self._found.items() if key != (slot, None)}
            return
        region = question.result.region
        square = central_crop(frame.bgr) if region is None else central_square(region, frame.size_wh, CROP_SCALES[0])
        heat = self._opened().object(cut(frame.bgr, square, INPUT_SIZE_PX), labels[0].label_id)
        self._keep((slot, None), Explanation(heat, labels[0].name, frame.captured_at_s, square))

    def _explain_face(self, slot: int, question: _Question, gallery: Gallery, sighting: Sighting) -> None:
        nearest = sighting.track_decision.decision.nearest
        assert nearest is not None
        sample = next((sample for sample in gallery.samples if sample.sample_id == nearest.sample_id), None)
        if sample is None:  # taken out of the gallery a moment ago
            return
        heat = self._opened().face(align(question.frame.bgr, sighting.face.landmarks_xy), sample.embedding)
        self._keep((slot, sighting.track_decision.track_id), Explanation(heat, nearest.name, question.frame.captured_at_s))

    def _known_labels(self) -> set[str]:
        """The labels that can be explained: ImageNet's, by their WordNet ids."""
        self._labels = self._labels or {label_id for label_id, _ in class_names()}
        return self._labels

    def _opened(self) -> ExplainerProcess:
        with self._guard:
            if self._beside is None and not self._stopping.is_set():
                self.loading = True
                self._beside = ExplainerProcess(self._settings)
            if self._beside is None:
                raise FacecamError("nothing is explained any more")
            return self._beside

    def _keep(self, key: Key, found: Explanation) -> None:
        self.loading = False
        self._found = {**self._found, key: found}  # replaced as a whole: others read it meanwhile


def _named(sighting: Sighting) -> bool:
    """Whether a face was compared with somebody it may be."""
    return (
        sighting.track_decision.decision.status in (DecisionStatus.KNOWN, DecisionStatus.UNSURE)
        and sighting.track_decision.decision.nearest is not None
    )
