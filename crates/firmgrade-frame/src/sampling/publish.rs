//! Announcements, result tables and task sheets with the headings that are customary.

use super::roster::items_of;
use crate::fault::{FrameError, one_line};
use crate::write::{csv_with_mark, excel, whole};
use firmgrade::mask;
use firmgrade::sample::Record;
use firmgrade::sample::matching::Match;
use firmgrade::sample::policy::Policy;
use firmgrade::sample::results::{Accounted, Publication};
use polars::prelude::*;
use rust_xlsxwriter::XlsxError;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The customary columns of an announcement; a table of results has 检查完成日期 and 检查结果 as well.
pub const ANNOUNCED: [&str; 11] = [
    "抽查计划编号",
    "抽查计划名称",
    "抽查任务编号",
    "抽查任务名称",
    "抽查类型",
    "抽查事项",
    "检查机关",
    "检查日期自",
    "检查日期至",
    "市场主体名称",
    "统一社会信用代码",
];

/// A plan that was drawn, with what its tables say.
#[derive(Clone, Copy, Debug)]
pub struct Published<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// The record of its draw.
    pub record: &'a Record,
    /// The names of firms by their ids; a firm without one has an empty cell.
    pub names: &'a BTreeMap<String, String>,
}

/// A column of text that is being filled.
type Filled = Vec<Option<String>>;

fn frame(columns: Vec<(&str, Filled)>) -> PolarsResult<DataFrame> {
    let height = columns.first().map_or(0, |(_, cells)| cells.len());
    let columns = columns.into_iter().map(|(name, cells)| Column::new(name.into(), cells)).collect();
    DataFrame::new(height, columns)
}

/// One firm with one item.
struct Line<'a> {
    id: &'a str,
    item: usize,
    wave: u32,
}

