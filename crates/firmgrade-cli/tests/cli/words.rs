//! What is printed, word for word.

use crate::sandbox::{CARD, Sandbox};
use serde_json::Value;

/// The text with what differs from run to run replaced: seconds and digests.
fn steady(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let words = line.split(' ').map(|word| if word.starts_with("sha256:") { "sha256:…" } else { word });
        lines.push(if line.starts_with("Time: ") { "Time: …".to_owned() } else { words.collect::<Vec<_>>().join(" ") });
    }
    lines.join("\n")
}

#[test]
fn the_weights_of_a_small_card() {
    insta::assert_snapshot!(steady(&Sandbox::new().ok("weights card.toml").out), @r"
    小评分卡 (small, version 1)

       criterion or indicator   id              local     global   weights of its children       CR   random index
      ------------------------------------------------------------------------------------------------------------------
       小评分卡                 root         100.00 %   100.00 %   judged, eigenvector       0.0000   not needed
         经营行为               conduct       75.00 %    75.00 %   judged, eigenvector       0.0048   0.58 (saaty_1980)
           行政处罚次数         penalties     59.54 %    44.65 %
           投诉举报次数         complaints    27.64 %    20.73 %
           年报逾期             late          12.83 %     9.62 %
         主体信息               basis         25.00 %    25.00 %   direct
           企业类型             kind          50.00 %    12.50 %
           成立年限             age           50.00 %    12.50 %

       judgments of   n       CR   limit       CI   random index           GCI   limit   Koczkodaj   cycles
      ------------------------------------------------------------------------------------------------------
       conduct        3   0.0048     0.1   0.0028   0.58 (saaty_1980)   0.0166    0.31      0.2000        0
    ");
}

#[test]
fn the_summary_of_a_few_firms() {
    insta::assert_snapshot!(steady(&Sandbox::new().ok("grade card.toml --firms firms.csv -o graded.csv").out), @r"
    小评分卡 (small, version 1): 5 firms from firms.csv

       grade   title    score   by score    share   final    share
      -------------------------------------------------------------
       A       低风险   >= 85          2   40.0 %       1   20.0 %
       B                >= 70          0    0.0 %       0    0.0 %
       C                >= 50          1   20.0 %       1   20.0 %
       D       高风险   < 50           2   40.0 %       3   60.0 %

    Overrides: 1 of 1 hit; 1 firm (20.0 %) moved to another grade
       override   title              action   firms    share
      -------------------------------------------------------
       listed     严重违法失信名单   set D        1   20.0 %

    Coverage: 88.9 % of the weight has data on average, 66.8 % at the lowest; 4 of 6 columns have missing values
       most missing   title          firms    share
      ----------------------------------------------
       complaints     投诉举报次数       1   20.0 %
       late           年报逾期           1   20.0 %
       kind           企业类型           1   20.0 %
       age            成立年限           1   20.0 %

    Provenance: scorecard small 1 sha256:… data sha256:… firmgrade 0.1.0
    Time: …
    Written: graded.csv
    ");
}

#[test]
fn the_summary_with_solved_cuts() {
    let sandbox = Sandbox::new();
    let shares = "shares = { A = 0.4, B = 0.2, C = 0.2, D = 0.2 }";
    sandbox.put("card.toml", CARD.replace("cuts = [\">= 85\", \">= 70\", \">= 50\"]", shares));
    insta::assert_snapshot!(steady(&sandbox.ok("grade card.toml --firms firms.csv -o graded.csv").out), @r"
    小评分卡 (small, version 1): 5 firms from firms.csv

       grade   title    score     by score    share   final    share
      ---------------------------------------------------------------
       A       低风险   >= 93.8          2   40.0 %       1   20.0 %
       B                >= 64.2          1   20.0 %       1   20.0 %
       C                >= 46.8          1   20.0 %       1   20.0 %
       D       高风险   < 46.8           1   20.0 %       2   40.0 %

    Cut points solved from shares (this grade or better; firms with equal scores stay together)
       grade    cut   wanted   reached   tied at the cut
      ---------------------------------------------------
       A       93.8   40.0 %    40.0 %                 1
       B       64.2   60.0 %    60.0 %                 1
       C       46.8   80.0 %    80.0 %                 1

    Overrides: 1 of 1 hit; 1 firm (20.0 %) moved to another grade
       override   title              action   firms    share
      -------------------------------------------------------
       listed     严重违法失信名单   set D        1   20.0 %

    Coverage: 88.9 % of the weight has data on average, 66.8 % at the lowest; 4 of 6 columns have missing values
       most missing   title          firms    share
      ----------------------------------------------
       complaints     投诉举报次数       1   20.0 %
       late           年报逾期           1   20.0 %
       kind           企业类型           1   20.0 %
       age            成立年限           1   20.0 %

    Provenance: scorecard small 1 sha256:… data sha256:… firmgrade 0.1.0
    Time: …
    Written: graded.csv
    ");
}

#[test]
fn a_table_checked() {
    insta::assert_snapshot!(steady(&Sandbox::new().ok("check card.toml --firms firms.csv").out), @r"
    card.toml: 小评分卡 (small, version 1)
      5 indicators, 6 columns, 4 grades, 1 override, 0 warnings; sha256:…

    firms.csv: 5 firms; nothing that stops grading; 0 columns not there, 0 with values outside bands or categories, 0 constant
       column       title                  reads    found   missing    share   outside   note
      ----------------------------------------------------------------------------------------
       penalties    行政处罚次数           number   str           0    0.0 %         0
       complaints   投诉举报次数           number   str           1   20.0 %         0
       late         年报逾期               flag     str           1   20.0 %         0
       kind         企业类型               text     str           1   20.0 %         0
       age          成立年限               number   str           1   20.0 %         0
       on_list      列入严重违法失信名单   flag     str           0    0.0 %         0
    ");
}

#[test]
fn weights_for_programs() {
    let sandbox = Sandbox::new();
    let json: Value = serde_json::from_str(&sandbox.ok("weights card.toml --format json").out).unwrap();
    let tree = json["tree"].as_array().unwrap();
    assert_eq!(tree.len(), 8);
    let leaves = tree.iter().filter(|row| row["kind"] == "indicator");
    let sum: f64 = leaves.map(|row| row["global"].as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-12);
    let conduct = tree.iter().find(|row| row["id"] == "conduct").unwrap();
    let cr = conduct["consistency"]["cr"].as_f64().unwrap();
    // By hand: x = (5/4)^(1/3), λ = 1 + x + 1/x, CI = (λ − 3)/2, RI = .58.
    let x = 1.25_f64.cbrt();
    assert!((cr - (x + 1.0 / x - 2.0) / 2.0 / 0.58).abs() < 1e-9, "{cr}");
    let csv = sandbox.ok("weights card.toml --format csv").out;
    let columns: Vec<usize> = csv.lines().map(|line| line.split(',').count()).collect();
    assert_eq!(columns, [21; 9]);
    assert!(csv.contains("\nbasis,主体信息,root,criterion,1,0.25,0.25,2,direct,,,,,,,,,,,,\n"), "{csv}");
}

#[test]
fn the_schema_is_json_and_names_its_tables() {
    let schema: Value = serde_json::from_str(&Sandbox::new().ok("schema scorecard").out).unwrap();
    for table in ["scorecard", "ahp", "criteria", "judgments", "indicators", "columns", "grades", "overrides"] {
        assert!(schema["properties"][table].is_object(), "{table}");
    }
}

#[test]
fn help_has_examples_and_wrong_usage_is_2() {
    let sandbox = Sandbox::new();
    for command in ["demo", "check", "weights", "survey", "grade", "schema"] {
        let ran = sandbox.ok(&format!("{command} --help"));
        assert!(ran.out.contains("Example"), "{}", ran.out);
    }
    assert!(sandbox.ok("--help").out.contains("Exit codes:"));
    assert!(sandbox.ok("--version").out.starts_with("firmgrade "));
    for wrong in ["", "grad", "grade card.toml", "weights", "schema plan", "check card.toml --sheet x", "demo --firms many"] {
        let ran = sandbox.run(wrong);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{wrong}");
        assert!(!ran.err.is_empty());
    }
}

#[test]
fn the_library_returns_the_exit_code() {
    let run = |args: &[&str]| firmgrade_cli::run(args.iter().map(std::ffi::OsString::from));
    assert_eq!(run(&["firmgrade", "weights", "/nowhere/card.toml"]), 1);
    assert_eq!(run(&["firmgrade", "grade"]), 2);
}
