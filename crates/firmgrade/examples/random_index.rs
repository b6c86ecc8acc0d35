//! Prints the `exact` table of the random index: the mean consistency index of matrices whose judgments are drawn uniformly from the
//! 17 values 1/9 … 9.
//!
//! `cargo run --release -p firmgrade --example random_index` (five minutes on two busy cores)
//!
//! ```text
//! RI(3), RI(4)   every matrix once: 17^3 = 4,913 and 17^6 = 24,137,569
//! RI(n), n ≥ 5   12,000,000·(5/n)³ matrices from SplitMix64, seed 2026·1000 + n; standard error s/√draws
//! ```

#![expect(clippy::print_stdout, reason = "a program whose result is its output")]

use firmgrade::ahp::{Method, RandomIndex, SplitMix64, batch};
use ndarray::Array3;

/// Matrices weighed in one call.
const PIECE: usize = 1 << 14;

fn main() {
    for n in 3..=30 {
        let moments = if n <= 4 { enumerated(n) } else { simulated(n) };
        let (count, mean) = (moments.count as f64, moments.sum / moments.count as f64);
        let variance = moments.squares / count - mean * mean;
        let error = if n <= 4 { 0.0 } else { (variance / count).sqrt() };
        println!("{n:>2}  {mean:.10}  standard error {error:.1e}  {} matrices", moments.count);
    }
}

#[derive(Default)]
struct Moments {
    count: usize,
    sum: f64,
    squares: f64,
}

fn value(at: usize) -> f64 {
    if at < 8 { 1.0 / (9 - at) as f64 } else { (at - 7) as f64 }
}

fn enumerated(n: usize) -> Moments {
    let pairs = n * (n - 1) / 2;
    let total = (0..pairs).fold(1, |product, _| product * 17);
    run(n, total, |at| {
        let mut rest = at;
        move || {
            let digit = rest % 17;
            rest /= 17;
            digit
        }
    })
}

fn simulated(n: usize) -> Moments {
    let total = (12_000_000.0 * (5.0 / n as f64).powi(3)) as usize;
    run(n, total, |at| {
        let mut generator = SplitMix64::stream(2_026_000 + n as u64, at as u64);
        move || generator.below(17) as usize
    })
}

/// Matrix number `at` takes its judgments from `judgments(at)`, row by row above the diagonal.
fn run<J: FnMut() -> usize>(n: usize, total: usize, judgments: impl Fn(usize) -> J) -> Moments {
    let mut moments = Moments::default();
    for start in (0..total).step_by(PIECE) {
        let size = PIECE.min(total - start);
        let mut stack = Array3::ones((size, n, n));
        for at in 0..size {
            let mut draw = judgments(start + at);
            for i in 0..n {
                for j in i + 1..n {
                    let value = value(draw());
                    stack[[at, i, j]] = value;
                    stack[[at, j, i]] = 1.0 / value;
                }
            }
        }
        // Scale values are never refused.
        let Ok(weighed) = batch(stack.view(), Method::Eigenvector, RandomIndex::default()) else { continue };
        for ci in weighed.ci {
            moments.count += 1;
            moments.sum += ci;
            moments.squares += ci * ci;
        }
    }
    moments
}
