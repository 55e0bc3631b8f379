"""The people panel's rows, as data: headings, cards, and a friendly sentence where there is nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from facecam.overlay import Words
from facecam.runtime.visitor import Card
from facecam.types import Kind
from facecam.ui.figures import clock, lasting
from facecam.ui.words import words

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One line of the list: a card when it has one, a heading when it has a title alone, else a sentence.

    `key` stays the same for the same visitor. `detail` are the lines below the title, `spoken` is all of it for a screen reader.
    """

    key: str
    title: str
    detail: tuple[str, ...] = ()
    spoken: str = ""
    card: Card | None = None
    is_heading: bool = False

    def looks_like(self, other: Row) -> bool:
        """Whether there is nothing to paint anew."""
        mine, its = self.card, other.card
        same_picture = mine is its or (mine is not None and its is not None and mine.portrait is its.portrait)
        same_kind = mine is its or (mine is not None and its is not None and mine.kind is its.kind)
        return same_picture and same_kind and (self.title, self.detail) == (other.title, other.detail)


def rows_of(cards: Sequence[Card], now_s: float, *, looks_at_faces: bool = True) -> list[Row]:
    """The rows for these cards at a moment (monotonic): who is here, who was here, and unknown visitors who have gone."""
    said = words()
    here = [card for card in cards if card.here]
    known = [card for card in cards if not card.here and card.name is not None]
    strangers = [card for card in cards if not card.here and card.name is None]
    rows = [_heading("here", translate("People", "Here now"))]
    rows += [_row_here(card, now_s, said) for card in here] or [_nobody(bool(cards), looks_at_faces)]
    for key, title, gone in (
        ("was", translate("People", "Was here"), known),
        ("strangers", translate("People", "Unknown visitors"), strangers),
    ):
        if gone:
            rows += [_heading(key, title), *(_row_gone(card, said) for card in gone)]
    return rows


def title_of(card: Card, said: Words) -> str:
    """The name, with a question mark when it is a guess; else what is known instead of it."""
    if card.name is not None and (card.kind in (Kind.KNOWN, Kind.UNKNOWN) or not card.here):
        return card.name
    if card.guess is not None:
        return translate("People", "{name}?").format(name=card.guess)
    match card.kind:
        case Kind.UNKNOWN:
            return said.unknown
        case Kind.SKIPPED:
            return translate("People", "Not compared")
    return said.unsure


def _heading(key: str, title: str) -> Row:
    return Row(key, title, spoken=title, is_heading=True)


def _nobody(anybody_before: bool, looks_at_faces: bool) -> Row:
    if not looks_at_faces:
        said = translate("People", "Only objects are looked at. Switch to faces to see who is here.")
    elif anybody_before:
        said = translate("People", "Nobody is here right now.")
    else:
        said = translate("People", "Nobody is here yet. Whoever comes before the camera appears here.")
    return Row("nobody", "", (said,), said)


def _row_here(card: Card, now_s: float, said: Words) -> Row:
    since = translate("People", "since {time} · {duration}")
    lines = [since.format(time=clock(card.since.at_s), duration=lasting(now_s - card.since.at_s))]
    shown = said.expressions.get(card.expression.label, card.expression.label) if card.expression is not None else ""
    reason = _reason(card, said)
    lines += [" · ".join(word for word in (reason, shown) if word)] if reason or shown else []
    return _card_row(card, lines, said)


def _row_gone(card: Card, said: Words) -> Row:
    began, ended = clock(card.since.at_s), clock(card.last.at_s)
    if began == ended:
        lines = [translate("People", "at {time}").format(time=began)]
    else:
        lines = [translate("People", "{begin} to {end}").format(begin=began, end=ended)]
    if card.visits > 1:
        lines.append(translate("People", "{count} visits since {time}").format(count=card.visits, time=clock(card.first.at_s)))
    return _card_row(card, lines, said)


def _card_row(card: Card, lines: Sequence[str], said: Words) -> Row:
    title = title_of(card, said)
    return Row(card.card_id, title, tuple(lines), ", ".join((title, *lines)), card)


def _reason(card: Card, said: Words) -> str:
    """What keeps a face from being compared or decided; nothing for the rest."""
    gate = card.sighting.gate
    if gate is not None:
        return said.gates.get(gate, gate)
    return translate("People", "not sure") if card.kind is Kind.UNSURE else ""
