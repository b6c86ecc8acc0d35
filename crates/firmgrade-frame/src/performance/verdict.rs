//! What the numbers come to, in words: the first line of every report, in English and in Chinese.

use super::{Discrimination, Rates, StepRow};
use firmgrade::evaluate::{Estimate, Gate};
use serde::Serialize;

/// What a report comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// In one word.
    pub kind: VerdictKind,
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

/// What a report comes to, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictKind {
    /// Too few outcomes.
    NotEstimable,
    /// Neither score nor grade tells anything about outcomes.
    NoInformation,
    /// Better scores have worse outcomes.
    Reversed,
    /// Grades tell something, but not each from the next.
    SeparatesInPart,
    /// Each grade has more bad outcomes than the better one.
    Separates,
}

impl VerdictKind {
    /// The word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotEstimable => "not_estimable",
            Self::NoInformation => "no_information",
            Self::Reversed => "reversed",
            Self::SeparatesInPart => "separates_in_part",
            Self::Separates => "separates",
        }
    }
}

/// Steps with a one-sided p-value up to this are told apart.
const LEVEL: f64 = 0.05;

pub(super) fn in_words(gate: Gate, gate_words: &str, discrimination: Option<&Discrimination>, rates: &Rates) -> Verdict {
    let Some(found) = discrimination.filter(|_| gate != Gate::Shut) else {
        return Verdict {
            kind: VerdictKind::NotEstimable,
            en: format!("Not estimable: {gate_words}, at least 5 are needed; wait for more outcomes or inspect more firms at random."),
            zh: "无法估计：随机抽查结果太少，不足以判断等级是否有效；请积累更多结果，或增加随机抽查。".to_owned(),
        };
    };
    let (score, grade) = (found.auc.estimate, found.grade_auc.estimate);
    let (by_score, by_grade) = (score.low > 0.5, grade.low > 0.5);
    let (kind, en, zh) = match (by_score, by_grade) {
        _ if score.high < 0.5 => (
            VerdictKind::Reversed,
            format!("The score is reversed: firms with better scores had more bad outcomes, AUC {}.", area(score)),
            format!("评分方向相反：得分越好的企业问题越多，AUC {}。", area_zh(score)),
        ),
        (false, false) => (
            VerdictKind::NoInformation,
            format!("The grades carry no information about these outcomes: AUC {}, and 0.5 is what chance gives.", area(score)),
            format!("等级对这些结果没有信息量：AUC {}，0.5 即等于随机。", area_zh(score)),
        ),
        (true, false) => (
            VerdictKind::SeparatesInPart,
            format!("The score orders firms, AUC {}, but the grades do not: AUC {}.", area(score), area(grade)),
            format!("评分能够排序企业，AUC {}，但等级不能区分：AUC {}。", area_zh(score), area_zh(grade)),
        ),
        (_, true) => graded(score, grade, by_score, rates),
    };
    match gate {
        Gate::Narrow => Verdict {
            kind,
            en: format!("{en} Few outcomes ({gate_words}): intervals are somewhat too narrow."),
            zh: format!("{zh}结果较少，置信区间偏窄。"),
        },
        Gate::Open | Gate::Shut => Verdict { kind, en, zh },
    }
}

/// Grades that tell something.
fn graded(score: Estimate, grade: Estimate, by_score: bool, rates: &Rates) -> (VerdictKind, String, String) {
    let seen: Vec<_> = rates.grades.iter().filter(|row| row.outcomes > 0).collect();
    let ladder = |between: &str| {
        let rate = |row: &&&super::GradeRow| format!("{} {:.1} %", row.grade, 100.0 * row.rate.value);
        seen.iter().map(|row| rate(&row)).collect::<Vec<_>>().join(between)
    };
    let (falls, close): (Vec<&StepRow>, Vec<&StepRow>) =
        rates.steps.iter().filter(|step| step.p > LEVEL || step.difference.value < 0.0).partition(|step| step.difference.value < 0.0);
    let (mut en, mut zh) = if by_score {
        (
            format!("AUC {}; bad outcomes by grade: {}", area(score), ladder(", ")),
            format!("AUC {}；各等级问题率：{}", area_zh(score), ladder("，")),
        )
    } else {
        (
            format!(
                "AUC {}, through rules and cut points only, since the score alone has {}; bad outcomes by grade: {}",
                area(grade),
                area(score),
                ladder(", ")
            ),
            format!("AUC {}（仅由规则和分界产生，评分本身为 {}）；各等级问题率：{}", area_zh(grade), area_zh(score), ladder("，")),
        )
    };
    if falls.is_empty() && close.is_empty() {
        return (VerdictKind::Separates, format!("The grades separate: {en}."), format!("等级能够区分风险：{zh}。"));
    }
    for step in &falls {
        en.push_str(&format!("; {} is not worse than {}", step.to, step.from));
        zh.push_str(&format!("；{} 的问题率并不高于 {}", step.to, step.from));
    }
    for step in &close {
        en.push_str(&format!("; {} and {} cannot be told apart (p = {:.2})", step.from, step.to, step.p));
        zh.push_str(&format!("；{} 与 {} 无法区分（p = {:.2}）", step.from, step.to, step.p));
    }
    (VerdictKind::SeparatesInPart, format!("The grades separate in part: {en}."), format!("等级部分有效：{zh}。"))
}

/// `0.731 (95 % 0.704 to 0.757)`
fn area(of: Estimate) -> String {
    format!("{:.3} (95 % {:.3} to {:.3})", of.value, of.low, of.high)
}

fn area_zh(of: Estimate) -> String {
    format!("{:.3}（95 % 区间 {:.3}–{:.3}）", of.value, of.low, of.high)
}
