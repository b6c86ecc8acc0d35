//! The drawings of the report.

use super::svg::{Axis, CHALLENGER, CHAMPION, GRADES, Plot, REFERENCE, bars};
use super::{CalibrationPart, Comparison, Discrimination, Earlier, OverTime, Performance, Rates};
use firmgrade::evaluate::Estimate;

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

/// Where an index is called a shift, and some shift, by custom.
const SHIFT: [f64; 2] = [0.1, 0.25];
/// Columns that are drawn; the farthest.
const SHOWN: usize = 25;

/// How far scores and grades have moved since the first of several gradings.
pub(super) fn gradings(report: &Performance) -> String {
    let rows = &report.stability.gradings;
    let names: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
    let largest = rows.iter().flat_map(|row| [row.score_psi, row.grade_psi]).fold(1.2 * SHIFT[1], f64::max);
    let mut plot = Plot::new(Axis::names("grading 评级", &names), Axis::number("PSI", largest));
    let ends = [0.0, names.len() as f64];
    for (at, name) in SHIFT.into_iter().zip(["0.1: some shift 有偏移; 0.25: a shift 明显偏移", ""]) {
        plot.line(ends.map(|x| (x, at)), REFERENCE, name);
    }
    let points = |of: fn(&super::Grading) -> f64| rows.iter().zip(0..).map(move |(row, at)| (f64::from(at) + 0.5, of(row)));
    plot.line(points(|row| row.score_psi), CHAMPION, "score 评分");
    plot.line(points(|row| row.grade_psi), CHALLENGER, "grade 等级");
    plot.figure(&format!("PSI since {} 稳定性指数", names.first().map_or("", String::as_str)))
}

/// How far each column has moved since the earlier grading.
pub(super) fn shifts(before: &Earlier) -> String {
    let rows: Vec<(&str, f64)> = before.columns.iter().take(SHOWN).map(|shift| (shift.column.as_str(), shift.psi)).collect();
    let rest = before.columns.len() - rows.len();
    let more = if rest > 0 { format!(", {rest} more below") } else { String::new() };
    if rows.is_empty() {
        String::new()
    } else {
        bars(&format!("PSI by column since {}{more} 各项指标稳定性", before.name), &rows, &SHIFT)
    }
}

/// The area under the ROC curve by time.
pub(super) fn areas(report: &Performance, found: &OverTime) -> String {
    let names: Vec<String> = found.periods.iter().map(|period| period.name.clone()).collect();
    let seen = || found.periods.iter().zip(0..).filter_map(|(period, at)| Some((period, f64::from(at) + 0.5, period.auc?)));
    if seen().next().is_none() {
        return String::new();
    }
    let mut plot = Plot::new(Axis::names("period 时段", &names), Axis::share("AUC"));
    let across = |y: f64| [(0.0, y), (names.len() as f64, y)];
    plot.line(across(0.5), REFERENCE, "chance 随机");
    if let Some(all) = &report.discrimination {
        plot.line(across(all.measures.auc.estimate.value), REFERENCE, "");
    }
    for (period, at, area) in seen() {
        let Estimate { value, low, high, .. } = area;
        let words = format!("{}: {} of {} bad, AUC {value:.3} ({low:.3}–{high:.3})", period.name, period.rate.bad, period.rate.rows);
        plot.interval(at, value, low, high, CHAMPION, &words);
    }
    plot.name(CHAMPION, "AUC and 95 % interval 区间");
    plot.figure("AUC by period 各时段区分能力")
}

/// The rate of bad outcomes by grade and time.
pub(super) fn rates_over_time(report: &Performance, found: &OverTime) -> String {
    let names: Vec<String> = found.periods.iter().map(|period| period.name.clone()).collect();
    let grades = report.rates.grades.len().max(1) as f64;
    let seen = || found.periods.iter().flat_map(|period| &period.grades).filter(|grade| grade.rows > 0);
    let largest = seen().map(|grade| grade.rate.high.min(2.0 * grade.rate.value + 0.05)).fold(0.01, f64::max);
    let mut plot = Plot::new(Axis::names("period 时段", &names), Axis::rate("bad outcomes 问题率", largest));
    for ((row, place), colour) in report.rates.grades.iter().zip(0..).zip(GRADES.into_iter().cycle()) {
        for (period, at) in found.periods.iter().zip(0..) {
            let Some(grade) = period.grades.get(place as usize).filter(|grade| grade.rows > 0) else { continue };
            let x = f64::from(at) + 0.15 + 0.7 * (f64::from(place) + 0.5) / grades;
            let words = format!("{} {}: {} of {} outcomes, {}", period.name, row.grade, grade.bad, grade.rows, rate(&grade.rate));
            plot.interval(x, grade.rate.value, grade.rate.low, grade.rate.high.min(largest), colour, &words);
        }
        plot.name(colour, &row.grade);
    }
    plot.figure("Bad outcomes by grade and period 各时段各等级问题率")
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
