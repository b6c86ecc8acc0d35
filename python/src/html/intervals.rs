//! An interval for each weight as an inline drawing.

use super::escape;

/// A weight and its quantiles: 2.5, 25, 50, 75 and 97.5 %.
pub struct Interval<'i> {
    pub name: &'i str,
    pub value: f64,
    pub quantiles: Vec<f64>,
}

const WIDTH: f64 = 640.0;
const LEFT: f64 = 150.0;
const RIGHT: f64 = 20.0;
const ROW: f64 = 26.0;
const TOP: f64 = 8.0;
/// Names of more characters are cut.
const NAME: usize = 14;

/// One row for each weight on a common axis from 0. Lines and text have the colour of the page's text.
pub fn intervals(caption: &str, rows: &[Interval<'_>]) -> String {
    let largest = rows.iter().flat_map(|row| row.quantiles.iter().copied().chain([row.value])).fold(0.0, f64::max);
    let step = [0.02, 0.05, 0.1, 0.2].into_iter().find(|step| largest / step <= 6.0).unwrap_or(0.25);
    let end = ((largest / step).ceil() * step).clamp(step, 1.0);
    let x = |value: f64| LEFT + value / end * (WIDTH - LEFT - RIGHT);
    let bottom = TOP + ROW * rows.len() as f64;
    let mut drawing = String::new();
    let mut tick = 0.0;
    while tick <= end + 1e-9 {
        let at = x(tick);
        drawing.push_str(&format!(
            "<line x1=\"{at:.1}\" y1=\"{TOP}\" x2=\"{at:.1}\" y2=\"{bottom}\" stroke=\"currentColor\" stroke-opacity=\"0.2\"/>\
             <text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{tick:.2}</text>",
            bottom + 16.0
        ));
        tick += step;
    }
    for (at, row) in rows.iter().enumerate() {
        drawing.push_str(&line(row, TOP + ROW * (at as f64 + 0.5), x));
    }
    let caption = escape(caption);
    format!(
        "<figure style=\"margin:0\"><figcaption>{caption}</figcaption><svg role=\"img\" aria-label=\"{caption}\" width=\"{WIDTH}\" \
         height=\"{:.0}\" viewBox=\"0 0 {WIDTH} {:.0}\" font-size=\"12\" font-family=\"sans-serif\" fill=\"currentColor\">{drawing}</svg></figure>",
        bottom + 24.0,
        bottom + 24.0
    )
}

fn line(row: &Interval<'_>, y: f64, x: impl Fn(f64) -> f64) -> String {
    let short: String = row.name.chars().take(NAME).collect();
    let name = if row.name.chars().count() > NAME { format!("{short}…") } else { short };
    let mut drawn = format!(
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}<title>{}</title></text>",
        LEFT - 8.0,
        y + 4.0,
        escape(&name),
        escape(row.name)
    );
    if let [low, lower, median, upper, high] = row.quantiles[..] {
        let [low, lower, median, upper, high] = [low, lower, median, upper, high].map(&x);
        drawn.push_str(&format!(
            "<line x1=\"{low:.1}\" y1=\"{y:.1}\" x2=\"{high:.1}\" y2=\"{y:.1}\" stroke=\"#3b82f6\" stroke-width=\"2\"/>\
             <rect x=\"{lower:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"10\" fill=\"#3b82f6\" fill-opacity=\"0.55\"/>\
             <line x1=\"{median:.1}\" y1=\"{:.1}\" x2=\"{median:.1}\" y2=\"{:.1}\" stroke=\"currentColor\" stroke-width=\"2\"/>",
            y - 5.0,
            (upper - lower).max(1.0),
            y - 7.0,
            y + 7.0
        ));
    }
    drawn.push_str(&format!(
        "<circle cx=\"{:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"none\" stroke=\"#f97316\" stroke-width=\"2\"/>",
        x(row.value)
    ));
    drawn
}
