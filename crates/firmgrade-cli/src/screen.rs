//! Data to standard output, messages to standard error.

use crate::failure::Failure;
use std::io::{self, Write};

/// Writes data to standard output.
///
/// # Errors
/// [`Failure::Reader`] where the reader of a pipe has gone, as in `firmgrade weights CARD | head -3`.
pub(crate) fn data(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::Reader,
        _ => Failure::problem(format!("cannot write to standard output: {error}")),
    })
}

/// Writes one message to standard error, without numbers of natural persons, whatever it quotes. Where nobody listens, nobody misses it.
pub(crate) fn message(text: &str) {
    let mut out = io::stderr().lock();
    let _ = writeln!(out, "{}", firmgrade::mask(text)).and_then(|()| out.flush());
}

/// Writes one warning to standard error.
pub(crate) fn warning(text: &str) {
    message(&format!("warning: {text}"));
}
