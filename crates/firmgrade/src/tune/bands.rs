//! Bands from data: monotone optimal binning, as a proposal in the card's own format.

use super::fault::{Faults, TuneFault};
use super::partition::{Cell, Cumulated, Partition, Trend, partition};
use super::read::{MISSING, Read, kind};
use crate::card::{BandSpec, FlagSpec, IndicatorSpec, MissingSpec, RiskValue};
use crate::columns::{Column, Kind};
use crate::error::Error;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// How bands are found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BandOptions {
    /// Cells before they are joined: each different value, or so many of nearly equal weight. 2 to 200.
    pub cells: usize,
    /// Bands at most, 1 to 20.
    pub most: usize,
    /// The least share of the rows in a band, from 0 to 0.5.
    pub min_share: f64,
    /// Bad rows, and good rows, that a band must have; at least 1.
    pub min_outcomes: f64,
    /// How the rate of bad outcomes goes from band to band. Categories have no order: they are put in that of their rates.
    pub trend: Trend,
}

impl Default for BandOptions {
    fn default() -> Self {
        Self { cells: 50, most: 6, min_share: 0.05, min_outcomes: 5.0, trend: Trend::Monotone }
    }
}

/// Rows that fall together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Band {
    /// Numbers up to this one (closed) and above the band before; `None` for the last band and for categories.
    pub upto: Option<f64>,
    /// The categories; empty for numbers.
    pub categories: Vec<String>,
    /// How many rows.
    pub rows: usize,
    /// Their share of all rows' weight.
    pub share: f64,
    /// How many of them are bad.
    pub bad: usize,
    /// Their weighted rate of bad outcomes.
    pub rate: f64,
    /// `ln((bad in the band/all bad)/(good in the band/all good))`: above 0 for riskier than the whole.
    pub woe: f64,
    /// The band's part of the information value.
    pub iv: f64,
    /// Its risk: 0 for the least, 1 for the greatest evidence among the bands and missing rows, between them in proportion; three decimals.
    pub risk: f64,
}

/// Bands of a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Banded {
    /// The column.
    pub column: String,
    /// What it holds.
    pub kind: Kind,
    /// The bands, by value, or by rate for categories.
    pub bands: Vec<Band>,
    /// Rows without a value, kept apart. `None` where all have one.
    pub missing: Option<Band>,
    /// Whether the missing rows have outcomes enough for a risk of their own, whatever their share; otherwise the card's policy is kept.
    pub missing_told: bool,
    /// The information value of the bands, rows without a value left out.
    pub iv: f64,
    /// The chance of an information value at least as large where the column says nothing (`IV·BG/(B + G)` against χ² with a degree for each
    /// band but one, rows without a value a band where their risk is told, numbers effective where rows weigh differently); it does not know
    /// that bands were searched for. 1 for one band.
    pub p: f64,
    /// Whether the rate rises with the value; `None` for one band, categories, and where any way was allowed.
    pub rising: Option<bool>,
    /// Whether different values were joined before the search, which is exact over what was joined.
    pub joined: bool,
    /// What was found, in words.
    pub words: String,
}

/// The bands of a column that tell bad from good best: the partition of the cells with the greatest information value, of all that are
/// monotone and large enough, found exactly.
///
/// ```text
/// IV = Σ_k (b_k/B − g_k/G)·ln((b_k/B)/(g_k/G))       b_k, g_k weight of the bad and good rows in band k
/// ```
///
/// # Errors
/// [`Error::Tune`] with every fault: columns of unequal length, infinite values, one outcome only among rows with a value, options out of range.
pub fn bands(name: &str, column: &Column<'_>, outcome: &[bool], weight: Option<&[f64]>, options: &BandOptions) -> Result<Banded, Error> {
    let mut faults = Faults::default();
    let rows = column.len();
    faults.rows("outcome", outcome.len(), rows);
    faults.weight(weight, rows);
    options.check(&mut faults);
    let read = Read::new(name, column, &mut faults);
    faults.check()?;
    let mut faults = Faults::default();
    let there: Vec<f64> = (0..rows).map(|row| if read.is_missing(row) { 0.0 } else { weight.map_or(1.0, |weight| weight[row]) }).collect();
    if (0..rows).all(|row| read.is_missing(row)) {
        let what = format!("value in column `{name}`");
        faults.0.push(TuneFault::None { what, remedy: "leave the column out, or look whether it was read as it was meant" });
    } else {
        faults.both_outcomes_among(outcome, Some(&there), &format!(" and a value in column `{name}`"));
    }
    faults.check()?;
    let weight = |row: usize| weight.map_or(1.0, |weight| weight[row]);
    Ok(banded(name, kind(column), &read, outcome, &weight, options))
}

