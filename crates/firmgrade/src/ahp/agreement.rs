//! How far experts agree: consensus, rank correlation, which judgments they dispute, whose absence matters, camps of opinion.

use serde::Serialize;

use super::fault::JudgmentFault;
use super::group::{Mean, aggregate_judgments, aggregate_priorities, aligned};
use super::incomplete::Incomplete;
use super::judgments::Judgments;
use super::priority::Method;
use super::random_index::RandomIndex;
use super::weights::Weights;

/// Goepel's consensus of weights, 0 (each expert stresses another thing as far as the scale goes) to 1 (all the same).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Consensus {
    /// S* as the AHP-OS software computes it now: the most diverse group calls everything equal, `H_γmax = ln n`.
    pub s_star: f64,
    /// S* as first published, where k < n experts can stress only k things; the same for k ≥ n.
    pub s_star_2013: f64,
}

/// How far experts disagree about one judgment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Dispute {
    /// Row, from 0, in the order of the first expert's things.
    pub row: usize,
    /// Column, above the row.
    pub column: usize,
    /// The geometric mean of the judgments.
    pub mean: f64,
    /// The smallest.
    pub low: f64,
    /// The largest.
    pub high: f64,
    /// `exp` of the standard deviation of the logarithms, ≥ 1: the factor by which a judgment is typically off the mean.
    pub spread: f64,
    /// Experts who put the row's thing above the column's, called them equal, and put it below.
    pub sides: [usize; 3],
}

/// The group without one of its experts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Without {
    /// The expert left out, from 0.
    pub expert: usize,
    /// The weights of the others.
    pub values: Vec<f64>,
    /// `max_i |w_i without − w_i with|`
    pub largest_change: f64,
    /// Whether any two things change their order.
    pub order_changes: bool,
}

/// Camps of opinion.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Camps {
    /// Positions of the experts in each camp, rising; camps in the order of their first experts.
    pub members: Vec<Vec<usize>>,
    /// The mean silhouette, −1 … 1; above ½ the camps are real.
    pub silhouette: f64,
}

/// Goepel's S* of at least one expert's weights.
///
/// ```text
/// H_α = (1/k) Σ_k Σ_i −w_ki ln w_ki      H_γ = Σ_i −w̄_i ln w̄_i, w̄ the mean      H_β = H_γ − H_α
/// S*  = (1/exp H_β − exp H_αmin/exp H_γmax) / (1 − exp H_αmin/exp H_γmax)
/// H_αmin  one thing m times as important as each other, weights m/(n + m − 1) and 1/(n + m − 1); m = 9
/// H_γmax  ln n;  in 2013, for k < n: k things stressed by one expert each, (k + m − 1)/(k(n + m − 1)), the others 1/(n + m − 1)
/// ```
///
/// Source: Goepel, *Implementing the AHP as a standard method for multi-criteria decision making in corporate enterprises*, ISAHP 2013; the
/// simpler H_γmax in his *AHP group consensus indicator*, bpmsg.com. Weights that differ more than the scale allows give less than 0,
/// which is returned as 0.
///
/// # Errors
/// No experts, or one who weighs other things than the first.
pub fn consensus(experts: &[Weights]) -> Result<Consensus, Vec<JudgmentFault>> {
    const LARGEST: f64 = 9.0;
    let table = table(experts)?;
    let (k, n) = (table.len() as f64, table.first().map_or(0, Vec::len));
    let entropy = |w: f64| if w > 0.0 { -w * w.ln() } else { 0.0 };
    let alpha = table.iter().flatten().map(|&w| entropy(w)).sum::<f64>() / k;
    let gamma: f64 = (0..n).map(|thing| entropy(table.iter().map(|one| one[thing]).sum::<f64>() / k)).sum();
    let things = n as f64;
    let whole = things + LARGEST - 1.0;
    let alpha_min = entropy(LARGEST / whole) + (things - 1.0) * entropy(1.0 / whole);
    let s_star = |gamma_max: f64| {
        let least = (alpha_min - gamma_max).exp();
        // A single thing leaves nothing to disagree about.
        if n <= 1 { 1.0 } else { (((alpha - gamma).exp() - least) / (1.0 - least)).clamp(0.0, 1.0) }
    };
    let stressed = (k + LARGEST - 1.0) / (k * whole);
    let of_2013 = if k < things { k * entropy(stressed) + (things - k) * entropy(1.0 / whole) } else { things.ln() };
    Ok(Consensus { s_star: s_star(things.ln()), s_star_2013: s_star(of_2013) })
}

