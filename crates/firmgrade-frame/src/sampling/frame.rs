//! The frame of a draw, from a table and back.

use crate::number::exact_fraction;
use firmgrade::sample::{Frame, Rate, Row, Salt, SampleFault};
use firmgrade::{Cells, Error, nearest};
use polars::prelude::*;

/// The columns that are read of a table that is drawn from: `rate` as text or `num` and `den`, `exclusion_code` or `exclusion`, `salt` optional.
pub const FRAME_COLUMNS: [&str; 9] = ["id", "grade", "stratum", "num", "den", "rate", "exclusion_code", "exclusion", "salt"];

const RATES: &str = "give two whole numbers, columns `num` and `den`, or text such as `1/50`; 0.02 as a number is not 1/50 in binary";

/// The cells of a row: id, grade, stratum, rate, exclusion.
type Parts<'a> = ((((Option<&'a str>, Option<&'a str>), Option<&'a str>), &'a Rate), Option<&'a str>);

/// The firms among which is drawn, from a table with a column for each part of a row, and their salts where it has them.
///
/// `id`, `grade` and `stratum` are text or whole numbers; the rate is `num` and `den` as whole numbers, or else `rate`: text such as `1/50`, 0
/// or 1, or a number that is a short fraction in binary (0.5, 0.125). `exclusion_code` (or `exclusion`) may be missing: then nobody is excluded,
/// as with an empty cell. `salt` is 32 hexadecimal digits. Salts come back in the order of the frame. `names` are all columns of the table
/// that this one was taken from, to tell what was misspelt.
///
/// # Errors
/// [`Error::Sample`] with every column that is missing, misspelt or of another type, and every cell that cannot be used.
pub fn draw_frame(table: &DataFrame, names: &[String]) -> Result<(Frame, Option<Vec<Salt>>), Error> {
    let mut columns = Columns { table, names, faults: Vec::new() };
    let id = columns.text("id");
    let grade = columns.text("grade");
    let stratum = columns.text("stratum");
    let rates = columns.rates();
    let exclusion = columns.exclusion();
    let salts = columns.salts();
    for (name, column) in [("grade", &grade), ("stratum", &stratum)] {
        columns.complete(name, column.as_ref());
    }
    let mut faults = columns.faults;
    let (Some(id), Some(grade), Some(stratum), Some(rates)) = (id, grade, stratum, rates) else { return Err(Error::Sample(faults)) };
    let none = StringChunked::full_null(PlSmallStr::EMPTY, if exclusion.is_none() { table.height() } else { 0 });
    let exclusion = exclusion.as_ref().unwrap_or(&none);
    let rows = id.iter().zip(grade.iter()).zip(stratum.iter()).zip(&rates).zip(exclusion.iter());
    match Frame::new(rows.map(row_of)) {
        Ok(frame) if faults.is_empty() => {
            let salts = salts.map(|salts| frame.arrange(&salts)).transpose()?;
            Ok((frame, salts))
        }
        Ok(_) => Err(Error::Sample(faults)),
        Err(Error::Sample(more)) => {
            faults.extend(more);
            Err(Error::Sample(faults))
        }
        Err(other) => Err(other),
    }
}

