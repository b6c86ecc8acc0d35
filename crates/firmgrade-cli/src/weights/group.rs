//! What experts sent back: the group's weights beside those of the card, who is inconsistent, and how far they agree.

use super::tree::{Row, percent, quoted, ratio, rows};
use super::{heading, write};
use crate::args::{WeightsArgs, WeightsFormat};
use crate::failure::Failure;
use crate::screen;
use crate::tables::{Grid, counted};
use firmgrade::Scorecard;
use firmgrade::ahp::{How, Incomplete, Judgments, Member, Panel, PanelOptions, panel};
use firmgrade_frame::{Accepted, NewJudgments, SurveyedExpert, SurveyedNode, read_survey};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Disputed judgments that are printed for each node.
const SHOWN: usize = 3;

/// A node with what the group says about it.
struct Judged<'s> {
    said: &'s SurveyedNode,
    group: Panel,
    /// The limit of CR of a single expert, beyond which he is named.
    limit: f64,
    /// The limit of the group's CR.
    max_cr: f64,
}

/// The new weights of a node or an indicator: local, global.
type New<'c> = BTreeMap<&'c str, (f64, f64)>;

pub(super) fn run(args: &WeightsArgs, card: &Scorecard) -> Result<(), Failure> {
    let survey = read_survey(card, &args.survey, args.positive)
        .map_err(|faults| Failure::Problems(faults.iter().map(|fault| format!("error: {fault}")).collect()))?;
    survey.warnings.iter().for_each(|warning| screen::warning(&warning.to_string()));
    if survey.nodes.is_empty() {
        return Err(Failure::problem("found no judgments that can be used; fill in the yellow cells of the questionnaire"));
    }
    let mut judged = Vec::new();
    for said in &survey.nodes {
        let ahp = card.spec().ahp_of(&said.node);
        let options = PanelOptions { how: args.how, method: ahp.method, random_index: ahp.random_index, max_cr: args.max_cr };
        let experts: Vec<Incomplete> = said.experts.iter().map(|expert| expert.judgments.clone()).collect();
        match panel(&experts, options) {
            Ok(group) => judged.push(Judged { said, group, limit: args.max_cr.unwrap_or(ahp.max_cr), max_cr: ahp.max_cr }),
            Err(faults) => {
                for fault in faults {
                    screen::warning(&format!("`{}` keeps the weights of the card: {fault}{}", said.node, left_out(args.max_cr)));
                }
            }
        }
    }
    judged.iter().for_each(|one| one.warn(card, args));
    let rows = rows(card);
    let new = new_weights(&rows, &judged);
    screen::data(&match args.format {
        WeightsFormat::Table => table(args, card, &rows, &judged, &new),
        WeightsFormat::Json => format!("{:#}\n", json(args, card, &rows, &judged, &new)),
        WeightsFormat::Csv => csv(&rows, &new),
    })?;
    let Some(out) = &args.accept else { return Ok(()) };
    let changes: Vec<NewJudgments> = judged.iter().map(|one| one.change(args)).collect();
    if changes.is_empty() {
        return Err(Failure::problem(format!("there is nothing to accept; `{}` was not written", out.display())));
    }
    write(args, out, &changes)
}

fn left_out(max_cr: Option<f64>) -> String {
    max_cr.map_or_else(String::new, |limit| format!("; experts with a CR above {limit} were left out"))
}

impl<'s> Judged<'s> {
    fn members(&self) -> impl Iterator<Item = (&'s SurveyedExpert, &Member)> {
        self.said.experts.iter().zip(&self.group.members)
    }

    fn names(&self) -> &[String] {
        self.group.members.first().map_or(&[], |member| member.judgments.names())
    }

    fn pair(&self, row: usize, column: usize) -> String {
        let name = |at: usize| self.names().get(at).map_or("", String::as_str);
        format!("{}:{}", name(row), name(column))
    }

