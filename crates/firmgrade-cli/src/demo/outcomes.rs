//! The drawn visits come back: results handed in, accounted for, held against the grades. What was found is made up; how it is read is not.

use super::inspection::Inspection;
use crate::failure::Failure;
use crate::inspection::results;
use crate::tables::{count, counted};
use crate::{evaluate, written};
use firmgrade::calendar::Day;
use firmgrade::sample::results::{Accounted, Source};
use firmgrade_frame::district::{Found, Visit, visits};
use firmgrade_frame::sampling::{Published, by_firm, write_publication};
use firmgrade_frame::{DataFrame, OutcomeOptions, Performance, PerformanceOptions, PolarsResult, write_table, write_text, write_texts};
use std::collections::HashMap;
use std::path::Path;

/// The day on which the demonstration counts results, after the last of them was due.
const COUNTED: &str = "2027-07-31";

/// What inspectors and complaints found, and what it says of the grades.
pub(super) struct Evaluated {
    /// What happened, in words.
    pub(super) summary: String,
    /// The rows for evaluation, where they say anything.
    pub(super) rows: Option<DataFrame>,
}

/// Makes results up, takes them in and evaluates: handed-in.csv, results.csv and .xlsx, outcomes.parquet, evaluation.html and .json. `named` has
/// the firms with id, name and grade in the order in which they were generated, `graded` is the file of graded firms.
pub(super) fn new(inspection: &Inspection, named: &DataFrame, graded: &Path, firms: usize, seed: u64) -> Result<Evaluated, Failure> {
    let Inspection { folder, policy, record, .. } = inspection;
    let of_table = |error: firmgrade_frame::PolarsError| Failure::problem(error.to_string());
    let at = |name: &str| folder.join(name);
    let handed = at("handed-in.csv");
    write_text(&handed, &handed_in(inspection, named, &visits(firms, seed)).map_err(of_table)?)?;

    // From here on as for any other results: from the file.
    let (accounted, _) = results::account(policy, record, &handed, None, Day::parse(COUNTED))?;
    let names = by_firm(named, None, None).map_err(|faults| Failure::problem(faults.0.join("; ")))?;
    let found = Published { policy, record, names: &names }.results(&accounted).map_err(of_table)?;
    write_publication(&mut [(found.clone(), at("results.xlsx")), (found, at("results.csv"))], None)?;
    let mut rows = results::rows(&accounted, record)?;
    write_table(&mut rows.0, at("outcomes.parquet"), &rows.1)?;

    let rated = written::rated("graded", graded, None, None)?;
    let report = evaluate::report(&rated, &rows.0, &OutcomeOptions::default(), &PerformanceOptions::default());
    let report = match report {
        Ok(report) => report,
        // A handful of firms has no rates; the demonstration of a district of one firm ends here.
        Err(Failure::Problems(lines)) => {
            let why: Vec<&str> = lines.iter().map(|line| line.trim_start_matches("error: ")).collect();
            return Ok(Evaluated { summary: format!("\n{}Not evaluated: {}\n", head(&accounted), why.join("; ")), rows: None });
        }
        Err(other) => return Err(other),
    };
    write_texts(&[(at("evaluation.html"), report.html()), (at("evaluation.json"), report.json())])?;
    Ok(Evaluated { summary: summary(&accounted, &report, graded, folder), rows: Some(rows.0) })
}

/// The table that inspectors hand in, as CSV: every firm drawn, then the checks after complaints.
fn handed_in(inspection: &Inspection, named: &DataFrame, visits: &[Visit]) -> PolarsResult<String> {
    let ids = match named.columns().first() {
        Some(ids) => ids.str()?.iter().map(Option::unwrap_or_default).collect(),
        None => Vec::new(),
    };
    let found: HashMap<&str, &Visit> = ids.iter().copied().zip(visits).collect();
    let planned = inspection.record.selected.iter().filter_map(|one| Some((one.id.as_str(), found.get(one.id.as_str())?.planned, "")));
    let after = ids.iter().zip(visits).filter_map(|(id, visit)| Some((*id, visit.complaint?, "投诉举报")));
    let (from, to) = inspection.policy.period();
    let days = f64::from(to.days() - from.days() + 1);
    let row = |(id, found, source): (&str, Found, &str)| {
        let finished = from.add_days((found.when * days) as i32).unwrap_or(to);
        let published = finished.add_days(i32::try_from(found.published_after).unwrap_or_default()).unwrap_or(to);
        format!("{id},{finished},{},{published},{source}\n", found.code)
    };
    let heading = "统一社会信用代码,检查完成日期,检查结果,公示日期,来源\n".to_owned();
    Ok(heading + &planned.chain(after).map(row).collect::<String>())
}

fn head(accounted: &Accounted) -> String {
    let total = &accounted.total;
    let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let events = accounted.rows.iter().filter(|row| row.source != Source::Random).count();
    format!(
        "What these visits found, made up from the chance that the district gave each firm: {} of {} inspected firms with violations, {} not found or \
         closed; {} after complaints, which enter no rate\n",
        count(whole(total.violation)),
        count(whole(total.responded())),
        count(whole(total.out_of_scope + total.unreachable)),
        counted(events, "check"),
    )
}

fn summary(accounted: &Accounted, report: &Performance, graded: &Path, folder: &Path) -> String {
    let rates = report.rates.grades.iter().filter(|row| row.outcomes > 0).map(|row| {
        let [value, low, high] = [row.rate.value, row.rate.low, row.rate.high].map(|rate| 100.0 * rate);
        format!("{} {value:.1} % ({low:.1}–{high:.1})", row.grade)
    });
    let rates: Vec<String> = rates.collect();
    let place = folder.display();
    format!(
        "\n{}  {}\n  rates of violations, each visit counting for the firms it was drawn from: {}\n  firmgrade evaluate {} --outcomes {place}/outcomes.parquet\n",
        head(accounted),
        report.verdict.en,
        rates.join(", "),
        graded.display(),
    )
}
