//! From arguments to an exit code, whatever happens in between.

use crate::args::{Arguments, Command};
use crate::failure::Failure;
use crate::{check, demo, derive, evaluate, grade, inspection, propose, schema, screen, survey, tune, weights};
use clap::Parser;
use std::ffi::OsString;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Runs the command line on `args`, the name of the program first, and returns the exit code: 0 fine, 1 the data or the scorecard has
/// problems, 2 wrong usage, 3 nothing to propose. Prints, never ends the process, and leaves nothing unflushed. A panic in a library is an error message.
pub fn run(args: impl IntoIterator<Item = OsString>) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    let hush = Hush::new();
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| command(&args)));
    let panicked = hush.end();
    match outcome {
        Ok(Ok(code)) => code,
        Ok(Err(failure)) => {
            failure.lines().iter().for_each(|line| screen::message(line));
            failure.code()
        }
        Err(_) => {
            let what = panicked.unwrap_or_else(|| "a library failed".to_owned());
            screen::message(&format!("error: internal fault: {what}; this is a defect of firmgrade, please report it with the command"));
            1
        }
    }
}

fn command(args: &[OsString]) -> Result<u8, Failure> {
    let arguments = match Arguments::try_parse_from(args) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help that nobody reads to its end is no failure.
            let _ = error.print();
            return Ok(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let program = args.first().map(PathBuf::from).unwrap_or_default();
    match &arguments.command {
        Command::Demo(args) => demo::run(args, &program),
        Command::Check(args) => check::run(args),
        Command::Weights(args) => weights::run(args),
        Command::Survey(args) => survey::run(args),
        Command::Derive(args) => derive::run(args),
        Command::Grade(args) => grade::run(args),
        Command::Plan(args) => inspection::plan(args),
        Command::Draw(args) => inspection::draw(args),
        Command::Match(args) => inspection::match_inspectors(args),
        Command::Verify(args) => inspection::verify(args),
        Command::Publish(args) => inspection::publish(args),
        Command::Results(args) => inspection::results(args),
        Command::Evaluate(args) => evaluate::run(args),
        Command::Tune(args) => tune::run(args),
        Command::Screen(args) => propose::screen(args),
        Command::Bands(args) => propose::bands(args),
        Command::Thresholds(args) => propose::thresholds(args),
        Command::Schema(args) => schema::run(args),
    }
    .map(|()| 0)
}

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Sync + Send + 'static>;

/// Keeps panics off the screen and remembers the last one. Some are caught below, where a damaged file makes a library panic.
struct Hush {
    before: Hook,
    last: Arc<Mutex<Option<String>>>,
}

impl Hush {
    fn new() -> Self {
        let (before, last) = (panic::take_hook(), Arc::new(Mutex::new(None)));
        let keep = Arc::clone(&last);
        panic::set_hook(Box::new(move |info| {
            let payload = info.payload();
            let text = payload.downcast_ref::<String>().map(String::as_str).or_else(|| payload.downcast_ref::<&str>().copied());
            let text = text.unwrap_or("a library failed").lines().next().unwrap_or_default().to_owned();
            let place = info.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
            *keep.lock().unwrap_or_else(PoisonError::into_inner) = Some(text + &place);
        }));
        Self { before, last }
    }

    /// Gives the hook back that was there before, and the last panic.
    fn end(self) -> Option<String> {
        panic::set_hook(self.before);
        self.last.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_remembered_and_the_hook_comes_back() {
        let hush = Hush::new();
        let caught = panic::catch_unwind(|| panic!("index out of bounds\nand more"));
        assert!(caught.is_err());
        let last = hush.end().unwrap();
        assert!(last.starts_with("index out of bounds (") && last.contains("run.rs:"), "{last}");
    }
}
