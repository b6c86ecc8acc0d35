//! The catalogue of errors: one text for each, and none without.

use std::io;

use firmgrade_frame::{CellFault, Format, FrameError, RaggedRow};

/// The place of each error in the catalogue. Without a wildcard: a new error does not compile until it stands here.
fn place(error: &FrameError) -> usize {
    use FrameError as E;
    match error {
        E::NotFound { .. } => 0,
        E::Directory { .. } => 1,
        E::Read { .. } => 2,
        E::NoFolder { .. } => 3,
        E::Write { .. } => 4,
        E::UnknownEnding { .. } => 5,
        E::OnlyWritten { .. } => 6,
        E::OnlyRead { .. } => 7,
        E::StandardInput { .. } => 8,
        E::OverwritesInput { .. } => 9,
        E::SameOutput { .. } => 10,
        E::AnotherFormat { .. } => 11,
        E::EmptyFile { .. } => 12,
        E::Damaged { .. } => 13,
        E::EmptyHeader { .. } => 14,
        E::DuplicateHeader { .. } => 15,
        E::UnsupportedColumn { .. } => 16,
        E::NotUtf8 { .. } => 17,
        E::NulByte { .. } => 18,
        E::NotCommas { .. } => 19,
        E::Ragged { .. } => 20,
        E::OpenQuote { .. } => 21,
        E::AfterQuote { .. } => 22,
        E::LoneReturn { .. } => 23,
        E::UnknownSheet { .. } => 24,
        E::NoSheets { .. } => 25,
        E::EmptySheet { .. } => 26,
        E::ErrorCells { .. } => 27,
        E::Scattered { .. } => 28,
        E::TooLargeForSheet { .. } => 29,
        E::TooLongForCell { .. } => 30,
        E::NotReport { .. } => 31,
        E::Unwritable { .. } => 32,
        E::Engine(_) => 33,
        E::TooWide { .. } => 34,
        E::UnknownEncoding { .. } => 35,
        E::NotEncoded { .. } => 36,
        E::MixedEncodings { .. } => 37,
        E::Utf16 { .. } => 38,
        E::NoHeader { .. } => 39,
        E::NoSuchRow { .. } => 40,
        E::MissingColumns { .. } => 41,
        E::MappedTwice { .. } => 42,
        E::Accounting { .. } => 43,
    }
}

