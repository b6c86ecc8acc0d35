//! What a file says of itself is read rather than asked; whoever says otherwise is told.

use crate::failure::Failure;
use crate::grade::name;
use firmgrade::Scorecard;
use firmgrade::calendar::Day;
use firmgrade_frame::{Rated, ReadOptions, read_as_of, read_provenance, read_table};
use std::path::Path;

/// The firms of a table that was graded by `card` as of a day, as far as these are stated.
pub(crate) fn rated(which: &'static str, path: &Path, card: Option<&Scorecard>, as_of: Option<Day>) -> Result<Rated, Failure> {
    let provenance = read_provenance(path);
    let frame = read_table(path, &ReadOptions::default())?;
    let Some(provenance) = provenance else { return Ok(Rated::from_frame(which, frame, card)?.dated(as_of)) };
    let file = path.display();
    if let Some(card) = card.filter(|card| card.digest() != provenance.scorecard_digest) {
        let header = &card.spec().scorecard;
        return Err(Failure::problem(format!(
            "{file}: graded by {}, sha256 {}…; --card is {} (version {}), sha256 {}…: name the card that graded, or leave --card out",
            provenance.card(),
            short(&provenance.scorecard_digest),
            header.id,
            header.version,
            short(card.digest())
        )));
    }
    agree(path, provenance.day(), as_of)?;
    let rated = match card {
        Some(card) => Rated::from_frame(which, frame, Some(card))?.dated(provenance.day()),
        None => Rated::from_written(which, frame, &provenance)?,
    };
    Ok(rated.dated(as_of))
}

/// An earlier grading: by the card that it names itself, else by `card`.
pub(crate) fn before(path: &Path, card: Option<&Scorecard>) -> Result<Rated, Failure> {
    let frame = read_table(path, &ReadOptions::default())?;
    Ok(match read_provenance(path) {
        Some(provenance) if provenance.legend.is_some() => Rated::from_written("before", frame, &provenance)?,
        provenance => Rated::from_frame("before", frame, card)?.dated(provenance.and_then(|provenance| provenance.day())),
    })
}

/// A challenger: by the card that its file names, which `card` must not contradict, else by `card`.
pub(crate) fn challenger(path: &Path, id_column: &str, card: Option<&Scorecard>) -> Result<Rated, Failure> {
    if read_provenance(path).is_some_and(|provenance| provenance.legend.is_some()) {
        return rated("challenger", path, card, None);
    }
    Ok(Rated::challenger(read_table(path, &ReadOptions::default())?, id_column, card)?)
}

/// The day as of which a table of firms was derived: what the file says, else what was typed.
pub(crate) fn as_of(path: &Path, typed: Option<Day>) -> Result<Option<Day>, Failure> {
    let said = read_as_of(path);
    agree(path, said, typed)?;
    Ok(said.or(typed))
}

/// What was read of a file without being asked for, in a line; nothing where it said nothing.
pub(crate) fn words(path: &Path) -> String {
    let file = name(path, "standard input");
    match (read_provenance(path), read_as_of(path)) {
        (Some(provenance), day) => format!("{file} says: graded by {}{}\n", provenance.card(), day_words(day)),
        (None, Some(day)) => format!("{file} says: derived{}\n", day_words(Some(day))),
        (None, None) => String::new(),
    }
}

fn day_words(day: Option<Day>) -> String {
    day.map_or_else(String::new, |day| format!(", as of {day}"))
}

fn agree(path: &Path, said: Option<Day>, typed: Option<Day>) -> Result<(), Failure> {
    match (said, typed) {
        (Some(said), Some(typed)) if said != typed => {
            let file = path.display();
            Err(Failure::problem(format!("{file}: as of {said}, --as-of is {typed}; leave --as-of out, or give the table of that day")))
        }
        _ => Ok(()),
    }
}

fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