impl BandOptions {
    pub(super) fn check(&self, faults: &mut Faults) {
        faults.argument("cells", self.cells, "a whole number from 2 to 200", (2..=200).contains(&self.cells));
        faults.argument("most", self.most, "a whole number from 1 to 20", (1..=20).contains(&self.most));
        faults.argument("min_share", self.min_share, "a number from 0 to 0.5", (0.0..=0.5).contains(&self.min_share));
        faults.argument("min_outcomes", self.min_outcomes, "a number from 1", (1.0..=1e9).contains(&self.min_outcomes));
    }
}

/// Cells of a column: what cannot be parted, in order.
pub(super) struct CellsOf {
    pub(super) cells: Vec<Cell>,
    /// By cell of numbers: its least and greatest value.
    pub(super) range: Vec<(f64, f64)>,
    /// By cell of categories: their places in the list of texts.
    pub(super) members: Vec<Vec<u32>>,
    pub(super) missing: Cell,
    pub(super) joined: bool,
}

impl CellsOf {
    pub(super) fn new(read: &Read, outcome: &[bool], weight: &dyn Fn(usize) -> f64, most: usize) -> Self {
        let one = |row: usize| {
            let bad = f64::from(outcome[row]);
            Cell { rows: 1.0, weight: weight(row), bad: bad * weight(row), bad_rows: bad }
        };
        // Rows are added by weight and outcome, so that their order does not matter.
        let added = |rows: &mut Vec<usize>| {
            rows.sort_by(|a, b| weight(*a).total_cmp(&weight(*b)).then(outcome[*a].cmp(&outcome[*b])));
            rows.iter().fold(Cell::default(), |sum, row| sum.and(one(*row)))
        };
        let mut lost: Vec<usize> = (0..read.len()).filter(|row| read.is_missing(*row)).collect();
        let missing = added(&mut lost);
        let mut this = Self { cells: Vec::new(), range: Vec::new(), members: Vec::new(), missing, joined: false };
        match read {
            Read::Number(values) => {
                let mut order: Vec<usize> = (0..values.len()).filter(|row| !values[*row].is_nan()).collect();
                let ties = |a: usize, b: usize| weight(a).total_cmp(&weight(b)).then(outcome[a].cmp(&outcome[b]));
                order.sort_unstable_by(|a, b| values[*a].total_cmp(&values[*b]).then_with(|| ties(*a, *b)));
                for row in order {
                    let value = values[row];
                    match (this.cells.last_mut(), this.range.last()) {
                        (Some(cell), Some(range)) if range.1 == value => *cell = cell.and(one(row)),
                        _ => {
                            this.cells.push(one(row));
                            this.range.push((value, value));
                        }
                    }
                }
                this.join(most);
            }
            Read::Text(codes, names) => {
                let mut rows: Vec<Vec<usize>> = vec![Vec::new(); names.len()];
                codes.iter().enumerate().filter(|(_, code)| **code != MISSING).for_each(|(row, code)| rows[*code as usize].push(row));
                let mut cells: Vec<(Cell, u32)> = (0_u32..).zip(&mut rows).map(|(code, rows)| (added(rows), code)).collect();
                cells.retain(|(cell, _)| cell.weight > 0.0);
                cells.sort_by(|a, b| a.0.rate().total_cmp(&b.0.rate()).then(a.1.cmp(&b.1)));
                (this.cells, this.members) = cells.into_iter().map(|(cell, code)| (cell, vec![code])).unzip();
                this.join(most);
            }
        }
        this
    }

