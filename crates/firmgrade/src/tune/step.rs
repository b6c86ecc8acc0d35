//! How far new weights go from the experts' towards those that outcomes ask for: no weight may change by more than a limit.

use super::stated::Locals;
use crate::card::Scorecard;

/// New weights as a card would state them.
pub(super) struct Step<'c> {
    /// The part of the way, from 0 to 1.
    pub(super) share: f64,
    /// The indicator whose weight would change most on the whole way, and by how much.
    pub(super) asked: (usize, f64),
    pub(super) locals: Locals<'c>,
    /// By indicator of the card.
    pub(super) weights: Vec<f64>,
}

impl<'c> Step<'c> {
    /// `w₀ + s(w* − w₀)` for the largest s up to 1 that keeps the limit, stated among siblings with so many decimals.
    pub(super) fn new(card: &'c Scorecard, found: &[f64], limit: f64, decimals: u8) -> Self {
        let expert: Vec<f64> = card.indicators.iter().map(|indicator| indicator.weight).collect();
        let asked = largest_change(&expert, found);
        let mut share = share(asked.1, limit);
        // Rounding among siblings can carry a weight past the limit by a few units of the last decimal. The step then gives way by eighths of
        // such a unit: two decimals and a limit of 0.1 stated 0.104 otherwise.
        let back = 10_f64.powi(-i32::from(decimals)) / 8.0 / asked.1;
        while share > 0.0 {
            let locals = Locals::new(card, &along(&expert, found, share), decimals);
            let weights = locals.indicators();
            if within(largest_change(&expert, &weights).1, limit) {
                return Self { share, asked, locals, weights };
            }
            share -= back;
        }
        Self { share: 0.0, asked, locals: Locals::own(card), weights: expert }
    }
}

/// The part of the way on which a change of `asked` becomes one of at most `limit`.
pub(super) fn share(asked: f64, limit: f64) -> f64 {
    if within(asked, limit) { 1.0 } else { limit / asked }
}

/// The weights at a part of the way.
pub(super) fn along(expert: &[f64], found: &[f64], share: f64) -> Vec<f64> {
    // At the end of the way the numbers themselves: w₀ + (w* − w₀) may differ from w* in the last bit.
    if share >= 1.0 { found.to_vec() } else { expert.iter().zip(found).map(|(from, to)| from + share * (to - from)).collect() }
}

/// Where weights differ most, and by how much.
pub(super) fn largest_change(before: &[f64], after: &[f64]) -> (usize, f64) {
    let changes = before.iter().zip(after).map(|(before, after)| (after - before).abs()).enumerate();
    changes.fold((0, 0.0), |most, change| if change.1 > most.1 { change } else { most })
}

fn within(change: f64, limit: f64) -> bool {
    change <= limit + 1e-12
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two criteria of three and two indicators, whose weights have no short decimals.
    fn card() -> Scorecard {
        let mut text = "[scorecard]\nid = \"t\"\ntitle = \"t\"\nversion = \"1\"\nid_column = \"id\"\nscale = { min = 0, max = 100, better = \"low\" }\n\
                        [criteria.one]\ntitle = \"one\"\n[criteria.two]\ntitle = \"two\"\n[judgments.root]\npairs = { \"one:two\" = 2 }\n\
                        [judgments.one]\npairs = { \"a:b\" = 3, \"a:c\" = 5, \"b:c\" = 2 }\n[judgments.two]\npairs = { \"d:e\" = 2 }\n\
                        [grades]\norder = [\"A\", \"B\"]\ncuts = [\"<= 50\"]\n"
            .to_owned();
        for (id, above) in [("a", "one"), ("b", "one"), ("c", "one"), ("d", "two"), ("e", "two")] {
            text += &format!(
                "[indicators.{id}]\ntitle = \"{id}\"\ncriterion = \"{above}\"\nmissing = \"error\"\n\
                 points = [ {{ at = 0, risk = 0 }}, {{ at = 1, risk = 1 }} ]\n"
            );
        }
        Scorecard::from_toml("card", &text).unwrap()
    }

    /// Whatever is asked, with whatever decimals: the limit is kept by the weights as stated, and hardly anything of it is given away.
    #[test]
    fn the_limit_holds_for_the_weights_as_stated() {
        let card = card();
        let expert: Vec<f64> = card.indicators.iter().map(|indicator| indicator.weight).collect();
        let mut random = crate::ahp::SplitMix64::new(4);
        let mut gave_way = 0;
        for _ in 0..400 {
            let parts: Vec<f64> = expert.iter().map(|_| -random.uniform().ln()).collect();
            let sum: f64 = parts.iter().sum();
            let found: Vec<f64> = parts.iter().map(|part| part / sum).collect();
            for decimals in [2, 4, 9] {
                let unit = 10_f64.powi(-i32::from(decimals));
                for limit in [0.0, 0.003, 0.05, 0.1, 1.0] {
                    let step = Step::new(&card, &found, limit, decimals);
                    let change = largest_change(&expert, &step.weights).1;
                    assert!(change <= limit + 1e-12, "{change} {limit} {decimals}");
                    assert!((step.weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
                    let exact = share(step.asked.1, limit);
                    gave_way += u32::from(step.share < exact);
                    assert!(step.share <= exact && (exact - step.share) * step.asked.1 <= 4.0 * unit, "{} {exact}", step.share);
                    if limit == 0.0 {
                        assert_eq!((step.share, &step.weights), (0.0, &expert));
                    }
                }
            }
        }
        assert!(gave_way > 100, "rounding never came near the limit: {gave_way}");
    }

    /// Asked for 0.4 where 0.1 is allowed: a quarter of the way, for all weights alike.
    #[test]
    fn a_quarter_of_the_way() {
        let (expert, found) = ([0.5, 0.3, 0.2], [0.1, 0.5, 0.4]);
        let asked = largest_change(&expert, &found);
        assert_eq!((asked.0, share(asked.1, 0.1)), (0, 0.25));
        for (found, by_hand) in along(&expert, &found, 0.25).iter().zip([0.4, 0.35, 0.25]) {
            assert!((found - by_hand).abs() < 1e-15);
        }
        assert_eq!(along(&expert, &found, 1.0), found);
        assert_eq!((share(0.0, 0.0), share(0.1, 0.0), share(0.1, 0.1)), (1.0, 0.0, 1.0));
    }
}
