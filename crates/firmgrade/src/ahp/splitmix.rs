//! SplitMix64: the one source of random numbers for weights, named so that a simulation can be repeated elsewhere.

/// The generator SplitMix64 (Steele, Lea & Flood, *Fast Splittable Pseudorandom Number Generators*, OOPSLA 2014).
///
/// ```text
/// state ← state + 0x9E3779B97F4A7C15
/// z = (state ⊕ state>>30)·0xBF58476D1CE4E5B9;  z = (z ⊕ z>>27)·0x94D049BB133111EB;  out = z ⊕ z>>31      (mod 2^64)
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// The name in output.
    pub const NAME: &'static str = "splitmix64";
    const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

    /// Starts from a seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The stream of draw number `at`: started from output `at` of the generator that `seed` starts. Draws can so be made in any order
    /// and by any number of threads.
    pub fn stream(seed: u64, at: u64) -> Self {
        Self { state: Self { state: seed.wrapping_add(at.wrapping_mul(Self::STEP)) }.next_u64() }
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(Self::STEP);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A whole number from 0 to `below − 1` (0 for `below` = 0): the high half of a product (Lemire 2019), whose bias is below `below`·2^-64.
    pub fn below(&mut self, below: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(below)) >> 64) as u64
    }

    /// Uniform in (0, 1): one of the 2^53 midpoints, never an end.
    pub fn uniform(&mut self) -> f64 {
        ((self.next_u64() >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
    }

    /// Standard normal, by the cosine form of Box & Muller (1958) from two uniform numbers.
    pub fn normal(&mut self) -> f64 {
        let (radius, angle) = (self.uniform(), self.uniform());
        (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reference outputs for the seed 1234567 (Rosetta Code, *Pseudo-random numbers/Splitmix64*, from Vigna's C).
    #[test]
    fn the_published_numbers() {
        let mut generator = SplitMix64::new(1_234_567);
        let first: Vec<u64> = (0..5).map(|_| generator.next_u64()).collect();
        let published = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        assert_eq!(first, published);
        assert_eq!(SplitMix64::stream(1_234_567, 3), SplitMix64::new(published[3]));
    }

    /// Means and variances within five standard errors of 100,000 draws: 1/2, 1/12 and 0, 1.
    #[test]
    fn uniform_and_normal() {
        let mut generator = SplitMix64::new(7);
        let count = 100_000;
        let moments = |draws: &[f64]| {
            let mean = draws.iter().sum::<f64>() / f64::from(count);
            (mean, draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / f64::from(count))
        };
        let uniform: Vec<f64> = (0..count).map(|_| generator.uniform()).collect();
        let (mean, variance) = moments(&uniform);
        assert!((mean - 0.5).abs() < 0.005 && (variance - 1.0 / 12.0).abs() < 0.002);
        let normal: Vec<f64> = (0..count).map(|_| generator.normal()).collect();
        let (mean, variance) = moments(&normal);
        assert!((mean).abs() < 0.016 && (variance - 1.0).abs() < 0.023);
        let mut counts = [0; 5];
        for _ in 0..count {
            counts[generator.below(5) as usize] += 1;
        }
        assert!(counts.iter().all(|&seen: &i32| (seen - 20_000).abs() < 640), "{counts:?}");
    }
}
