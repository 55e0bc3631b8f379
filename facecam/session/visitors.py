"""Visitors of a session: tracks grouped into people and visits, and the report behind a visitor's decision.

A person's tracks are one visitor, and so are the tracks of unknown faces with similar embeddings. A track's current decision
applies from its start: a face that was taken for Ann for a moment has not made Ann a visitor. Portraits and embeddings are kept
in memory only, for a limited number of visitors, and are never written to disk. `VisitorTracker` is pure: time comes with the
frames.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from facecam.gallery.files import read_gallery_image
from facecam.gallery.gallery import Gallery
from facecam.recognition.face_analyzer import open_face_analyzer, single_face
from facecam.recognition.liveness import PRESENTATION_ATTACK
from facecam.recognition.matching import DecisionRule, decision_rule
from facecam.recognition.person_groups import GroupMatcher, mean_distances_l2
from facecam.recognition.quality import GateCheck, gate_checks
from facecam.session.visitor_groups import (
    MIN_IMPROVEMENT,
    UNKNOWN_ID,
    ComparedFace,
    Portrait,
    Visit,
    VisitorGroup,
    VisitorTrack,
    best_portraits,
    join_visits,
    joined_faces,
    make_portrait,
    newest_face,
    portrait_score,
)
from facecam.settings import Settings, TrackSettings
from facecam.types import (
    Decision,
    DecisionStatus,
    Expression,
    FaceObservation,
    Floats,
    Frame,
    Image,
    Result,
    Sighting,
)

IN_SIGHT_S = 1.0
"""A visitor who is present but was not seen for longer has no current expression: the face may be covered or turned away."""

MAX_UNKNOWN = 50
MAX_PEOPLE = 100
MAX_TRACKS = 100
"""Images of a person or a track take at most 210 kB, those of a group 430 kB, so all of them take at most 65 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class VisitorSummary:
    """Visitor: a person with `person_id` and `name`, or a group of similar unknown faces without them.

    `track_ids` are the current tracks, () after the visitor has left. Times are monotonic: `first_seen_s` begins the first of
    `visits`, `visit_started_s` the current or last one. `sighting` is the newest; `last_compared` the newest that the network
    ran on; `last_measured` the newest with measured sharpness and brightness. `portrait` is the best so far, `more_portraits` are
    the best ones of other tracks. `absent_s` is the time between `first_seen_s` and `last_seen_s` that lies between two visits or
    in a pause of the session. `decision` is that of the current track, or of all faces after the visitor has left. `number` tells
    unknown visitors apart as long as the session lasts; None before a face is decided to be unknown. `is_in_sight` is true if the
    visitor was seen within the last IN_SIGHT_S.
    """

    visitor_id: str
    name: str | None
    person_id: str | None
    track_ids: tuple[int, ...]
    last_track_id: int
    first_seen_s: float
    visit_started_s: float
    last_seen_s: float
    visits: int
    sighting: Sighting
    last_compared: ComparedFace | None
    last_measured: ComparedFace | None
    portrait: Portrait
    decision: Decision
    absent_s: float = 0.0
    number: int | None = None
    more_portraits: tuple[Portrait, ...] = ()
    is_in_sight: bool = True

    @property
    def present_s(self) -> float:
        """Time present in all visits, without the pauses of the session."""
        return max(0.0, self.last_seen_s - self.first_seen_s - self.absent_s)

    @property
    def is_present(self) -> bool:
        return bool(self.track_ids)

    @property
    def status(self) -> DecisionStatus:
        """Status of the decision."""
        return self.decision.status

    @property
    def possible_name(self) -> str | None:
        """Name to show with a question mark: the nearest person to an undecided face, or its earlier name.

        None if a user said that the face is not this person, and for a face that looks like a picture or a screen.
        """
        if self.status in (DecisionStatus.KNOWN, DecisionStatus.UNKNOWN) or self.decision.reason == PRESENTATION_ATTACK:
            return None
        nearest = self.decision.nearest if self.decision.reason != "corrected" else None
        is_group_decision = self.decision is not self.sighting.track_decision.decision
        near = is_group_decision or self.sighting.decision.status in (DecisionStatus.KNOWN, DecisionStatus.UNSURE)
        return self.name or (nearest.name if near and nearest is not None else None)

    @property
    def expression(self) -> Expression | None:
        """Current expression; None after the visitor has left, and while the face is out of sight."""
        return self.sighting.expression if self.is_present and self.is_in_sight else None


