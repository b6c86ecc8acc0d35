//! The file of the log: each step is one line at its end, on the disk before the next thing is done.

use super::files::now;
use crate::failure::Failure;
use firmgrade::Error;
use firmgrade::sample::{Entry, Log};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// The log with its file, which nobody else writes meanwhile.
pub(crate) struct LogFile {
    path: PathBuf,
    file: Option<File>,
    pub(crate) log: Log,
}

impl LogFile {
    /// Opens and locks the log; one that is not there yet is made by its first step.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::problem(format!("cannot read the log `{}`: {error}", path.display()));
        let mut file = match OpenOptions::new().read(true).append(true).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(Self { path: path.to_path_buf(), file: None, log: Log::default() });
            }
            Err(error) => return Err(failed(error)),
        };
        file.try_lock().map_err(|error| Failure::problem(format!("the log `{}` is in use by another draw: {error}", path.display())))?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        let log = Log::from_lines(&text).map_err(|error| super::files::in_file(path, error))?;
        Ok(Self { path: path.to_path_buf(), file: Some(file), log })
    }

    /// Whether a step is allowed, without taking it.
    pub(crate) fn allows(&self, step: impl FnOnce(&mut Log, &str) -> Result<Entry, Error>) -> Result<(), Failure> {
        step(&mut self.log.clone(), "").map(drop).map_err(Failure::from)
    }

    /// Takes a step and brings its line to the disk.
    pub(crate) fn step(&mut self, step: impl FnOnce(&mut Log, &str) -> Result<Entry, Error>) -> Result<(), Failure> {
        let entry = step(&mut self.log, &now())?;
        let failed = |error: std::io::Error| Failure::problem(format!("cannot write the log `{}`: {error}", self.path.display()));
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let made = OpenOptions::new().read(true).append(true).create_new(true).open(&self.path).map_err(failed)?;
                made.try_lock().map_err(|error| failed(error.into()))?;
                none.insert(made)
            }
        };
        file.write_all(entry.line().as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        // The name of a new file reaches the disk with its folder; where folders cannot be opened, it will in time.
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(())
    }
}
