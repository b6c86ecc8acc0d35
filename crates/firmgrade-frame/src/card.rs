//! Scorecards from files, with the cards they extend beside them.

use crate::fault::FrameError;
use firmgrade::Scorecard;
use std::fs;
use std::path::Path;

/// Loads a scorecard from a TOML file. `extends` is looked up relative to the file that says it.
///
/// # Errors
/// [`FrameError::NotFound`] and its like for the file itself, [`FrameError::Engine`] with every problem of the card.
pub fn load_card(path: impl AsRef<Path>) -> Result<Scorecard, FrameError> {
    let (file, text) = read_card(path.as_ref())?;
    Ok(Scorecard::from_toml_with(&file, &text, &mut resolve)?)
}

/// As [`load_card`], but a CR above its limit is a warning whatever the card says: to look at judgments that contradict each other.
///
/// # Errors
/// As [`load_card`].
pub fn load_contradictory_card(path: impl AsRef<Path>) -> Result<Scorecard, FrameError> {
    let (file, text) = read_card(path.as_ref())?;
    Ok(Scorecard::from_contradictory_toml(&file, &text, &mut resolve)?)
}

/// The name and the text of a card.
pub(crate) fn read_card(path: &Path) -> Result<(String, String), FrameError> {
    let file = path.display().to_string();
    if path.is_dir() {
        return Err(FrameError::Directory { file });
    }
    let text = fs::read(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => FrameError::NotFound { file: file.clone() },
        _ => FrameError::Read { file: file.clone(), source },
    })?;
    let text = String::from_utf8(text).map_err(|error| not_utf8(&file, &error))?;
    let text = text.strip_prefix('\u{feff}').map_or(text.as_str(), |rest| rest).to_owned();
    Ok((file, text))
}

fn not_utf8(file: &str, error: &std::string::FromUtf8Error) -> FrameError {
    let offset = error.utf8_error().valid_up_to();
    let before = error.as_bytes().get(..offset).unwrap_or_default();
    FrameError::NotUtf8 {
        file: file.to_owned(),
        line: before.iter().filter(|byte| **byte == b'\n').count() + 1,
        offset,
        byte: error.as_bytes().get(offset).copied().unwrap_or_default(),
    }
}

/// The text of a card that another extends.
pub(crate) fn resolve(from: &str, other: &str) -> Result<(String, String), String> {
    let path = Path::new(from).parent().map_or_else(|| Path::new(other).to_owned(), |folder| folder.join(other));
    // The same file by another spelling of its path must be known as the same, so that a cycle is found.
    let name = fs::canonicalize(&path).ok().filter(|canonical| fs::canonicalize(from).is_ok_and(|own| own == *canonical));
    let name = if name.is_some() { from.to_owned() } else { path.display().to_string() };
    match fs::read_to_string(&path) {
        Ok(text) => Ok((name, text)),
        Err(error) => Err(format!("`{}` cannot be read: {}", path.display(), crate::fault::plain(&error))),
    }
}
