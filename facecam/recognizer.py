"""Frame recognition from pixels to decisions, without threads or a window.

Mode, settings and gallery may change between frames and take effect with the next one. Each change builds what it needs first:
one that fails leaves everything as it was.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from facecam.detection.face_follower import FaceFollower
from facecam.embedding.embedder import embedding_id
from facecam.enrollment.corrections import Correction, Corrections
from facecam.errors import GalleryError, ModelError
from facecam.expression.reader import NETWORK as EXPRESSION_NETWORK
from facecam.expression.reader import ExpressionReader
from facecam.expression.tracking import TrackExpression, TrackExpressions
from facecam.gallery.gallery import Gallery, analysis_conditions
from facecam.gallery.undo import GalleryChange
from facecam.networks.embedding_networks import embedding_network
from facecam.objects import pipeline as objects
from facecam.presentation.detector import NETWORKS as PRESENTATION_NETWORKS
from facecam.presentation.detector import PresentationDetector
from facecam.recognition import matching
from facecam.recognition.face_analyzer import FaceAnalyzer, analyzer_networks
from facecam.recognition.liveness import EMBED_EVERY_MS
from facecam.recognition.person_groups import GroupMatcher
from facecam.recognition.quality import evidence_weight
from facecam.recognition.tracking import (
    FrameIntervals,
    LiveScores,
    Tracker,
    TrackInput,
    TrackVotes,
    face_thumbnail,
    resolve_name_conflicts,
    untracked_decisions,
)
from facecam.settings import FollowSettings, IdentifySettings, Mode, Settings
from facecam.types import (
    DEMO,
    Decision,
    DecisionParameters,
    Event,
    EventCode,
    Face,
    FaceObservation,
    Floats,
    Frame,
    Result,
    Sighting,
    TrackDecision,
)

_NO_EXPRESSION = TrackExpression(None, is_read=False)


def networks_for(settings: Settings, mode: Mode) -> list[str]:
    """Return the names of the compiled networks that a recognizer needs in this mode."""
    if mode is Mode.OBJECTS:
        return objects.required_networks(settings)
    expression = [EXPRESSION_NETWORK] if settings.express.enabled else []
    presentation = PRESENTATION_NETWORKS if settings.track.presentation_check else ()
    return [*analyzer_networks(settings), *expression, *presentation]


def embedding_key(settings: Settings) -> tuple[str, str]:
    """Return everything that a gallery's embeddings depend on: network, and detector and gates. ModelError if it is unknown."""
    return embedding_id(settings.identify), analysis_conditions(settings)


@dataclass(slots=True, eq=False)
class _SourceState:
    """State of one source between frames."""

    tracker: Tracker
    follower: FaceFollower | None
    expressions: TrackExpressions
    intervals: FrameIntervals
    parameters: DecisionParameters | None = None
    """Logged decision parameters of this source alone; None while those of the session apply."""
    was_empty: bool = False


