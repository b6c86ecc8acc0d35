//! Ratios as they are written: per cent, fractions and decimals, as two whole numbers. No binary fraction comes near them.

use super::super::Rate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// A ratio as written: `"3 %"`, `"1/50"`, `0.03`, `1`.
///
/// From JSON numbers the shortest decimal text is taken, which is the one that was typed; from a file what stands there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct RatioSpec(pub String);

impl RatioSpec {
    /// Both numbers, 0 or more: 3 % is 3/100, 0.030 is 3/100, 1/50 is 1/50. At most nine digits and nine decimals.
    ///
    /// # Errors
    /// What was found and what was expected.
    pub fn parse(&self) -> Result<(u64, u64), String> {
        let text: Cow<'_, str> = if self.0.is_ascii() { Cow::Borrowed(&self.0) } else { self.0.nfkc().collect::<String>().into() };
        let text = text.trim();
        let whole = |part: &str| {
            let part = part.trim();
            (part.len() <= 9 && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse::<u64>().ok()).flatten()
        };
        let found = if let Some(percent) = text.strip_suffix('%') {
            decimal(percent.trim_end()).map(|(num, den)| (num, den * 100))
        } else if let Some((num, den)) = text.split_once('/') {
            whole(num).zip(whole(den).filter(|den| *den > 0))
        } else {
            decimal(text)
        };
        found.ok_or_else(|| {
            let text = &self.0;
            let digits = text.contains(|letter: char| letter.is_ascii_digit());
            let range = text.contains(['-', '–', '—', '~', '～', '至']);
            if !digits && text.chars().any(char::is_alphabetic) {
                words(text)
            } else if digits && range {
                format!(
                    "found `{text}`, expected a ratio such as `3 %`; of a range choose one end, and state the other as `floor` where a budget may \
                     go down to it: `{{ rule = \"at_most\", ratio = \"20 %\", floor = \"5 %\" }}`"
                )
            } else {
                format!("found `{text}`, expected a ratio such as `3 %`, `1/50` or `0.03`")
            }
        })
    }

    /// As [`parse`](Self::parse), and from 0 to 1.
    ///
    /// # Errors
    /// What was found and what was expected.
    pub fn rate(&self) -> Result<Rate, String> {
        let (num, den) = self.parse()?;
        Rate::new(num, den)
            .ok_or_else(|| format!("found `{}`, expected at most 100 %; for so many per cent write `%`, for so many firms `count`", self.0))
    }
}

/// What is said to words in the place of a number.
fn words(text: &str) -> String {
    format!(
        "found the words `{text}`, expected a number; nobody could check a draw that follows words: let the office decide, and write what it \
         decided, such as `{{ rule = \"at_least\", ratio = \"60 %\" }}`, or `{{ rule = \"exactly\", count = 0 }}` where firms are inspected on a trigger only"
    )
}

/// `12.50` as 125/10.
fn decimal(text: &str) -> Option<(u64, u64)> {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let digits = |part: &str| !part.is_empty() && part.len() <= 9 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !(digits(whole) && fraction.is_none_or(digits)) {
        return None;
    }
    let fraction = fraction.unwrap_or_default().trim_end_matches('0');
    let den = 10_u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let below = if fraction.is_empty() { 0 } else { fraction.parse::<u64>().ok()? };
    Some((whole.parse::<u64>().ok()?.checked_mul(den)?.checked_add(below)?, den))
}

impl<'de> Deserialize<'de> for RatioSpec {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(from)? {
            serde_json::Value::String(text) => Ok(Self(text)),
            serde_json::Value::Number(number) => Ok(Self(number.to_string())),
            other => Err(serde::de::Error::custom(format!("found `{other}`, expected a ratio such as `3 %`, `1/50` or `0.03`"))),
        }
    }
}

impl JsonSchema for RatioSpec {
    fn schema_name() -> Cow<'static, str> {
        "RatioSpec".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A ratio: \"3 %\", \"1/50\", 0.03, 1.",
            "type": ["number", "string"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<(u64, u64)> {
        RatioSpec(text.to_owned()).parse().ok()
    }

    #[test]
    fn ratios_are_read_exactly() {
        for (text, expected) in [
            ("3 %", (3, 100)),
            ("3%", (3, 100)),
            ("３％", (3, 100)),
            ("2.50 %", (25, 1000)),
            ("0.03", (3, 100)),
            ("0.030", (3, 100)),
            ("1/50", (1, 50)),
            ("2 / 100", (2, 100)),
            ("0", (0, 1)),
            ("1", (1, 1)),
            ("100 %", (100, 100)),
            // As a binary fraction it is 0.1000000000000000055….
            ("0.1", (1, 10)),
            ("0.123456789", (123_456_789, 1_000_000_000)),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        for wrong in ["", "%", ".5", "5.", "-1", "+3 %", "3e-2", "1/0", "1/", "/2", "0.1234567891", "3 % 4", "nan", "三成", "1 000", "0x3"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn words_are_told_from_misprints_and_too_much() {
        let error = |text: &str| RatioSpec(text.to_owned()).rate().err().unwrap_or_default();
        assert!(error("根据实际情况确定").starts_with("found the words `根据实际情况确定`, expected a number"));
        assert!(error("5–20 %").contains("of a range choose one end"));
        assert!(error("as needed").contains("write what it decided"));
        assert_eq!(error("3,5 %"), "found `3,5 %`, expected a ratio such as `3 %`, `1/50` or `0.03`");
        assert!(error("3").starts_with("found `3`, expected at most 100 %"));
        assert_eq!(RatioSpec("100 %".to_owned()).rate(), Ok(Rate { num: 100, den: 100 }));
    }
}
