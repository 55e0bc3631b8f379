"""What a check says: a verdict, what was found, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from facecam.errors import FacecamError


class Verdict(StrEnum):
    """How bad it is. A warning leaves facecam usable, a fault takes something away."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's: `advice` says what to do, and is empty when all is well."""

    check: str
    verdict: Verdict
    found: str
    advice: str = ""

    def __post_init__(self) -> None:
        if (self.verdict is Verdict.OK) is bool(self.advice):
            raise ValueError(f"{self.check}: {self.verdict} with the advice {self.advice!r}; all but what is ok needs one")

    @classmethod
    def of(cls, check: str, error: FacecamError, otherwise: str, verdict: Verdict = Verdict.FAULT) -> Self:
        """An error as a finding: its sentence ends with what to do behind a semicolon; `otherwise` stands in when it does not."""
        found, _, advice = str(error).partition("; ")
        advice = advice or otherwise
        return cls(check, verdict, found, advice[:1].upper() + advice[1:])
