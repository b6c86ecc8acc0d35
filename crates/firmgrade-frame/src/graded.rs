//! Grading a frame: the engine's result as tables, with the provenance that every copy of it carries.

use crate::convert::Input;
use crate::persons::masked_ids;
use crate::provenance::{Legend, Provenance};
use firmgrade::calendar::Day;
use firmgrade::digest::{column_digest, table_digest};
use firmgrade::grade::NO_GRADE;
use firmgrade::reweigh::{CutPoints, Utilities, Weightings};
use firmgrade::{GradeOptions, Scorecard};
use polars::prelude::*;
use polars_arrow::array::Utf8ViewArray;
use polars_arrow::offset::OffsetsBuffer;
use rayon::prelude::*;
use std::sync::{Arc, OnceLock};

/// Graded firms, with what made the grades.
#[derive(Clone, Debug)]
pub struct Graded {
    card: Arc<Scorecard>,
    input: Arc<Input>,
    options: GradeOptions,
    as_of: Option<Day>,
    engine: Arc<firmgrade::Graded>,
    data_digest: Arc<OnceLock<String>>,
    utilities: Arc<OnceLock<Arc<Utilities>>>,
}

/// How many firms a grade has.
#[derive(Clone, Debug, PartialEq)]
pub struct Count {
    /// The grade, or the class for firms with too little data.
    pub grade: String,
    /// Firms by score.
    pub by_score: usize,
    /// Firms after overrides.
    pub firms: usize,
    /// `firms` as a share of all, from 0 to 1.
    pub share: f64,
}

/// Grades the firms of a frame.
///
/// # Errors
/// [`firmgrade::Error::Data`] with every fault of the data.
pub fn grade(card: &Arc<Scorecard>, frame: &DataFrame, options: GradeOptions) -> Result<Graded, firmgrade::Error> {
    let input = Input::new(card, frame).map_err(firmgrade::Error::Data)?;
    let engine = firmgrade::grade(card, &input.tables(), options)?;
    let (input, engine) = (Arc::new(input), Arc::new(engine));
    Ok(Graded { card: Arc::clone(card), input, options, as_of: None, engine, data_digest: Arc::default(), utilities: Arc::default() })
}

impl Graded {
    /// The card.
    #[must_use]
    pub fn card(&self) -> &Arc<Scorecard> {
        &self.card
    }

    /// The same result, with the day in its provenance as of which its columns were derived.
    #[must_use]
    pub fn dated(self, as_of: Day) -> Self {
        Self { as_of: Some(as_of), ..self }
    }

    /// The engine's result.
    #[must_use]
    pub fn engine(&self) -> &firmgrade::Graded {
        &self.engine
    }

    /// The columns that were graded.
    #[must_use]
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// The firms made ready for other weights, at the first call; kept as long as the result.
    ///
    /// # Errors
    /// None for columns that have not changed since they were graded.
    pub fn utilities(&self) -> Result<Arc<Utilities>, firmgrade::Error> {
        if let Some(utilities) = self.utilities.get() {
            return Ok(Arc::clone(utilities));
        }
        let utilities = Arc::new(Utilities::new(&self.card, &self.input.tables())?);
        Ok(Arc::clone(self.utilities.get_or_init(|| utilities)))
    }

    /// The firms by one other weighting, counted from 0: id, `score`, `score_grade`, `grade`, `coverage`.
    ///
    /// # Errors
    /// As [`Utilities::rescore`].
    pub fn rescore(&self, weightings: &Weightings, at: usize, cuts: CutPoints) -> Result<PolarsResult<DataFrame>, firmgrade::Error> {
        let found = self.utilities()?.rescore(weightings, at, cuts)?;
        let names = &self.card.grades().names;
        let columns = || {
            let columns = vec![
                self.ids(),
                numbers("score", &found.score),
                grades("score_grade", names, &found.score_grade)?,
                grades("grade", names, &found.grade)?,
                numbers("coverage", &found.coverage),
            ];
            DataFrame::new(found.score.len(), columns)
        };
        Ok(columns())
    }

