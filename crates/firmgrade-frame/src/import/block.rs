//! Rows of a file that are read together, and the whole table from its blocks.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hasher};

use super::column::{Builder, Finished, Values};
use super::header::{Layout, Source};
use super::report::{self, Reason, TableReport};
use super::{Duplicates, Reading};
use crate::clean::tidy;
use firmgrade::card::Unreadable;

/// Rows read one after the other.
pub(super) struct Block<'a> {
    layout: &'a Layout,
    builders: Vec<Builder<'a>>,
    rows: Vec<usize>,
    digests: Vec<u128>,
    read: usize,
    blank: usize,
    rejected: Vec<Reason>,
    /// Places among `rows` of those that are left out, for they have a cell that cannot be read.
    dropped: Vec<usize>,
    drops: bool,
}

impl<'a> Block<'a> {
    pub(super) fn new(layout: &'a Layout, reading: &'a Reading) -> Self {
        let builders = layout.columns.iter().map(|column| Builder::new(column, reading)).collect();
        Self {
            layout,
            builders,
            rows: Vec::new(),
            digests: Vec::new(),
            read: 0,
            blank: 0,
            rejected: Vec::new(),
            dropped: Vec::new(),
            drops: reading.unreadable == Unreadable::Drop,
        }
    }

    /// One more row of `count` cells, which stands in row `row` of the file.
    pub(super) fn row<'c>(&mut self, row: usize, count: usize, cell: impl Fn(usize) -> Cow<'c, str>) {
        if (0..count).all(|at| tidy(&cell(at)).is_empty()) {
            self.blank += 1;
            return;
        }
        self.read += 1;
        let named = self.layout.named;
        if count < named {
            report::add(&mut self.rejected, &format!("fewer than the {named} cells of the header"), row, &format!("{count} cells"));
            return;
        }
        // Columns without a name: behind the last named one content is a row that slipped, for a comma in a cell was not quoted.
        if let Some(found) = (named..count).map(&cell).find(|cell| !tidy(cell).is_empty()) {
            report::add(&mut self.rejected, "content beyond the last column of the header", row, &found);
            return;
        }
        let mut unread = None;
        for (builder, column) in self.builders.iter_mut().zip(&self.layout.columns) {
            if !builder.push(&cell(column.at), row) && unread.is_none() {
                unread = Some(column);
            }
        }
        if let Some(column) = unread.filter(|_| self.drops) {
            report::add(&mut self.rejected, &unread_cell(&column.name), row, &cell(column.at));
            self.dropped.push(self.rows.len());
        }
        self.rows.push(row);
        self.digests.push(digest((0..count).map(cell)));
    }

    pub(super) fn finish(self, ends: usize) -> Part {
        let columns = self.builders.into_iter().map(Builder::finish).collect();
        let (rows, digests, rejected, dropped) = (self.rows, self.digests, self.rejected, self.dropped);
        Part { columns, rows, digests, read: self.read, blank: self.blank, rejected, dropped, ends }
    }
}

/// Why a row is left out, where one of its cells cannot be read.
pub(super) fn unread_cell(column: &str) -> String {
    format!("a cell of `{column}` that cannot be read")
}

/// 128 bits that tell rows apart: of a million rows two different ones agree with a probability of 10⁻²⁷.
fn digest<'c>(cells: impl Iterator<Item = Cow<'c, str>>) -> u128 {
    let (mut one, mut two) = (DefaultHasher::new(), DefaultHasher::new());
    two.write_u8(1);
    for cell in cells {
        for hasher in [&mut one, &mut two] {
            hasher.write(cell.as_bytes());
            hasher.write_u8(0xFF);
        }
    }
    u128::from(one.finish()) << 64 | u128::from(two.finish())
}

/// A finished block. Its rows are counted from its own beginning; `ends` is how far they reach.
pub(super) struct Part {
    columns: Vec<Finished>,
    rows: Vec<usize>,
    digests: Vec<u128>,
    read: usize,
    blank: usize,
    rejected: Vec<Reason>,
    dropped: Vec<usize>,
    ends: usize,
}

/// A whole table: for each column its name and its values, in chunks.
pub(super) struct Whole {
    pub(super) columns: Vec<(String, Vec<Values>)>,
    /// Row of the file of each row, from 1.
    pub(super) rows: Vec<usize>,
    /// Whether each row is used; empty where all are.
    pub(super) used: Vec<bool>,
    pub(super) report: TableReport,
}

/// One table from its parts, the first of which begins behind row `before` of the file.
pub(super) fn whole(parts: Vec<Part>, layout: &Layout, mut report: TableReport, mut before: usize, reading: &Reading) -> Whole {
    let none = |column: &Source| Builder::new(column, reading).finish();
    let mut columns: Vec<(Finished, Vec<Values>)> = layout.columns.iter().map(|column| (none(column), Vec::new())).collect();
    let (mut rows, mut digests, mut dropped) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        for ((all, chunks), more) in columns.iter_mut().zip(part.columns) {
            chunks.push(all.join(more, before));
        }
        dropped.extend(part.dropped.iter().map(|at| at + rows.len()));
        rows.extend(part.rows.iter().map(|row| row + before));
        digests.extend(part.digests);
        report.read += part.read;
        report.blank += part.blank;
        report::join(&mut report.rejected, part.rejected, before);
        before += part.ends;
    }
    let mut first: HashSet<u128> = HashSet::with_capacity(digests.len());
    let mut used: Vec<bool> = digests.into_iter().map(|digest| first.insert(digest)).collect();
    report.repeated = used.iter().filter(|used| !**used).count();
    if reading.duplicates == Duplicates::Count {
        used.fill(true);
    }
    // A row that cannot be read is rejected, whether it stands there twice or not.
    let both = dropped.iter().filter(|at| used.get(**at) == Some(&false)).count();
    report.duplicates = used.iter().filter(|used| !**used).count() - both;
    for at in &dropped {
        if let Some(used) = used.get_mut(*at) {
            *used = false;
        }
    }
    report.used = rows.len() - report.duplicates - dropped.len();
    if report.used == rows.len() {
        used.clear();
    }
    report.columns = columns.iter_mut().map(|(all, _)| all.report()).collect();
    let columns = layout.columns.iter().zip(columns).map(|(column, (_, chunks))| (column.name.clone(), chunks)).collect();
    Whole { columns, rows, used, report }
}
