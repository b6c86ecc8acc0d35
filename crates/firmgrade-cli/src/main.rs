//! The binary `firmgrade`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(firmgrade_cli::run(std::env::args_os()))
}