class VisitorTracker:
    """Groups the tracks of a session into visitors. For one thread. `revision` increases with every possible change.

    The tracks of an enrolled person are one visitor. The tracks of unknown faces are grouped by their embeddings: groups whose
    mean distance is at most the network's `session_l2` are joined, unless both were seen in one frame. Embeddings and portraits
    are kept in memory only. When the gallery changes, groups that its decision rule accepts move to their person.
    """

    def __init__(self, leave_after_s: float = TrackSettings().leave_after_ms / 1e3) -> None:
        self._leave_after_s = leave_after_s
        self._now_s = 0.0
        self._tracks: dict[int, VisitorTrack] = {}
        self._people: dict[str, VisitorGroup] = {}
        """Recognized people with a track that has ended, by person_id."""
        self._groups: dict[int, VisitorGroup] = {}
        """Groups of everyone else, also of tracks that are present."""
        self._keys = itertools.count(1)
        self._numbers = itertools.count(1)
        self._matcher: GroupMatcher | None = None
        self._removed_ids: set[str] = set()
        """People that the gallery had during the session and has no longer."""
        self.revision = 0

    def use_matcher(self, matcher: GroupMatcher | None) -> None:
        """Compare the groups with another state of the gallery. With another network, the embeddings so far are dropped."""
        if matcher is None or matcher is self._matcher:
            return
        if self._matcher is not None and matcher.embedding_id != self._matcher.embedding_id:
            for track in self._tracks.values():
                track.faces = []
            for group in (*self._groups.values(), *self._people.values()):
                group.faces = None
        if self._matcher is not None:
            self._removed_ids |= self._matcher.people.keys()
        self._removed_ids -= matcher.people.keys()
        self._matcher = matcher
        for person_id in list(self._people):
            self._match_person(person_id, matcher)
        self._match_groups()
        for track in self._tracks.values():
            self._begin_group(track)
        self.revision += 1

    def update(self, slot: int, frame: Frame, result: Result) -> None:
        """Add a recognized frame of the source in `slot`."""
        self._now_s = max(self._now_s, frame.captured_at_s)
        exits = {event.track_id for event in result.events if event.kind == "exit"}
        self._end_tracks([track for track in self._tracks.values() if track.track_id in exits])
        has_faces = self._matcher is not None and result.gallery_revision == self._matcher.gallery_revision
        seen, changed = [], []
        for sighting in result.sightings:
            track = self._track(sighting, slot, frame, result)
            track.last_s, track.last_frame = self._now_s, (slot, frame.index)
            track.gallery_revision = result.gallery_revision
            track.update(sighting)
            if sighting.crop_rgb is not None:
                track.measured = ComparedFace(slot, self._now_s, result.size_wh, sighting, result.threshold_l2, sighting.crop_rgb)
                track.compared = track.measured if sighting.embedded else track.compared
            if portrait_score(sighting) > track.portrait.score * MIN_IMPROVEMENT:
                track.portrait = make_portrait(frame, sighting, result)
            if has_faces and sighting.embedding is not None and track.add_face(sighting.embedding, self._now_s):
                changed.append(track)
            seen.append(track)
        # Also without faces: a visitor who is out of sight has no expression any longer.
        self.revision += len(self._tracks)
        self._group(seen, changed)
        self.advance(self._now_s)

    def advance(self, at_s: float) -> None:
        """End the tracks not seen for `leave_after_s` at `at_s` (monotonic), and those beyond MAX_TRACKS."""
        self._now_s = max(self._now_s, at_s)
        newest_first = sorted(self._tracks.values(), key=lambda track: (-track.last_s, -track.track_id))
        current = [track for track in newest_first[:MAX_TRACKS] if self._now_s - track.last_s <= self._leave_after_s]
        if len(current) < len(newest_first):
            self._end_tracks([track for track in newest_first if track not in current])

    def skip_pause(self, seconds: float) -> None:
        """Leave a pause of the session out of the time for which the current visitors were present."""
        for track in self._tracks.values():
            track.paused_s += seconds

    def end(self) -> None:
        """End all tracks at the end of the session."""
        self._end_tracks(list(self._tracks.values()))

    @property
    def visitors(self) -> tuple[VisitorSummary, ...]:
        """Return the present visitors in order of arrival, then those who left, latest first."""
        tracks: dict[str | int, list[VisitorTrack]] = {}
        for track in self._tracks.values():
            if track.is_visible:
                tracks.setdefault(self._visitor_of(track), []).append(track)
        past: dict[str | int, list[VisitorGroup]] = {person_id: [person] for person_id, person in self._people.items()}
        for group in self._groups.values():
            person = self._person(group)
            past.setdefault(group.key if person is None else person[0], []).append(group)
        present = [self._summarize(key, here, past.get(key, ())) for key, here in tracks.items()]
        present.sort(key=lambda visitor: (visitor.visit_started_s, visitor.track_ids))
        left = [
            self._summarize(key, (), groups)
            for key, groups in past.items()
            if key not in tracks and any(group.visits for group in groups)
        ]
        return (*present, *sorted(left, key=lambda visitor: (-visitor.last_seen_s, visitor.visitor_id)))

    def visitor_of(self, track_id: int) -> VisitorSummary | None:
        """Return the visitor of a current or earlier track, even before it is listed; None when unknown."""
        track = self._tracks.get(track_id)
        if track is not None:
            key = self._visitor_of(track)
            here = [other for other in self._tracks.values() if self._visitor_of(other) == key]
            return self._summarize(key, here, self._past_of(key))
        past = (*self._people.values(), *self._groups.values())
        found = next((group for group in past if track_id in group.track_ids), None)
        if found is None:
            return None
        person = self._person(found)
        key = found.key if person is None else person[0]
        return next((visitor for visitor in self.visitors if visitor.visitor_id == _visitor_id(key)), None)

    def assign(self, track_id: int, person_id: str, name: str) -> None:
        """Name the unknown visitor of a current or earlier track: all visits are of that person."""
        group = self._group_of(track_id)
        if group is not None:
            group.assigned = person_id, name
            group.corrected_ids.add(track_id)
            group.rejected_ids.discard(person_id)
            self._match(group)
        self.revision += 1

    def unassign(self, track_id: int) -> None:
        """Undo `assign`."""
        group = self._group_of(track_id)
        if group is not None:
            person_id = group.assigned[0] if group.assigned is not None else None
            group.assigned = None
            self._match(group)
            self._release(group, person_id)
            self._join_similar(group)
        self.revision += 1

    def reject(self, track_id: int, person_id: str) -> None:
        """State that the visitor of a track is not this person: the visits that had the name are the visitor's again."""
        track, group = self._tracks.get(track_id), self._group_of(track_id)
        if group is None and track is not None:
            group = self._new_group()
            track.group = group.key
        if group is not None:
            group.rejected_ids.add(person_id)
            group.corrected_ids.add(track_id)
            person = self._people.get(person_id)
            if person is not None and self._is_near(group, person.faces):
                group.absorb(self._take_person(person_id))
            self._match(group)
            self._release(group, person_id)
        self.revision += 1

    def allow(self, track_id: int, person_id: str) -> None:
        """Let the visitor of a track be a person again whom a user had rejected."""
        group = self._group_of(track_id)
        if group is not None:
            group.rejected_ids.discard(person_id)
            self._match(group)
        self.revision += 1

    def _track(self, sighting: Sighting, slot: int, frame: Frame, result: Result) -> VisitorTrack:
        track_id = sighting.track_decision.track_id
        if track_id not in self._tracks:
            self._tracks[track_id] = VisitorTrack(
                track_id, self._now_s, self._now_s, (slot, frame.index), sighting, make_portrait(frame, sighting, result)
            )
        return self._tracks[track_id]

    def _group(self, seen: Sequence[VisitorTrack], changed: Sequence[VisitorTrack]) -> None:
        """Group the tracks of a frame that are unknown, by the faces that were added to the changed ones."""
        begun = []
        for track in seen:
            if self._begin_group(track):
                begun.append(track)
            if track.group is not None:
                group = self._groups[track.group]
                if track.rejected_id is not None:
                    group.rejected_ids.add(track.rejected_id)
                elif track.status is DecisionStatus.KNOWN and track.person_id is not None and self._is_up_to_date(track):
                    group.rejected_ids.discard(track.person_id)
        self._keep_apart(seen)
        for track in seen:
            if track.group is not None and (track in changed or track in begun) and self._is_alone(track):
                self._join_similar(self._groups[track.group])
        for track in seen:
            if track.group is not None and track.person_id == UNKNOWN_ID:
                self._give_number(self._groups[track.group])

    def _begin_group(self, track: VisitorTrack) -> bool:
        """Begin a group for a track without one that is not an enrolled person; return whether one was begun.

        A track that is recognized belongs to the group of the visitor who got the person's name.
        """
        if track.group is not None or not track.is_visible:
            return False
        is_alone = self._is_alone(track)
        group = self._new_group() if is_alone else self._home(track)
        track.group = group.key if group is not None else None
        return is_alone

    def _home(self, track: VisitorTrack) -> VisitorGroup | None:
        """Return the group of the visitor who got the name of this track's person, if its faces are similar; None without one."""
        groups = (group for group in self._groups.values() if (self._person(group) or ("",))[0] == track.person_id)
        return next((group for group in groups if self._is_near(group, track.embeddings)), None)

    def _is_near(self, group: VisitorGroup, faces: Floats | None) -> bool:
        """Return whether faces are similar enough to those of a group to be the same person's."""
        own = self._faces(group)
        if self._matcher is None or own is None or faces is None:
            return False
        return float(mean_distances_l2(own, [faces])[0]) <= self._matcher.network.session_l2

    def _release(self, group: VisitorGroup, person_id: str | None) -> None:
        """Let the current tracks of a group not be this person until they are recognized again."""
        for track in self._tracks.values():
            if track.group == group.key and track.person_id == person_id:
                track.person_id = track.name = None

    def _keep_apart(self, seen: Sequence[VisitorTrack]) -> None:
        """Note that the faces of one frame are different people; of two in one group the later one leaves it."""
        for one, other in itertools.combinations(sorted(seen, key=lambda track: track.track_id), 2):
            if one.group is not None and one.group == other.group:
                other.group = self._new_group().key
                self._groups[other.group].apart |= self._groups[one.group].apart
            for track, rival in ((one, other), (other, one)):
                if track.group is None:
                    continue
                if rival.group is not None:
                    self._groups[track.group].apart.add(rival.group)
                if rival.status is DecisionStatus.KNOWN and rival.person_id and track.person_id != rival.person_id:
                    self._groups[track.group].apart.add(rival.person_id)

    def _give_number(self, group: VisitorGroup) -> None:
        if group.number is None:
            group.number = next(self._numbers)

    def _new_group(self) -> VisitorGroup:
        key = next(self._keys)
        self._groups[key] = VisitorGroup(key)
        return self._groups[key]

    def _join_similar(self, group: VisitorGroup) -> None:
        """Join an unknown group with the nearest ones, as long as they are near enough to be one person."""
        while self._matcher is not None and self._person(group) is None and (faces := self._faces(group)) is not None:
            candidates = [
                (other, others)
                for other in self._groups.values()
                if other is not group
                and other.key not in group.apart
                and self._person(other) is None
                and (others := self._faces(other)) is not None
            ]
            if not candidates:
                return
            distances_l2 = mean_distances_l2(faces, [others for _, others in candidates])
            nearest = int(np.argmin(distances_l2))
            if distances_l2[nearest] > self._matcher.network.session_l2:
                return
            group = self._join(group, candidates[nearest][0])

    def _join(self, one: VisitorGroup, other: VisitorGroup) -> VisitorGroup:
        """Join two groups and return the result, which keeps the lower number and the older key."""
        kept, gone = sorted((one, other), key=lambda group: (group.number is None, group.number, group.key))
        kept.absorb(gone)
        del self._groups[gone.key]
        for track in self._tracks.values():
            if track.group == gone.key:
                track.group = kept.key
        for group in self._groups.values():
            if gone.key in group.apart:
                group.apart.discard(gone.key)
                group.apart.add(kept.key)
        return kept

    def _faces(self, group: VisitorGroup) -> Floats | None:
        """Return embeddings (n, d) of a group and of its current tracks, None without any."""
        here = [track.embeddings for track in self._tracks.values() if track.group == group.key]
        return joined_faces([group.faces, *here]) if here else group.faces

    def _match(self, group: VisitorGroup) -> None:
        """Decide whether a group is an enrolled person."""
        if group.sighting is not None:
            group.decision = group.sighting.track_decision.decision
        group.person = None
        faces = self._faces(group)
        if self._matcher is None:
            return
        if group.assigned is not None and group.assigned[0] in self._matcher.people:
            group.assigned = group.assigned[0], self._matcher.people[group.assigned[0]]
        if faces is not None:
            others = {key for key in group.apart if isinstance(key, str)}
            group.decision = self._matcher.decide(faces, group.rejected_ids | others)
            if group.decision.status is DecisionStatus.KNOWN and group.decision.person_id is not None:
                person_id = group.decision.person_id
                group.person = person_id, self._matcher.people.get(person_id, group.decision.name or "")

    def _match_groups(self) -> None:
        """Decide on all groups again, and join those that are unknown."""
        for group in self._groups.values():
            self._match(group)
        for key in list(self._groups):
            if key in self._groups:
                self._join_similar(self._groups[key])
        for group in self._groups.values():
            if group.is_unknown:
                self._give_number(group)

    def _person(self, group: VisitorGroup) -> tuple[str, str] | None:
        """Return id and name of the person of a group: as the user said, or as matched unless the recognizer now disagrees."""
        given, matcher = group.assigned, self._matcher
        if given is not None and given[0] not in group.rejected_ids and (matcher is None or given[0] in matcher.people):
            return given
        if group.person is None or matcher is None:
            return group.person
        here = (track for track in self._tracks.values() if track.group == group.key)
        is_decided = any(track.status is DecisionStatus.UNKNOWN and self._is_up_to_date(track) for track in here)
        return None if is_decided else group.person

    def _is_up_to_date(self, track: VisitorTrack) -> bool:
        """Return whether the newest decision of a track is based on the gallery in use."""
        return self._matcher is None or track.gallery_revision == self._matcher.gallery_revision

    def _match_person(self, person_id: str, matcher: GroupMatcher) -> None:
        """Make the visits of a person those of an unknown visitor if this id has been removed, or the faces now differ."""
        person = self._people[person_id]
        decision = matcher.decide(person.faces, person.rejected_ids) if person.faces is not None else None
        if person_id in matcher.people and (decision is None or decision.status is not DecisionStatus.UNKNOWN):
            person.person = person_id, matcher.people[person_id]
            return
        self._take_person(person_id)
        person.key, person.person = next(self._keys), None
        self._groups[person.key] = person

    def _take_person(self, person_id: str) -> VisitorGroup:
        """Remove a person and return the group, without the number if a visitor has it."""
        person = self._people.pop(person_id)
        if any(group.number == person.number for group in self._groups.values()):
            person.number = None
        return person

    def _group_of(self, track_id: int) -> VisitorGroup | None:
        if track_id in self._tracks:
            key = self._tracks[track_id].group
            return None if key is None else self._groups[key]
        groups = self._groups.values()
        return next((group for group in groups if track_id in group.corrected_ids or track_id in group.track_ids), None)

    def _is_alone(self, track: VisitorTrack) -> bool:
        """Return whether a track is not an enrolled person. Of two faces in one frame, only one is the person."""
        if not track.person_id or track.person_id in self._removed_ids:
            return True
        if track.status is DecisionStatus.KNOWN:
            return False
        if track.status is DecisionStatus.UNSURE and track.sighting.track_decision.decision.reason == "name_taken":
            return True
        return any(
            other.status is DecisionStatus.KNOWN and other.person_id == track.person_id and other.last_frame == track.last_frame
            for other in self._tracks.values()
        )

    def _visitor_of(self, track: VisitorTrack) -> str | int:
        """Return the id of the track's person, else the key of its group, or minus its track id before it has one."""
        if not self._is_alone(track):
            assert track.person_id is not None
            return track.person_id
        if track.group is None:
            return -track.track_id
        person = self._person(self._groups[track.group])
        return track.group if person is None else person[0]

    def _past_of(self, key: str | int) -> list[VisitorGroup]:
        """Return the groups of a visitor."""
        if isinstance(key, int):
            return [self._groups[key]] if key in self._groups else []
        groups = [group for group in self._groups.values() if (self._person(group) or ("",))[0] == key]
        return [*([self._people[key]] if key in self._people else []), *groups]

    def _summarize(self, key: str | int, tracks: Sequence[VisitorTrack], groups: Sequence[VisitorGroup]) -> VisitorSummary:
        """Combine a visitor's current tracks with the earlier visits. A known track takes precedence over newer ones."""
        here = [Visit(track.first_s, track.last_s, track.paused_s) for track in tracks]
        visits = join_visits([*here, *(visit for group in groups for visit in group.visits)])
        ended = [group for group in groups if group.sighting is not None]
        newest: VisitorTrack | None = None
        if tracks:
            newest = max(tracks, key=lambda track: (track.status is DecisionStatus.KNOWN, track.last_s, track.track_id))
            sighting, last_track_id = newest.sighting, newest.track_id
            decision, current_s = sighting.track_decision.decision, min(visit.began_s for visit in here)
        else:
            last = max(ended, key=lambda group: group.last_seen_s)
            assert last.sighting is not None
            sighting, last_track_id = last.sighting, last.track_ids[-1]
            decision, current_s = last.decision or sighting.track_decision.decision, last.last_seen_s
        portraits = best_portraits([*(track.portrait for track in tracks), *(p for group in groups for p in group.portraits)])
        began_s, ended_s = visits[0].began_s, max(visit.ended_s for visit in visits)
        person_id, name = (key, self._name(key, newest, groups)) if isinstance(key, str) else (None, None)
        return VisitorSummary(
            visitor_id=_visitor_id(key),
            name=name,
            person_id=person_id,
            track_ids=tuple(sorted(track.track_id for track in tracks)),
            last_track_id=last_track_id,
            first_seen_s=began_s,
            visit_started_s=next(visit.began_s for visit in reversed(visits) if visit.began_s <= current_s),
            last_seen_s=ended_s,
            visits=len(visits),
            sighting=sighting,
            last_compared=newest_face([*(track.compared for track in tracks), *(group.compared for group in groups)]),
            last_measured=newest_face([*(track.measured for track in tracks), *(group.measured for group in groups)]),
            portrait=portraits[0],
            absent_s=ended_s - began_s - sum(visit.present_s for visit in visits),
            decision=decision,
            number=groups[0].number if groups and person_id is None else None,
            more_portraits=tuple(portrait for portrait in portraits[1:] if portrait.score > 0),
            is_in_sight=newest is not None and self._now_s - newest.last_s <= IN_SIGHT_S,
        )

    def _name(self, person_id: str, newest: VisitorTrack | None, groups: Sequence[VisitorGroup]) -> str:
        """Return the name of a person: the newest one that is known."""
        if newest is not None and newest.person_id == person_id and newest.name is not None:
            return newest.name
        people = self._matcher.people if self._matcher is not None else {}
        given = [person[1] for group in groups if (person := self._person(group)) is not None]
        return people.get(person_id) or next(iter(given), person_id)

    def _end_tracks(self, tracks: Sequence[VisitorTrack]) -> None:
        """End tracks and keep their visits, except of undecided faces that were never compared."""
        if not tracks:
            return
        alone = {track.track_id: self._is_alone(track) for track in tracks}
        for track in tracks:
            del self._tracks[track.track_id]
            self.revision += 1
            if not track.is_visible or (track.person_id is None and track.compared is None):
                continue
            if not alone[track.track_id]:
                self._end_person(track)
            elif track.group is not None:
                group = self._groups[track.group]
                group.add(track)
                self._match(group)
                if group.is_unknown:
                    self._give_number(group)
        self._drop_groups()

    def _end_person(self, track: VisitorTrack) -> None:
        """Keep the visit of a recognized person: with the visitor who got this name, or with the person."""
        assert track.person_id
        group = self._groups.get(track.group) if track.group is not None else self._home(track)
        if group is not None and (self._person(group) or ("",))[0] == track.person_id:
            group.add(track)
            self._match(group)
            return
        person = self._people.setdefault(track.person_id, VisitorGroup(0))
        person.add(track)
        person.person = track.person_id, track.name or track.person_id
        person.portraits = person.portraits[:1]
        if track.group is not None:
            person.number = person.number or self._groups[track.group].number

    def _drop_groups(self) -> None:
        """Drop groups without visits and those beyond the limits, the latest seen are kept."""
        present = {track.group for track in self._tracks.values()}
        past = sorted((group for group in self._groups.values() if group.key not in present), key=lambda each: -each.last_seen_s)
        with_visits = [group for group in past if group.visits]
        dropped = {group.key for group in (*with_visits[MAX_UNKNOWN:], *(group for group in past if not group.visits))}
        for key in dropped:
            del self._groups[key]
        for group in self._groups.values():
            group.apart -= dropped
        latest_people = sorted(self._people, key=lambda person_id: -self._people[person_id].last_seen_s)
        for person_id in latest_people[MAX_PEOPLE:]:
            del self._people[person_id]


