//! Bands of a number made whole: unstated bounds filled in, gaps and overlaps found.

use super::spec::BandSpec;

/// Bands in ascending order. Piece `k` holds the values above `edges[k − 1]` and up to `edges[k]`; the first begins and the last ends at infinity.
///
/// An edge that belongs to the upper side (`from = 3`, `below = 3`) is stored as the largest number below it, so that
/// one comparison, `x > edge`, serves open and closed ends alike and exactly.
#[derive(Clone, Debug, PartialEq)]
pub struct Bands {
    edges: Vec<f64>,
    /// One more than edges; `None` where no band covers the piece.
    risks: Vec<Option<f64>>,
}

impl Bands {
    /// The edges, strictly ascending.
    #[must_use]
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// The risk of each piece, `None` where no band covers it: only the first and the last can be so.
    #[must_use]
    pub fn risks(&self) -> &[Option<f64>] {
        &self.risks
    }

    /// The risk of `x`, `None` where no band covers it.
    #[must_use]
    pub fn risk(&self, x: f64) -> Option<f64> {
        let piece = self.edges.iter().filter(|edge| x > **edge).count();
        self.risks.get(piece).copied().flatten()
    }

    /// Bands from what a card says.
    ///
    /// # Errors
    /// Every fault with the index of its band.
    pub(super) fn new(specs: &[BandSpec]) -> Result<Self, Vec<(usize, String)>> {
        let mut faults = Vec::new();
        let mut bands: Vec<Band> = Vec::with_capacity(specs.len());
        for (index, spec) in specs.iter().enumerate() {
            match Band::new(index, spec) {
                Ok(band) => bands.push(band),
                Err(fault) => faults.push((index, fault)),
            }
        }
        if specs.is_empty() {
            faults.push((0, "found no band, expected at least one".to_owned()));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        if descending(&bands) {
            bands.reverse();
        }
        fill(&mut bands, &mut faults);
        for band in &bands {
            if let (Some(lower), Some(upper)) = (band.lower, band.upper)
                && !(lower.threshold < upper.threshold)
            {
                faults.push((band.index, format!("the band is empty: nothing is {} and {}", lower.side(true), upper.side(false))));
            }
        }
        for (band, next) in bands.iter().zip(bands.iter().skip(1)) {
            let (Some(upper), Some(lower)) = (band.upper, next.lower) else { continue };
            if upper.threshold < lower.threshold {
                faults.push((next.index, format!("gap: no band holds values {} and {}", upper.side(true), lower.side(false))));
            } else if upper.threshold > lower.threshold {
                faults.push((next.index, format!("overlap: two bands hold values {} and {}", lower.side(true), upper.side(false))));
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self::joined(&bands))
    }

    fn joined(bands: &[Band]) -> Self {
        let mut edges: Vec<f64> = Vec::with_capacity(bands.len() + 1);
        let mut risks = Vec::with_capacity(bands.len() + 2);
        if let Some(lower) = bands.first().and_then(|band| band.lower) {
            edges.push(lower.threshold);
            risks.push(None);
        }
        for band in bands {
            risks.push(Some(band.risk));
            edges.extend(band.upper.map(|upper| upper.threshold));
        }
        if risks.len() == edges.len() {
            risks.push(None);
        }
        Self { edges, risks }
    }
}

/// A bound: `x > threshold` holds above it. `value` and `closed_above` remember how it was written.
#[derive(Clone, Copy, Debug)]
struct Bound {
    threshold: f64,
    value: f64,
    /// Whether `value` itself lies above the bound.
    value_above: bool,
}

impl Bound {
    fn new(value: f64, value_above: bool) -> Self {
        // Zero has two spellings of which only one has a neighbour below that is negative.
        let value = if value == 0.0 { 0.0 } else { value };
        Self { threshold: if value_above { value.next_down() } else { value }, value, value_above }
    }

    /// In words: what lies on the upper (or lower) side.
    fn side(self, upper: bool) -> String {
        let sign = match (upper, self.value_above) {
            (true, true) => ">=",
            (true, false) => ">",
            (false, true) => "<",
            (false, false) => "<=",
        };
        format!("{sign} {}", self.value)
    }
}

struct Band {
    index: usize,
    lower: Option<Bound>,
    upper: Option<Bound>,
    risk: f64,
}

impl Band {
    fn new(index: usize, spec: &BandSpec) -> Result<Self, String> {
        for bound in [spec.from, spec.above, spec.upto, spec.below].into_iter().flatten() {
            if !bound.is_finite() {
                return Err(format!("found bound `{bound}`, expected a finite number"));
            }
        }
        if spec.from.is_some() && spec.above.is_some() {
            return Err("found both `from` and `above`, expected one of them".to_owned());
        }
        if spec.upto.is_some() && spec.below.is_some() {
            return Err("found both `upto` and `below`, expected one of them".to_owned());
        }
        if !(0.0..=1.0).contains(&spec.risk) {
            return Err(format!("found risk {}, expected a number from 0 to 1", spec.risk));
        }
        let lower = spec.from.map(|v| Bound::new(v, true)).or(spec.above.map(|v| Bound::new(v, false)));
        let upper = spec.below.map(|v| Bound::new(v, true)).or(spec.upto.map(|v| Bound::new(v, false)));
        Ok(Self { index, lower, upper, risk: spec.risk })
    }
}

/// Whether the list runs from high to low, told by the first neighbours that state the same end, or by the end that a band states.
fn descending(bands: &[Band]) -> bool {
    for (band, next) in bands.iter().zip(bands.iter().skip(1)) {
        for (a, b) in [(band.lower, next.lower), (band.upper, next.upper)] {
            if let (Some(a), Some(b)) = (a, b) {
                return a.threshold > b.threshold;
            }
        }
        match (band.lower, band.upper) {
            (Some(_), None) => return true,
            (None, Some(_)) => return false,
            _ => {}
        }
    }
    false
}

/// A bound that is not stated is its neighbour's; at the ends there is none.
fn fill(bands: &mut [Band], faults: &mut Vec<(usize, String)>) {
    let lowers: Vec<Option<Bound>> = bands.iter().map(|band| band.lower).collect();
    let mut below: Option<Bound> = None;
    let last = bands.len().saturating_sub(1);
    for (k, band) in bands.iter_mut().enumerate() {
        if band.lower.is_none() {
            band.lower = below;
        }
        if band.upper.is_none() && k < last {
            band.upper = lowers.get(k + 1).copied().flatten();
            if band.upper.is_none() {
                faults.push((
                    band.index,
                    "found no bound between this band and its neighbour, expected `upto`, `below`, `from` or `above`".to_owned(),
                ));
            }
        }
        below = band.upper;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn band(from: Option<f64>, above: Option<f64>, upto: Option<f64>, below: Option<f64>, risk: f64) -> BandSpec {
        BandSpec { from, above, upto, below, risk }
    }

    fn faults(specs: &[BandSpec]) -> Vec<String> {
        Bands::new(specs).expect_err("faulty bands").into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn an_upper_bound_is_closed_with_upto_and_open_with_below() {
        let closed = Bands::new(&[band(None, None, Some(2.0), None, 0.1), band(None, None, None, None, 0.9)]).expect("valid");
        assert_eq!((closed.risk(2.0), closed.risk(2.0_f64.next_up())), (Some(0.1), Some(0.9)));
        let open = Bands::new(&[band(None, None, None, Some(2.0), 0.1), band(None, None, None, None, 0.9)]).expect("valid");
        assert_eq!((open.risk(2.0_f64.next_down()), open.risk(2.0)), (Some(0.1), Some(0.9)));
    }

    #[test]
    fn a_descending_list_is_the_same_as_its_mirror() {
        let down = [band(Some(10.0), None, None, None, 0.0), band(Some(5.0), None, None, None, 0.5), band(None, None, None, None, 1.0)];
        let up = [band(None, None, None, Some(5.0), 1.0), band(None, None, None, Some(10.0), 0.5), band(None, None, None, None, 0.0)];
        assert_eq!(Bands::new(&down), Bands::new(&up));
    }

    #[test]
    fn zero_belongs_where_it_is_said_whatever_its_sign() {
        let bands = Bands::new(&[band(None, None, None, Some(-0.0), 0.2), band(None, None, None, None, 0.8)]).expect("valid");
        assert_eq!((bands.risk(0.0), bands.risk(-0.0), bands.risk(-f64::MIN_POSITIVE)), (Some(0.8), Some(0.8), Some(0.2)));
    }

    #[test]
    fn stated_ends_leave_values_outside() {
        let bands = Bands::new(&[band(Some(0.0), None, None, Some(1.0), 0.0), band(None, None, Some(2.0), None, 1.0)]).expect("valid");
        assert_eq!(
            (bands.risk(-1.0), bands.risk(0.0), bands.risk(1.0), bands.risk(2.0), bands.risk(2.1)),
            (None, Some(0.0), Some(1.0), Some(1.0), None)
        );
    }

    #[test]
    fn faults_say_what_is_wrong_in_the_words_of_the_card() {
        let gap = [band(None, None, Some(2.0), None, 0.0), band(Some(3.0), None, None, None, 1.0)];
        assert_eq!(faults(&gap), ["gap: no band holds values > 2 and < 3"]);
        let overlap = [band(None, None, Some(3.0), None, 0.0), band(Some(3.0), None, None, None, 1.0)];
        assert_eq!(faults(&overlap), ["overlap: two bands hold values >= 3 and <= 3"]);
        let empty = [band(None, None, Some(3.0), None, 0.0), band(None, None, Some(3.0), None, 0.5), band(None, None, None, None, 1.0)];
        assert_eq!(faults(&empty), ["the band is empty: nothing is > 3 and <= 3"]);
        let unordered =
            [band(None, None, Some(3.0), None, 0.0), band(None, None, Some(5.0), None, 0.5), band(None, None, Some(4.0), None, 0.7)];
        assert_eq!(faults(&unordered), ["the band is empty: nothing is > 5 and <= 4"]);
        assert_eq!(faults(&[band(None, None, None, None, 1.5)]), ["found risk 1.5, expected a number from 0 to 1"]);
        assert_eq!(faults(&[band(None, None, None, None, f64::NAN)]), ["found risk NaN, expected a number from 0 to 1"]);
        assert_eq!(faults(&[]), ["found no band, expected at least one"]);
        let unbounded = [band(None, None, None, None, 0.0), band(None, None, None, None, 1.0)];
        assert_eq!(faults(&unbounded).len(), 1);
    }
}
