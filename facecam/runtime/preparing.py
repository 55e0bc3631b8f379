"""What takes time before anything is recognised, and how far it is."""

from __future__ import annotations

from collections.abc import Callable

from facecam.compile import ensure_compiled, ensure_fetched, missing
from facecam.recognizer import Recognizer, networks_for
from facecam.runtime.plan import Plan
from facecam.runtime.state import Step, Work


class Preparing:
    """Keeps the step that a recogniser's opening is at. Set in one thread, looked at in others."""

    def __init__(self) -> None:
        self.step: Step | None = None

    def open_recognizer(self, plan: Plan) -> Recognizer:
        """The recogniser that a plan asks for; meanwhile `step` tells how far it is."""
        names = networks_for(plan.settings, plan.mode)
        if missing(names):
            told = self._tell(Work.NETWORKS)
            told(0, len(names))
            ensure_fetched(names, told)
            ensure_compiled(names, lambda done, total, _: told(done, total))
        self.step = None
        return Recognizer(plan.settings, plan.gallery_dir, plan.mode, progress=self._tell(Work.GALLERY))

    def _tell(self, work: Work) -> Callable[[int, int], None]:
        def told(done: int, total: int) -> None:
            self.step = Step(work, done, total)

        return told
