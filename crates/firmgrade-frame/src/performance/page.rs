//! The report as a page.

use super::html::{list, page as whole, table};
use super::plots::{areas, calibration, cap, gradings, ks, percent, rate, rates, rates_over_time, roc, shifts, stability};
use super::{CalibrationPart, Discrimination, Earlier, Group, Method, OverTime, Performance, ProbabilitySource};
use crate::escape::escape;
use firmgrade::evaluate::{Estimate, Finding, Gate, Variance};

pub(super) fn page(report: &Performance) -> String {
    let mut body = verdict(report);
    body.push_str(&format!("<h1>{} · 年度绩效报告 Performance report</h1>", escape(&report.method.graded_by)));
    body.push_str(&method(report));
    body.push_str(&discrimination(report));
    body.push_str(&by_grade(report));
    body.push_str(&calibrated(report.calibration.as_ref()));
    body.push_str(&stable(report));
    report.groups.iter().for_each(|group| body.push_str(&grouped(group)));
    if let Some(words) = super::correction(&report.groups) {
        body.push_str(&format!("<p class=\"note\">{}</p>", escape(&words)));
    }
    if let Some(other) = &report.challenger {
        let before = heading("Champion against challenger", "与挑战者比较");
        body.push_str(&format!("{before}<p>{}</p>", escape(&other.words)));
    }
    body.push_str(&format!("<p class=\"note\">firmgrade {}</p>", report.method.engine_version));
    whole(&report.verdict.en, &body)
}

/// What a notebook shows.
pub(super) fn summary(report: &Performance) -> String {
    let rows =
        report.rates.grades.iter().map(|row| vec![row.grade.clone(), row.outcomes.to_string(), row.bad.to_string(), rate(&row.rate)]);
    let table = table(&["grade", "outcomes", "bad", "rate"], rows);
    let numbers = report.discrimination.as_ref().map_or_else(String::new, |found| {
        let found = &found.measures;
        format!("<p>AUC {}, AR {}, KS {}</p>", number(&found.auc.estimate), number(&found.accuracy_ratio), number(&found.ks.estimate))
    });
    format!("<p><strong>{}</strong><br>{}</p>{numbers}{table}", escape(&report.verdict.en), escape(&report.verdict.zh))
}

const NOT_ESTIMABLE: &str = "not estimable 无法估计";

fn verdict(report: &Performance) -> String {
    let class = match report.verdict.finding {
        Finding::NoInformation | Finding::WrongWay => " bad",
        Finding::NotEstimable | Finding::Partly => " unsure",
        Finding::Separates => "",
    };
    format!("<div class=\"verdict{class}\"><p>{}</p><p lang=\"zh\">{}</p></div>", escape(&report.verdict.en), escape(&report.verdict.zh))
}

fn heading(english: &str, chinese: &str) -> String {
    format!("<h2>{english} {chinese}</h2>")
}

fn method(report: &Performance) -> String {
    let method: &Method = &report.method;
    let unknown = || "not known".to_owned();
    let days = match (&method.first_day, &method.last_day) {
        (Some(first), Some(last)) => format!("{first} – {last}"),
        _ => unknown(),
    };
    let rows = [
        ("firms graded 评级企业", method.firms.to_string()),
        ("as of 评级日", method.as_of.clone().unwrap_or_else(unknown)),
        ("outcomes used 有效结果", format!("{}, {} bad 其中有问题", method.outcomes, method.bad)),
        ("days of the outcomes 结果日期", days),
        ("estimation 估计方法", method.design.clone()),
        ("firms they stand for 代表企业", format!("{:.0}", method.represented)),
        ("can be estimated 可估性", gate(report)),
    ];
    let rows = rows.map(|(name, value)| format!("<tr><th>{}</th><td>{}</td></tr>", escape(name), escape(&value))).concat();
    let fates = method.account.fates().into_iter().filter(|(_, rows)| *rows > 0);
    let account: Vec<Vec<String>> = fates.map(|(what, rows)| vec![what.to_owned(), rows.to_string()]).collect();
    let read = format!("<p>{} rows of outcomes were read; each is accounted for once:</p>", method.account.read);
    format!("{}<table>{rows}</table>{read}{}{}", heading("Method", "方法"), table(&["row", "rows"], account), list(&method.notes))
}

fn gate(report: &Performance) -> String {
    let found = report.estimable;
    let names: Vec<String> = report.rates.grades.iter().map(|row| row.grade.clone()).collect();
    let word = match found.gate {
        Gate::Open => "yes",
        Gate::Narrow => "few outcomes, intervals somewhat too narrow",
        Gate::Shut => NOT_ESTIMABLE,
    };
    format!("{word}: {}", found.words(&names))
}

