//! Judgments as a heat map: the stronger a judgment, the deeper its colour; the inconsistent ones framed.

use super::{escape, ratio};
use firmgrade::ahp::{Judgments, Method, RandomIndex, Suspect};

/// Larger matrices are shown as weights only.
pub const LARGEST_HEAT: usize = 20;

/// The customary limit of CR, above which judgments are marked.
const LIMIT: f64 = 0.1;

/// Weights beside the matrix they come from; `open` are the pairs that nobody judged.
pub fn judgments(judgments: &Judgments, weights: &[f64], random_index: RandomIndex, caption: &str, open: &[(usize, usize)]) -> String {
    let (n, names) = (judgments.n(), judgments.names());
    if n > LARGEST_HEAT {
        let rows = names.iter().zip(weights).map(|(name, weight)| vec![name.clone(), format!("{weight:.6}")]);
        return super::table(caption, &["name", "weight"], rows);
    }
    let marked = marked(judgments, random_index);
    let head: String = names.iter().map(|name| format!("<th style=\"text-align:center\">{}</th>", escape(name))).collect();
    let mut body = String::new();
    for (row, (name, weight)) in names.iter().zip(weights).enumerate() {
        body.push_str(&format!("<tr><th style=\"text-align:left\">{}</th>", escape(name)));
        for column in 0..n {
            let pair = (row.min(column), row.max(column));
            body.push_str(&cell(
                judgments.get(row, column).unwrap_or(1.0),
                row == column,
                open.contains(&pair),
                mark(&marked, row, column),
            ));
        }
        body.push_str(&format!("<td style=\"text-align:right\"><b>{weight:.4}</b></td></tr>"));
    }
    let legend = if marked.is_empty() { "" } else { "; framed: the most inconsistent, ▲ too strong, ▼ too weak" };
    format!(
        "<table><caption>{}{legend}</caption><thead><tr><th></th>{head}<th>weight</th></tr></thead><tbody>{body}</tbody></table>",
        escape(caption)
    )
}

/// Colours with transparency and text in the page's own: legible on light and on dark.
fn cell(value: f64, diagonal: bool, open: bool, mark: Option<&'static str>) -> String {
    let depth = (value.ln().abs() / 9_f64.ln()).min(1.0) * 0.55;
    let colour = if value >= 1.0 { "37,99,235" } else { "234,88,12" };
    let background = if diagonal { String::new() } else { format!("background:rgba({colour},{depth:.2});") };
    let frame = if mark.is_some() { "outline:2px solid #dc2626;outline-offset:-2px;font-weight:bold;" } else { "" };
    let shown = match (diagonal, open) {
        (true, _) => "1".to_owned(),
        (false, true) => format!("<i>({})</i>", ratio(value)),
        (false, false) => ratio(value),
    };
    format!("<td style=\"{background}{frame}text-align:center\">{shown}{}</td>", mark.map_or("", |mark| mark))
}

/// The judgments that make half of the inconsistency, where CR is above the customary limit.
fn marked(judgments: &Judgments, random_index: RandomIndex) -> Vec<Suspect> {
    if judgments.weights(Method::Eigenvector, random_index).cr() <= LIMIT {
        return Vec::new();
    }
    let mut before = 0.0;
    let half = |suspect: &Suspect| {
        before += suspect.share;
        before - suspect.share < 0.5
    };
    judgments.suspects(random_index).into_iter().take_while(half).collect()
}

/// How a judgment is marked, seen from its own side of the diagonal.
fn mark(marked: &[Suspect], row: usize, column: usize) -> Option<&'static str> {
    let of = |one: &&Suspect| (one.row, one.column) == (row, column) || (one.row, one.column) == (column, row);
    let suspect = marked.iter().find(of)?;
    let strong = (suspect.excess > 1.0) == (suspect.row == row);
    Some(if strong { "&nbsp;▲" } else { "&nbsp;▼" })
}
