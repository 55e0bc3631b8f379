"""Matrix of galleries and strangers on eight webcam clips: `python -m benchmarks.clip_matrix`. See docs/internals/recognition.md.

`data/webcam` of the folder FACECAM_TEST_DATA holds two clips each of four people. In a run one of the four is the stranger and
the others are enrolled from one of their clips each; their other clips and both of the stranger's are recognized. The people in
`data/presence` are never enrolled.
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
from facecam.enrollment.enroll import EnrollmentOptions, enroll
from facecam.enrollment.samples import Selection, SelectionRule, select_samples
from facecam.errors import EnrollmentRefusedError
from facecam.gallery.gallery import Gallery, analysis_conditions
from facecam.networks.embedding_networks import DEFAULT_NETWORK, embedding_network
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.recognition.matching import decision_rule
from facecam.recognizer import Recognizer
from facecam.settings import Settings
from facecam.types import DecisionStatus, Frame, Sighting

CLIPS = {"A": ("again", "help"), "B": ("milk", "please"), "C": ("book", "learn"), "D": ("eat", "night")}
"""Each person's clips."""
PRESENCE_CLIPS = ("face_noface.mov", "noface_face.mov", "no_face.mp4")
MIN_FRAMES = 10
"""Shorter tracks are counted, but not judged."""
MAX_WAIT_MS = 1000.0
STRANGER_KNOWN, MISNAMED, NOT_IN_TIME = "a stranger is known", "another's name", "no name in time"


@dataclass(frozen=True, slots=True)
class Run:
    """Enrollment of a run: the stranger, and the clip of each enrolled person."""

    stranger: str
    enrolled: Mapping[str, str]

    def clips(self) -> Iterator[tuple[str, str]]:
        """Yield (person, clip) of all clips that were not used for enrollment."""
        return ((person, clip) for person, clips in CLIPS.items() for clip in clips if clip != self.enrolled.get(person))

    def __str__(self) -> str:
        return _enrolled_text(self.enrolled)


def _enrolled_text(clips: Mapping[str, str]) -> str:
    return ", ".join(f"{person} {clip}" for person, clip in clips.items())


def all_runs() -> list[Run]:
    """Return each stranger with each choice of clips: 4 x 2 ** 3."""
    runs = []
    for stranger in CLIPS:
        others = [person for person in CLIPS if person != stranger]
        runs += [
            Run(stranger, dict(zip(others, chosen, strict=True)))
            for chosen in itertools.product(*(CLIPS[person] for person in others))
        ]
    return runs


def single_runs() -> list[Run]:
    """Return each clip enrolled alone, with each other person as the stranger."""
    return [
        Run(stranger, {person: clip})
        for person, clips in CLIPS.items()
        for clip in clips
        for stranger in CLIPS
        if stranger != person
    ]


@dataclass(slots=True)
class TrackRecord:
    """Recognition of one track. `ungated_ms` is its first frame that passed every gate, `named_ms` its first frame with a name.

    `reasons` counts the decisions until there was a name; `nearest` are (frame, name, distance, next other distance) of each
    comparison.
    """

    clip: str
    person: str
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
        return self.frames >= MIN_FRAMES

    @property
    def wait_ms(self) -> float | None:
        """Time from the first frame that could be compared to the first name; None without either."""
        return None if self.ungated_ms is None or self.named_ms is None else self.named_ms - self.ungated_ms

    @property
    def fault(self) -> str | None:
        """The error of this track, None without one."""
        if not self.enrolled and self.names:
            return STRANGER_KNOWN
        if set(self.names) - {self.person}:
            return MISNAMED
        late = self.enrolled and (self.wait_ms is None or self.wait_ms > MAX_WAIT_MS)
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
        if decision.name == self.person and self.named_ms is None:
            self.named_ms = frame.t_ms
        if self.named_ms is None:
            self.reasons[decision.reason] = self.reasons.get(decision.reason, 0) + 1
        if alone.nearest is not None and alone.status is not DecisionStatus.SKIPPED:
            second = None if alone.second is None else round(alone.second.distance_l2, 3)
            self.nearest.append((frame.index, alone.nearest.name, round(alone.nearest.distance_l2, 3), second))


