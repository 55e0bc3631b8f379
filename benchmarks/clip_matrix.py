"""`python -m benchmarks.clip_matrix`: everybody in turn the stranger, on eight webcam clips. See docs/recognition.md.

Two clips each of four people lie in `data/webcam` of the folder that FACECAM_TEST_DATA names. In a run one of the four is the
stranger, the others are enrolled from one of their clips each; their other clips and both of the stranger's are recognized.
Nobody in `data/presence` is ever enrolled.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from facecam.capture.source import frames, open_source
from facecam.enrollment.enroll import enroll
from facecam.enrollment.samples import Selection, SelectionRule, pick_samples
from facecam.errors import EnrollmentRefusedError
from facecam.gallery.gallery import Gallery, reading_conditions
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.recognition.matching import decision_rule, own_threshold_l2
from facecam.recognizer import Recognizer
from facecam.settings import Settings
from facecam.types import DecisionStatus, Frame, Sighting

CLIPS = {"A": ("again", "help"), "B": ("milk", "please"), "C": ("book", "learn"), "D": ("eat", "night")}
"""Each person's clips."""
PASSERS_BY = ("face_noface.mov", "noface_face.mov", "no_face.mp4")
LONG_FRAMES = 10
"""A track of fewer frames is counted, but not judged."""
NAMED_WITHIN_MS = 1000.0
STRANGER_KNOWN, MISNAMED, NOT_IN_TIME = "a stranger is known", "another's name", "no name in time"


@dataclass(frozen=True, slots=True)
class Run:
    """Who is not enrolled, and from which clip each of the others is."""

    stranger: str
    enrolled: Mapping[str, str]

    def clips(self) -> Iterator[tuple[str, str]]:
        """(person, clip) of everything to be recognized: what nobody was enrolled from."""
        return ((who, clip) for who, clips in CLIPS.items() for clip in clips if clip != self.enrolled.get(who))

    def __str__(self) -> str:
        return ", ".join(f"{who} {clip}" for who, clip in self.enrolled.items())


def all_runs() -> list[Run]:
    """Each stranger with each choice of clips: 4 x 2 ** 3."""
    runs = []
    for stranger in CLIPS:
        others = [who for who in CLIPS if who != stranger]
        runs += [
            Run(stranger, dict(zip(others, chosen, strict=True))) for chosen in itertools.product(*(CLIPS[who] for who in others))
        ]
    return runs


@dataclass(slots=True)
class TrackFacts:
    """What became of one track. `ungated_ms` is its first frame that passed every gate, `named_ms` its first name's frame.

    `distances_l2` are (own, nearest other) for each sighting that was compared, `reasons` what each frame was decided by until
    there was a name.
    """

    clip: str
    who: str
    enrolled: bool
    track_id: int
    frames: int = 0
    first_frame: int = 0
    ungated_ms: float | None = None
    named_ms: float | None = None
    names: list[str] = field(default_factory=list)
    gates: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    nearest: list[tuple[int, str, float, float | None]] = field(default_factory=list)

    @property
    def long(self) -> bool:
        return self.frames >= LONG_FRAMES

    @property
    def wait_ms(self) -> float | None:
        """From the first frame that could be compared to the first name; None without either."""
        return None if self.ungated_ms is None or self.named_ms is None else self.named_ms - self.ungated_ms

    @property
    def fault(self) -> str | None:
        """What should not have happened."""
        if not self.enrolled and self.names:
            return STRANGER_KNOWN
        if set(self.names) - {self.who}:
            return MISNAMED
        late = self.enrolled and (self.wait_ms is None or self.wait_ms > NAMED_WITHIN_MS)
        return NOT_IN_TIME if late else None

    def add(self, frame: Frame, sighting: Sighting) -> None:
        decision, alone = sighting.track_decision.decision, sighting.decision
        self.first_frame = self.first_frame if self.frames else frame.index
        self.frames += 1
        if sighting.gate is None and self.ungated_ms is None:
            self.ungated_ms = frame.t_ms
        if sighting.gate is not None:
            self.gates[sighting.gate] = self.gates.get(sighting.gate, 0) + 1
        if decision.name is not None and decision.name not in self.names:
            self.names.append(decision.name)
        if decision.name == self.who and self.named_ms is None:
            self.named_ms = frame.t_ms
        if self.named_ms is None:
            self.reasons[decision.reason] = self.reasons.get(decision.reason, 0) + 1
        if alone.nearest is not None and alone.status is not DecisionStatus.SKIPPED:
            second = None if alone.second is None else round(alone.second.distance_l2, 3)
            self.nearest.append((frame.index, alone.nearest.name, round(alone.nearest.distance_l2, 3), second))


