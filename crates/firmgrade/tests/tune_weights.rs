//! Weights from experts and outcomes: populations of known truth, the gates, and what a proposal says against grading by the new card.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use firmgrade::ahp::SplitMix64;
use firmgrade::columns::{Column, Table};
use firmgrade::evaluate::{Finding, Results, Sampling, report};
use firmgrade::reweigh::Utilities;
use firmgrade::tune::{ChallengerOptions, Encoding, NewCard, Outcomes, Proposal, TuneOptions, Verdict, Weighting, challenger, tune};
use firmgrade::{Error, GradeOptions, Scorecard, grade};

const IDS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// Two criteria; `x` is never weighed. Each number from 0 to 1 is its own risk, `d` shares its weight where it is missing.
fn card(cuts: &str) -> Scorecard {
    let mut text = format!(
        "[scorecard]\nid = \"t\"\ntitle = \"t\"\nversion = \"2025.3\"\nid_column = \"id\"\nnote = \"old\"\n\
         scale = {{ min = 0, max = 1000, better = \"high\", round = {{ decimals = 2 }} }}\n\
         [criteria.one]\ntitle = \"one\"\n[criteria.two]\ntitle = \"two\"\n\
         [judgments.root]\npairs = {{ \"one:two\" = 1.5 }}\n\
         [judgments.one]\nweights = {{ a = 0.5, b = 0.3, c = 0.2 }}\n\
         [judgments.two]\nweights = {{ d = 0.6, e = 0.4, x = 0.0 }}\n\
         [grades]\norder = [\"A\", \"B\", \"C\"]\n{cuts}\n"
    );
    for (id, above, missing) in [
        ("a", "one", "error"),
        ("b", "one", "error"),
        ("c", "one", "error"),
        ("d", "two", "reweight"),
        ("e", "two", "error"),
        ("x", "two", "error"),
    ] {
        text += &format!(
            "[indicators.{id}]\ntitle = \"{id}\"\ncriterion = \"{above}\"\nmissing = \"{missing}\"\n\
             points = [ {{ at = 0, risk = 0 }}, {{ at = 1, risk = 1 }} ]\n"
        );
    }
    Scorecard::from_toml("card", &text).unwrap()
}

struct Population {
    values: Vec<Vec<f64>>,
    ids: Vec<String>,
    bad: Vec<bool>,
}

impl Population {
    /// `logit p = slope·(truth·u − ½) − 1` for truth over a, b, c, d, e.
    fn new(rows: usize, truth: [f64; 5], slope: f64, seed: u64) -> Self {
        let mut random = SplitMix64::stream(77, seed);
        let values: Vec<Vec<f64>> = (0..6).map(|_| (0..rows).map(|_| random.uniform()).collect()).collect();
        let risk = |row: usize| truth.iter().zip(&values).map(|(weight, values)| weight * values[row]).sum::<f64>();
        let bad = (0..rows).map(|row| random.uniform() < 1.0 / (1.0 + (1.0 - slope * (risk(row) - 0.5)).exp())).collect();
        Self { values, ids: (0..rows).map(|row| format!("{row:06}")).collect(), bad }
    }