fn row_of(((((id, grade), stratum), rate), exclusion): Parts<'_>) -> Row<'_> {
    Row {
        id: id.unwrap_or_default(),
        grade: grade.unwrap_or_default(),
        stratum: stratum.unwrap_or_default(),
        rate: *rate,
        exclusion: exclusion.unwrap_or_default(),
    }
}

/// The frame with its salts as a table, in the order of ids: id, grade, stratum, num, den, exclusion, salt. What a verifier reads.
///
/// # Errors
/// A [`PolarsError`] where there are not as many salts as rows.
pub fn frame_table(frame: &Frame, salts: &[Salt]) -> PolarsResult<DataFrame> {
    let rows = || (0..frame.len()).map(|row| frame.row(row));
    let text = |name: &str, of: &dyn Fn(Row<'_>) -> String| Column::new(name.into(), rows().map(of).collect::<Vec<_>>());
    let number = |name: &str, of: &dyn Fn(Row<'_>) -> u64| Column::new(name.into(), rows().map(of).collect::<Vec<_>>());
    let hex = |salt: &Salt| salt.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    DataFrame::new(
        frame.len(),
        vec![
            text("id", &|row| row.id.to_owned()),
            text("grade", &|row| row.grade.to_owned()),
            text("stratum", &|row| row.stratum.to_owned()),
            number("num", &|row| row.rate.num),
            number("den", &|row| row.rate.den),
            text("exclusion", &|row| row.exclusion.to_owned()),
            Column::new("salt".into(), salts.iter().map(hex).collect::<Vec<_>>()),
        ],
    )
}

/// The same as CSV, every cell as it is: a cell that was made harmless for spreadsheets would be another row.
#[must_use]
pub fn frame_csv(frame: &Frame, salts: &[Salt]) -> String {
    let mut text = String::from("id,grade,stratum,num,den,exclusion,salt\n");
    let quoted = |text: &mut String, cell: &str| {
        if cell.contains(['"', ',', '\n', '\r']) {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(cell);
        }
        text.push(',');
    };
    for (at, salt) in (0..frame.len()).zip(salts) {
        let row = frame.row(at);
        for cell in [row.id, row.grade, row.stratum, &row.rate.num.to_string(), &row.rate.den.to_string(), row.exclusion] {
            quoted(&mut text, cell);
        }
        text.extend(salt.iter().map(|byte| format!("{byte:02x}")));
        text.push('\n');
    }
    text
}

/// The columns of a table, and what is wrong with them.
struct Columns<'t> {
    table: &'t DataFrame,
    names: &'t [String],
    faults: Vec<SampleFault>,
}

impl Columns<'_> {
    fn fault(&mut self, name: &str, why: String) {
        self.faults.push(SampleFault::Unreadable { what: format!("column `{name}` of the frame"), why });
    }

    fn get(&self, name: &str) -> Option<&Series> {
        self.table.column(name).ok().map(Column::as_materialized_series)
    }

    fn needed(&mut self, name: &str) -> Option<Series> {
        let found = self.get(name).cloned();
        if found.is_none() {
            let strangers = self.names.iter().map(String::as_str).filter(|other| !FRAME_COLUMNS.contains(other));
            let near = nearest(name, strangers).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            self.fault(name, format!("it is missing{near}"));
        }
        found
    }

    /// A column of text or of whole numbers, as text.
    fn text(&mut self, name: &str) -> Option<StringChunked> {
        let series = self.needed(name)?;
        self.as_text(name, &series)
    }

    fn as_text(&mut self, name: &str, series: &Series) -> Option<StringChunked> {
        let dtype = series.dtype();
        let fits = dtype.is_string() || dtype.is_categorical() || dtype.is_enum() || dtype.is_integer() || *dtype == DataType::Null;
        let text = if fits { series.cast(&DataType::String).ok().and_then(|series| series.str().ok().cloned()) } else { None };
        if text.is_none() {
            self.fault(name, format!("it holds {dtype}, expected text"));
        }
        text
    }

    fn complete(&mut self, name: &str, column: Option<&StringChunked>) {
        let mut cells = Cells::new(if name == "grade" { "missing grade" } else { "missing stratum" });
        for (row, value) in column.into_iter().flat_map(|column| column.iter().enumerate()) {
            if value.is_none() {
                cells.add(row, || None);
            }
        }
        self.cells(cells, "every firm needs one; an empty text is one");
    }

    fn cells(&mut self, cells: Cells, remedy: &'static str) {
        if !cells.is_empty() {
            self.faults.push(SampleFault::Frame { cells, remedy });
        }
    }

    fn exclusion(&mut self) -> Option<StringChunked> {
        match (self.get("exclusion_code").cloned(), self.get("exclusion").cloned()) {
            (Some(_), Some(_)) => {
                self.fault("exclusion", "`exclusion_code` is there as well; leave one".to_owned());
                None
            }
            (Some(series), None) | (None, Some(series)) => self.as_text("exclusion_code", &series),
            (None, None) => {
                let strangers = self.names.iter().map(String::as_str).filter(|other| !FRAME_COLUMNS.contains(other));
                if let Some(near) = nearest("exclusion_code", strangers.clone()).or_else(|| nearest("exclusion", strangers)) {
                    let why = format!("it is missing and `{near}` is there; rename it, or leave it out if nobody is excluded by it");
                    self.fault("exclusion_code", why);
                }
                None
            }
        }
    }

    fn rates(&mut self) -> Option<Vec<Rate>> {
        let whole = self.get("num").is_some() || self.get("den").is_some();
        if !whole && self.get("rate").is_some() {
            return self.one_column();
        }
        if !whole {
            self.fault("rate", format!("it is missing; {RATES}"));
            return None;
        }
        let (num, den) = (self.needed("num"), self.needed("den"));
        let (num, den) = (self.whole("num", num.as_ref()?), self.whole("den", den.as_ref()?));
        Some(num?.into_iter().zip(den?).map(|(num, den)| Rate { num, den }).collect())
    }

    fn whole(&mut self, name: &str, series: &Series) -> Option<Vec<u64>> {
        let mut cells = Cells::new("impossible number");
        let dtype = series.dtype();
        let values: Vec<u64> = if dtype.is_integer() {
            let numbers = series.cast(&DataType::UInt64).ok()?;
            let value = |(row, value): (usize, Option<u64>)| {
                value.unwrap_or_else(|| {
                    cells.add(row, || series.get(row).ok().map(|value| value.to_string()));
                    0
                })
            };
            numbers.u64().ok()?.iter().enumerate().map(value).collect()
        } else {
            let texts = self.as_text(name, series)?;
            let value = |(row, text): (usize, Option<&str>)| {
                text.and_then(|text| text.trim().parse().ok()).unwrap_or_else(|| {
                    cells.add(row, || text.map(str::to_owned));
                    0
                })
            };
            texts.iter().enumerate().map(value).collect()
        };
        let found = cells.is_empty();
        self.cells(cells, RATES);
        found.then_some(values)
    }

    /// Rates in a single column.
    fn one_column(&mut self) -> Option<Vec<Rate>> {
        let series = self.get("rate")?.clone();
        let mut cells = Cells::new("inexact or impossible rate");
        let dtype = series.dtype();
        let mut rate = |row: usize, rate: Option<Rate>, text: &dyn Fn() -> Option<String>| {
            rate.unwrap_or_else(|| {
                cells.add(row, text);
                Rate::ZERO
            })
        };
        let rates: Vec<Rate> = if dtype.is_float() {
            let numbers = series.cast(&DataType::Float64).ok()?;
            let each = |(row, value): (usize, Option<f64>)| {
                let fraction = value.and_then(exact_fraction).and_then(|(num, den)| Rate::new(num, den));
                rate(row, fraction, &|| value.map(|value| value.to_string()))
            };
            numbers.f64().ok()?.iter().enumerate().map(each).collect()
        } else {
            let texts = self.as_text("rate", &series)?;
            let each = |(row, text): (usize, Option<&str>)| {
                let read = |text: &str| match text.trim() {
                    "0" => Some(Rate::ZERO),
                    "1" => Some(Rate { num: 1, den: 1 }),
                    text => text.parse().ok(),
                };
                rate(row, text.and_then(read), &|| text.map(str::to_owned))
            };
            texts.iter().enumerate().map(each).collect()
        };
        let found = cells.is_empty();
        self.cells(cells, RATES);
        found.then_some(rates)
    }

    fn salts(&mut self) -> Option<Vec<Salt>> {
        let series = self.get("salt")?.clone();
        let texts = self.as_text("salt", &series)?;
        let mut cells = Cells::new("unreadable salt");
        let salts = texts.iter().enumerate().map(|(row, text)| {
            text.and_then(salt).unwrap_or_else(|| {
                cells.add(row, || None);
                [0; 16]
            })
        });
        let salts = salts.collect();
        self.cells(cells, "a salt is 16 bytes as 32 hexadecimal digits");
        Some(salts)
    }
}

/// 16 bytes from 32 hexadecimal digits.
fn salt(text: &str) -> Option<Salt> {
    let digits = Some(text.trim()).filter(|text| text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u128::from_str_radix(digits, 16).ok().map(u128::to_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: Vec<Column>) -> Result<(Frame, Option<Vec<Salt>>), Error> {
        let table = DataFrame::new(columns.first().map_or(0, Column::len), columns).unwrap();
        let names: Vec<String> = table.get_column_names().iter().map(ToString::to_string).collect();
        draw_frame(&table, &names)
    }

    fn base() -> Vec<Column> {
        vec![Column::new("id".into(), ["b", "=a"]), Column::new("grade".into(), ["C", "A"]), Column::new("stratum".into(), [7_i64, 8])]
    }

    fn with(more: Vec<Column>) -> Result<(Frame, Option<Vec<Salt>>), Error> {
        table(base().into_iter().chain(more).collect())
    }

    fn rates(column: Column) -> Result<Vec<String>, String> {
        let (frame, _) = with(vec![column]).map_err(|error| error.to_string())?;
        Ok(["b", "=a"].into_iter().filter_map(|id| frame.find(id)).map(|row| frame.row(row).rate.to_string()).collect())
    }

    #[test]
    fn a_frame_and_back() {
        let salts = ["00112233445566778899aabbccddeeff", "ffffffffffffffffffffffffffffffff"];
        let (frame, salts) = with(vec![
            Column::new("num".into(), [1_i64, 2]),
            Column::new("den".into(), ["50", "100"]),
            Column::new("exclusion".into(), [None, Some("closed")]),
            Column::new("salt".into(), salts),
        ])
        .unwrap();
        // In the order of ids.
        let row = frame.row(0);
        assert_eq!((row.id, row.grade, row.stratum, row.rate, row.exclusion), ("=a", "A", "8", Rate { num: 2, den: 100 }, "closed"));
        let salts = salts.unwrap();
        assert_eq!((salts[0], salts[1][..3].to_vec()), ([255; 16], vec![0, 0x11, 0x22]));
        let back = frame_table(&frame, &salts).unwrap();
        assert_eq!(back.get_column_names(), ["id", "grade", "stratum", "num", "den", "exclusion", "salt"]);
        let names: Vec<String> = back.get_column_names().iter().map(ToString::to_string).collect();
        let read = crate::read_csv_bytes(frame_csv(&frame, &salts).as_bytes(), "frame").unwrap();
        let (read, salts_read) = draw_frame(&read, &names).unwrap();
        assert_eq!((read.row(0), read.row(1), salts_read.as_ref()), (frame.row(0), frame.row(1), Some(&salts)));
        let (again, same) = draw_frame(&back, &names).unwrap();
        assert_eq!((again.row(1), same.unwrap()), (frame.row(1), salts));
    }

    #[test]
    fn rates_are_exact_or_refused() {
        assert_eq!(rates(Column::new("rate".into(), ["2/100", "1/50"])).unwrap(), ["2/100", "1/50"]);
        assert_eq!(rates(Column::new("rate".into(), [0.5, 0.0625])).unwrap(), ["1/2", "1/16"]);
        assert_eq!(rates(Column::new("rate".into(), [1_i32, 0])).unwrap(), ["1/1", "0/1"]);
        let refused = rates(Column::new("rate".into(), [0.02, 0.5])).unwrap_err();
        assert!(refused.contains("1 inexact or impossible rate (row 1: `0.02`); give two whole numbers"), "{refused}");
        for wrong in ["2%", "0.02", "1/0", "3/2", ""] {
            assert!(rates(Column::new("rate".into(), [wrong, "1/2"])).is_err(), "{wrong}");
        }
    }

    #[test]
    fn everything_wrong_with_a_table_comes_at_once() {
        let error = table(vec![
            Column::new("Id".into(), ["b", "a"]),
            Column::new("grade".into(), [None, Some("A")]),
            Column::new("stratum".into(), [0.5, 1.5]),
            Column::new("num".into(), [-1_i64, 1]),
            Column::new("exclusion_cod".into(), ["", "x"]),
        ])
        .unwrap_err()
        .to_string();
        for text in [
            "column `id` of the frame: it is missing; did you mean `Id`?",
            "column `stratum` of the frame: it holds f64, expected text",
            "column `den` of the frame: it is missing",
            "`exclusion_cod` is there; rename it",
            "1 missing grade (row 1)",
        ] {
            assert!(error.contains(text), "{text}: {error}");
        }
    }
}
