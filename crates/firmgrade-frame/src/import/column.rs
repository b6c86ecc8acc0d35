//! The cells of one column, cleaned as they come in, with the account of them.

use std::borrow::Cow;
use std::collections::HashMap;

use super::report::{self, CodeCounts, ColumnReport};
use super::{CellKind, Reading};
use crate::clean::{CellDate, CodeFault, Unit, clean_code, date_text, read_amount, read_code, read_date, tidy, to_half_width};

/// Spellings of a text column that are told apart.
const SPELLINGS: usize = 100;

/// The values of a column; a missing one is `None`, or an empty range of the text.
#[derive(Debug, Clone)]
pub(super) enum Values {
    Text(Texts),
    Day(Vec<Option<i32>>),
    Number(Vec<Option<f64>>),
    Flag(Vec<Option<bool>>),
}

/// Texts one behind the other; an empty one is missing.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = Option<&str>> {
        let mut from = 0;
        self.ends.iter().map(move |end| {
            let text = self.text.get(from..*end).filter(|text| !text.is_empty());
            from = *end;
            text
        })
    }
}

/// A column as it grows, cell by cell.
pub(super) struct Builder<'a> {
    reading: &'a Reading,
    pub(super) values: Values,
    pub(super) report: ColumnReport,
    codes: CodeCounts,
    days: Option<(i32, i32)>,
    spellings: Option<HashMap<String, usize>>,
    /// The last cell of a text column: neighbours repeat each other.
    last: (String, usize),
    /// Whether somebody reads the column, so that an error of a spreadsheet in it matters.
    wanted: bool,
}

/// What spreadsheets write where a formula fails.
const ERRORS: [&str; 7] = ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"];

impl<'a> Builder<'a> {
    pub(super) fn new(column: &super::header::Source, reading: &'a Reading) -> Self {
        let values = match column.kind {
            CellKind::Text | CellKind::Code | CellKind::Id => Values::Text(Texts::default()),
            CellKind::Date => Values::Day(Vec::new()),
            CellKind::Number | CellKind::TenThousandYuan | CellKind::HundredMillionYuan => Values::Number(Vec::new()),
            CellKind::Flag => Values::Flag(Vec::new()),
        };
        Self {
            reading,
            values,
            report: ColumnReport::new(&column.name, &column.header, column.kind),
            codes: CodeCounts::default(),
            days: None,
            spellings: (column.kind == CellKind::Text).then(HashMap::new),
            last: (String::new(), 0),
            wanted: reading.kinds.iter().any(|(wanted, _)| *wanted == column.name),
        }
    }

    /// One more cell, of the row `row` of the file; whether it could be read.
    pub(super) fn push(&mut self, cell: &str, row: usize) -> bool {
        self.report.cells += 1;
        let text = tidy(cell);
        if text.is_empty() || self.reading.missing.iter().any(|word| *word == text) {
            self.report.missing += 1;
            self.none();
            return true;
        }
        if self.wanted && text.starts_with('#') && ERRORS.contains(&&*text) {
            return self.unreadable("an error of a spreadsheet", &text, row);
        }
        match self.report.kind {
            CellKind::Text => self.text(&text, cell),
            CellKind::Id => self.id(&text, cell),
            CellKind::Code => self.code(&text, cell, row),
            CellKind::Date => self.date(&text, row),
            CellKind::Flag => self.flag(&text, row),
            kind => self.number(&text, cell, kind.unit().unwrap_or_default(), row),
        }
    }

    fn number(&mut self, text: &str, cell: &str, unit: Unit, row: usize) -> bool {
        match read_amount(text, unit) {
            Ok(number) => {
                self.report.repaired += usize::from(cell.parse::<f64>().is_err());
                self.report.range = Some(self.report.range.map_or((number, number), |(low, high)| (low.min(number), high.max(number))));
                if let Values::Number(numbers) = &mut self.values {
                    numbers.push(Some(number));
                }
                true
            }
            Err(fault) => self.unreadable(&fault.to_string(), text, row),
        }
    }

    fn none(&mut self) {
        match &mut self.values {
            Values::Text(texts) => texts.push(""),
            Values::Day(days) => days.push(None),
            Values::Number(numbers) => numbers.push(None),
            Values::Flag(flags) => flags.push(None),
        }
    }

    fn unreadable(&mut self, reason: &str, found: &str, row: usize) -> bool {
        report::add(&mut self.report.unreadable, reason, row, found);
        self.none();
        false
    }

    fn id(&mut self, text: &str, cell: &str) -> bool {
        let id = self.codes.id(text);
        self.report.repaired += usize::from(*id != *cell);
        if let Values::Text(texts) = &mut self.values {
            texts.push(&id);
        }
        true
    }

