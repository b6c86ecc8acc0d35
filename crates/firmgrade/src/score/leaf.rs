//! One indicator made ready for the inner loop: every value it can take has its points in a small table.
//!
//! *Points* are weight × risk, so a firm's risk is the plain sum of its points. A point of NaN marks a value that the
//! card declares an error: it makes the sum NaN, so no cell needs a branch, and the rows are looked at again only then.

use crate::card::{Indicator, Measure, PointSpec, Worth};
use crate::columns::TextView;
use std::collections::HashMap;

/// An indicator as the inner loop sees it.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    /// Index of its column among the card's columns.
    pub(crate) column: usize,
    /// Global weight.
    pub(crate) weight: f64,
    /// Points of a missing value; NaN where that is an error, 0 where the weight is shared among siblings.
    pub(crate) missing: f64,
    /// Whether a missing value's weight is shared among its siblings.
    pub(crate) reweight: bool,
    /// Points of the best value.
    pub(crate) best: f64,
    /// How values become points.
    pub(crate) table: Table,
    /// Reason keys of the table's entries, aligned with them, and of a missing value; empty where there are none.
    pub(crate) keys: Keys,
}

/// How values become points.
#[derive(Clone, Debug)]
pub(crate) enum Table {
    /// Pieces between edges; `x > edge` moves to the next piece.
    Steps(Steps),
    /// Straight lines between points.
    Lines(Lines),
    /// Categories.
    Words(Words),
    /// No and yes.
    Flag([f64; 2]),
}

#[derive(Clone, Debug)]
pub(crate) struct Steps {
    pub(crate) edges: Vec<f64>,
    /// One more than edges.
    pub(crate) points: Vec<f64>,
    /// Numbers outside `(low, high]` count as missing, where the card says so.
    pub(crate) inside: Option<(f64, f64)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Lines {
    /// Where each line begins; below the first and from the last on the value is constant.
    pub(crate) at: Vec<f64>,
    /// Risk at the beginning of each line.
    pub(crate) risk: Vec<f64>,
    /// Slope of the line that begins there; 0 for the last.
    pub(crate) slope: Vec<f64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Words {
    /// Points by category; the last entry is for all other texts.
    pub(crate) points: Vec<f64>,
    /// Whether another text counts as missing.
    pub(crate) other_is_missing: bool,
    /// Category of each text.
    index: HashMap<Box<[u8]>, usize>,
    /// The same for texts that stand in a view, without a branch.
    pub(crate) inline: Inline,
}

/// Reason keys: a larger key is a stronger reason; 0 is none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    pub(crate) entries: Vec<u16>,
    pub(crate) missing: u16,
}

impl Leaf {
    pub(crate) fn new(indicator: &Indicator) -> Self {
        let weight = indicator.weight;
        let missing = match indicator.missing {
            Worth::Error => f64::NAN,
            Worth::Risk(risk) => weight * risk,
            Worth::Reweight | Worth::Missing => 0.0,
        };
        let outside = match indicator.outside {
            Worth::Error => f64::NAN,
            Worth::Risk(risk) => weight * risk,
            Worth::Missing | Worth::Reweight => missing,
        };
        let other_is_missing = indicator.outside == Worth::Missing;
        let table = match &indicator.measure {
            Measure::Bands(bands) => {
                let points = bands.risks().iter().map(|risk| risk.map_or(outside, |risk| weight * risk)).collect();
                let edges = bands.edges().to_vec();
                let open = |risk: Option<&Option<f64>>| risk.is_some_and(Option::is_none);
                let low = if open(bands.risks().first()) { edges.first().copied() } else { None };
                let high = if open(bands.risks().last()) { edges.last().copied() } else { None };
                let inside = (other_is_missing && (low.is_some() || high.is_some()))
                    .then(|| (low.unwrap_or(f64::NEG_INFINITY), high.unwrap_or(f64::INFINITY)));
                Table::Steps(Steps { edges, points, inside })
            }
            Measure::Points(points) => Table::Lines(Lines::new(points)),
            Measure::Categories(categories) => {
                let mut points: Vec<f64> = categories.iter().map(|(_, risk)| weight * risk).collect();
                points.push(outside);
                let index = categories.iter().enumerate().map(|(k, (name, _))| (name.as_bytes().into(), k)).collect();
                let inline = Inline::new(categories.iter().map(|(name, _)| name.as_str()));
                Table::Words(Words { points, other_is_missing, index, inline })
            }
            Measure::Flag(flag) => Table::Flag([weight * flag.no, weight * flag.yes]),
        };
        Self {
            column: indicator.column,
            weight,
            missing,
            reweight: indicator.missing == Worth::Reweight,
            best: weight * indicator.best,
            table,
            keys: Keys::default(),
        }
    }

    /// Points of a number that is there; NaN (missing) is the caller's.
    pub(crate) fn of_number(&self, x: f64) -> f64 {
        match &self.table {
            Table::Steps(steps) => {
                if steps.inside.is_some_and(|(low, high)| !(x > low && x <= high)) {
                    return self.missing;
                }
                let piece = steps.edges.iter().filter(|edge| x > **edge).count();
                steps.points.get(piece).copied().unwrap_or(f64::NAN)
            }
            Table::Lines(lines) => self.weight * lines.risk(x),
            Table::Words(_) | Table::Flag(_) => f64::NAN,
        }
    }

    /// The points of every entry of the table; `None` where points are continuous.
    pub(crate) fn entries(&self) -> Option<&[f64]> {
        match &self.table {
            Table::Steps(steps) => Some(&steps.points),
            Table::Words(words) => Some(&words.points),
            Table::Flag(points) => Some(points),
            Table::Lines(_) => None,
        }
    }

