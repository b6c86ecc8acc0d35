//! Loading scorecards: what is accepted, and every fault with its place and remedy.

#![expect(clippy::panic, reason = "a test may stop")]

use firmgrade::card::{Place, Severity, scorecard_schema};
use firmgrade::{Error, Scorecard, ScorecardSpec};

/// A small card without faults; tests change one thing in it.
const CARD: &str = r#"
[scorecard]
id = "test"
title = "试验"
version = "1"
id_column = "uscc"
scale = { min = 0, max = 100, better = "high" }

[criteria.registration]
title = "登记"
[criteria.violations]
title = "违法"

[judgments.root]
pairs = { "registration:violations" = "1/3" }
[judgments.violations]
weights = { penalties = 0.5, complaints = 0.25, listed = 0.25 }

[indicators.form]
title = "类型"
criterion = "registration"
missing = "worst"
categories = { "公司" = 0.2, "个人独资" = 0.6 }
[indicators.penalties]
title = "处罚"
criterion = "violations"
missing = "error"
bands = [ { upto = 0, risk = 0 }, { upto = 2, risk = 0.4 }, { risk = 1 } ]
[indicators.complaints]
title = "投诉"
criterion = "violations"
missing = "reweight"
points = [ { at = 0, risk = 0 }, { at = 10, risk = 1 } ]
[indicators.listed]
title = "异常名录"
criterion = "violations"
missing = "best"
flag = { true = 1, false = 0 }

[columns.dishonest]
type = "flag"

[grades]
order = ["A", "B", "C", "D"]
cuts = [">= 85", ">= 70", ">= 55"]

[[overrides]]
id = "dishonest"
title = "严重失信"
when = "dishonest AND penalties > 0"
set = "D"
"#;

/// The card with `old` replaced by `new`, which must be there once.
fn changed(old: &str, new: &str) -> String {
    assert_eq!(CARD.matches(old).count(), 1, "`{old}` must stand in the card once");
    CARD.replace(old, new)
}

/// The problems of a text, as they are said, without the place.
fn problems(text: &str) -> Vec<String> {
    match Scorecard::from_toml("card.toml", text) {
        Err(Error::Scorecard(problems)) => {
            for problem in &problems {
                assert!(problem.place.is_some(), "no place: {problem}");
            }
            problems.into_iter().map(|p| p.to_string().split_once(": ").map_or_else(String::new, |(_, said)| said.to_owned())).collect()
        }
        other => panic!("expected problems, found {other:?}"),
    }
}

#[test]
fn the_small_card_has_the_weights_that_its_judgments_say() {
    let card = Scorecard::from_toml("card.toml", CARD).unwrap();
    let weights: Vec<(&str, f64)> = card.indicators().iter().map(|i| (i.id.as_str(), i.weight)).collect();
    // By hand: registration : violations = 1 : 3.
    let expected = [("form", 0.25), ("penalties", 0.375), ("complaints", 0.1875), ("listed", 0.1875)];
    for ((id, weight), (other, value)) in weights.iter().zip(expected) {
        assert_eq!(*id, other);
        approx::assert_relative_eq!(*weight, value, max_relative = 1e-15);
    }
    assert!(card.warnings().is_empty());
}

