"""Credit-risk grading of enterprises for market regulators.

import firmgrade as fg

card = fg.Scorecard.load("annual-report.toml")
graded = fg.grade(card, df)
graded.frame
"""

from firmgrade import ahp
from firmgrade._firmgrade import (
    CheckReport,
    Derived,
    Explanation,
    Graded,
    GradedFirm,
    Scorecard,
    Stability,
    __version__,
    derive,
    district,
    grade,
    reweigh,
    scorecard_schema,
)
from firmgrade.errors import (
    DataError,
    DataProblem,
    FileError,
    FirmgradeError,
    JudgmentError,
    JudgmentProblem,
    ScorecardError,
    ScorecardProblem,
)
from firmgrade.report import DeriveReport

__all__ = [
    "CheckReport",
    "DataError",
    "DataProblem",
    "DeriveReport",
    "Derived",
    "Explanation",
    "FileError",
    "FirmgradeError",
    "Graded",
    "GradedFirm",
    "JudgmentError",
    "JudgmentProblem",
    "Scorecard",
    "ScorecardError",
    "ScorecardProblem",
    "Stability",
    "__version__",
    "ahp",
    "derive",
    "district",
    "grade",
    "reweigh",
    "scorecard_schema",
]
