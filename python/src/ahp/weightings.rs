//! Other ways to weights, for comparison: `entropy`, `critic`, `equal`, `multiplicative`, `additive`, `game_theoretic`, `ideal`.

use super::input::{each, numbers};
use super::output::vector;
use crate::errors;
use firmgrade::ahp::{self, JudgmentFault};
use numpy::{Ix1, Ix2, PyArray1};
use pyo3::prelude::*;

type Vector<'py> = Bound<'py, PyArray1<f64>>;

/// Entropy weights of indicators (熵权法): float64, shape (n_indicators,), sum 1.
///
/// `data` is an array or a frame of shape (n_firms, n_indicators), numbers from 0. p_ij = x_ij/Σ_i x_ij, E_j = −Σ_i p_ij ln p_ij / ln n_firms,
/// w_j ∝ 1 − E_j: the more an indicator differs among firms, the more it weighs. What is not a quantity has to be scaled before, and how that is
/// done changes the result.
///
/// Raises JudgmentError with every fault. Source: Hwang & Yoon, Multiple Attribute Decision Making, 1981, §2.2.2.
///
/// >>> fg.ahp.entropy([[1, 0], [1, 1]]).tolist()
/// [0.0, 1.0]
#[pyfunction]
pub fn entropy<'py>(data: &Bound<'py, PyAny>) -> PyResult<Vector<'py>> {
    let table = numbers::<Ix2>(data)?;
    let view = table.as_array();
    done(data.py(), data.py().detach(|| ahp::entropy(view)))
}

/// CRITIC weights of indicators: float64, shape (n_indicators,), sum 1.
///
/// `data` is an array or a frame of shape (n_firms, n_indicators), turned so that larger means the same for all. z_ij on 0 to 1,
/// C_j = σ_j Σ_k (1 − r_jk), w_j ∝ C_j: an indicator weighs more if it spreads more and repeats the others less.
///
/// Raises JudgmentError with every fault. Source: Diakoulaki, Mavrotas & Papayannakis, Computers & Operations Research 22(7), 1995, 763–770.
///
/// >>> fg.ahp.critic([[0, 9], [1, 0]]).tolist()
/// [0.5, 0.5]
#[pyfunction]
pub fn critic<'py>(data: &Bound<'py, PyAny>) -> PyResult<Vector<'py>> {
    let table = numbers::<Ix2>(data)?;
    let view = table.as_array();
    done(data.py(), data.py().detach(|| ahp::critic(view)))
}

/// One n-th each: float64, shape (n,).
///
/// >>> fg.ahp.equal(4).tolist()
/// [0.25, 0.25, 0.25, 0.25]
#[pyfunction]
pub fn equal(py: Python<'_>, n: usize) -> PyResult<Vector<'_>> {
    vector(py, &ahp::equal(n))
}

/// The product of several weightings (乘法合成), each to a power: w_i ∝ Π_k w_ki^(p_k); float64, shape (n,), sum 1.
///
/// `weightings` is a list of weightings, `powers` one number for each (None: 1). Raises JudgmentError with every fault.
/// Source: Hwang & Yoon 1981, §2.2.2.
///
/// >>> fg.ahp.multiplicative([[0.5, 0.5], [0.8, 0.2]]).round(12).tolist()
/// [0.8, 0.2]
#[pyfunction]
#[pyo3(signature = (weightings, powers=None))]
pub fn multiplicative<'py>(weightings: &Bound<'py, PyAny>, powers: Option<&Bound<'py, PyAny>>) -> PyResult<Vector<'py>> {
    let (weightings, powers) = (read(weightings)?, powers.map(one).transpose()?);
    done(weightings.1, ahp::multiplicative(&weightings.0, powers.as_deref()))
}

/// The mean of several weightings (线性加权): w_i = Σ_k p_k·w_ki; float64, shape (n,), sum 1.
///
/// `weightings` is a list of weightings, `shares` one number for each (None: all alike). Raises JudgmentError with every fault.
///
/// >>> fg.ahp.additive([[0.5, 0.5], [1.0, 0.0]], shares=[3, 1]).tolist()
/// [0.625, 0.375]
#[pyfunction]
#[pyo3(signature = (weightings, shares=None))]
pub fn additive<'py>(weightings: &Bound<'py, PyAny>, shares: Option<&Bound<'py, PyAny>>) -> PyResult<Vector<'py>> {
    let (weightings, shares) = (read(weightings)?, shares.map(one).transpose()?);
    done(weightings.1, ahp::additive(&weightings.0, shares.as_deref()))
}

/// The game-theoretic combination (博弈论组合赋权), the weighting nearest to all: (weights of shape (n,), shares of the weightings).
///
/// Σ_k α_k w_i·w_k = w_i·w_i for each i; shares |α_k|/Σ|α|. Where two weightings are the same, shares are equal. Raises JudgmentError with every fault.
///
/// >>> weights, shares = fg.ahp.game_theoretic([[0.6, 0.4], [0.6, 0.4]])
/// >>> weights.round(12).tolist(), shares.tolist()
/// ([0.6, 0.4], [0.5, 0.5])
#[pyfunction]
pub fn game_theoretic<'py>(weightings: &Bound<'py, PyAny>) -> PyResult<(Vector<'py>, Vector<'py>)> {
    let (weightings, py) = read(weightings)?;
    let (weights, shares) = ahp::game_theoretic(&weightings).map_err(|faults| errors::judgments(py, faults))?;
    Ok((vector(py, &weights)?, vector(py, &shares)?))
}

/// Ratings in ideal mode: divided by the largest, so that the best is worth 1; float64, shape (n,).
///
/// Raises JudgmentError with every fault. Source: Saaty, Fundamentals of Decision Making and Priority Theory, 1994, ch. 4.
///
/// >>> fg.ahp.ideal([0.5, 0.25, 0.25]).tolist()
/// [1.0, 0.5, 0.5]
#[pyfunction]
pub fn ideal<'py>(ratings: &Bound<'py, PyAny>) -> PyResult<Vector<'py>> {
    done(ratings.py(), ahp::ideal(&one(ratings)?))
}

fn one(weights: &Bound<'_, PyAny>) -> PyResult<Vec<f64>> {
    Ok(numbers::<Ix1>(weights)?.as_array().to_vec())
}

fn read<'py>(weightings: &Bound<'py, PyAny>) -> PyResult<(Vec<Vec<f64>>, Python<'py>)> {
    Ok((each(weightings)?.iter().map(one).collect::<PyResult<_>>()?, weightings.py()))
}

fn done(py: Python<'_>, weights: Result<Vec<f64>, Vec<JudgmentFault>>) -> PyResult<Vector<'_>> {
    vector(py, &weights.map_err(|faults| errors::judgments(py, faults))?)
}
