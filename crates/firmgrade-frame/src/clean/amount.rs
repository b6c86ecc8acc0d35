//! Numbers and amounts of money: thousands separators, brackets for negatives, units in the cell or in the column.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::to_half_width;

/// What one unit of a column of money is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// 元.
    #[default]
    Yuan,
    /// 万元.
    TenThousandYuan,
    /// 亿元.
    HundredMillionYuan,
}

impl Unit {
    fn exponent(self) -> i32 {
        match self {
            Self::Yuan => 0,
            Self::TenThousandYuan => 4,
            Self::HundredMillionYuan => 8,
        }
    }
}

/// Why a cell is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountFault {
    /// Not a number.
    Form,
    /// Commas that do not stand before groups of three digits.
    Separators,
    /// Another currency than yuan.
    Currency,
    /// Too large.
    Size,
}

impl fmt::Display for AmountFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "no number",
            Self::Separators => "commas that do not part thousands",
            Self::Currency => "another currency than yuan",
            Self::Size => "a number too large",
        })
    }
}

/// Words that may stand before a number of yuan, and units that may stand behind it; the longer first.
const BEFORE: [&str; 4] = ["人民币", "RMB", "CNY", "¥"];
const AFTER: [(&str, Unit); 6] = [
    ("亿元", Unit::HundredMillionYuan),
    ("万元", Unit::TenThousandYuan),
    ("元整", Unit::Yuan),
    ("元", Unit::Yuan),
    ("亿", Unit::HundredMillionYuan),
    ("万", Unit::TenThousandYuan),
];
/// The currency behind the unit.
const LAST: [&str; 4] = ["(人民币)", "人民币", "RMB", "CNY"];
const CURRENCIES: [&str; 9] = ["美元", "港元", "港币", "欧元", "日元", "英镑", "USD", "HKD", "$"];

/// Reads a cell as an amount in yuan: `1,234.50`, `（1,234.50）` and `-1234.5` for a negative one, `5万元`, `¥ 3 亿`. A unit in the cell
/// counts before the `unit` of the column. The result is the number nearest to the decimal value: 1.1万元 is 11000 exactly.
///
/// # Errors
/// An [`AmountFault`].
pub fn read_amount(text: &str, unit: Unit) -> Result<f64, AmountFault> {
    let bytes = text.as_bytes();
    // Plain numbers of the column's unit need no cleaning.
    if unit == Unit::Yuan && !bytes.is_empty() && bytes.len() <= 15 && bytes.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') {
        return text.parse().map_err(|_| AmountFault::Form);
    }
    let text = to_half_width(text);
    if CURRENCIES.iter().any(|currency| text.contains(currency)) {
        return Err(AmountFault::Currency);
    }
    let mut rest: &str = text.trim();
    let bracketed = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    if let Some(inner) = bracketed {
        rest = inner.trim();
    }
    let mut unit = unit;
    if let Some(behind) = LAST.iter().find_map(|word| rest.strip_suffix(word)) {
        rest = behind.trim();
    }
    if let Some((behind, stated)) = AFTER.iter().find_map(|(word, stated)| rest.strip_suffix(word).map(|rest| (rest, stated))) {
        rest = behind.trim();
        unit = *stated;
    }
    if let Some(behind) = BEFORE.iter().find_map(|word| rest.strip_prefix(word)) {
        rest = behind.trim();
    }
    let (negative, rest) = match rest.strip_prefix(['-', '−', '–']) {
        Some(rest) => (true, rest.trim_start_matches(['¥', ' '])),
        None => (false, rest.strip_prefix('+').unwrap_or(rest)),
    };
    if negative && bracketed.is_some() {
        return Err(AmountFault::Form);
    }
    let value = decimal(rest, unit.exponent())?;
    Ok(if (negative || bracketed.is_some()) && value != 0.0 { -value } else { value })
}

/// The digits with their thousands separators, times a power of ten, rounded once.
fn decimal(text: &str, shift: i32) -> Result<f64, AmountFault> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| AmountFault::Form)?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return Err(AmountFault::Form);
    }
    let plain = if whole.contains(',') {
        let mut groups = whole.split(',');
        let first = groups.next().unwrap_or_default();
        if !digits(&whole.replace(',', "")) {
            return Err(AmountFault::Form);
        }
        if !(1..=3).contains(&first.len()) || groups.any(|group| group.len() != 3) {
            return Err(AmountFault::Separators);
        }
        whole.replace(',', "")
    } else if digits(whole) {
        whole.to_owned()
    } else {
        return Err(AmountFault::Form);
    };
    let exponent = exponent.checked_add(shift).ok_or(AmountFault::Size)?;
    let value: f64 = format!("{plain}.{fraction}e{exponent}").parse().map_err(|_| AmountFault::Form)?;
    if value.is_finite() { Ok(value) } else { Err(AmountFault::Size) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_separators_brackets_and_width() {
        for (text, yuan) in [
            ("1435313.650", 1_435_313.65),
            ("0", 0.0),
            ("5万元", 50_000.0),
            ("1.1万", 11_000.0),
            ("0.07万元", 700.0),
            ("3亿元", 3e8),
            ("1,234,567.89", 1_234_567.89),
            ("（1,234.50）", -1234.5),
            ("-12", -12.0),
            ("−12元", -12.0),
            ("１２３．５", 123.5),
            ("¥ 1,000", 1000.0),
            ("￥1000元", 1000.0),
            ("人民币5万元", 50_000.0),
            ("5万元人民币", 50_000.0),
            ("100万元(人民币)", 1e6),
            ("1e3", 1000.0),
            (" 12 ", 12.0),
            (".5", 0.5),
            ("(0)", 0.0),
            ("1000元整", 1000.0),
        ] {
            assert_eq!(read_amount(text, Unit::Yuan), Ok(yuan), "{text}");
        }
        assert_eq!(read_amount("1.1", Unit::TenThousandYuan), Ok(11_000.0));
        assert_eq!(read_amount("500元", Unit::TenThousandYuan), Ok(500.0));
        assert_eq!(read_amount("2", Unit::HundredMillionYuan), Ok(2e8));
        assert!(read_amount("(0)", Unit::Yuan).unwrap().is_sign_positive());
    }

    #[test]
    fn what_is_no_number_is_refused_by_its_reason() {
        for (text, fault) in [
            ("", AmountFault::Form),
            ("五万", AmountFault::Form),
            ("nan", AmountFault::Form),
            ("inf", AmountFault::Form),
            ("1.2.3", AmountFault::Form),
            ("12,34", AmountFault::Separators),
            ("1,2345", AmountFault::Separators),
            (",123", AmountFault::Separators),
            ("5万美元", AmountFault::Currency),
            ("$5", AmountFault::Currency),
            ("(-5)", AmountFault::Form),
            ("1e999", AmountFault::Size),
            ("元", AmountFault::Form),
            ("10%", AmountFault::Form),
            (".", AmountFault::Form),
            ("--5", AmountFault::Form),
        ] {
            assert_eq!(read_amount(text, Unit::Yuan), Err(fault), "{text}");
        }
    }
}