def _visitor_id(key: str | int) -> str:
    if isinstance(key, str):
        return f"person {key}"
    return f"visitor {key}" if key > 0 else f"track {-key}"


@dataclass(frozen=True, slots=True, eq=False)
class DecisionReport:
    """Explanation of a visitor's decision.

    Attributes:
        face_decision: Decision of the face compared last, None before the first.
        rule: The rule that it was made with, with the nearest person's own match threshold.
        gallery_threshold_l2: The match threshold of the gallery.
        threshold_origin: What the own threshold comes from: a code of THRESHOLD_ORIGINS.
        checks: The newest measurements against the gates.
        failed_gate: The gate that now prevents a comparison.
    """

    visitor: VisitorSummary
    face_decision: Decision | None
    rule: DecisionRule | None
    checks: tuple[GateCheck, ...]
    failed_gate: str | None
    gallery_threshold_l2: float | None = None
    threshold_origin: str = "gallery"

    @property
    def decision(self) -> Decision:
        """Decision of the track."""
        return self.visitor.sighting.track_decision.decision

    @property
    def compared_decision(self) -> Decision:
        """Decision whose distances are shown: the face's, or the track's without one."""
        return self.face_decision or self.decision

    @property
    def face_agrees(self) -> bool:
        face, track = self.face_decision, self.decision
        return face is not None and face.status is track.status and face.name == track.name


