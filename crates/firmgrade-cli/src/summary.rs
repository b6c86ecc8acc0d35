//! What came of grading, for people and as JSON.

use crate::tables::{Grid, count, counted, percent, share};
use firmgrade::card::{Action, Better, Cut, Scorecard};
use firmgrade::columns::{Column, Numbers, Values};
use firmgrade_frame::{Graded, Provenance};
use serde_json::{Value, json};

/// How many columns with missing values are named.
const NAMED: usize = 5;
/// How many digits of a digest people see.
const SHORT: usize = 12;

/// The summary of a graded table.
pub(crate) struct Summary<'g> {
    graded: &'g Graded,
    provenance: Provenance,
    missing: Vec<Missing<'g>>,
}

/// A column with missing values.
struct Missing<'g> {
    column: &'g str,
    title: &'g str,
    firms: usize,
}

impl<'g> Summary<'g> {
    /// Looks through the results once.
    pub(crate) fn new(graded: &'g Graded) -> Self {
        let (card, tables) = (graded.card(), graded.input().tables());
        let of = |name: &str| tables.iter().filter_map(|table| table.column(name)).map(missing).sum();
        let columns = card.columns().iter().enumerate();
        let mut missing: Vec<Missing<'g>> =
            columns.map(|(at, column)| Missing { column: &column.name, title: column_title(card, at), firms: of(&column.name) }).collect();
        missing.retain(|column| column.firms > 0);
        // Equal counts stay in the order of the card.
        missing.sort_by_key(|column| std::cmp::Reverse(column.firms));
        Self { graded, provenance: graded.provenance(), missing }
    }

    /// What made the result.
    pub(crate) fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// The card and the number of firms.
    pub(crate) fn head(&self, source: &str) -> String {
        let header = &self.graded.card().spec().scorecard;
        format!("{} ({}, version {}): {} from {source}\n", header.title, header.id, header.version, counted(self.firms(), "firm"))
    }

    /// Firms by grade.
    pub(crate) fn counts(&self) -> String {
        let card = self.graded.card();
        let titles = &card.spec().grades.titles;
        let mut headings = vec!["grade", "title", "score", ">by score", ">share", ">final", ">share"];
        if titles.is_empty() {
            headings.remove(1);
        }
        let mut grid = Grid::new(&headings);
        for (at, count_of) in self.graded.counts().into_iter().enumerate() {
            let mut row = vec![count_of.grade.clone()];
            if !titles.is_empty() {
                row.push(titles.get(&count_of.grade).cloned().unwrap_or_default());
            }
            row.extend([
                grade_range(card, &self.graded.engine().cuts, at),
                count(count_of.by_score),
                percent(share(count_of.by_score, self.firms())),
                count(count_of.firms),
                percent(share(count_of.firms, self.firms())),
            ]);
            grid.row(row);
        }
        grid.text()
    }

    /// Cut points solved from shares; nothing where the card states them.
    pub(crate) fn solved(&self) -> String {
        if self.provenance.solved_cuts.is_empty() {
            return String::new();
        }
        let mut grid = Grid::new(&["grade", ">cut", ">wanted", ">reached", ">tied at the cut"]);
        for cut in &self.provenance.solved_cuts {
            let score = cut.score.map_or_else(|| "no firm".to_owned(), |score| score.to_string());
            grid.row([cut.grade.clone(), score, percent(cut.wanted), percent(cut.reached), count(cut.ties)]);
        }
        format!("Cut points solved from shares (this grade or better; firms with equal scores stay together)\n{}", grid.text())
    }

    /// The rules that were hit.
    pub(crate) fn overrides(&self) -> String {
        let card = self.graded.card();
        if card.rules().is_empty() {
            return "Overrides: the card has none\n".to_owned();
        }
        let mut grid = Grid::new(&["override", "title", "action", ">firms", ">share"]);
        for (rule, (id, firms)) in card.rules().iter().zip(self.graded.hits()).filter(|(_, (_, firms))| *firms > 0) {
            grid.row([id, rule.title.clone(), action(card, rule.action), count(firms), percent(share(firms, self.firms()))]);
        }
        let moved = self.moved();
        let hit = self.graded.hits().iter().filter(|(_, firms)| *firms > 0).count();
        let head = format!(
            "Overrides: {hit} of {} hit; {} ({}) moved to another grade\n",
            card.rules().len(),
            counted(moved, "firm"),
            percent(share(moved, self.firms()))
        );
        if grid.is_empty() { head } else { head + &grid.text() }
    }

    /// How much data there was.
    pub(crate) fn coverage(&self) -> String {
        let coverage = &self.graded.engine().coverage;
        let read = self.graded.card().columns().len();
        let mut text = match (mean(coverage), lowest(coverage)) {
            (Some(mean), Some(lowest)) => {
                format!("Coverage: {} of the weight has data on average, {} at the lowest; ", percent(mean), percent(lowest))
            }
            _ => "Coverage: ".to_owned(),
        };
        text.push_str(&format!("{} of {} have missing values\n", self.missing.len(), counted(read, "column")));
        let mut grid = Grid::new(&["most missing", "title", ">firms", ">share"]);
        for column in self.missing.iter().take(NAMED) {
            grid.row([column.column.to_owned(), column.title.to_owned(), count(column.firms), percent(share(column.firms, self.firms()))]);
        }
        if !grid.is_empty() {
            text.push_str(&grid.text());
        }
        text
    }

