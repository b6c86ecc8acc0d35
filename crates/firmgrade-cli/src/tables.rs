//! Numbers and tables for people: figures right, words left, Chinese as wide as it is, no colours.

use comfy_table::{Cell, CellAlignment, LineStyle, Table, TableStyle};

/// One line below the headings, of a character that is as wide in every font.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('-').junction('-'));

/// A table with figures aligned right in the columns whose heading begins with `>`.
pub(crate) struct Grid {
    table: Table,
    right: Vec<bool>,
}

impl Grid {
    /// A table with these headings.
    pub(crate) fn new(headings: &[&str]) -> Self {
        let right: Vec<bool> = headings.iter().map(|heading| heading.starts_with('>')).collect();
        let mut table = Table::new();
        table.load_style(STYLE);
        let mut grid = Self { table, right };
        let cells = grid.cells(headings.iter().map(|heading| heading.trim_start_matches('>').to_owned()));
        grid.table.set_header(cells);
        grid
    }

    /// One more row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells = self.cells(cells);
        self.table.add_row(cells);
    }

    /// Whether there are no rows.
    pub(crate) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The table as text, indented by two, with a line feed at its end.
    pub(crate) fn text(&self) -> String {
        self.table.lines().map(|line| format!("  {}\n", line.trim_end())).collect()
    }

    fn cells(&self, cells: impl IntoIterator<Item = String>) -> Vec<Cell> {
        let align = |right: &bool| if *right { CellAlignment::Right } else { CellAlignment::Left };
        // A line feed in a title would tear the row.
        let cell = |text: String| Cell::new(text.replace(['\n', '\r', '\t'], " "));
        cells.into_iter().zip(&self.right).map(|(text, right)| cell(text).set_alignment(align(right))).collect()
    }
}

/// A count with separators: `60,000`.
pub(crate) fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `12 firms`, `1 firm`.
pub(crate) fn counted(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

/// A share as `38.8 %`; a dash where there is nothing to share.
pub(crate) fn percent(share: f64) -> String {
    if share.is_finite() { format!("{:.1} %", share * 100.0) } else { "–".to_owned() }
}

/// `part` of `whole` as a share; NaN where the whole is nothing.
pub(crate) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { f64::NAN } else { part as f64 / whole as f64 }
}

/// Seconds by step in a line.
pub(crate) fn seconds(steps: &[(&'static str, f64)]) -> String {
    steps.iter().map(|(name, seconds)| format!("{name} {seconds:.2} s")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_separators() {
        assert_eq!([0, 12, 999, 1_000, 60_000, 1_234_567].map(count), ["0", "12", "999", "1,000", "60,000", "1,234,567"]);
        assert_eq!([counted(1, "firm"), counted(0, "firm")], ["1 firm", "0 firms"]);
        assert_eq!([percent(0.3877), percent(f64::NAN), percent(share(0, 0))], ["38.8 %", "–", "–"]);
    }

    #[test]
    fn chinese_keeps_columns_in_line() {
        let mut grid = Grid::new(&["title", ">firms"]);
        grid.row(["经营异常".to_owned(), "7".to_owned()]);
        grid.row(["plain".to_owned(), "1,200".to_owned()]);
        let text = grid.text();
        assert!(text.contains("   经营异常       7\n"), "{text}");
        assert!(text.contains("   plain      1,200\n"), "{text}");
    }
}
