//! What people see: tables, heat maps, bars and intervals for notebooks, lists as Python writes them.

mod bars;
mod heat;
mod intervals;

pub use bars::{Bar, bars};
pub use firmgrade_frame::escape;
pub use heat::{LARGEST_HEAT, judgments};
pub use intervals::{Interval, intervals};

/// A table with a caption; every text is escaped.
pub fn table(caption: &str, header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let cells = |tag: &str, texts: &mut dyn Iterator<Item = String>| -> String {
        texts.map(|text| format!("<{tag}>{}</{tag}>", escape(&text))).collect()
    };
    let head = cells("th", &mut header.iter().map(|text| (*text).to_owned()));
    let body: String = rows.into_iter().map(|row| format!("<tr>{}</tr>", cells("td", &mut row.into_iter()))).collect();
    format!("<table><caption>{}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>", escape(caption))
}

/// A list of texts as Python writes it.
pub fn list<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let quoted: Vec<String> = texts.into_iter().map(|text| format!("'{text}'")).collect();
    format!("[{}]", quoted.join(", "))
}

/// A judgment as people write it: 3, 1/3, 2.5, 1/2.5.
pub fn ratio(value: f64) -> String {
    let (size, below) = if value >= 1.0 { (value, false) } else { (1.0 / value, true) };
    let text = format!("{size:.2}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if below && text != "1" { format!("1/{text}") } else { text.to_owned() }
}