fn discrimination(report: &Performance) -> String {
    let title = heading("Discrimination", "区分能力");
    let Some(found) = &report.discrimination else { return format!("{title}<p>{NOT_ESTIMABLE}</p>") };
    let measures = &found.measures;
    let from = match measures.auc.variance {
        Variance::DeLong => "DeLong",
        Variance::Linearised => "linearised, weights 1/π",
        Variance::Stratified => "linearised, stratified sample",
    };
    let rows = [
        ("AUC of the score 评分", number(&measures.auc.estimate), from),
        ("AUC of the grade 等级", number(&measures.grade_auc.estimate), from),
        ("AR = Gini of the score", number(&measures.accuracy_ratio), "= 2·AUC − 1"),
        ("KS of the score", number(&measures.ks.estimate), "interval takes the threshold as given"),
    ];
    let rows = rows.map(|(name, value, note)| vec![name.to_owned(), value, note.to_owned()]);
    let lift = found.lift.iter().map(|lift| {
        let capture = format!("{} ({}–{})", percent(lift.capture.value), percent(lift.capture.low), percent(lift.capture.high));
        vec![percent(lift.share), capture, percent(lift.rate), format!("{:.2}", lift.lift.value)]
    });
    format!(
        "{title}{}{}{}{}{}",
        table(&["measure", "value (95 %)", "variance"], rows),
        table(&["riskiest firms 最高风险", "bad firms found 发现", "rate among them 命中率", "lift 提升"], lift),
        roc(found, report.challenger.as_ref()),
        cap(found, report.challenger.as_ref(), bad_share(found)),
        ks(found)
    )
}

/// The rate of bad outcomes over all: the rate among some over their lift.
fn bad_share(found: &Discrimination) -> f64 {
    let whole = found.lift.iter().find(|lift| lift.lift.value > 0.0).map(|lift| lift.rate / lift.lift.value);
    whole.unwrap_or(0.0).clamp(0.0, 1.0)
}

fn by_grade(report: &Performance) -> String {
    let rows = report.rates.grades.iter().map(|row| {
        vec![
            row.grade.clone(),
            row.firms.to_string(),
            percent(row.share),
            row.outcomes.to_string(),
            row.bad.to_string(),
            rate(&row.rate),
            percent(row.isotonic),
        ]
    });
    let header = ["grade 等级", "firms 企业", "share 占比", "outcomes 结果", "bad 有问题", "rate (95 %) 问题率", "isotonic 保序"];
    let steps = report.rates.steps.iter().map(|step| {
        let points = |value: f64| format!("{:+.2}", 100.0 * value);
        let Estimate { value, low, high, .. } = step.difference;
        vec![format!("{} → {}", step.from, step.to), format!("{} ({} to {})", points(value), points(low), points(high)), p_value(step.p)]
    });
    let shut = if report.estimable.gate == Gate::Shut { format!("<p>{}</p>", escape(&gate(report))) } else { String::new() };
    format!(
        "{}{shut}{}{}{}",
        heading("Bad outcomes by grade", "各等级问题率"),
        table(&header, rows),
        table(&["step 相邻等级", "difference in points (95 %) 百分点", "p, one-sided"], steps),
        rates(&report.rates)
    )
}

fn calibrated(part: Option<&CalibrationPart>) -> String {
    let title = heading("Calibration", "校准");
    let Some(part) = part else { return format!("{title}<p>no probabilities to look at</p>") };
    let source = match part.source {
        ProbabilitySource::Given => "Probabilities come from a column of the graded table.",
        ProbabilitySource::Fitted => {
            "The grades promise no probabilities: a logistic curve of the score was fitted to these very outcomes. The overall level holds by \
             construction; what the table shows is whether the shape does."
        }
    };
    let mut measures = vec![vec!["Brier score".to_owned(), number(&part.brier)], vec!["log-loss".to_owned(), number(&part.log_loss)]];
    if let Some(found) = &part.calibration {
        measures.push(vec![
            "observed rate, and mean probability".to_owned(),
            format!("{}, {}", rate(&found.observed), percent(found.expected)),
        ]);
        measures.push(vec!["intercept (0 where the level holds)".to_owned(), number(&found.intercept)]);
        measures.push(vec!["slope (1 where the spread holds)".to_owned(), number(&found.slope)]);
    }
    if let Some(test) = &part.hosmer_lemeshow {
        let words = format!("{:.2} on {} degrees of freedom, p-value {}", test.statistic, test.freedom, p_value(test.p));
        measures.push(vec!["Hosmer–Lemeshow χ²".to_owned(), words]);
    }
    let left_out = match part.hosmer_lemeshow {
        Some(_) => "",
        None => {
            "<p class=\"note\">Hosmer and Lemeshow's test is left out: where firms stand for unequal numbers of others it has no χ² law. The \
             intervals of the table hold.</p>"
        }
    };
    let rows = part.reliability.iter().map(|row| {
        vec![format!("{}–{}", percent(row.from), percent(row.to)), row.rows.to_string(), percent(row.predicted), rate(&row.rate)]
    });
    format!(
        "{title}<p>{source}</p>{}{left_out}{}{}",
        table(&["measure", "value (95 %)"], measures),
        table(&["probability 预测概率", "outcomes", "mean 平均", "observed (95 %) 实际"], rows),
        calibration(part)
    )
}

