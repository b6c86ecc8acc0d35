//! A drawing with two axes, as SVG inside a page: lines and text have the colour of the page's text, so it serves light and dark.

use crate::escape::escape;
use std::fmt::Write;

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 340.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 48.0;
/// More points than this are thinned: nobody sees them apart, and a million of them is a file that no browser opens.
const POINTS: usize = 400;

/// The card that is judged.
pub(super) const CHAMPION: &str = "#2563eb";
/// What it is compared with.
pub(super) const CHALLENGER: &str = "#ea580c";
/// What would be without any knowledge, or with perfect knowledge.
pub(super) const REFERENCE: &str = "currentColor";

/// Grades, best first; they can be told apart without red and green.
pub(super) const GRADES: [&str; 6] = ["#2563eb", "#0891b2", "#d97706", "#dc2626", "#7c3aed", "#525252"];

/// An axis: its ends, the places that are marked, and its name.
pub(super) struct Axis {
    low: f64,
    high: f64,
    ticks: Vec<(f64, String)>,
    title: String,
}

impl Axis {
    /// From 0 to 1 as percentages.
    pub(super) fn share(title: &str) -> Self {
        let ticks = (0..=5_u8).map(|fifth| (f64::from(fifth) / 5.0, format!("{} %", fifth * 20))).collect();
        Self { low: 0.0, high: 1.0, ticks, title: title.to_owned() }
    }

    /// From 0 to a round number at or above `largest`, as percentages.
    pub(super) fn rate(title: &str, largest: f64) -> Self {
        let step = round_step(largest.clamp(1e-4, 1.0));
        let high = ((largest / step - 1e-9).ceil().max(1.0) * step).min(1.0).max(step);
        let count = (high / step).round() as usize;
        let decimals = if step < 0.000_99 { 2 } else { usize::from(step < 0.009_9) };
        let tick = |at: usize| (at as f64 * step, format!("{:.decimals$} %", at as f64 * step * 100.0));
        Self { low: 0.0, high, ticks: (0..=count).map(tick).collect(), title: title.to_owned() }
    }

    /// From 0 to a round number at or above `largest`.
    pub(super) fn number(title: &str, largest: f64) -> Self {
        let step = round_step(largest.max(1e-4));
        let count = (largest / step - 1e-9).ceil().max(1.0) as usize;
        let decimals = if step < 0.009_9 { 3 } else { 2 };
        let tick = |at: usize| (at as f64 * step, format!("{:.decimals$}", at as f64 * step));
        Self { low: 0.0, high: count as f64 * step, ticks: (0..=count).map(tick).collect(), title: title.to_owned() }
    }

    /// Names side by side: the first in the middle of 0 and 1, the next between 1 and 2.
    pub(super) fn names(title: &str, names: &[String]) -> Self {
        let ticks = names.iter().enumerate().map(|(at, name)| (at as f64 + 0.5, name.clone())).collect();
        Self { low: 0.0, high: names.len().max(1) as f64, ticks, title: title.to_owned() }
    }

