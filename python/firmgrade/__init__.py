"""Credit-risk grading of enterprises for market regulators.

import firmgrade as fg

card = fg.Scorecard.load("annual-report.toml")
graded = fg.grade(card, df)
graded.frame
"""

from firmgrade import ahp, metrics, survey
from firmgrade._firmgrade import (
    CheckReport,
    Derived,
    Explanation,
    Graded,
    GradedFirm,
    Performance,
    Proposal,
    Scorecard,
    Simulation,
    Stability,
    __version__,
    derive,
    district,
    evaluate,
    grade,
    reweigh,
    scorecard_schema,
    simulate,
    tune,
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

__all__ = [
    "CheckReport",
    "DataError",
    "DataProblem",
    "Derived",
    "Explanation",
    "FileError",
    "FirmgradeError",
    "Graded",
    "GradedFirm",
    "JudgmentError",
    "JudgmentProblem",
    "Performance",
    "Proposal",
    "Scorecard",
    "ScorecardError",
    "ScorecardProblem",
    "Simulation",
    "Stability",
    "__version__",
    "ahp",
    "derive",
    "district",
    "evaluate",
    "grade",
    "metrics",
    "reweigh",
    "scorecard_schema",
    "simulate",
    "survey",
    "tune",
]
