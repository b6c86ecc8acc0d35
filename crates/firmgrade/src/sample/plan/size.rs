//! How many firms of each stratum: items, validation part, top-up.

use super::super::policy::{Amount, Item, ItemRate, Policy};
use super::super::{Base, Fraction, Rate, Rounding};
use super::allocate::{Allocated, neyman, proportional};
use super::firms::{Counted, Placement, part};
use super::{FloorCheck, PlanFault, PlanItem, SCALE, Said, Scaled};
use crate::error::Error;

/// The strata of a placement with their sizes.
pub(super) struct Sizes {
    pub(super) strata: Vec<Size>,
    pub(super) floor: Option<FloorCheck>,
    pub(super) warnings: Vec<String>,
}

/// The sizes of one stratum.
#[derive(Clone, Debug, Default)]
pub(super) struct Size {
    /// In the order of the policy's items.
    pub(super) items: Vec<PlanItem>,
    pub(super) enforcement: u64,
    pub(super) validation: u64,
    pub(super) top_up: u64,
}

impl Size {
    /// Firms to draw.
    pub(super) fn n(&self) -> u64 {
        self.items.iter().map(|item| item.lifted).max().unwrap_or(0)
    }

    /// How many can be drawn at most.
    fn ceiling(&self) -> u64 {
        self.items.iter().map(|item| item.ceiling).max().unwrap_or(0)
    }

    /// Lifts every item to so many firms, or to its ceiling.
    fn lift(&mut self, firms: u64) {
        for item in &mut self.items {
            item.lifted = item.lifted.max(firms.min(item.ceiling));
        }
    }
}

impl Sizes {
    pub(super) fn n(&self) -> u64 {
        self.strata.iter().map(Size::n).sum()
    }
}

/// The sizes at a scaling of the raised rates, in parts of [`SCALE`].
pub(super) fn size(policy: &Policy, placement: &Placement, scale: u64) -> Result<Sizes, Error> {
    let counted = &placement.strata;
    let mut sized = Sizes { strata: vec![Size::default(); counted.len()], floor: None, warnings: Vec::new() };
    let mut faults = Vec::new();
    for item in policy.items() {
        ask(policy, counted, item, scale, &mut sized, &mut faults);
    }
    if !faults.is_empty() {
        return Err(Error::Plan(faults));
    }
    for size in &mut sized.strata {
        size.enforcement = size.n();
    }
    validate(policy, counted, &mut sized);
    top_up(policy, counted, &mut sized);
    Ok(sized)
}

/// What one item asks for in every stratum.
fn ask(policy: &Policy, counted: &[Counted], item: &Item, scale: u64, sized: &mut Sizes, faults: &mut Vec<PlanFault>) {
    let applies = |stratum: &Counted| !(stratum.capped && item.keeps_to_caps());
    for (grade, rate) in item.rates.iter().enumerate() {
        let of_grade: Vec<(usize, &Counted)> = counted.iter().enumerate().filter(|(_, stratum)| stratum.grade == grade).collect();
        let sizes: Vec<u64> = of_grade.iter().map(|(_, stratum)| if applies(stratum) { stratum.eligible } else { 0 }).collect();
        let can = sizes.iter().sum::<u64>();
        let shares = match rate.amount {
            Amount::Count(count) => proportional(count, &sizes),
            Amount::Ratio(_) => vec![0; sizes.len()],
        };
        if let Amount::Count(count) = rate.amount
            && rate.rule != Rounding::AtMost
            && count > can
            && !of_grade.is_empty()
        {
            let name = policy.grades().get(grade).map_or("", String::as_str);
            sized.warnings.push(format!("grade `{name}`: item `{}` asks for {count} firms, and {can} can be drawn", item.id));
        }
        for ((at, stratum), share) in of_grade.into_iter().zip(shares) {
            let asked = match rate.amount {
                _ if !applies(stratum) => Ok(by_count(stratum, item, *rate, 0)),
                Amount::Count(_) => Ok(by_count(stratum, item, *rate, share)),
                Amount::Ratio(ratio) => by_ratio(stratum, item, *rate, ratio, counts(policy, counted, stratum, item), scale),
            };
            match (asked, sized.strata.get_mut(at)) {
                (Ok(asked), Some(size)) => {
                    if asked.short > 0 {
                        let (name, asked, can) = (&stratum.name, asked.n + asked.short, stratum.eligible);
                        sized.warnings.push(format!("stratum `{name}`: item `{}` asks for {asked} firms, and {can} can be drawn", item.id));
                    }
                    size.items.push(asked);
                }
                (Err(fault), _) => faults.push(fault),
                (Ok(_), None) => {}
            }
        }
    }
}

/// So many firms of a stratum; 0 where the item does not apply there.
fn by_count(stratum: &Counted, item: &Item, rate: ItemRate, n: u64) -> PlanItem {
    let applies = !(stratum.capped && item.keeps_to_caps());
    PlanItem {
        item: item.id.clone(),
        rule: rate.rule,
        amount: Said::from(rate.amount),
        counted: if applies { stratum.eligible } else { 0 },
        scaled: None,
        asked: n.to_string(),
        n,
        short: 0,
        lifted: n,
        ceiling: if applies && rate.rule == Rounding::AtLeast { stratum.eligible } else { n },
        exact: Fraction::whole(n),
    }
}

