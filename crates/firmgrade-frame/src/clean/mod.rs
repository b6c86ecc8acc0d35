//! One cell as an office wrote it, read as what it is meant to be: pure functions from text to value, without files and frames.
//!
//! Nothing is guessed: what can be read in two ways is refused with the reason, and what is corrected is only what carries no meaning
//! (blanks, width and case of letters, invisible characters).

mod amount;
mod code;
mod date;
mod name;
mod text;

pub use amount::{AmountFault, Unit, read_amount};
pub use code::{Code, CodeFault, CodeKind, clean_code, read_code};
pub use date::{CellDate, DateFault, DateOrder, date_text, is_placeholder, read_date};
pub use name::name_key;
pub use text::{header_key, tidy, to_half_width};
