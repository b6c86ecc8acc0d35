//! Files that appear whole or not at all, and never over an input.

use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::fault::FrameError;
use crate::format::STANDARD;

/// Where a writer puts its bytes.
pub(crate) type Out<'a> = BufWriter<Sink<'a>>;

/// A file that remembers why it could not be written, which a library above it may put in other words.
pub(crate) struct Sink<'a> {
    file: &'a mut File,
    failure: Option<io::Error>,
}

impl Sink<'_> {
    fn noted<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let told = io::Error::from(error.kind());
            if error.kind() != io::ErrorKind::Interrupted {
                self.failure = Some(error);
            }
            told
        })
    }
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // After a failure nothing counts any more; a library that tidies up would otherwise complain to the terminal.
        if self.failure.is_some() {
            return Ok(bytes.len());
        }
        let result = self.file.write(bytes);
        self.noted(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.file.flush();
        self.noted(result)
    }
}

/// A file that is written and waits for its name. Dropped, it leaves nothing behind.
pub(crate) struct Ready {
    file: String,
    place: PathBuf,
    bytes: Bytes,
}

/// Where the bytes wait.
enum Bytes {
    /// Beside the place that they will take.
    Beside(NamedTempFile),
    /// For a device, or for standard output, which cannot be renamed over.
    Device(File),
    Standard(File),
}

/// Lets `write` fill a file that may then take the place of `path`; `write` is also given the name for its errors.
///
/// # Errors
/// [`FrameError::Write`] and what `write` returns; nothing is left behind.
pub(crate) fn aside(path: &Path, write: impl FnOnce(&mut Out<'_>, &str) -> Result<(), FrameError>) -> Result<Ready, FrameError> {
    let file = shown(path, "standard output");
    let failed = |source| FrameError::writing(&file, source);
    // A link stays a link: the file that it names is the one replaced.
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let before = fs::metadata(&place).ok();
    if before.as_ref().is_some_and(fs::Metadata::is_dir) {
        return Err(FrameError::Directory { file });
    }
    let device = before.as_ref().is_some_and(|before| !before.is_file());
    if path.as_os_str() == STANDARD || device {
        let mut bytes = tempfile::tempfile().map_err(failed)?;
        fill(&mut bytes, &file, write)?;
        let bytes = if device { Bytes::Device(bytes) } else { Bytes::Standard(bytes) };
        return Ok(Ready { file, place, bytes });
    }
    let folder = folder(&place);
    if !folder.is_dir() {
        let folder = folder.display().to_string();
        return Err(FrameError::NoFolder { file, folder });
    }
    let rights = before.map(|before| before.permissions());
    if rights.as_ref().is_some_and(Permissions::readonly) {
        return Err(failed(io::ErrorKind::PermissionDenied.into()));
    }
    let mut bytes = builder().tempfile_in(folder).map_err(failed)?;
    if let Some(rights) = rights {
        bytes.as_file().set_permissions(rights).map_err(failed)?;
    }
    fill(bytes.as_file_mut(), &file, write)?;
    bytes.as_file().sync_all().map_err(failed)?;
    Ok(Ready { file, place, bytes: Bytes::Beside(bytes) })
}

impl Ready {
    /// Gives the file its name.
    ///
    /// # Errors
    /// [`FrameError::Write`].
    pub(crate) fn put(self) -> Result<(), FrameError> {
        let done = match self.bytes {
            Bytes::Beside(bytes) => bytes.persist(&self.place).map(drop).map_err(|error| error.error),
            Bytes::Device(mut bytes) => copy(&mut bytes, File::options().write(true).open(&self.place)),
            Bytes::Standard(mut bytes) => copy(&mut bytes, Ok(io::stdout().lock())),
        };
        done.map_err(|source| FrameError::writing(&self.file, source))?;
        // The new name reaches the disk with its folder; where folders cannot be opened, it will in time.
        let _ = File::open(folder(&self.place)).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

/// Refuses an output that is the same file as an input, or as another output: by path, through links, or by another name.
///
/// # Errors
/// [`FrameError::OverwritesInput`] or [`FrameError::SameOutput`].
pub fn refuse_overwrite_of_inputs<O, I>(outputs: &[O], inputs: &[I]) -> Result<(), FrameError>
where
    O: AsRef<Path>,
    I: AsRef<Path>,
{
    for (at, output) in outputs.iter().enumerate() {
        let output = output.as_ref();
        for input in inputs.iter().map(AsRef::as_ref).filter(|input| input.as_os_str() != STANDARD) {
            if same_file(output, input) {
                return Err(FrameError::OverwritesInput {
                    output: shown(output, "standard output"),
                    input: shown(input, "standard input"),
                });
            }
        }
        for second in outputs.iter().skip(at + 1).map(AsRef::as_ref) {
            if same_file(output, second) {
                return Err(FrameError::SameOutput { first: shown(output, "standard output"), second: shown(second, "standard output") });
            }
        }
    }
    Ok(())
}

fn fill(aside: &mut File, file: &str, write: impl FnOnce(&mut Out<'_>, &str) -> Result<(), FrameError>) -> Result<(), FrameError> {
    let mut out = BufWriter::with_capacity(1 << 16, Sink { file: aside, failure: None });
    let result = write(&mut out, file).and_then(|()| out.flush().map_err(|source| FrameError::writing(file, source)));
    match out.get_mut().failure.take() {
        Some(source) => Err(FrameError::writing(file, source)),
        None => result,
    }
}

fn copy(aside: &mut File, out: io::Result<impl Write>) -> io::Result<()> {
    let mut out = out?;
    aside.rewind()?;
    io::copy(aside, &mut out)?;
    out.flush()
}

/// A file beside the output, hidden, with the rights that any new file gets.
fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".firmgrade-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(Permissions::from_mode(0o666));
    }
    builder
}

fn folder(place: &Path) -> &Path {
    match place.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn same_file(one: &Path, other: &Path) -> bool {
    if one == other {
        return true;
    }
    if one.as_os_str() == STANDARD || other.as_os_str() == STANDARD {
        return false;
    }
    #[cfg(unix)]
    if let (Ok(one), Ok(other)) = (fs::metadata(one), fs::metadata(other)) {
        use std::os::unix::fs::MetadataExt;
        // A device, as /dev/null, may be given twice.
        return one.is_file() && (one.dev(), one.ino()) == (other.dev(), other.ino());
    }
    resolved(one).is_some_and(|one| resolved(other) == Some(one))
}

/// The true path of a file, also of one that is not there yet.
fn resolved(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path).ok().or_else(|| {
        let name = path.file_name()?;
        Some(fs::canonicalize(folder(path)).ok()?.join(name))
    })
}

fn shown(path: &Path, standard: &str) -> String {
    if path.as_os_str() == STANDARD { standard.to_owned() } else { path.display().to_string() }
}
