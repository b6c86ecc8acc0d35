//! How is drawn in each stratum, beyond what the rows of the frame say themselves.

use super::fault::SampleFault;
use super::frame::Frame;
use super::rate::{Fraction, Rate, Rounding};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which rows of a stratum are counted as N.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// Those that can be drawn.
    #[default]
    Eligible,
    /// All, excluded or not.
    All,
}

/// How many firms a stratum gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What becomes of a fraction of a firm.
    pub rounding: Rounding,
    /// Which rows are counted.
    pub base: Base,
}

/// How the number of firms comes about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    /// A fixed number for each stratum.
    #[default]
    Fixed,
    /// Each firm for itself (Poisson): the number is random, rates are exact.
    Random,
}

/// The design of a draw. Part of the commitment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Design {
    /// Fixed or random sizes.
    pub size: Size,
    /// The rule of every stratum that has none of its own.
    pub rule: Rule,
    /// Rules of single strata.
    pub strata: BTreeMap<String, Rule>,
    /// How many firms of each stratum stand in reserve.
    pub reserve: u64,
    /// Into how many waves the sample is split, at least 1.
    pub waves: u32,
    /// Joint visits: for each department its rate by stratum (none there: 0). The rate in the frame is then the greatest of them.
    pub items: BTreeMap<String, BTreeMap<String, Rate>>,
}

impl Default for Design {
    fn default() -> Self {
        Self { size: Size::Fixed, rule: Rule::default(), strata: BTreeMap::new(), reserve: 0, waves: 1, items: BTreeMap::new() }
    }
}

impl Design {
    /// The rule of a stratum.
    #[must_use]
    pub fn rule(&self, stratum: &str) -> Rule {
        self.strata.get(stratum).copied().unwrap_or(self.rule)
    }

    /// The rate of a department in a stratum.
    pub(super) fn item(&self, item: &str, stratum: &str) -> Rate {
        self.items.get(item).and_then(|rates| rates.get(stratum)).copied().unwrap_or(Rate::ZERO)
    }

    /// Everything that this frame cannot keep of the design.
    pub(super) fn faults(&self, frame: &Frame) -> Vec<SampleFault> {
        let mut faults = Vec::new();
        if self.waves == 0 {
            faults.push(SampleFault::Count { what: "waves", found: 0, expected: "at least 1".to_owned() });
        }
        let strata = frame.strata();
        let known = |name: &str| strata.binary_search_by(|(stratum, _)| (*stratum).cmp(name)).is_ok();
        let fault = |stratum: &str, what: String, remedy| SampleFault::Stratum { stratum: stratum.to_owned(), what, remedy };
        let named = self.strata.keys().chain(self.items.values().flat_map(BTreeMap::keys));
        for stratum in named.filter(|stratum| !known(stratum)) {
            faults.push(fault(stratum, "the design has a rule for it, and the frame has no such stratum".to_owned(), "correct the name"));
        }
        for (stratum, rows) in &strata {
            let counted = |row: &u32| self.rule(stratum).base == Base::All || frame.eligible(*row as usize);
            let rates = frame.rates_of(rows.iter().filter(|row| counted(row)).map(|row| *row as usize));
            if self.size == Size::Fixed {
                match Fraction::sum(rates.iter().copied()) {
                    None => faults.push(fault(
                        stratum,
                        "the sum of the rates has no common denominator of 128 bits".to_owned(),
                        "give the rates a common denominator, such as 1000000",
                    )),
                    Some(sum) if self.rule(stratum).rounding.whole(sum).is_none() => faults.push(fault(
                        stratum,
                        format!("exactly {sum} firms are asked for, which is no whole number"),
                        "let the policy say `at_least` or `at_most`, or state a count",
                    )),
                    Some(_) => {}
                }
            } else if rates.iter().any(|(rate, _)| rate.den.checked_mul(u64::from(self.waves)).is_none()) {
                faults.push(fault(stratum, format!("a rate in {} waves exceeds 64 bits", self.waves), "use a smaller denominator"));
            }
            if !self.items.is_empty() {
                let greatest = self.items.keys().map(|item| self.item(item, stratum)).fold(Rate::ZERO, Rate::max);
                let n = rates.iter().map(|(_, firms)| firms).sum();
                for (item, rate) in self.items.keys().map(|item| (item, self.item(item, stratum))) {
                    let whole = Fraction::sum([(rate, n)]).and_then(|sum| self.rule(stratum).rounding.whole(sum));
                    if self.size == Size::Fixed && whole.is_none() {
                        let what = format!("`{item}` asks for exactly {rate} of {n} firms, which is no whole number");
                        faults.push(fault(stratum, what, "let the policy say `at_least` or `at_most`, or state a count"));
                    }
                }
                let eligible = frame.rates_of(rows.iter().map(|row| *row as usize).filter(|row| frame.eligible(*row)));
                for (rate, _) in eligible.iter().filter(|(rate, _)| !rate.equals(greatest)) {
                    let what = format!("a firm has rate {rate}, and the greatest rate of the departments is {greatest}");
                    faults.push(fault(stratum, what, "give every firm of a stratum the greatest rate of the departments"));
                }
            }
        }
        faults
    }
}
