//! Matches held against other ways to find them: all matches tried one by one, and a slow flow on the network as it is written down.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may stop")]

use firmgrade::Error;
use firmgrade::ahp::SplitMix64;
use firmgrade::sample::matching::{
    Inspector, Match, MatchFault, Recusal, Roster, RosterSpec, Shortage, Visit, cost, match_inspectors, verify,
};
use serde::Deserialize;
use std::collections::BTreeMap;

fn seed(at: u64) -> [u8; 32] {
    std::array::from_fn(|byte| (at >> (8 * (byte % 8))) as u8 ^ byte as u8)
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|&name| name.to_owned()).collect()
}

fn some(stream: &mut SplitMix64, of: &[&str], one_in: u64) -> Vec<String> {
    of.iter().filter(|_| stream.below(one_in) == 0).map(|&name| name.to_owned()).collect()
}

/// A roster from a generator: two needs, sometimes zones, recusals, certificates that end, few places.
fn drawn(stream: &mut SplitMix64, visits: usize, inspectors: usize, per_visit: u32, spare: u64) -> RosterSpec {
    let zoned = stream.below(2) == 0;
    let least = (visits as u64 * u64::from(per_visit)).div_ceil(inspectors as u64);
    let visit = |at: usize, stream: &mut SplitMix64| Visit {
        id: format!("V{at:02}"),
        needs: some(stream, &["a", "b"], 2),
        zone: zoned.then(|| format!("z{}", stream.below(2))),
        day: Some(format!("2027-03-{:02}", 1 + stream.below(28))),
        interests: some(stream, &["firm1", "firm2"], 6),
    };
    // The first can do everything, so that no need is unknown.
    let inspector = |at: usize, stream: &mut SplitMix64| Inspector {
        id: format!("I{at:02}"),
        capacity: (least + stream.below(spare + 1)) as u32,
        qualifications: if at == 0 { names(&["a", "b"]) } else { some(stream, &["a", "b"], 2) },
        zones: if at == 0 { Vec::new() } else { some(stream, &["z0", "z1"], 2) },
        valid_from: (stream.below(6) == 0).then(|| "2027-03-05".to_owned()),
        valid_to: (stream.below(4) == 0).then(|| "2027-03-20".to_owned()),
        interests: some(stream, &["firm1"], 4),
    };
    let recusal = |stream: &mut SplitMix64| {
        let (visit, inspector) = (stream.below(visits as u64), stream.below(inspectors as u64));
        Recusal { visit: format!("V{visit:02}"), inspector: format!("I{inspector:02}"), reason: String::new() }
    };
    RosterSpec {
        per_visit,
        period: None,
        visits: (0..visits).map(|at| visit(at, stream)).collect(),
        inspectors: (0..inspectors).map(|at| inspector(at, stream)).collect(),
        recusals: (0..stream.below(4)).map(|_| recusal(stream)).collect(),
    }
}

/// For each visit its inspectors: position, cost, qualified. Written from the rules, not from the engine.
fn arcs(spec: &RosterSpec, seed: &[u8; 32]) -> Vec<Vec<(usize, i64, bool)>> {
    let arcs_of = |visit: &Visit| {
        let may = |one: &Inspector| {
            let zone = visit.zone.as_ref().is_none_or(|zone| one.zones.is_empty() || one.zones.contains(zone));
            let after = |day: &String| one.valid_from.as_ref().is_none_or(|from| from <= day);
            let before = |day: &String| one.valid_to.as_ref().is_none_or(|to| day <= to);
            let day = visit.day.as_ref().is_none_or(|day| after(day) && before(day));
            let interest = visit.interests.iter().any(|key| one.interests.contains(key));
            let recused = spec.recusals.iter().any(|pair| pair.visit == visit.id && pair.inspector == one.id);
            zone && day && !interest && !recused
        };
        let arc = |(at, one): (usize, &Inspector)| {
            (at, cost(seed, &visit.id, &one.id) as i64, visit.needs.iter().all(|need| one.qualifications.contains(need)))
        };
        spec.inspectors.iter().enumerate().filter(|(_, one)| may(one)).map(arc).collect()
    };
    spec.visits.iter().map(arcs_of).collect()
}

