//! Laws of the draw.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use firmgrade::sample::{
    Base, Committed, Design, Frame, Hash, Method, Rate, Rounding, Row, Rule, STAGE, Selection, Size, Suite, falls_under, pareto_key,
    select, ticket,
};
use proptest::prelude::*;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

type Firm = (String, u8, u64, bool);

fn frame(firms: &[Firm]) -> Frame {
    let strata = ["a", "b", "c"];
    Frame::new(firms.iter().map(|(id, stratum, percent, out)| Row {
        id,
        grade: "A",
        stratum: strata[usize::from(*stratum)],
        rate: Rate { num: *percent, den: 100 },
        exclusion: if *out { "out" } else { "" },
    }))
    .unwrap()
}

fn seed(of: u32) -> Hash {
    Suite::Sha256.hash(&[&of.to_be_bytes()])
}

fn drawn(firms: &[Firm], of: u32, design: &Design) -> Selection {
    select(Suite::Sha256, &seed(of), &frame(firms), design).unwrap()
}

fn ids(selection: &Selection) -> Vec<&str> {
    selection.selected.iter().map(|one| one.id.as_str()).collect()
}

/// Firms with one rate in each stratum.
fn equal() -> impl Strategy<Value = Vec<Firm>> {
    proptest::collection::btree_map("[a-f0-9]{1,6}", (0_u8..3, any::<bool>()), 1..60)
        .prop_map(|firms| firms.into_iter().map(|(id, (stratum, out))| (id, stratum, [5, 30, 60][usize::from(stratum)], out)).collect())
}

