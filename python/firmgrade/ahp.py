"""Analytic hierarchy process: weights from judgments that compare things in pairs."""

from firmgrade._firmgrade import Weights, weights

__all__ = ["Weights", "weights"]