    fn grade<T>(&self, with: impl FnOnce(Table<'_>) -> T) -> T {
        let ids: Vec<&str> = self.ids.iter().map(String::as_str).collect();
        let mut table = Table::new(ids.len()).with("id", Column::strings(&ids)).unwrap();
        for (id, values) in IDS.into_iter().chain(["x"]).zip(&self.values) {
            assert!(table.add(id, Column::numbers(values)));
        }
        with(table)
    }

    fn utilities(&self, card: &Scorecard) -> Utilities {
        self.grade(|table| Utilities::new(card, &[table])).unwrap()
    }

    fn tune(&self, card: &Scorecard, options: &TuneOptions) -> Proposal {
        let firm: Vec<usize> = (0..self.bad.len()).collect();
        tune(&self.utilities(card), Outcomes { firm: &firm, bad: &self.bad, sampling: Sampling::default() }, options).unwrap()
    }
}

const EXPERT: [f64; 5] = [0.3, 0.18, 0.12, 0.24, 0.16];
const FIXED: &str = "cuts = [\">= 600\", \">= 450\"]";

/// Where the experts are right a gain is proved in few runs; where they are wrong, in most. `examples/tune_power.rs` does the same hundreds
/// of times over.
#[test]
fn right_experts_stay_and_wrong_ones_are_corrected() {
    let card = card(FIXED);
    let run = |truth: [f64; 5], rows: usize, seed: u64, max_change: f64| {
        Population::new(rows, truth, 7.0, seed).tune(&card, &TuneOptions { folds: 3, max_change, ..TuneOptions::default() })
    };
    let right = (0..12).filter(|seed| run(EXPERT, 400, *seed, 1.0).verdict == Verdict::Proposed).count();
    assert!(right <= 1, "{right} of 12 although the experts are right");
    let wrong = [0.05, 0.05, 0.3, 0.1, 0.5];
    let found: Vec<Proposal> = (0..5).map(|seed| run(wrong, 900, seed, 1.0)).collect();
    let corrected = found.iter().filter(|proposal| proposal.verdict == Verdict::Proposed).count();
    assert!(corrected >= 4, "{corrected} of 5 although the experts are wrong");
    for proposal in &found {
        assert!(proposal.weights()[4] > 0.2 && proposal.weights()[0] < 0.25, "{:?}", proposal.weights());
    }
}

/// Two weights are wrong by 0.2. The step goes half of the way with every weight, holds the limit as stated to the last decimal, and is better
/// on firms that nobody has seen; what outcomes ask for is told beside it.
#[test]
fn a_step_holds_the_limit_and_gains() {
    let card = card(FIXED);
    let truth = [0.1, 0.18, 0.12, 0.24, 0.36];
    let population = Population::new(2500, truth, 8.0, 2);
    let tuned = |max_change: f64| population.tune(&card, &TuneOptions { folds: 3, max_change, ..TuneOptions::default() });
    let (step, whole) = (tuned(0.1), tuned(1.0));
    assert_eq!(step.verdict, Verdict::Proposed, "{}", step.words);
    assert!(step.gates.iter().all(|gate| gate.open));
    let (asked, share) = (step.asked.unwrap(), step.step.unwrap());
    assert_eq!((whole.step, whole.asked), (Some(1.0), Some(asked)));
    assert!((0.15..0.25).contains(&asked) && (share - 0.1 / asked).abs() < 0.005, "{asked} {share}");
    assert!(step.largest_change().1 <= 0.1 + 1e-12 && step.largest_change().1 > 0.0995, "{:?}", step.largest_change());
    let told = format!("; the step is limited to 0.1, {} % of the way", (share * 100.0).floor());
    assert!(step.gates[3].words.starts_with("the outcomes ask for a change of 0.") && step.gates[3].words.ends_with(&told));
    assert!(step.words.starts_with("proposed: on outcomes not seen, AUC goes from ") && step.words.contains(&told), "{}", step.words);
    for (step, whole) in step.indicators.iter().zip(&whole.indicators) {
        assert_eq!((step.estimate, step.coefficient), (whole.estimate, whole.coefficient));
        let on_the_line = step.expert + share * (step.estimate.value - step.expert);
        assert!((step.tuned - on_the_line).abs() < 2e-4, "{step:?}");
    }
    let area = |proposal: &Proposal| {
        let fresh = Population::new(20_000, truth, 8.0, 3);
        let by = |of: &dyn Fn(usize) -> f64| {
            let score: Vec<f64> = (0..20_000).map(|row| (0..5).map(|at| of(at) * fresh.values[at][row]).sum()).collect();
            firmgrade::evaluate::auc(&score, &fresh.bad, None).unwrap().estimate.value
        };
        by(&|at| proposal.indicators[at].tuned) - by(&|at| EXPERT[at])
    };
    let gain = step.gain.unwrap().difference;
    assert!(area(&step) > 0.0 && area(&whole) > area(&step));
    assert!(gain.low > 0.0 && gain.low < area(&step) && area(&step) < gain.high, "{gain:?} {}", area(&step));
    assert!(whole.gain.unwrap().difference.value > gain.value);
    let none = tuned(0.0);
    assert_eq!((none.verdict, none.step, none.moved.len()), (Verdict::NotProposed, Some(0.0), 0));
    assert_eq!(none.gates.iter().map(|gate| gate.open).collect::<Vec<_>>(), [true, true, false, false]);
    assert!(
        none.words.ends_with("; the limit of 0 leaves no step") && none.weights().iter().zip(EXPERT).all(|(a, b)| (a - b).abs() < 1e-12)
    );
}

/// Year after year: tuned, adopted, tuned again on other firms. Steps of 0.1 lead to a truth that is 0.3 away, and end there.
#[test]
fn adopted_steps_lead_to_the_truth() {
    let truth = [0.05, 0.13, 0.12, 0.24, 0.46];
    let far = |card: &Scorecard| -> f64 {
        card.indicators().iter().zip(truth).map(|(indicator, truth)| (indicator.weight - truth).abs()).fold(0.0, f64::max)
    };
    let mut card = card(FIXED);
    let mut distances = vec![far(&card)];
    for year in 0..5 {
        let options = TuneOptions { folds: 3, ..TuneOptions::default() };
        let proposal = Population::new(2500, truth, 9.0, 50 + year).tune(&card, &options);
        if proposal.verdict == Verdict::Proposed {
            card = Scorecard::from_toml("next", &proposal.card(&card, &NewCard::default()).unwrap()).unwrap();
        }
        distances.push(far(&card));
    }
    assert!((distances[0] - 0.3).abs() < 1e-9);
    assert!(distances[..4].windows(2).all(|pair| pair[1] < pair[0] - 0.05), "{distances:?}");
    assert!(distances[3..].iter().all(|distance| *distance < 0.08), "{distances:?}");
}

/// Many bad outcomes, hardly any of them in the grade that was sampled least: what an evaluation calls not estimable is shown and not proposed.
#[test]
fn a_grade_without_outcomes_closes_the_gate() {
    let card = card(FIXED);
    let population = Population::new(6000, [0.1, 0.1, 0.1, 0.2, 0.5], 14.0, 8);
    let utilities = population.utilities(&card);
    let grade = &utilities.base().grade;
    // All of C, a tenth of B, so many of A.
    let sample = |part: usize| -> Vec<usize> { (0..6000).filter(|row| row % [part, 10, 1][usize::from(grade[*row])] == 0).collect() };
    let found = |part: usize| {
        let firm = sample(part);
        let bad: Vec<bool> = firm.iter().map(|firm| population.bad[*firm]).collect();
        let strata: Vec<u32> = firm.iter().map(|firm| u32::from(grade[*firm])).collect();
        let firms = |stratum: u32| grade.iter().filter(|grade| u32::from(**grade) == stratum).count() as f64;
        let population: Vec<f64> = strata.iter().map(|stratum| firms(*stratum)).collect();
        let sampling = Sampling { strata: Some(&strata), population: Some(&population), ..Sampling::default() };
        let score: Vec<f64> = firm.iter().map(|firm| 1000.0 - utilities.base().score[*firm]).collect();
        let results = Results { score: &score, grade: &strata, grades: &["A", "B", "C"], outcome: &bad, sampling, ..Results::default() };
        let options = TuneOptions { folds: 3, ..TuneOptions::default() };
        (tune(&utilities, Outcomes { firm: &firm, bad: &bad, sampling }, &options).unwrap(), report(&results).unwrap())
    };
    let (closed, evaluated) = found(40);
    assert_eq!((evaluated.verdict.finding, closed.verdict), (Finding::NotEstimable, Verdict::NotProposed), "{}", closed.words);
    assert_eq!(closed.estimable, evaluated.estimable);
    let lacking = evaluated.verdict.en.strip_prefix("Not estimable: ").unwrap();
    assert!(lacking.ends_with(" bad outcomes to be expected in grade A, which was sampled least; at least 5 are needed"), "{lacking}");
    assert_eq!(closed.words, format!("not proposed: {lacking}"));
    assert!(!closed.gates[0].open && closed.gates[0].words.ends_with(&format!(", but {lacking}")), "{}", closed.gates[0].words);
    // What was found is there to look at, and only this gate is closed.
    assert!(closed.gates[1..].iter().all(|gate| gate.open) && closed.gain.unwrap().difference.low > 0.0 && closed.bad > 90);
    assert!(closed.card(&card, &NewCard::default()).is_ok());
    // Half of A looked at: the same firms, the same truth, and a proposal.
    let (open, evaluated) = found(2);
    assert_eq!((open.verdict, evaluated.estimable, open.gates[0].open), (Verdict::Proposed, open.estimable, true), "{}", open.words);
}

#[test]
fn grades_without_information_are_told() {
    let card = card(FIXED);
    let mut stopped = 0;
    for seed in 0..30 {
        let proposal = Population::new(400, EXPERT, 0.0, 100 + seed).tune(&card, &TuneOptions::default());
        if proposal.verdict == Verdict::NoSignal {
            assert_eq!(proposal.words, "no signal: the card's risk says nothing about these outcomes, so there is nothing to tune");
            assert!(proposal.weights().is_empty() && proposal.moved.is_empty() && proposal.gain.is_none());
            stopped += 1;
        }
        assert_ne!(proposal.verdict, Verdict::Proposed);
    }
    assert!(stopped >= 26, "{stopped} of 30");
    let reversed = Population::new(400, EXPERT, -8.0, 1).tune(&card, &TuneOptions::default());
    assert_eq!(reversed.verdict, Verdict::Reversed);
    assert_eq!(
        reversed.card(&card, &NewCard::default()).unwrap_err().to_string(),
        "the tuning: 1 problem\n  found no new weights; the tuning stopped before it came to them; its verdict says why"
    );
    let mut few = Population::new(60, EXPERT, 5.0, 1);
    few.bad = (0..60).map(|row| row < 4).collect();
    let few = few.tune(&card, &TuneOptions::default());
    assert_eq!((few.verdict, few.gates[0].open), (Verdict::NotEstimable, false));
    assert_eq!(few.gates[0].words, "4 bad and 56 good outcomes, at least 5 of each are needed");
}

/// The firms said to move are those whose grade by the saved card differs, and the saved card says what was proposed.
#[test]
fn the_new_card_does_what_the_proposal_says() {
    for cuts in [FIXED, "shares = { A = 0.3, B = 0.5, C = 0.2 }"] {
        let card = card(cuts);
        let mut population = Population::new(900, [0.2, 0.18, 0.2, 0.16, 0.26], 7.0, 5);
        (0..900).step_by(7).for_each(|row| population.values[3][row] = f64::NAN);
        let proposal = population.tune(&card, &TuneOptions { folds: 3, ..TuneOptions::default() });
        let text = proposal.card(&card, &NewCard { effective_from: Some("2026-01-01".to_owned()), ..NewCard::default() }).unwrap();
        let new = Scorecard::from_toml("new", &text).unwrap();
        assert_eq!(new.spec().scorecard.version, "2025.4");
        assert_eq!(new.spec().scorecard.effective_from.as_deref(), Some("2026-01-01"));
        assert!(new.spec().scorecard.note.as_ref().unwrap().starts_with("old\nWeights tuned from 900 outcomes ("));
        for (tuned, indicator) in proposal.indicators.iter().zip(new.indicators()) {
            assert!((tuned.tuned - indicator.weight).abs() < 1e-12, "{}", tuned.indicator);
            assert!(indicator.id != "x" || tuned.tuned == 0.0);
        }
        let options = GradeOptions { reasons: 0, contributions: false };
        let before = population.grade(|table| grade(&card, &[table], options)).unwrap().grade;
        let after = population.grade(|table| grade(&new, &[table], options)).unwrap().grade;
        let moved: Vec<usize> = (0..900).filter(|firm| before[*firm] != after[*firm]).collect();
        assert!(!moved.is_empty());
        assert_eq!(proposal.moved.iter().map(|moved| moved.firm).collect::<Vec<_>>(), moved);
        assert!(proposal.moved.iter().all(|moved| (moved.before, moved.after) == (before[moved.firm], after[moved.firm])));
        for implied in &proposal.implied {
            let sum: f64 = implied.after.iter().sum();
            assert!(
                (sum - 1.0).abs() < 1e-12
                    && implied.after.iter().all(|weight| (weight * 1e4).fract().min(1.0 - (weight * 1e4).fract()) < 1e-6)
            );
            assert!(implied.cr >= 0.0 && implied.consistent == (implied.cr <= 0.1));
            for (row, judgments) in implied.judgments.iter().enumerate() {
                for (column, judgment) in judgments.iter().enumerate() {
                    let ratio = (implied.after[row] / implied.after[column]).clamp(1.0 / 9.0, 9.0);
                    assert!(implied.after[column] == 0.0 || (judgment / ratio).ln().abs() <= 2.0_f64.sqrt().ln() + 1e-12);
                }
            }
        }
        let other = Scorecard::from_toml("other", &text).unwrap();
        assert!(matches!(proposal.card(&other, &NewCard::default()), Err(Error::Judgments(_))));
    }
}

#[test]
fn the_order_of_rows_and_threads_changes_no_bit() {
    let card = card(FIXED);
    let population = Population::new(400, [0.2, 0.18, 0.2, 0.16, 0.26], 7.0, 9);
    let utilities = population.utilities(&card);
    let strata: Vec<u32> = (0..400).map(|row| u32::from(population.values[0][row] > 0.6)).collect();
    let weight: Vec<f64> = strata.iter().map(|stratum| if *stratum == 0 { 4.0 } else { 1.5 }).collect();
    let mut order: Vec<usize> = (0..400).collect();
    let of = |order: &[usize]| {
        let bad: Vec<bool> = order.iter().map(|row| population.bad[*row]).collect();
        let weight: Vec<f64> = order.iter().map(|row| weight[*row]).collect();
        let strata: Vec<u32> = order.iter().map(|row| strata[*row]).collect();
        let sampling = Sampling { weight: Some(&weight), strata: Some(&strata), ..Sampling::default() };
        let options = TuneOptions { folds: 3, weighting: Weighting::Design, ..TuneOptions::default() };
        tune(&utilities, Outcomes { firm: order, bad: &bad, sampling }, &options).unwrap()
    };
    let one = of(&order);
    assert!(one.design_weighted);
    let mut random = SplitMix64::new(1);
    (1..400).rev().for_each(|last| order.swap(last, random.below(last as u64 + 1) as usize));
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(one, pool.install(|| of(&order)));
    }
}

