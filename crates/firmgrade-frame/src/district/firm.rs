//! One firm: its latent risk, and the profile that its columns share.

use super::draw::{Draw, key, mix, pow2, round, sigmoid};

/// The 20 letters of GB/T 4754-2017.
pub(super) const TRADES: &[&str] = &["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O", "P", "Q", "R", "S", "T"];

/// How many of a thousand firms each letter has; public administration (S) and international bodies (T) register no enterprises.
const TRADE_SHARES: [f64; 20] =
    [1.0, 0.1, 62.0, 1.0, 68.0, 330.0, 32.0, 36.0, 92.0, 8.0, 34.0, 152.0, 128.0, 4.0, 30.0, 6.0, 3.0, 38.0, 0.0, 0.0];

/// First and last two-digit class of each letter.
const CLASS_RANGES: [(u16, u16); 20] = [
    (1, 5),
    (6, 12),
    (13, 43),
    (44, 46),
    (47, 50),
    (51, 52),
    (53, 60),
    (61, 62),
    (63, 65),
    (66, 69),
    (70, 70),
    (71, 72),
    (73, 75),
    (76, 79),
    (80, 82),
    (83, 83),
    (84, 85),
    (86, 90),
    (91, 96),
    (97, 97),
];

/// How a letter's risk differs from the mean.
const TRADE_RISK: [f64; 20] = [0.0, 0.1, -0.1, -0.4, 0.25, 0.05, 0.1, 0.2, -0.15, 0.3, 0.1, 0.1, -0.3, 0.0, 0.3, 0.1, -0.1, 0.1, 0.0, 0.0];

/// The 97 two-digit classes of GB/T 4754-2017.
pub(super) const CLASSES: &[&str] = &[
    "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22",
    "23", "24", "25", "26", "27", "28", "29", "30", "31", "32", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "44",
    "45", "46", "47", "48", "49", "50", "51", "52", "53", "54", "55", "56", "57", "58", "59", "60", "61", "62", "63", "64", "65", "66",
    "67", "68", "69", "70", "71", "72", "73", "74", "75", "76", "77", "78", "79", "80", "81", "82", "83", "84", "85", "86", "87", "88",
    "89", "90", "91", "92", "93", "94", "95", "96", "97",
];

/// The eight sub-districts and two towns of Putuo District.
pub(super) const STREETS: &[&str] =
    &["曹杨新村街道", "长风新村街道", "长寿路街道", "甘泉路街道", "石泉路街道", "宜川路街道", "万里街道", "真如镇街道", "长征镇", "桃浦镇"];
const STREET_SHARES: [f64; 10] = [7.0, 13.0, 15.0, 5.0, 6.0, 5.0, 6.0, 9.0, 18.0, 16.0];

/// The one region of this district.
pub(super) const REGIONS: &[&str] = &[super::uscc::PUTUO];

/// The four sizes of the statistical classification.
pub(super) const SIZES: &[&str] = &["大型", "中型", "小型", "微型"];
/// Position of micro firms in [`SIZES`].
pub(super) const MICRO: u16 = 3;

/// Legal forms.
pub(super) const LEGAL_FORMS: &[&str] = &[
    "有限责任公司（自然人投资或控股）",
    "有限责任公司（自然人独资）",
    "有限责任公司（法人独资）",
    "有限责任公司（外商投资）",
    "股份有限公司",
    "个人独资企业",
    "合伙企业",
    "分公司",
];
/// Positions in [`LEGAL_FORMS`] whose names end differently.
pub(super) const STOCK_COMPANY: u16 = 4;
pub(super) const SOLE_PROPRIETORSHIP: u16 = 5;
pub(super) const PARTNERSHIP: u16 = 6;
pub(super) const BRANCH: u16 = 7;
const FORM_SHARES: [f64; 8] = [46.0, 24.0, 9.0, 4.0, 2.0, 6.0, 3.0, 6.0];
const FORM_TILTS: [f64; 8] = [0.0, 0.15, -0.3, -0.4, -0.6, 0.3, 0.0, -0.2];

/// Age at which a firm was registered before the reform of October 2015, seen from the end of 2023.
const REFORM_AGE: f64 = 8.25;

