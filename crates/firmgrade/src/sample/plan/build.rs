//! From a policy and firms to a plan.

use super::super::policy::{Amount, Policy};
use super::super::{Base, Design, Rate, Rounding, Rule};
use super::budget::{fit, inspector_days};
use super::firms::{Counted, Firms, place};
use super::size::{Size, size};
use super::{FloorCheck, Plan, PlanFault, PlanItem, PlanOptions, PlanStratum, PlanTotal, SCALE, Said, Scaled};
use crate::error::Error;
use std::collections::BTreeMap;

/// The plan of a policy for these firms.
///
/// # Errors
/// [`Error::Plan`] with everything that is wrong: missing columns, unknown grades and kinds, repeated ids, exact rates that give a fraction of a
/// firm; a budget below the floors.
pub fn plan(policy: &Policy, firms: &Firms<'_>, options: &PlanOptions) -> Result<Plan, Error> {
    let first = policy.period().0;
    let as_of = options.as_of.or_else(|| first.add_days(-1)).unwrap_or(first);
    let placement = place(policy, firms, as_of).map_err(Error::Plan)?;
    let (sized, budget) = match options.inspector_days {
        Some(days) => fit(policy, &placement, days).map(|(sized, fit)| (sized, Some(fit)))?,
        None => (size(policy, &placement, SCALE)?, None),
    };
    let mut design = Design {
        rule: Rule { rounding: Rounding::AtLeast, base: policy.base() },
        reserve: policy.spec().draw.reserve,
        waves: policy.spec().draw.waves,
        ..Design::default()
    };
    if policy.items().len() > 1 {
        design.items = policy.items().iter().map(|item| (item.id.clone(), BTreeMap::new())).collect();
    }
    let mut faults = Vec::new();
    let mut strata = Vec::with_capacity(placement.strata.len());
    let mut warnings = sized.warnings;
    for (counted, size) in placement.strata.iter().zip(sized.strata) {
        match stratum(policy, counted, size, &mut design) {
            Some(stratum) => strata.push(stratum),
            None => faults.push(PlanFault::TooLarge { stratum: counted.name.clone() }),
        }
    }
    if !faults.is_empty() {
        return Err(Error::Plan(faults));
    }
    for grade in policy.grades() {
        let of_grade = || strata.iter().filter(|stratum| stratum.grade == *grade);
        let rows: u64 = of_grade().map(|stratum| stratum.rows).sum();
        if rows > 0 && of_grade().all(|stratum| stratum.n == 0) {
            warnings.push(format!("grade `{grade}`: none of its {rows} firms is drawn, so no statement about it will be possible"));
        }
    }
    let mut total = PlanTotal::default();
    for stratum in &strata {
        total.rows += stratum.rows;
        total.eligible += stratum.eligible;
        total.n += stratum.n;
        for (code, count) in &stratum.excluded {
            *total.excluded.entry(code.clone()).or_default() += count;
        }
    }
    total.inspector_days = inspector_days(policy, total.n);
    Ok(Plan {
        plan_id: policy.plan_id().to_owned(),
        title: policy.title().to_owned(),
        suite: policy.suite(),
        policy_digest: policy.digest().to_owned(),
        as_of: as_of.to_string(),
        strata,
        total,
        floor: sized.floor,
        budget,
        past: placement.past,
        warnings,
        design,
        placed: placement.placed,
        codes: placement.codes,
    })
}

/// The stratum as it is drawn; its rule and the rates of its items go into the design. `None` where a rate exceeds 64 bits.
fn stratum(policy: &Policy, counted: &Counted, size: Size, design: &mut Design) -> Option<PlanStratum> {
    let n = size.n();
    let all = if policy.base() == Base::All { counted.rows } else { counted.eligible };
    let stated = as_stated(policy, counted, &size.items, all);
    let (rule, base, rate, recent) = if let Some((normal, recent)) = weighted(policy, counted, n)? {
        // Excluded firms would count with a rate of their own.
        (Rounding::AtLeast, Base::Eligible, normal, Some((counted.recent, recent)))
    } else if let Some((rule, rate)) = stated {
        (rule, policy.base(), rate, None)
    } else {
        (Rounding::AtLeast, policy.base(), part_of(n, all), None)
    };
    let own = Rule { rounding: rule, base };
    if own != design.rule {
        design.strata.insert(counted.name.clone(), own);
    }
    for item in &size.items {
        if let Some(rates) = design.items.get_mut(&item.item) {
            let rate = match item.amount {
                Said::Ratio(rate) if stated.is_some() => rate,
                _ => part_of(item.lifted, all),
            };
            if rate.num > 0 {
                rates.insert(counted.name.clone(), rate);
            }
        }
    }
    Some(PlanStratum {
        stratum: counted.name.clone(),
        grade: policy.grades().get(counted.grade).cloned().unwrap_or_default(),
        capped: counted.capped,
        rows: counted.rows,
        excluded: counted.excluded.clone(),
        eligible: counted.eligible,
        base,
        enforcement: size.enforcement,
        validation: size.validation,
        top_up: size.top_up,
        n,
        rate,
        recent,
        items: size.items,
    })
}

/// n of all firms as a rate.
fn part_of(n: u64, all: u64) -> Rate {
    if n == 0 { Rate::ZERO } else { Rate { num: n, den: all } }
}

