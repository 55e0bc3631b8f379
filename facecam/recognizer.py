"""Recognizer(frame) -> Result: the whole way of a frame, from pixels to decisions. No threads, no window, no clock of its own.

It may be changed while it runs: mode, settings and gallery take effect with the next frame.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from facecam.enrollment.corrections import Correction, Corrections
from facecam.errors import GalleryError
from facecam.expression.reader import NETWORK as EXPRESSION_NETWORK
from facecam.expression.reader import ExpressionReader
from facecam.expression.tracking import TrackExpressions
from facecam.gallery.gallery import Gallery, reading_conditions
from facecam.networks.convert import ensure_compiled
from facecam.objects import pipeline as objects
from facecam.recognition import tracking
from facecam.recognition.face_analyzer import FaceAnalyzer, FaceObservation, FollowerState, NeedsEmbedding, analyzer_networks
from facecam.recognition.matching import Index, Match, decide_frame, decision_rule, own_threshold_l2, skipped, without_rule
from facecam.recognition.quality import evidence_weight
from facecam.recognition.tracking import EMBED_EVERY_MS, TrackVotes, single
from facecam.settings import Mode, Settings
from facecam.types import Decision, Event, Expression, Frame, Result, Sighting, TrackDecision


def networks_for(settings: Settings, mode: Mode) -> list[str]:
    """The compiled networks that a recognizer in this mode needs."""
    return objects.networks(settings) if mode is Mode.OBJECTS else [*analyzer_networks(settings), EXPRESSION_NETWORK]


@dataclass(slots=True, eq=False)
class _SourceState:
    """What is remembered of one source from frame to frame."""

    tracker: tracking.Tracker
    following: FollowerState
    expressions: TrackExpressions
    was_empty: bool = False


class Recognizer:
    """Recognizes frame after frame of one source, or of several in turn. Owned by the thread that passes the first frame.

    Frames of different sources carry different `slot` numbers: their tracks have nothing to do with each other. `gallery_dir` is
    the people's folder; it need not exist. `progress(done, total)` counts photos that are embedded anew. `clock` gives
    seconds for the timings in the results. Raises ModelError when a network's weights are missing or damaged, GalleryError when
    the folder cannot be read.
    """

    def __init__(
        self,
        settings: Settings,
        gallery_dir: Path,
        mode: Mode = Mode.FACES,
        *,
        progress: Callable[[int, int], None] | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._settings = settings
        self._gallery_dir = gallery_dir
        self._progress = progress
        self._clock = clock
        self._rule = decision_rule(settings.identify, ())
        self._views: dict[int, _SourceState] = {}
        self._corrections = Corrections(own_threshold_l2(settings.identify.network), self._ballot)
        self._track_ids = itertools.count(1)
        self._pipeline: FaceAnalyzer | None = None
        self._expressions: ExpressionReader | None = None
        self._objects: objects.ObjectPipeline | None = None
        self._watched: dict[int, objects.ObjectState] = {}
        self.gallery = Gallery(gallery_dir, "")
        self.mode = mode
        self.embed_every_face = False
        """Whether every face of every frame is embedded, also those of settled tracks."""
        self.observations: tuple[FaceObservation, ...] = ()
        """What was read in the last frame in which faces were looked for."""
        self.open()

    @property
    def reader(self) -> FaceAnalyzer | None:
        """What reads faces now; another one after some changes of the settings, None as long as only objects are looked at."""
        return self._pipeline if self.mode is Mode.FACES else None

    def open(self) -> None:
        """Load what the current mode needs; compiles its networks first when this machine has not done so yet."""
        ensure_compiled(networks_for(self._settings, self.mode))
        threads = self._settings.identify.threads
        if self.mode is Mode.OBJECTS:
            self._objects = self._objects or objects.ObjectPipeline(self._settings)
        elif self._pipeline is None:
            self._pipeline = FaceAnalyzer(self._settings)
            self._expressions = ExpressionReader(threads)
            self.reload_gallery()

    def reload_gallery(self) -> None:
        """Look at the people's folder again; only photos that are new are embedded. Takes effect with the next frame."""
        assert self._pipeline is not None
        conditions = reading_conditions(self._settings)
        self.use_gallery(Gallery.load(self._gallery_dir, self._pipeline, self._progress, conditions=conditions))

    def use_gallery(self, gallery: Gallery) -> None:
        """Compare with these people from the next frame on. They must be read with this recognizer's network.

        Votes about the people of before no longer count: who was removed is nobody at once.
        """
        if gallery.revision != self.gallery.revision:
            self._begin_votes_anew()
        self.gallery = gallery
        self._index = Index(gallery.samples, gallery.rejected)
        self._rule = decision_rule(self._settings.identify, gallery.samples)

    def correct(self, correction: Correction) -> Event:
        """Do what somebody says of a face that is seen, and read the gallery again; what is to be logged.

        All votes begin anew. GalleryError says why nothing was done, EnrollmentRefused why nobody was enrolled.
        """
        if self._pipeline is None or self.mode is not Mode.FACES:
            raise GalleryError("there is no face to correct: only objects are looked at")
        event = self._corrections.apply(correction, self.gallery, self._pipeline)
        self._begin_votes_anew()
        self.reload_gallery()
        return event

    def change(self, settings: Settings) -> None:
        """Go on with other settings. Networks are opened again, and tracks begin anew, only where the change asks for it.

        ModelError leaves everything as it was.
        """
        rule = decision_rule(settings.identify, self.gallery.samples)
        if without_rule(settings) != without_rule(self._settings):
            ensure_compiled(networks_for(settings, self.mode))
            self.close()
            self._views.clear()
        self._settings, self._rule = settings, rule
        self.open()

    def __call__(self, frame: Frame, slot: int = 0) -> Result:
        """What is in this frame, given the ones before it in its slot."""
        return self._recognize_objects(frame, slot) if self.mode is Mode.OBJECTS else self._faces(frame, self._view(slot))

    def still(self, frame: Frame) -> Result:
        """What is in a picture that stands alone: every face's decision is its own, no track is kept."""
        return self._recognize_objects(frame, None) if self.mode is Mode.OBJECTS else self._faces(frame, None)

    def finish(self, t_ms: float, slot: int = 0) -> list[Event]:
        """Who leaves because the source in `slot` ends at `t_ms`; what comes next there is another source."""
        self._watched.pop(slot, None)
        view = self._views.pop(slot, None)
        return view.tracker.close(t_ms) if view is not None else []

    def close(self) -> None:
        """Give the networks back."""
        for pipeline in (self._pipeline, self._objects):
            if pipeline is not None:
                pipeline.close()
        self._watched.clear()
        self._pipeline = self._expressions = self._objects = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _begin_votes_anew(self) -> None:
        for view in self._views.values():
            view.tracker.reset_votes()

    def _ballot(self, track_id: int) -> TrackVotes | None:
        ballots = (view.tracker.ballot(track_id) for view in self._views.values())
        return next((ballot for ballot in ballots if ballot is not None), None)

    def _view(self, slot: int) -> _SourceState:
        if slot not in self._views:
            if self._pipeline is None:
                self.open()
            assert self._pipeline is not None
            # The network's own threshold, also when another is in force: a strict one must not tear a person's track apart.
            own_l2 = own_threshold_l2(self._settings.identify.network)
            tracker = tracking.Tracker(self._settings.track, 1.5 * own_l2, self._track_ids)
            follow = self._settings.follow
            expressions = TrackExpressions(self._settings.express, follow.express_every_ms if follow.enabled else 0.0)
            self._views[slot] = _SourceState(tracker, self._pipeline.following(), expressions)
        return self._views[slot]

    def _faces(self, frame: Frame, view: _SourceState | None) -> Result:
        if self._pipeline is None:
            self.open()
        assert self._pipeline is not None
        started = self._clock()
        readings = self.observations = (
            self._pipeline.analyze(frame.bgr)
            if view is None
            else self._pipeline.analyze_next(frame, view.following, self._undecided_at(frame.t_ms, view.tracker))
        )
        decisions = self._decide(readings)
        votes, events = (single(decisions), []) if view is None else self._vote(readings, decisions, frame.t_ms, view)
        expressions = self._express(frame, readings, votes, view)
        if not readings and (view is None or not view.was_empty):
            events = [*events, Event("empty", "no face in the picture")]
        if view is not None:
            view.was_empty = not readings
            self._corrections.see(frame.bgr, readings, votes)
            self._corrections.keep_only({track_id for other in self._views.values() for track_id in other.tracker.track_ids})
        timing = self._pipeline.last
        return replace(
            Result.of(frame, Mode.FACES),
            sightings=tuple(map(self._sighting, readings, decisions, votes, expressions)),
            events=tuple(events),
            threshold_l2=self._rule.threshold_l2,
            gallery_revision=self.gallery.revision,
            detect_ms=timing.detect_ms,
            embed_ms=timing.embed_ms,
            total_ms=(self._clock() - started) * 1e3,
        )

    def _decide(self, readings: tuple[FaceObservation, ...]) -> list[Decision]:
        """Each face on its own, but that no two share a name."""
        compared = [number for number, reading in enumerate(readings) if reading.embedding is not None]
        matches: list[Match] = [self._index.nearest(e) for e in (readings[n].embedding for n in compared) if e is not None]
        decided = dict(zip(compared, decide_frame(matches, self._rule), strict=True))
        return [decided.get(number) or skipped(reading.gate or "settled") for number, reading in enumerate(readings)]

    def _undecided_at(self, t_ms: float, tracker: tracking.Tracker) -> NeedsEmbedding:
        follow = self._settings.follow
        every_ms = follow.embed_every_ms if follow.enabled else 0.0
        if self._settings.track.still_picture_check:
            every_ms = min(every_ms, EMBED_EVERY_MS)
        if self.embed_every_face:
            return lambda faces: [True] * len(faces)
        return lambda faces: tracker.undecided([face.box for face in faces], t_ms, every_ms)

    def _express(
        self, frame: Frame, readings: tuple[FaceObservation, ...], votes: list[TrackDecision], view: _SourceState | None
    ) -> list[Expression]:
        assert self._expressions is not None
        reader, faces = self._expressions, [reading.face for reading in readings]
        if view is None:
            return reader.read(frame.bgr, faces)
        alive = view.tracker.track_ids
        return view.expressions.update(faces, votes, frame.t_ms, lambda due: reader.read(frame.bgr, due), alive)

    def _vote(
        self, readings: tuple[FaceObservation, ...], decisions: list[Decision], t_ms: float, view: _SourceState
    ) -> tuple[list[TrackDecision], list[Event]]:
        observations = [
            tracking.observed(reading, decision, evidence_weight(reading.quality, self._settings.gate))
            for reading, decision in zip(readings, decisions, strict=True)
        ]
        return view.tracker.update(observations, t_ms)

    def _sighting(self, reading: FaceObservation, decision: Decision, vote: TrackDecision, expression: Expression) -> Sighting:
        return Sighting(
            face=reading.face,
            quality=reading.quality,
            gate=reading.gate,
            embedded=reading.embedding is not None,
            decision=decision,
            evidence_weight=evidence_weight(reading.quality, self._settings.gate),
            track_decision=vote,
            expression=expression,
        )

    def _recognize_objects(self, frame: Frame, slot: int | None) -> Result:
        if self._objects is None:
            self.open()
        assert self._objects is not None
        started = self._clock()
        if slot is None:
            seen = self._objects.still(frame.bgr)
        else:
            seen = self._objects.next(frame, self._watched.setdefault(slot, self._objects.watching()))
        return seen.result(frame, self.gallery.revision, (self._clock() - started) * 1e3)
