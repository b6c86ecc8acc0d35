//! The draw: which firms, in which order, and with what probability.

use super::design::{Base, Design, Size};
use super::fault::SampleFault;
use super::frame::Frame;
use super::hash::{Hash, Suite};
use super::rate::{Fraction, Rate, Rounding};
use super::ticket::{STAGE, Tickets, falls_under, wave_under};
use super::unequal::{conditional_poisson, pareto_key, probability, target_odds};
use crate::error::Error;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

/// Pareto sampling is too coarse for fewer firms drawn than this, …
const PARETO_DRAWN: u64 = 5;
/// … or drawn from fewer than this.
const PARETO_FIRMS: u64 = 30;

/// How a stratum was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The smallest tickets; every firm alike.
    Simple,
    /// The smallest Pareto keys.
    Pareto,
    /// Conditional Poisson sampling.
    ConditionalPoisson,
    /// Each firm for itself.
    Poisson,
}

/// A probability of being drawn: exact where it is a fraction of firms or a rate, otherwise f64. In text `3/100` or `0.03…`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Probability {
    /// Exact.
    Ratio(Rate),
    /// The target of a draw at unequal rates.
    Float(f64),
}

impl Probability {
    /// As f64.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        match self {
            Self::Ratio(rate) => rate.to_f64(),
            Self::Float(p) => p,
        }
    }
}

impl fmt::Display for Probability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ratio(rate) => rate.fmt(f),
            Self::Float(p) => p.fmt(f),
        }
    }
}

impl Serialize for Probability {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Probability {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let float = || text.parse().ok().filter(|p: &f64| *p >= 0.0 && *p <= 1.0).map(Self::Float);
        let found = if text.contains('/') { text.parse().ok().map(Self::Ratio) } else { float() };
        found.ok_or_else(|| serde::de::Error::custom(format!("found probability `{text}`, expected `n/N` or a number from 0 to 1")))
    }
}

/// The arithmetic of one stratum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stratum {
    /// Its name.
    pub stratum: String,
    /// All its rows.
    pub rows: u64,
    /// Those excluded, by code.
    pub excluded: BTreeMap<String, u64>,
    /// Those that can be drawn.
    pub eligible: u64,
    /// Which rows are counted as N.
    pub base: Base,
    /// N.
    pub counted: u64,
    /// The sum of the rates of these, exact and in lowest terms: N·num/den where all have one rate.
    pub asked: String,
    /// How that becomes a whole number.
    pub rounding: Rounding,
    /// How it was drawn.
    pub method: Method,
    /// How many were drawn.
    pub n: u64,
    /// Joint visits at fixed sizes: how many each department takes.
    pub items: BTreeMap<String, u64>,
}

/// A firm that was drawn.
// INVARIANT: fields in the order of their names, which makes the derived JSON the canonical one; `record.rs` has the test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selected {
    /// The firm.
    pub id: String,
    /// Joint visits: the departments that take it, each with its probability of doing so.
    pub pi_item: BTreeMap<String, Probability>,
    /// The probability that it is visited.
    pub pi_visit: Probability,
    /// Its place in the stratum, from 1.
    pub rank: u64,
    /// Its stratum.
    pub stratum: String,
    /// Its ticket.
    pub ticket: Hash,
    /// Its wave, from 1.
    pub wave: u32,
}

/// A firm in reserve.
// INVARIANT: fields in the order of their names, as above.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reserve {
    /// The firm.
    pub id: String,
    /// Its place among the reserve of the stratum, from 1: substitutes are taken in this order.
    pub rank: u64,
    /// Its stratum.
    pub stratum: String,
    /// Its ticket.
    pub ticket: Hash,
}

/// What was drawn: strata in the order of their bytes, firms in each by rank.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// The arithmetic.
    pub strata: Vec<Stratum>,
    /// The firms drawn.
    pub selected: Vec<Selected>,
    /// The firms in reserve.
    pub reserve: Vec<Reserve>,
}

/// A firm with its ticket: compared by ticket, then id, for rows stand in the order of ids.
type Candidate = (Hash, u32);

/// Draws from a frame under a seed.
///
/// A stratum whose firms have one rate is drawn by the smallest tickets. At unequal rates firms of rate 1 come first, the others by
/// Pareto key, or by conditional Poisson sampling where fewer than 5 are drawn or N is below 30. Firms of rate 0 are never drawn. Where the number
/// asked for reaches the firms that can be drawn, all are.
///
/// # Errors
/// [`Error::Sample`] with everything that the frame cannot keep of the design.
pub fn select(suite: Suite, seed: &Hash, frame: &Frame, design: &Design) -> Result<Selection, Error> {
    let mut faults = design.faults(frame);
    if !faults.is_empty() {
        return Err(Error::Sample(faults));
    }
    let tickets = Tickets::new(suite, seed, STAGE);
    let mut all = Selection { strata: Vec::new(), selected: Vec::new(), reserve: Vec::new() };
    for (name, rows) in frame.strata() {
        let draw = Draw { frame, design, name, rows: &rows };
        let ticket = |row: &u32| (tickets.of_bytes(frame.id_bytes(*row as usize)), *row);
        let candidates: Vec<Candidate> = rows.par_iter().filter(|row| draw.can_be_drawn(**row)).map(ticket).collect();
        let drawn = match design.size {
            Size::Fixed => draw.fixed(candidates, &mut all),
            Size::Random => draw.random(candidates, &mut all),
        };
        if drawn.is_none() {
            faults.push(SampleFault::Stratum {
                stratum: name.to_owned(),
                what: "conditional Poisson sampling does not reach the rates, which are too near 0 or 1".to_owned(),
                remedy: "give these firms rate 0 or 1, or a stratum of their own",
            });
        }
    }
    if faults.is_empty() { Ok(all) } else { Err(Error::Sample(faults)) }
}

