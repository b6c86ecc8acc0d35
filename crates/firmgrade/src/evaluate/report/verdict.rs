//! The first line of the report, in English and Chinese.

use super::{Discrimination, Grades};
use crate::evaluate::{Estimable, Estimate, Gate};
use serde::Serialize;

/// What the outcomes say of the grades.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Rates rise from every grade to the next, each step beyond chance.
    Separates,
    /// Scores tell bad firms from good ones, some neighbouring grades do not.
    Partly,
    /// The interval of the area holds one half.
    NoInformation,
    /// The interval lies below one half: riskier grades do better.
    WrongWay,
    /// Too few bad outcomes to say.
    NotEstimable,
}

/// The finding in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The finding.
    pub finding: Finding,
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

/// A step between neighbours is beyond chance where its one-sided p-value is below this.
const CHANCE: f64 = 0.05;
/// An area whose upper bound lies below this carries nothing of use; above it the sample was too small to tell.
const LITTLE: f64 = 0.6;

impl Verdict {
    pub(super) fn of(discrimination: Option<&Discrimination>, grades: &Grades, estimable: &Estimable) -> Self {
        let name = |at: usize| grades.names.get(at).map_or("", String::as_str);
        let place = estimable.least_sampled.map(name);
        let Some(found) = discrimination else {
            let zh = place.map_or_else(String::new, |grade| format!("抽样比例最低的{grade}类中"));
            return Self {
                finding: Finding::NotEstimable,
                en: format!("Not estimable: {}; at least 5 are needed", estimable.words(&grades.names)),
                zh: format!("无法估计：{zh}预期问题企业{:.1}户，至少需要5户", estimable.expected),
            };
        };
        let area = found.auc.estimate;
        let unsure = Self::unsure(grades);
        let (finding, en, zh) = if area.high < 0.5 {
            (Finding::WrongWay, "The grades point the wrong way".to_owned(), "分级方向相反，风险高的类别问题反而少".to_owned())
        } else if area.low <= 0.5 {
            let (en, zh) = if area.high < LITTLE { ("", "") } else { (" that this sample can show", "（样本不足以证明）") };
            (Finding::NoInformation, format!("The grades carry no information{en}"), format!("分级不含信息{zh}"))
        } else if unsure.is_empty() {
            let (en, zh) = Self::ends(grades);
            (Finding::Separates, format!("The grades separate{en}"), format!("分级有区分力{zh}"))
        } else {
            let pairs = |and: &str, between: &str| -> String {
                unsure.iter().map(|&(a, b)| format!("{}{and}{}", name(a), name(b))).collect::<Vec<_>>().join(between)
            };
            let (en, zh) = (pairs(" and ", ", "), pairs("与", "、"));
            (Finding::Partly, format!("The grades separate in part, not {en}"), format!("分级部分有区分力，{zh}之间未能区分"))
        };
        let (mut en, mut zh) = (format!("{en}: AUC {}", Self::interval(area)), format!("{zh}：AUC {}", Self::interval(area)));
        if estimable.gate == Gate::Narrow {
            en.push_str(&format!("; intervals may be too short, {}", estimable.words(&grades.names)));
            let of = place.map_or(String::new(), |grade| format!("{grade}类"));
            zh.push_str(&format!("；{of}预期问题企业仅{:.1}户，区间可能偏窄", estimable.expected));
        }
        Self { finding, en, zh }
    }

    /// Neighbours with rows whose step may be chance.
    fn unsure(grades: &Grades) -> Vec<(usize, usize)> {
        let seen: Vec<usize> = grades.rates.grades.iter().enumerate().filter(|(_, grade)| grade.rows > 0).map(|(at, _)| at).collect();
        let pairs = seen.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?)));
        pairs.zip(&grades.rates.steps).filter(|(_, step)| !(step.p < CHANCE)).map(|(pair, _)| pair).collect()
    }

    /// From the best to the riskiest grade with rows.
    fn ends(grades: &Grades) -> (String, String) {
        let named = || grades.names.iter().zip(&grades.rates.grades).filter(|(_, grade)| grade.rows > 0);
        match (named().next(), named().next_back()) {
            (Some((best, low)), Some((worst, high))) => {
                let (low, high) = (100.0 * low.rate.value, 100.0 * high.rate.value);
                (format!(", {best} {low:.2} % to {worst} {high:.2} % bad"), format!("，问题率由{best}类{low:.2}%升至{worst}类{high:.2}%"))
            }
            _ => (String::new(), String::new()),
        }
    }

    fn interval(area: Estimate) -> String {
        format!("{:.3} ({:.3}–{:.3})", area.value, area.low, area.high)
    }
}
