//! Grading: from columns to scores, grades, reasons and the rules that were hit.

use crate::card::{Action, Better, Cut, Cuts, Grades, RoundSpec, Scale, Scorecard, Ties};
use crate::columns::{Column, Table};
use crate::condition::Scratch;
use crate::error::Error;
use crate::inspect::{bind, id_faults, inspect};
use crate::score::{Reasons, Want};
use ndarray::{Array2, ShapeBuilder};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// What is wanted beside scores and grades.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GradeOptions {
    /// How many reasons for each firm at most.
    pub reasons: usize,
    /// Whether the contribution of every indicator is kept.
    pub contributions: bool,
}

impl Default for GradeOptions {
    fn default() -> Self {
        Self { reasons: 5, contributions: false }
    }
}

/// The grade of a firm that has none.
pub const NO_GRADE: u8 = u8::MAX;

/// No cut points: every score gets the first grade.
pub(crate) const NO_SCORE_CUTS: &[Cut] = &[];

/// Graded firms, in the order of the input.
#[derive(Clone, Debug, PartialEq)]
pub struct Graded {
    /// Score by firm; NaN for a firm without any data, and for all where the card has no indicators.
    pub score: Vec<f64>,
    /// Grade by score, as an index into [`Grades::names`]; [`NO_GRADE`] where there is no score.
    pub score_grade: Vec<u8>,
    /// Grade after overrides, as an index into [`Grades::names`].
    pub grade: Vec<u8>,
    /// Share of the card's weight with data, from 0 to 1.
    pub coverage: Vec<f64>,
    /// The strongest reasons.
    pub reasons: Reasons,
    /// The rules that were hit.
    pub hits: Hits,
    /// The cut points used, best grade first.
    pub cuts: Vec<Cut>,
    /// Where cut points were solved from shares: what came of each.
    pub solved: Vec<SolvedCut>,
    /// Points lost against the best attainable, shape `(n_firms, n_indicators)`, in units of the score; column by column in memory;
    /// shape `(0, 0)` where not wanted.
    pub contributions: Array2<f64>,
}

/// The rules that were hit, firm by firm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// Pairs of firm and rule (both from 0), ascending.
    pub pairs: Vec<(usize, usize)>,
}

impl Hits {
    /// The rules that a firm hit, in the order in which they were applied.
    pub fn of(&self, firm: usize) -> impl Iterator<Item = usize> + '_ {
        let start = self.pairs.partition_point(|(row, _)| *row < firm);
        self.pairs.iter().skip(start).take_while(move |(row, _)| *row == firm).map(|(_, rule)| *rule)
    }
}

/// A cut point solved from shares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SolvedCut {
    /// The grade that ends here.
    pub grade: String,
    /// Its cut point: the worst score that still gets it; `None` where no firm does.
    pub score: Option<f64>,
    /// The share of firms with a score that should be this grade or better.
    pub wanted: f64,
    /// The share that is.
    pub reached: f64,
    /// How many firms have exactly the score of the cut point, kept together.
    pub ties: usize,
}

/// Rows that one thread grades at a time.
const BLOCK: usize = 4096;

