//! Graded firms as an evaluation sees them: ids, risk and grade, from a grading or from a table that somebody kept.

use super::cells::{first, numbers, texts};
use super::fault::{OutcomeError, OutcomeFault};
use crate::convert::{column, convert};
use crate::derive::{DeriveFault, FirmIndex, UNMATCHED};
use crate::graded::Graded;
use crate::provenance::{Legend, Provenance};
use firmgrade::Scorecard;
use firmgrade::calendar::Day;
use firmgrade::card::Better;
use firmgrade::columns::Kind;
use polars::prelude::*;

/// Graded firms. A risk is higher for riskier firms, whatever the direction of the score.
#[derive(Clone, Debug)]
pub struct Rated {
    /// The id column as text, one piece.
    ids: Series,
    /// Score by firm as it was given; NaN where there is none.
    pub score: Vec<f64>,
    /// The score turned so that more is riskier.
    pub risk: Vec<f64>,
    /// By firm: its place in `grades`; none for firms in the class for too little data.
    pub grade: Vec<Option<u32>>,
    /// The grades, best first, without the class for too little data.
    pub grades: Vec<String>,
    /// The day as of which the firms were graded, where that is known.
    pub as_of: Option<Day>,
    /// What graded them, in words.
    pub origin: String,
    /// The name of the id column.
    pub id_column: String,
    /// What had to be concluded about the table.
    pub notes: Vec<String>,
    /// Other columns, for groups.
    pub(crate) frame: DataFrame,
}

impl Rated {
    /// The firms of a grading, with the columns that were graded; `frame` has other columns of theirs, in the same order, or is empty.
    #[must_use]
    pub fn new(graded: &Graded, frame: Option<DataFrame>) -> Self {
        let (card, engine) = (graded.card(), graded.engine());
        let ids = graded.input().columns().first().cloned().unwrap_or_else(|| Series::new_empty(PlSmallStr::EMPTY, &DataType::String));
        let (names, provenance) = (card.grades(), graded.provenance());
        let ranked = |grade: &u8| Some(u32::from(*grade)).filter(|at| (*at as usize) < names.ordered);
        let mut frame = frame.unwrap_or_default();
        for own in graded.input().columns().iter().skip(1) {
            if frame.column(own.name()).is_err() {
                // A frame of another height has no place for it; then it is left out.
                let _ = frame.with_column(own.clone().into_column());
            }
        }
        Self {
            // INVARIANT: the id column was graded, so it can be read as text.
            ids: convert(&ids, Kind::Text).unwrap_or(ids).rechunk(),
            risk: engine.score.iter().map(|score| turned(*score, card.scale().better)).collect(),
            score: engine.score.clone(),
            grade: engine.grade.iter().map(ranked).collect(),
            grades: names.names.iter().take(names.ordered).cloned().collect(),
            as_of: provenance.as_of.as_deref().and_then(Day::parse),
            origin: origin(card),
            id_column: card.id_column().to_owned(),
            notes: Vec::new(),
            frame,
        }
    }

    /// The firms of a table with the columns id, `score` and `grade`, as `firmgrade grade` writes it. The card tells the id column, the order
    /// of the grades and the direction of the score. Without it the id is the first column, grades are in the order of their categories, or of
    /// their names, and high scores are good where the mean score falls from the first grade to the last.
    ///
    /// # Errors
    /// [`OutcomeError`] with every fault of the table.
    pub fn from_frame(table: &'static str, frame: DataFrame, card: Option<&Scorecard>) -> Result<Self, OutcomeError> {
        let rated = Self::read(table, frame, card.map(Legend::new).as_ref())?;
        Ok(match card {
            Some(card) => Self { origin: origin(card), ..rated },
            None => rated,
        })
    }

    /// The firms of a table that says itself what graded it; see [`read_provenance`](crate::read_provenance). As [`Rated::from_frame`] where it
    /// does not say how it is to be read.
    ///
    /// # Errors
    /// As [`Rated::from_frame`].
    pub fn from_written(table: &'static str, frame: DataFrame, provenance: &Provenance) -> Result<Self, OutcomeError> {
        let rated = Self::read(table, frame, provenance.legend.as_ref())?;
        Ok(Self { origin: provenance.card(), as_of: provenance.day(), ..rated })
    }