/// Rows drawn at rates that depend on the outcome's own size of effect: the test sees it, and the fit is then weighted.
#[test]
fn the_weights_test_sees_weights_that_matter() {
    let card = card(FIXED);
    // In the stratum of high `a` risk matters the other way; it is drawn ten times as often.
    let mut population = Population::new(1200, EXPERT, 8.0, 3);
    let high: Vec<bool> = (0..1200).map(|row| row % 2 == 0).collect();
    let risky: Vec<bool> = (0..1200).map(|row| (0..5).map(|at| EXPERT[at] * population.values[at][row]).sum::<f64>() > 0.5).collect();
    (0..1200).filter(|row| high[*row]).for_each(|row| population.bad[row] = (row / 2) % if risky[row] { 4 } else { 3 } == 0);
    let utilities = population.utilities(&card);
    let firm: Vec<usize> = (0..1200).collect();
    let weight: Vec<f64> = high.iter().map(|high| if *high { 1.0 } else { 10.0 }).collect();
    let sampling = Sampling { weight: Some(&weight), ..Sampling::default() };
    let outcomes = Outcomes { firm: &firm, bad: &population.bad, sampling };
    let options = TuneOptions { folds: 3, ..TuneOptions::default() };
    let found = tune(&utilities, outcomes, &options).unwrap();
    let test = found.weights_test.clone().unwrap();
    assert!(test.rejected && test.p < 1e-3 && found.design_weighted, "{test:?}");
    // Weights that have nothing to do with the outcome are not rejected, and do not enter the fit.
    let plain = Population::new(1200, EXPERT, 8.0, 4);
    let outcomes = Outcomes { firm: &firm, bad: &plain.bad, sampling };
    let found = tune(&plain.utilities(&card), outcomes, &options).unwrap();
    assert!(!found.weights_test.clone().unwrap().rejected && !found.design_weighted, "{:?}", found.weights_test);
}

