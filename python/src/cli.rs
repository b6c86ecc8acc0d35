//! The command line, run inside the extension module so that polars is compiled once.

use pyo3::prelude::*;
use std::ffi::OsString;

/// Runs the command line with these arguments, the program's name first, and gives its exit code: 0 fine, 1 the data or the scorecard
/// has problems, 2 wrong usage.
#[pyfunction]
pub fn run_command_line(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    py.detach(|| firmgrade_cli::run(arguments))
}
