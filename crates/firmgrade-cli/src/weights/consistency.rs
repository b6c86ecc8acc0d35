//! The judgments of each node: how consistent they are by several measures, where they contradict each other, what would repair them.

use super::tree::{Row, index, ratio};
use crate::tables::Grid;
use firmgrade::Scorecard;
use firmgrade::ahp::{GciLimits, Judgments, Repair, Suspect, Verdict, Weights, other_verdicts};
use firmgrade_frame::{Accepted, NewJudgments};
use serde_json::{Value, json};
use std::fmt::Write;

/// Suspects that are printed.
const SHOWN: usize = 5;
/// Cycles that are printed.
const CYCLES: usize = 5;

/// The judgments of a node, looked at.
pub(super) struct Looked<'c> {
    pub(super) id: &'c str,
    weights: &'c Weights,
    judgments: &'c Judgments,
    max_cr: f64,
    gci: f64,
    koczkodaj: f64,
    cycles: Vec<[usize; 3]>,
    /// The tables by which the verdict would be another one.
    others: Vec<Verdict>,
    suspects: Vec<Suspect>,
    repair: Option<Repair>,
}

impl<'c> Looked<'c> {
    /// `None` where the node's children were not judged.
    pub(super) fn new(card: &Scorecard, row: &Row<'c>) -> Option<Self> {
        let (weights, judgments) = row.judged()?;
        let max_cr = card.spec().ahp_of(row.id).max_cr;
        let index = weights.random_index();
        Some(Self {
            id: row.id,
            weights,
            judgments,
            max_cr,
            gci: judgments.gci(),
            koczkodaj: judgments.koczkodaj(),
            cycles: judgments.cycles(),
            others: other_verdicts(index, judgments.n(), weights.ci(), max_cr),
            suspects: judgments.suspects(index),
            repair: (weights.cr() > max_cr).then(|| judgments.repair(index, max_cr)),
        })
    }

    /// The judgments with the proposed changes, where there are any.
    pub(super) fn repaired(&self) -> Option<NewJudgments> {
        let repair = self.repair.as_ref().filter(|repair| !repair.changes.is_empty())?;
        let changes: Vec<String> = repair
            .changes
            .iter()
            .map(|change| format!("{}: {} → {}", self.pair(change.row, change.column), ratio(change.from), ratio(change.to)))
            .collect();
        let comment = vec![
            format!("按修正建议改动 {} 处判断，须经专家确认 / repaired as proposed, to be confirmed by those who judged", changes.len()),
            format!("{}; CR {:.4} → {:.4}", changes.join(", "), repair.cr_before, repair.cr_after),
        ];
        let judgments = self.judgments.repaired(repair);
        Some(NewJudgments { node: self.id.to_owned(), accepted: Accepted::Judged(judgments), comment })
    }

    fn gci_limit(&self) -> Option<f64> {
        Some(GciLimits::default().limit(self.judgments.n())).filter(|limit| limit.is_finite())
    }

    fn name(&self, at: usize) -> &str {
        self.judgments.names().get(at).map_or("", String::as_str)
    }

    fn pair(&self, row: usize, column: usize) -> String {
        format!("{}:{}", self.name(row), self.name(column))
    }

    pub(super) fn json(&self) -> Value {
        let weights = self.weights;
        let names = |things: &[usize; 3]| things.map(|at| self.name(at).to_owned());
        let others: Vec<Value> =
            self.others.iter().map(|v| json!({"random_index": v.random_index, "ri": v.ri, "cr": v.cr, "passes": v.passes})).collect();
        let suspects: Vec<Value> = self
            .suspects
            .iter()
            .map(|s| {
                json!({"first": self.name(s.row), "second": self.name(s.column), "value": s.entry, "excess": s.excess, "share": s.share,
                       "best": s.best, "cr_best": s.cr_best, "on_scale": s.on_scale, "cr_on_scale": s.cr_on_scale})
            })
            .collect();
        let repair = self.repair.as_ref().map(|repair| {
            let change = |c: &firmgrade::ahp::Change| json!({"first": self.name(c.row), "second": self.name(c.column), "from": c.from, "to": c.to, "steps": c.steps});
            json!({"cr_before": repair.cr_before, "cr_after": repair.cr_after, "limit": repair.limit, "reached": repair.reached,
                   "fewest": repair.fewest, "changes": repair.changes.iter().map(change).collect::<Vec<_>>()})
        });
        let worst = self.judgments.worst_triad().map(|triad| names(&triad.things));
        json!({"method": weights.method(), "n": weights.values().len(), "lambda_max": weights.lambda_max(), "ci": weights.ci(),
               "ri": weights.ri(), "cr": weights.cr(), "random_index": weights.random_index_used(), "max_cr": self.max_cr,
               "gci": self.gci, "gci_limit": self.gci_limit(), "koczkodaj": self.koczkodaj, "worst_triad": worst,
               "cycles": self.cycles.iter().map(names).collect::<Vec<_>>(), "other_verdicts": others, "suspects": suspects, "repair": repair})
    }

