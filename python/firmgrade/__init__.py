"""Credit-risk grading of enterprises for market regulators.

import firmgrade as fg

card = fg.Scorecard.load("annual-report.toml")
graded = fg.grade(card, df)
graded.frame
"""

from firmgrade import ahp, metrics, sampling, survey
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
    district_records,
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
    EvaluationError,
    EvaluationProblem,
    FileError,
    FirmgradeError,
    JudgmentError,
    JudgmentProblem,
    SamplingError,
    SamplingProblem,
    ScorecardError,
    ScorecardProblem,
)
from firmgrade.report import DeriveReport
from firmgrade.tuning import Bands, Challenger, Screening, Thresholds, bands, challenger, screen, thresholds

__all__ = [
    "Bands",
    "Challenger",
    "CheckReport",
    "DataError",
    "DataProblem",
    "DeriveReport",
    "Derived",
    "EvaluationError",
    "EvaluationProblem",
    "Explanation",
    "FileError",
    "FirmgradeError",
    "Graded",
    "GradedFirm",
    "JudgmentError",
    "JudgmentProblem",
    "Performance",
    "Proposal",
    "SamplingError",
    "SamplingProblem",
    "Scorecard",
    "ScorecardError",
    "ScorecardProblem",
    "Screening",
    "Simulation",
    "Stability",
    "Thresholds",
    "__version__",
    "ahp",
    "bands",
    "challenger",
    "derive",
    "district",
    "district_records",
    "evaluate",
    "grade",
    "metrics",
    "reweigh",
    "sampling",
    "scorecard_schema",
    "screen",
    "simulate",
    "survey",
    "thresholds",
    "tune",
]
