//! Draws and matches at the table edge: frames, rosters and records as tables.

mod frame;

pub use frame::{FRAME_COLUMNS, draw_frame, frame_table};

/// Names from one text that separates them with `;`, `；` or `、`, blanks around them taken off.
#[must_use]
pub fn listed(text: &str) -> Vec<String> {
    text.split([';', '；', '、']).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