/// Grades the firms of one or more tables, which follow each other as if they were one.
///
/// The results are the same bits for any number of threads, any division into tables, and any order of the firms
/// (cut points solved from shares depend on the set of firms, not on their order).
///
/// # Errors
/// [`Error::Data`] with every fault of the data: columns missing or of another kind, ids missing or twice, infinities, values
/// that the card declares errors, firms without data where the card has no class for them.
pub fn grade(card: &Scorecard, tables: &[Table<'_>], options: GradeOptions) -> Result<Graded, Error> {
    let bound = bind(card, tables).map_err(Error::Data)?;
    let want = Want { reasons: options.reasons, contributions: options.contributions };
    let (faulty_ids, mut scored) = rayon::join(|| id_faults(card, tables), || card.plan.score(&bound, &card.scale, want));
    let faults = inspect(card, tables, &bound, faulty_ids, scored.suspicious.then_some(scored.score.as_slice()));
    if !faults.is_empty() {
        return Err(Error::Data(faults));
    }
    let scale = card.scale;
    let score = scored.score;
    if card.indicators.is_empty() {
        scored.coverage.fill(f64::NAN);
    }
    let span = scale.max - scale.min;
    scored.lost.par_iter_mut().for_each(|lost| *lost *= span);
    let wide = if options.contributions { (score.len(), card.indicators.len()) } else { (0, 0) };
    // INVARIANT: the pass made the memory of just this shape.
    let contributions = Array2::from_shape_vec(wide.f(), scored.lost).unwrap_or_default();
    let (cuts, solved) = match &card.grades.cuts {
        Cuts::Fixed(cuts) => (cuts.clone(), Vec::new()),
        Cuts::Shares(shares) => solve(&card.grades, shares, scale.better, &score, &scored.coverage),
    };
    let mut score_grade = vec![NO_GRADE; score.len()];
    let mut start = 0;
    let mut pairs = Vec::new();
    let mut grades = vec![NO_GRADE; score.len()];
    for (columns, len) in &bound {
        let range = start..start + len;
        let score = score.get(range.clone()).unwrap_or_default();
        let coverage = scored.coverage.get(range.clone()).unwrap_or_default();
        let by_score = score_grade.get_mut(range.clone()).unwrap_or_default();
        let hits = by_score
            .par_chunks_mut(BLOCK)
            .zip(grades.get_mut(range).unwrap_or_default().par_chunks_mut(BLOCK))
            .zip(score.par_chunks(BLOCK).zip(coverage.par_chunks(BLOCK)))
            .enumerate()
            .map(|(block, ((by_score, grade), (score, coverage)))| {
                for ((by_score, score), coverage) in by_score.iter_mut().zip(score).zip(coverage) {
                    *by_score = card.grades.of_firm(&cuts, scale.better, *score, *coverage, card.indicators.is_empty());
                }
                grade.copy_from_slice(by_score);
                rules(card, columns, block * BLOCK, grade, start)
            })
            .collect::<Vec<_>>();
        pairs.extend(hits.into_iter().flatten());
        start += len;
    }
    Ok(Graded {
        score,
        score_grade,
        grade: grades,
        coverage: scored.coverage,
        reasons: scored.reasons,
        hits: Hits { pairs },
        cuts,
        solved,
        contributions,
    })
}

/// Applies the rules to a block of grades that begins at row `first` of its table; the table begins at firm `offset`.
fn rules(card: &Scorecard, columns: &[&Column<'_>], first: usize, grades: &mut [u8], offset: usize) -> Vec<(usize, usize)> {
    let mut hits = Vec::new();
    let mut truth = vec![0; grades.len()];
    let mut scratch = Scratch::default();
    for (index, rule) in card.rules.iter().enumerate() {
        let used: Vec<&Column<'_>> = rule.columns.iter().filter_map(|column| columns.get(*column).copied()).collect();
        rule.condition.evaluate(&used, first..first + grades.len(), &mut scratch, &mut truth);
        for (row, (grade, truth)) in grades.iter_mut().zip(&truth).enumerate() {
            if *truth == 2 {
                *grade = rule.action.apply(*grade, card.grades.ordered);
                hits.push((offset + first + row, index));
            }
        }
    }
    hits.sort_unstable();
    hits
}

impl Action {
    /// The grade after the action. A shift moves only firms that have a grade, and never back past its cap.
    #[must_use]
    pub fn apply(self, grade: u8, ordered: usize) -> u8 {
        match self {
            Self::Set(to) => to,
            Self::Shift { .. } if usize::from(grade) >= ordered => grade,
            Self::Shift { by, cap } => {
                let moved = (i64::from(grade) + i64::from(by)).clamp(0, i64::from(u8::MAX));
                let moved = u8::try_from(moved).unwrap_or(u8::MAX);
                // A firm that is beyond the cap already stays where it is.
                if by > 0 { moved.min(cap.max(grade)) } else { moved.max(cap.min(grade)) }
            }
        }
    }
}

impl Grades {
    /// The grade of a score, as an index.
    #[must_use]
    pub(crate) fn of_score(&self, cuts: &[Cut], better: Better, score: f64) -> u8 {
        let failed = cuts.iter().filter(|cut| !cut.passes(score, better)).count();
        u8::try_from(failed).unwrap_or(NO_GRADE)
    }

    /// The grade of a firm before overrides.
    pub(crate) fn of_firm(&self, cuts: &[Cut], better: Better, score: f64, coverage: f64, unscored: bool) -> u8 {
        if self.coverage_below.is_some_and(|limit| coverage < limit) {
            u8::try_from(self.ordered).unwrap_or(NO_GRADE)
        } else if score.is_nan() && !unscored {
            NO_GRADE
        } else {
            self.of_score(cuts, better, score)
        }
    }
}

impl Cut {
    /// Whether a score lies on the good side.
    #[must_use]
    pub fn passes(self, score: f64, better: Better) -> bool {
        match (better, self.closed) {
            (Better::High, true) => score >= self.score,
            (Better::High, false) => score > self.score,
            (Better::Low, true) => score <= self.score,
            (Better::Low, false) => score < self.score,
        }
    }
}

impl Scale {
    /// The highest risk whose score passes a cut: infinite where every score does, −∞ where none does. Scores never get better as the risk
    /// rises, rounding included, so `risk > limit` says of every risk what [`Cut::passes`] says of its score.
    pub(crate) fn risk_limit(&self, cut: Cut) -> f64 {
        let passes = |risk: f64| cut.passes(self.score(risk), self.better);
        if passes(1.0) {
            return f64::INFINITY;
        }
        if !passes(0.0) {
            return f64::NEG_INFINITY;
        }
        // Bits of numbers from 0 to 1 have the order of the numbers.
        let (mut low, mut high) = (0_u64, 1.0_f64.to_bits());
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if passes(f64::from_bits(middle)) { low = middle } else { high = middle }
        }
        f64::from_bits(low)
    }

    /// The score of a risk from 0 to 1, rounded as the card says.
    ///
    /// Sums of weights end an ulp or two away from 1, so the risk is held inside [0, 1] first.
    #[must_use]
    pub fn score(&self, risk: f64) -> f64 {
        let risk = risk.clamp(0.0, 1.0);
        let exact = match self.better {
            Better::High => self.max - risk * (self.max - self.min),
            Better::Low => self.min + risk * (self.max - self.min),
        };
        self.round.map_or(exact, |round| round.apply(exact))
    }
}

impl RoundSpec {
    /// The value rounded to the stated number of decimals.
    ///
    /// A score is a sum of binary fractions: 699.5 may come out as 699.4999999999999. So it is first snapped to nine decimals more
    /// than asked for, beyond which the digits are noise of the sum.
    #[must_use]
    pub fn apply(self, value: f64) -> f64 {
        let unit = 10_f64.powi(i32::from(self.decimals));
        let scaled = value * unit;
        let snapped = (scaled * 1e9).round() / 1e9;
        let whole = match self.ties {
            Ties::Away => snapped.round(),
            Ties::Even => snapped.round_ties_even(),
        };
        whole / unit
    }
}

/// Cut points that give each grade its share of the firms with a score. Ties stay together, on whichever side comes nearer to the
/// share (the stricter where both are as near).
pub(crate) fn solve(grades: &Grades, shares: &[f64], better: Better, score: &[f64], coverage: &[f64]) -> (Vec<Cut>, Vec<SolvedCut>) {
    let mut sorted: Vec<f64> = score
        .iter()
        .zip(coverage)
        .filter(|(score, coverage)| !score.is_nan() && grades.coverage_below.is_none_or(|limit| **coverage >= limit))
        .map(|(score, _)| *score)
        .collect();
    match better {
        Better::High => sorted.par_sort_unstable_by(|a, b| b.total_cmp(a)),
        Better::Low => sorted.par_sort_unstable_by(f64::total_cmp),
    }
    let firms = sorted.len();
    let (mut cuts, mut solved): (Vec<Cut>, Vec<SolvedCut>) = (Vec::new(), Vec::new());
    let mut wanted = 0.0;
    let mut above = 0_usize;
    for (share, name) in shares.iter().zip(&grades.names).take(shares.len().saturating_sub(1)) {
        wanted += share;
        let target = wanted * firms as f64;
        let at = (target.floor() as usize).min(firms.saturating_sub(1));
        // The firms equal to the one at the target are all in or all out.
        let tied = sorted.get(at).copied().unwrap_or(f64::NAN);
        let better_than = |limit: f64| sorted.partition_point(|other| Cut { score: limit, closed: false }.passes(*other, better));
        let at_least = |limit: f64| sorted.partition_point(|other| Cut { score: limit, closed: true }.passes(*other, better));
        let (out, inside) = (better_than(tied), at_least(tied));
        let take_in = (inside as f64 - target).abs() < (target - out as f64).abs();
        let reached = if take_in { inside } else { out }.max(above);
        above = reached;
        let last = reached.checked_sub(1).and_then(|index| sorted.get(index)).copied();
        let ties = last.map_or(0, |last| at_least(last) - better_than(last));
        let everything_fails = match better {
            Better::High => f64::INFINITY,
            Better::Low => f64::NEG_INFINITY,
        };
        cuts.push(Cut { score: last.unwrap_or(everything_fails), closed: true });
        solved.push(SolvedCut { grade: name.clone(), score: last, wanted, reached: reached as f64 / firms.max(1) as f64, ties });
    }
    (cuts, solved)
}