    fn text(&mut self, text: &str, cell: &str) -> bool {
        self.report.repaired += usize::from(text.len() != cell.len());
        if let Values::Text(texts) = &mut self.values {
            texts.push(text);
        }
        if self.last.0 == text {
            self.last.1 += 1;
        } else {
            self.count_last();
            self.last.0.clear();
            self.last.0.push_str(text);
            self.last.1 = 1;
        }
        true
    }

    fn count_last(&mut self) {
        let Some(spellings) = self.spellings.as_mut().filter(|_| self.last.1 > 0) else { return };
        if let Some(count) = spellings.get_mut(self.last.0.as_str()) {
            *count += self.last.1;
        } else if spellings.len() < SPELLINGS {
            spellings.insert(self.last.0.clone(), self.last.1);
        } else {
            self.spellings = None;
        }
        self.last.1 = 0;
    }

    fn code(&mut self, text: &str, cell: &str, row: usize) -> bool {
        match read_code(text) {
            Ok(code) => {
                self.report.repaired += usize::from(*code.text != *cell);
                self.codes.add(code.kind);
                if let Values::Text(texts) = &mut self.values {
                    texts.push(&code.text);
                }
                true
            }
            Err(fault) => {
                let found = match &fault {
                    CodeFault::Person(masked) => Cow::Borrowed(masked.as_str()),
                    _ => clean_code(text),
                };
                self.unreadable(&fault.to_string(), &found, row)
            }
        }
    }

    fn date(&mut self, text: &str, row: usize) -> bool {
        match read_date(text, self.reading.dates) {
            Ok(CellDate::Day(day)) => {
                let plain = text.len() == 10 && text.as_bytes().get(4) == Some(&b'-');
                self.report.repaired += usize::from(!plain);
                self.days = Some(self.days.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
                if let Values::Day(days) = &mut self.values {
                    days.push(Some(day));
                }
                true
            }
            Ok(CellDate::Placeholder) => {
                self.report.placeholders += 1;
                self.none();
                true
            }
            Err(fault) => self.unreadable(&fault.to_string(), text, row),
        }
    }

    fn flag(&mut self, text: &str, row: usize) -> bool {
        let half = to_half_width(text);
        let is = |words: &[String]| words.iter().any(|word| *word == *text || *word == *half);
        let value = match (is(&self.reading.true_words), is(&self.reading.false_words)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => match half.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "y" | "是" => Some(true),
                "false" | "0" | "no" | "n" | "否" => Some(false),
                _ => None,
            },
        };
        match value {
            None => self.unreadable("neither a word for yes nor for no", text, row),
            Some(_) => {
                if let Values::Flag(flags) = &mut self.values {
                    flags.push(value);
                }
                true
            }
        }
    }

    /// The values and what there is to say about them; rows of the report are still those of the block.
    pub(super) fn finish(mut self) -> Finished {
        self.count_last();
        if matches!(self.report.kind, CellKind::Code | CellKind::Id) {
            self.report.codes = Some(self.codes);
        }
        Finished { values: self.values, report: self.report, days: self.days, spellings: self.spellings }
    }
}

/// One column of one block.
pub(super) struct Finished {
    pub(super) values: Values,
    pub(super) report: ColumnReport,
    days: Option<(i32, i32)>,
    spellings: Option<HashMap<String, usize>>,
}

impl Finished {
    /// Adds the account of the next block, whose rows are counted from `before`; its values stay a chunk of their own.
    pub(super) fn join(&mut self, more: Self, before: usize) -> Values {
        let (mine, other) = (&mut self.report, more.report);
        mine.cells += other.cells;
        mine.missing += other.missing;
        mine.placeholders += other.placeholders;
        mine.repaired += other.repaired;
        report::join(&mut mine.unreadable, other.unreadable, before);
        if let (Some(codes), Some(more)) = (mine.codes.as_mut(), other.codes) {
            codes.join(more);
        }
        mine.range = match (mine.range, other.range) {
            (Some((low, high)), Some((lower, higher))) => Some((low.min(lower), high.max(higher))),
            (range, None) | (None, range) => range,
        };
        self.days = match (self.days, more.days) {
            (Some((first, last)), Some((earlier, later))) => Some((first.min(earlier), last.max(later))),
            (days, None) | (None, days) => days,
        };
        self.spellings = match (self.spellings.take(), more.spellings) {
            (Some(mut all), Some(others)) => {
                for (spelling, count) in others {
                    *all.entry(spelling).or_default() += count;
                }
                (all.len() <= SPELLINGS).then_some(all)
            }
            _ => None,
        };
        more.values
    }

    /// The report, with dates as text and spellings in order.
    pub(super) fn report(&mut self) -> ColumnReport {
        let mut report = self.report.clone();
        report.days = self.days.map(|(first, last)| (date_text(first), date_text(last)));
        report.spellings = self.spellings.take().map(|spellings| {
            let mut all: Vec<(String, usize)> = spellings.into_iter().map(|(text, count)| (firmgrade::mask(&text), count)).collect();
            all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            all
        });
        report
    }
}
