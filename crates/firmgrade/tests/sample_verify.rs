//! Records are replayed, and whatever was changed is named; the second verifier, in Python, says the same.

#![expect(clippy::unwrap_used, reason = "a test may stop")]
#![expect(clippy::disallowed_methods, reason = "the second verifier reads files")]

use firmgrade::sample::{
    Base, Committed, Design, Frame, Hash, Log, Rate, Record, Rounding, Row, Rule, Salt, Size, State, Suite, seed, verify,
};
use std::collections::BTreeMap;
use std::process::Command;

/// A name and what it does.
type Change<'a, T> = (&'a str, &'a dyn Fn(&mut T));

#[derive(Clone)]
struct Firm {
    id: String,
    grade: String,
    stratum: String,
    rate: Rate,
    exclusion: String,
    salt: Salt,
}

/// Strata with one rate (A, B), with unequal rates and many firms (C), and with unequal rates and few (D). The first id is one of a person.
fn firms() -> Vec<Firm> {
    (0..240_u64)
        .map(|at| {
            let grade = ["A", "B", "C", "D"][usize::from(at >= 60) + usize::from(at >= 120) + usize::from(at >= 225)];
            let num = match grade {
                "A" => 5,
                "B" => 10,
                "C" => 5 + at % 7 * 5,
                _ => [10, 35, 100][at as usize % 3],
            };
            Firm {
                id: if at == 0 { "11010519491231002X".to_owned() } else { format!("企业{:03}", at * 77 % 240) },
                grade: grade.to_owned(),
                stratum: format!("{grade}/é"),
                rate: Rate { num, den: 100 },
                exclusion: if at % 11 == 3 { "inspected".to_owned() } else { String::new() },
                salt: u128::from(at + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_be_bytes(),
            }
        })
        .collect()
}

fn frame(firms: &[Firm]) -> (Frame, Vec<Salt>) {
    let frame = Frame::new(firms.iter().map(|firm| Row {
        id: &firm.id,
        grade: &firm.grade,
        stratum: &firm.stratum,
        rate: firm.rate,
        exclusion: &firm.exclusion,
    }))
    .unwrap();
    let salts = frame.arrange(&firms.iter().map(|firm| firm.salt).collect::<Vec<_>>()).unwrap();
    (frame, salts)
}

fn commit(suite: Suite, design: Design) -> Committed {
    let (frame, salts) = frame(&firms());
    Committed::new("2026-11/\"一\"", suite, "policy", &["lottery", "dice"], design, frame, &salts).unwrap()
}

fn design() -> Design {
    let rule = Rule { rounding: Rounding::AtMost, base: Base::All };
    Design { reserve: 4, waves: 3, strata: BTreeMap::from([("B/é".to_owned(), rule)]), ..Design::default() }
}

const SOURCES: [(&str, &[u8]); 2] = [("dice", b"3 1 4 1 5"), ("lottery", b"05 12 33")];

/// The mismatches of a record with firms that may have been changed, as text.
fn wrong(record: &Record, firms: &[Firm]) -> Vec<String> {
    let (frame, salts) = frame(firms);
    verify(record, &frame, &salts).map_or_else(|wrong| wrong.iter().map(ToString::to_string).collect(), |_| Vec::new())
}

#[test]
fn a_record_verifies_after_a_round_trip_through_json_and_strangers_in_it_are_refused() {
    for suite in [Suite::Sha256, Suite::Sm3] {
        let record = commit(suite, design()).draw(&SOURCES).unwrap();
        let text = record.to_json();
        assert_eq!(Record::from_json(&text).unwrap(), record);
        assert_eq!(wrong(&record, &firms()), Vec::<String>::new());
        let mut turned = firms();
        turned.reverse();
        assert_eq!(wrong(&record, &turned), Vec::<String>::new());
        assert!(
            Record::from_json(&text.replacen("\"seed\"", "\"note\": 1, \"seed\"", 1))
                .unwrap_err()
                .to_string()
                .contains("unknown field `note`")
        );
        assert!(Record::from_json(&text.replacen("\"engine\"", "\"motor\"", 1)).is_err());
    }
}

/// Each change of the list, and the row that it is found in.
#[test]
fn a_changed_list_is_found_with_its_first_row() {
    let record = commit(Suite::Sha256, design()).draw(&SOURCES).unwrap();
    let sorted = |id: &str| frame(&firms()).0.find(id).unwrap() + 1;
    let changes: [Change<'_, Firm>; 6] = [
        ("grade", &|firm| firm.grade = "Z".to_owned()),
        ("rate", &|firm| firm.rate.num += 1),
        ("the same rate, written otherwise", &|firm| firm.rate = Rate { num: firm.rate.num * 2, den: 200 }),
        ("exclusion", &|firm| firm.exclusion = "no reason".to_owned()),
        ("stratum", &|firm| firm.stratum = "A/é".to_owned()),
        ("salt", &|firm| firm.salt[15] ^= 1),
    ];
    for (what, change) in changes {
        let mut firms = firms();
        change(&mut firms[150]);
        let (id, found) = (firms[150].id.clone(), wrong(&record, &firms));
        let row = format!("frame, row {}, firm `{id}`", sorted(&id));
        assert!(found[0].starts_with(&row), "{what}: {found:?}");
        assert!(found.iter().any(|text| text.starts_with("commitment.root")), "{what}: {found:?}");
    }
    let mut fewer = firms();
    let gone = fewer.remove(200).id;
    let found = wrong(&record, &fewer);
    assert!(found.iter().any(|text| text.starts_with(&format!("frame, row {}", sorted(&gone)))), "{found:?}");
    assert!(found.iter().any(|text| text == "commitment.rows: found 240, expected 239"), "{found:?}");
    let mut person = firms();
    person[0].grade = "Z".to_owned();
    assert!(wrong(&record, &person)[0].contains("firm `110105***********X`"));
}

/// Each change of the record, and the field that it is found in.
#[test]
fn a_changed_record_is_found_with_its_field() {
    let record = commit(Suite::Sha256, design()).draw(&SOURCES).unwrap();
    let changes: [Change<'_, Record>; 17] = [
        ("spec", &|record| record.spec.push('2')),
        ("engine", &|record| record.engine = "9.9.9".to_owned()),
        ("engine", &|record| record.commitment.engine = "9.9.9".to_owned()),
        ("commitment_digest", &|record| {
            (record.engine, record.commitment.engine) = ("9.9.9".to_owned(), "9.9.9".to_owned());
        }),
        ("commitment_digest", &|record| record.commitment.policy_digest.push('x')),
        ("commitment_digest", &|record| record.commitment.design.reserve = 5),
        ("seed", &|record| record.commitment.plan_id.push('x')),
        ("seed", &|record| _ = record.sources.insert("dice".to_owned(), "33".to_owned())),
        ("sources", &|record| _ = record.sources.insert("drand".to_owned(), "33".to_owned())),
        ("sources", &|record| _ = record.sources.remove("dice")),
        ("seed", &|record| record.seed = Hash([1; 32])),
        ("selected[0]", &|record| record.selected.swap(0, 1)),
        ("selected[2].ticket", &|record| record.selected[2].ticket = Hash([0; 32])),
        ("selected[1].pi_visit", &|record| record.selected[1].pi_visit = record.selected.last().unwrap().pi_visit),
        ("reserve[3]", &|record| record.reserve[3].id = record.reserve[2].id.clone()),
        ("strata[1] (`B/é`).n", &|record| record.strata[1].n += 1),
        ("digest", &|record| record.digest = Hash([0; 32])),
    ];
    for (field, change) in changes {
        let mut changed = record.clone();
        change(&mut changed);
        let found = wrong(&changed, &firms());
        assert!(found.iter().any(|text| text.starts_with(field)), "{field}: {found:?}");
        if field != "digest" {
            assert!(found.iter().any(|text| text.starts_with("digest")), "{field}: {found:?}");
        }
    }
    let mut missing = record.clone();
    let last = missing.selected.pop().unwrap();
    let found = wrong(&missing, &firms());
    let place = format!("selected[{}], row ", missing.selected.len());
    assert!(found.iter().any(|text| text.starts_with(&place) && text.contains(&last.id)), "{found:?}");
}

#[test]
fn a_firm_proves_its_own_row_with_its_salt_alone() {
    let committed = commit(Suite::Sm3, design());
    let (frame, salts) = frame(&firms());
    for row in [0, 1, 77, 239] {
        let proof = committed.proof(row).unwrap();
        assert!(committed.commitment.holds(&frame.row(row), &salts[row], &proof));
        assert!(!committed.commitment.holds(&frame.row(row), &[0; 16], &proof));
        assert!(!committed.commitment.holds(&Row { grade: "Z", ..frame.row(row) }, &salts[row], &proof));
        assert!(!committed.commitment.holds(&frame.row((row + 1) % 240), &salts[row], &proof));
    }
    assert!(committed.proof(240).is_none());
}

/// The bytes of the specification put together by hand.
#[test]
fn the_seed_is_the_documented_hash() {
    let root = Hash([7; 32]);
    let bytes = [b"firmgrade/seed/v1\0\0\0\x01p".as_slice(), &[7; 32], b"\0\0\0\x01a\0\0\0\x02xy\0\0\0\x01b\0\0\0\x01z"].concat();
    assert_eq!(seed(Suite::Sha256, "p", &root, &[("b", b"z"), ("a", b"xy")]).unwrap(), Suite::Sha256.hash(&[&bytes]));
    let error = seed(Suite::Sha256, "", &root, &[("a", b"x"), ("a", b"")]).unwrap_err().to_string();
    assert!(error.starts_with("the draw: 3 problems"), "{error}");
    assert!(seed(Suite::Sha256, "p", &root, &[]).is_err());
    let error = commit(Suite::Sha256, design()).draw(&[("dice", b"1"), ("drand", b"2")]).unwrap_err().to_string();
    assert!(error.contains("`lottery` has no value") && error.contains("`drand` was not committed to"), "{error}");
}

#[test]
fn the_log_allows_one_draw_and_shows_what_was_done_to_it() {
    let committed = commit(Suite::Sha256, design());
    let record = committed.draw(&SOURCES).unwrap();
    let plan = committed.commitment.plan_id.clone();
    let mut log = Log::default();
    assert!(log.begun(&plan, record.seed, "day 2").unwrap_err().to_string().contains("is not in the log"));
    log.committed(&committed.commitment, "day 1").unwrap();
    assert!(log.drawn(&record, "day 2").unwrap_err().to_string().contains("has no draw that began"));
    log.begun(&plan, record.seed, "day 2").unwrap();
    assert_eq!(log.state(&plan), State::Interrupted { seed: record.seed });
    assert!(log.begun(&plan, Hash([1; 32]), "day 3").unwrap_err().to_string().contains("began with seed"));
    log.begun(&plan, record.seed, "day 3").unwrap();
    log.drawn(&record, "day 3").unwrap();
    assert!(log.begun(&plan, record.seed, "day 4").unwrap_err().to_string().contains("was drawn already"));
    assert!(log.committed(&committed.commitment, "day 4").unwrap_err().to_string().contains("was drawn already"));
    assert!(log.void(&plan, " ", "day 5").unwrap_err().to_string().contains("the reason is empty"));
    log.void(&plan, "the list was last year's", "day 5").unwrap();
    assert!(log.begun(&plan, record.seed, "day 6").unwrap_err().to_string().contains("is void (the list was last year's)"));

    let text = log.to_lines();
    assert_eq!(Log::from_lines(&text).unwrap(), log);
    let said = |text: &str| Log::from_lines(text).unwrap_err().to_string();
    assert!(said(&text.replacen("day 2", "day 1", 1)).contains("line 2 of the log: it is not the line that its hash was taken of"));
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    assert!(said(&[&lines[..1], &lines[2..]].concat().concat()).contains("line 2 of the log: it does not follow"));
    assert!(said(&text[..text.len() - 9]).contains("line 5 of the log: it was cut off"));
}

/// Runs `fixtures/verify_draw.py`; `None` where there is no Python. Gives the exit code and what was said.
fn second_verifier(name: &str, record: &Record, firms: &[Firm]) -> Option<(i32, String)> {
    let folder = std::env::temp_dir().join(format!("firmgrade-verify-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut csv = "id,grade,stratum,num,den,exclusion,salt\n".to_owned();
    for firm in firms {
        let salt: String = firm.salt.iter().map(|byte| format!("{byte:02x}")).collect();
        let Rate { num, den } = firm.rate;
        csv += &format!("{},{},{},{num},{den},{},{salt}\n", firm.id, firm.grade, firm.stratum, firm.exclusion);
    }
    std::fs::write(folder.join("record.json"), record.to_json()).unwrap();
    std::fs::write(folder.join("frame.csv"), csv).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/verify_draw.py");
    let ran = Command::new("python3").arg("-B").arg(script).arg(folder.join("record.json")).arg(folder.join("frame.csv")).output();
    let _ = std::fs::remove_dir_all(&folder);
    let ran = ran.ok()?;
    Some((ran.status.code().unwrap_or(-1), String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned()))
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn the_second_verifier_says_the_same() {
    let item = |num| -> BTreeMap<String, Rate> {
        BTreeMap::from([("A/é".to_owned(), Rate { num, den: 100 }), ("B/é".to_owned(), Rate { num: 2 * num, den: 100 })])
    };
    let joint = |size| Design { size, items: BTreeMap::from([("tax".to_owned(), item(2)), ("market".to_owned(), item(5))]), ..design() };
    let ab: Vec<Firm> = firms().into_iter().take(120).collect();
    let (few, few_salts) = frame(&ab);
    let with = |suite, design| {
        Committed::new("p", suite, "none", &["dice"], design, few.clone(), &few_salts).unwrap().draw(&SOURCES[..1]).unwrap()
    };
    let cases = [
        ("fixed", commit(Suite::Sha256, design()).draw(&SOURCES).unwrap(), firms()),
        ("random", commit(Suite::Sha256, Design { size: Size::Random, ..design() }).draw(&SOURCES).unwrap(), firms()),
        ("joint fixed", with(Suite::Sha256, joint(Size::Fixed)), ab.clone()),
        ("joint random", with(Suite::Sha256, joint(Size::Random)), ab.clone()),
        (
            "most",
            commit(Suite::Sha256, Design { rule: Rule { rounding: Rounding::AtMost, base: Base::All }, ..design() })
                .draw(&SOURCES)
                .unwrap(),
            firms(),
        ),
    ];
    for (name, record, firms) in &cases {
        let Some((code, said)) = second_verifier(name, record, firms) else {
            return eprintln!("skipped: there is no python3 to run fixtures/verify_draw.py");
        };
        assert_eq!((code, wrong(record, firms).len()), (0, 0), "{name}: {said}");
    }
    let (_, record, firms) = &cases[0];
    let mut changed = firms.clone();
    changed[150].rate.num += 1;
    let (code, said) = second_verifier("changed", record, &changed).unwrap();
    let row = frame(firms).0.find(&firms[150].id).unwrap() + 1;
    assert!(code == 1 && said.starts_with(&format!("does not fit: row {row} (")), "{said}");
    let mut changed = record.clone();
    changed.selected.swap(3, 4);
    let (code, said) = second_verifier("swapped", &changed, firms).unwrap();
    assert!(code == 1 && said.starts_with("does not fit: selected, row 4"), "{said}");
    // SM3 only where this Python has it.
    let record = with(Suite::Sm3, Design { reserve: 1, ..Design::default() });
    let (code, said) = second_verifier("sm3", &record, &ab).unwrap();
    assert!(code == 0 || said.contains("unsupported hash type"), "{said}");
}