/// Firms with rates of their own.
fn unequal() -> impl Strategy<Value = Vec<Firm>> {
    proptest::collection::btree_map("[a-f0-9]{1,6}", (0_u8..3, 0_u64..=100, any::<bool>()), 1..80)
        .prop_map(|firms| firms.into_iter().map(|(id, (stratum, percent, out))| (id, stratum, percent, out)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_rows_does_not_matter(firms in unequal(), of: u32, random: bool) {
        let design = Design { reserve: 3, size: if random { Size::Random } else { Size::Fixed }, ..Design::default() };
        let mut turned = firms.clone();
        turned.reverse();
        turned.rotate_left(firms.len() / 3);
        prop_assert_eq!(drawn(&firms, of, &design), drawn(&turned, of, &design));
    }

    #[test]
    fn other_firms_never_change_the_order_of_two(firms in equal(), of: u32, keep in proptest::collection::vec(any::<bool>(), 60)) {
        let some: Vec<Firm> = firms.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(firm, _)| firm.clone()).collect();
        let whole = Design { rule: Rule { rounding: Rounding::AtLeast, base: Base::Eligible }, reserve: 100, ..Design::default() };
        let order = |firms: &[Firm]| -> Vec<(String, String)> {
            let selection = drawn(firms, of, &whole);
            let reserve = selection.reserve.into_iter().map(|one| (one.stratum, one.ticket, one.id));
            let mut all: Vec<_> = selection.selected.into_iter().map(|one| (one.stratum, one.ticket, one.id)).collect();
            all.extend(reserve);
            // Strata after each other; within one, first those drawn, then the reserve: a stable sort keeps that.
            all.sort_by(|a, b| a.0.cmp(&b.0));
            all.into_iter().map(|(stratum, _, id)| (stratum, id)).collect()
        };
        let kept: BTreeSet<&str> = some.iter().map(|firm| firm.0.as_str()).collect();
        let before: Vec<_> = order(&firms).into_iter().filter(|(_, id)| kept.contains(id.as_str())).collect();
        prop_assert_eq!(before, order(&some));
    }

    #[test]
    fn a_larger_sample_extends_the_smaller(firms in equal(), of: u32) {
        let with = |add: u64| firms.iter().map(|(id, stratum, percent, out)| (id.clone(), *stratum, percent + add, *out)).collect::<Vec<_>>();
        for size in [Size::Fixed, Size::Random] {
            let design = Design { size, ..Design::default() };
            let (small, large) = (drawn(&with(0), of, &design), drawn(&with(17), of, &design));
            let large: Vec<&str> = ids(&large);
            prop_assert!(ids(&small).iter().all(|id| large.contains(id)));
        }
        // A larger reserve and the reserve before it, too.
        let reserve = |reserve| drawn(&firms, of, &Design { reserve, ..Design::default() }).reserve;
        let (two, nine) = (reserve(2), reserve(9));
        prop_assert!(two.iter().all(|one| nine.contains(one)));
    }

    #[test]
    fn strata_alone_give_what_they_give_together(firms in unequal(), of: u32) {
        let design = Design { reserve: 2, waves: 3, ..Design::default() };
        let together = drawn(&firms, of, &design);
        let mut apart = Selection { strata: vec![], selected: vec![], reserve: vec![] };
        for stratum in 0..3 {
            let own: Vec<Firm> = firms.iter().filter(|firm| firm.1 == stratum).cloned().collect();
            let one = drawn(&own, of, &design);
            apart.strata.extend(one.strata);
            apart.selected.extend(one.selected);
            apart.reserve.extend(one.reserve);
        }
        prop_assert_eq!(together, apart);
    }

    #[test]
    fn sizes_are_kept_and_nobody_excluded_or_of_rate_0_is_drawn(firms in unequal(), of: u32, most: bool, all: bool) {
        let rule = Rule { rounding: if most { Rounding::AtMost } else { Rounding::AtLeast }, base: if all { Base::All } else { Base::Eligible } };
        let selection = drawn(&firms, of, &Design { rule, reserve: 100, ..Design::default() });
        for stratum in &selection.strata {
            let own = || firms.iter().filter(|firm| ["a", "b", "c"][usize::from(firm.1)] == stratum.stratum);
            let hundredths: u64 = own().filter(|firm| all || !firm.3).map(|firm| firm.2).sum();
            let can = own().filter(|firm| !firm.3 && firm.2 > 0).count() as u64;
            let asked = if most { hundredths / 100 } else { hundredths.div_ceil(100) };
            prop_assert_eq!(stratum.n, asked.min(can));
            let of_it = selection.selected.iter().filter(|one| one.stratum == stratum.stratum);
            prop_assert_eq!(of_it.clone().count() as u64, stratum.n);
            let pi: f64 = of_it.map(|one| 1.0 / one.pi_visit.to_f64()).sum();
            prop_assert!(pi.is_finite());
            let spare = selection.reserve.iter().filter(|one| one.stratum == stratum.stratum).count() as u64;
            prop_assert_eq!(spare, can - stratum.n);
            if rule.base == Base::Eligible && !most {
                // Firms of rate 1 are always drawn.
                prop_assert!(own().filter(|firm| !firm.3 && firm.2 == 100).all(|firm| ids(&selection).contains(&firm.0.as_str())));
            }
        }
        let taken = ids(&selection);
        prop_assert!(firms.iter().filter(|firm| firm.3 || firm.2 == 0).all(|firm| !taken.contains(&firm.0.as_str())));
    }
}

/// Ten firms at 25 %, by hand: 2.5 firms, and what each policy makes of it.
#[test]
fn rounding_is_a_policy() {
    let firms: Vec<Firm> = (0..10).map(|at| (format!("{at}"), 0, 25, at >= 8)).collect();
    let n = |rounding, base| {
        let rule = Rule { rounding, base };
        select(Suite::Sha256, &seed(1), &frame(&firms), &Design { rule, ..Design::default() }).map(|found| found.strata[0].n)
    };
    assert_eq!(n(Rounding::AtLeast, Base::All), Ok(3));
    assert_eq!(n(Rounding::AtMost, Base::All), Ok(2));
    assert_eq!(n(Rounding::Exactly, Base::Eligible), Ok(2));
    assert_eq!(
        n(Rounding::Exactly, Base::All).unwrap_err().to_string(),
        "the draw: 1 problem\n  stratum `a`: exactly 5/2 firms are asked for, which is no whole number; let the policy say `at_least` or \
         `at_most`, or state a count"
    );
}

/// Unequal rates in strata of 40 and of 12 firms take the two methods of the specification; the keys decide the first.
#[test]
fn unequal_rates_take_pareto_or_conditional_poisson() {
    let firms: Vec<Firm> = (0..52).map(|at| (format!("{at:02}"), u8::from(at >= 40), 10 + at % 4 * 10, false)).collect();
    let selection = drawn(&firms, 3, &Design::default());
    assert_eq!(
        selection.strata.iter().map(|one| (one.method, one.n)).collect::<Vec<_>>(),
        [(Method::Pareto, 10), (Method::ConditionalPoisson, 3)]
    );
    let mut keys: Vec<(f64, &str)> = firms
        .iter()
        .take(40)
        .map(|firm| (pareto_key(&ticket(Suite::Sha256, &seed(3), STAGE, &firm.0), firm.2 as f64 / 100.0), firm.0.as_str()))
        .collect();
    keys.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert_eq!(ids(&selection)[..10].to_vec(), keys.iter().take(10).map(|key| key.1).collect::<Vec<_>>());
}

/// Departments at 10, 4 and 2 % share a ticket: who is visited for less is visited for more.
#[test]
fn joint_visits_share_one_ticket() {
    let firms: Vec<Firm> = (0..2_000).map(|at| (format!("{at:04}"), 0, 10, false)).collect();
    let rates = [("fire", 4), ("market", 10), ("tax", 2)];
    let items = rates.map(|(name, num)| (name.to_owned(), BTreeMap::from([("a".to_owned(), Rate { num, den: 100 })])));
    for size in [Size::Fixed, Size::Random] {
        let selection = drawn(&firms, 5, &Design { size, items: items.clone().into(), ..Design::default() });
        let taken = |item: &str| selection.selected.iter().filter(|one| one.pi_item.contains_key(item)).count();
        if size == Size::Fixed {
            assert_eq!((taken("market"), taken("fire"), taken("tax"), selection.selected.len()), (200, 80, 40, 200));
        }
        for one in &selection.selected {
            assert!(one.pi_item.contains_key("market"));
            assert!(!one.pi_item.contains_key("tax") || one.pi_item.contains_key("fire"));
            if size == Size::Random {
                assert!(falls_under(&one.ticket, Rate { num: 10, den: 100 }));
                assert_eq!(one.pi_item.contains_key("tax"), falls_under(&one.ticket, Rate { num: 2, den: 100 }));
                assert_eq!(one.pi_visit.to_string(), "10/100");
            }
        }
    }
    let mut other = items;
    other[1].1.insert("a".to_owned(), Rate { num: 11, den: 100 });
    assert!(select(Suite::Sha256, &seed(5), &frame(&firms), &Design { items: other.into(), ..Design::default() }).is_err());
}

/// Waves are the beginning of the same order, of ceil(n·j/k) firms.
#[test]
fn waves_extend_each_other() {
    let firms: Vec<Firm> = (0..100).map(|at| (format!("{at:03}"), 0, 10, false)).collect();
    let waves: Vec<u32> = drawn(&firms, 9, &Design { waves: 4, ..Design::default() }).selected.iter().map(|one| one.wave).collect();
    assert_eq!(waves, [1, 1, 1, 2, 2, 3, 3, 3, 4, 4]);
}

/// Frequencies over 10⁴ seeds, each firm within 4 standard deviations: 10 alike, and 32 at unequal rates. The run of 10⁵ seeds over 200 firms is
/// `benches/benches/draw_frequencies.rs`.
#[test]
fn every_firm_is_drawn_with_its_stated_probability() {
    let firms: Vec<Firm> =
        (0..42).map(|at| (format!("{at:02}"), u8::from(at >= 10), [20, 10 + at % 4 * 10][usize::from(at >= 10)], false)).collect();
    let (frame, design, draws) = (frame(&firms), Design::default(), 10_000);
    let none = || vec![0_u32; firms.len()];
    let counts: Vec<u32> = (0..draws)
        .into_par_iter()
        .fold(none, |mut counts, of| {
            for one in select(Suite::Sha256, &seed(of), &frame, &design).unwrap().selected {
                counts[one.id.parse::<usize>().unwrap()] += 1;
            }
            counts
        })
        .reduce(none, |a, b| a.iter().zip(&b).map(|(a, b)| a + b).collect());
    for ((id, _, percent, _), count) in firms.iter().zip(counts) {
        let p = *percent as f64 / 100.0;
        let sd = (p * (1.0 - p) * f64::from(draws)).sqrt();
        assert!((f64::from(count) - p * f64::from(draws)).abs() < 4.0 * sd, "{id}: {count}");
    }
}

#[test]
fn a_commitment_says_everything_that_is_wrong_with_it() {
    let firms = [("x".to_owned(), 0, 10, false)];
    let design = Design { waves: 0, strata: BTreeMap::from([("z".to_owned(), Rule::default())]), ..Design::default() };
    let error = Committed::new(" ", Suite::Sm3, "", &["dice", "dice"], design, frame(&firms), &[]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the draw: 5 problems\n  \
         the plan id is empty; every plan has an id of its own\n  \
         entropy source `dice` is given twice; give each source once\n  \
         found 0 waves, expected at least 1\n  \
         stratum `z`: the design has a rule for it, and the frame has no such stratum; correct the name\n  \
         found 0 salts, expected 1, one for each row"
    );
}
