//! The scorecard of the demonstration, and its copy for whoever wants to change it.

use crate::failure::Failure;
use crate::screen;
use firmgrade::Scorecard;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// The file that the shipped scorecard is written to.
pub(super) const NAME: &str = "district-records.toml";
const TEXT: &str = include_str!("../../../../fixtures/scorecards/district-records.toml");

/// The card that grades the district.
pub(super) fn shipped() -> Result<Scorecard, Failure> {
    Ok(Scorecard::from_toml(NAME, TEXT)?)
}

/// Writes a copy of the shipped card, whole or not at all. One that somebody has changed is theirs and stays.
pub(super) fn put(path: &Path) -> Result<(), Failure> {
    match fs::read(path) {
        Ok(there) if there == TEXT.as_bytes() => return Ok(()),
        Ok(_) => {
            let file = path.display();
            screen::warning(&format!(
                "{file} was changed and stays as it is; the demonstration graded with the shipped one (delete {file} to get it)"
            ));
            return Ok(());
        }
        Err(_) => {}
    }
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let put = || -> io::Result<()> {
        let mut aside = tempfile::NamedTempFile::new_in(folder)?;
        aside.write_all(TEXT.as_bytes())?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            aside.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
        }
        aside.persist(path).map(drop).map_err(|error| error.error)
    };
    put().map_err(|error| Failure::problem(format!("cannot write `{}`: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_card_loads_without_a_file() {
        let card = shipped().unwrap();
        assert_eq!(format!("{}.toml", card.spec().scorecard.id), NAME);
        assert!(card.warnings().is_empty(), "{:?}", card.warnings());
    }
}