/// Kendall's coefficient of concordance of the ranks, 0 … 1, corrected for ties; `None` for a single thing or where every expert
/// ties everything. Weights within 1e-12 of each other, relatively, are tied.
///
/// ```text
/// W = 12 Σ_i (R_i − R̄)² / (k²(n³ − n) − k Σ_k Σ_ties (t³ − t)),   R_i the sum of the ranks of thing i
/// ```
///
/// Source: Kendall & Babington Smith, *The problem of m rankings*, Ann. Math. Statist. 10, 1939, 275–287; ties: Kendall 1970.
///
/// # Errors
/// As [`consensus`].
pub fn kendalls_w(experts: &[Weights]) -> Result<Option<f64>, Vec<JudgmentFault>> {
    let table = table(experts)?;
    let (k, n) = (table.len() as f64, table.first().map_or(0, Vec::len));
    let mut sums = vec![0.0; n];
    let mut ties = 0.0;
    for weights in &table {
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&a, &b| weights[b].total_cmp(&weights[a]));
        let mut start = 0;
        while let Some(&first) = order.get(start) {
            let tied = order[start..].iter().take_while(|&&at| weights[at] >= weights[first] * (1.0 - 1e-12)).count();
            let t = tied as f64;
            for &at in &order[start..start + tied] {
                sums[at] += start as f64 + 0.5 * (t + 1.0);
            }
            ties += t * t * t - t;
            start += tied;
        }
    }
    let things = n as f64;
    let mean = k * (things + 1.0) / 2.0;
    let most = k * k * (things * things * things - things) - k * ties;
    Ok((most > 0.0).then(|| 12.0 * sums.iter().map(|sum| (sum - mean) * (sum - mean)).sum::<f64>() / most))
}

/// Every judgment by how far the experts disagree about it, the most disputed first, then by row and column.
///
/// # Errors
/// No experts, or one who compares other things than the first.
pub fn disputes(experts: &[Judgments]) -> Result<Vec<Dispute>, Vec<JudgmentFault>> {
    let orders = same_things(experts.iter().map(Judgments::names))?;
    Ok(ranked(&orders, |expert, row, column| experts[expert].get(row, column)))
}

/// As [`disputes`] with gaps: a pair is ranked by those who judged it, and left out where nobody did.
pub(super) fn ranked_disputes(experts: &[&Incomplete]) -> Result<Vec<Dispute>, Vec<JudgmentFault>> {
    let orders = same_things(experts.iter().map(|one| one.names()))?;
    let all = ranked(&orders, |expert, row, column| experts[expert].get(row, column));
    Ok(all.into_iter().filter(|dispute| dispute.sides != [0; 3]).collect())
}

/// Every pair by its spread; `judgment` of (expert, his row, his column).
fn ranked(orders: &[Vec<usize>], judgment: impl Fn(usize, usize, usize) -> Option<f64>) -> Vec<Dispute> {
    let n = orders.first().map_or(0, Vec::len);
    let mut all = Vec::new();
    for row in 0..n {
        for column in row + 1..n {
            let said: Vec<f64> =
                orders.iter().enumerate().filter_map(|(expert, order)| judgment(expert, order[row], order[column])).collect();
            let k = said.len().max(1) as f64;
            let mean = said.iter().map(|a| a.ln()).sum::<f64>() / k;
            let variance = said.iter().map(|a| (a.ln() - mean).powi(2)).sum::<f64>() / k;
            let count = |side: fn(&&f64) -> bool| said.iter().filter(side).count();
            all.push(Dispute {
                row,
                column,
                mean: mean.exp(),
                low: said.iter().copied().fold(f64::INFINITY, f64::min),
                high: said.iter().copied().fold(0.0, f64::max),
                spread: variance.sqrt().exp().min(f64::MAX),
                sides: [count(|a| **a > 1.0), count(|a| **a == 1.0), count(|a| **a < 1.0)],
            });
        }
    }
    all.sort_by(|a, b| b.spread.total_cmp(&a.spread).then((a.row, a.column).cmp(&(b.row, b.column))));
    all
}

/// The group's weights without each expert in turn, by [`aggregate_priorities`]; empty for a single expert.
///
/// # Errors
/// As [`aggregate_priorities`].
pub fn leave_one_out(experts: &[Weights], voices: Option<&[f64]>, mean: Mean) -> Result<Vec<Without>, Vec<JudgmentFault>> {
    without_each(experts.len(), voices, |voices| aggregate_priorities(experts, voices, mean))
}

/// The group's weights without each expert in turn, by [`aggregate_judgments`] and `method`; empty for a single expert.
///
/// # Errors
/// As [`aggregate_judgments`].
pub fn leave_one_out_judgments(experts: &[Judgments], voices: Option<&[f64]>, method: Method) -> Result<Vec<Without>, Vec<JudgmentFault>> {
    let weighed = |voices: Option<&[f64]>| {
        let group = aggregate_judgments(experts, voices)?;
        // The table of the random index does not touch the weights.
        Ok(group.weights(method, RandomIndex::default()).values().to_vec())
    };
    without_each(experts.len(), voices, weighed)
}

