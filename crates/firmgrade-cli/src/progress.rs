//! What is going on, on a terminal; how long it took, for the report.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

/// How often the spinner turns.
const TICK: Duration = Duration::from_millis(100);

/// The steps of a command.
pub(crate) struct Progress {
    bar: ProgressBar,
    started: Instant,
    step: Option<(&'static str, Instant)>,
    seconds: Vec<(&'static str, f64)>,
}

impl Progress {
    /// Nothing is going on yet.
    pub(crate) fn new() -> Self {
        let bar = if io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            bar.set_style(style);
        }
        Self { bar, started: Instant::now(), step: None, seconds: Vec::new() }
    }

    /// The next step begins: `name` for the report, `message` for the terminal.
    pub(crate) fn step(&mut self, name: &'static str, message: String) {
        self.close();
        self.bar.enable_steady_tick(TICK);
        self.bar.set_message(message);
        self.step = Some((name, Instant::now()));
    }

    /// The last step has ended.
    pub(crate) fn end(&mut self) {
        self.close();
        self.bar.finish_and_clear();
    }

    /// Seconds by step, then over all.
    pub(crate) fn seconds(&self) -> Vec<(&'static str, f64)> {
        let mut seconds = self.seconds.clone();
        seconds.push(("total", self.started.elapsed().as_secs_f64()));
        seconds
    }

    fn close(&mut self) {
        if let Some((name, begun)) = self.step.take() {
            self.seconds.push((name, begun.elapsed().as_secs_f64()));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