    /// The ids as they came in, those of natural persons masked.
    pub(crate) fn ids(&self) -> Column {
        let ids = self.input.columns().first().cloned().unwrap_or_else(|| Series::new_empty(PlSmallStr::EMPTY, &DataType::String));
        masked_ids(&ids).unwrap_or(ids).into()
    }

    /// The row, from 0, of the firm whose id is shown so in [`Graded::frame`]: those of natural persons are masked there.
    #[must_use]
    pub fn row_shown_as(&self, id: &str) -> Option<usize> {
        self.ids().as_materialized_series().str().ok()?.iter().position(|shown| shown == Some(id))
    }

    /// One row for each firm in the order of the input: id, `score`, `score_grade`, `grade`, `overrides`, `reasons`, `coverage`.
    ///
    /// # Errors
    /// A [`PolarsError`] only where a result column would have the name of the id column.
    pub fn frame(&self) -> PolarsResult<DataFrame> {
        let rules: Vec<&str> = self.card.rules().iter().map(|rule| rule.id.as_str()).collect();
        let indicators: Vec<&str> = self.card.indicators().iter().map(|indicator| indicator.id.as_str()).collect();
        self.rows(&rules, &indicators)
    }

    /// As [`Graded::frame`], for people: `overrides` and `reasons` hold titles in place of ids.
    ///
    /// # Errors
    /// As [`Graded::frame`].
    pub fn titled_frame(&self) -> PolarsResult<DataFrame> {
        let rules: Vec<&str> = self.card.rules().iter().map(|rule| rule.title.as_str()).collect();
        let indicators: Vec<&str> = self.card.indicators().iter().map(|indicator| indicator.title.as_str()).collect();
        self.rows(&rules, &indicators)
    }

    /// The results, with these words for the rules and indicators of the card.
    fn rows(&self, rules: &[&str], indicators: &[&str]) -> PolarsResult<DataFrame> {
        let engine = &self.engine;
        let names = &self.card.grades().names;
        let firms = engine.score.len();
        let mut hits = Lists::with_capacity(firms, engine.hits.pairs.len());
        let mut pairs = engine.hits.pairs.iter().peekable();
        let mut reasons = Lists::with_capacity(firms, engine.reasons.indicators.len());
        for firm in 0..firms {
            while let Some((_, rule)) = pairs.next_if(|(row, _)| *row == firm) {
                hits.push(*rule);
            }
            hits.close();
            for indicator in engine.reasons.of(firm) {
                reasons.push(indicator);
            }
            reasons.close();
        }
        let columns = vec![
            self.ids(),
            numbers("score", &engine.score),
            grades("score_grade", names, &engine.score_grade)?,
            grades("grade", names, &engine.grade)?,
            hits.column("overrides", rules)?,
            reasons.column("reasons", indicators)?,
            numbers("coverage", &engine.coverage),
        ];
        DataFrame::new(firms, columns)
    }

    /// Points lost against the best attainable by firm and indicator, in units of the score: id, then one column for each indicator.
    /// Empty but for the ids where [`GradeOptions::contributions`] was not set.
    ///
    /// # Errors
    /// A [`PolarsError`] only where an indicator has the name of the id column.
    pub fn contributions(&self) -> PolarsResult<DataFrame> {
        let engine = &self.engine;
        let mut columns = vec![self.ids()];
        for (indicator, lost) in self.card.indicators().iter().zip(engine.contributions.columns()) {
            columns.push(numbers(&indicator.id, &lost.to_vec()));
        }
        DataFrame::new(engine.score.len(), columns)
    }

    /// How many firms each grade has, best first; the class for firms with too little data comes last.
    #[must_use]
    pub fn counts(&self) -> Vec<Count> {
        let engine = &self.engine;
        let count = |grades: &[u8], index: usize| grades.iter().filter(|grade| usize::from(**grade) == index).count();
        let counts = self.card.grades().names.iter().enumerate().map(|(index, name)| {
            let firms = count(&engine.grade, index);
            let by_score = count(&engine.score_grade, index);
            Count { grade: name.clone(), by_score, firms, share: firms as f64 / engine.grade.len().max(1) as f64 }
        });
        counts.collect()
    }