fn without_each(
    experts: usize,
    voices: Option<&[f64]>,
    weighed: impl Fn(Option<&[f64]>) -> Result<Vec<f64>, Vec<JudgmentFault>>,
) -> Result<Vec<Without>, Vec<JudgmentFault>> {
    let all = weighed(voices)?;
    if experts < 2 {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for expert in 0..experts {
        let mut voices: Vec<f64> = voices.map_or_else(|| vec![1.0; experts], <[f64]>::to_vec);
        voices[expert] = 0.0;
        // The only voice: without it there is no group.
        let Ok(values) = weighed(Some(&voices)) else { continue };
        let largest_change = values.iter().zip(&all).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        let n = all.len();
        let turned = |i: usize, j: usize| (all[i] - all[j]) * (values[i] - values[j]) < 0.0;
        let order_changes = (0..n).any(|i| (i + 1..n).any(|j| turned(i, j)));
        found.push(Without { expert, values, largest_change, order_changes });
    }
    Ok(found)
}

/// Camps of experts, if there are any: `None` for fewer than four experts or where no division has a mean silhouette above ½.
///
/// ```text
/// distance(k, l) = root of the mean of (ln a_kij − ln a_lij)² over the pairs
/// ```
///
/// Camps are joined by average linkage; of all numbers of camps from 2 to k − 1 the one with the highest silhouette counts, of several the
/// smaller. An expert alone in a camp has the silhouette 0. Sources: Sokal & Michener 1958; Rousseeuw, *Silhouettes*, J. Comput. Appl.
/// Math. 20, 1987, 53–65; the ½: Kaufman & Rousseeuw, *Finding Groups in Data*, 1990, table 4.
///
/// # Errors
/// No experts, or one who compares other things than the first.
pub fn camps(experts: &[Judgments]) -> Result<Option<Camps>, Vec<JudgmentFault>> {
    const REAL: f64 = 0.5;
    let orders = same_things(experts.iter().map(Judgments::names))?;
    let (k, n) = (experts.len(), orders.first().map_or(0, Vec::len));
    let logs: Vec<Vec<f64>> = experts
        .iter()
        .zip(&orders)
        .map(|(one, order)| (0..n * n).map(|at| one.matrix()[order[at / n] * n + order[at % n]].ln()).collect())
        .collect();
    let distance = |a: usize, b: usize| {
        let sum: f64 = logs[a].iter().zip(&logs[b]).map(|(x, y)| (x - y) * (x - y)).sum();
        (sum / (n * n - n).max(1) as f64).sqrt()
    };
    let between: Vec<Vec<f64>> = (0..k).map(|a| (0..k).map(|b| distance(a, b)).collect()).collect();
    let to_camp = |one: usize, camp: &[usize]| camp.iter().map(|&other| between[one][other]).sum::<f64>();
    let mut members: Vec<Vec<usize>> = (0..k).map(|expert| vec![expert]).collect();
    let mut best: Option<Camps> = None;
    while members.len() > 2 {
        let linkage = |a: usize, b: usize| {
            let sum: f64 = members[a].iter().map(|&one| to_camp(one, &members[b])).sum();
            sum / (members[a].len() * members[b].len()) as f64
        };
        let pairs = (0..members.len()).flat_map(|a| (a + 1..members.len()).map(move |b| (a, b)));
        let Some((a, b)) = pairs.min_by(|x, y| linkage(x.0, x.1).total_cmp(&linkage(y.0, y.1))) else { break };
        let joined = members.remove(b);
        members[a].extend(joined);
        members[a].sort_unstable();
        let silhouette = |camp: &Vec<usize>, one: usize| {
            if camp.len() == 1 {
                return 0.0;
            }
            let own = to_camp(one, camp) / (camp.len() - 1) as f64;
            let others = members.iter().filter(|other| *other != camp).map(|other| to_camp(one, other) / other.len() as f64);
            let next = others.fold(f64::INFINITY, f64::min);
            if own.max(next) > 0.0 { (next - own) / own.max(next) } else { 0.0 }
        };
        let mean = members.iter().flat_map(|camp| camp.iter().map(move |&one| silhouette(camp, one))).sum::<f64>() / k as f64;
        if mean > REAL && best.as_ref().is_none_or(|best| mean >= best.silhouette) {
            best = Some(Camps { members: members.clone(), silhouette: mean });
        }
    }
    Ok(best.filter(|_| k >= 4))
}

/// Rows of weights, things in the order of the first expert.
fn table(experts: &[Weights]) -> Result<Vec<Vec<f64>>, Vec<JudgmentFault>> {
    let orders = same_things(experts.iter().map(Weights::names))?;
    Ok(experts.iter().zip(orders).map(|(one, order)| order.iter().map(|&at| one.values()[at]).collect()).collect())
}

fn same_things<'e>(names: impl Iterator<Item = &'e [String]>) -> Result<Vec<Vec<usize>>, Vec<JudgmentFault>> {
    let mut faults = Vec::new();
    let orders = aligned(names, &mut faults);
    if orders.is_empty() {
        faults.push(JudgmentFault::NoExperts);
    }
    if faults.is_empty() { Ok(orders) } else { Err(faults) }
}