def decision_report(visitor: VisitorSummary, settings: Settings) -> DecisionReport:
    """Explain a visitor's decision with the current settings."""
    compared, measured = visitor.last_compared, visitor.last_measured
    rule, origin = None, "gallery"
    if compared is not None and compared.threshold_l2 is not None:
        # The threshold is that of the decision; margin and band come from the settings or the network.
        rule = decision_rule(replace(settings.identify, threshold_l2=compared.threshold_l2), ())
        is_fixed = settings.identify.threshold_l2 is not None
        if is_fixed and decision_rule(settings.identify, ()).threshold_l2 == rule.threshold_l2:
            origin = "fixed"
        elif (nearest := compared.sighting.decision.nearest) is not None:
            origin = nearest.threshold_origin(rule.threshold_l2)
            rule = replace(rule, threshold_l2=rule.own_threshold_l2(nearest))
    checks = (
        ()
        if measured is None
        else gate_checks(measured.sighting.face, measured.sighting.quality, measured.size_wh, settings.gate)
    )
    return DecisionReport(
        visitor,
        compared.sighting.decision if compared else None,
        rule,
        checks,
        visitor.sighting.gate,
        compared.threshold_l2 if compared else None,
        origin,
    )


def find_photo(gallery: Gallery, sample_id: str) -> Path | None:
    """Return the photo of a sample; None when it was removed."""
    return next((sample.photo for sample in gallery.samples if sample.sample_id == sample_id), None)


def photo_crop(photo: Path, settings: Settings) -> Image | None:
    """Return the aligned face (size, size, 3) RGB of a photo, as it is compared; None without exactly one usable face.

    Opens networks of its own with one thread each, which takes a tenth of a second. Raises ImageError for an unreadable photo.
    """
    bgr = read_gallery_image(photo)
    with open_face_analyzer(settings.replace({"detect.threads": 1, "identify.threads": 1})) as analyzer:
        face = single_face(analyzer.analyze(bgr))
    return face.crop_rgb if isinstance(face, FaceObservation) else None