#[test]
fn every_error_has_its_text() {
    use FrameError as E;
    let s = str::to_owned;
    let csv = || s("f.csv");
    let book = || s("f.xlsx");
    let refused = || io::Error::from_raw_os_error(13);
    let catalogue = [
        (E::NotFound { file: csv() }, "cannot find `f.csv`: no such file; check the path"),
        (E::Directory { file: s("d") }, "`d` is a directory, expected a file; name a file in it"),
        (E::Read { file: csv(), source: refused() }, "cannot read `f.csv`: permission denied"),
        (E::NoFolder { file: csv(), folder: s("d") }, "cannot write `f.csv`: there is no folder `d`; make it, or name another"),
        (E::Write { file: csv(), source: refused() }, "cannot write `f.csv`: permission denied; nothing was left behind"),
        (
            E::UnknownEnding { file: s("f.txt"), found: s("the ending `.txt`") },
            "cannot tell the format of `f.txt`: found the ending `.txt`, expected .csv, .parquet, .xlsx, .xls, .ods or .json; \
             rename the file or name its format",
        ),
        (
            E::OnlyWritten { file: s("f.json"), format: Format::Json },
            "cannot read `f.json`: JSON is only written here, expected CSV, Parquet, .xlsx, .xls or .ods",
        ),
        (
            E::OnlyRead { file: s("f.xls"), format: Format::Xls },
            "cannot write `f.xls`: Excel (.xls) is only read here, expected .csv, .parquet, .xlsx or .json",
        ),
        (
            E::StandardInput { format: Format::Parquet },
            "cannot read Parquet from standard input, expected CSV; save it to a file and name the file",
        ),
        (
            E::OverwritesInput { output: csv(), input: s("./f.csv") },
            "the output `f.csv` would overwrite the input `./f.csv`; name another file",
        ),
        (
            E::SameOutput { first: csv(), second: s("./f.csv") },
            "the outputs `f.csv` and `./f.csv` are the same file; name another file for one of them",
        ),
        (
            E::AnotherFormat { file: csv(), expected: Format::Csv, found: "a Parquet file" },
            "`f.csv` is not CSV: found a Parquet file; rename it to its true format, or save it again as CSV",
        ),
        (E::EmptyFile { file: csv() }, "`f.csv` is empty, expected a header and rows"),
        (
            E::Damaged { file: book(), format: Format::Xlsx, reason: s("no end") },
            "`f.xlsx` is Excel (.xlsx) that cannot be read, perhaps cut off or damaged: no end; copy or save it again",
        ),
        (
            E::EmptyHeader { file: csv(), position: 2, place: s("B") },
            "`f.csv`: column 2 (B) has no name in the header; name it, or delete what stands above the header",
        ),
        (
            E::DuplicateHeader { file: csv(), name: s("id"), first: 1, second: 3 },
            "`f.csv`: the column name `id` stands twice in the header, in columns 1 and 3; rename one of them",
        ),
        (
            E::UnsupportedColumn { file: csv(), column: s("b"), found: s("bytes") },
            "`f.csv`: column `b` holds bytes, expected numbers, text, dates, true or false; leave it out",
        ),
        (
            E::NotUtf8 { file: csv(), line: 3, offset: 15, byte: 0xBC },
            "`f.csv` is not UTF-8: line 3, byte offset 15, found byte 0xBC; save the file as UTF-8",
        ),
        (
            E::NulByte { file: csv(), line: 3, offset: 15 },
            "`f.csv`: line 3, byte offset 15: found a NUL byte, expected text; save the file as UTF-8 text",
        ),
        (
            E::NotCommas { file: csv(), header: s("a;b") },
            "`f.csv`: the header is one column, `a;b`, expected names separated by commas; save the file with commas",
        ),
        (
            E::Ragged { file: csv(), expected: 3, rows: vec![RaggedRow { line: 2, cells: 4 }], total: 7 },
            "`f.csv`: the header has 3 cells, but 7 rows have not: line 2 has 4 and 6 more; \
             put a cell that contains a comma between double quotes",
        ),
        (
            E::OpenQuote { file: csv(), line: 3 },
            "`f.csv`: line 3: a double quote opens here and never closes; close it, or check that the file is whole",
        ),
        (
            E::AfterQuote { file: csv(), line: 3 },
            "`f.csv`: line 3: found text after a closing double quote; write a double quote inside a cell twice",
        ),
        (
            E::LoneReturn { file: csv(), line: 3 },
            "`f.csv`: line 3: found a carriage return without a line feed; save the file with line ends LF or CRLF",
        ),
        (E::UnknownSheet { file: book(), sheet: s("x"), known: s("`a`, `b`") }, "`f.xlsx` has no sheet `x`, found `a`, `b`"),
        (
            E::NoSheets { file: csv(), sheet: s("x"), format: Format::Csv },
            "the sheet `x` is named, but `f.csv` is CSV and has no sheets; leave the sheet out",
        ),
        (
            E::EmptySheet { file: book(), sheet: s("x") },
            "`f.xlsx`: the sheet `x` is empty, expected a header and rows; name the sheet that holds the table",
        ),
        (
            E::ErrorCells { file: book(), sheet: s("x"), bad: vec![CellFault { cell: s("D17"), found: s("#N/A") }], total: 1 },
            "`f.xlsx`, sheet `x`: found an error in D17 (#N/A); correct it or empty it",
        ),
        (
            E::Scattered { file: book(), sheet: s("x"), cell: s("XFD1048576") },
            "`f.xlsx`: the sheet `x` reaches as far as cell XFD1048576 and is nearly empty; delete what stands outside the table",
        ),
        (
            E::TooLargeForSheet { file: book(), rows: 2_000_000, columns: 3 },
            "cannot write `f.xlsx`: 2000000 rows and 3 columns, but a sheet holds at most 1048575 rows below its header \
             and 16384 columns; write .parquet or .csv",
        ),
        (
            E::TooLongForCell { file: book(), cell: s("A2"), found: 40_000 },
            "cannot write `f.xlsx`: cell A2 has 40000 characters, but a cell of a sheet holds at most 32767; write .parquet or .csv",
        ),
        (
            E::NotReport { file: s("r.json"), reason: s("missing field `as_of`") },
            "`r.json` is not a report of `firmgrade derive`: missing field `as_of`; name the file that `--report` wrote",
        ),
        (E::Unwritable { file: book(), reason: s("no") }, "cannot write `f.xlsx`: no; nothing was left behind"),
        (
            E::Engine(firmgrade::Error::Data(vec![firmgrade::DataFault::NoFirms])),
            "the data: 1 problem\n  found no firms, expected at least one; look whether rows stand below the header",
        ),
        (
            E::TooWide { file: csv(), line: 3 },
            "`f.csv`: line 3: a row of more than 16 MiB or 100000 cells begins here, expected a table; \
             look for a missing line end or a double quote too many",
        ),
        (
            E::UnknownEncoding { file: csv(), line: 3, offset: 15, byte: 0xFF },
            "`f.csv` is neither UTF-8 nor GB18030: line 3, byte offset 15, found byte 0xFF; the file may be damaged, or save it as UTF-8",
        ),
        (
            E::NotEncoded { file: csv(), encoding: "GB18030", line: 3, offset: 15, byte: 0xFF },
            "`f.csv` is not GB18030: line 3, byte offset 15, found byte 0xFF; state another encoding",
        ),
        (
            E::MixedEncodings { file: csv(), utf8: 1, other: 3, offset: 15, byte: 0xBC },
            "`f.csv` mixes encodings: line 1 is UTF-8, line 3, byte offset 15, is not (byte 0xBC); save all of it in one encoding",
        ),
        (E::Utf16 { file: csv() }, "`f.csv` is UTF-16 text, expected UTF-8 or GB18030; save it again as UTF-8"),
        (
            E::NoHeader { file: csv(), table: s("a"), looked: 50, first: s("`x`, `y`") },
            "`f.csv`: none of the first 50 rows has a header that `[mapping.a]` spells; the first row begins `x`, `y`; \
             add the spelling, or say in which row the header stands",
        ),
        (E::NoSuchRow { file: csv(), row: 9, found: 3 }, "`f.csv`: the header is said to stand in row 9, found 3 rows"),
        (
            E::MissingColumns { file: csv(), table: s("a"), row: 2, missing: vec![s("uscc"), s("day")], found: s("`x`, `y`") },
            "`f.csv`: the header in row 2 has `x`, `y`, and no column for `uscc`, `day`; add the spelling to `[mapping.a]`",
        ),
        (
            E::MappedTwice { file: csv(), table: s("a"), name: s("uscc"), first: 1, second: 3 },
            "`f.csv`: columns 1 and 3 of the header are both `uscc`; rename one, or leave one out of `[mapping.a]`",
        ),
        (
            E::Accounting { file: csv(), read: 9, used: 7, other: 1 },
            "`f.csv`: 9 rows were read, but 7 used and 1 accounted for otherwise: please report this",
        ),
    ];
    for (at, (error, text)) in catalogue.iter().enumerate() {
        assert_eq!(place(error), at);
        assert_eq!(error.to_string(), *text);
        assert!(!text.ends_with('.') && text.chars().next().is_some_and(|first| first == '`' || first.is_lowercase()));
    }
    let last = catalogue.iter().map(|(error, _)| place(error)).max().unwrap();
    assert_eq!(last + 1, 44, "every place of the catalogue is filled");
}
