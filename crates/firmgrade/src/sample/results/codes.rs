//! Result codes, their customary spellings, and what they mean.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// What came of an inspection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Something is wrong.
    Violation,
    /// Nothing is wrong.
    None,
    /// There is nothing to inspect: closed, struck off, moved away, or without the business in question.
    OutOfScope,
    /// The firm was not found at its address.
    Unreachable,
}

impl Outcome {
    /// The name in policies and tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Violation => "violation",
            Self::None => "none",
            Self::OutOfScope => "out_of_scope",
            Self::Unreachable => "unreachable",
        }
    }

    /// Whether the firm was inspected, so that it counts toward a rate of violations.
    #[must_use]
    pub fn responded(self) -> bool {
        matches!(self, Self::Violation | Self::None)
    }
}

/// Codes with their outcomes and the spellings that mean the same.
const CUSTOMARY: [(&str, Outcome, &[&str]); 11] = [
    ("未发现问题", Outcome::None, &[]),
    ("未按规定公示", Outcome::Violation, &["未按规定公示应当公示的信息", "未按规定公示信息"]),
    ("隐瞒真实情况弄虚作假", Outcome::Violation, &["公示信息隐瞒真实情况、弄虚作假"]),
    ("通过登记的住所无法联系", Outcome::Unreachable, &["通过登记的住所（经营场所）无法联系", "通过登记的住所或者经营场所无法联系"]),
    ("发现问题已责令改正", Outcome::Violation, &["发现问题，责令改正"]),
    ("不配合检查情节严重", Outcome::Violation, &["不配合检查", "不予配合情节严重"]),
    ("未发现开展本次抽查涉及的经营活动", Outcome::OutOfScope, &["未开展本次抽查涉及的经营活动"]),
    ("已关闭停业", Outcome::OutOfScope, &["已关闭停业或正在组织清算", "已关闭", "已停业"]),
    ("注销", Outcome::OutOfScope, &["已注销"]),
    ("吊销", Outcome::OutOfScope, &["已吊销"]),
    ("迁出", Outcome::OutOfScope, &["已迁出"]),
];

/// What result codes mean under a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codes {
    /// Codes in the order of the table, then those that a policy adds.
    outcomes: IndexMap<String, Outcome>,
    /// Spellings, bare, with their code.
    spellings: IndexMap<String, String>,
}

impl Codes {
    /// The customary codes, and those of a policy on top: a code in any customary spelling gets another outcome, a new one is added.
    #[must_use]
    pub fn new(of_policy: &IndexMap<String, Outcome>) -> Self {
        let mut codes = Self { outcomes: IndexMap::new(), spellings: IndexMap::new() };
        for (code, outcome, spellings) in CUSTOMARY {
            codes.outcomes.insert(code.to_owned(), outcome);
            for spelling in std::iter::once(code).chain(spellings.iter().copied()) {
                codes.spellings.insert(bare(spelling), code.to_owned());
            }
        }
        for (code, outcome) in of_policy {
            let known = codes.spellings.get(&bare(code)).cloned();
            let name = known.unwrap_or_else(|| code.trim().to_owned());
            codes.spellings.insert(bare(code), name.clone());
            codes.outcomes.insert(name, *outcome);
        }
        codes
    }

    /// The code that a spelling means, and its outcome. Punctuation, spaces and full-width forms make no difference.
    #[must_use]
    pub fn find(&self, spelling: &str) -> Option<(&str, Outcome)> {
        let code = self.spellings.get(&bare(spelling))?;
        self.outcomes.get_key_value(code).map(|(code, outcome)| (code.as_str(), *outcome))
    }

    /// All codes with their outcomes.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Outcome)> {
        self.outcomes.iter().map(|(code, outcome)| (code.as_str(), *outcome))
    }

    pub(in crate::sample) fn outcomes(&self) -> &IndexMap<String, Outcome> {
        &self.outcomes
    }
}

/// Letters and digits only, in compatibility form.
pub(in crate::sample) fn bare(text: &str) -> String {
    text.nfkc().filter(|letter| letter.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customary_spellings_mean_one_code() {
        let codes = Codes::new(&IndexMap::new());
        for (spelling, code, outcome) in [
            ("未发现问题", "未发现问题", Outcome::None),
            (" 不配合检查，情节严重 ", "不配合检查情节严重", Outcome::Violation),
            ("隐瞒真实情况、弄虚作假", "隐瞒真实情况弄虚作假", Outcome::Violation),
            ("通过登记的住所(经营场所)无法联系", "通过登记的住所无法联系", Outcome::Unreachable),
            ("未按规定公示应当公示的信息。", "未按规定公示", Outcome::Violation),
            ("未开展本次抽查涉及的经营活动", "未发现开展本次抽查涉及的经营活动", Outcome::OutOfScope),
            ("注 销", "注销", Outcome::OutOfScope),
        ] {
            assert_eq!(codes.find(spelling), Some((code, outcome)), "{spelling}");
        }
        assert_eq!(codes.find("发现问题待后续处理"), None);
        assert_eq!(codes.find(""), None);
    }

    #[test]
    fn a_policy_adds_codes_and_changes_outcomes() {
        let own = [("不配合检查".to_owned(), Outcome::Unreachable), ("发现问题待后续处理".to_owned(), Outcome::Violation)];
        let codes = Codes::new(&own.into_iter().collect());
        assert_eq!(codes.find("不配合检查情节严重"), Some(("不配合检查情节严重", Outcome::Unreachable)));
        assert_eq!(codes.find("发现问题、待后续处理"), Some(("发现问题待后续处理", Outcome::Violation)));
        assert_eq!(codes.iter().count(), CUSTOMARY.len() + 1);
    }
}
