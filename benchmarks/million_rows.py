"""Log of a million rows: cost of writing it, time and memory of reading it, time of the queries.

    python -m benchmarks.million_rows [FOLDER]      prints a Markdown table; the log is kept when a folder is given

The session's own writer writes synthetic results: five faces a frame, 30 frames a second, followed faces, known people and
strangers, arrivals and departures. Each reading runs in a process of its own, for its peak memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import machine
from facecam.expression.reader import NETWORK as EXPRESSION_NETWORK
from facecam.logbook.reader import read_log
from facecam.logbook.schema import RowOrigin, SessionInfo, new_session_id
from facecam.logbook.writer import LogWriter
from facecam.networks.embedding_networks import DEFAULT_NETWORK
from facecam.settings import Mode
from facecam.types import (
    Box,
    Candidate,
    Decision,
    DecisionStatus,
    Event,
    Expression,
    Face,
    FrameCounts,
    Quality,
    Result,
    Sighting,
    TrackDecision,
)

ROWS = 1_000_000
FACES = 5
FPS = 30
_PEOPLE = tuple(f"{first} {last}" for first in ("Ada", "Grace", "Alan", "Edsger") for last in ("Moore", "O'Hara", "Li"))
_FRAMES_PER_VISIT = 40 * FPS
_DECIDED_MS = 100
_QUERIES = ("presence", "visits", "first_last_seen", "expressions", "sentiment", "objects", "frames")
_COLUMNS = ["ts_utc", "event", "name", "p_happy", "distance_l2"]


def results(frames: int, seed: int = 0) -> Iterator[Result]:
    """Yield synthetic recognition results."""
    rng = np.random.default_rng(seed)
    landmarks = np.zeros((5, 2), np.float32)
    decisions: list[Decision] = []
    expressions: list[Expression | None] = [None] * FACES
    for index in range(frames):
        events: list[Event] = []
        if index % _FRAMES_PER_VISIT == 0:
            events += [Event("exit", "", place, d.name) for place, d in enumerate(decisions)]
            decisions = [_decision(rng, stranger=place == FACES - 1) for place in range(FACES)]
            events += [Event("enter", "", place, d.name) for place, d in enumerate(decisions)]
        numbers = rng.random((FACES, 12))
        is_read = index % 6 == 0
        if is_read:
            expressions = [_expression(rng) for _ in range(FACES)]
        track = index // _FRAMES_PER_VISIT * FACES
        age_ms = index % _FRAMES_PER_VISIT * 1e3 / FPS
        sightings = tuple(
            _sighting(
                numbers[place],
                decisions[place],
                TrackDecision(track + place, age_ms, _of_track(decisions[place], age_ms), 4.5, 5.0),
                landmarks,
                expression,
                is_read=is_read,
            )
            for place, expression in enumerate(expressions)
        )
        yield Result(
            frame_index=index,
            t_ms=index * 1e3 / FPS,
            source="camera 0",
            camera_id="0",
            size_wh=(1280, 720),
            mode=Mode.FACES,
            sightings=sightings,
            events=tuple(events),
            threshold_l2=0.322,
            gallery_revision="5d41402abc4b",
            detect_ms=float(numbers[0, 10]) * 9,
            embed_ms=float(numbers[1, 10]) * 5,
            total_ms=float(numbers[2, 10]) * 20,
        )


def _decision(rng: np.random.Generator, *, stranger: bool) -> Decision:
    first, second = (_PEOPLE[int(place)] for place in rng.choice(len(_PEOPLE), 2, replace=False))
    near = 0.4 if stranger else 0.15
    nearest, other = Candidate(first, first, f"{first}-1.jpg", near), Candidate(second, second, f"{second}-7.jpg", 0.52)
    return Decision(
        DecisionStatus.UNKNOWN if stranger else DecisionStatus.KNOWN, "match", None if stranger else first, nearest, other
    )


def _of_track(decision: Decision, age_ms: float) -> Decision:
    """Return the decision of a track: unsure in its first frames."""
    return decision if age_ms >= _DECIDED_MS else Decision(DecisionStatus.UNSURE, "few_sightings", nearest=decision.nearest)


def _expression(rng: np.random.Generator) -> Expression:
    weights = rng.random(7) ** 4
    return Expression(tuple(float(p) for p in weights / weights.sum()))


def _sighting(
    numbers: np.ndarray,
    decision: Decision,
    vote: TrackDecision,
    landmarks: np.ndarray,
    expression: Expression | None,
    *,
    is_read: bool,
) -> Sighting:
    a = [float(number) for number in numbers]
    assert decision.nearest is not None
    assert decision.second is not None
    embedded = a[0] < 1 / FPS
    if embedded:
        nearest = Candidate(
            decision.nearest.name,
            decision.nearest.person_id,
            decision.nearest.sample_id,
            decision.nearest.distance_l2 + a[1] * 0.05,
        )
        second = Candidate(
            decision.second.name, decision.second.person_id, decision.second.sample_id, decision.second.distance_l2 + a[2] * 0.05
        )
        alone = Decision(decision.status, decision.reason, decision.name, nearest, second)
    else:
        alone = Decision(DecisionStatus.SKIPPED, "followed")
    return Sighting(
        face=Face(Box(a[3] * 1000, a[4] * 500, 80 + a[5] * 90, 90 + a[6] * 90), 0.99 + a[7] * 0.01, landmarks),
        quality=Quality(a[8] * 40 - 20, a[9] * 20 - 10, a[10] * 10 - 5, 100 + a[11] * 300, 90 + a[0] * 60),
        gate=None,
        embedded=embedded,
        decision=alone,
        evidence_weight=a[1] if embedded else 0.0,
        track_decision=vote,
        expression=expression,
        expression_read=is_read,
    )


def write_log(folder: Path, rows: int) -> Path:
    """Write a log of at least so many rows."""
    with LogWriter(folder, _session()) as log:
        for count, result in enumerate(results(-(-rows // FACES)), start=1):
            log.write(result, 0)
            if count % (60 * FPS) == 0:
                counts = FrameCounts(count, count, count, count * 1e3 / FPS)
                log.event(
                    Event("frames", "", frames=counts), result.t_ms, RowOrigin(result.source, result.camera_id, result.mode)
                )
    return log.path


def writing_share(folder: Path, seconds: int = 60) -> float:
    """Return the writer's processor time for so many simulated seconds, as a share of one core."""
    made = list(results(seconds * FPS))
    with LogWriter(folder, _session()) as log:
        began_s = time.thread_time()
        for result in made:
            log.write(result, 0)
        return (time.thread_time() - began_s) / seconds