#[test]
fn each_fault_is_named_with_its_remedy() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "title = \"处罚\"",
            "titel = \"处罚\"",
            &["indicators.penalties: `title` is missing", "indicators.penalties.titel: unknown key; did you mean `title`?"],
        ),
        (
            "missing = \"error\"",
            "missing = \"eror\"",
            &["indicators.penalties.missing: found `eror`, expected one of `error`, `worst`, `best`, `reweight`; did you mean `error`?"],
        ),
        ("missing = \"error\"", "missing = 3", &["indicators.penalties.missing: found `3`, expected text or a table"]),
        ("missing = \"error\"\n", "", &["indicators.penalties: `missing` is missing"]),
        ("missing = \"error\"", "missing = { value = 2 }", &["indicators.penalties.missing: found 2, expected a number from 0 to 1"]),
        (
            "criterion = \"registration\"",
            "criterion = \"registratoin\"",
            &[
                "criteria.registration: the criterion has no children; give it an indicator, or take it out",
                "indicators.form.criterion: there is no criterion `registratoin`; did you mean `registration`?",
            ],
        ),
        ("\"registration:violations\" = \"1/3\"", "\"registration:violation\" = \"1/3\"", &[]),
        ("complaints = 0.25,", "complaints = 0.35,", &["judgments.violations.weights: the weights sum to 1.1, expected 1"]),
        (
            "complaints = 0.25,",
            "complains = 0.25,",
            &[
                "judgments.violations.weights: `complaints` is a child of this node and has no place here",
                "judgments.violations.weights.complains: `complains` is not a child of this node; did you mean `complaints`?",
            ],
        ),
        (
            "{ upto = 2, risk = 0.4 }, { risk = 1 }",
            "{ upto = 2, risk = 0.4 }, { from = 3, risk = 1 }",
            &["indicators.penalties.bands.2: gap: no band holds values > 2 and < 3"],
        ),
        (
            "{ upto = 2, risk = 0.4 }, { risk = 1 }",
            "{ upto = 2, risk = 0.4 }, { from = 1, risk = 1 }",
            &["indicators.penalties.bands.2: overlap: two bands hold values >= 1 and <= 2"],
        ),
        ("{ at = 10, risk = 1 }", "{ at = 0, risk = 1 }", &["indicators.complaints.points: the points neither rise nor fall throughout"]),
        (
            "cuts = [\">= 85\", \">= 70\", \">= 55\"]",
            "cuts = [\">= 85\", \">= 70\", \">= 75\"]",
            &[
                "grades.cuts.2: `>= 75` comes after `>= 70` and leaves the grade between them nothing; cuts go from the best grade to the worst",
            ],
        ),
        (
            "cuts = [\">= 85\", \">= 70\", \">= 55\"]",
            "cuts = [\">= 85\", \"<= 70\"]",
            &[
                "grades.cuts: found 2 cuts for 4 scored grades, expected 3; the last scored grade takes the rest",
                "grades.cuts.1: found `<= 70`, expected `>= number` or `> number`, as high scores are better",
            ],
        ),
        ("when = \"dishonest AND penalties > 0\"", "when = \"dishonset AND penalties > 0\"", &[]),
        ("set = \"D\"", "set = \"E\"", &["overrides.0.set: there is no grade `E`, expected one of A, B, C, D; did you mean `A`?"]),
        ("set = \"D\"", "shift = 0", &["overrides.0.shift: found 0, expected a number of grades other than 0"]),
        ("set = \"D\"", "set = \"D\"\nshift = 1", &["overrides.0: expected exactly one of `set` and `shift`"]),
        ("min = 0, max = 100", "min = 100, max = 100", &["scorecard.scale: found min 100 and max 100, expected min below max"]),
        ("min = 0, max = 100", "min = nan, max = 100", &["found `nan`, expected a finite number"]),
        ("title = \"登记\"", "title = \"登记\"\nparent = \"violations\"", &[]),
        ("title = \"登记\"", "title = \"登记\"\nparent = \"registration\"", &[]),
        (
            "flag = { true = 1, false = 0 }",
            "flag = { true = 1, false = 0 }\nbands = [ { risk = 1 } ]",
            &["indicators.listed: found bands and flag, expected exactly one of `bands`, `points`, `categories`, `flag`"],
        ),
        (
            "version = \"1\"",
            "version = \"1\"\neffective_from = \"2023-02-30\"",
            &["scorecard.effective_from: found `2023-02-30`, expected a date such as 2023-07-01"],
        ),
    ];
    for (old, new, expected) in cases {
        let found = problems(&changed(old, new));
        if !expected.is_empty() {
            assert_eq!(found, *expected, "after `{old}` → `{new}`");
        }
    }
}

#[test]
fn a_problem_stands_at_its_line_and_column() {
    let text = changed("criterion = \"registration\"", "criterion = \"nowhere\"");
    let Err(Error::Scorecard(problems)) = Scorecard::from_toml("卡.toml", &text) else { panic!("expected problems") };
    let line = text.lines().position(|line| line.contains("nowhere")).unwrap() + 1;
    let problem = problems.iter().find(|problem| problem.message.contains("nowhere")).unwrap();
    assert_eq!(problem.place, Some(Place { file: "卡.toml".to_owned(), line, column: 1 }));
}

#[test]
fn all_problems_come_at_once() {
    let text = CARD
        .replace("title = \"处罚\"", "titel = \"处罚\"")
        .replace("missing = \"worst\"", "missing = \"wurst\"")
        .replace("risk = 0.4", "risk = 4")
        .replace(">= 85", ">= x")
        .replace("\"1/3\"", "\"1/0\"")
        .replace("set = \"D\"", "set = \"E\"");
    let places: Vec<String> = problems(&text).iter().map(|text| text.split(": ").next().unwrap_or_default().to_owned()).collect();
    let expected = [
        "judgments.root.pairs.registration:violations",
        "indicators.form.missing",
        "indicators.penalties",
        "indicators.penalties.titel",
        "indicators.penalties.bands.1",
        "grades.cuts.0",
        "overrides.0.set",
    ];
    assert_eq!(places, expected);
}

#[test]
fn toml_faults_have_places_too() {
    let found = problems("[scorecard]\nid = \"a\"\nid = \"b\"\n[x\n");
    assert!(found.len() >= 2 && found.iter().all(|text| text.starts_with("not valid TOML: ")), "{found:?}");
}

#[test]
fn inconsistent_judgments_are_an_error_or_a_warning_as_the_card_says() {
    let three = CARD
        .replace("[criteria.violations]", "[criteria.judicial]\ntitle = \"司法\"\n[criteria.violations]")
        .replace("\"registration:violations\" = \"1/3\"", "\"registration:violations\" = 1, \"registration:judicial\" = 9, \"judicial:violations\" = 9")
        .replace("[indicators.penalties]", "[indicators.suits]\ntitle = \"诉讼\"\ncriterion = \"judicial\"\nmissing = \"best\"\nflag = { true = 1, false = 0 }\n[indicators.penalties]");
    let found = problems(&three);
    assert!(found[0].contains("the judgments contradict each other: CR ") && found[0].contains("saaty_1980"), "{found:?}");
    let card = Scorecard::from_toml("card.toml", &format!("ahp = {{ inconsistent = \"warning\" }}\n{three}")).unwrap();
    assert_eq!(card.warnings().len(), 1);
    assert_eq!(card.warnings()[0].severity, Severity::Warning);
}

