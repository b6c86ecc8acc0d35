"""Exceptions, and the problems that they carry."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ScorecardProblem:
    """One problem of a scorecard."""

    severity: str
    """"error" stops the card, "warning" does not."""
    file: str | None
    """The file, as it was named when it was read; None for a card that was not read from text."""
    line: int | None
    """The line, from 1."""
    column: int | None
    """The character in the line, from 1."""
    path: tuple[str, ...]
    """The steps to the value, such as ("indicators", "penalties_24m", "bands", "1")."""
    message: str
    """What is wrong."""
    help: str | None
    """What to do about it."""


@dataclass(frozen=True)
class JudgmentProblem:
    """One problem of judgments."""

    kind: str
    """The kind of fault, such as "not_reciprocal" or "missing_pairs"."""
    message: str
    """What is wrong; rows and columns count from 1 here."""
    row: int | None
    """The row of the matrix, from 0, where the fault has one."""
    column: int | None
    """The column of the matrix, from 0, where the fault has one."""
    names: tuple[str, ...]
    """The things that the fault names; for "missing_pairs" two for each pair."""


@dataclass(frozen=True)
class DataProblem:
    """One problem of the data."""

    kind: str
    """"missing_column", "wrong_kind", "missing", "outside", "infinite", "unreadable", "missing_id", "duplicate_id", "no_data",
    "no_firms", "unreadable_table"; of raw tables also "unreadable_rows", "undated", "repeated_rows", "taken_column", "unknown_table",
    "missing_table", "repeated_table", "too_long" or "unaccounted"; of outcomes also "unknown_code", "unknown_source", "chance", "population", "leak",
    "chances", "lonely_stratum", "unknown_grades", "no_direction", "incomplete" or "no_outcomes"."""
    message: str
    """What is wrong and what to do about it."""
    column: str | None
    """The column."""
    indicator: str | None = None
    """The indicator that refuses the values."""
    total: int = 0
    """How many cells are faulty."""
    rows: tuple[int, ...] = ()
    """The first few of them: rows from 1, the header left out."""
    values: tuple[str | None, ...] = ()
    """What stands in those rows, numbers of natural persons masked; None where there is no value."""
    table: str | None = None
    """The record table, or "firms"; of an evaluation "graded", "outcomes", "challenger" or "before"; None where there is one table only."""


@dataclass(frozen=True)
class SamplingProblem:
    """One problem of a plan, frame, draw, log of draws, roster or match."""

    kind: str
    """The kind of fault, such as "duplicate_ids", "source" or "unstaffed"."""
    message: str
    """What is wrong and what to do about it."""
    names: tuple[str, ...] = ()
    """What the fault names: ids, sources, strata, visits, inspectors, columns."""
    rows: tuple[int, ...] = ()
    """The first few rows of the frame, from 1, where the fault has some."""
    total: int = 0
    """How many cells are faulty."""


@dataclass(frozen=True)
class EvaluationProblem:
    """One problem of an evaluation, a tuning or a simulation."""

    kind: str
    """"values", "rows" (columns of unequal length), "nothing" (something needed is not there), "argument", "stratum", "collinear",
    "separated" (the columns tell bad from good without a miss), "not_converged", "rates" or "name" (of a policy)."""
    message: str
    """What is wrong and what to do about it."""
    names: tuple[str, ...] = ()
    """What the fault names: a column, an argument, a stratum, a policy; of "collinear" the column and those that give it."""
    rows: tuple[int, ...] = ()
    """The first few rows, from 1, where the fault has some."""
    total: int = 0
    """How many cells are faulty."""


class FirmgradeError(ValueError):
    """Whatever firmgrade refuses."""


class ScorecardError(FirmgradeError):
    """A scorecard that cannot be used, with every problem that was found."""

    def __init__(self, message: str, problems: tuple[ScorecardProblem, ...] = ()) -> None:
        super().__init__(message, problems)
        self.problems = problems

    def __str__(self) -> str:
        return str(self.args[0])


class JudgmentError(FirmgradeError):
    """Judgments that cannot be used, with every problem that was found."""

    def __init__(self, message: str, problems: tuple[JudgmentProblem, ...] = ()) -> None:
        super().__init__(message, problems)
        self.problems = problems

    def __str__(self) -> str:
        return str(self.args[0])


class DataError(FirmgradeError):
    """Data that do not fit the scorecard, with every problem that was found."""

    def __init__(self, message: str, problems: tuple[DataProblem, ...] = ()) -> None:
        super().__init__(message, problems)
        self.problems = problems

    def __str__(self) -> str:
        return str(self.args[0])


class SamplingError(FirmgradeError):
    """A frame, draw, roster or match that cannot be used or made, with every problem that was found."""

    def __init__(self, message: str, problems: tuple[SamplingProblem, ...] = ()) -> None:
        super().__init__(message, problems)
        self.problems = problems

    def __str__(self) -> str:
        return str(self.args[0])


class EvaluationError(FirmgradeError):
    """Outcomes, columns or assumptions that cannot be evaluated, tuned on or simulated with, with every problem that was found."""

    def __init__(self, message: str, problems: tuple[EvaluationProblem, ...] = ()) -> None:
        super().__init__(message, problems)
        self.problems = problems

    def __str__(self) -> str:
        return str(self.args[0])


class FileError(FirmgradeError):
    """A file that cannot be read or written."""

    def __init__(self, message: str, file: str) -> None:
        super().__init__(message, file)
        self.file = file

    def __str__(self) -> str:
        return str(self.args[0])
