//! The drawings of the report.

use super::svg::{Axis, CHALLENGER, CHAMPION, Plot, REFERENCE};
use super::{CalibrationPart, Comparison, Discrimination, Earlier, Performance, Rates};

/// True against false positives; the diagonal is chance.
pub(super) fn roc(found: &Discrimination, other: Option<&Comparison>) -> String {
    let mut plot = Plot::new(Axis::share("good firms flagged 误报率"), Axis::share("bad firms flagged 命中率"));
    plot.line([(0.0, 0.0), (1.0, 1.0)], REFERENCE, "chance 随机");
    let name = format!("score 评分 (AUC {:.3})", found.measures.auc.estimate.value);
    plot.line(pairs(&found.curve.false_positive, &found.curve.true_positive), CHAMPION, &name);
    if let Some(other) = other {
        let name = format!("{} (AUC {:.3})", other.challenger, other.difference.second.estimate.value);
        plot.line(pairs(&other.curve.false_positive, &other.curve.true_positive), CHALLENGER, &name);
    }
    plot.figure("ROC")
}

/// Bad firms found against firms inspected, riskiest first; a perfect score finds them all first.
pub(super) fn cap(found: &Discrimination, other: Option<&Comparison>, bad_share: f64) -> String {
    let mut plot = Plot::new(Axis::share("firms inspected, riskiest first 检查比例"), Axis::share("bad firms found 发现比例"));
    plot.line([(0.0, 0.0), (1.0, 1.0)], REFERENCE, "chance, and a perfect score 随机与完美");
    plot.line([(0.0, 0.0), (bad_share, 1.0), (1.0, 1.0)], REFERENCE, "");
    let name = format!("score 评分 (AR {:.3})", found.measures.accuracy_ratio.value);
    plot.line(pairs(&found.curve.flagged, &found.curve.true_positive), CHAMPION, &name);
    if let Some(other) = other {
        plot.line(pairs(&other.curve.flagged, &other.curve.true_positive), CHALLENGER, &other.challenger);
    }
    plot.figure("CAP (gains) 累计捕获")
}

/// The shares of bad and of good firms among those inspected, and where they are farthest apart.
pub(super) fn ks(found: &Discrimination) -> String {
    let mut plot = Plot::new(Axis::share("firms inspected, riskiest first 检查比例"), Axis::share("share reached 累计比例"));
    let curve = &found.curve;
    plot.line(pairs(&curve.flagged, &curve.true_positive), CHALLENGER, "bad firms 有问题");
    plot.line(pairs(&curve.flagged, &curve.false_positive), CHAMPION, "good firms 无问题");
    let points = || curve.flagged.iter().zip(curve.true_positive.iter().zip(&curve.false_positive));
    if let Some((x, (bad, good))) = points().max_by(|a, b| (a.1.0 - a.1.1).abs().total_cmp(&(b.1.0 - b.1.1).abs())) {
        plot.line([(*x, *good), (*x, *bad)], REFERENCE, "");
        plot.text(*x, 0.5 * (good + bad), &format!("KS {:.3}", found.measures.ks.estimate.value));
    }
    plot.figure("KS")
}

/// The observed rate of each group over its mean probability.
pub(super) fn calibration(part: &CalibrationPart) -> String {
    let rows = part.reliability.iter().filter(|row| row.rate.value.is_finite());
    let largest = rows.clone().flat_map(|row| [row.rate.high.min(2.0 * row.rate.value + 0.05), row.predicted]).fold(0.01, f64::max);
    let mut plot = Plot::new(Axis::rate("predicted 预测", largest), Axis::rate("observed 实际", largest));
    plot.line([(0.0, 0.0), (1.0, 1.0)].map(|(x, y): (f64, f64)| (x * largest, y * largest)), REFERENCE, "as predicted 与预测一致");
    for row in rows {
        let words = format!("{} outcomes, predicted {}, observed {}", row.rows, percent(row.predicted), rate(&row.rate));
        plot.interval(row.predicted, row.rate.value, row.rate.low, row.rate.high, CHAMPION, &words);
    }
    plot.figure("Calibration 校准")
}

/// The rate of bad outcomes by grade with its interval.
pub(super) fn rates(rates: &Rates) -> String {
    let names: Vec<String> = rates.grades.iter().map(|row| row.grade.clone()).collect();
    let seen = || rates.grades.iter().enumerate().filter(|(_, row)| row.outcomes > 0);
    let largest = seen().map(|(_, row)| row.rate.high).fold(0.01, f64::max);
    let mut plot = Plot::new(Axis::names("grade 等级", &names), Axis::rate("bad outcomes 问题率", largest));
    for (at, row) in seen() {
        let words = format!("{}: {} of {} outcomes, {}", row.grade, row.bad, row.outcomes, rate(&row.rate));
        plot.interval(at as f64 + 0.5, row.rate.value, row.rate.low, row.rate.high, CHAMPION, &words);
    }
    plot.name(CHAMPION, "rate and 95 % interval 问题率与区间");
    plot.figure("Bad outcomes by grade 各等级问题率")
}

/// Shares of the grades, now beside before.
pub(super) fn stability(report: &Performance, before: Option<&Earlier>) -> String {
    let rows = &report.rates.grades;
    let names: Vec<String> = rows.iter().map(|row| row.grade.clone()).collect();
    let old = |at: usize| before.and_then(|before| before.grade_psi.expected.get(at)).copied();
    let largest = rows.iter().enumerate().flat_map(|(at, row)| [row.share, old(at).unwrap_or(0.0)]).fold(0.05, f64::max);
    let mut plot = Plot::new(Axis::names("grade 等级", &names), Axis::rate("share of firms 企业占比", largest));
    for (at, row) in rows.iter().enumerate() {
        let place = at as f64;
        if let Some(old) = old(at) {
            plot.bar(place + 0.14, place + 0.48, old, CHALLENGER, &format!("{} before: {}", row.grade, percent(old)));
        }
        let from = if before.is_some() { 0.52 } else { 0.25 };
        let to = if before.is_some() { 0.86 } else { 0.75 };
        plot.bar(place + from, place + to, row.share, CHAMPION, &format!("{} now: {} firms, {}", row.grade, row.firms, percent(row.share)));
    }
    if before.is_some() {
        plot.name(CHALLENGER, "before 上期");
    }
    plot.name(CHAMPION, "now 本期");
    plot.figure("Firms by grade 等级分布")
}

fn pairs<'p>(x: &'p [f64], y: &'p [f64]) -> impl Iterator<Item = (f64, f64)> + 'p {
    x.iter().copied().zip(y.iter().copied())
}

pub(super) fn percent(share: f64) -> String {
    if share.is_finite() { format!("{:.1} %", 100.0 * share) } else { "–".to_owned() }
}

/// `2.1 % (1.5 % – 2.9 %)`
pub(super) fn rate(of: &firmgrade::evaluate::Estimate) -> String {
    if of.value.is_finite() {
        format!("{:.2} % ({:.2}–{:.2})", 100.0 * of.value, 100.0 * of.low, 100.0 * of.high)
    } else {
        "–".to_owned()
    }
}
