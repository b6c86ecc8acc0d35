//! What a regulator asks next: which firms are worst and why, and whether inspectors later agreed.

use crate::failure::Failure;
use crate::tables::{Grid, count, counted, percent, share};
use firmgrade::card::Better;
use firmgrade_frame::{DataFrame, DataType, Graded};
use std::collections::HashMap;

/// How many of the worst firms are shown.
const SHOWN: usize = 3;

/// The worst firms with their reasons, and the violations found later by grade.
pub(super) fn of(graded: &Graded, firms: &DataFrame, outcomes: &DataFrame) -> Result<String, Failure> {
    let failed = |error: String| Failure::problem(error);
    let worst = worst(graded, firms).map_err(failed)?;
    Ok(worst + &violations(graded, firms, outcomes).map_err(failed)?)
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

/// What inspections of one kind found in one grade.
#[derive(Clone, Copy, Default)]
struct Found {
    inspections: usize,
    violations: usize,
}

impl Found {
    fn cells(self) -> [String; 3] {
        [count(self.inspections), count(self.violations), percent(share(self.violations, self.inspections))]
    }
}

/// The share of inspections that found a violation, by the firm's grade; random ones apart, which alone go to every firm alike.
fn violations(graded: &Graded, firms: &DataFrame, outcomes: &DataFrame) -> Result<String, String> {
    let (names, engine) = (&graded.card().grades().names, graded.engine());
    let text = |frame: &DataFrame, name: &str| {
        let column = frame.column(name).and_then(|column| column.cast(&DataType::String));
        column.and_then(|column| column.str().cloned()).map_err(|error| error.to_string())
    };
    let ids = text(firms, graded.card().id_column())?;
    let grades: HashMap<&str, u8> = ids.iter().zip(&engine.grade).filter_map(|(id, grade)| Some((id?, *grade))).collect();
    let found = outcomes.column("outcome").and_then(|column| column.i64().cloned()).map_err(|error| error.to_string())?;
    let (inspected, sources) = (text(outcomes, graded.card().id_column())?, text(outcomes, "source")?);
    let mut by_grade = vec![[Found::default(); 2]; names.len() + 1];
    for ((id, source), outcome) in inspected.iter().zip(sources.iter()).zip(found.iter()) {
        let Some(grade) = id.and_then(|id| grades.get(id)) else { continue };
        let all = names.len();
        for row in [usize::from(*grade), all] {
            if let Some(cell) = by_grade.get_mut(row).and_then(|row| row.get_mut(usize::from(source != Some("random")))) {
                cell.inspections += 1;
                cell.violations += usize::from(outcome == Some(1));
            }
        }
    }
    let mut grid = Grid::new(&["grade", ">at random", ">violations", ">rate", ">directed", ">violations", ">rate"]);
    for (name, [random, directed]) in names.iter().map(String::as_str).chain(["all"]).zip(by_grade) {
        grid.row([name.to_owned()].into_iter().chain(random.cells()).chain(directed.cells()));
    }
    let head = "What inspectors found in the year after, which the grades did not know; directed inspections go where records are bad";
    Ok(format!("\n{head}\n{}", grid.text()))
}