#[test]
fn the_challenger_is_as_good_as_the_truth_allows() {
    let card = card(FIXED);
    let population = Population::new(1500, [0.5, 0.0, 0.0, 0.0, 0.5], 8.0, 1);
    let firm: Vec<usize> = (0..1500).collect();
    let outcomes = Outcomes { firm: &firm, bad: &population.bad, sampling: Sampling::default() };
    let utilities = population.utilities(&card);
    let truth: Vec<f64> = (0..1500).map(|row| population.values[0][row] + population.values[4][row]).collect();
    let best = firmgrade::evaluate::auc(&truth, &population.bad, None).unwrap().estimate.value;
    for encoding in [Encoding::Woe, Encoding::OneHot, Encoding::Utility] {
        let options = ChallengerOptions { folds: 3, encoding, lambda: vec![100.0, 10.0, 1.0], ..ChallengerOptions::default() };
        let found = challenger(&utilities, outcomes, &options).unwrap();
        assert!((found.challenger.value - best).abs() < 0.02, "{} {best}", found.words);
        assert!(found.difference.low > 0.0 && found.columns.len() == 5);
        let odds = found.log_odds(utilities.matrix().view(), &["a", "b", "c", "d", "e", "x"]);
        let fitted = firmgrade::evaluate::auc(&odds, &population.bad, None).unwrap().estimate.value;
        assert!(fitted >= found.challenger.value - 0.005);
    }
}