@dataclass(frozen=True, slots=True)
class Played:
    """One run: the gallery's threshold, who could not be enrolled and why, and every track."""

    run: Run
    threshold_l2: float
    samples: int
    refused: tuple[str, ...]
    tracks: tuple[TrackFacts, ...]


class Matrix:
    """Plays runs with one set of networks; each clip is read for enrollment once. A context manager."""

    def __init__(self, data: Path, folder: Path, settings: Settings | None = None) -> None:
        self._data, self._folder, self._settings = data, folder, settings or Settings()
        self._reader = open_face_analyzer(self._settings)
        self._recognizer = Recognizer(self._settings, folder / "nobody")
        self._selections: dict[str, Selection] = {}

    def play(self, run: Run) -> Played:
        """Enroll, and recognize every clip of the run."""
        folder = self._folder / str(run)
        refused, gallery = tuple(self._enroll(run, folder)), self._load(folder)
        threshold_l2 = decision_rule(self._settings.identify, gallery.samples).threshold_l2
        self._recognizer.use_gallery(gallery)
        tracks = [facts for who, clip in run.clips() for facts in self._tracks(f"webcam/{clip}.mkv", who, who in run.enrolled)]
        return Played(run, threshold_l2, len(gallery.samples), refused, tuple(tracks))

    def pass_by(self) -> list[TrackFacts]:
        """The tracks of people who are never enrolled, among those enrolled last."""
        return [facts for clip in PASSERS_BY for facts in self._tracks(f"presence/{clip}", "", False)]

    def _enroll(self, run: Run, folder: Path) -> Iterator[str]:
        for who, clip in run.enrolled.items():
            known = self._load(folder)
            threshold_l2 = decision_rule(self._settings.identify, known.samples).threshold_l2
            try:
                enroll(known, who, self.selected(clip), threshold_l2)
            except EnrollmentRefusedError as error:
                yield str(error)

    def selected(self, clip: str) -> Selection:
        """What `facecam enroll NAME --source CLIP` picks."""
        if clip not in self._selections:
            rule = SelectionRule.for_threshold(own_threshold_l2(self._settings.identify.network))
            seen = ((frame.bgr, self._reader.analyze(frame.bgr)) for frame in self._film(f"webcam/{clip}.mkv"))
            self._selections[clip] = pick_samples(seen, self._reader, rule)
        return self._selections[clip]

    def _load(self, folder: Path) -> Gallery:
        return Gallery.load(folder, self._reader, conditions=reading_conditions(self._settings))

    def _film(self, clip: str) -> Iterator[Frame]:
        with open_source(str(self._data / clip), self._settings.capture, time.monotonic()) as source:
            yield from frames(source)

    def _tracks(self, clip: str, who: str, enrolled: bool) -> list[TrackFacts]:
        tracks: dict[int, TrackFacts] = {}
        end_ms = 0.0
        for frame in self._film(clip):
            end_ms = frame.t_ms
            for sighting in self._recognizer(frame).sightings:
                number = sighting.track_decision.track_id
                tracks.setdefault(number, TrackFacts(Path(clip).stem, who, enrolled, number)).add(frame, sighting)
        self._recognizer.finish(end_ms)
        return list(tracks.values())

    def __enter__(self) -> Matrix:
        return self

    def __exit__(self, *_: object) -> None:
        self._recognizer.close()
        self._reader.close()


