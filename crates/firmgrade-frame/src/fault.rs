//! What can go wrong between a table and its file: the whole vocabulary, each text with its place and its remedy.

use std::fmt::Write as _;
use std::io;

use crate::format::Format;

/// How many bad rows or cells an error names; it always states how many there are.
pub(crate) const NAMED: usize = 5;

/// A row of a CSV file that does not have as many cells as the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RaggedRow {
    /// Line on which the row begins, from 1.
    pub line: usize,
    /// How many cells it has.
    pub cells: usize,
}

/// A cell of a sheet that holds a spreadsheet error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellFault {
    /// Where it is, as `D17`.
    pub cell: String,
    /// What it holds, as `#N/A`.
    pub found: String,
}

/// A table could not be read from its file or written to it.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant and its fields are explained by its text")]
pub enum FrameError {
    // what the engine refuses
    #[error(transparent)]
    Engine(#[from] firmgrade::Error),

    // paths
    #[error("cannot find `{file}`: no such file; check the path")]
    NotFound { file: String },
    #[error("`{file}` is a directory, expected a file; name a file in it")]
    Directory { file: String },
    #[error("cannot read `{file}`: {}", plain(source))]
    Read { file: String, source: io::Error },
    #[error("cannot write `{file}`: there is no folder `{folder}`; make it, or name another")]
    NoFolder { file: String, folder: String },
    #[error("cannot write `{file}`: {}; nothing was left behind", plain(source))]
    Write { file: String, source: io::Error },
    #[error(
        "cannot tell the format of `{file}`: found {found}, expected \
         .csv, .parquet, .xlsx, .xls, .ods or .json; rename the file or name its format"
    )]
    UnknownEnding { file: String, found: String },
    #[error("cannot read `{file}`: {format} is only written here, expected CSV, Parquet, .xlsx, .xls or .ods")]
    OnlyWritten { file: String, format: Format },
    #[error("cannot write `{file}`: {format} is only read here, expected .csv, .parquet, .xlsx or .json")]
    OnlyRead { file: String, format: Format },
    #[error("cannot read {format} from standard input, expected CSV; save it to a file and name the file")]
    StandardInput { format: Format },
    #[error("the output `{output}` would overwrite the input `{input}`; name another file")]
    OverwritesInput { output: String, input: String },
    #[error("the outputs `{first}` and `{second}` are the same file; name another file for one of them")]
    SameOutput { first: String, second: String },

    // any file
    #[error("`{file}` is not {expected}: found {found}; rename it to its true format, or save it again as {expected}")]
    AnotherFormat { file: String, expected: Format, found: &'static str },
    #[error("`{file}` is empty, expected a header and rows")]
    EmptyFile { file: String },
    #[error("`{file}` is {format} that cannot be read, perhaps cut off or damaged: {reason}; copy or save it again")]
    Damaged { file: String, format: Format, reason: String },
    #[error("`{file}`: column {position} ({place}) has no name in the header; name it, or delete what stands above the header")]
    EmptyHeader { file: String, position: usize, place: String },
    #[error("`{file}`: the column name `{name}` stands twice in the header, in columns {first} and {second}; rename one of them")]
    DuplicateHeader { file: String, name: String, first: usize, second: usize },
    #[error("`{file}`: column `{column}` holds {found}, expected numbers, text, dates, true or false; leave it out")]
    UnsupportedColumn { file: String, column: String, found: String },

    // CSV
    #[error("`{file}` is not UTF-8: line {line}, byte offset {offset}, found byte 0x{byte:02X}; save the file as UTF-8")]
    NotUtf8 { file: String, line: usize, offset: usize, byte: u8 },
    #[error("`{file}`: line {line}, byte offset {offset}: found a NUL byte, expected text; save the file as UTF-8 text")]
    NulByte { file: String, line: usize, offset: usize },
    #[error("`{file}`: the header is one column, `{header}`, expected names separated by commas; save the file with commas")]
    NotCommas { file: String, header: String },
    #[error(
        "`{file}`: the header has {expected} cells, but {total} rows have not: {}; \
         put a cell that contains a comma between double quotes",
        ragged(rows, *total)
    )]
    Ragged { file: String, expected: usize, rows: Vec<RaggedRow>, total: usize },
    #[error("`{file}`: line {line}: a double quote opens here and never closes; close it, or check that the file is whole")]
    OpenQuote { file: String, line: usize },
    #[error("`{file}`: line {line}: found text after a closing double quote; write a double quote inside a cell twice")]
    AfterQuote { file: String, line: usize },
    #[error("`{file}`: line {line}: found a carriage return without a line feed; save the file with line ends LF or CRLF")]
    LoneReturn { file: String, line: usize },

    #[error(
        "`{file}`: line {line}: a row of more than 16 MiB or 100000 cells begins here, expected a table; \
         look for a missing line end or a double quote too many"
    )]
    TooWide { file: String, line: usize },

    // what offices send
    #[error(
        "`{file}` is neither UTF-8 nor GB18030: line {line}, byte offset {offset}, found byte 0x{byte:02X}; \
         the file may be damaged, or save it as UTF-8"
    )]
    UnknownEncoding { file: String, line: usize, offset: usize, byte: u8 },
    #[error("`{file}` is not {encoding}: line {line}, byte offset {offset}, found byte 0x{byte:02X}; state another encoding")]
    NotEncoded { file: String, encoding: &'static str, line: usize, offset: usize, byte: u8 },
    #[error(
        "`{file}` mixes encodings: line {utf8} is UTF-8, line {other}, byte offset {offset}, is not (byte 0x{byte:02X}); \
         save all of it in one encoding"
    )]
    MixedEncodings { file: String, utf8: usize, other: usize, offset: usize, byte: u8 },
    #[error("`{file}` is UTF-16 text, expected UTF-8 or GB18030; save it again as UTF-8")]
    Utf16 { file: String },
    #[error(
        "`{file}`: none of the first {looked} rows has a header that `[mapping.{table}]` spells; the first row begins {first}; \
         add the spelling, or say in which row the header stands"
    )]
    NoHeader { file: String, table: String, looked: usize, first: String },
    #[error("`{file}`: the header is said to stand in row {row}, found {found} rows")]
    NoSuchRow { file: String, row: usize, found: usize },
    #[error(
        "`{file}`: the header in row {row} has {found}, and no column for {}; add the spelling to `[mapping.{table}]`",
        quoted(missing)
    )]
    MissingColumns { file: String, table: String, row: usize, missing: Vec<String>, found: String },
    #[error("`{file}`: columns {first} and {second} of the header are both `{name}`; rename one, or leave one out of `[mapping.{table}]`")]
    MappedTwice { file: String, table: String, name: String, first: usize, second: usize },
    #[error("`{file}`: {read} rows were read, but {used} used and {other} accounted for otherwise: please report this")]
    Accounting { file: String, read: usize, used: usize, other: usize },

    // Excel
    #[error("`{file}` has no sheet `{sheet}`, found {known}")]
    UnknownSheet { file: String, sheet: String, known: String },
    #[error("the sheet `{sheet}` is named, but `{file}` is {format} and has no sheets; leave the sheet out")]
    NoSheets { file: String, sheet: String, format: Format },
    #[error("`{file}`: the sheet `{sheet}` is empty, expected a header and rows; name the sheet that holds the table")]
    EmptySheet { file: String, sheet: String },
    #[error("`{file}`, sheet `{sheet}`: found an error in {}; correct it or empty it", cells(bad, *total))]
    ErrorCells { file: String, sheet: String, bad: Vec<CellFault>, total: usize },
    #[error("`{file}`: the sheet `{sheet}` reaches as far as cell {cell} and is nearly empty; delete what stands outside the table")]
    Scattered { file: String, sheet: String, cell: String },
    #[error(
        "cannot write `{file}`: {rows} rows and {columns} columns, but a sheet holds at most \
         1048575 rows below its header and 16384 columns; write .parquet or .csv"
    )]
    TooLargeForSheet { file: String, rows: usize, columns: usize },
    #[error("cannot write `{file}`: cell {cell} has {found} characters, but a cell of a sheet holds at most 32767; write .parquet or .csv")]
    TooLongForCell { file: String, cell: String, found: usize },
    #[error("`{file}` is not a report of `firmgrade derive`: {reason}; name the file that `--report` wrote")]
    NotReport { file: String, reason: String },
    #[error("cannot write `{file}`: {reason}; nothing was left behind")]
    Unwritable { file: String, reason: String },
}