/// A share of so many firms.
fn by_ratio(stratum: &Counted, item: &Item, rate: ItemRate, ratio: Rate, firms: u64, scale: u64) -> Result<PlanItem, PlanFault> {
    let too_large = || PlanFault::TooLarge { stratum: stratum.name.clone() };
    let asked = |rate: Rate| Fraction::sum([(rate, firms)]).ok_or_else(too_large);
    let whole = |asked: Fraction| -> Result<u64, PlanFault> {
        let fraction = || PlanFault::Fraction { stratum: stratum.name.clone(), item: item.id.clone(), asked: asked.to_string() };
        u64::try_from(rate.rule.whole(asked).ok_or_else(fraction)?).map_err(|_| too_large())
    };
    let full = asked(ratio)?;
    let (scaled, exact) = match rate.floor {
        Some(floor) if scale < SCALE => {
            let times = |number: u64, factor: u64| number.checked_mul(factor).ok_or_else(too_large);
            let smaller = Rate { num: times(ratio.num, scale)?, den: times(ratio.den, SCALE)? };
            if smaller.max(floor) == smaller {
                (Some(Scaled::Factor(scale)), asked(smaller)?)
            } else {
                (Some(Scaled::Floor(floor)), asked(floor)?)
            }
        }
        _ => (None, full),
    };
    let wanted = whole(exact)?;
    let n = wanted.min(stratum.eligible);
    Ok(PlanItem {
        item: item.id.clone(),
        rule: rate.rule,
        amount: Said::Ratio(ratio),
        counted: firms,
        scaled,
        asked: exact.to_string(),
        n,
        short: if rate.rule == Rounding::AtMost { 0 } else { wanted - n },
        lifted: n,
        ceiling: if rate.rule == Rounding::AtLeast { stratum.eligible } else { whole(full)?.min(stratum.eligible) },
        exact,
    })
}

/// N of an item in a stratum. Firms that have reached their cap belong to N where the policy counts all.
fn counts(policy: &Policy, counted: &[Counted], stratum: &Counted, item: &Item) -> u64 {
    if policy.base() == Base::Eligible {
        return stratum.eligible;
    }
    let mut twin = stratum.name.clone();
    twin.push('|');
    part(&mut twin, policy.cap_code());
    let apart = counted.iter().find(|other| item.keeps_to_caps() && other.capped && other.name == twin);
    stratum.rows + apart.map_or(0, |other| other.rows)
}

/// The validation part: lifts strata to their share.
fn validate(policy: &Policy, counted: &[Counted], sized: &mut Sizes) {
    let Some(validation) = policy.validation() else { return };
    let expected = |grade: usize| validation.expected.get(grade).copied().unwrap_or(Rate::ZERO);
    let strata: Vec<Allocated> = counted
        .iter()
        .zip(&sized.strata)
        .map(|(stratum, size)| Allocated {
            group: stratum.grade,
            firms: stratum.eligible,
            most: size.ceiling(),
            expected: expected(stratum.grade),
        })
        .collect();
    let given = neyman(&strata, validation.floor, validation.firms);
    for (size, firms) in sized.strata.iter_mut().zip(&given) {
        size.validation = *firms;
        size.lift(*firms);
    }
    for (grade, name) in policy.grades().iter().enumerate() {
        let of_grade = || strata.iter().zip(&given).filter(|(stratum, _)| stratum.group == grade);
        let firms: u64 = of_grade().map(|(_, firms)| firms).sum();
        if firms < validation.floor && of_grade().next().is_some() {
            sized.warnings.push(format!("grade `{name}`: the validation part needs {}, and {firms} can be drawn", validation.floor));
        }
    }
    let all: u64 = given.iter().sum();
    if all < validation.firms {
        sized.warnings.push(format!("the validation part asks for {} firms, and {all} can be drawn or tell anything", validation.firms));
    }
}

/// Adds firms until the plan reaches the global floor: grade by grade in the declared order, within a grade in proportion to the room.
fn top_up(policy: &Policy, counted: &[Counted], sized: &mut Sizes) {
    let Some(ratio) = policy.floor() else { return };
    let of = policy.floor_base();
    let firms = counted.iter().map(|stratum| if of == Base::All { stratum.rows } else { stratum.eligible }).sum::<u64>();
    // INVARIANT: a ratio is at most 1, so the floor is at most the number of firms.
    let least = (u128::from(firms) * u128::from(ratio.num)).div_ceil(u128::from(ratio.den)) as u64;
    let before = sized.n();
    let mut missing = least.saturating_sub(before);
    let mut topped_up = Vec::new();
    for grade in policy.top_up() {
        let rooms: Vec<u64> = counted
            .iter()
            .zip(&sized.strata)
            .map(|(stratum, size)| if stratum.grade == *grade { size.ceiling().saturating_sub(size.n()) } else { 0 })
            .collect();
        let room = rooms.iter().sum::<u64>().min(missing);
        for ((stratum, size), more) in counted.iter().zip(&mut sized.strata).zip(proportional(room, &rooms)) {
            if more > 0 {
                size.top_up = more;
                size.lift(size.n() + more);
                topped_up.push((stratum.name.clone(), more));
            }
        }
        missing -= room;
    }
    if missing > 0 {
        sized.warnings.push(format!(
            "the plan draws {} firms, {missing} fewer than the floor of {ratio} asks for: no grade that is topped up has more",
            least - missing
        ));
    }
    // Before rounding: of each stratum the item that asks for most.
    let most = |size: &Size| size.items.iter().max_by_key(|item| (item.n, std::cmp::Reverse(&item.item))).map(|item| item.exact);
    let asked = sized.strata.iter().filter_map(most).try_fold(Fraction::whole(0), Fraction::plus);
    sized.floor = Some(FloorCheck {
        ratio,
        of,
        counted: firms,
        least,
        asked: asked.map(|asked| asked.to_string()),
        asked_percent: asked.and_then(|asked| asked.percent_of(firms)),
        before,
        after: sized.n(),
        topped_up,
    });
}