    /// Whether a number that is there counts as missing, because no band covers it and the card says so.
    pub(crate) fn is_outside_missing(&self, x: f64) -> bool {
        matches!(&self.table, Table::Steps(Steps { inside: Some((low, high)), .. }) if !(x > *low && x <= *high))
    }
}

impl Lines {
    fn new(points: &[PointSpec]) -> Self {
        let slope = |a: &PointSpec, b: &PointSpec| (b.risk - a.risk) / (b.at - a.at);
        let mut slopes: Vec<f64> = points.iter().zip(points.iter().skip(1)).map(|(a, b)| slope(a, b)).collect();
        slopes.push(0.0);
        Self { at: points.iter().map(|p| p.at).collect(), risk: points.iter().map(|p| p.risk).collect(), slope: slopes }
    }

    /// The risk at `x`. Each line is measured from its own beginning, so the risk at a stated point is exactly the stated one.
    #[inline]
    pub(crate) fn risk(&self, x: f64) -> f64 {
        let mut risk = self.risk.first().copied().unwrap_or(f64::NAN);
        for ((at, start), slope) in self.at.iter().zip(&self.risk).zip(&self.slope) {
            let here = line(x, *at, *start, *slope);
            risk = if x >= *at { here } else { risk };
        }
        risk
    }
}

/// A point on a line, held inside [0, 1] where rounding would leave it; the last line is flat for any `x`.
#[inline]
pub(crate) fn line(x: f64, at: f64, start: f64, slope: f64) -> f64 {
    // Counter-example: beyond the last point x − at can overflow to infinity, and infinity × 0 is NaN.
    let rise = if slope == 0.0 { 0.0 } else { (x - at) * slope };
    (start + rise).clamp(0.0, 1.0)
}

impl Words {
    /// Category of a text: its position, or one past the last for another text.
    pub(crate) fn find(&self, text: &[u8]) -> usize {
        self.index.get(text).copied().unwrap_or(self.points.len() - 1)
    }
}

/// A hash without collisions from the texts that stand in a view to their categories.
#[derive(Clone, Debug)]
pub(crate) struct Inline {
    multipliers: (u64, u64),
    shift: u32,
    slots: Vec<(u128, u32)>,
    other: u32,
}

impl Inline {
    fn new<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let names: Vec<&str> = names.collect();
        let other = u32::try_from(names.len()).unwrap_or(u32::MAX);
        let views: Vec<(u128, u32)> =
            (0..).zip(&names).filter_map(|(index, name)| Some((TextView::inline(name)?.as_u128(), index))).collect();
        let mut size = (views.len() * 2).next_power_of_two().max(2);
        // A multiplier drawn at random has no collision with a chance above e^(-n/4) at twice the slots; the table grows when luck is late.
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        loop {
            for _ in 0..64 {
                state = state.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
                let first = state | 1;
                state = state.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
                let mut hash = Self { multipliers: (first, state | 1), shift: 64 - size.trailing_zeros(), slots: Vec::new(), other };
                // No text is that long, so an empty slot equals none.
                hash.slots = vec![(u128::MAX, other); size];
                if views.iter().all(|(view, index)| hash.put(*view, *index)) {
                    return hash;
                }
            }
            size *= 2;
        }
    }

    fn put(&mut self, view: u128, index: u32) -> bool {
        let at = self.slot(view);
        match self.slots.get_mut(at) {
            Some(slot) if slot.0 == u128::MAX => {
                *slot = (view, index);
                true
            }
            _ => false,
        }
    }

    #[inline(always)]
    fn slot(&self, view: u128) -> usize {
        let (low, high) = (view as u64, (view >> 64) as u64);
        (low.wrapping_mul(self.multipliers.0).wrapping_add(high.wrapping_mul(self.multipliers.1)) >> self.shift) as usize
    }

    /// Category of a view, one past the last for another text.
    #[inline(always)]
    pub(crate) fn find(&self, view: u128) -> usize {
        let (key, index) = self.slots.get(self.slot(view)).copied().unwrap_or((u128::MAX, self.other));
        (if key == view { index } else { self.other }) as usize
    }
}

/// Gives every entry of every leaf a reason key, so that the strongest reasons of a firm are its largest keys: points lost against
/// the best value, ties in the order of the card. Returns the leaf of each key, or `None` where keys cannot serve: points are
/// continuous, weights move from firm to firm, or there are more entries than keys.
pub(crate) fn number_reasons(leaves: &mut [Leaf]) -> Option<Vec<u16>> {
    let mut ranked: Vec<(f64, usize, usize)> = Vec::new();
    for (index, leaf) in leaves.iter().enumerate() {
        let entries = leaf.entries()?;
        if leaf.reweight {
            return None;
        }
        let points = entries.iter().chain([&leaf.missing]);
        ranked.extend(points.enumerate().map(|(entry, points)| (points - leaf.best, index, entry)).filter(|(lost, ..)| *lost > 0.0));
    }
    if ranked.len() >= usize::from(u16::MAX) {
        return None;
    }
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)).then(b.2.cmp(&a.2)));
    for leaf in leaves.iter_mut() {
        leaf.keys.entries = vec![0; leaf.entries().map_or(0, <[f64]>::len)];
    }
    let mut owners = vec![u16::MAX];
    for (key, (_, index, entry)) in (1_u16..).zip(ranked) {
        owners.push(u16::try_from(index).ok()?);
        let keys = &mut leaves.get_mut(index)?.keys;
        match keys.entries.get_mut(entry) {
            Some(slot) => *slot = key,
            None => keys.missing = key,
        }
    }
    Some(owners)
}
