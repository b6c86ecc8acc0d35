//! Which row is the header, and what each column of the file is called in the card.

use super::{CellKind, Reading};
use crate::clean::{header_key, tidy};
use crate::fault::{FrameError, column_letters};

/// Rows at the top of a file among which the header is looked for.
pub(super) const LOOKED_AT: usize = 50;

/// A column that is read.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// Its place in the row, from 0.
    pub(super) at: usize,
    /// Its name in the card; without a mapping, its header.
    pub(super) name: String,
    /// Its header, tidied.
    pub(super) header: String,
    pub(super) kind: CellKind,
}

/// What the top of a file says about the rest.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// Place of the header among the rows looked at, from 0.
    pub(super) row: usize,
    /// Rows above it that hold something.
    pub(super) titles: usize,
    pub(super) columns: Vec<Source>,
    /// Cells of a row that have a name: from the first to the last named column.
    pub(super) named: usize,
    /// Columns of the header without a name.
    pub(super) unnamed: usize,
}

/// Finds the header among the first `rows` and names the columns.
///
/// A stated row is taken. Otherwise the row with the most headers that the mapping spells, the first of them; without a mapping the first
/// row that is not blank.
///
/// # Errors
/// A [`FrameError`] where no row has a header of the mapping, where needed columns are absent, or where two columns get one name.
pub(super) fn layout(rows: &[Vec<String>], file: &str, reading: &Reading) -> Result<Layout, FrameError> {
    let mapping: Vec<(String, &str)> = reading.mapping.iter().map(|(header, name)| (header_key(header), name.as_str())).collect();
    let mapped = |cell: &str| {
        let key = header_key(cell);
        mapping.iter().find(|(header, _)| !key.is_empty() && *header == key).map(|(_, name)| *name)
    };
    let row = match reading.header_row {
        Some(stated) => {
            let found = rows.len();
            if stated == 0 || stated > found {
                return Err(FrameError::NoSuchRow { file: file.to_owned(), row: stated, found });
            }
            stated - 1
        }
        None if mapping.is_empty() => {
            let some = rows.iter().position(|row| row.iter().any(|cell| !header_key(cell).is_empty()));
            some.ok_or_else(|| FrameError::EmptyFile { file: file.to_owned() })?
        }
        None => {
            let hits = |row: &Vec<String>| row.iter().filter(|cell| mapped(cell).is_some()).count();
            let best = rows.iter().map(hits).enumerate().rev().max_by_key(|(_, hits)| *hits);
            match best {
                Some((row, 1..)) => row,
                _ => {
                    let first = rows.iter().flatten().map(|cell| header_key(cell)).filter(|cell| !cell.is_empty()).take(4);
                    let first =
                        first.map(|cell| format!("`{}`", firmgrade::mask(&cell.chars().take(20).collect::<String>()))).collect::<Vec<_>>();
                    let (table, looked) = (reading.table.clone(), rows.len());
                    let first = if first.is_empty() { "with nothing".to_owned() } else { first.join(", ") };
                    return Err(FrameError::NoHeader { file: file.to_owned(), table, looked, first });
                }
            }
        }
    };
    let header = rows.get(row).map(Vec::as_slice).unwrap_or_default();
    let named = header.iter().rposition(|cell| !header_key(cell).is_empty()).map_or(0, |last| last + 1);
    let mut columns: Vec<Source> = Vec::with_capacity(named);
    let mut unnamed = header.len() - named;
    for (at, cell) in header.iter().enumerate().take(named) {
        let header = header_key(cell);
        if header.is_empty() {
            unnamed += 1;
            continue;
        }
        let name = match mapped(cell) {
            Some(name) => {
                if let Some(earlier) = columns.iter().find(|column| column.name == name) {
                    return Err(FrameError::MappedTwice {
                        file: file.to_owned(),
                        table: reading.table.clone(),
                        name: name.to_owned(),
                        first: earlier.at + 1,
                        second: at + 1,
                    });
                }
                name.to_owned()
            }
            None => {
                let name = tidy(cell).replace(['\n', '\r'], "");
                // Nobody reads it: two columns 备注 are told apart by their letters.
                if columns.iter().any(|column| column.name == name) { format!("{name} ({})", column_letters(at)) } else { name }
            }
        };
        let kind = reading.kinds.iter().find(|(column, _)| *column == name).map_or(CellKind::Text, |(_, kind)| *kind);
        columns.push(Source { at, name, header, kind });
    }
    let missing: Vec<String> =
        reading.needed.iter().filter(|needed| !columns.iter().any(|column| column.name == **needed)).cloned().collect();
    if !missing.is_empty() {
        let found: Vec<String> = columns.iter().take(12).map(|column| format!("`{}`", column.header)).collect();
        let found = if columns.len() > 12 { format!("{} and {} more", found.join(", "), columns.len() - 12) } else { found.join(", ") };
        return Err(FrameError::MissingColumns { file: file.to_owned(), table: reading.table.clone(), row: row + 1, missing, found });
    }
    let titles = rows.iter().take(row).filter(|row| row.iter().any(|cell| !header_key(cell).is_empty())).count();
    Ok(Layout { row, titles, columns, named, unnamed })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[&[&str]]) -> Vec<Vec<String>> {
        text.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
    }

    fn reading(mapping: &[(&str, &str)]) -> Reading {
        let mapping = mapping.iter().map(|(header, name)| ((*header).to_owned(), (*name).to_owned())).collect();
        Reading { table: "penalties".to_owned(), mapping, ..Reading::default() }
    }

    #[test]
    fn the_row_with_the_most_known_headers_whatever_their_spelling() {
        let rows = rows(&[
            &["单位名称统计表（2022）", "", ""],
            &["", "", ""],
            &["\u{200B}处罚\n日期", " 单位名称", "备注", "备注", "", "金额（元）", "", ""],
            &["2022-1-1", "甲", "", "", "", "5", "", ""],
        ]);
        let mapping = [("处罚日期", "day"), ("日期", "day"), ("单位名称", "name"), ("金额(元)", "amount")];
        let layout = layout(&rows, "f.csv", &reading(&mapping)).unwrap();
        let names: Vec<(usize, &str)> = layout.columns.iter().map(|column| (column.at, column.name.as_str())).collect();
        assert_eq!(names, [(0, "day"), (1, "name"), (2, "备注"), (3, "备注 (D)"), (5, "amount")]);
        assert_eq!((layout.row, layout.titles, layout.named, layout.unnamed), (2, 1, 6, 3));
    }

    #[test]
    fn a_header_that_cannot_be_told_is_an_error() {
        let rows = rows(&[&["企业", "代码"], &["甲", "110105194912310021"]]);
        let refused = |reading: &Reading| layout(&rows, "f.csv", reading).unwrap_err().to_string();
        assert_eq!(
            refused(&reading(&[("单位", "name")])),
            "`f.csv`: none of the first 2 rows has a header that `[mapping.penalties]` spells; the first row begins `企业`, `代码`, `甲`, \
             `110105***********1`; add the spelling, or say in which row the header stands"
        );
        assert_eq!(
            refused(&reading(&[("企业", "name"), ("代码", "name")])),
            "`f.csv`: columns 1 and 2 of the header are both `name`; rename one, or leave one out of `[mapping.penalties]`"
        );
        assert_eq!(
            refused(&Reading { needed: vec!["uscc".to_owned(), "day".to_owned()], ..reading(&[("企业", "name")]) }),
            "`f.csv`: the header in row 1 has `企业`, `代码`, and no column for `uscc`, `day`; add the spelling to `[mapping.penalties]`"
        );
        assert_eq!(
            refused(&Reading { header_row: Some(3), ..Reading::default() }),
            "`f.csv`: the header is said to stand in row 3, found 2 rows"
        );
        let stated = Reading { header_row: Some(2), ..Reading::default() };
        assert_eq!(layout(&rows, "f.csv", &stated).unwrap().columns[0].name, "甲");
    }
}
