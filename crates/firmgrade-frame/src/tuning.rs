//! Columns screened, bands and cut points found, a plain challenger fitted, all from an outcomes table: the engine's proposals on tables.

use crate::convert::{column, convert};
use crate::graded::Graded;
use crate::outcomes::{Account, Joined, OutcomeError, OutcomeFault, OutcomeOptions, Rated, join};
use crate::tuned::EvaluationError;
use firmgrade::calendar::Day;
use firmgrade::columns::{Kind, Table};
use firmgrade::tune::{
    Aim, BandCardOptions, BandedCard, Challenger, ChallengerOptions, Outcomes, ScreenOptions, Screening, ThresholdOptions, Thresholds,
};
use firmgrade::{Error, Scorecard};
use polars::prelude::*;
use serde::Serialize;

/// A proposal with the account of the outcomes that it was made from.
#[derive(Clone, Debug, Serialize)]
pub struct Proposed<T> {
    /// The engine's proposal.
    #[serde(flatten)]
    pub found: T,
    /// The card that it is about, where there is one.
    pub scorecard: Option<CardName>,
    /// What became of every row of the outcomes table.
    pub account: Account,
    /// What had to be concluded about the tables, or could not be checked.
    pub notes: Vec<String>,
}

/// Which card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CardName {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its digest.
    pub digest: String,
}

impl CardName {
    fn of(card: &Scorecard) -> Self {
        let header = &card.spec().scorecard;
        Self { id: header.id.clone(), version: header.version.clone(), digest: card.digest().to_owned() }
    }
}

impl<T: Serialize> Proposed<T> {
    /// All of it as JSON, with the version of the engine.
    #[must_use]
    pub fn json(&self) -> String {
        // INVARIANT: texts, numbers and lists have JSON.
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if let Some(object) = value.as_object_mut() {
            object.insert("engine_version".to_owned(), firmgrade::VERSION.into());
        }
        format!("{value:#}\n")
    }
}

/// Which columns of a firm table are screened.
#[derive(Clone, Debug, Default)]
pub struct ScreenedColumns<'a> {
    /// Their names; where there are none, those of the card, or all that hold numbers, text or flags.
    pub names: &'a [String],
    /// The card, which tells the id column and what its columns hold.
    pub card: Option<&'a Scorecard>,
    /// The column whose values in order are the periods.
    pub period: Option<&'a str>,
    /// The day as of which the columns were known: outcomes must come after it.
    pub as_of: Option<Day>,
    /// Whether texts that are all numbers are numbers, as in a file that tells no types. A card that knows the column is asked first.
    pub read_numbers: bool,
}

/// Screens columns of a firm table.
///
/// # Errors
/// [`EvaluationError`] with every fault of the tables, or of the engine.
pub fn screen(
    firms: &DataFrame,
    which: &ScreenedColumns<'_>,
    outcomes: &DataFrame,
    reading: &OutcomeOptions,
    options: &ScreenOptions,
) -> Result<Proposed<Screening>, EvaluationError> {
    let rated = Rated::ungraded(firms, which.card.map(Scorecard::id_column))?.dated(which.as_of);
    let joined = join(&rated, outcomes, reading)?;
    let chosen: Vec<String> = match (which.names, which.card) {
        ([], Some(card)) => card.columns().iter().map(|column| column.name.clone()).collect(),
        ([], None) => {
            let names = firms.columns().iter().map(|column| column.name().to_string());
            names.filter(|name| *name != rated.id_column && Some(name.as_str()) != which.period).collect()
        }
        (named, _) => named.to_vec(),
    };
    let (mut series, mut faults, mut notes) = (Vec::with_capacity(chosen.len()), Vec::new(), joined.notes.clone());
    for name in &chosen {
        let Ok(found) = firms.column(name) else {
            faults.push(rated.no_group(name, &["firms"]));
            continue;
        };
        let kind = which.card.and_then(|card| card.columns().iter().find(|column| column.name == *name)).map(|column| column.kind);
        match readable(found.as_materialized_series(), kind, which.read_numbers) {
            Ok(found) => series.push(picked(&found, &joined.firm)),
            Err(_) if which.names.is_empty() && kind.is_none() => {
                notes.push(format!("`{name}` was not screened: it holds {}, no numbers, text or flags", found.dtype()));
            }
            Err(fault) => return Err(Error::Data(vec![*fault]).into()),
        }
    }
    let periods =
        which.period.map(|period| periods(&rated, period, &joined)).transpose().map_err(|fault| faults.push(fault)).ok().flatten();
    if !faults.is_empty() {
        return Err(OutcomeError(faults).into());
    }
    let names: Vec<&str> = series.iter().map(|series| series.name().as_str()).collect();
    let table = table(&series, joined.firm.len());
    let weight = joined.sampling().weights(joined.firm.len())?;
    let found = firmgrade::tune::screen(&table, &names, &joined.bad, weight.as_deref(), periods.as_deref(), options)?;
    Ok(Proposed { found, scorecard: which.card.map(CardName::of), account: joined.account, notes })
}

/// The column in a type that the engine reads.
fn readable(series: &Series, kind: Option<Kind>, read_numbers: bool) -> Result<Series, Box<firmgrade::DataFault>> {
    if kind.is_none()
        && read_numbers
        && series.dtype() == &DataType::String
        && series.null_count() < series.len()
        && let Ok(numbers) = convert(series, Kind::Number)
    {
        return Ok(numbers);
    }
    let kind = kind.unwrap_or_else(|| match series.dtype() {
        DataType::Boolean => Kind::Flag,
        DataType::String | DataType::Categorical(..) | DataType::Enum(..) => Kind::Text,
        _ => Kind::Number,
    });
    convert(series, kind).map_err(Box::new)
}

