//! The circle closes: weights tuned on what was found, and where they are proposed a new card and the next plan by it.

use super::inspection::Inspection;
use crate::failure::Failure;
use crate::grade::with_kept;
use crate::tables::{count, counted};
use crate::tune::capital;
use firmgrade::GradeOptions;
use firmgrade::sample::plan::{Plan, PlanOptions, plan};
use firmgrade::tune::{NewCard, TuneOptions, Verdict};
use firmgrade_frame::sampling::PlanFirms;
use firmgrade_frame::{DataFrame, Graded, OutcomeOptions, grade, load_card, tune};
use std::path::Path;
use std::sync::Arc;

/// The file of the new card.
pub(super) const NAME: &str = "card-next.toml";

/// Tunes on the rows for evaluation; says what comes of it. `firms` has the indicators.
pub(super) fn words(graded: &Graded, firms: &DataFrame, inspection: &Inspection, rows: &DataFrame) -> Result<String, Failure> {
    let tuned = match tune(graded, rows, &OutcomeOptions::default(), &TuneOptions::default()).map_err(Failure::from) {
        Ok(tuned) => tuned,
        Err(Failure::Problems(lines)) => return Ok(format!("  Not tuned: {}\n", lines.join("; ").trim_start_matches("error: "))),
        Err(other) => return Err(other),
    };
    let proposal = tuned.proposal();
    let head = format!("Weights tuned on these visits: {}\n", capital(&proposal.words));
    if proposal.verdict != Verdict::Proposed {
        return Ok(format!("{head}  The card stays as the experts made it, and so does the next plan.\n"));
    }
    let path = inspection.folder.join(NAME);
    tuned.write(&path, &NewCard::default())?;
    let card = Arc::new(load_card(&path)?);
    let again = grade(&card, firms, GradeOptions::default())?;
    let regraded = with_kept(&again, Path::new("-"), firms, &[])?;
    let firms = PlanFirms::new(&inspection.policy, &regraded, None).map_err(|faults| Failure::problem(faults.0.join("; ")))?;
    let next = plan(&inspection.policy, &firms.columns(), &PlanOptions::default())?;
    Ok(head + &difference(&inspection.plan, &next, proposal.moved.len(), &path))
}

/// The plan by the old card beside that by the new one.
fn difference(before: &Plan, next: &Plan, moved: usize, path: &Path) -> String {
    let whole = |number: u64| count(usize::try_from(number).unwrap_or(usize::MAX));
    let strata = next.strata.iter().map(|now| {
        let then = before.strata.iter().find(|then| then.stratum == now.stratum);
        let (rows, n) = then.map_or((0, 0), |then| (then.rows, then.n));
        format!("{} {} → {} firms, {} → {} visits", now.stratum, whole(rows), whole(now.rows), whole(n), whole(now.n))
    });
    let strata: Vec<String> = strata.collect();
    format!(
        "  The new card is {}; by it {} another grade, and the next plan has {} visits in place of {}: {}\n",
        path.display(),
        if moved == 1 { "1 firm has".to_owned() } else { format!("{} have", counted(moved, "firm")) },
        whole(next.total.n),
        whole(before.total.n),
        strata.join("; ")
    )
}