/// One stratum that is being drawn.
struct Draw<'a> {
    frame: &'a Frame,
    design: &'a Design,
    name: &'a str,
    rows: &'a [u32],
}

impl Draw<'_> {
    fn can_be_drawn(&self, row: u32) -> bool {
        self.frame.eligible(row as usize) && self.frame.rate(row as usize).num > 0
    }

    fn rate(&self, candidate: &Candidate) -> Rate {
        self.frame.rate(candidate.1 as usize)
    }

    fn arithmetic(&self) -> (Stratum, Option<Fraction>) {
        let rule = self.design.rule(self.name);
        let excluded: BTreeMap<String, u64> =
            self.frame.excluded(self.rows).into_iter().map(|(code, count)| (code.to_owned(), count)).collect();
        let rows = self.rows.len() as u64;
        let eligible = rows - excluded.values().sum::<u64>();
        let counted = |row: &usize| rule.base == Base::All || self.frame.eligible(*row);
        let sum = Fraction::sum(self.frame.rates_of(self.rows.iter().map(|row| *row as usize).filter(counted)));
        let stratum = Stratum {
            stratum: self.name.to_owned(),
            rows,
            excluded,
            eligible,
            base: rule.base,
            counted: if rule.base == Base::All { rows } else { eligible },
            // A draw of random size needs no common denominator.
            asked: sum.map_or_else(|| "no common denominator".to_owned(), |sum| sum.to_string()),
            rounding: rule.rounding,
            method: Method::Simple,
            n: 0,
            items: BTreeMap::new(),
        };
        (stratum, sum)
    }

    fn fixed(&self, mut candidates: Vec<Candidate>, into: &mut Selection) -> Option<()> {
        let (mut stratum, sum) = self.arithmetic();
        let available = candidates.len();
        let asked = sum.and_then(|sum| stratum.rounding.whole(sum)).and_then(|n| usize::try_from(n).ok())?;
        let n = asked.min(available);
        stratum.n = n as u64;
        for item in self.design.items.keys() {
            let sum = Fraction::sum([(self.design.item(item, self.name), stratum.counted)])?;
            let taken = stratum.rounding.whole(sum).and_then(|n| u64::try_from(n).ok())?.min(stratum.n);
            stratum.items.insert(item.clone(), taken);
        }
        let kept = n.saturating_add(usize::try_from(self.design.reserve).unwrap_or(usize::MAX)).min(available);
        let first = candidates.first().map(|one| self.rate(one));
        let equal = candidates.iter().all(|one| first.is_some_and(|rate| rate.equals(self.rate(one))));
        let pis: Vec<Probability> = if equal || n == available || n == 0 {
            smallest(&mut candidates, kept, Ord::cmp);
            vec![Probability::Ratio(Rate { num: n as u64, den: (available as u64).max(1) }); n]
        } else {
            self.unequal(&mut candidates, n, kept, &mut stratum)?
        };
        let share = |rank: u64| -> BTreeMap<String, Probability> {
            let taken = stratum.items.iter().filter(|(_, taken)| rank <= **taken);
            taken.map(|(item, taken)| (item.clone(), Probability::Ratio(Rate { num: *taken, den: available as u64 }))).collect()
        };
        let waves = u64::from(self.design.waves);
        for ((candidate, pi), rank) in candidates.iter().zip(pis).zip(1..) {
            let wave = (1..=waves).find(|wave| u128::from(rank) <= (u128::from(stratum.n) * u128::from(*wave)).div_ceil(u128::from(waves)));
            into.selected.push(self.selected(candidate, rank, wave.map_or(1, |wave| wave as u32), pi, share(rank)));
        }
        self.reserve(candidates.get(n..).unwrap_or_default(), into);
        into.strata.push(stratum);
        Some(())
    }

    /// Puts the firms drawn first, by rank, then those in reserve, and gives the probabilities of those drawn.
    fn unequal(&self, candidates: &mut Vec<Candidate>, n: usize, kept: usize, stratum: &mut Stratum) -> Option<Vec<Probability>> {
        let rate = |one: &Candidate| self.rate(one);
        let (mut certain, mut others): (Vec<Candidate>, Vec<Candidate>) = candidates.iter().partition(|one| rate(one).num == rate(one).den);
        certain.sort_unstable();
        let needed = n.checked_sub(certain.len())?;
        let odds: Vec<f64> = others.iter().map(|one| rate(one).odds()).collect();
        let sum = Fraction::sum(self.frame.rates_of(others.iter().map(|one| one.1 as usize)));
        let exact = sum.and_then(|sum| Rounding::Exactly.whole(sum)) == Some(needed as u128);
        let goal = if needed == 0 { vec![0.0; odds.len()] } else { target_odds(&odds, needed, exact) };
        let pi_of: BTreeMap<u32, f64>;
        let by_key = |a: &(f64, Candidate), b: &(f64, Candidate)| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1));
        let keyed = |one: &Candidate| (pareto_key(&one.0, rate(one).to_f64()), *one);
        if stratum.n < PARETO_DRAWN || stratum.counted < PARETO_FIRMS {
            stratum.method = Method::ConditionalPoisson;
            let tickets: Vec<Hash> = others.iter().map(|one| one.0).collect();
            let taken = if needed == 0 { Vec::new() } else { conditional_poisson(&tickets, &goal, needed)? };
            pi_of = taken.iter().filter_map(|at| Some((others.get(*at)?.1, probability(*goal.get(*at)?)))).collect();
            let (mut drawn, mut rest): (Vec<_>, Vec<_>) = others.iter().map(keyed).partition(|(_, one)| pi_of.contains_key(&one.1));
            drawn.sort_unstable_by(by_key);
            rest.sort_unstable_by(by_key);
            others = drawn.into_iter().chain(rest).map(|(_, one)| one).collect();
        } else {
            stratum.method = Method::Pareto;
            let rows: Vec<u32> = others.iter().map(|one| one.1).collect();
            let mut keys: Vec<(f64, Candidate)> = others.iter().map(keyed).collect();
            smallest(&mut keys, kept - certain.len(), by_key);
            others = keys.into_iter().map(|(_, one)| one).collect();
            let goal_of = |row: u32| rows.binary_search(&row).ok().and_then(|at| goal.get(at)).copied();
            pi_of = others.iter().take(needed).filter_map(|one| Some((one.1, probability(goal_of(one.1)?)))).collect();
        }
        let pis = std::iter::repeat_n(Probability::Ratio(Rate { num: 1, den: 1 }), certain.len())
            .chain(others.iter().take(needed).filter_map(|one| pi_of.get(&one.1).copied().map(Probability::Float)))
            .collect();
        *candidates = certain.into_iter().chain(others).take(kept).collect();
        Some(pis)
    }

    fn random(&self, candidates: Vec<Candidate>, into: &mut Selection) -> Option<()> {
        let (mut stratum, _) = self.arithmetic();
        stratum.method = Method::Poisson;
        let (mut drawn, mut rest): (Vec<Candidate>, Vec<Candidate>) =
            candidates.into_iter().partition(|one| falls_under(&one.0, self.rate(one)));
        drawn.sort_unstable();
        stratum.n = drawn.len() as u64;
        for (candidate, rank) in drawn.iter().zip(1..) {
            let rate = self.rate(candidate);
            let wave = wave_under(&candidate.0, rate, self.design.waves).unwrap_or(self.design.waves);
            let items = self.design.items.keys().map(|item| (item, self.design.item(item, self.name)));
            let taken = items.filter(|(_, rate)| falls_under(&candidate.0, *rate));
            let pi_item = taken.map(|(item, rate)| (item.clone(), Probability::Ratio(rate))).collect();
            into.selected.push(self.selected(candidate, rank, wave, Probability::Ratio(rate), pi_item));
        }
        smallest(&mut rest, usize::try_from(self.design.reserve).unwrap_or(usize::MAX), Ord::cmp);
        self.reserve(&rest, into);
        into.strata.push(stratum);
        Some(())
    }

    fn selected(&self, one: &Candidate, rank: u64, wave: u32, pi_visit: Probability, pi_item: BTreeMap<String, Probability>) -> Selected {
        let id = self.frame.id(one.1 as usize).to_owned();
        Selected { id, pi_item, pi_visit, rank, stratum: self.name.to_owned(), ticket: one.0, wave }
    }

    fn reserve(&self, rest: &[Candidate], into: &mut Selection) {
        into.reserve.extend(rest.iter().zip(1..).map(|(one, rank)| Reserve {
            id: self.frame.id(one.1 as usize).to_owned(),
            stratum: self.name.to_owned(),
            rank,
            ticket: one.0,
        }));
    }
}

/// Keeps the smallest few, sorted: they are told from the others before anything is sorted.
fn smallest<T: Send>(all: &mut Vec<T>, few: usize, compare: impl Fn(&T, &T) -> Ordering + Sync) {
    if few < all.len() {
        all.select_nth_unstable_by(few, &compare);
        all.truncate(few);
    }
    all.par_sort_unstable_by(compare);
}