/// The rows of the joined firms, one piece.
fn picked(series: &Series, firms: &[usize]) -> Series {
    let rows: Vec<IdxSize> = firms.iter().map(|firm| *firm as IdxSize).collect();
    // INVARIANT: a joined firm is a row of the table.
    series.take(&IdxCa::from_vec(PlSmallStr::EMPTY, rows)).unwrap_or_else(|_| series.clear()).rechunk()
}

fn table(series: &[Series], rows: usize) -> Table<'_> {
    let mut table = Table::new(rows);
    for series in series {
        if let Some(column) = column(series, 0) {
            // INVARIANT: names are distinct in a frame, and every column has the joined rows.
            let added = table.add(series.name(), column);
            debug_assert!(added, "column `{}` does not fit", series.name());
        }
    }
    table
}

/// The place of each row's period among all, in the order of their names.
fn periods(rated: &Rated, period: &str, joined: &Joined) -> Result<Vec<u32>, OutcomeFault> {
    let texts = rated.texts(period).ok_or_else(|| rated.no_group(period, &["firms"]))?;
    let of = |firm: &usize| texts.get(*firm).cloned().flatten().unwrap_or_default();
    let mut names: Vec<String> = joined.firm.iter().map(of).collect();
    names.sort_unstable();
    names.dedup();
    Ok(joined.firm.iter().map(|firm| names.binary_search(&of(firm)).map_or(0, |at| at as u32)).collect())
}

/// New bands for indicators of the card that graded the firms; all where none are named.
///
/// # Errors
/// [`EvaluationError`] with every fault of the tables, or of the engine.
pub fn band_card(
    graded: &Graded,
    outcomes: &DataFrame,
    reading: &OutcomeOptions,
    indicators: &[&str],
    options: &BandCardOptions,
) -> Result<Proposed<BandedCard>, EvaluationError> {
    let joined = join(&Rated::new(graded, None), outcomes, reading)?;
    let columns: Vec<Series> = graded.input().columns().iter().map(|series| picked(series, &joined.firm)).collect();
    let rows = Outcomes { firm: &joined.firm, bad: &joined.bad, sampling: joined.sampling() };
    let found = firmgrade::tune::band_card(&*graded.utilities()?, &table(&columns, joined.firm.len()), rows, indicators, options)?;
    Ok(Proposed { found, scorecard: Some(CardName::of(graded.card())), account: joined.account, notes: joined.notes })
}

/// What one would fit without the experts, on the card's own bands.
///
/// # Errors
/// [`EvaluationError`] with every fault of the tables, or of the engine.
pub fn challenger(
    graded: &Graded,
    outcomes: &DataFrame,
    reading: &OutcomeOptions,
    options: &ChallengerOptions,
) -> Result<Proposed<Challenger>, EvaluationError> {
    let joined = join(&Rated::new(graded, None), outcomes, reading)?;
    let rows = Outcomes { firm: &joined.firm, bad: &joined.bad, sampling: joined.sampling() };
    let found = firmgrade::tune::challenger(&*graded.utilities()?, rows, options)?;
    Ok(Proposed { found, scorecard: Some(CardName::of(graded.card())), account: joined.account, notes: joined.notes })
}

/// Cut points with the texts that stand in a card.
#[derive(Clone, Debug, Serialize)]
pub struct NewCuts {
    /// The engine's cut points, in risk: the score, or its negative where high scores are good.
    #[serde(flatten)]
    pub thresholds: Thresholds,
    /// As the card's `cuts` are written; none where a grade would be empty.
    pub texts: Option<Vec<String>>,
}

/// Cut points of a grading's score for an aim: over all firms with a score, or where there are outcomes over the firms that have one.
///
/// # Errors
/// [`EvaluationError`] with every fault of the tables, or of the engine.
pub fn thresholds(
    graded: &Graded,
    outcomes: Option<&DataFrame>,
    reading: &OutcomeOptions,
    aim: &Aim,
    options: &ThresholdOptions,
) -> Result<Proposed<NewCuts>, EvaluationError> {
    let rated = Rated::new(graded, None);
    let (found, account, notes) = match outcomes.map(|outcomes| join(&rated, outcomes, reading)).transpose()? {
        Some(joined) => {
            let risk: Vec<f64> = joined.firm.iter().map(|firm| rated.risk.get(*firm).copied().unwrap_or(f64::NAN)).collect();
            let weight = joined.sampling().weights(joined.firm.len())?;
            let found = firmgrade::tune::thresholds(&risk, Some(&joined.bad), weight.as_deref(), aim, options)?;
            (found, joined.account, joined.notes)
        }
        None => {
            let risk: Vec<f64> = rated.risk.iter().copied().filter(|risk| risk.is_finite()).collect();
            (firmgrade::tune::thresholds(&risk, None, None, aim, options)?, Account::default(), Vec::new())
        }
    };
    let texts = found.cut_texts(graded.card().scale().better);
    Ok(Proposed { found: NewCuts { texts, thresholds: found }, scorecard: Some(CardName::of(graded.card())), account, notes })
}