    /// What made the result, in one line.
    pub(crate) fn origin(&self) -> String {
        let Provenance { scorecard, scorecard_version, scorecard_digest, data_digest, engine_version, .. } = &self.provenance;
        format!(
            "Provenance: scorecard {scorecard} {scorecard_version} sha256:{}…, data sha256:{}…, firmgrade {engine_version}\n",
            short(scorecard_digest),
            short(data_digest)
        )
    }

    /// All of it for programs.
    pub(crate) fn json(&self, files: &[String], seconds: &[(&'static str, f64)]) -> Value {
        let (card, engine) = (self.graded.card(), self.graded.engine());
        let grades: Vec<Value> = self
            .graded
            .counts()
            .iter()
            .map(|count| {
                json!({"grade": count.grade, "title": card.spec().grades.titles.get(&count.grade), "by_score": count.by_score,
                       "firms": count.firms, "share": count.share})
            })
            .collect();
        let overrides: Vec<Value> = card
            .rules()
            .iter()
            .zip(self.graded.hits())
            .map(|(rule, (id, firms))| json!({"id": id, "title": rule.title, "action": action(card, rule.action), "firms": firms}))
            .collect();
        let missing: Vec<Value> =
            self.missing.iter().map(|column| json!({"column": column.column, "title": column.title, "firms": column.firms})).collect();
        let seconds: serde_json::Map<String, Value> = seconds.iter().map(|(name, seconds)| ((*name).to_owned(), json!(seconds))).collect();
        json!({
            "firms": self.firms(),
            "grades": grades,
            "overrides": overrides,
            "moved_by_overrides": self.moved(),
            "coverage": {"mean": mean(&engine.coverage), "lowest": lowest(&engine.coverage)},
            "missing": missing,
            "provenance": self.provenance,
            "files": files,
            "seconds": seconds,
        })
    }

    fn firms(&self) -> usize {
        self.provenance.firms
    }

    /// Firms whose final grade is another than by score.
    fn moved(&self) -> usize {
        let engine = self.graded.engine();
        engine.grade.iter().zip(&engine.score_grade).filter(|(grade, by_score)| grade != by_score).count()
    }
}

/// The name that people read for a column of the card; empty where it has none.
pub(crate) fn column_title(card: &Scorecard, column: usize) -> &str {
    let by_indicator = card.indicators().iter().find(|indicator| indicator.column == column).map(|indicator| indicator.title.as_str());
    let stated = || card.columns().get(column).and_then(|column| card.spec().columns.get(&column.name)?.title.as_deref());
    by_indicator.or_else(stated).unwrap_or_default()
}

/// The first digits of a digest.
pub(crate) fn short(digest: &str) -> &str {
    digest.get(..SHORT).unwrap_or(digest)
}

/// Missing values of a column, without asking row by row where a bitmap can be counted.
fn missing(column: &Column<'_>) -> usize {
    if matches!(column.values, Values::Number(Numbers::F64(_) | Numbers::F32(_))) {
        return (0..column.len()).filter(|row| !column.is_valid(*row)).count();
    }
    match (&column.values, column.validity) {
        (Values::Missing(rows), _) => *rows,
        (_, None) => 0,
        (_, Some(bits)) => {
            let there: u32 = (0..bits.len()).step_by(64).map(|row| bits.word(row).count_ones()).sum();
            column.len().saturating_sub(there as usize)
        }
    }
}

/// Which scores get the grade at `at`.
fn grade_range(card: &Scorecard, cuts: &[Cut], at: usize) -> String {
    let grades = card.grades();
    if at >= grades.ordered {
        return grades.coverage_below.map_or_else(String::new, |limit| format!("coverage < {}", percent(limit)));
    }
    if at >= grades.scored {
        return "by rule only".to_owned();
    }
    let sign = |cut: &Cut, passes: bool| match (card.scale().better == Better::High, passes, cut.closed) {
        (true, true, true) | (false, false, false) => ">=",
        (true, true, false) | (false, false, true) => ">",
        (true, false, true) | (false, true, false) => "<",
        (true, false, false) | (false, true, true) => "<=",
    };
    match (cuts.get(at), at.checked_sub(1).and_then(|above| cuts.get(above))) {
        (Some(cut), _) if cut.score.is_finite() => format!("{} {}", sign(cut, true), cut.score),
        (Some(_), _) => "no firm".to_owned(),
        (None, Some(last)) if last.score.is_finite() => format!("{} {}", sign(last, false), last.score),
        (None, _) => "any".to_owned(),
    }
}

/// What a rule does, in words.
fn action(card: &Scorecard, action: Action) -> String {
    let name = |grade: u8| card.grades().names.get(usize::from(grade)).map_or("?", String::as_str);
    match action {
        Action::Set(grade) => format!("set {}", name(grade)),
        Action::Shift { by, cap } => {
            let direction = if by > 0 { "worse" } else { "better" };
            format!("{} {direction}, at most {}", by.unsigned_abs(), name(cap))
        }
    }
}

fn mean(coverage: &[f64]) -> Option<f64> {
    let known = coverage.iter().filter(|share| !share.is_nan());
    let (sum, count) = known.fold((0.0, 0_usize), |(sum, count), share| (sum + share, count + 1));
    (count > 0).then(|| sum / count as f64)
}

fn lowest(coverage: &[f64]) -> Option<f64> {
    coverage.iter().copied().filter(|share| !share.is_nan()).min_by(f64::total_cmp)
}