    fn counted(&self) -> usize {
        self.group.members.iter().filter(|member| member.counts).count()
    }

    /// What people should hear, on standard error.
    fn warn(&self, card: &Scorecard, args: &WeightsArgs) {
        let node = &self.said.node;
        for (expert, member) in self.members() {
            let who = format!("{}: `{}` at `{node}`", expert.file, expert.name);
            if !(member.cr <= self.limit) {
                let (table, ri) = (member.weights.random_index_used(), short(member.ri));
                let fate = if member.counts { "and counts; --max-cr leaves such experts out" } else { "and is left out" };
                screen::warning(&format!("{who}: CR {:.4} (RI {ri}, {table}) is above {} {fate}", member.cr, self.limit));
            }
            let beside = if self.group.members.len() > 1 { "the other experts" } else { "the judgments of the card" };
            if let Some(likeness) = member.looks_transposed.or_else(|| self.beside_card(card, member)) {
                screen::warning(&format!(
                    "{who}: says nearly the opposite of {beside} (likeness {likeness:.2}, from -1 to 1); rows and columns, or left and right, \
                     may be exchanged; nothing was changed, ask the expert"
                ));
            }
        }
        for &(row, column) in &self.group.missing {
            screen::warning(&format!(
                "`{node}`: nobody judged `{}`; it is filled in from the group's other judgments",
                self.pair(row, column)
            ));
        }
        if let Some(weights) = &self.group.weights
            && !(weights.cr() <= self.max_cr)
        {
            let (cr, ri, table) = (weights.cr(), weights.ri(), weights.random_index_used());
            let help = if args.accept.is_some() { "; the card may refuse it" } else { "" };
            screen::warning(&format!("`{node}`: the group's CR {cr:.4} (RI {ri}, {table}) is above {}{help}", self.max_cr));
        }
    }

    /// A single expert has nobody beside him but the card.
    fn beside_card(&self, card: &Scorecard, member: &Member) -> Option<f64> {
        let node = card.nodes().iter().find(|node| node.id == self.said.node)?;
        let likeness = node.judgments.as_ref().filter(|_| self.group.members.len() == 1)?.likeness(&member.judgments)?;
        (likeness < Judgments::LOOKS_TRANSPOSED).then_some(likeness)
    }

    fn change(&self, args: &WeightsArgs) -> NewJudgments {
        let file = |path: &std::path::PathBuf| path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let files: Vec<String> = args.survey.iter().map(file).collect();
        let how = match args.how {
            How::Judgments => "专家组判断的几何平均 / geometric mean of the experts' judgments (AIJ)",
            How::Priorities => "专家组权重的几何平均 / geometric mean of the experts' weights (AIP)",
        };
        let mut comment = vec![format!("{how}, {}: {}", counted(self.counted(), "expert"), files.join(", "))];
        let out: Vec<&str> = self.members().filter(|(_, member)| !member.counts).map(|(expert, _)| expert.name.as_str()).collect();
        if let Some(limit) = args.max_cr.filter(|_| !out.is_empty()) {
            comment.push(format!("CR > {limit} 未计入 / left out: {}", out.join(", ")));
        }
        if !self.group.missing.is_empty() {
            let pairs: Vec<String> = self.group.missing.iter().map(|&(row, column)| self.pair(row, column)).collect();
            comment.push(format!("无人判断，由其余判断推出 / judged by nobody, filled in: {}", pairs.join(", ")));
        }
        let accepted = match &self.group.judgments {
            Some(judgments) => Accepted::Judged(judgments.clone()),
            None => Accepted::Direct(self.group.values.clone()),
        };
        NewJudgments { node: self.said.node.clone(), accepted, comment }
    }