class Recognizer:
    """Recognizer for the frames of one or several sources. It belongs to the thread that passes the first frame.

    Args:
        settings: Thresholds, networks and intervals.
        gallery_dir: Folder of the enrolled people; it need not exist.
        mode: Faces or objects.
        progress: Called with (done, total) photos while new photos are embedded.
        clock: Seconds for the timings in the results.

    Raises:
        ModelError: The weights of a network are missing or damaged.
        GalleryError: The gallery folder cannot be read.
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
        self._rule = matching.decision_rule(settings.identify, ())
        self._sources: dict[int, _SourceState] = {}
        # No reference to `self`: a cycle would keep the networks in memory until the garbage collector runs.
        self._corrections = Corrections(embedding_network(settings.identify.network), partial(_votes_of, self._sources))
        self._track_ids = itertools.count(1)
        self._analyzer: FaceAnalyzer | None = None
        self._expressions: ExpressionReader | None = None
        self._presentation: PresentationDetector | None = None
        self._objects: objects.ObjectPipeline | None = None
        self._object_states: dict[int, objects.ObjectState] = {}
        self.gallery = Gallery(gallery_dir, "")
        self.group_matcher: GroupMatcher | None = None
        """Compares groups of faces with the gallery in use; None until it is read. A change replaces it."""
        self.decision_revision = 0
        """Increases when earlier results do not hold any more: after a correction, and with another gallery or rule."""
        self._mode = mode
        self.open()

    @property
    def mode(self) -> Mode:
        """The mode in use. `set_mode` changes it."""
        return self._mode

    @property
    def analyzer(self) -> FaceAnalyzer | None:
        """The current face analyzer, None in object mode. Some settings changes replace it."""
        return self._analyzer if self._mode is Mode.FACES else None

    @property
    def embedding_key(self) -> tuple[str, str]:
        """The `embedding_key()` with which the current gallery was read."""
        return self.gallery.embedding_id, analysis_conditions(self._settings)

    def open(self) -> None:
        """Load the networks of the current mode, and the gallery, unless they are loaded."""
        self._open(self._mode)

    def _open(self, mode: Mode) -> None:
        if mode is Mode.OBJECTS:
            self._objects = self._objects or objects.ObjectPipeline(self._settings)
        elif self._analyzer is None:
            analyzer, expressions = FaceAnalyzer(self._settings), self._expression_network(self._settings)
            presentation = self._presentation_network(self._settings)
            self._swap_gallery(self._load_gallery(analyzer, self._settings), self._settings)
            self._analyzer, self._expressions, self._presentation = analyzer, expressions, presentation

    def set_mode(self, mode: Mode) -> dict[int, list[Event]]:
        """Recognize in another mode from the next frame on; all tracks end.

        Returns:
            Exit events of the ended tracks by source.

        Raises:
            ModelError: A network is missing or damaged; everything stays as it was.
            GalleryError: The gallery folder cannot be read; everything stays as it was.
        """
        if mode is self._mode:
            return {}
        self._open(mode)
        self._mode = mode
        return self._end_tracks()

    def reload_gallery(self) -> None:
        """Read the gallery folder again for the next frame; only new photos are embedded.

        Raises:
            GalleryError: The folder cannot be read, or has disappeared; the gallery stays as it was.
        """
        assert self._analyzer is not None
        self._swap_gallery(self._load_gallery(self._analyzer, self._settings), self._settings)

    def _load_gallery(self, analyzer: FaceAnalyzer, settings: Settings) -> Gallery:
        self.gallery.check_folder()
        gallery = Gallery.load(self._gallery_dir, analyzer, self._progress, conditions=analysis_conditions(settings))
        self.gallery.check_folder()  # A folder that disappears while it is read looks empty.
        return gallery

    def use_gallery(self, gallery: Gallery) -> None:
        """Match against `gallery` from the next frame on.

        Another revision discards all votes, so that a removed person is unknown at once.

        Raises:
            GalleryError: It was embedded by another network, or read before the one in use; that one stays.
        """
        if self._analyzer is not None and gallery.embedding_id != self._analyzer.embedding_id:
            raise GalleryError("the gallery {folder} was embedded by another network; load it again", folder=gallery.folder)
        if 0 < gallery.generation < self.gallery.generation:
            raise GalleryError("a newer state of the gallery {folder} is in use; load it again", folder=gallery.folder)
        self._swap_gallery(gallery, self._settings)

    def _swap_gallery(self, gallery: Gallery, settings: Settings) -> None:
        index, rule = self._matcher(settings, gallery)
        network = embedding_network(settings.identify.network) if gallery.embedding_id else None
        if rule != self._rule:
            self.decision_revision += 1
        self._index, self._rule = index, rule
        if gallery.revision != self.gallery.revision:
            self._reset_votes()
        self.gallery = gallery
        if network is not None:
            names = {person.person_id: person.name for person in gallery.people}
            self.group_matcher = GroupMatcher(network, gallery.embedding_id, gallery.revision, names, index, rule)

    @staticmethod
    def _matcher(settings: Settings, gallery: Gallery) -> tuple[matching.Index, matching.DecisionRule]:
        index = matching.gallery_index(settings.identify, gallery.samples, gallery.rejected)
        return index, matching.decision_rule(settings.identify, gallery.samples)

    @property
    def last_correction(self) -> GalleryChange | None:
        """The correction that can be undone next, None without one."""
        return self._corrections.journal.last

    @property
    def last_undone_correction(self) -> GalleryChange | None:
        """The correction that can be redone next, None without one."""
        return self._corrections.journal.last_undone

    def correct(self, correction: Correction) -> Event:
        """Apply a user's correction, reset all votes, reload the gallery, and return the event to log.

        Raises:
            EnrollmentRefusedError: The face was not enrolled.
            GalleryError: The correction could not be applied.
            ModelError: The file of the user's network has changed since it was opened.
        """
        if self._analyzer is None or self._mode is not Mode.FACES:
            raise GalleryError("faces cannot be corrected in object mode; switch to faces first")
        if embedding_id(self._settings.identify) != self._analyzer.embedding_id:
            # The file of a user's network; its error, if it is not calibrated, says more. Both come before the first change.
            raise ModelError(
                "the network {name} was replaced while it was in use; choose it again", name=self._analyzer.network.name
            )
        self.gallery.check_folder()
        event = self._corrections.apply(correction, self.gallery, self._analyzer)
        self._reset_votes()
        self.reload_gallery()
        return event

    def needs_other_embeddings(self, settings: Settings) -> bool:
        """Return whether the gallery must be embedded again for these settings. ModelError if their network cannot be used.

        For an unrelated change the files of the networks are not read: one that is broken must not prevent it.
        """
        is_unrelated = _analyzer_settings(settings) == _analyzer_settings(self._settings)
        return not is_unrelated and embedding_key(settings) != self.embedding_key

    def apply_settings(self, settings: Settings, gallery: Gallery | None = None) -> dict[int, list[Event]]:
        """Continue with other settings. Only what they concern is built again, and tracks end only with another network.

        Args:
            settings: The other settings.
            gallery: The gallery as read with them; None to read it here if its embeddings change.

        Returns:
            Exit events of the ended tracks by source.

        Raises:
            ModelError: A network is missing or damaged; everything stays as it was.
            GalleryError: The gallery folder cannot be read; everything stays as it was.
        """
        concerns_faces = gallery is not None or _analyzer_settings(settings) != _analyzer_settings(self._settings)
        is_embedded = not concerns_faces or embedding_key(settings) == self.embedding_key
        analyzer = self._face_analyzer(settings, is_embedded=is_embedded) if concerns_faces else self._analyzer
        expressions = None if analyzer is None else self._expression_network(settings)
        presentation = None if analyzer is None else self._presentation_network(settings)
        pipeline = self._objects
        if objects.pipeline_key(settings) != objects.pipeline_key(self._settings):
            pipeline = objects.ObjectPipeline(settings) if self._mode is Mode.OBJECTS else None
        if analyzer is None:  # The gallery is read when faces are recognized the next time.
            gallery = gallery or (self.gallery if is_embedded else Gallery(self._gallery_dir, ""))
        elif gallery is None or gallery.embedding_id != analyzer.embedding_id:
            gallery = self.gallery if is_embedded else self._load_gallery(analyzer, settings)
        name = settings.identify.network
        # A file of the same name may have become another network, and in object mode no gallery tells two networks apart.
        is_other_network = name != self._settings.identify.network or gallery.embedding_id != self.gallery.embedding_id
        network = embedding_network(name) if concerns_faces and is_other_network else None
        if gallery is not self.gallery or _rule_settings(settings) != _rule_settings(self._settings):
            self._swap_gallery(gallery, settings)
        # Nothing fails from here on.
        if pipeline is not self._objects:
            self._object_states.clear()
        if settings.express.enabled is not self._settings.express.enabled:
            self.decision_revision += 1
        previous, self._settings = (self._analyzer, self._settings.follow), settings
        self._analyzer, self._expressions, self._objects = analyzer, expressions, pipeline
        self._presentation = presentation
        if network is not None:
            # Embeddings of two networks are never compared, and tracks and crops for corrections have the earlier ones.
            self._corrections.use_network(network)
            if self._mode is Mode.FACES:
                return self._end_tracks()
        self._update_sources(*previous)
        return {}

    def _face_analyzer(self, settings: Settings, *, is_embedded: bool) -> FaceAnalyzer | None:
        """Return the analyzer for other settings, with the networks in use where possible; None if it is opened later."""
        if self._analyzer is None or (self._mode is Mode.OBJECTS and not is_embedded):
            return None
        return self._analyzer.with_settings(settings)

    def _expression_network(self, settings: Settings) -> ExpressionReader | None:
        """Return the reader of expressions for these settings, the one in use where possible; None if they are off."""
        threads = settings.identify.threads
        if not settings.express.enabled:
            return None
        if self._expressions is not None and threads == self._settings.identify.threads:
            return self._expressions
        return ExpressionReader(threads)

    def _presentation_network(self, settings: Settings) -> PresentationDetector | None:
        """Return the detector of presentation attacks for these settings, the one in use where possible; None if it is off.

        A second thread makes it slower: a score takes 2.7 ms of the processor with one thread, 4.3 ms with two.
        """
        return (self._presentation or PresentationDetector(threads=1)) if settings.track.presentation_check else None

    def _update_sources(self, previous: FaceAnalyzer | None, previous_follow: FollowSettings) -> None:
        """Let the tracks of all sources go on with the present settings."""
        settings, analyzer = self._settings, self._analyzer
        for source in self._sources.values():
            source.tracker.use_settings(settings.track)
            if self._expressions is None:
                source.expressions = self._new_expressions()  # what was read before is forgotten
            source.expressions.use_settings(settings.express, _express_every_ms(settings))
            source.parameters = None
            is_same_detector = analyzer is None or previous is None or analyzer.detector is previous.detector
            if analyzer is not None and not (is_same_detector and settings.follow == previous_follow):
                source.follower = analyzer.new_follower()

    def _end_tracks(self) -> dict[int, list[Event]]:
        """End all tracks of all sources and return their exit events by source."""
        self._object_states.clear()
        exits = {slot: source.tracker.close(math.inf) for slot, source in self._sources.items()}
        self._sources.clear()
        return exits

    def __call__(
        self,
        frame: Frame,
        slot: int = 0,
        *,
        embed_every_face: bool = False,
        search_whole_frame: bool = False,
        expected_interval_ms: float | None = None,
    ) -> Result:
        """Recognize the next frame of a source.

        Where frames are further apart than a track lives, each face is decided on its single sighting. The intervals of the
        source show that from its third frame on, `expected_interval_ms` from the first.

        Args:
            frame: Next frame of the source.
            slot: Number of the source; sources share no tracks.
            embed_every_face: Embed every face, also those of settled tracks, for example for enrollment.
            search_whole_frame: Search the whole frame for faces instead of following those of the last one.
            expected_interval_ms: Interval between the source's frames if it is known, read with the first frame; infinite for
                images that do not follow each other.
        """
        self.open()
        if self._mode is Mode.OBJECTS:
            return self._recognize_objects(frame, slot)
        source = self._source(slot, expected_interval_ms)
        return self._recognize_faces(frame, source, embed_every_face=embed_every_face, search=search_whole_frame)

    def recognize_image(self, frame: Frame) -> Result:
        """Recognize a single image: every face is decided alone and no track is kept."""
        self.open()
        return self._recognize_objects(frame, None) if self._mode is Mode.OBJECTS else self._recognize_faces(frame, None)

    def decide_again(self, frame: Frame, result: Result, slot: int = 0) -> Result:
        """Decide the faces of a recognized frame again, with the gallery and the settings in use.

        Tracks, votes and time stay as they are. A track is decided by its kept embeddings and by this frame.

        Args:
            frame: Newest frame of a source.
            result: Its result.
            slot: Number of the source.

        Returns:
            The new result, without events. In object mode and without faces, the result stays.
        """
        if self._analyzer is None or Mode.OBJECTS in (self._mode, result.mode) or not result.sightings:
            return result
        started_s, source = self._clock(), self._sources.get(slot)
        tracker = Tracker(self._settings.track, self._analyzer.network) if source is None else source.tracker
        sightings = result.sightings
        expressions = [_NO_EXPRESSION] * len(sightings)
        if self._settings.express.enabled:
            expressions = [TrackExpression(sighting.expression, sighting.expression_read) for sighting in sightings]
        faces = self._analyzer.observe(frame.bgr, [sighting.face for sighting in sightings], [True] * len(sightings))
        decisions = self._decide(faces)
        weights = [evidence_weight(face.quality, self._settings.gate) for face in faces]
        decided = []
        for sighting, decision, weight in zip(sightings, decisions, weights, strict=True):
            kept = map(self._index.nearest, tracker.kept_embeddings(sighting.track_decision.track_id))
            votes = [*((matching.decide(match, self._rule), 1.0) for match in kept), (decision, weight)]
            decided.append(tracker.decide_again(sighting.track_decision, votes))
        return replace(
            result,
            sightings=tuple(map(_sighting, faces, decisions, weights, resolve_name_conflicts(decided), expressions)),
            events=(),
            threshold_l2=self._rule.threshold_l2,
            gallery_revision=self.gallery.revision,
            total_ms=(self._clock() - started_s) * 1e3,
        )

    def finish(self, t_ms: float, slot: int = 0) -> list[Event]:
        """End the source in `slot` at `t_ms` and return the exit events of its tracks."""
        self._object_states.pop(slot, None)
        source = self._sources.pop(slot, None)
        return source.tracker.close(t_ms) if source is not None else []

    def close(self) -> None:
        """Free the networks and forget all tracks. The next frame opens the networks again."""
        self._end_tracks()
        self._analyzer = self._expressions = self._presentation = self._objects = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _reset_votes(self) -> None:
        self.decision_revision += 1
        for source in self._sources.values():
            source.tracker.reset_votes()

    def _source(self, slot: int, expected_interval_ms: float | None) -> _SourceState:
        if slot not in self._sources:
            assert self._analyzer is not None
            tracker = Tracker(self._settings.track, self._analyzer.network, self._track_ids)
            intervals = FrameIntervals(expected_interval_ms)
            self._sources[slot] = _SourceState(tracker, self._analyzer.new_follower(), self._new_expressions(), intervals)
        return self._sources[slot]

    def _new_expressions(self) -> TrackExpressions:
        return TrackExpressions(self._settings.express, _express_every_ms(self._settings))

    def _recognize_faces(
        self, frame: Frame, source: _SourceState | None, *, embed_every_face: bool = True, search: bool = False
    ) -> Result:
        assert self._analyzer is not None
        analyzer, started_s = self._analyzer, self._clock()
        follower = None if source is None else source.follower
        detected = analyzer.detect_next(frame, follower, search=search)
        detected_s = self._clock()
        thumbnails = [] if source is None else [face_thumbnail(frame.bgr, face.landmarks_xy) for face in detected]
        if source is None or embed_every_face:
            needs_embedding = [True] * len(detected)
        else:
            needs_embedding = self._needs_embedding(detected, thumbnails, frame.t_ms, source.tracker)
        faces = analyzer.observe(frame.bgr, detected, needs_embedding)
        embedded_s = self._clock()
        decisions = self._decide(faces)
        weights = [evidence_weight(face.quality, self._settings.gate) for face in faces]
        events: list[Event] = []
        if source is None:
            track_decisions = untracked_decisions(decisions)
        else:
            inputs = list(map(TrackInput.from_observation, faces, decisions, weights, thumbnails))
            changes = self._adapt_to_source(source, frame)
            live_scores = self._live_scores(frame, detected) if self._checks_presentation(source, frame) else None
            track_decisions, events = source.tracker.update(inputs, frame.t_ms, frame.index, live_scores)
            events = [*changes, *events]
        expressions = self._read_expressions(frame, faces, track_decisions, source)
        if not faces and (source is None or not source.was_empty):
            events = [*events, Event("empty", "no face in the image", code=EventCode.NO_FACE)]
        if source is not None:
            source.was_empty = not faces
            self._corrections.observe(frame.bgr, faces, track_decisions)
            self._corrections.retain_tracks(
                {track_id for other in self._sources.values() for track_id in other.tracker.track_ids}
            )
        return replace(
            Result.empty(frame, Mode.FACES),
            sightings=tuple(map(_sighting, faces, decisions, weights, track_decisions, expressions)),
            events=tuple(events),
            threshold_l2=self._rule.threshold_l2,
            gallery_revision=self.gallery.revision,
            is_searched=follower is None or follower.has_searched,
            detect_ms=(detected_s - started_s) * 1e3,
            embed_ms=(embedded_s - detected_s) * 1e3,
            total_ms=(self._clock() - started_s) * 1e3,
        )

    def _adapt_to_source(self, source: _SourceState, frame: Frame) -> list[Event]:
        """Decide on single sightings while the source's frames are sparse.

        Returns:
            The events of a change from this frame on: of the interval, and of decision parameters that are not the session's.
        """
        track, rule = self._settings.track, self._rule
        was_sparse = source.intervals.is_sparse
        source.intervals.add(frame.t_ms, track.leave_after_ms)
        is_sparse = source.tracker.decides_single_sightings = source.intervals.is_sparse
        events = [] if is_sparse is was_sparse else [Event("state", self._interval_text(source), code=EventCode.SPARSE_FRAMES)]
        of_session = DecisionParameters(
            rule.margin_l2,
            rule.unsure_band_l2,
            track.enter_after_sightings,
            self._settings.follow.enabled,
            track.presentation_check,
        )
        parameters = replace(
            of_session,
            enter_after_sightings=1 if is_sparse else track.enter_after_sightings,
            presentation_check=self._checks_presentation(source, frame),
        )
        if is_sparse is not was_sparse or parameters != (source.parameters or of_session):
            source.parameters = parameters if parameters != of_session else None
            events.append(Event("state", code=EventCode.DECISION_PARAMETERS, parameters=parameters))
        return events

    def _interval_text(self, source: _SourceState) -> str:
        """Return a sentence about the interval of a source whose frames have become sparse, or no longer are."""
        track = self._settings.track
        every_s, lives_s = (source.intervals.interval_ms or 0.0) / 1e3, track.leave_after_ms / 1e3
        if not source.intervals.is_sparse:
            return f"frames are {every_s:.2g} s apart again: a name needs {track.enter_after_sightings} sightings"
        apart = f"frames are {every_s:.3g} s apart, and tracks end after {lives_s:.3g} s"
        reason = apart if math.isfinite(every_s) else "the images do not follow each other"
        return f"{reason}: one sighting is enough for a name"

    def _checks_presentation(self, source: _SourceState, frame: Frame) -> bool:
        """Return whether names depend on live scores: not where one sighting decides alone, and not in the demo of photos."""
        return self._settings.track.presentation_check and not source.intervals.is_sparse and frame.source != DEMO

    def _live_scores(self, frame: Frame, faces: Sequence[Face]) -> LiveScores:
        """Return what scores faces of a frame by their numbers."""
        assert self._presentation is not None
        detector = self._presentation
        return lambda numbers: detector.live_scores(frame.bgr, [faces[number].box for number in numbers])

    def _decide(self, faces: Sequence[FaceObservation]) -> list[Decision]:
        """Decide each face alone, except that two faces never share a name."""
        embeddings = {number: face.embedding for number, face in enumerate(faces) if face.embedding is not None}
        matches = [self._index.nearest(embedding) for embedding in embeddings.values()]
        decided = dict(zip(embeddings, matching.decide_frame(matches, self._rule), strict=True))
        return [decided.get(number) or matching.skipped_decision(face.gate or "settled") for number, face in enumerate(faces)]

    def _needs_embedding(self, faces: Sequence[Face], thumbnails: Sequence[Floats], t_ms: float, tracker: Tracker) -> list[bool]:
        follow = self._settings.follow
        every_ms = follow.embed_every_ms if follow.enabled else 0.0
        if self._settings.track.still_picture_check:
            every_ms = min(every_ms, EMBED_EVERY_MS)
        return tracker.needs_embedding([face.box for face in faces], thumbnails, t_ms, every_ms)

    def _read_expressions(
        self, frame: Frame, faces: Sequence[FaceObservation], track_decisions: list[TrackDecision], source: _SourceState | None
    ) -> list[TrackExpression]:
        reader = self._expressions
        if reader is None:
            return [_NO_EXPRESSION] * len(faces)
        readable = [face.face if face.gate is None else None for face in faces]
        if source is None:
            readings = iter(reader.read(frame.bgr, [face for face in readable if face is not None]))
            return [_NO_EXPRESSION if face is None else TrackExpression(next(readings), is_read=True) for face in readable]
        alive = source.tracker.track_ids
        return source.expressions.update(readable, track_decisions, frame.t_ms, lambda due: reader.read(frame.bgr, due), alive)

    def _recognize_objects(self, frame: Frame, slot: int | None) -> Result:
        assert self._objects is not None
        started = self._clock()
        if slot is None:
            found = self._objects.classify_image(frame.bgr)
        else:
            found = self._objects.observe(frame, self._object_states.setdefault(slot, self._objects.new_state()))
        return found.to_result(frame, self.gallery.revision, (self._clock() - started) * 1e3)


def _votes_of(sources: Mapping[int, _SourceState], track_id: int) -> TrackVotes | None:
    votes = (source.tracker.votes(track_id) for source in sources.values())
    return next((found for found in votes if found is not None), None)


def _express_every_ms(settings: Settings) -> float:
    return settings.follow.express_every_ms if settings.follow.enabled else 0.0


def _analyzer_settings(settings: Settings) -> tuple[object, ...]:
    """Return the settings on which the face analyzer, and the embeddings of the gallery, depend."""
    return settings.detect, settings.gate, settings.identify, settings.follow


def _rule_settings(settings: Settings) -> IdentifySettings:
    """Return the settings on which index and decision rule depend, the others at their defaults."""
    return replace(settings.identify, mirrored=True, threads=1)


def _sighting(
    face: FaceObservation, decision: Decision, weight: float, track_decision: TrackDecision, expression: TrackExpression
) -> Sighting:
    return Sighting(
        face=face.face,
        quality=face.quality,
        gate=face.gate,
        embedded=face.embedding is not None,
        decision=decision,
        evidence_weight=weight,
        track_decision=track_decision,
        expression=expression.expression,
        expression_read=expression.is_read,
        embedding=face.embedding,
        crop_rgb=face.crop_rgb,
    )