impl<'a> Published<'a> {
    /// The firms drawn, by rank within strata, one row for each item.
    fn lines(&self) -> Vec<Line<'a>> {
        let number = |id: &str| self.policy.items().iter().position(|item| item.id == id).unwrap_or_default();
        let selected = self.record.selected.iter().enumerate();
        selected
            .flat_map(|(at, one)| {
                let items = items_of(self.policy, self.record, at);
                items.into_iter().map(move |item| Line { id: &one.id, item: number(&item.id), wave: one.wave })
            })
            .collect()
    }

    /// 抽查任务编号: plan, item and, where there are several, wave.
    fn task(&self, line: &Line<'_>) -> String {
        let waves = if self.record.commitment.design.waves > 1 { format!("-{}", line.wave) } else { String::new() };
        format!("{}-{:02}{waves}", self.policy.plan_id(), line.item + 1)
    }

    fn announced(&self, lines: &[Line<'_>]) -> Vec<(&'static str, Filled)> {
        let (from, to) = self.policy.period();
        let item = |line: &Line<'_>| self.policy.items().get(line.item);
        let waves = self.record.commitment.design.waves > 1;
        let cell = |column: usize, line: &Line<'_>| -> Option<String> {
            match column {
                0 => Some(self.policy.plan_id().to_owned()),
                1 => Some(self.policy.title().to_owned()),
                2 => Some(self.task(line)),
                3 => item(line).map(|item| item.name.clone() + &if waves { format!("（第{}批）", line.wave) } else { String::new() }),
                4 => Some(if self.policy.spec().policy.directed { "定向" } else { "不定向" }.to_owned()),
                5 => item(line).map(|item| item.name.clone()),
                6 => item(line).map(|item| item.department.clone()),
                7 => Some(from.to_string()),
                8 => Some(to.to_string()),
                9 => self.names.get(line.id).cloned(),
                _ => Some(mask(line.id)),
            }
        };
        ANNOUNCED.iter().enumerate().map(|(column, name)| (*name, lines.iter().map(|line| cell(column, line)).collect())).collect()
    }

    /// The announcement of the firms drawn: [`ANNOUNCED`], one row for each firm and item.
    ///
    /// # Errors
    /// A [`PolarsError`] of the library.
    pub fn announcement(&self) -> PolarsResult<DataFrame> {
        frame(self.announced(&self.lines()))
    }

    /// The results: [`ANNOUNCED`], 检查完成日期, 检查结果, 公示截止日期 and 公示状态. Every firm drawn is there; one without a result has empty cells and
    /// the last day for it. Substitutes that were inspected follow.
    ///
    /// # Errors
    /// A [`PolarsError`] of the library.
    pub fn results(&self, accounted: &Accounted) -> PolarsResult<DataFrame> {
        let mut lines = self.lines();
        let number = |id: &str| self.policy.items().iter().position(|item| item.id == id).unwrap_or_default();
        let item_id = |line: &Line<'_>| self.policy.items().get(line.item).map_or("", |item| item.id.as_str());
        for one in accounted.rows.iter().filter(|one| one.substitute) {
            if let Some(reserve) = self.record.reserve.iter().find(|reserve| reserve.id == one.id) {
                lines.push(Line { id: &reserve.id, item: number(&one.item), wave: 1 });
            }
        }
        let found: BTreeMap<(&str, &str), (usize, &str, &str)> = accounted
            .rows
            .iter()
            .enumerate()
            .filter(|(_, one)| one.pi_visit.is_some())
            .map(|(at, one)| ((one.id.as_str(), one.item.as_str()), (at, one.date.as_str(), one.code.as_str())))
            .collect();
        let due: BTreeMap<(&str, &str), (&str, bool)> =
            accounted.outstanding.iter().map(|one| ((one.id.as_str(), one.item.as_str()), (one.due.as_str(), one.overdue))).collect();
        let mut columns = self.announced(&lines);
        let result = |line: &Line<'_>| found.get(&(line.id, item_id(line))).copied();
        let deadline = |line: &Line<'_>| -> Option<(String, &'static str)> {
            if let Some((at, ..)) = result(line) {
                let deadline = accounted.deadlines.get(at)?;
                return Some((deadline.due.clone(), state(deadline.state)));
            }
            let (day, overdue) = due.get(&(line.id, item_id(line)))?;
            Some(((*day).to_owned(), if *overdue { "逾期未公示" } else { "待检查" }))
        };
        columns.extend([
            ("检查完成日期", lines.iter().map(|line| result(line).map(|(_, date, _)| date.to_owned())).collect()),
            ("检查结果", lines.iter().map(|line| result(line).map(|(_, _, code)| code.to_owned())).collect()),
            ("公示截止日期", lines.iter().map(|line| deadline(line).map(|(day, _)| day)).collect()),
            ("公示状态", lines.iter().map(|line| deadline(line).map(|(_, state)| state.to_owned())).collect()),
        ]);
        frame(columns)
    }

    /// A task sheet for each inspector who has a visit: firm, items, who else goes, and empty cells for day, result and remarks.
    ///
    /// # Errors
    /// A [`PolarsError`] of the library.
    pub fn tasks(&self, found: &Match) -> PolarsResult<Vec<(String, DataFrame)>> {
        let mut staff: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut visits: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for pair in &found.pairs {
            staff.entry(&pair.visit).or_default().push(&pair.inspector);
            visits.entry(&pair.inspector).or_default().push(&pair.visit);
        }
        let lines = self.lines();
        let mut by_firm: BTreeMap<&str, Vec<&Line<'_>>> = BTreeMap::new();
        for line in &lines {
            by_firm.entry(line.id).or_default().push(line);
        }
        let (from, to) = self.policy.period();
        let sheet = |(inspector, firms): (&str, Vec<&str>)| {
            let mine: Vec<&Line<'_>> = firms.iter().filter_map(|id| by_firm.get(id)).flatten().copied().collect();
            let item = |line: &Line<'_>| self.policy.items().get(line.item);
            let others = |line: &Line<'_>| {
                let others = staff.get(line.id)?.iter().filter(|one| **one != inspector);
                Some(others.copied().collect::<Vec<_>>().join("、"))
            };
            let text = |of: &dyn Fn(&Line<'_>) -> Option<String>| -> Filled { mine.iter().map(|line| of(line)).collect() };
            let table = frame(vec![
                ("序号", (1..=mine.len()).map(|at| Some(at.to_string())).collect()),
                ("检查人员", text(&|_| Some(inspector.to_owned()))),
                ("同行检查人员", text(&others)),
                ("抽查任务编号", text(&|line| Some(self.task(line)))),
                ("市场主体名称", text(&|line| self.names.get(line.id).cloned())),
                ("统一社会信用代码", text(&|line| Some(mask(line.id)))),
                ("抽查事项", text(&|line| item(line).map(|item| item.name.clone()))),
                ("检查依据", text(&|line| item(line).map(|item| item.basis.clone()))),
                ("检查日期自", text(&|_| Some(from.to_string()))),
                ("检查日期至", text(&|_| Some(to.to_string()))),
                ("检查完成日期", text(&|_| None)),
                ("检查结果", text(&|_| None)),
                ("备注", text(&|_| None)),
            ]);
            table.map(|table| (inspector.to_owned(), table))
        };
        visits.into_iter().map(sheet).collect()
    }
}

fn state(state: Publication) -> &'static str {
    match state {
        Publication::InTime => "按期公示",
        Publication::Late => "逾期公示",
        Publication::Pending => "待公示",
        Publication::Overdue => "逾期未公示",
    }
}

/// Writes tables for people, all of them or none: `.xlsx`, or `.csv` in UTF-8 with the mark by which spreadsheets know it. A cell that begins with = + - @ is
/// text in both. `tasks` become one workbook with a sheet for each.
///
/// # Errors
/// A [`FrameError`] that names the file and the remedy.
pub fn write_publication(tables: &mut [(DataFrame, PathBuf)], tasks: Option<(&[(String, DataFrame)], &Path)>) -> Result<(), FrameError> {
    let mut ready = Vec::with_capacity(tables.len() + 1);
    for (table, path) in tables {
        let csv = crate::format::Format::from_path(&*path)? == crate::format::Format::Csv;
        ready.push(if csv {
            csv_with_mark(table, path)?
        } else {
            crate::write::aside(table, path, &crate::write::WriteOptions::default())?
        });
    }
    if let Some((sheets, path)) = tasks {
        ready.push(whole::aside(path, |out, file| {
            let failed = |error: XlsxError| FrameError::Unwritable { file: file.to_owned(), reason: one_line(&error.to_string()) };
            excel::write_sheets(sheets, out, file, &failed)
        })?);
    }
    ready.into_iter().try_for_each(whole::Ready::put)
}