    fn text(&self) -> String {
        let agreement = &self.group;
        let w = agreement.kendalls_w.map_or_else(|| "–".to_owned(), |w| format!("{w:.3}"));
        let own = agreement.weights.as_ref().map_or_else(String::new, |weights| {
            let index = if weights.ri() > 0.0 { format!(" (RI {}, {})", weights.ri(), weights.random_index_used()) } else { String::new() };
            format!("; the group's CR {:.4}{index}", weights.cr())
        });
        let missing =
            if agreement.missing.is_empty() { String::new() } else { format!("; {} filled in", counted(agreement.missing.len(), "pair")) };
        let experts = counted(self.counted(), "expert");
        let mut text = format!(
            "\n`{}`: {experts}, consensus S* {}, Kendall's W {w}{own}{missing}\n",
            self.said.node,
            percent(agreement.consensus.s_star)
        );
        let mut grid = Grid::new(&["expert", "file", ">judged", ">CR", "random index", "note"]);
        for (expert, member) in self.members() {
            let pairs = self.names().len() * self.names().len().saturating_sub(1) / 2;
            let mut notes = Vec::new();
            if !(member.cr <= self.limit) {
                notes.push(if member.counts { format!("above {}", self.limit) } else { format!("above {}, left out", self.limit) });
            }
            if let Some(likeness) = member.looks_transposed {
                notes.push(format!("transposed? likeness {likeness:.2}"));
            }
            let index = if member.ri > 0.0 {
                format!("{} ({})", short(member.ri), member.weights.random_index_used())
            } else {
                "not needed".to_owned()
            };
            let name = Path::new(&expert.file).file_name().map_or_else(|| expert.file.clone(), |name| name.to_string_lossy().into_owned());
            let judged = format!("{} of {pairs}", pairs - member.missing.len());
            grid.row([expert.name.clone(), name, judged, format!("{:.4}", member.cr), index, notes.join("; ")]);
        }
        text.push_str(&grid.text());
        let mut grid = Grid::new(&["most disputed", ">mean", ">lowest", ">highest", ">spread", ">above", ">equal", ">below"]);
        for dispute in agreement.disputes.iter().filter(|dispute| dispute.spread > 1.0).take(SHOWN) {
            let [above, equal, below] = dispute.sides.map(|count| count.to_string());
            let spread = format!("× {:.2}", dispute.spread);
            grid.row([
                self.pair(dispute.row, dispute.column),
                ratio(dispute.mean),
                ratio(dispute.low),
                ratio(dispute.high),
                spread,
                above,
                equal,
                below,
            ]);
        }
        if !grid.is_empty() {
            text.push_str(&grid.text());
        }
        text
    }

    fn json(&self) -> Value {
        let pairs = |list: &[(usize, usize)]| list.iter().map(|&(row, column)| self.pair(row, column)).collect::<Vec<_>>();
        let experts: Vec<Value> = self
            .members()
            .map(|(expert, m)| {
                json!({"expert": expert.name, "file": expert.file, "counts": m.counts, "weights": m.weights.values(), "ci": m.weights.ci(),
                       "ri": m.ri, "cr": m.cr, "random_index": m.weights.random_index_used(), "max_cr": self.limit,
                       "missing": pairs(&m.missing), "looks_transposed": m.looks_transposed, "roundings": expert.judgments.roundings()})
            })
            .collect();
        let group = &self.group;
        let disputes: Vec<Value> = group
            .disputes
            .iter()
            .map(|d| {
                json!({"pair": self.pair(d.row, d.column), "mean": d.mean, "low": d.low, "high": d.high, "spread": d.spread,
                       "above": d.sides[0], "equal": d.sides[1], "below": d.sides[2]})
            })
            .collect();
        let consistency = group.weights.as_ref().map(|w| {
            json!({"method": w.method(), "lambda_max": w.lambda_max(), "ci": w.ci(), "ri": w.ri(), "cr": w.cr(),
                   "random_index": w.random_index_used(), "max_cr": self.max_cr})
        });
        json!({"node": self.said.node, "children": self.names(), "weights": group.values, "matrix": group.judgments.as_ref().map(Judgments::matrix),
               "missing": pairs(&group.missing), "consistency": consistency, "s_star": group.consensus.s_star,
               "s_star_2013": group.consensus.s_star_2013, "kendalls_w": group.kendalls_w, "experts": experts, "disputes": disputes})
    }
}