def _session() -> SessionInfo:
    started = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    return SessionInfo(new_session_id(started), started, "benchmark", DEFAULT_NETWORK, EXPRESSION_NETWORK)


def read_once(folder: str, columns: list[str] | None) -> dict[str, float]:
    """Read the log in a new process: rows, seconds without the imports, peak memory in MB."""
    code = (
        "import json, sys, time; from benchmarks.machine import resident_mb; from facecam import read_log\n"
        "read_log([])\n"
        "began = time.perf_counter(); rows = len(read_log(sys.argv[1], columns=json.loads(sys.argv[2])))\n"
        "print(json.dumps({'rows': rows, 's': time.perf_counter() - began, 'mb': resident_mb(peak=True)}))"
    )
    words = [sys.executable, "-c", code, folder, json.dumps(columns)]
    done = subprocess.run(words, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def query_seconds(log: pd.DataFrame, query: str) -> float:
    """Return the shortest of three times that a query takes of the processor."""
    times = []
    for _ in range(3):
        began_s = time.process_time()
        getattr(log.facecam, query)()
        times.append(time.process_time() - began_s)
    return min(times)


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(temporary)
        print(f"{machine.processor()}, {machine.cores()} cores, load before {machine.describe()['load before the run']}\n")
        share = writing_share(Path(temporary))
        if not (folder / "million").is_dir():
            write_log(folder / "million", ROWS)
        size_mb = sum(path.stat().st_size for path in (folder / "million").rglob("*.csv")) / 1e6
        print("| what | figure |\n|---|---|")
        print(f"| writing, {FPS} frames a second, {FACES} faces, a simulated minute | {share:.2%} of a core |")
        for what, columns in (("whole", None), (f"columns={_COLUMNS}", _COLUMNS)):
            read = read_once(str(folder / "million"), columns)
            print(f"| reading {read['rows']:,} rows ({size_mb:,.0f} MB), {what} | {read['s']:.1f} s, {read['mb']:,.0f} MB |")
        log = read_log(folder / "million")
        for query in _QUERIES:
            print(f"| `log.facecam.{query}()` | {query_seconds(log, query):.2f} s of a core |")


if __name__ == "__main__":
    main()
