//! Draws and matches at the table edge: frames, firms of a plan, rosters, results and publications as tables.

mod firms;
mod frame;
mod publish;
mod results;
mod roster;
mod table;

pub use firms::{PlanFirms, by_firm};
pub use frame::{FRAME_COLUMNS, draw_frame, frame_csv, frame_table};
pub use publish::{ANNOUNCED, Published, write_publication};
pub(crate) use results::source_of;
pub use results::{HandedIn, evaluation_table};
pub use roster::{inspectors, items_of, recusals, visits};
pub(crate) use table::ID;
pub use table::TableFaults;

/// Names from one text that separates them with `;`, `；` or `、`, blanks around them taken off.
#[must_use]
pub fn listed(text: &str) -> Vec<String> {
    text.split([';', '；', '、']).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