    /// Joins neighbours until at most `most` are left, of nearly equal weight; a heavy cell stays by itself.
    fn join(&mut self, most: usize) {
        if self.cells.len() <= most {
            return;
        }
        self.joined = true;
        let (cells, range, members) = (std::mem::take(&mut self.cells), std::mem::take(&mut self.range), std::mem::take(&mut self.members));
        let mut left = cells.iter().fold(0.0, |sum, cell| sum + cell.weight);
        let mut open = false;
        for (at, cell) in cells.iter().enumerate() {
            let room = most - self.cells.len();
            let share = left / (room + usize::from(open)).max(1) as f64;
            let full = self.cells.last().is_none_or(|last| last.weight + cell.weight / 2.0 > share);
            if !open || (full && room > 0) {
                // What the closed cell took is gone from what is left to share.
                left -= if open { self.cells.last().map_or(0.0, |last| last.weight) } else { 0.0 };
                self.cells.push(*cell);
                self.range.extend(range.get(at));
                self.members.extend(members.get(at).cloned());
                open = true;
            } else {
                if let Some(last) = self.cells.last_mut() {
                    *last = last.and(*cell);
                }
                if let (Some(last), Some((_, to))) = (self.range.last_mut(), range.get(at)) {
                    last.1 = *to;
                }
                if let (Some(last), Some(more)) = (self.members.last_mut(), members.get(at)) {
                    last.extend(more);
                }
            }
        }
    }
}

/// A cell's part of the information value.
pub(super) fn information(cell: Cell, all: Cell) -> f64 {
    let (bad, good) = (cell.bad / all.bad, cell.good() / all.good());
    (bad - good) * (bad / good).ln()
}