/// The smallest sum of costs by trying everything.
fn tried(arcs: &[Vec<(usize, i64, bool)>], places: &mut [u32], per_visit: usize) -> Option<i64> {
    let Some((first, rest)) = arcs.split_first() else { return Some(0) };
    let mut best: Option<i64> = None;
    for set in 0_u32..1 << first.len() {
        if set.count_ones() as usize != per_visit {
            continue;
        }
        let team: Vec<_> = first.iter().enumerate().filter(|(bit, _)| set >> bit & 1 == 1).map(|(_, arc)| *arc).collect();
        if !team.iter().any(|arc| arc.2) || team.iter().any(|arc| places[arc.0] == 0) {
            continue;
        }
        team.iter().for_each(|arc| places[arc.0] -= 1);
        let paid: i64 = team.iter().map(|arc| arc.1).sum();
        best = [best, tried(rest, places, per_visit).map(|more| paid + more)].into_iter().flatten().min();
        team.iter().for_each(|arc| places[arc.0] += 1);
    }
    best
}

/// Successive shortest paths by Bellman and Ford, arc by arc, on the network of the specification.
fn slow_flow(arcs: &[Vec<(usize, i64, bool)>], places: &[u32], per_visit: usize) -> Option<i64> {
    let (visits, inspectors) = (arcs.len(), places.len());
    let (source, sink, nodes) = (2 * visits + inspectors, 2 * visits + inspectors + 1, 2 * visits + inspectors + 2);
    // From, to, free, cost; arc ^ 1 is its reverse.
    let mut net: Vec<(usize, usize, i64, i64)> = Vec::new();
    let mut add = |from, to, capacity, cost: i64| {
        net.push((from, to, capacity, cost));
        net.push((to, from, 0, -cost));
    };
    for (visit, arcs) in arcs.iter().enumerate() {
        add(source, visit, per_visit as i64, 0);
        add(visit, visits + visit, per_visit as i64 - 1, 0);
        for &(inspector, cost, fit) in arcs {
            add(if fit { visit } else { visits + visit }, 2 * visits + inspector, 1, cost);
        }
    }
    for (inspector, &capacity) in places.iter().enumerate() {
        add(2 * visits + inspector, sink, i64::from(capacity), 0);
    }
    let mut total = 0;
    for _ in 0..visits * per_visit {
        let mut distance = vec![i64::MAX / 2; nodes];
        let mut through = vec![usize::MAX; nodes];
        distance[source] = 0;
        let mut changed = true;
        while changed {
            changed = false;
            for (arc, &(from, to, free, cost)) in net.iter().enumerate() {
                if free > 0 && distance[from] < i64::MAX / 4 && distance[from] + cost < distance[to] {
                    (distance[to], through[to], changed) = (distance[from] + cost, arc, true);
                }
            }
        }
        if distance[sink] >= i64::MAX / 4 {
            return None;
        }
        total += distance[sink];
        let mut at = sink;
        while at != source {
            let arc = through[at];
            net[arc].2 -= 1;
            net[arc ^ 1].2 += 1;
            at = net[arc].0;
        }
    }
    Some(total)
}