    fn part(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

/// 1, 2 or 5 times a power of ten, such that about five steps make up the range.
fn round_step(range: f64) -> f64 {
    let rough = range / 5.0;
    let power = 10_f64.powf(rough.log10().floor());
    let times = [1.0, 2.0, 5.0].into_iter().find(|times| times * power >= rough * 0.999).unwrap_or(10.0);
    times * power
}

/// A drawing.
pub(super) struct Plot {
    x: Axis,
    y: Axis,
    body: String,
    legend: Vec<(&'static str, bool, String)>,
}

impl Plot {
    pub(super) fn new(x: Axis, y: Axis) -> Self {
        Self { x, y, body: String::new(), legend: Vec::new() }
    }

    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let (wide, high) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
        (LEFT + self.x.part(x) * wide, TOP + (1.0 - self.y.part(y)) * high)
    }

    /// A line through points; a reference is dashed. A name stands in the legend.
    pub(super) fn line(&mut self, points: impl IntoIterator<Item = (f64, f64)>, colour: &'static str, name: &str) {
        let points: Vec<(f64, f64)> = points.into_iter().collect();
        let every = points.len().div_ceil(POINTS).max(1);
        let last = points.len().saturating_sub(1);
        let mut path = String::new();
        for (_, &(x, y)) in points.iter().enumerate().filter(|(at, _)| at % every == 0 || *at == last) {
            let (x, y) = self.at(x, y);
            // Writing to a string cannot fail, here and below.
            let _ = write!(path, "{x:.1},{y:.1} ");
        }
        let dashed = colour == REFERENCE;
        let style = if dashed { "stroke-width=\"1\" stroke-opacity=\"0.6\" stroke-dasharray=\"5 4\"" } else { "stroke-width=\"2\"" };
        let _ = write!(self.body, "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" {style}/>", path.trim_end());
        if !name.is_empty() {
            self.legend.push((colour, dashed, name.to_owned()));
        }
    }

    /// A point with its interval up and down, and words that appear when one points at it.
    pub(super) fn interval(&mut self, x: f64, value: f64, low: f64, high: f64, colour: &str, words: &str) {
        let ((x, y), (_, top), (_, bottom)) = (self.at(x, value), self.at(x, high), self.at(x, low));
        let _ = write!(
            self.body,
            "<g stroke=\"{colour}\" stroke-width=\"2\"><line x1=\"{x:.1}\" y1=\"{top:.1}\" x2=\"{x:.1}\" y2=\"{bottom:.1}\"/>\
             <line x1=\"{0:.1}\" y1=\"{top:.1}\" x2=\"{1:.1}\" y2=\"{top:.1}\"/><line x1=\"{0:.1}\" y1=\"{bottom:.1}\" x2=\"{1:.1}\" y2=\"{bottom:.1}\"/>\
             <circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{colour}\"/><title>{2}</title></g>",
            x - 5.0,
            x + 5.0,
            escape(words)
        );
    }

    /// A bar from 0 up, between two places.
    pub(super) fn bar(&mut self, from: f64, to: f64, value: f64, colour: &str, words: &str) {
        let ((left, top), (right, bottom)) = (self.at(from, value), self.at(to, 0.0));
        let _ = write!(
            self.body,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{colour}\" fill-opacity=\"0.75\"><title>{}</title></rect>",
            (right - left).max(0.5),
            (bottom - top).max(0.0),
            escape(words)
        );
    }

    /// Words beside a point.
    pub(super) fn text(&mut self, x: f64, y: f64, words: &str) {
        let (x, y) = self.at(x, y);
        let (anchor, shift) = if x > WIDTH * 0.6 { ("end", -8.0) } else { ("start", 8.0) };
        let _ = write!(self.body, "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>", x + shift, y - 6.0, escape(words));
    }

    /// An entry of the legend for what has no line.
    pub(super) fn name(&mut self, colour: &'static str, name: &str) {
        self.legend.push((colour, false, name.to_owned()));
    }

    /// The figure.
    pub(super) fn figure(self, caption: &str) -> String {
        let caption = escape(caption);
        let (bottom, right) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
        let mut frame = String::new();
        for (value, label) in &self.x.ticks {
            let (x, _) = self.at(*value, 0.0);
            let _ = write!(
                frame,
                "<line x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{bottom}\" stroke=\"currentColor\" stroke-opacity=\"0.12\"/>\
                 <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                bottom + 16.0,
                escape(label)
            );
        }
        for (value, label) in &self.y.ticks {
            let (_, y) = self.at(0.0, *value);
            let _ = write!(
                frame,
                "<line x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\" stroke=\"currentColor\" stroke-opacity=\"0.12\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 6.0,
                y + 4.0,
                escape(label)
            );
        }
        let _ = write!(
            frame,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\
             <text transform=\"translate(13 {:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            (LEFT + right) / 2.0,
            HEIGHT - 10.0,
            escape(&self.x.title),
            (TOP + bottom) / 2.0,
            escape(&self.y.title)
        );
        let mut legend = String::new();
        for (colour, dashed, name) in &self.legend {
            let dash = if *dashed { " stroke-dasharray=\"5 4\" stroke-opacity=\"0.6\"" } else { "" };
            let _ = write!(
                legend,
                "<span><svg width=\"22\" height=\"10\" aria-hidden=\"true\"><line x1=\"1\" y1=\"5\" x2=\"21\" y2=\"5\" stroke=\"{colour}\" \
                 stroke-width=\"3\"{dash}/></svg> {}</span> ",
                escape(name)
            );
        }
        let legend = if legend.is_empty() { legend } else { format!("<div class=\"legend\">{}</div>", legend.trim_end()) };
        format!(
            "<figure><figcaption>{caption}</figcaption><svg role=\"img\" aria-label=\"{caption}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" \
             height=\"{HEIGHT}\" font-size=\"12\" font-family=\"sans-serif\" fill=\"currentColor\">{frame}{}</svg>{legend}</figure>",
            self.body
        )
    }
}

/// A figure of names below each other, each with a bar to the right and its number, and dashed lines at `marks`.
pub(super) fn bars(caption: &str, rows: &[(&str, f64)], marks: &[f64]) -> String {
    const ROW: f64 = 20.0;
    const NAMES: f64 = 190.0;
    let first = TOP + 6.0;
    let (caption, height) = (escape(caption), first + rows.len() as f64 * ROW + 6.0);
    let largest = rows.iter().map(|(_, value)| *value).chain(marks.iter().copied()).fold(1e-9, f64::max);
    let place = |value: f64| NAMES + value / largest * (WIDTH - NAMES - 60.0);
    let mut body = String::new();
    for mark in marks {
        let x = place(*mark);
        let _ = write!(
            body,
            "<line x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{:.1}\" stroke=\"currentColor\" stroke-opacity=\"0.6\" stroke-dasharray=\"5 4\"/>\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"10\">{mark}</text>",
            height - 4.0,
            TOP - 2.0
        );
    }
    for ((name, value), at) in rows.iter().zip(0_u32..) {
        let y = first + f64::from(at) * ROW;
        let _ = write!(
            body,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\
             <rect x=\"{NAMES}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{CHAMPION}\" fill-opacity=\"0.75\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\">{value:.3}</text>",
            NAMES - 6.0,
            y + 14.0,
            escape(name),
            y + 4.0,
            (place(*value) - NAMES).max(0.5),
            ROW - 6.0,
            place(*value) + 4.0,
            y + 14.0
        );
    }
    format!(
        "<figure><figcaption>{caption}</figcaption><svg role=\"img\" aria-label=\"{caption}\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" font-size=\"12\" font-family=\"sans-serif\" fill=\"currentColor\">{body}</svg></figure>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers() {
        let ends = |largest| Axis::rate("", largest).high;
        for (largest, high) in [(0.031, 0.04), (0.23, 0.25), (1.0, 1.0), (0.5, 0.5)] {
            assert!((ends(largest) - high).abs() < 1e-12, "{largest}: {}", ends(largest));
        }
        assert!(ends(0.0) > 0.0 && ends(0.0) < 0.001);
    }

    #[test]
    fn many_points_are_thinned_and_the_last_one_stays() {
        let mut plot = Plot::new(Axis::share("x"), Axis::share("y"));
        plot.line((0..=100_000).map(|at| (f64::from(at) / 1e5, f64::from(at) / 1e5)), CHAMPION, "a & b");
        let drawn = plot.figure("<caption>");
        assert!(
            drawn.len() < 12_000 && drawn.contains("444.0,12.0\"") && drawn.contains("a &amp; b") && drawn.contains("&lt;caption&gt;"),
            "{drawn}"
        );
    }
}