pub(super) fn banded(
    name: &str,
    kind: Kind,
    read: &Read,
    outcome: &[bool],
    weight: &dyn Fn(usize) -> f64,
    options: &BandOptions,
) -> Banded {
    let of = CellsOf::new(read, outcome, weight, options.cells);
    let cumulated = Cumulated::of(&of.cells);
    let all = cumulated.between(0, cumulated.len());
    let enough = |cell: Cell| {
        let rows = cell.bad_rows >= options.min_outcomes && cell.rows - cell.bad_rows >= options.min_outcomes;
        rows && cell.bad > 0.0 && cell.good() > 0.0
    };
    let allowed = |cell: Cell| enough(cell) && cell.weight >= options.min_share * all.weight;
    let trend = if kind == Kind::Text { Trend::Rising } else { options.trend };
    let value = |cell: Cell| information(cell, all);
    let found = partition(&cumulated, (1, options.most), trend, &value, &allowed);
    // With too few outcomes for any band there is one, which says nothing.
    let found = found.unwrap_or(Partition { ends: vec![cumulated.len()], value: 0.0, rising: None });
    let woe = |cell: Cell| ((cell.bad.max(0.5) / all.bad) / (cell.good().max(0.5) / all.good())).ln();
    let starts: Vec<usize> = std::iter::once(0).chain(found.ends.iter().copied()).collect();
    let groups: Vec<(usize, usize, Cell)> = starts.iter().zip(&found.ends).map(|(a, b)| (*a, *b, cumulated.between(*a, *b))).collect();
    let one = groups.len() == 1;
    let evidence = |at: usize| groups.get(at).map_or(0.0, |(_, _, cell)| woe(*cell));
    // Missing rows are a group of their own whatever their share: nobody cut them off.
    let missing_told = enough(of.missing) && !one;
    let told = (0..groups.len()).map(evidence).chain(missing_told.then(|| woe(of.missing)));
    let (low, high) = told.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), woe| (l.min(woe), h.max(woe)));
    let risk = |woe: f64| if high > low { (((woe - low) / (high - low)).clamp(0.0, 1.0) * 1000.0).round() / 1000.0 } else { 0.0 };
    let total = all.weight + of.missing.weight;
    let band = |cell: Cell, upto: Option<f64>, categories: Vec<String>, iv: f64| Band {
        upto,
        categories,
        rows: cell.rows as usize,
        share: cell.weight / total,
        bad: cell.bad_rows as usize,
        rate: cell.rate(),
        woe: woe(cell),
        iv,
        risk: risk(woe(cell)),
    };
    let bands: Vec<Band> = groups
        .iter()
        .map(|(start, end, cell)| {
            let edge = of.range.get(end - 1).zip(of.range.get(*end)).map(|((_, last), (next, _))| short_between(*last, *next));
            let mut names: Vec<String> = Vec::new();
            if let Read::Text(_, texts) = read {
                let codes = of.members.get(*start..*end).unwrap_or_default().iter().flatten();
                names = codes.filter_map(|code| texts.get(*code as usize)).cloned().collect();
                names.sort();
            }
            band(*cell, edge, names, if one { 0.0 } else { information(*cell, all) })
        })
        .collect();
    let missing = (of.missing.rows > 0.0).then(|| band(of.missing, None, Vec::new(), 0.0));
    let iv = if one { 0.0 } else { found.value };
    // What the bands and the rows without a value tell together, where these get a risk of their own.
    let whole = if missing_told { all.and(of.missing) } else { all };
    let told = groups.iter().map(|(_, _, cell)| *cell).chain(missing_told.then_some(of.missing));
    let together = told.fold(0.0, |sum, cell| sum + information(cell, whole));
    let side = |wanted: bool| {
        let counts = |row: &usize| (missing_told || !read.is_missing(*row)) && outcome[*row] == wanted;
        effective((0..read.len()).filter(counts).map(weight))
    };
    let (bad, good) = (side(true), side(false));
    let freedom = groups.len() - 1 + usize::from(missing_told);
    let law = ChiSquared::new(freedom as f64).ok().filter(|_| !one);
    let p = law.map_or(1.0, |law| law.sf(together * bad * good / (bad + good)));
    let rising = found.rising.filter(|_| !one && kind != Kind::Text);
    let mut banded =
        Banded { column: name.to_owned(), kind, bands, missing, missing_told, iv, p, rising, joined: of.joined, words: String::new() };
    banded.words = banded.in_words();
    banded
}

/// How many rows of equal weight tell as much: `(Σ w)²/Σ w²`; sums of sorted weights, so that the order of rows does not matter.
fn effective(weights: impl Iterator<Item = f64>) -> f64 {
    let mut weights: Vec<f64> = weights.collect();
    weights.sort_by(f64::total_cmp);
    let (sum, squares) = weights.iter().fold((0.0, 0.0), |(sum, squares), w| (sum + w, squares + w * w));
    if squares > 0.0 { sum * sum / squares } else { 0.0 }
}

/// The shortest decimal number from `low` to below `high`; `low` where none is shorter.
pub(super) fn short_between(low: f64, high: f64) -> f64 {
    for decimals in -15_i32..=15 {
        // The text is the number that the card will say, so it is the one that is compared.
        let unit = 10_f64.powi(decimals);
        let near = if decimals >= 0 { (low * unit).ceil() / unit } else { (low / 10_f64.powi(-decimals)).ceil() * 10_f64.powi(-decimals) };
        if near >= low && near < high {
            return if near == 0.0 { 0.0 } else { near };
        }
    }
    low
}

fn p_in_words(p: f64) -> String {
    if p < 0.0001 { "< 0.0001".to_owned() } else { format!("= {p:.4}") }
}