/// The four groups of records: each firm is a little better or worse in each than its latent risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// Who the firm is; not an indicator.
    Profile,
    /// Registration (登记).
    Registration,
    /// Operation (经营).
    Operation,
    /// Judicial behaviour (司法).
    Judicial,
    /// Violations and supervision (违法违规).
    Violations,
    /// Special to the annual-report spot check (年报抽查).
    AnnualReport,
}

impl Group {
    /// The name that people read.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Profile => "基本信息",
            Self::Registration => "登记信息",
            Self::Operation => "经营信息",
            Self::Judicial => "司法信息",
            Self::Violations => "违法违规信息",
            Self::AnnualReport => "年报抽查专项信息",
        }
    }
}

/// What a firm's columns share.
#[derive(Clone, Debug)]
pub(super) struct Firm {
    /// The key of the firm's streams.
    pub(super) key: u64,
    /// Its number in the district.
    pub(super) number: u64,
    /// Latent risk: nearly standard normal. It leaves this module only through what it causes.
    pub(super) risk: f64,
    /// The firm's risk in registration, operation, judicial, violations and annual reports: 0.9·risk + 0.436·noise.
    factors: [f64; 5],
    pub(super) trade: u16,
    pub(super) class: u16,
    pub(super) street: u16,
    pub(super) size: u16,
    pub(super) form: u16,
    /// Years since establishment, one decimal.
    pub(super) age: f64,
}

impl Firm {
    /// Firm `number` of the district of `seed`.
    pub(super) fn new(seed: u64, number: u64) -> Self {
        let key_of_firm = mix(mix(seed).wrapping_add(number));
        let draw = |name| Draw::new(key_of_firm, key(name));
        let trade = draw("trade").pick(TRADE_SHARES.iter().copied());
        let (first, last) = CLASS_RANGES[trade];
        let street = draw("street").pick(STREET_SHARES.iter().copied());
        // 60 years at most; half of the firms are younger than six.
        let mut years = draw("established_years");
        let u = years.unit();
        let age = round(0.1 + 24.0 * u * u + 20.0 * u * u * u * u * u * u * years.unit(), 1);
        // trade and age add a variance of 0.07: risk keeps mean 0 and variance 1, to a hundredth
        let risk = 0.965 * draw("risk").normal() + TRADE_RISK[trade] + 0.014 - 0.3 * sigmoid((age - 6.0) / 6.0);
        let mut noise = draw("factors");
        let factors = [(); 5].map(|()| 0.9 * risk + 0.436 * noise.normal());
        let shares = [1.5, 5.0, 21.0, 72.5];
        let growth = if age < 3.0 { 0.4 } else { 1.0 };
        let tilts = [-0.9, -0.6, -0.25, 0.0];
        let size = draw("size").pick((0..4).map(|i| shares[i] * pow2(tilts[i] * risk) * if i < 2 { growth } else { 1.0 }));
        let form = draw("legal_form").pick((0..8).map(|i| FORM_SHARES[i] * pow2(FORM_TILTS[i] * risk)));
        Self {
            key: key_of_firm,
            number,
            risk,
            factors,
            trade: trade as u16,
            class: first - 1 + draw("trade_class").below(usize::from(last - first) + 1) as u16,
            street: street as u16,
            size: size as u16,
            form: form as u16,
            age,
        }
    }

    /// The firm's risk in a group of records.
    pub(super) const fn factor(&self, group: Group) -> f64 {
        match group {
            Group::Profile => self.risk,
            Group::Registration => self.factors[0],
            Group::Operation => self.factors[1],
            Group::Judicial => self.factors[2],
            Group::Violations => self.factors[3],
            Group::AnnualReport => self.factors[4],
        }
    }

    /// How many sizes of firm this one is above a micro firm: 0 to 3.
    pub(super) fn scale(&self) -> f64 {
        f64::from(MICRO - self.size)
    }

    /// Registered before the reform of October 2015, when codes still began with eight digits.
    pub(super) fn before_reform(&self) -> bool {
        self.age > REFORM_AGE
    }
}