    /// Method, random index, n and the numbers, as cells of CSV.
    pub(super) fn csv(&self) -> String {
        let w = self.weights;
        let (method, index, n) = (w.method(), w.random_index_used(), w.values().len());
        let limit = self.gci_limit().map_or_else(String::new, |limit| limit.to_string());
        let numbers = format!("{},{},{},{},{}", w.lambda_max(), w.ci(), w.ri(), w.cr(), self.max_cr);
        format!("{method},{index},{n},{numbers},{},{limit},{},{}", self.gci, self.koczkodaj, self.cycles.len())
    }

    /// What is worth saying beyond the numbers.
    fn notices(&self) -> String {
        let mut text = String::new();
        let (w, id) = (self.weights, self.id);
        // Writing to a string cannot fail.
        if !self.others.is_empty() {
            let list: Vec<String> =
                self.others.iter().map(|other| format!("{} (RI {}, CR {:.4})", other.random_index, other.ri, other.cr)).collect();
            let (own, theirs) = if w.cr() <= self.max_cr { ("within", "above") } else { ("above", "within") };
            let _ = writeln!(
                text,
                "\nNotice: the verdict on `{id}` depends on the table: CR {:.4} by {} (RI {}) is {own} the limit of {}, {theirs} it by {}",
                w.cr(),
                w.random_index_used(),
                w.ri(),
                self.max_cr,
                list.join(", ")
            );
        }
        if !self.cycles.is_empty() {
            let round = |[a, b, c]: &[usize; 3]| format!("{0} > {1} > {2} > {0}", self.name(*a), self.name(*b), self.name(*c));
            let shown: Vec<String> = self.cycles.iter().take(CYCLES).map(round).collect();
            let more = self.cycles.len() - shown.len();
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            let _ = writeln!(text, "\nJudgments of `{id}` that go round in a circle: {}{rest}", shown.join("; "));
        }
        if let Some(repair) = &self.repair {
            text.push_str(&self.proposal(repair));
        }
        text
    }

    /// Which judgments are at fault, and what would help.
    fn proposal(&self, repair: &Repair) -> String {
        let w = self.weights;
        let (cr, ri, table, limit) = (w.cr(), w.ri(), w.random_index_used(), self.max_cr);
        let mut text =
            format!("\n`{}` contradicts itself: CR {cr:.4} (RI {ri}, {table}), limit {limit}; if only one judgment is changed:\n", self.id);
        let mut grid = Grid::new(&["judgment", ">now", ">share of CI", ">best", ">CR", ">on the scale", ">CR"]);
        for s in self.suspects.iter().take(SHOWN) {
            grid.row([
                self.pair(s.row, s.column),
                ratio(s.entry),
                format!("{:.1} %", s.share * 100.0),
                ratio(s.best),
                format!("{:.4}", s.cr_best),
                ratio(s.on_scale),
                format!("{:.4}", s.cr_on_scale),
            ]);
        }
        text.push_str(&grid.text());
        let changes: Vec<String> =
            repair.changes.iter().map(|c| format!("{} from {} to {}", self.pair(c.row, c.column), ratio(c.from), ratio(c.to))).collect();
        // Writing to a string cannot fail.
        let _ = match (changes.is_empty(), repair.reached) {
            (true, _) => writeln!(text, "  No change on the 1–9 scale helps."),
            (false, reached) => {
                let short = if reached { "" } else { ", which is not enough" };
                writeln!(
                    text,
                    "  Proposal, not applied (--accept OUT.toml writes a card with it): {}; CR {:.4} ({table}){short}",
                    changes.join(", "),
                    repair.cr_after
                )
            }
        };
        text
    }
}

/// The measures of every judged node and what is worth saying about them; nothing where none was judged.
pub(super) fn text(looked: &[Looked<'_>]) -> String {
    let mut grid = Grid::new(&["judgments of", ">n", ">CR", ">limit", ">CI", "random index", ">GCI", ">limit", ">Koczkodaj", ">cycles"]);
    for one in looked.iter().filter(|one| one.judgments.n() > 2) {
        grid.row([
            one.id.to_owned(),
            one.judgments.n().to_string(),
            format!("{:.4}", one.weights.cr()),
            one.max_cr.to_string(),
            format!("{:.4}", one.weights.ci()),
            index(one.weights),
            format!("{:.4}", one.gci),
            one.gci_limit().map_or_else(String::new, |limit| limit.to_string()),
            format!("{:.4}", one.koczkodaj),
            one.cycles.len().to_string(),
        ]);
    }
    if grid.is_empty() {
        return String::new();
    }
    let notices: String = looked.iter().map(Looked::notices).collect();
    format!("\n{}{notices}", grid.text())
}
