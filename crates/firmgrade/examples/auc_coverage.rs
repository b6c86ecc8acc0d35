//! How often the interval of an AUC covers the truth when firms are inspected by grade, and what becomes of the AUC without weights.
//!
//! Some minutes in `--release`. Whoever inspects risky firms more often sees few good firms of
//! low risk, so the inspected firms seem harder to tell apart than all firms are.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "an example may stop, and says what it found")]

use firmgrade::ahp::SplitMix64;
use firmgrade::evaluate::{LEVEL, Sampling, auc, auc_sampled};

const REPETITIONS: u64 = 4_000;

/// A population of which everything is known, graded A to D by its score.
pub struct Population {
    score: Vec<f64>,
    outcome: Vec<bool>,
    grade: Vec<u32>,
}

/// What the repetitions give.
pub struct Found {
    /// Share of the intervals that cover the population's AUC.
    pub covered: f64,
    /// Mean error of the weighted AUC.
    pub bias: f64,
    /// Mean error of the AUC without weights.
    pub unweighted_bias: f64,
}

/// Shares of the grades in Bayannur 2022, cumulated. It inspected 2 % of A, 5 % of B, and all of C and D.
const SHARES: [f64; 3] = [0.732, 0.919, 0.971];

impl Population {
    /// Scores are normal; the logit of a bad outcome rises by `slope` for each standard deviation.
    pub fn new(firms: usize, slope: f64, seed: u64) -> Self {
        let mut random = SplitMix64::new(seed);
        let mut score: Vec<f64> = (0..firms).map(|_| random.normal()).collect();
        score.sort_unstable_by(f64::total_cmp);
        let outcome = score.iter().map(|s| random.uniform() < 1.0 / (1.0 + (4.2 - slope * s).exp())).collect();
        let grade = (0..firms).map(|at| SHARES.iter().filter(|&&share| at as f64 >= share * firms as f64).count() as u32).collect();
        Self { score, outcome, grade }
    }

    /// Samples A and B without replacement, A so that `expected` bad firms are drawn on average, B at 5 % or at 2.5 times A's rate; takes all of C
    /// and D. Again and again.
    pub fn repeat(&self, expected: f64, repetitions: u64) -> Found {
        let truth = auc(&self.score, &self.outcome, None).expect("both outcomes").estimate.value;
        let in_grade = |g: u32| -> Vec<usize> { (0..self.grade.len()).filter(|&row| self.grade[row] == g).collect() };
        let grades: Vec<Vec<usize>> = (0..4).map(in_grade).collect();
        let bad_in_a = grades[0].iter().filter(|&&row| self.outcome[row]).count() as f64;
        let mut found = Found { covered: 0.0, bias: 0.0, unweighted_bias: 0.0 };
        for repetition in 0..repetitions {
            let mut random = SplitMix64::stream(20_261_122, repetition);
            let (mut rows, mut population) = (Vec::new(), Vec::new());
            let rate = expected / bad_in_a;
            for (grade, rate) in grades.iter().zip([rate, (2.5 * rate).max(0.05), 1.0, 1.0]) {
                let size = ((grade.len() as f64 * rate).round() as usize).min(grade.len());
                let mut left = grade.clone();
                for drawn in 0..size {
                    let other = drawn + random.below((left.len() - drawn) as u64) as usize;
                    left.swap(drawn, other);
                }
                rows.extend_from_slice(&left[..size]);
                population.extend(std::iter::repeat_n(grade.len() as f64, size));
            }
            let score: Vec<f64> = rows.iter().map(|&row| self.score[row]).collect();
            let outcome: Vec<bool> = rows.iter().map(|&row| self.outcome[row]).collect();
            let strata: Vec<u32> = rows.iter().map(|&row| self.grade[row]).collect();
            let sampling = Sampling { strata: Some(&strata), population: Some(&population), ..Sampling::default() };
            let estimate = auc_sampled(&score, &outcome, sampling, LEVEL).expect("both outcomes").estimate;
            found.covered += f64::from(u8::from(estimate.low <= truth && truth <= estimate.high));
            found.bias += estimate.value - truth;
            found.unweighted_bias += auc(&score, &outcome, None).expect("both outcomes").estimate.value - truth;
        }
        let count = repetitions as f64;
        Found { covered: found.covered / count, bias: found.bias / count, unweighted_bias: found.unweighted_bias / count }
    }
}

fn main() {
    let population = Population::new(60_000, 1.3, 7);
    println!("{REPETITIONS} samples of 60,000 firms, 95 % intervals");
    println!("expected bad in A   coverage   bias weighted   bias unweighted");
    for expected in [1.3, 5.3, 10.6, 20.0] {
        let found = population.repeat(expected, REPETITIONS);
        println!("{expected:17.1}   {:8.3}   {:13.4}   {:15.4}", found.covered, found.bias, found.unweighted_bias);
    }
}
