//! `firmgrade weights` on judgments that need a look, and on what experts sent back; `firmgrade survey`.

use crate::sandbox::{CARD, Sandbox};
use serde_json::Value;

/// Four things below `conduct`, judged so that penalties > complaints > late > penalties.
fn contradictory(inconsistent: &str) -> String {
    let card = CARD
        .replace("\"complaints:late\" = 2", "\"complaints:late\" = 3")
        .replace("\"penalties:late\" = 5", "\"penalties:late\" = \"1/4\"");
    card.replace("[criteria.conduct]", &format!("[ahp]\ninconsistent = \"{inconsistent}\"\n[criteria.conduct]"))
}

const PAIRS: &str = "\
expert,first,second,score
甲,penalties,complaints,2
甲,penalties,late,6
甲,complaints,late,3
乙,penalties,complaints,3
乙,penalties,late,5
乙,complaints,late,2
丙,penalties,complaints,-3
丙,penalties,late,-5
丙,complaints,late,-2
丁,penalties,complaints,4
丁,penalties,late,1
丁,complaints,late,3
";

#[test]
fn contradictory_judgments_are_looked_at_and_refused() {
    let sandbox = Sandbox::new();
    sandbox.put("card.toml", contradictory("error"));
    let ran = sandbox.run("weights card.toml");
    assert_eq!(ran.code, 1);
    assert!(ran.err.starts_with("error: card.toml:") && ran.err.contains("CR"), "{}", ran.err);
    insta::assert_snapshot!(ran.out, @r"
    小评分卡 (small, version 1)

       criterion or indicator   id              local     global   weights of its children       CR   random index
      ------------------------------------------------------------------------------------------------------------------
       小评分卡                 root         100.00 %   100.00 %   judged, eigenvector       0.0000   not needed
         经营行为               conduct       75.00 %    75.00 %   judged, eigenvector       1.0614   0.58 (saaty_1980)
           行政处罚次数         penalties     26.12 %    19.59 %
           投诉举报次数         complaints    37.67 %    28.25 %
           年报逾期             late          36.22 %    27.16 %
         主体信息               basis         25.00 %    25.00 %   direct
           企业类型             kind          50.00 %    12.50 %
           成立年限             age           50.00 %    12.50 %

       judgments of   n       CR   limit       CI   random index           GCI   limit   Koczkodaj   cycles
      ------------------------------------------------------------------------------------------------------
       conduct        3   1.0614     0.1   0.6156   0.58 (saaty_1980)   3.3667    0.31      0.9583        1

    Judgments of `conduct` that go round in a circle: penalties > complaints > late > penalties

    `conduct` contradicts itself: CR 1.0614 (RI 0.58, saaty_1980), limit 0.1; if only one judgment is changed:
       judgment               now   share of CI   best       CR   on the scale       CR
      ----------------------------------------------------------------------------------
       penalties:complaints     2        33.3 %   1/12   0.0000            1/9   0.0079
       complaints:late          3        33.3 %    1/8   0.0000            1/8   0.0000
       late:penalties           4        33.3 %    1/6   0.0000            1/6   0.0000
      Proposal, not applied (--accept OUT.toml writes a card with it): complaints:late from 3 to 1/3; CR 0.0930 (saaty_1980)
    ");
    // As a warning it is the same table, and fine.
    sandbox.put("card.toml", contradictory("warning"));
    let fine = sandbox.ok("weights card.toml");
    assert_eq!(fine.out, ran.out);
    assert!(fine.err.starts_with("warning: card.toml:"), "{}", fine.err);
}

#[test]
fn repairs_are_written_only_when_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.put("card.toml", contradictory("error"));
    let before = sandbox.names();
    sandbox.run("weights card.toml");
    assert_eq!(sandbox.names(), before);
    let ran = sandbox.ok("weights card.toml --accept repaired.toml --format json");
    assert!(ran.err.contains("Written: repaired.toml, new judgments of `conduct`") && ran.err.contains("version"), "{}", ran.err);
    let shown: Value = serde_json::from_str(&ran.out).unwrap();
    let look =
        |report: &Value| report["tree"].as_array().unwrap().iter().find(|row| row["id"] == "conduct").unwrap()["consistency"].clone();
    let proposed = look(&shown)["repair"].clone();
    assert!(proposed["reached"] == true && !proposed["changes"].as_array().unwrap().is_empty());
    let repaired: Value = serde_json::from_str(&sandbox.ok("weights repaired.toml --format json").out).unwrap();
    assert_eq!(look(&repaired)["cr"], proposed["cr_after"]);
    assert!(look(&repaired)["repair"].is_null());
    let text = std::fs::read_to_string(sandbox.path("repaired.toml")).unwrap();
    assert!(text.contains("# firmgrade --accept: ") && text.contains("按修正建议"), "{text}");
    // Nothing to repair, and inputs are safe.
    let ran = sandbox.run("weights repaired.toml --accept again.toml");
    assert!(ran.code == 1 && !sandbox.has("again.toml") && ran.err.contains("no node needs a repair"), "{}", ran.err);
    let ran = sandbox.run("weights card.toml --accept card.toml");
    assert!(ran.code == 2 && ran.err.contains("would overwrite the input"), "{}", ran.err);
}