impl Banded {
    fn in_words(&self) -> String {
        let way = match (self.bands.len(), self.rising, self.kind) {
            (1, _, _) => "no two bands of this size differ: the column says nothing that could be told from these outcomes".to_owned(),
            (count, _, Kind::Text) => format!("{count} groups of categories"),
            (count, Some(true), _) => format!("{count} bands, riskier as the value rises"),
            (count, Some(false), _) => format!("{count} bands, riskier as the value falls"),
            (count, None, _) => format!("{count} bands in no order of risk"),
        };
        let missing = match &self.missing {
            None => String::new(),
            Some(band) if self.missing_told => format!("; {} rows without a value are kept apart with risk {}", band.rows, band.risk),
            Some(band) => format!("; {} rows without a value are too few to tell their risk, the card's policy stays", band.rows),
        };
        let chance = if self.bands.len() > 1 { format!(" (p {})", p_in_words(self.p)) } else { String::new() };
        format!("{way}, information value {:.3}{chance}{missing}", self.iv)
    }

    /// The risk of a row's value; `None` for a missing value whose risk was not told, and for a category that was not there.
    pub(super) fn risk(&self, read: &Read, row: usize) -> Option<f64> {
        if read.is_missing(row) {
            return self.missing.as_ref().filter(|_| self.missing_told).map(|band| band.risk);
        }
        let band = match read {
            Read::Number(values) => self.bands.iter().find(|band| band.upto.is_none_or(|upto| values[row] <= upto)),
            Read::Text(codes, names) => {
                let name = names.get(codes[row] as usize)?;
                self.bands.iter().find(|band| band.categories.binary_search(name).is_ok())
            }
        };
        band.map(|band| band.risk)
    }

    /// The indicator with these bands in the place of how it was measured; everything else, the policy for uncovered values too, stays.
    #[must_use]
    pub fn indicator(&self, old: &IndicatorSpec) -> IndicatorSpec {
        let mut new = IndicatorSpec { bands: None, points: None, categories: None, flag: None, ..old.clone() };
        let risk_at = |x: f64| {
            let band = self.bands.iter().find(|band| band.upto.is_none_or(|upto| x <= upto));
            band.map_or(0.0, |band| band.risk)
        };
        match self.kind {
            Kind::Number => {
                let spec = |band: &Band| BandSpec { from: None, above: None, upto: band.upto, below: None, risk: band.risk };
                new.bands = Some(self.bands.iter().map(spec).collect());
            }
            Kind::Flag => new.flag = Some(FlagSpec { yes: risk_at(1.0), no: risk_at(0.0) }),
            Kind::Text => {
                let each = self.bands.iter().flat_map(|band| band.categories.iter().map(|name| (name.clone(), band.risk)));
                new.categories = Some(each.collect::<IndexMap<String, f64>>());
            }
        }
        if let Some(missing) = self.missing.as_ref().filter(|_| self.missing_told) {
            new.missing = MissingSpec::Value(RiskValue { value: missing.risk });
        }
        let note = format!("Bands proposed from {} outcomes: {}.", self.bands.iter().map(|band| band.rows).sum::<usize>(), self.words);
        new.note = Some(note);
        new
    }