#[test]
fn a_grade_that_no_score_gives_is_a_warning() {
    let card = Scorecard::from_toml("card.toml", &changed(">= 85", "> 200")).unwrap();
    let said: Vec<String> = card.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 1);
    assert!(said[0].contains("no score gives grade `A`: attainable are scores from "), "{said:?}");
}

#[test]
fn an_heir_overrides_by_id_and_key() {
    let heir = r#"
        [scorecard]
        id = "heir"
        extends = "base.toml"
        [indicators.penalties]
        points = [ { at = 0, risk = 0 }, { at = 5, risk = 1 } ]
        [judgments.root]
        equal = true
        [grades]
        shares = { A = 0.4, B = 0.4, C = 0.1, D = 0.1 }
        [[overrides]]
        id = "dishonest"
        set = "C"
        [[overrides]]
        id = "new"
        title = "新"
        when = "listed"
        shift = 1
    "#;
    let mut asked = Vec::new();
    let card = Scorecard::from_toml_with("heir.toml", heir, &mut |from, other| {
        asked.push((from.to_owned(), other.to_owned()));
        Ok((other.to_owned(), CARD.to_owned()))
    })
    .unwrap();
    assert_eq!(asked, [("heir.toml".to_owned(), "base.toml".to_owned())]);
    let spec = card.spec();
    assert_eq!((spec.scorecard.id.as_str(), spec.scorecard.title.as_str(), spec.scorecard.extends.clone()), ("heir", "试验", None));
    assert!(spec.indicators["penalties"].bands.is_none() && spec.indicators["penalties"].points.is_some());
    assert_eq!(spec.indicators["penalties"].title, "处罚");
    assert!(spec.judgments["root"].pairs.is_none() && spec.judgments["root"].equal == Some(true));
    assert!(spec.grades.cuts.is_none() && spec.grades.shares.is_some());
    assert_eq!(
        spec.overrides.iter().map(|o| (o.id.as_str(), o.set.as_deref())).collect::<Vec<_>>(),
        [("dishonest", Some("C")), ("new", None)]
    );
}

#[test]
fn a_judgments_node_of_an_heir_replaces_the_whole_node() {
    let heir = "[scorecard]\nid = \"h\"\nextends = \"b\"\n[judgments.violations]\npairs = { \"penalties:complaints\" = 1, \"penalties:listed\" = 1, \"complaints:listed\" = 1 }\n";
    let card = Scorecard::from_toml_with("h", heir, &mut |_, _| Ok(("b".to_owned(), CARD.to_owned()))).unwrap();
    assert!(card.spec().judgments["violations"].weights.is_none());
}

#[test]
fn cards_that_extend_each_other_are_a_cycle() {
    let text = "[scorecard]\nid = \"a\"\nextends = \"b\"\n";
    let found = Scorecard::from_toml_with("a", text, &mut |_, other| {
        Ok((if other == "b" { "b" } else { "a" }.to_owned(), text.replace("\"b\"", "\"a\"")))
    });
    let Err(Error::Scorecard(problems)) = found else { panic!("expected a problem") };
    assert_eq!(
        problems[0].to_string(),
        "b:3:1: scorecard.extends: cycle: `a` extends itself"
            .replace("3:1", &format!("{}:{}", problems[0].place.as_ref().unwrap().line, problems[0].place.as_ref().unwrap().column))
    );
}

#[test]
fn the_digest_names_the_meaning_not_the_spelling() {
    let digest = |text: &str| Scorecard::from_toml("card.toml", text).unwrap().digest().to_owned();
    assert_eq!(digest(CARD), digest(&CARD.replace("risk = 0 }", "risk = 0.0 }")));
    assert_eq!(digest(CARD), digest(&format!("# a comment\n{CARD}")));
    assert_ne!(digest(CARD), digest(&changed("risk = 0.4", "risk = 0.5")));
}

#[test]
fn a_card_survives_the_way_through_json() {
    let card = Scorecard::from_toml("card.toml", CARD).unwrap();
    let spec: ScorecardSpec = serde_json::from_str(&card.to_json()).unwrap();
    assert_eq!(Scorecard::try_from(spec).unwrap().digest(), card.digest());
}

#[test]
fn the_schema_knows_every_key_of_the_card() {
    let schema = scorecard_schema();
    let keys = schema["properties"].as_object().unwrap();
    for key in ["scorecard", "ahp", "criteria", "judgments", "indicators", "columns", "grades", "overrides"] {
        assert!(keys.contains_key(key), "{key}");
    }
    assert_eq!(schema["additionalProperties"], false);
}
