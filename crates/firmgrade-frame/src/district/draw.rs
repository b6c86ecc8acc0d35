//! Random numbers that are the same bits everywhere: SplitMix64, keyed by seed, firm and column.
//!
//! SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014) adds a constant to its
//! state and mixes the sum. Every pair of a firm and a column has its own stream, so a value depends on nothing but the seed, the firm's
//! number and the column's name: not on the number of firms, not on threads, not on which other columns exist.
//! Of floating point only + − × ÷, `floor` and `sqrt` are used, which IEEE 754 fixes to the bit.

/// The step of SplitMix64: 2⁶⁴ divided by the golden ratio, made odd.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finalizer of SplitMix64.
pub(super) const fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// The key of a column: FNV-1a over the bytes of its name.
pub(super) const fn key(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01B3);
        i += 1;
    }
    hash
}

/// One stream of random numbers.
#[derive(Clone, Debug)]
pub(super) struct Draw {
    state: u64,
}

impl Draw {
    /// The stream of one column of one firm.
    pub(super) const fn new(firm_key: u64, column_key: u64) -> Self {
        Self { state: mix(firm_key ^ column_key) }
    }

    /// The next 64 bits.
    pub(super) const fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mix(self.state)
    }

    /// Uniform on [0, 1), a multiple of 2⁻⁵³.
    pub(super) fn unit(&mut self) -> f64 {
        const SCALE: f64 = 1.0 / (1_u64 << 53) as f64;
        (self.bits() >> 11) as f64 * SCALE
    }

    /// True with probability `p`.
    pub(super) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Uniform on 0 … n − 1 (multiply and shift; the bias is below n/2⁶⁴).
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.bits()) * n as u128) >> 64) as usize
    }

    /// Nearly standard normal: the sum of eight uniform 16-bit integers, centred and scaled; never beyond ±4.9.
    pub(super) fn normal(&mut self) -> f64 {
        // sd of the sum = 65536·sqrt(8/12)
        const SCALE: f64 = 1.0 / (65_536.0 * 0.816_496_580_927_726);
        let mut sum = 0_u64;
        for _ in 0..2 {
            let bits = self.bits();
            sum += (bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48);
        }
        (sum as f64 - 262_140.0) * SCALE
    }

    /// The number of a share drawn in proportion to `shares` (which need not sum to 1).
    pub(super) fn pick(&mut self, shares: impl Iterator<Item = f64> + Clone) -> usize {
        let total: f64 = shares.clone().sum();
        let mut left = self.unit() * total;
        let mut last = 0;
        for (i, share) in shares.enumerate() {
            last = i;
            if left < share {
                break;
            }
            left -= share;
        }
        last
    }
}

/// About 2ˣ for |x| ≤ 60, continuous and rising: exact at integers, a cubic between (relative error below 3·10⁻⁴).
pub(super) fn pow2(x: f64) -> f64 {
    let x = x.clamp(-60.0, 60.0);
    let whole = x.floor();
    let f = x - whole;
    let exponent = (1023 + whole as i64) as u64;
    (1.0 + f * (0.6958 + f * (0.2252 + f * 0.079))) * f64::from_bits(exponent << 52)
}

/// A smooth step from −1 to 1: x / sqrt(1 + x²).
pub(super) fn sigmoid(x: f64) -> f64 {
    x / (1.0 + x * x).sqrt()
}

/// Rounds half away from zero to `decimals` places.
pub(super) fn round(x: f64, decimals: u8) -> f64 {
    let scale = [1.0, 10.0, 100.0, 1_000.0, 10_000.0][usize::from(decimals.min(4))];
    // + 0.0 turns a negative zero into zero
    (x * scale).round() / scale + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First outputs for state 1234567, as printed by Rosetta Code and by Vigna's splitmix64.c.
    #[test]
    fn splitmix64_gives_the_published_numbers() {
        let mut draw = Draw { state: 1_234_567 };
        let published = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!(published, [draw.bits(), draw.bits(), draw.bits()]);
    }

    #[test]
    fn normal_has_mean_zero_and_variance_one() {
        let mut draw = Draw::new(1, 2);
        let n = 200_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let x = draw.normal();
            sum += x;
            squares += x * x;
        }
        assert!((sum / f64::from(n)).abs() < 0.01);
        assert!((squares / f64::from(n) - 1.0).abs() < 0.02);
    }

    #[test]
    fn pow2_is_near_the_true_power_and_rises() {
        let mut before = 0.0;
        for i in -4000..4000 {
            let x = f64::from(i) / 100.0;
            let y = pow2(x);
            assert!((y / x.exp2() - 1.0).abs() < 3e-4, "{x}: {y}");
            assert!(y > before);
            before = y;
        }
    }
}