/// The match of a spec, verified; nothing where it cannot be staffed. Other faults stop the test.
fn matched(spec: &RosterSpec, seed: &[u8; 32]) -> Option<Match> {
    let roster = Roster::try_from(spec.clone()).unwrap();
    match match_inspectors(&roster, seed) {
        Ok(found) => {
            verify(&roster, seed, &found).unwrap();
            Some(found)
        }
        Err(Error::Match(faults)) => {
            let known = |fault: &MatchFault| matches!(fault, MatchFault::Unstaffed(_) | MatchFault::Shortage(_));
            assert!(!faults.is_empty() && faults.iter().all(known), "{faults:?}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fn places(spec: &RosterSpec) -> Vec<u32> {
    spec.inspectors.iter().map(|one| one.capacity).collect()
}

#[test]
fn small_matches_are_the_cheapest_of_all() {
    let mut stream = SplitMix64::new(5);
    let (mut staffed, mut refused) = (0, 0);
    for at in 0..160 {
        let (visits, inspectors) = (3 + stream.below(2) as usize, 4 + stream.below(3) as usize);
        let (per_visit, spare) = (1 + stream.below(3), stream.below(3));
        let spec = drawn(&mut stream, visits, inspectors, per_visit as u32, spare);
        let seed = seed(at);
        let expected = tried(&arcs(&spec, &seed), &mut places(&spec), per_visit as usize);
        let found = matched(&spec, &seed);
        assert_eq!(found.as_ref().map(|found| found.cost as i64), expected, "case {at}");
        if found.is_some() { staffed += 1 } else { refused += 1 }
    }
    assert!(staffed > 30 && refused > 30, "{staffed} staffed, {refused} refused");
}

#[test]
fn middle_matches_cost_what_a_slow_flow_finds_and_prices_are_what_a_place_saves() {
    let mut stream = SplitMix64::new(6);
    let mut staffed = 0;
    for at in 0..6 {
        let mut spec = drawn(&mut stream, 40, 16, 1 + at % 3, 2);
        for (at, one) in spec.inspectors.iter_mut().enumerate() {
            (one.valid_from, one.valid_to) = (None, None);
            one.capacity += 1 + (at % 2) as u32;
        }
        let seed = seed(u64::from(at));
        let (arcs, k) = (arcs(&spec, &seed), spec.per_visit as usize);
        let expected = slow_flow(&arcs, &places(&spec), k);
        let found = matched(&spec, &seed);
        assert_eq!(found.as_ref().map(|found| found.cost as i64), expected, "case {at}");
        let Some(found) = found else { continue };
        staffed += 1;
        assert!(found.is_unique());
        for (one, entry) in found.certificate.inspectors.iter().enumerate().take(5) {
            let mut more = places(&spec);
            more[one] += 1;
            assert_eq!(slow_flow(&arcs, &more, k).map(|cost| found.cost as i64 - cost), Some(entry.price), "{}", entry.inspector);
        }
    }
    assert!(staffed >= 3, "{staffed}");
}

fn case() -> (RosterSpec, [u8; 32], Match) {
    #[derive(Deserialize)]
    struct Case {
        seed: String,
        spec: RosterSpec,
        #[serde(rename = "match")]
        found: Match,
    }
    let case: Case = serde_json::from_str(include_str!("../../../fixtures/cases/match.json")).unwrap();
    let seed = std::array::from_fn(|at| u8::from_str_radix(&case.seed[2 * at..2 * at + 2], 16).unwrap());
    (case.spec, seed, case.found)
}

#[test]
fn the_case_that_python_verifies() {
    let (spec, seed, expected) = case();
    let found = matched(&spec, &seed).unwrap();
    assert_eq!(found, expected, "{}", serde_json::to_string(&found).unwrap());
    assert_eq!(slow_flow(&arcs(&spec, &seed), &places(&spec), 2), Some(found.cost as i64));
    let roster = Roster::try_from(spec).unwrap();
    let workload = found.workload(&roster);
    assert_eq!(workload.iter().map(|one| one.visits).sum::<usize>(), 24);
    assert!(workload.iter().all(|one| one.visits <= one.capacity as usize && one.qualified <= one.visits));
}

#[test]
fn neither_order_nor_threads_nor_the_way_letters_are_composed_change_a_byte() {
    let (mut spec, seed, expected) = case();
    spec.visits.reverse();
    spec.inspectors.rotate_left(3);
    spec.recusals.reverse();
    for one in &mut spec.inspectors {
        one.qualifications.reverse();
    }
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(pool.install(|| matched(&spec, &seed)).unwrap(), expected);
    }
    let cafe = |name: &str| RosterSpec {
        per_visit: 1,
        period: None,
        visits: vec![Visit { id: name.to_owned(), ..Visit::default() }],
        inspectors: vec![Inspector { id: "I".to_owned(), capacity: 1, ..Inspector::default() }],
        recusals: Vec::new(),
    };
    assert_eq!(matched(&cafe("caf\u{e9}"), &seed), matched(&cafe("cafe\u{301}"), &seed));
}

#[test]
fn whatever_is_changed_is_found() {
    let (spec, seed, record) = case();
    let faults = |spec: &RosterSpec, seed: &[u8; 32], record: &Match| -> String {
        verify(&Roster::try_from(spec.clone()).unwrap(), seed, record).map_or_else(|error| error.to_string(), |()| String::new())
    };
    assert_eq!(faults(&spec, &seed, &record), "");
    let of_record = |change: &dyn Fn(&mut Match)| {
        let mut record = record.clone();
        change(&mut record);
        faults(&spec, &seed, &record)
    };
    let of_spec = |change: &dyn Fn(&mut RosterSpec)| {
        let mut spec = spec.clone();
        change(&mut spec);
        faults(&spec, &seed, &record)
    };
    let free = |record: &Match| {
        let visit = record.pairs[0].visit.clone();
        let taken: Vec<&String> = record.pairs.iter().filter(|pair| pair.visit == visit).map(|pair| &pair.inspector).collect();
        record.certificate.inspectors.iter().find(|one| !taken.contains(&&one.inspector)).unwrap().inspector.clone()
    };
    for (what, text, expected) in [
        ("pair", of_record(&|record| record.pairs[0].inspector = free(record)), "V01"),
        ("name", of_record(&|record| record.pairs[3].inspector = "nobody".to_owned()), "`nobody`: not in the roster"),
        ("missing pair", of_record(&|record| drop(record.pairs.remove(5))), "1 inspectors, expected 2"),
        ("double pair", of_record(&|record| record.pairs[1] = record.pairs[0].clone()), "twice"),
        ("qualified", of_record(&|record| record.pairs[2].qualified ^= true), "qualified for all items"),
        ("cost", of_record(&|record| record.cost += 1), "the record's cost"),
        ("price", of_record(&|record| record.certificate.inspectors[0].price += 1), "the certificate does not hold"),
        ("direct", of_record(&|record| record.certificate.visits[4].direct -= 1), "the certificate does not hold"),
        ("others", of_record(&|record| record.certificate.visits[4].others += 1 << 44), "the certificate does not hold"),
        ("huge", of_record(&|record| record.certificate.visits[4].others = i64::MIN), "in size"),
        ("potential left out", of_record(&|record| drop(record.certificate.visits.pop())), "nothing more"),
        ("digest", of_record(&|record| record.inputs = "0".repeat(64)), "digest of the roster"),
        ("rule", of_record(&|record| record.rule.push('2')), "the record's rule"),
        ("capacity", of_spec(&|spec| spec.inspectors[0].capacity += 1), "digest of the roster"),
        ("recusal", of_spec(&|spec| drop(spec.recusals.pop())), "digest of the roster"),
        ("reason", of_spec(&|spec| spec.recusals[0].reason.push('!')), "digest of the roster"),
        ("day", of_spec(&|spec| spec.visits[0].day = Some("2027-03-31".to_owned())), "digest of the roster"),
        ("seed", faults(&spec, &[9; 32], &record), "the certificate does not hold"),
    ] {
        assert!(text.contains(expected), "{what}: {text:?}");
    }
    // Without the digest, the pass over the arcs finds a capacity that was raised where it pays, and one that was lowered.
    let dear = record.certificate.inspectors.iter().position(|one| one.price > 0).unwrap();
    for (capacity, expected) in [(1, "sink"), (-1, "expected at most")] {
        let mut spec = spec.clone();
        let one = spec.inspectors.iter_mut().find(|one| one.id == record.certificate.inspectors[dear].inspector).unwrap();
        one.capacity = one.capacity.saturating_add_signed(capacity);
        let text = faults(&spec, &seed, &record);
        assert!(text.contains(expected), "{text}");
    }
}

/// Without needs and with room, every pair of six inspectors is as likely as another: 15 pairs, 4 sigma over 3,000 seeds.
#[test]
fn pairs_are_drawn_evenly_and_all_190_occur() {
    let spec = |visits: usize, inspectors: usize, capacity: u32| RosterSpec {
        per_visit: 2,
        period: None,
        visits: (0..visits).map(|at| Visit { id: format!("V{at:02}"), ..Visit::default() }).collect(),
        inspectors: (0..inspectors).map(|at| Inspector { id: format!("I{at:02}"), capacity, ..Inspector::default() }).collect(),
        recusals: Vec::new(),
    };
    let count = |spec: RosterSpec, seeds: u64| {
        let roster = Roster::try_from(spec).unwrap();
        let mut seen: BTreeMap<(String, String), u32> = BTreeMap::new();
        for at in 0..seeds {
            let found = match_inspectors(&roster, &seed(at)).unwrap();
            for pair in found.pairs.chunks(2) {
                *seen.entry((pair[0].inspector.clone(), pair[1].inspector.clone())).or_default() += 1;
            }
        }
        seen
    };
    let even = count(spec(1, 6, 1), 3_000);
    let (mean, sigma) = (3_000.0 / 15.0, (3_000.0_f64 * (1.0 / 15.0) * (14.0 / 15.0)).sqrt());
    assert!(even.len() == 15 && even.values().all(|&seen| (f64::from(seen) - mean).abs() < 4.0 * sigma), "{even:?}");
    // Ten visits use up all twenty inspectors: 400 · 10 pairs, 21 expected of each.
    assert_eq!(count(spec(10, 20, 1), 400).len(), 190);
}

#[test]
fn all_faults_of_a_roster_come_at_once() {
    let text = r#"{
        "per_visit": 0, "period": ["2027-03-31", "2027-03-01"],
        "visits": [
            {"id": "V1", "needs": ["fod"], "day": "2027-02-29"}, {"id": "V1"}, {"id": ""}, {"id": "V2", "zone": "", "needs": ["fod"]}
        ],
        "inspectors": [{"id": "I1", "capacity": 0, "qualifications": ["food"], "valid_to": "soon"}, {"id": "I1", "capacity": 1}],
        "recusals": [{"visit": "V3", "inspector": "I1"}, {"visit": "V2", "inspector": "nobody at all"}]
    }"#;
    let error = Roster::try_from(serde_json::from_str::<RosterSpec>(text).unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the match: 12 problems
  found 0 inspectors per visit, expected at least 1
  the id of one visit is empty
  visit `V1` stands in 2 places, expected one
  inspector `I1` stands in 2 places, expected one
  the period runs from `2027-03-31` to `2027-03-01`, expected the earlier day first
  the last day of the certificate of inspector `I1` is `soon`, expected a date such as `2027-03-01`
  the day of visit `V1` is `2027-02-29`, expected a date such as `2027-03-01`
  the zone of visit `V2` is empty
  inspector `I1` has capacity 0, expected at least 1; leave out who cannot go
  visit `V1` (and 1 more) needs `fod`, which no inspector has; did you mean `food`?
  a recusal names inspector `nobody at all`, who is not in the roster
  a recusal names visit `V3`, who is not in the roster; did you mean `V1`?"
    );
    let undated = r#"{"visits": [{"id": "V1"}, {"id": "V2"}], "inspectors": [{"id": "I", "capacity": 9, "valid_to": "2027-03-01"}]}"#;
    let error = Roster::try_from(serde_json::from_str::<RosterSpec>(undated).unwrap()).unwrap_err();
    assert!(error.to_string().contains("2 visits have no day (the first is `V1`)"), "{error}");
    let error = Roster::try_from(serde_json::from_str::<RosterSpec>(r#"{"visits": [], "inspectors": []}"#).unwrap()).unwrap_err();
    assert_eq!(error, Error::Match(vec![MatchFault::Nothing { what: "visits" }, MatchFault::Nothing { what: "inspectors" }]));
    assert!(serde_json::from_str::<RosterSpec>(r#"{"visits": [], "inspectors": [], "vists": []}"#).is_err());
}

#[test]
fn visits_that_cannot_be_staffed_are_named_with_the_reason() {
    let text = r#"{
        "visits": [
            {"id": "V1", "zone": "east", "day": "2027-03-01"},
            {"id": "V2", "zone": "west", "day": "2027-03-01", "needs": ["food", "salon"], "interests": ["group 7"]},
            {"id": "V3", "zone": "west", "day": "2027-03-09"},
            {"id": "V4", "zone": "north", "day": "2027-03-01", "needs": ["food"]},
            {"id": "V5", "zone": "north", "day": "2027-03-01", "needs": ["food"]}
        ],
        "inspectors": [
            {"id": "E1", "capacity": 9, "zones": ["east"]},
            {"id": "W1", "capacity": 9, "zones": ["west"], "qualifications": ["food"]},
            {"id": "W2", "capacity": 9, "zones": ["west"], "qualifications": ["salon"], "valid_to": "2027-03-08"},
            {"id": "W3", "capacity": 9, "zones": ["west"], "qualifications": ["food", "salon"], "interests": ["group 7"], "valid_to": "2027-03-08"},
            {"id": "N1", "capacity": 1, "zones": ["north"], "qualifications": ["food"]},
            {"id": "N2", "capacity": 9, "zones": ["north"]},
            {"id": "N3", "capacity": 9, "zones": ["north"]}
        ]
    }"#;
    let roster = Roster::try_from(serde_json::from_str::<RosterSpec>(text).unwrap()).unwrap();
    let error = match_inspectors(&roster, &[0; 32]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the match: 4 problems
  visit `V1` cannot be staffed: it needs 2 inspectors and 1 may go; of 7 inspectors 6 serve other zones, 0 are recused, 0 have no valid certificate
  visit `V2` cannot be staffed: 2 inspectors may go and none is qualified for all its items (`food` 1, `salon` 1); of 7 inspectors 4 serve other zones, 1 are recused, 0 have no valid certificate; split the visit by items, or send somebody with all qualifications
  visit `V3` cannot be staffed: it needs 2 inspectors and 1 may go; of 7 inspectors 4 serve other zones, 0 are recused, 2 have no valid certificate
  1 places are missing: 2 visits (`V4`, `V5`) need at least 2 places of 1 inspectors (`N1`) who have 1; raise capacities, add inspectors, lift recusals or move visits"
    );
    let Error::Match(faults) = error else { panic!("another error") };
    let shortage = Shortage { inspectors: names(&["N1"]), capacity: 1, visits: names(&["V4", "V5"]), needed: 2 };
    assert_eq!(faults[3], MatchFault::Shortage(shortage));
}
