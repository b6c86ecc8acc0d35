//! Weight of evidence and information value of an indicator's bins.

use super::input::Faults;
use crate::Error;
use crate::evaluate::EmptyBin;
use serde::{Deserialize, Serialize};

/// Which way weights of evidence point. Tools differ: the information value does not depend on it, every sign does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WoeSign {
    /// `ln(share of the bad / share of the good)`: above 0 is riskier than average, as a risk score is. Also toad's.
    #[default]
    BadOverGood,
    /// `ln(share of the good / share of the bad)`: above 0 is better than average. Siddiqi's book, SAS, optbinning.
    GoodOverBad,
}

/// A bin of an indicator.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct WoeBin {
    /// Good firms, by weight.
    pub good: f64,
    /// Bad firms, by weight.
    pub bad: f64,
    /// Share of all firms.
    pub share: f64,
    /// Rate of the bad in the bin.
    pub rate: f64,
    /// Weight of evidence; 0 for a bin left out.
    pub woe: f64,
    /// The bin's part of the information value.
    pub iv: f64,
}

/// Weights of evidence by bin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Woe {
    /// The information value, `Σ (share of the bad − share of the good)·ln(share of the bad / share of the good)`.
    pub iv: f64,
    /// The bins.
    pub bins: Vec<WoeBin>,
    /// Which way `woe` points.
    pub sign: WoeSign,
}

/// Weight of evidence and information value: `bin[k]` is row k's bin, from 0, of `bins` bins. A bin without good or without bad firms
/// counts what `empty` says in that cell; totals stay as they are.
///
/// # Errors
/// [`Error::Evaluate`]: columns of unequal length, a bin beyond the last, weights below 0, one outcome only; an empty cell where the policy says so.
pub fn woe_iv(bin: &[u32], bins: usize, outcome: &[bool], weight: Option<&[f64]>, empty: EmptyBin, sign: WoeSign) -> Result<Woe, Error> {
    let mut faults = Faults::of(bin.len());
    faults.weight(weight);
    faults.outcome(outcome, weight);
    if let Some(beyond) = bin.iter().find(|&&bin| bin as usize >= bins) {
        faults.argument("bin", beyond, &format!("a place below {bins}"));
    }
    faults.done(Some(()))?;
    let mut cells = vec![[0.0; 2]; bins];
    for ((&bin, &y), row) in bin.iter().zip(outcome).zip(0..) {
        if let Some(cell) = cells.get_mut(bin as usize) {
            cell[usize::from(y)] += weight.and_then(|weight| weight.get(row)).copied().unwrap_or(1.0);
        }
    }
    of_cells(&cells, empty, sign)
}

/// The same from counts by bin: good, then bad.
pub(crate) fn of_cells(cells: &[[f64; 2]], empty: EmptyBin, sign: WoeSign) -> Result<Woe, Error> {
    let total = [0, 1].map(|class| cells.iter().map(|cell| cell[class]).sum::<f64>());
    let mut woe = Woe { iv: 0.0, bins: Vec::with_capacity(cells.len()), sign };
    for (&[good, bad], bin) in cells.iter().zip(1..) {
        let (mut shares, nobody) = ([good / total[0], bad / total[1]], good + bad == 0.0);
        let mut counts = !nobody;
        for (share, total) in shares.iter_mut().zip(total) {
            match empty {
                EmptyBin::Share(least) if !nobody => *share = share.max(least),
                _ if *share > 0.0 || nobody => {}
                EmptyBin::Half | EmptyBin::Share(_) => *share = 0.5 / total,
                EmptyBin::Skip => counts = false,
                EmptyBin::Fail => {
                    let mut faults = Faults::of(1);
                    let found = format!("{bad} bad and {good} good firms in bin {bin}");
                    faults.argument("empty", found, "both in each bin; join bins, or say what an empty cell counts as");
                    return faults.done(None);
                }
            }
        }
        let evidence = if counts { (shares[1] / shares[0]).ln() } else { 0.0 };
        let iv = if counts { (shares[1] - shares[0]) * evidence } else { 0.0 };
        let woe_of_bin = match sign {
            WoeSign::BadOverGood => evidence,
            WoeSign::GoodOverBad => -evidence,
        };
        let rate = if nobody { f64::NAN } else { bad / (good + bad) };
        woe.bins.push(WoeBin { good, bad, share: (good + bad) / (total[0] + total[1]), rate, woe: woe_of_bin, iv });
        woe.iv += iv;
    }
    Ok(woe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn rows(cells: &[(usize, usize)]) -> (Vec<u32>, Vec<bool>) {
        let bins = cells.iter().zip(0..).flat_map(|(&(good, bad), bin)| vec![bin; good + bad]).collect();
        (bins, cells.iter().flat_map(|&(good, bad)| (0..good + bad).map(move |row| row < bad)).collect())
    }

    /// By hand: good 60, 40 of 100, bad 5, 15 of 20: ln((5/20)/(60/100)) = ln(5/12), ln((15/20)/(40/100)) = ln(15/8).
    #[test]
    fn two_bins_by_hand() {
        let (bin, outcome) = rows(&[(60, 5), (40, 15)]);
        let found = woe_iv(&bin, 2, &outcome, None, EmptyBin::Fail, WoeSign::BadOverGood).unwrap();
        assert_relative_eq!(found.bins[0].woe, (5.0_f64 / 12.0).ln(), epsilon = 1e-14);
        assert_relative_eq!(found.bins[1].woe, (15.0_f64 / 8.0).ln(), epsilon = 1e-14);
        assert_relative_eq!(found.iv, 0.35 * (12.0_f64 / 5.0).ln() + 0.35 * (15.0_f64 / 8.0).ln(), epsilon = 1e-14);
        let turned = woe_iv(&bin, 2, &outcome, None, EmptyBin::Fail, WoeSign::GoodOverBad).unwrap();
        assert_eq!((turned.iv, turned.bins[0].woe), (found.iv, -found.bins[0].woe));
    }

    #[test]
    fn an_empty_cell_by_each_policy() {
        let (bin, outcome) = rows(&[(50, 10), (50, 0)]);
        let of = |empty| woe_iv(&bin, 3, &outcome, None, empty, WoeSign::BadOverGood);
        let half = of(EmptyBin::Half).unwrap();
        assert_relative_eq!(half.bins[1].woe, (0.05_f64 / 0.5).ln(), epsilon = 1e-14);
        assert_relative_eq!(half.bins[0].woe, 2_f64.ln(), epsilon = 1e-14);
        assert_eq!((half.bins[2].woe, half.bins[2].iv, half.bins[2].share), (0.0, 0.0, 0.0));
        assert_relative_eq!(of(EmptyBin::Skip).unwrap().iv, 0.5 * 2_f64.ln(), epsilon = 1e-14);
        assert_relative_eq!(of(EmptyBin::Share(1e-3)).unwrap().bins[1].woe, (1e-3_f64 / 0.5).ln(), epsilon = 1e-14);
        assert!(of(EmptyBin::Fail).is_err());
    }
}
