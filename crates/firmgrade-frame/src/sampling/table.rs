//! Columns of tables that offices hand in, found by any customary heading.

use crate::clean::{CellDate, DateOrder, read_date};
use crate::convert::convert;
use firmgrade::Cells;
use firmgrade::calendar::Day;
use firmgrade::columns::Kind;
use firmgrade::nearest;
use polars::prelude::*;

/// Headings that mean the firm's id.
pub(crate) const ID: &[&str] = &["id", "uscc", "统一社会信用代码", "统一社会信用代码/注册号"];
/// … its name, …
pub(super) const NAME: &[&str] = &["name", "市场主体名称", "企业名称"];
/// … and its grade.
pub(super) const GRADE: &[&str] = &["grade", "信用风险分类"];

/// Everything that is wrong with a table, one sentence each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFaults(pub Vec<String>);

/// A table whose faults are collected.
pub(super) struct Sheet<'t> {
    pub(super) table: &'t DataFrame,
    pub(super) faults: Vec<String>,
}

impl<'t> Sheet<'t> {
    pub(super) fn new(table: &'t DataFrame) -> Self {
        Self { table, faults: Vec::new() }
    }

    /// The first of these columns that is there.
    pub(super) fn find(&self, headings: &[&str]) -> Option<&'t Series> {
        headings.iter().find_map(|name| self.table.column(name).ok()).map(Column::as_materialized_series)
    }

    fn needed(&mut self, headings: &[&str]) -> Option<&'t Series> {
        let found = self.find(headings);
        if found.is_none() {
            let first = headings.first().copied().unwrap_or_default();
            let names = self.table.get_column_names();
            let near = headings.iter().find_map(|heading| nearest(heading, names.iter().map(|name| name.as_str())));
            let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            let others: Vec<String> = headings.iter().skip(1).map(|name| format!("`{name}`")).collect();
            let others = if others.is_empty() { String::new() } else { format!(" (or {})", others.join(", ")) };
            self.faults.push(format!("column `{first}`{others} is missing{near}"));
        }
        found
    }

    /// A column of text that has to be there; nothing for an empty cell.
    pub(super) fn texts(&mut self, headings: &[&str]) -> Vec<Option<String>> {
        self.needed(headings).map_or_else(Vec::new, |series| self.as_texts(series))
    }

    /// A column of text; nothing in every row where it is not there.
    pub(super) fn texts_if_there(&mut self, headings: &[&str]) -> Vec<Option<String>> {
        match self.find(headings) {
            Some(series) => self.as_texts(series),
            None => vec![None; self.table.height()],
        }
    }

    fn as_texts(&mut self, series: &Series) -> Vec<Option<String>> {
        let dtype = series.dtype();
        let date = *dtype == DataType::Date;
        let fits = dtype.is_string() || dtype.is_categorical() || dtype.is_enum() || dtype.is_integer() || date || *dtype == DataType::Null;
        let cast = if fits { series.cast(&DataType::String).ok() } else { None };
        match cast.as_ref().and_then(|series| series.str().ok()) {
            Some(texts) => {
                let text = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
                texts.iter().map(text).collect()
            }
            None => {
                self.faults.push(format!("column `{}` holds {dtype}, expected text", series.name()));
                Vec::new()
            }
        }
    }

    /// A column of text without empty cells.
    pub(super) fn filled(&mut self, headings: &[&str]) -> Vec<String> {
        let texts = self.texts(headings);
        let mut cells = Cells::new("empty cell");
        for (row, _) in texts.iter().enumerate().filter(|(_, text)| text.is_none()) {
            cells.add(row, || None);
        }
        self.cells(headings, &cells, "fill them in");
        texts.into_iter().map(Option::unwrap_or_default).collect()
    }

    /// A column of days in any form that offices write.
    pub(super) fn days(&mut self, headings: &[&str], needed: bool) -> Vec<Option<Day>> {
        let texts = if needed { self.texts(headings) } else { self.texts_if_there(headings) };
        let (mut wrong, mut empty) = (Cells::new("unreadable day"), Cells::new("empty cell"));
        let day = |(row, text): (usize, Option<String>)| {
            let read = text.as_deref().map(|text| match read_date(text, DateOrder::YearFirst) {
                Ok(CellDate::Day(days)) => Day::new(days),
                _ => None,
            });
            match read {
                Some(None) => wrong.add(row, || text.clone()),
                None if needed => empty.add(row, || None),
                _ => {}
            }
            read.flatten()
        };
        let days = texts.into_iter().enumerate().map(day).collect();
        self.cells(headings, &wrong, "write days as 2027-03-01");
        self.cells(headings, &empty, "fill them in");
        days
    }

    /// A column of yes and no; an empty cell is no.
    pub(super) fn flags(&mut self, heading: &str) -> Vec<bool> {
        let Some(series) = self.needed(&[heading]) else { return Vec::new() };
        match convert(series, Kind::Flag) {
            Ok(flags) => flags.bool().map(|flags| flags.iter().map(|flag| flag.unwrap_or(false)).collect()).unwrap_or_default(),
            Err(fault) => {
                self.faults.push(fault.to_string());
                Vec::new()
            }
        }
    }

    pub(super) fn cells(&mut self, headings: &[&str], cells: &Cells, remedy: &str) {
        if !cells.is_empty() {
            let heading = headings.iter().find(|name| self.table.column(name).is_ok()).or(headings.first()).copied().unwrap_or_default();
            self.faults.push(format!("column `{heading}` has {cells}; {remedy}"));
        }
    }

    /// The value, if nothing was wrong.
    pub(super) fn done<T>(self, value: T) -> Result<T, TableFaults> {
        if self.faults.is_empty() { Ok(value) } else { Err(TableFaults(self.faults)) }
    }
}