#[test]
fn faults_come_at_once() {
    let card = card(FIXED);
    let population = Population::new(50, EXPERT, 5.0, 1);
    let options = TuneOptions { tau: vec![0.5, 0.1], max_change: 2.0, decimals: 1, folds: 2, ..TuneOptions::default() };
    let outcomes = Outcomes { firm: &[0, 99], bad: &[true], sampling: Sampling::default() };
    let utilities = population.utilities(&card);
    let Err(error) = tune(&utilities, outcomes, &options) else { panic!("no error") };
    assert_eq!(
        error.to_string(),
        "the tuning: 4 problems\n  \
         `tau` is [0.5, 0.1], expected ascending numbers above 0 and at most 100\n  \
         `max_change` is 2, expected a number from 0 to 1\n  \
         `decimals` is 1, expected a whole number from 2 to 9\n  \
         `folds` is 2, expected a whole number from 3 to 20"
    );
    let Err(error) = tune(&utilities, outcomes, &TuneOptions::default()) else { panic!("no error") };
    assert_eq!(
        error.to_string(),
        "the tuning: 3 problems\n  \
         the outcome has 1 rows, expected 2\n  \
         found no row with a good outcome; wait for more outcomes\n  \
         the firm has 1 unknown firm (row 2: `99`); give positions in the graded tables, from 0"
    );
}
