//! Pieces of a page: text made safe, tables, and the page around them. One file, no scripts, nothing loaded from elsewhere.

use crate::escape::escape;

/// A table that scrolls by itself where the window is narrow; every text is escaped. Cells that begin with a figure, a sign or a dash stand right.
pub(super) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let head: String = header.iter().map(|text| format!("<th>{}</th>", escape(text))).collect();
    let cell = |text: String| {
        let number = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '−' | '+' | '–' | '<')) && !text.contains('=');
        format!("<td{}>{}</td>", if number { " class=\"n\"" } else { "" }, escape(&text))
    };
    let body: String = rows.into_iter().map(|row| format!("<tr>{}</tr>", row.into_iter().map(cell).collect::<String>())).collect();
    format!("<div class=\"wide\"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>")
}

/// A list of sentences; nothing where there are none.
pub(super) fn list(sentences: &[String]) -> String {
    let items: String = sentences.iter().map(|sentence| format!("<li>{}</li>", escape(sentence))).collect();
    if items.is_empty() { items } else { format!("<ul>{items}</ul>") }
}

/// A page around its body.
pub(super) fn page(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{}</title><style>{STYLE}</style></head><body>\n{body}\n</body></html>\n",
        escape(title)
    )
}

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:15px/1.5 system-ui,\"Noto Sans CJK SC\",\"Microsoft YaHei\",sans-serif;max-width:66rem;margin:2rem auto;padding:0 1rem}\
.verdict{font-size:1.2rem;border-left:.4rem solid #2563eb;padding:.4rem 1rem;margin:0 0 1rem}\
.verdict.bad{border-color:#dc2626}.verdict.unsure{border-color:#d97706}.verdict p{margin:.2rem 0}\
h1{font-size:1.35rem}h2{font-size:1.1rem;border-bottom:1px solid #8886;margin-top:2rem}\
table{border-collapse:collapse;margin:.6rem 0}th,td{padding:.2rem .7rem;border-bottom:1px solid #8883;text-align:left;vertical-align:top}\
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\
figure{display:inline-block;margin:.6rem 1rem .6rem 0;vertical-align:top}figcaption{font-weight:600}\
.wide{overflow-x:auto}svg{max-width:100%;height:auto}.legend{font-size:.85rem}.legend svg{vertical-align:middle}.legend span{margin-right:.8rem}\
.note{color:#8889;color:color-mix(in srgb,currentColor 65%,transparent);font-size:.9rem}\
@media print{body{max-width:none}figure{break-inside:avoid}}";
