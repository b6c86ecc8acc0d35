"""Is a peer right? Against the oracle on a sample of firms, against the first right peer on all."""

from __future__ import annotations

import numpy as np
from card import Case
from oracle import oracle

from peers import Peer

SAMPLE = 2_000
TOLERANCE = 1e-9
TOP = 5


class Checker:
    """Holds the oracle's answers for a seeded sample and the first accepted answer for all firms."""

    def __init__(self, case: Case) -> None:
        rows = case.frame.height
        self.names = [i.column for i in case.card.indicators]
        self.rows = np.sort(np.random.default_rng(0).permutation(rows)[:SAMPLE])
        score = oracle(case.text)
        answers = [score(firm) for firm in case.frame[self.rows].iter_rows(named=True)]
        self.scores = np.array([a[0] for a in answers])
        self.grades = np.array([a[1] for a in answers])
        self.losses = [dict(a[2]) for a in answers]
        self.first: tuple[str, np.ndarray, np.ndarray] | None = None

    def problems(self, peer: Peer, answer: object) -> list[str]:
        """What is wrong with an answer; empty if nothing is."""
        if peer.kind == "read":
            return []
        score, grade = answer[0], answer[1]
        found = _differences("the oracle", score[self.rows], grade[self.rows], self.scores, self.grades)
        if self.first:
            found += _differences(self.first[0], score, grade, self.first[1], self.first[2])
        elif not found:
            self.first = peer.name, score, grade
        if peer.kind == "reasons":
            found += self._reasons(peer, answer[2][self.rows])
        return found

    def _reasons(self, peer: Peer, reasons: np.ndarray) -> list[str]:
        """The losses named must be the five greatest; their order is exact unless ties are free."""
        place = {name: n for n, name in enumerate(self.names)}
        wrong = ties = 0
        for row, losses in zip(reasons, self.losses):
            named = [place[r] if isinstance(r, str) else int(r) for r in row]
            named = [r for r in named if r >= 0]
            expected = list(losses)[:TOP]
            if len(set(named)) < len(named) or [losses.get(r) for r in named] != [losses[r] for r in expected]:
                wrong += 1
            elif named != expected:
                ties += 1
        found = [f"reasons wrong for {wrong:,} of {len(reasons):,} firms"] if wrong else []
        if ties and peer.exact_ties:
            found.append(f"reasons of equal size out of document order for {ties:,} of {len(reasons):,} firms")
        return found


def _differences(other: str, score: np.ndarray, grade: np.ndarray, scores: np.ndarray, grades: np.ndarray) -> list[str]:
    """Scores farther apart than the tolerance (a NaN is), grades not the same."""
    if len(score) != len(scores):
        return [f"{len(score):,} firms instead of {len(scores):,} from {other}"]
    far = int((~(np.abs(score - scores) <= TOLERANCE)).sum())
    unlike = int((np.asarray(grade) != grades).sum())
    found = [f"{far:,} scores unlike {other}"] if far else []
    return found + ([f"{unlike:,} grades unlike {other}"] if unlike else [])
