//! Tables as offices send them: the encoding, the format and the header row are found, columns get the names of the card, cells are
//! cleaned and read as what they are meant to be, and every row is accounted for.

mod block;
mod card;
mod column;
mod encoding;
mod frame;
mod header;
mod identity;
mod mappings;
mod open;
mod report;
mod source;

pub use card::reading;
pub use encoding::Encoding;
pub use frame::import_frame;
pub use identity::{Identity, NameFound, NameMatch, NameMatcher, Several, identity};
pub use mappings::{MappingFault, Mappings};
pub use open::{Imported, import_table};
pub use report::{CodeCounts, ColumnReport, Place, Reason, TableReport};

use firmgrade::card::Unreadable;
use serde::{Deserialize, Serialize};

use crate::clean::{DateOrder, Unit};

/// How the cells of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellKind {
    /// As text, tidied.
    #[default]
    Text,
    /// As the code of an enterprise; nothing else stands in such a column.
    Code,
    /// As the id of a firm: a code where it is one, cleaned; any other text as it stands, tidied. Numbers of natural persons are kept, for
    /// they must find their firm; whoever shows ids masks them.
    Id,
    /// As a day.
    Date,
    /// As a number; with a unit of money in the cell, as yuan.
    #[serde(alias = "yuan")]
    Number,
    /// As an amount of 万元; the result is in yuan.
    TenThousandYuan,
    /// As an amount of 亿元; the result is in yuan.
    HundredMillionYuan,
    /// As yes or no.
    Flag,
}

impl CellKind {
    /// The unit of a column of numbers.
    fn unit(self) -> Option<Unit> {
        match self {
            Self::Number => Some(Unit::Yuan),
            Self::TenThousandYuan => Some(Unit::TenThousandYuan),
            Self::HundredMillionYuan => Some(Unit::HundredMillionYuan),
            Self::Text | Self::Code | Self::Id | Self::Date | Self::Flag => None,
        }
    }
}

/// What becomes of a row that repeats an earlier one of the same file cell by cell. It is counted either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// It is used like the first.
    #[default]
    Count,
    /// It is left out.
    Drop,
}

/// How one table is read: the sections `[mapping.<table>]` and `[reading]` of a card.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The table, for messages and the report.
    pub table: String,
    /// Header as offices write it → column; several spellings may name one column. A header without a mapping keeps its name.
    pub mapping: Vec<(String, String)>,
    /// Column → how its cells are read; a column that is not named here is text.
    pub kinds: Vec<(String, CellKind)>,
    /// Columns that the table must have.
    pub needed: Vec<String>,
    /// Words that stand for a missing value. An empty cell always does.
    pub missing: Vec<String>,
    /// How dates with the year at the end are read.
    pub dates: DateOrder,
    /// Words for yes, besides `true`, `1`, `yes`, `y`, `是`.
    pub true_words: Vec<String>,
    /// Words for no, besides `false`, `0`, `no`, `n`, `否`.
    pub false_words: Vec<String>,
    /// The row in which the header stands, from 1; without it the header is looked for in the first 50 rows.
    pub header_row: Option<usize>,
    /// The encoding of a text file; without it UTF-8 where all bytes are, or else GB18030.
    pub encoding: Option<Encoding>,
    /// The sheet of a workbook; without it the first visible one with something in it.
    pub sheet: Option<String>,
    /// What becomes of repeated rows.
    pub duplicates: Duplicates,
    /// What becomes of rows with a cell that cannot be read: they are left out by [`Unreadable::Drop`] only. It is for the caller to refuse
    /// a table whose report has such cells.
    pub unreadable: Unreadable,
}
