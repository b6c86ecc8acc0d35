//! The cases of `fixtures/cases/ahp.json`, read here and by the Python tests: published results, and 60 digits computed by `make_ahp.py`.

use firmgrade::ahp::{Judgments, Method, RandomIndex};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    kind: String,
    source: String,
    matrix: Vec<Vec<f64>>,
    method: Method,
    random_index: RandomIndex,
    values: Vec<f64>,
    lambda_max: Option<f64>,
    ci: Option<f64>,
    cr: Option<f64>,
    tolerance: f64,
    tolerance_lambda_max: Option<f64>,
    tolerance_ci: Option<f64>,
    tolerance_cr: Option<f64>,
}

impl Case {
    fn check(&self, what: &str, found: f64, expected: f64, tolerance: f64) -> Option<String> {
        let off = (found - expected).abs();
        assert!(["published", "computed"].contains(&self.kind.as_str()), "{}: unknown kind {}", self.name, self.kind);
        let limit = if self.kind == "published" { tolerance } else { tolerance * expected.abs() };
        let fine = off <= limit;
        (!fine).then(|| format!("{} ({}): {what} is {found:e}, expected {expected:e} (off by {off:e})", self.name, self.source))
    }
}

#[test]
fn every_case_comes_out() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../../fixtures/cases/ahp.json")).unwrap();
    assert!(cases.len() > 60, "only {} cases", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let judgments = Judgments::from_matrix(None, &case.matrix).unwrap();
        let weights = judgments.weights(case.method, case.random_index);
        assert_eq!(weights.values().len(), case.values.len(), "{}", case.name);
        for (at, (&found, &expected)) in weights.values().iter().zip(&case.values).enumerate() {
            wrong.extend(case.check(&format!("weight {}", at + 1), found, expected, case.tolerance));
        }
        // Entries such as 1/3 are rounded in the file: e_ij carries 2e-16, and CI, quadratic in e_ij − 1, 4e-16/(e_ij − 1) of itself.
        let ci_tolerance = |stated: Option<f64>| match case.kind.as_str() {
            "computed" => case.tolerance.max(case.ci.filter(|&ci| ci > 0.0).map_or(0.0, |ci| 1e-15 / ci.sqrt())),
            _ => stated.unwrap_or(case.tolerance),
        };
        let checks = [
            ("lambda_max", weights.lambda_max(), case.lambda_max, case.tolerance_lambda_max.unwrap_or(case.tolerance)),
            ("ci", weights.ci(), case.ci, ci_tolerance(case.tolerance_ci)),
            ("cr", weights.cr(), case.cr, ci_tolerance(case.tolerance_cr)),
        ];
        for (what, found, expected, tolerance) in checks {
            if let Some(expected) = expected {
                wrong.extend(case.check(what, found, expected, tolerance));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