/// The rule and greatest rate of the policy, where they give the sizes of the plan word for word.
fn as_stated(policy: &Policy, counted: &Counted, items: &[PlanItem], all: u64) -> Option<(Rounding, Rate)> {
    let mut stated: Option<(Rounding, Rate)> = None;
    for (item, said) in items.iter().zip(policy.items()) {
        let Amount::Ratio(ratio) = said.rates.get(counted.grade)?.amount else { return None };
        if counted.capped && said.keeps_to_caps() {
            return None;
        }
        if ratio.num == 0 && item.lifted == 0 {
            continue;
        }
        let n = item.rule.whole(super::super::Fraction::sum([(ratio, all)])?)?;
        if n.min(u128::from(counted.eligible)) != u128::from(item.lifted) || item.counted != all {
            return None;
        }
        stated = match stated {
            None => Some((item.rule, ratio)),
            Some((rule, greatest)) if rule == item.rule => Some((rule, greatest.max(ratio))),
            Some(_) => return None,
        };
    }
    Some(stated.unwrap_or((Rounding::AtLeast, Rate::ZERO)))
}

/// Rates with which firms inspected recently have the smaller weight and n firms are drawn; `None` within where nobody has it, `None` where a
/// rate exceeds 64 bits.
///
/// ```text
/// x = n / (others + w·recent) for the others, w·x for the recent; where x exceeds 1 all others are drawn
/// ```
#[expect(clippy::option_option, reason = "no rate that fits, and no firm that needs one, are different things")]
fn weighted(policy: &Policy, counted: &Counted, n: u64) -> Option<Option<(Rate, Rate)>> {
    let Some((weight, _)) = policy.recent() else { return Some(None) };
    let others = counted.eligible - counted.recent;
    if n == 0 || n >= counted.eligible || counted.recent == 0 || others == 0 || weight.num == weight.den {
        return Some(None);
    }
    let wide = |x: u64| u128::from(x);
    let whole = wide(others) * wide(weight.den) + wide(counted.recent) * wide(weight.num);
    let rate = |num: u128| -> Option<Rate> { Some(Rate { num: u64::try_from(num).ok()?, den: u64::try_from(whole).ok()? }) };
    let normal = wide(n) * wide(weight.den);
    Some(Some(if normal >= whole {
        (Rate { num: 1, den: 1 }, Rate { num: n - others, den: counted.recent })
    } else {
        (rate(normal)?, rate(wide(n) * wide(weight.num))?)
    }))
}

impl PlanStratum {
    /// The arithmetic in one line: `D: 14708 firms, 100 excluded (struck_off 100); report 14608 × 30/100 = 21912/5 → 4383; + 2 top-up = 4385`.
    #[must_use]
    pub fn arithmetic(&self) -> String {
        let mut text = format!("{}: {} firms", self.stratum, self.rows);
        let excluded: u64 = self.excluded.values().sum();
        if excluded > 0 {
            let codes: Vec<String> = self.excluded.iter().map(|(code, count)| format!("{code} {count}")).collect();
            text.push_str(&format!(", {excluded} excluded ({})", codes.join(", ")));
        }
        for PlanItem { item, amount, counted, scaled, asked, n, .. } in &self.items {
            let asked = asked.strip_suffix("/1").unwrap_or(asked);
            text.push_str(&match (amount, scaled) {
                (Said::Count(count), _) => format!("; {item} {n} of {count}"),
                (Said::Ratio(rate), None) => format!("; {item} {counted} × {rate} = {asked} → {n}"),
                (Said::Ratio(rate), Some(Scaled::Factor(parts))) => {
                    format!("; {item} {counted} × {rate} × {} = {asked} → {n}", factor(*parts))
                }
                (Said::Ratio(_), Some(Scaled::Floor(rate))) => format!("; {item} {counted} × {rate} (floor) = {asked} → {n}"),
            });
        }
        if self.validation > self.enforcement {
            text.push_str(&format!("; validation {}", self.validation));
        }
        if self.top_up > 0 {
            text.push_str(&format!("; + {} top-up", self.top_up));
        }
        text.push_str(&format!(" = {}", self.n));
        text
    }
}

impl FloorCheck {
    /// The arithmetic in one line: `floor: 423900 × 3/100 → 12717; the rates ask for 1271317/100 (2.9991 %) → 12715; + 2 top-up (D 2) = 12717`.
    #[must_use]
    pub fn arithmetic(&self) -> String {
        let mut text = format!("floor: {} × {} → {}", self.counted, self.ratio, self.least);
        if let (Some(asked), Some(percent)) = (&self.asked, &self.asked_percent) {
            text.push_str(&format!("; the rates ask for {asked} ({percent})"));
        }
        text.push_str(&format!(" → {}", self.before));
        if !self.topped_up.is_empty() {
            let strata: Vec<String> = self.topped_up.iter().map(|(stratum, more)| format!("{stratum} {more}")).collect();
            text.push_str(&format!("; + {} top-up ({}) = {}", self.after - self.before, strata.join(", "), self.after));
        }
        text
    }
}

/// Parts of [`SCALE`] as a decimal number.
pub(super) fn factor(parts: u64) -> String {
    let text = format!("{}.{:09}", parts / SCALE, parts % SCALE);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