/// A random index to four decimals: with gaps it is a fraction of the table's.
fn short(ri: f64) -> f64 {
    (ri * 1e4).round() / 1e4
}

/// Local and global weights with the group's in the place of the card's.
fn new_weights<'c>(rows: &[Row<'c>], judged: &[Judged<'_>]) -> New<'c> {
    let mut new: New<'c> = BTreeMap::new();
    for row in rows {
        let group = judged.iter().find(|one| one.said.node == row.parent);
        let local = group
            .and_then(|one| one.names().iter().position(|name| name == row.id).and_then(|at| one.group.values.get(at).copied()))
            .unwrap_or(row.local);
        let above = new.get(row.parent).map_or(1.0, |(_, global)| *global);
        new.insert(row.id, (local, above * local));
    }
    new
}

fn table(args: &WeightsArgs, card: &Scorecard, rows: &[Row<'_>], judged: &[Judged<'_>], new: &New<'_>) -> String {
    let mut grid = Grid::new(&["criterion or indicator", "id", ">local", ">group's", ">global", ">group's", ">experts", ">CR"]);
    for row in rows {
        let (local, global) = new.get(row.id).copied().unwrap_or((row.local, row.global));
        let own = judged.iter().find(|one| one.said.node == row.id);
        let asked = judged.iter().any(|one| one.said.node == row.parent);
        let cr = own.and_then(|one| one.group.weights.as_ref()).map_or_else(String::new, |weights| format!("{:.4}", weights.cr()));
        grid.row([
            row.indented(),
            row.id.to_owned(),
            percent(row.local),
            if asked { percent(local) } else { String::new() },
            percent(row.global),
            percent(global),
            own.map_or_else(String::new, |one| one.counted().to_string()),
            cr,
        ]);
    }
    let files = counted(args.survey.len(), "file");
    let how = match args.how {
        How::Judgments => "geometric mean of the judgments (AIJ)",
        How::Priorities => "geometric mean of the weights (AIP)",
    };
    let mut text = format!("{}: {files}, {how}\n\n{}", heading(card), grid.text().replace('\u{a0}', " "));
    for one in judged {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}", one.text());
    }
    text
}

fn json(args: &WeightsArgs, card: &Scorecard, rows: &[Row<'_>], judged: &[Judged<'_>], new: &New<'_>) -> Value {
    let header = &card.spec().scorecard;
    let tree: Vec<Value> = rows
        .iter()
        .map(|row| {
            let (local, global) = new.get(row.id).copied().unwrap_or((row.local, row.global));
            json!({"id": row.id, "title": row.title, "parent": (!row.parent.is_empty()).then_some(row.parent), "kind": row.kind(),
                   "local": row.local, "global": row.global, "group_local": local, "group_global": global})
        })
        .collect();
    let files: Vec<String> = args.survey.iter().map(|path| path.display().to_string()).collect();
    json!({"scorecard": header.id, "version": header.version, "digest": card.digest(), "files": files, "how": args.how, "max_cr": args.max_cr,
           "tree": tree, "nodes": judged.iter().map(Judged::json).collect::<Vec<_>>()})
}

fn csv(rows: &[Row<'_>], new: &New<'_>) -> String {
    let mut text = "id,title,parent,kind,depth,local,global,group_local,group_global\n".to_owned();
    for row in rows {
        let (local, global) = new.get(row.id).copied().unwrap_or((row.local, row.global));
        let (id, title, parent) = (quoted(row.id), quoted(row.title), quoted(row.parent));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{id},{title},{parent},{},{},{},{},{local},{global}", row.kind(), row.depth, row.local, row.global);
    }
    text
}
