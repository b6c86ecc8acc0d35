"""Weights from judgments by LAPACK and least squares: other ways to the same numbers."""

import numpy as np


def eigen(matrix):
    """Principal eigenvector (sum 1), λmax and CI of a reciprocal matrix."""
    matrix = np.asarray(matrix, float)
    n = len(matrix)
    values, vectors = np.linalg.eig(matrix)
    at = values.real.argmax()
    w = np.abs(vectors[:, at].real)
    return w / w.sum(), values[at].real, (values[at].real - n) / (n - 1) if n > 1 else 0.0


def least_squares(matrix):
    """Logarithmic least squares over the entries that are no NaN, by numpy's lstsq."""
    matrix = np.asarray(matrix, float)
    n = len(matrix)
    rows, right = [], []
    for i in range(n):
        for j in range(i + 1, n):
            if not np.isnan(matrix[i, j]):
                row = np.zeros(n)
                row[i], row[j] = 1, -1
                rows.append(row)
                right.append(np.log(matrix[i, j]))
    y = np.linalg.lstsq(np.array(rows), np.array(right), rcond=None)[0]
    w = np.exp(y - y.max())
    return w / w.sum()


def random_reciprocal(n, seed, count=None):
    """Random matrices on the 17 values of the scale, shape (n, n) or (count, n, n)."""
    rng = np.random.default_rng(seed)
    scale = np.array([1 / k for k in range(9, 1, -1)] + list(range(1, 10)))
    m = 1 if count is None else count
    stack = np.ones((m, n, n))
    upper = np.triu_indices(n, 1)
    stack[:, upper[0], upper[1]] = rng.choice(scale, (m, len(upper[0])))
    stack[:, upper[1], upper[0]] = 1 / stack[:, upper[0], upper[1]]
    return stack[0] if count is None else stack