impl FrameError {
    /// The error of reading `file`: the two that a person can mend have their own text.
    pub(crate) fn reading(file: &str, source: io::Error) -> Self {
        let file = file.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { file },
            io::ErrorKind::IsADirectory => Self::Directory { file },
            _ => Self::Read { file, source },
        }
    }

    /// The error of writing `file`.
    pub(crate) fn writing(file: &str, source: io::Error) -> Self {
        Self::Write { file: file.to_owned(), source }
    }
}

/// The reference of a cell, as `D17`, from its row and column counted from 0.
pub(crate) fn cell_name(row: usize, column: usize) -> String {
    format!("{}{}", column_letters(column), row.saturating_add(1))
}

/// The letters of a column, as `AB`, counted from 0.
pub(crate) fn column_letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column.saturating_add(1);
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

/// The first line of a message from another library, in the form of this catalogue.
pub(crate) fn one_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default().trim_end_matches('.');
    line.chars().take(200).collect()
}

/// What `f` returns, or what it says when a library under it panics on a damaged file.
///
/// Both polars and calamine index into bytes that they have not checked; a file must not end the process.
pub(crate) fn caught<T>(f: impl FnOnce() -> T) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).map_err(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        one_line(message.unwrap_or("its contents contradict each other"))
    })
}

/// The text of the system, `No space left on device (os error 28)`, without its capital and number.
pub(crate) fn plain(source: &io::Error) -> String {
    // The library of temporary files puts its own error around that of the system.
    let inner = source.get_ref().and_then(|wrapped| wrapped.source());
    let text = inner.map_or_else(|| source.to_string(), ToString::to_string);
    let mut letters = text.split(" (os error").next().unwrap_or_default().chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    one_line(&first.chain(letters).collect::<String>())
}

fn quoted(names: &[String]) -> String {
    listed(names.iter().map(|name| format!("`{name}`")), names.len())
}

fn ragged(rows: &[RaggedRow], total: usize) -> String {
    listed(rows.iter().map(|row| format!("line {} has {}", row.line, row.cells)), total)
}

fn cells(bad: &[CellFault], total: usize) -> String {
    listed(bad.iter().map(|fault| format!("{} ({})", fault.cell, fault.found)), total)
}

fn listed(items: impl Iterator<Item = String>, total: usize) -> String {
    let named: Vec<String> = items.take(NAMED).collect();
    let mut text = named.join(", ");
    if total > named.len() {
        // Writing to a string cannot fail.
        let _ = write!(text, " and {} more", total - named.len());
    }
    text
}