/// domain.md §7: CR .0930 with .58 passes, every other table refuses.
#[test]
fn a_verdict_that_depends_on_the_table_is_noticed() {
    let sandbox = Sandbox::new();
    let card = CARD
        .replace("\"penalties:complaints\" = 2", "\"penalties:complaints\" = 1")
        .replace("\"penalties:late\" = 5", "\"penalties:late\" = 8");
    sandbox.put("card.toml", card.replace("\"complaints:late\" = 2", "\"complaints:late\" = 3"));
    let out = sandbox.ok("weights card.toml").out;
    let notice = out.lines().find(|line| line.starts_with("Notice: ")).unwrap();
    insta::assert_snapshot!(notice, @"Notice: the verdict on `conduct` depends on the table: CR 0.0930 by saaty_1980 (RI 0.58) is within the limit of 0.1, above it by saaty_2005 (RI 0.52, CR 0.1037), contest (RI 0.52, CR 0.1037), alonso_lamata (RI 0.5247, CR 0.1028), donegan_dodd_1991 (RI 0.4914, CR 0.1097), exact (RI 0.5244574543, CR 0.1028)");
}

#[test]
fn a_group_beside_the_card() {
    let sandbox = Sandbox::new();
    sandbox.put("pairs.csv", PAIRS);
    let ran = sandbox.ok("weights card.toml --survey pairs.csv");
    insta::assert_snapshot!(ran.out, @r"
    小评分卡 (small, version 1): 1 file, geometric mean of the judgments (AIJ)

       criterion or indicator   id              local   group's     global    group's   experts       CR
      ---------------------------------------------------------------------------------------------------
       小评分卡                 root         100.00 %             100.00 %   100.00 %
         经营行为               conduct       75.00 %              75.00 %    75.00 %         4   0.0371
           行政处罚次数         penalties     59.54 %   44.43 %    44.65 %    33.32 %
           投诉举报次数         complaints    27.64 %   32.49 %    20.73 %    24.37 %
           年报逾期             late          12.83 %   23.08 %     9.62 %    17.31 %
         主体信息               basis         25.00 %              25.00 %    25.00 %
           企业类型             kind          50.00 %              12.50 %    12.50 %
           成立年限             age           50.00 %              12.50 %    12.50 %

    `conduct`: 4 experts, consensus S* 69.18 %, Kendall's W 0.250; the group's CR 0.0371 (RI 0.58, saaty_1980)
       expert   file        judged       CR   random index        note
      ---------------------------------------------------------------------------------------
       甲       pairs.csv   3 of 3   0.0000   0.58 (saaty_1980)
       乙       pairs.csv   3 of 3   0.0032   0.58 (saaty_1980)
       丙       pairs.csv   3 of 3   0.0032   0.58 (saaty_1980)   transposed? likeness -0.97
       丁       pairs.csv   3 of 3   0.6261   0.58 (saaty_1980)   above 0.1
       most disputed           mean   lowest   highest   spread   above   equal   below
      ----------------------------------------------------------------------------------
       penalties:late         1.565      1/5         6   × 3.96       2       1       1
       penalties:complaints   1.682      1/3         4   × 2.63       3       0       1
       complaints:late        1.732      1/2         3   × 2.09       3       0       1
    ");
    insta::assert_snapshot!(ran.err, @r"
    warning: pairs.csv: `丙` at `conduct`: says nearly the opposite of the other experts (likeness -0.97, from -1 to 1); rows and columns, or left and right, may be exchanged; nothing was changed, ask the expert
    warning: pairs.csv: `丁` at `conduct`: CR 0.6261 (RI 0.58, saaty_1980) is above 0.1 and counts; --max-cr leaves such experts out
    ");
}

#[test]
fn what_is_accepted_is_what_was_shown() {
    let sandbox = Sandbox::new();
    sandbox.put("pairs.csv", PAIRS);
    sandbox.put("甲.csv", ",conduct,basis\nconduct,1,3\nbasis,0.33,1\n");
    for (at, how) in ["judgments", "priorities"].into_iter().enumerate() {
        let out = format!("new{at}.toml");
        let ran = sandbox.ok(&format!("weights card.toml --survey pairs.csv 甲.csv --how {how} --max-cr 0.1 --accept {out} --format json"));
        assert!(ran.err.contains("is `0.33`, a rounded reciprocal of 3") && ran.err.contains("is left out"), "{}", ran.err);
        let shown: Value = serde_json::from_str(&ran.out).unwrap();
        let new: Value = serde_json::from_str(&sandbox.ok(&format!("weights {out} --format json")).out).unwrap();
        let bits = |report: &Value, local: &str, global: &str| -> Vec<(u64, u64)> {
            let number = |row: &Value, key: &str| row[key].as_f64().unwrap().to_bits();
            report["tree"].as_array().unwrap().iter().map(|row| (number(row, local), number(row, global))).collect()
        };
        assert_eq!(bits(&shown, "group_local", "group_global"), bits(&new, "local", "global"), "{how}");
        assert_ne!(bits(&shown, "group_local", "group_global"), bits(&shown, "local", "global"), "{how}");
        let text = std::fs::read_to_string(sandbox.path(&out)).unwrap();
        assert!(text.contains("3 experts: pairs.csv, 甲.csv") && text.contains("left out: 丁"), "{text}");
    }
    let csv = sandbox.ok("weights card.toml --survey pairs.csv --format csv").out;
    assert!(csv.lines().all(|line| line.split(',').count() == 9) && csv.lines().count() == 9, "{csv}");
}

#[test]
fn answers_that_cannot_be_used() {
    let sandbox = Sandbox::new();
    sandbox.put("bad.csv", "first,second,score\npenalties,complaints,0.5\npenalties,lat,2\n");
    sandbox.put("blank.csv", "first,second,score\npenalties,complaints,\n");
    let ran = sandbox.run("weights card.toml --survey bad.csv --accept new.toml");
    assert_eq!((ran.code, ran.out.as_str(), sandbox.has("new.toml")), (1, "", false));
    assert_eq!(ran.err.lines().count(), 2, "{}", ran.err);
    assert!(ran.err.starts_with("error: bad.csv, cell C2: found `0.5`") && ran.err.contains("did you mean `late`?"), "{}", ran.err);
    let ran = sandbox.run("weights card.toml --survey blank.csv");
    assert!(ran.code == 1 && ran.err.contains("found no judgments"), "{}", ran.err);
    for wrong in [
        "--max-cr 0.1",
        "--how judgments",
        "--survey bad.csv --how mean",
        "--survey bad.csv --max-cr -1",
        "--survey bad.csv --positive left",
    ] {
        assert_eq!(sandbox.run(&format!("weights card.toml {wrong}")).code, 2, "{wrong}");
    }
    // The group of all contradicts itself more than the card allows: the card would be refused, and is not written.
    sandbox.put("round.csv", "first,second,score\npenalties,complaints,9\ncomplaints,late,9\nlate,penalties,9\n");
    let ran = sandbox.run("weights card.toml --survey round.csv --accept new.toml");
    assert!(ran.code == 1 && !sandbox.has("new.toml") && ran.err.contains("error: new.toml:"), "{}", ran.err);
    let ran = sandbox.run("weights card.toml --survey round.csv --max-cr 0.1");
    assert!(ran.code == 0 && ran.err.contains("`conduct` keeps the weights of the card"), "{}", ran.err);
    let ran = sandbox.run("weights card.toml --survey bad.csv --accept bad.csv");
    assert!(ran.code == 2 && ran.err.contains("would overwrite the input"), "{}", ran.err);
}

#[test]
fn a_questionnaire_is_written_whole() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.ok("survey card.toml -o survey.xlsx").out, "survey.xlsx: 4 pairs of 2 nodes\n");
    let ran = sandbox.run("weights card.toml --survey survey.xlsx");
    assert!(ran.code == 1 && ran.err.contains("found no judgments"), "{}", ran.err);
    let ran = sandbox.run("survey card.toml -o survey.csv");
    assert!(ran.code == 1 && !sandbox.has("survey.csv") && ran.err.contains(".xlsx"), "{}", ran.err);
    assert_eq!(sandbox.run("survey card.toml").code, 2);
}
