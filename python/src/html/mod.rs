//! What people see: small tables for notebooks, lists as Python writes them.

/// Text with the five characters that HTML reserves written as entities.
pub fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, c| {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
        escaped
    })
}

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
