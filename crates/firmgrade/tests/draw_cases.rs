//! The draw against an independent program: `fixtures/cases/make_draw.py` writes commitments, proofs, seeds, tickets and draws of both suites.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use firmgrade::sample::{
    Base, Committed, Design, Frame, Hash, Method, Probability, Proof, Rate, Rounding, Row, Rule, STAGE, Salt, Size, Suite, falls_under,
    pareto_key, seed, select, ticket, verify,
};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Cases {
    cases: Vec<Case>,
    pareto_keys: Vec<(Hash, String, String)>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    suite: Suite,
    plan_id: String,
    rounding: Rounding,
    base: Base,
    size: Size,
    rows: Vec<(String, String, String, u64, u64, String, String)>,
    root: Hash,
    paths: Vec<Vec<Hash>>,
    sources: BTreeMap<String, String>,
    seed: Hash,
    tickets: BTreeMap<String, Hash>,
    strata: Vec<Stratum>,
}

#[derive(Deserialize)]
struct Stratum {
    stratum: String,
    method: Method,
    n: u64,
    selected: Vec<String>,
    reserve: Vec<String>,
    pi: Vec<String>,
}

fn cases() -> Cases {
    serde_json::from_str(include_str!("../../../fixtures/cases/draw.json")).unwrap()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
}

impl Case {
    fn frame(&self) -> Frame {
        let row = |(id, grade, stratum, num, den, exclusion, _): &'_ (String, String, String, u64, u64, String, String)| {
            (id.clone(), grade.clone(), stratum.clone(), Rate { num: *num, den: *den }, exclusion.clone())
        };
        let rows: Vec<_> = self.rows.iter().map(row).collect();
        Frame::new(rows.iter().map(|(id, grade, stratum, rate, exclusion)| Row { id, grade, stratum, rate: *rate, exclusion })).unwrap()
    }

    fn salts(&self, frame: &Frame) -> Vec<Salt> {
        let salts: Vec<Salt> = self.rows.iter().map(|row| unhex(&row.6).try_into().unwrap()).collect();
        frame.arrange(&salts).unwrap()
    }

    fn design(&self) -> Design {
        let rule = Rule { rounding: self.rounding, base: self.base };
        Design { size: self.size, rule, reserve: 1_000, ..Design::default() }
    }
}

#[test]
fn commitments_proofs_seeds_and_tickets() {
    for case in cases().cases {
        let (frame, name) = (case.frame(), format!("{} {}", case.name, case.suite));
        let salts = case.salts(&frame);
        let sources: Vec<&str> = case.sources.keys().map(String::as_str).collect();
        let committed = Committed::new(&case.plan_id, case.suite, "", &sources, case.design(), case.frame(), &salts).unwrap();
        assert_eq!(committed.commitment.root, case.root, "{name}");
        assert_eq!(committed.commitment.rows, case.rows.len() as u64, "{name}");
        let step = if case.rows.len() <= 14 { 1 } else { 20 };
        assert_eq!(case.paths.len(), case.rows.len().div_ceil(step), "{name}");
        for (row, path) in (0..case.rows.len()).step_by(step).zip(&case.paths) {
            let proof = committed.proof(row).unwrap();
            assert_eq!(proof.path, *path, "{name}, row {row}");
            assert!(committed.commitment.holds(&frame.row(row), &salts[row], &proof), "{name}, row {row}");
            let other = Proof { index: proof.index + 1, ..proof };
            assert!(!committed.commitment.holds(&frame.row(row), &salts[row], &other), "{name}, row {row}");
        }
        assert_eq!(committed.proof(case.rows.len()), None, "{name}");
        let values: Vec<(&str, Vec<u8>)> = case.sources.iter().rev().map(|(name, value)| (name.as_str(), unhex(value))).collect();
        let values: Vec<(&str, &[u8])> = values.iter().map(|(name, value)| (*name, value.as_slice())).collect();
        assert_eq!(seed(case.suite, &case.plan_id, &case.root, &values).unwrap(), case.seed, "{name}");
        for (id, expected) in &case.tickets {
            assert_eq!(ticket(case.suite, &case.seed, STAGE, id), *expected, "{name}, {id}");
        }
        let record = committed.draw(&values).unwrap();
        assert_eq!(record.seed, case.seed, "{name}");
        assert!(verify(&record, &frame, &salts).is_ok(), "{name}");
    }
}

#[test]
fn draws() {
    let mut methods = Vec::new();
    for case in cases().cases {
        let (frame, name) = (case.frame(), format!("{} {}", case.name, case.suite));
        let found = select(case.suite, &case.seed, &frame, &case.design()).unwrap();
        assert_eq!(found.strata.len(), case.strata.len(), "{name}");
        for (stratum, expected) in found.strata.iter().zip(&case.strata) {
            assert_eq!((&stratum.stratum, stratum.method, stratum.n), (&expected.stratum, expected.method, expected.n), "{name}");
            let row = |id: &String| frame.id(frame.find(id).unwrap()).to_owned();
            let selected: Vec<_> = found.selected.iter().filter(|one| one.stratum == stratum.stratum).collect();
            let taken: Vec<String> = selected.iter().map(|one| one.id.clone()).collect();
            assert_eq!(taken, expected.selected.iter().map(row).collect::<Vec<_>>(), "{name}");
            let spare: Vec<String> = found.reserve.iter().filter(|one| one.stratum == stratum.stratum).map(|one| one.id.clone()).collect();
            assert_eq!(spare, expected.reserve.iter().map(row).collect::<Vec<_>>(), "{name}");
            for (one, pi) in selected.iter().zip(&expected.pi) {
                match one.pi_visit {
                    Probability::Ratio(rate) => assert_eq!(rate.to_string(), *pi, "{name}"),
                    Probability::Float(p) => assert_eq!(p.to_bits(), pi.parse::<f64>().unwrap().to_bits(), "{name}"),
                }
                assert!(case.size == Size::Fixed || falls_under(&one.ticket, frame.row(frame.find(&one.id).unwrap()).rate), "{name}");
            }
            methods.push(stratum.method);
        }
    }
    for method in [Method::Simple, Method::Pareto, Method::ConditionalPoisson, Method::Poisson] {
        assert!(methods.contains(&method), "no case of {method:?}");
    }
}

#[test]
fn pareto_keys_to_the_last_bit() {
    for (ticket, rate, expected) in cases().pareto_keys {
        let found = pareto_key(&ticket, rate.parse().unwrap());
        assert_eq!(found.to_bits(), expected.parse::<f64>().unwrap().to_bits(), "{ticket} at {rate}: {found}, expected {expected}");
    }
}