@dataclass(frozen=True, slots=True)
class RunResult:
    """Result of a run: the threshold, refused enrollments, and every track."""

    run: Run
    threshold_l2: float
    samples: int
    refused: tuple[str, ...]
    tracks: tuple[TrackRecord, ...]


class Matrix:
    """Plays runs with one set of networks; each clip is analyzed for enrollment once. A context manager."""

    def __init__(self, data: Path, folder: Path, settings: Settings | None = None) -> None:
        self._data, self._folder, self._settings = data, folder, settings or Settings()
        self.network = self._settings.identify.network
        self._analyzer = open_face_analyzer(self._settings)
        self._recognizer = Recognizer(self._settings, folder / "empty")
        self._selections: dict[str, Selection] = {}

    def play(self, run: Run) -> RunResult:
        """Enroll, and recognize every clip of the run."""
        gallery, refused = self.enroll(run.enrolled)
        threshold_l2 = decision_rule(self._settings.identify, gallery.samples).threshold_l2
        self._recognizer.use_gallery(gallery)
        tracks = [
            record
            for person, clip in run.clips()
            for record in self._tracks(f"webcam/{clip}.mkv", person, person in run.enrolled)
        ]
        return RunResult(run, threshold_l2, len(gallery.samples), refused, tuple(tracks))

    def presence_tracks(self) -> list[TrackRecord]:
        """Return the tracks of people who are never enrolled, with the last gallery."""
        return [record for clip in PRESENCE_CLIPS for record in self._tracks(f"presence/{clip}", "", False)]

    def enroll(self, clips: Mapping[str, str]) -> tuple[Gallery, tuple[str, ...]]:
        """Return a gallery with each person enrolled from a clip, and the refused enrollments."""
        folder, refused = self._folder / _enrolled_text(clips), []
        for person, clip in clips.items():
            known = self._load(folder)
            try:
                enroll(known, person, self.selected(clip), EnrollmentOptions.for_network(self._settings.identify.network))
            except EnrollmentRefusedError as error:
                refused.append(str(error))
        return self._load(folder), tuple(refused)

    def selected(self, clip: str) -> Selection:
        """Return the samples that `facecam enroll NAME --source CLIP` selects."""
        if clip not in self._selections:
            rule = SelectionRule.for_network(embedding_network(self._settings.identify.network))
            analyzed = ((frame.bgr, self._analyzer.analyze(frame.bgr)) for frame in self._frames(f"webcam/{clip}.mkv"))
            self._selections[clip] = select_samples(analyzed, self._analyzer, rule)
        return self._selections[clip]

    def _load(self, folder: Path) -> Gallery:
        return Gallery.load(folder, self._analyzer, conditions=analysis_conditions(self._settings))

    def _frames(self, clip: str) -> Iterator[Frame]:
        with open_source(str(self._data / clip), self._settings.capture, time.monotonic()) as source:
            yield from frames(source)

    def _tracks(self, clip: str, person: str, enrolled: bool) -> list[TrackRecord]:
        tracks: dict[int, TrackRecord] = {}
        end_ms = 0.0
        for frame in self._frames(clip):
            end_ms = frame.t_ms
            for sighting in self._recognizer(frame).sightings:
                number = sighting.track_decision.track_id
                tracks.setdefault(number, TrackRecord(Path(clip).stem, person, enrolled, number)).add(frame, sighting)
        self._recognizer.finish(end_ms)
        return list(tracks.values())

    def __enter__(self) -> Matrix:
        return self

    def __exit__(self, *_: object) -> None:
        self._recognizer.close()
        self._analyzer.close()


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of long tracks; `short_misnamed` are shorter ones with a wrong name."""

    strangers: int
    strangers_known: int
    enrolled: int
    misnamed: int
    named_in_time: int
    short: int
    short_misnamed: int

    @classmethod
    def from_tracks(cls, tracks: Iterable[TrackRecord]) -> Totals:
        everything = list(tracks)
        long = [record for record in everything if record.long]
        short = [record for record in everything if not record.long]
        enrolled = [record for record in long if record.enrolled]
        return cls(
            strangers=len(long) - len(enrolled),
            strangers_known=sum(record.fault == STRANGER_KNOWN for record in long),
            enrolled=len(enrolled),
            misnamed=sum(record.fault == MISNAMED for record in enrolled),
            named_in_time=sum(record.fault is None for record in enrolled),
            short=len(short),
            short_misnamed=sum(record.fault in (STRANGER_KNOWN, MISNAMED) for record in short),
        )


def _table(played: Iterable[RunResult]) -> Table:
    table = Table(title=f"Tracks of {MIN_FRAMES} frames or more")
    for heading in ("stranger", "enrolled from", "photos", "threshold", "known", "another's name", "named in time", "slowest"):
        table.add_column(heading)
    for one in played:
        counts = Totals.from_tracks(one.tracks)
        waits = [record.wait_ms for record in one.tracks if record.long and record.enrolled and record.wait_ms is not None]
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


def _exception(one: RunResult, record: TrackRecord) -> str:
    distances = " ".join(f"{index}:{name} {near}/{far}" for index, name, near, far in record.nearest)
    return (
        f"{record.fault}: {record.person} in {record.clip}, track {record.track_id} from frame {record.first_frame},"
        f" {record.frames} frames; enrolled {one.run}; threshold {one.threshold_l2:.3f};"
        f" first ungated {record.ungated_ms}, named {record.named_ms} ms; names {record.names};"
        f" gates {record.gates}; reasons {record.reasons}; distances {distances}"
    )


def main(arguments: list[str]) -> int:
    """Measure, print the table and every fault, and write all tracks to --json. Returns 1 without test data."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clip_matrix", description=__doc__)
    parser.add_argument("--network", default=DEFAULT_NETWORK, help="embedding network; default: %(default)s")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every track's record there too")
    args = parser.parse_args(arguments)
    data = Path(os.environ.get("FACECAM_TEST_DATA", ""), "data")
    if "FACECAM_TEST_DATA" not in os.environ or not data.is_dir():
        print("set FACECAM_TEST_DATA to the folder that holds data/webcam with its clips", file=sys.stderr)
        return 1
    settings = Settings().replace({"identify.network": args.network})
    with tempfile.TemporaryDirectory() as folder, Matrix(data, Path(folder), settings) as matrix:
        runs = track(all_runs(), "runs", console=Console(stderr=True))
        played, passed = [matrix.play(run) for run in runs], matrix.presence_tracks()
        single = [matrix.play(run) for run in track(single_runs(), "one person", console=Console(stderr=True))]
    _print(played, passed)
    totals = Totals.from_tracks(record for one in single for record in one.tracks)
    print(f"one person enrolled: {totals.strangers_known} of {totals.strangers} tracks of strangers are ever known")
    if args.json is not None:
        results = [asdict(one) | {"run": asdict(one.run)} for one in played]
        args.json.write_text(json.dumps(results, indent=1, default=dict) + "\n", encoding="utf-8")
    return 0


def _print(played: list[RunResult], passed: list[TrackRecord]) -> None:
    console = Console(width=None if sys.stdout.isatty() else 150, highlight=False)
    console.print(_table(played))
    tracks = [record for one in played for record in one.tracks]
    print("\n".join(f"{what}: {count}" for what, count in asdict(Totals.from_tracks(tracks)).items()))
    long = [record for record in passed if record.long]
    print(f"people who are never enrolled: {len(long)} long tracks, {sum(bool(r.names) for r in passed)} recognized tracks")
    for one in played:
        for message in one.refused:
            print(f"refused: {message}; {one.run}")
        for record in one.tracks:
            if record.fault is not None:
                print(("" if record.long else "(short) ") + _exception(one, record))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