@dataclass(frozen=True, slots=True)
class Totals:
    """Long tracks counted; `short_misnamed` are shorter ones with a name that is not theirs."""

    strangers: int
    strangers_known: int
    enrolled: int
    misnamed: int
    named_in_time: int
    short: int
    short_misnamed: int

    @classmethod
    def of(cls, tracks: Iterable[TrackFacts]) -> Totals:
        everything = list(tracks)
        long = [facts for facts in everything if facts.long]
        short = [facts for facts in everything if not facts.long]
        enrolled = [facts for facts in long if facts.enrolled]
        return cls(
            strangers=len(long) - len(enrolled),
            strangers_known=sum(facts.fault == STRANGER_KNOWN for facts in long),
            enrolled=len(enrolled),
            misnamed=sum(facts.fault == MISNAMED for facts in enrolled),
            named_in_time=sum(facts.fault is None for facts in enrolled),
            short=len(short),
            short_misnamed=sum(facts.fault in (STRANGER_KNOWN, MISNAMED) for facts in short),
        )


def _table(played: Iterable[Played]) -> Table:
    table = Table(title=f"Tracks of {LONG_FRAMES} frames or more")
    for heading in ("stranger", "enrolled from", "photos", "threshold", "known", "another's name", "named in time", "slowest"):
        table.add_column(heading)
    for one in played:
        counts = Totals.of(one.tracks)
        waits = [facts.wait_ms for facts in one.tracks if facts.long and facts.enrolled and facts.wait_ms is not None]
        table.add_row(
            one.run.stranger,
            str(one.run),
            str(one.samples),
            f"{one.threshold_l2:.3f}",
            f"{counts.strangers_known} of {counts.strangers}",
            f"{counts.misnamed} of {counts.enrolled}",
            f"{counts.named_in_time} of {counts.enrolled}",
            f"{max(waits):.0f} ms" if waits else "",
        )
    return table


def _exception(one: Played, facts: TrackFacts) -> str:
    seen = " ".join(f"{index}:{name} {near}/{far}" for index, name, near, far in facts.nearest)
    return (
        f"{facts.fault}: {facts.who} in {facts.clip}, track {facts.track_id} from frame {facts.first_frame},"
        f" {facts.frames} frames; enrolled {one.run}; threshold {one.threshold_l2:.3f};"
        f" first ungated {facts.ungated_ms}, named {facts.named_ms} ms; names {facts.names};"
        f" gates {facts.gates}; reasons {facts.reasons}; distances {seen}"
    )


def main(arguments: list[str]) -> int:
    """Measure, print the table and every exception, and write all tracks where --json says. Status 1 without material."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clip_matrix", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every track's facts there too")
    asked = parser.parse_args(arguments)
    data = Path(os.environ.get("FACECAM_TEST_DATA", ""), "data")
    if "FACECAM_TEST_DATA" not in os.environ or not data.is_dir():
        print("set FACECAM_TEST_DATA to the folder that holds data/webcam with its clips", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder, Matrix(data, Path(folder)) as matrix:
        runs = track(all_runs(), "runs", console=Console(stderr=True))
        played, passed = [matrix.play(run) for run in runs], matrix.pass_by()
    _tell(played, passed)
    if asked.json is not None:
        told = [asdict(one) | {"run": asdict(one.run)} for one in played]
        asked.json.write_text(json.dumps(told, indent=1, default=dict) + "\n", encoding="utf-8")
    return 0


def _tell(played: list[Played], passed: list[TrackFacts]) -> None:
    console = Console(width=None if sys.stdout.isatty() else 150, highlight=False)
    console.print(_table(played))
    tracks = [facts for one in played for facts in one.tracks]
    print("\n".join(f"{what}: {count}" for what, count in asdict(Totals.of(tracks)).items()))
    long = [facts for facts in passed if facts.long]
    print(f"people who are never enrolled: {len(long)} long tracks, {sum(bool(facts.names) for facts in passed)} of all known")
    for one in played:
        for said in one.refused:
            print(f"refused: {said}; {one.run}")
        for facts in one.tracks:
            if facts.fault is not None:
                print(("" if facts.long else "(short) ") + _exception(one, facts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