    fn read(table: &'static str, frame: DataFrame, legend: Option<&Legend>) -> Result<Self, OutcomeError> {
        let mut faults = Vec::new();
        let named = legend.map(|legend| legend.id_column.clone());
        let id_column = named.or_else(|| frame.columns().first().map(|column| column.name().to_string())).unwrap_or_default();
        let no_column = |names: &[&str]| OutcomeFault::NoColumn {
            table,
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            remedy: "give the table that `firmgrade grade` wrote".to_owned(),
        };
        let ids = first(&frame, &[&id_column]).ok_or_else(|| no_column(&[&id_column]));
        let ids = ids.and_then(|ids| id_text(table, ids)).map_err(|fault| faults.push(fault)).ok();
        let score = first(&frame, &["score"]).ok_or_else(|| no_column(&["score"]));
        let score = score.and_then(|score| numbers(table, score)).map_err(|fault| faults.push(fault)).ok();
        let grade = first(&frame, &["grade"]).ok_or_else(|| no_column(&["grade"])).map_err(|fault| faults.push(fault)).ok();
        let (Some(ids), Some(score), Some(grade)) = (ids, score, grade) else { return Err(OutcomeError(faults)) };
        let words = texts(grade);
        let mut notes = Vec::new();
        let grades = match legend {
            Some(legend) => legend.grades.clone(),
            None => order(grade, &words, &mut notes),
        };
        let place =
            |word: &Option<String>| word.as_ref().and_then(|word| grades.iter().position(|grade| grade == word)).map(|at| at as u32);
        let grade: Vec<Option<u32>> = words.iter().map(place).collect();
        let class = legend.and_then(|legend| legend.class.as_ref());
        let mut unknown: Vec<String> =
            words.iter().flatten().filter(|word| !grades.contains(word) && Some(*word) != class).cloned().collect();
        unknown.sort_unstable();
        unknown.dedup();
        if !unknown.is_empty() {
            faults.push(OutcomeFault::UnknownGrades { grades: unknown });
        }
        let better = match legend {
            Some(legend) => Some(legend.better),
            None => direction(&score, &grade, &mut notes),
        };
        let Some(better) = better.filter(|_| faults.is_empty()) else {
            if faults.is_empty() {
                faults.push(OutcomeFault::NoDirection);
            }
            return Err(OutcomeError(faults));
        };
        let risk = score.iter().map(|score| turned(*score, better)).collect();
        let origin = "a table of graded firms".to_owned();
        Ok(Self { ids, score, risk, grade, grades, as_of: None, origin, id_column, notes, frame })
    }

    /// A challenger: a table as [`Rated::from_frame`] takes it, or one with the id column and `risk`, higher for riskier firms.
    ///
    /// # Errors
    /// As [`Rated::from_frame`].
    pub fn challenger(frame: DataFrame, id_column: &str, card: Option<&Scorecard>) -> Result<Self, OutcomeError> {
        let (Some(ids), Some(risk), None) = (first(&frame, &[id_column]), first(&frame, &["risk"]), first(&frame, &["score"])) else {
            return Self::from_frame("challenger", frame, card);
        };
        let (ids, risk) = (id_text("challenger", ids), numbers("challenger", risk));
        match (ids, risk) {
            (Ok(ids), Ok(risk)) => Ok(Self {
                ids,
                score: risk.clone(),
                grade: vec![None; risk.len()],
                risk,
                grades: Vec::new(),
                as_of: None,
                origin: "a table of risks".to_owned(),
                id_column: id_column.to_owned(),
                notes: Vec::new(),
                frame,
            }),
            (ids, risk) => Err(OutcomeError(ids.err().into_iter().chain(risk.err()).collect())),
        }
    }

    /// Firms that nobody has graded, to be joined to outcomes: all of one risk and grade. Without the name of an id column it is the first.
    ///
    /// # Errors
    /// A column that is not there, or holds no ids.
    pub fn ungraded(frame: &DataFrame, id_column: Option<&str>) -> Result<Self, OutcomeError> {
        let id_column = id_column.or_else(|| frame.columns().first().map(|column| column.name().as_str())).unwrap_or_default();
        let missing = || OutcomeFault::NoColumn {
            table: "firms",
            names: vec![id_column.to_owned()],
            remedy: "the firms need the id column of the scorecard, or as their first column".to_owned(),
        };
        let ids = first(frame, &[id_column]).ok_or_else(missing).and_then(|ids| id_text("firms", ids));
        let ids = ids.map_err(|fault| OutcomeError(vec![fault]))?;
        let firms = ids.len();
        Ok(Self {
            ids,
            score: vec![0.0; firms],
            risk: vec![0.0; firms],
            grade: vec![Some(0); firms],
            grades: Vec::new(),
            as_of: None,
            origin: "a table of firms".to_owned(),
            id_column: id_column.to_owned(),
            notes: Vec::new(),
            frame: frame.clone(),
        })
    }