fn stable(report: &Performance) -> String {
    let title = heading("Stability", "稳定性");
    let concentration = report.stability.concentration.map_or_else(String::new, |found| {
        format!(
            "<p>Concentration (Herfindahl): {:.3}, as concentrated as {:.1} grades of equal size.</p>",
            found.herfindahl, found.effective
        )
    });
    let before = report.stability.before.as_ref();
    let moved =
        before.map_or_else(|| "<p class=\"note\">No earlier grading was given.</p>".to_owned(), |before| transitions(report, before));
    let several = if report.stability.gradings.len() > 2 { gradings(report) } else { String::new() };
    let columns = before.map_or_else(String::new, shifts);
    let found = report.stability.outcomes.as_ref().map_or_else(String::new, |found| by_time(report, found));
    format!("{title}{concentration}{moved}{}{several}{columns}{found}", stability(report, before))
}

/// What was found by time: tables, and the drawings.
fn by_time(report: &Performance, found: &OverTime) -> String {
    let rows = found.periods.iter().map(|period| {
        let auc = period.auc.as_ref().map_or_else(|| "–".to_owned(), number);
        vec![period.name.clone(), period.rate.rows.to_string(), period.rate.bad.to_string(), rate(&period.rate.rate), auc]
    });
    let header = ["period 时段", "outcomes 结果", "bad 有问题", "rate (95 %) 问题率", "AUC (95 %)"];
    let grades = found.periods.iter().map(|period| {
        let rates = period.grades.iter().map(|grade| rate(&grade.rate));
        std::iter::once(period.name.clone()).chain(rates).collect()
    });
    let names = report.rates.grades.iter().map(|row| row.grade.as_str());
    let names: Vec<&str> = std::iter::once("rate (95 %) 问题率").chain(names).collect();
    format!(
        "<p>What was found, by the day of the outcome: where intervals overlap, nothing shows that anything has changed.</p>{}{}{}{}",
        table(&header, rows),
        table(&names, grades),
        areas(report, found),
        rates_over_time(report, found)
    )
}

/// A stability index in words.
fn psi(value: f64) -> String {
    let word = if value < 0.1 {
        "stable"
    } else if value <= 0.25 {
        "some shift"
    } else {
        "a shift"
    };
    format!("{value:.4} ({word})")
}

fn transitions(report: &Performance, before: &Earlier) -> String {
    let found = &before.transition;
    let rows = [
        ("earlier grading 上期", before.name.clone()),
        ("firms in both 两期均有", before.matched.to_string()),
        ("new, and gone 新增与退出", format!("{}, {}", before.new, before.gone)),
        ("same grade 等级不变", percent(found.stayed)),
        ("better, and worse 上调与下调", format!("{}, {}", percent(found.better), percent(found.worse))),
        ("PSI of the score 评分", psi(before.score_psi.value)),
        ("PSI of the grades 等级", psi(before.grade_psi.value)),
    ];
    let rows = rows.map(|(name, value)| vec![name.to_owned(), value]);
    let names: Vec<&str> = report.rates.grades.iter().map(|row| row.grade.as_str()).collect();
    let header: Vec<&str> = std::iter::once("before ↓ now →").chain(names.iter().copied()).collect();
    let matrix = names.iter().zip(found.counts.iter().zip(&found.shares)).map(|(name, (counts, shares))| {
        let cells = counts.iter().zip(shares).map(|(count, share)| format!("{count} ({})", percent(*share)));
        std::iter::once((*name).to_owned()).chain(cells).collect()
    });
    format!("{}{}", table(&["measure", "value"], rows), table(&header, matrix))
}

fn grouped(group: &Group) -> String {
    let rows = group.levels.iter().map(|level| {
        vec![
            level.value.clone(),
            level.rate.rows.to_string(),
            level.rate.bad.to_string(),
            rate(&level.rate.rate),
            level.expected.map_or_else(|| "–".to_owned(), percent),
            level.auc.as_ref().map_or_else(|| "–".to_owned(), |auc| number(&auc.estimate)),
            level.finding.words().to_owned(),
        ]
    });
    let header = ["value", "outcomes 结果", "bad 有问题", "rate (95 %) 问题率", "expected by score 预期", "AUC (95 %)", "finding 结论"];
    format!("{}{}", heading("By", &format!("<code>{}</code> 分组", escape(&group.column))), table(&header, rows))
}

/// Four decimals; below them the bound, for no p-value is 0.
fn p_value(p: f64) -> String {
    if p < 1e-4 { "< 0.0001".to_owned() } else { format!("{p:.4}") }
}

/// `0.731 (0.704–0.757)`
fn number(of: &Estimate) -> String {
    if of.value.is_finite() { format!("{:.3} ({:.3}–{:.3})", of.value, of.low, of.high).replace('-', "−") } else { "–".to_owned() }
}
