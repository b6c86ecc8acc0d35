//! A tree with a bar for each weight.

use super::escape;

/// A name in the tree.
pub struct Bar<'b> {
    pub name: &'b str,
    pub depth: usize,
    pub leaf: bool,
    pub local: f64,
    pub global: f64,
    pub cr: Option<f64>,
}

/// Rows from the top down; a CR above `limit` is marked.
pub fn bars<'b>(caption: &str, rows: impl IntoIterator<Item = Bar<'b>>, limit: f64) -> String {
    let body: String = rows.into_iter().map(|row| line(&row, limit)).collect();
    format!(
        "<table><caption>{}</caption><thead><tr><th style=\"text-align:left\">name</th><th>local</th><th>global</th><th></th><th>CR</th></tr></thead><tbody>{body}</tbody></table>",
        escape(caption)
    )
}

fn line(row: &Bar<'_>, limit: f64) -> String {
    let colour = if row.leaf { "#2563eb" } else { "rgba(128,128,128,0.45)" };
    let name = if row.leaf { escape(row.name) } else { format!("<strong>{}</strong>", escape(row.name)) };
    let cr = match row.cr {
        Some(cr) if cr > limit => format!("<b style=\"color:#dc2626\">{cr:.4} ▲</b>"),
        Some(cr) => format!("{cr:.4}"),
        None => String::new(),
    };
    format!(
        "<tr><td style=\"text-align:left;padding-left:{:.1}em\">{name}</td><td>{:.4}</td><td>{:.4}</td>\
         <td style=\"width:12em\"><div style=\"background:{colour};height:0.8em;width:{:.2}%\"></div></td><td>{cr}</td></tr>",
        1.5 * row.depth as f64 + 0.5,
        row.local,
        row.global,
        100.0 * row.global
    )
}
