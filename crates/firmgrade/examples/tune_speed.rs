//! Times of fitting, screening and banding 60,000 firms × 100 indicators: `cargo run --release -p firmgrade --example tune_speed`.
#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_types, reason = "an example measures time")]

use firmgrade::ahp::SplitMix64;
use firmgrade::columns::{Column, Table};
use firmgrade::tune::{Aim, BandOptions, ScreenOptions, Separation, ThresholdOptions, bands, logistic, screen, thresholds};
use ndarray::Array2;
use rayon::prelude::*;
use std::time::Instant;

fn main() {
    let (rows, wide) = (60_000, 100);
    let mut random = SplitMix64::new(1);
    let values: Vec<Vec<f64>> = (0..wide).map(|_| (0..rows).map(|_| random.uniform()).collect()).collect();
    let odds = |row: usize| values.iter().take(10).map(|values| values[row]).sum::<f64>() * 0.8 - 7.0;
    let bad: Vec<bool> = (0..rows).map(|row| random.uniform() < 1.0 / (1.0 + (-odds(row)).exp())).collect();
    let matrix = Array2::from_shape_fn((rows, wide), |(row, column)| values[column][row]);
    let mut table = Table::new(rows);
    let names: Vec<String> = (0..wide).map(|at| format!("i{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for (name, values) in names.iter().zip(&values) {
        assert!(table.add(name, Column::numbers(values)));
    }
    let period: Vec<u32> = (0..rows).map(|row| (row % 3) as u32).collect();
    let time = |what: &str, run: &dyn Fn()| {
        let mut times: Vec<f64> = (0..5)
            .map(|_| {
                let start = Instant::now();
                run();
                start.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        times.sort_by(f64::total_cmp);
        println!("{what:<28} {:>8.0} ms (least {:.0})", times[2], times[0]);
    };
    println!("{rows} × {wide}, {} bad", bad.iter().filter(|bad| **bad).count());
    time("logistic", &|| drop(logistic(matrix.view(), &bad, None, None).unwrap()));
    time("screen", &|| drop(screen(&table, &names, &bad, None, Some(&period), &ScreenOptions::default()).unwrap()));
    time("bands of all columns", &|| {
        let all: Vec<_> =
            values.par_iter().map(|values| bands("x", &Column::numbers(values), &bad, None, &BandOptions::default())).collect();
        assert!(all.iter().all(Result::is_ok));
    });
    let risk: Vec<f64> = (0..rows).map(odds).collect();
    let aim = Aim::Separation(Separation { grades: 4, min_share: 0.05, min_bad: 20.0 });
    time("separation, 500 samples", &|| drop(thresholds(&risk, Some(&bad), None, &aim, &ThresholdOptions::default()).unwrap()));
}