    /// How many firms hit each rule, in the order of the card.
    #[must_use]
    pub fn hits(&self) -> Vec<(String, usize)> {
        let mut counts = vec![0; self.card.rules().len()];
        for (_, rule) in &self.engine.hits.pairs {
            if let Some(count) = counts.get_mut(*rule) {
                *count += 1;
            }
        }
        self.card.rules().iter().zip(counts).map(|(rule, count)| (rule.id.clone(), count)).collect()
    }

    /// What made the result. The digest of the data is computed at the first call: the columns are held, and frames do not change.
    #[must_use]
    pub fn provenance(&self) -> Provenance {
        let digest = self.data_digest.get_or_init(|| {
            let tables = self.input.tables();
            let digests: Vec<[u8; 32]> = self
                .input
                .columns()
                .par_iter()
                .map(|series| {
                    let pieces: Vec<_> = tables.iter().filter_map(|table| table.column(series.name())).collect();
                    column_digest(series.name(), &pieces)
                })
                .collect();
            table_digest(&digests)
        });
        let header = &self.card.spec().scorecard;
        Provenance {
            scorecard: header.id.clone(),
            scorecard_version: header.version.clone(),
            scorecard_digest: self.card.digest().to_owned(),
            data_digest: digest.clone(),
            firms: self.input.len(),
            engine_version: firmgrade::VERSION.to_owned(),
            options: self.options,
            as_of: self.as_of.map(|day| day.to_string()),
            solved_cuts: self.engine.solved.clone(),
            legend: Some(Legend::new(&self.card)),
        }
    }
}

/// A number column in which NaN becomes null.
pub(crate) fn numbers(name: &str, values: &[f64]) -> Column {
    let whole = Float64Chunked::from_slice(name.into(), values);
    if values.iter().any(|value| value.is_nan()) {
        let options = values.iter().map(|value| (!value.is_nan()).then_some(*value));
        return Float64Chunked::from_iter_options(name.into(), options).into_column();
    }
    whole.into_column()
}

/// A column of grades as an ordered enumeration, best first.
pub(crate) fn grades(name: &str, names: &[String], codes: &[u8]) -> PolarsResult<Column> {
    let categories = FrozenCategories::new(names.iter().map(String::as_str))?;
    let dtype = DataType::from_frozen_categories(categories);
    let physical = if codes.contains(&NO_GRADE) {
        UInt8Chunked::from_iter_options(name.into(), codes.iter().map(|code| (*code != NO_GRADE).then_some(*code)))
    } else {
        UInt8Chunked::from_slice(name.into(), codes)
    };
    Ok(CategoricalChunked::<Categorical8Type>::from_cats_and_dtype(physical, dtype).into_column())
}

/// Lists of indices into a few words.
struct Lists {
    indices: Vec<IdxSize>,
    offsets: Vec<i64>,
}

impl Lists {
    fn with_capacity(lists: usize, items: usize) -> Self {
        let mut offsets = Vec::with_capacity(lists + 1);
        offsets.push(0);
        Self { indices: Vec::with_capacity(items), offsets }
    }

    fn push(&mut self, index: usize) {
        self.indices.push(IdxSize::try_from(index).unwrap_or(IdxSize::MAX));
    }

    fn close(&mut self) {
        self.offsets.push(self.indices.len() as i64);
    }

    /// A column of lists of text.
    fn column(self, name: &str, words: &[&str]) -> PolarsResult<Column> {
        let words = StringChunked::from_slice(name.into(), words);
        let items = words.take(&IdxCa::from_vec(name.into(), self.indices))?.rechunk().into_owned();
        let items = match items.downcast_iter().next() {
            Some(array) => array.clone(),
            None => Utf8ViewArray::new_empty(ArrowDataType::Utf8View),
        };
        let offsets = OffsetsBuffer::try_from(self.offsets)?;
        let dtype = polars_arrow::array::ListArray::<i64>::default_datatype(ArrowDataType::Utf8View);
        let lists = polars_arrow::array::ListArray::<i64>::try_new(dtype, offsets, Box::new(items), None)?;
        Ok(ListChunked::with_chunk(name.into(), lists).into_column())
    }
}
