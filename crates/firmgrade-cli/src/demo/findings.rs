//! What a regulator asks next: which firms are worst and why, and whether inspectors later agreed.

use crate::failure::Failure;
use crate::tables::{Grid, count, counted, percent, share};
use firmgrade::card::Better;
use firmgrade_frame::{DataFrame, Graded};

/// How many of the worst firms are shown.
const SHOWN: usize = 3;

/// The worst firms with their reasons, and the violations found later by grade.
pub(super) fn of(graded: &Graded, firms: &DataFrame, outcomes: &DataFrame) -> Result<String, Failure> {
    let failed = |error: String| Failure::problem(error);
    let worst = worst(graded, firms).map_err(failed)?;
    Ok(worst + &violations(graded, outcomes).map_err(failed)?)
}

/// Some firms of the worst grade: the lowest scores, then in the order of the table.
fn worst(graded: &Graded, firms: &DataFrame) -> Result<String, String> {
    let (card, engine) = (graded.card(), graded.engine());
    let last = card.grades().ordered.saturating_sub(1);
    let mut rows: Vec<usize> =
        (0..engine.grade.len()).filter(|row| engine.grade.get(*row).is_some_and(|grade| usize::from(*grade) == last)).collect();
    let score = |row: usize| engine.score.get(row).copied().unwrap_or(f64::NAN);
    rows.sort_by(|a, b| {
        let order = score(*a).total_cmp(&score(*b));
        if card.scale().better == Better::High { order } else { order.reverse() }
    });
    let text = |column: &str, row: usize| -> Result<String, String> {
        let column = firms.column(column).map_err(|error| error.to_string())?;
        Ok(column.str().map_err(|error| error.to_string())?.get(row).unwrap_or_default().to_owned())
    };
    let name = |index: u8| card.grades().names.get(usize::from(index)).map_or("–", String::as_str);
    let mut shown = String::new();
    for &row in rows.iter().take(SHOWN) {
        let by_score = engine.score_grade.get(row).map_or("–", |grade| name(*grade));
        shown.push_str(&format!("  {} {}: {} points, {by_score} by score\n", text(card.id_column(), row)?, text("name", row)?, score(row)));
        let rules: Vec<&str> = engine.hits.of(row).filter_map(|rule| card.rules().get(rule)).map(|rule| rule.title.as_str()).collect();
        if !rules.is_empty() {
            shown.push_str(&format!("    overrides: {}\n", rules.join("、")));
        }
        let reasons: Vec<&str> = engine.reasons.of(row).filter_map(|at| card.indicators().get(at)).map(|at| at.title.as_str()).collect();
        shown.push_str(&format!("    reasons: {}\n", reasons.join("、")));
    }
    let grade = card.grades().names.get(last).map_or("", String::as_str);
    if rows.is_empty() {
        return Ok(format!("\nNo firm is graded {grade}\n"));
    }
    Ok(format!("\n{} graded {grade}; the worst of them, with what cost them most\n{shown}", counted(rows.len(), "firm")))
}

/// The share of inspected firms with a violation, by grade.
fn violations(graded: &Graded, outcomes: &DataFrame) -> Result<String, String> {
    let (names, engine) = (&graded.card().grades().names, graded.engine());
    let found = outcomes.column("outcome").and_then(|column| column.i64().cloned()).map_err(|error| error.to_string())?;
    let mut by_grade = vec![(0_usize, 0_usize); names.len()];
    for (row, grade) in engine.grade.iter().enumerate() {
        if let (Some(outcome), Some((inspected, violations))) = (found.get(row), by_grade.get_mut(usize::from(*grade))) {
            *inspected += 1;
            *violations += usize::from(outcome == 1);
        }
    }
    let mut grid = Grid::new(&["grade", ">inspected", ">violations", ">rate"]);
    for (name, (inspected, violations)) in names.iter().zip(&by_grade) {
        grid.row([name.clone(), count(*inspected), count(*violations), percent(share(*violations, *inspected))]);
    }
    let (inspected, violations) = by_grade.iter().fold((0, 0), |(i, v), (inspected, violations)| (i + inspected, v + violations));
    grid.row(["all".to_owned(), count(inspected), count(violations), percent(share(violations, inspected))]);
    Ok(format!("\nWhat inspectors found later, which the grades did not know\n{}", grid.text()))
}