    /// The ids.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        (0..self.len()).map(|firm| self.id(firm)).collect()
    }

    /// The same firms, graded as of a day.
    #[must_use]
    pub fn dated(self, as_of: Option<Day>) -> Self {
        Self { as_of: as_of.or(self.as_of), ..self }
    }

    /// The number of firms.
    #[must_use]
    pub fn len(&self) -> usize {
        self.score.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.score.is_empty()
    }

    /// The id of a firm.
    #[must_use]
    pub fn id(&self, firm: usize) -> String {
        column(&self.ids, 0).map_or_else(String::new, |ids| ids.text(firm))
    }

    /// The firm of each id.
    pub(crate) fn find(&self, ids: &Series) -> Vec<Option<usize>> {
        let (Some(own), Some(wanted)) = (column(&self.ids, 0), column(ids, 0)) else { return vec![None; ids.len()] };
        let found = FirmIndex::new(vec![own]).match_records(&[wanted]);
        found.into_iter().map(|firm| (firm != UNMATCHED).then_some(firm as usize)).collect()
    }

    /// Another column as numbers, NaN where there is none.
    ///
    /// # Errors
    /// A column that is not there, or holds something else.
    pub fn numbers(&self, column: &str) -> Result<Vec<f64>, OutcomeError> {
        let found = first(&self.frame, &[column]).ok_or_else(|| self.no_group(column, &["graded"]));
        found.and_then(|series| numbers("graded", series)).map_err(|fault| OutcomeError(vec![fault]))
    }

    /// Another column as texts.
    pub(crate) fn texts(&self, column: &str) -> Option<Vec<Option<String>>> {
        first(&self.frame, &[column]).map(texts)
    }

    /// A column that is not there.
    pub(crate) fn no_group(&self, column: &str, tables: &[&str]) -> OutcomeFault {
        let names = self.frame.get_column_names();
        let near = firmgrade::nearest(column, names.iter().map(|name| name.as_str())).map(str::to_owned);
        OutcomeFault::NoGroup { column: column.to_owned(), tables: tables.iter().map(|table| (*table).to_owned()).collect(), near }
    }

    /// By firm of this table: its place in another.
    pub(crate) fn in_other(&self, other: &Self) -> Vec<Option<usize>> {
        other.find(&self.ids)
    }
}

/// Ids as text, one piece.
pub(super) fn id_text(table: &'static str, ids: &Series) -> Result<Series, OutcomeFault> {
    let text = convert(ids, Kind::Text).map_err(|fault| DeriveFault::Data { table: table.to_owned(), fault: Box::new(fault) })?;
    Ok(text.rechunk())
}

fn turned(score: f64, better: Better) -> f64 {
    match better {
        Better::High => -score,
        Better::Low => score,
    }
}

fn origin(card: &Scorecard) -> String {
    let header = &card.spec().scorecard;
    format!("{} ({}, version {})", header.title, header.id, header.version)
}

/// The grades in the order of their categories, or of their names.
fn order(column: &Series, words: &[Option<String>], notes: &mut Vec<String>) -> Vec<String> {
    if let DataType::Enum(_, mapping) = column.dtype() {
        let limit = u32::try_from(mapping.num_cats_upper_bound()).unwrap_or(u32::MAX);
        return (0..limit).filter_map(|code| mapping.cat_to_str(code)).map(str::to_owned).collect();
    }
    let mut names: Vec<String> = words.iter().flatten().cloned().collect();
    names.sort_unstable();
    names.dedup();
    notes.push(format!("grades taken in the order of their names, {}; name the scorecard if that is not so", names.join(" < ")));
    names
}

/// Whether high or low scores are good, from the mean scores of the first and the last grade that have any.
fn direction(score: &[f64], grade: &[Option<u32>], notes: &mut Vec<String>) -> Option<Better> {
    let mut means: std::collections::BTreeMap<u32, (f64, f64)> = std::collections::BTreeMap::new();
    for (grade, score) in grade.iter().zip(score).filter(|(_, score)| !score.is_nan()) {
        if let Some(grade) = grade {
            let (sum, count) = means.entry(*grade).or_default();
            *sum += score;
            *count += 1.0;
        }
    }
    let mean = |(sum, count): &(f64, f64)| sum / count;
    let (best, worst) = (means.first_key_value().map(|(_, m)| mean(m))?, means.last_key_value().map(|(_, m)| mean(m))?);
    let (better, word) = if best > worst {
        (Better::High, "high")
    } else if best < worst {
        (Better::Low, "low")
    } else {
        return None;
    };
    notes.push(format!(
        "{word} scores taken to be good, since the mean score of the first grade is {best:.1} and that of the last {worst:.1}"
    ));
    Some(better)
}