    /// [`Banded::indicator`] as the card's TOML: a table `[indicators.<id>]`.
    ///
    /// # Errors
    /// [`Error::Scorecard`] where it cannot be written.
    pub fn toml(&self, id: &str, old: &IndicatorSpec) -> Result<String, Error> {
        #[derive(Serialize)]
        struct Part {
            indicators: IndexMap<String, IndicatorSpec>,
        }
        let part = Part { indicators: std::iter::once((id.to_owned(), self.indicator(old))).collect() };
        toml::to_string(&part).map_err(|error| {
            Error::Scorecard(vec![crate::card::Problem::error(&["indicators", id], format!("the bands cannot be written: {error}"))])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_as_short_as_they_can_be() {
        for (low, high, short) in [
            (2.0, 3.0, 2.0),
            (0.123_456, 0.2, 0.2_f64.min(0.13)),
            (1234.0, 5678.0, 2000.0),
            (-0.37, 0.4, 0.0),
            (-3.2, -3.1, -3.2),
            (0.999_999_9, 1.000_000_1, 1.0),
        ] {
            let found = short_between(low, high);
            assert!(found >= low && found < high, "{low} {found} {high}");
            assert_eq!(found, short, "{low} {high}");
        }
        let low = 0.1 + 0.2;
        assert_eq!(short_between(low, low.next_up()), low);
    }

    /// 40 numbers of which the upper half is bad more often; counted by hand.
    #[test]
    fn two_bands_by_hand() {
        let values: Vec<f64> = (0..40).map(f64::from).collect();
        // 2 of 20 bad below, 15 of 20 above.
        let bad: Vec<bool> = (0..40).map(|row| if row < 20 { row % 10 == 0 } else { row % 4 != 0 }).collect();
        let options = BandOptions { min_outcomes: 2.0, most: 2, ..BandOptions::default() };
        let found = bands("x", &Column::numbers(&values), &bad, None, &options).unwrap();
        assert_eq!(found.rising, Some(true));
        let [low, high] = &found.bands[..] else { panic!("{found:?}") };
        let iv = |b: f64, g: f64| (b / 17.0 - g / 23.0) * ((b / 17.0) / (g / 23.0)).ln();
        let best = (2..39).filter_map(|cut: usize| {
            let below = bad[..cut].iter().filter(|bad| **bad).count() as f64;
            let sides = [(below, cut as f64 - below), (17.0 - below, 23.0 - (cut as f64 - below))];
            sides.iter().all(|(b, g)| *b >= 2.0 && *g >= 2.0 && b + g >= 2.0).then(|| sides.iter().map(|(b, g)| iv(*b, *g)).sum::<f64>())
        });
        assert!((found.iv - best.fold(0.0, f64::max)).abs() < 1e-12);
        assert_eq!((low.risk, high.risk, low.rows + high.rows), (0.0, 1.0, 40));
        assert!(low.upto.is_some() && high.upto.is_none());
    }

    #[test]
    fn categories_missing_values_and_texts() {
        let words = ["a", "b", "c", "d"];
        let texts: Vec<&str> = (0..400).map(|row| words[row % 4]).collect();
        let validity: Vec<u8> = (0..50).map(|byte| if byte < 10 { 0 } else { 0xFF }).collect();
        let mut column = Column::strings(&texts);
        column.validity = crate::columns::Bits::new(&validity, 0, 400);
        // a and c 10 % bad, b and d 50 %; missing (the first 80 rows) 30 %.
        let bad: Vec<bool> = (0..400)
            .map(|row| match row {
                row if row < 80 => row % 10 < 3,
                row if row % 2 == 0 => row / 4 % 10 == 0,
                row => row / 4 % 2 == 0,
            })
            .collect();
        let found = bands("w", &column, &bad, None, &BandOptions::default()).unwrap();
        assert!(found.missing_told && found.missing.as_ref().is_some_and(|band| band.rows == 80));
        let total: usize = found.bands.iter().map(|band| band.rows).sum();
        assert_eq!(total, 320);
        assert!(found.bands.windows(2).all(|pair| pair[0].rate < pair[1].rate && pair[0].risk < pair[1].risk));
        let mut names: Vec<&str> = found.bands.iter().flat_map(|band| band.categories.iter().map(String::as_str)).collect();
        names.sort_unstable();
        assert_eq!(names, words);
    }

    #[test]
    fn a_column_without_outcomes_is_named() {
        let told = |values: &[f64], bad: &[bool]| {
            bands("debt", &Column::numbers(values), bad, None, &BandOptions::default()).unwrap_err().to_string()
        };
        assert_eq!(
            told(&[f64::NAN; 3], &[true, false, true]),
            "the tuning: 1 problem\n  found no value in column `debt`; leave the column out, or look whether it was read as it was meant"
        );
        assert_eq!(
            told(&[1.0, f64::NAN, 2.0], &[false, true, false]),
            "the tuning: 1 problem\n  found no row with a bad outcome and a value in column `debt`; wait for more outcomes"
        );
    }
}
