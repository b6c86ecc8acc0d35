//! Judgments as people hand them over: lists, arrays, frames, dicts of pairs, numbers and texts.

use super::output::square;
use super::weights::Weights;
use crate::errors;
use firmgrade::ahp::{Incomplete, JudgmentFault, Judgments, parse_ratio};
use numpy::ndarray::Dimension;
use numpy::{PyArray2, PyReadonlyArray, PyReadonlyArray2};
use pyo3::exceptions::{PyTypeError, PyUserWarning};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use std::ffi::CString;
use std::fmt::Display;
use std::str::FromStr;

/// What was read, or what is wrong with it.
pub type Checked<T> = Result<T, Vec<JudgmentFault>>;

/// What stands for a judgment that nobody made.
const BLANKS: [&str; 11] = ["", "-", "?", "–", "—", "−", "*", "nan", "na", "n/a", "none"];

/// Longer texts are cut in messages.
const SHOWN: usize = 40;

type Pair = ((String, String), f64);

/// Judgments as numbers, before the engine looks at them. Blanks are NaN.
pub enum Given {
    Matrix { names: Option<Vec<String>>, rows: Vec<Vec<f64>>, bad: Vec<JudgmentFault> },
    Pairs { names: Vec<String>, pairs: Vec<Pair>, bad: Vec<JudgmentFault> },
}

impl Given {
    /// Reads any matrix or dict of pairs; `names` go before those that the data have.
    ///
    /// # Errors
    /// `TypeError` for what is neither.
    pub fn read(data: &Bound<'_, PyAny>, names: Option<Vec<String>>, blanks: bool) -> PyResult<Self> {
        if let Ok(weights) = data.cast::<Weights>() {
            let judgments = &weights.get().judgments;
            let own = || judgments.names().to_vec();
            return Ok(Self::Matrix { names: Some(names.unwrap_or_else(own)), rows: typed(judgments), bad: Vec::new() });
        }
        if let Ok(pairs) = data.cast::<PyDict>() {
            return Self::pairs(pairs, names, blanks);
        }
        if let Some(rows) = floats(data) {
            return Ok(Self::Matrix { names, rows, bad: Vec::new() });
        }
        let (own, table) = if data.cast::<PyList>().is_ok() { (None, data.clone()) } else { frame(data)? };
        let names = names.or(own);
        if let Some(rows) = floats(&table) {
            return Ok(Self::Matrix { names, rows, bad: Vec::new() });
        }
        // Python numbers are cheaper to read than numpy's, and a masked value becomes None.
        let table = if table.hasattr("tolist")? { table.call_method0("tolist")? } else { table };
        let (mut rows, mut bad) = (Vec::new(), Vec::new());
        for (at, row) in each(&table)?.into_iter().enumerate() {
            let mut cells = Vec::new();
            // A row that is no list is one of a single entry: it has the wrong length, which is said.
            let entries = if row.cast::<PyString>().is_ok() { vec![row] } else { each(&row).unwrap_or_else(|_| vec![row]) };
            for (column, entry) in entries.iter().enumerate() {
                cells.push(ratio(entry, blanks)?.unwrap_or_else(|fault| {
                    bad.push(JudgmentFault::InCell { row: at, column, fault: Box::new(fault) });
                    f64::NAN
                }));
            }
            rows.push(cells);
        }
        Ok(Self::Matrix { names, rows, bad })
    }

    fn pairs(data: &Bound<'_, PyDict>, names: Option<Vec<String>>, blanks: bool) -> PyResult<Self> {
        let (mut pairs, mut bad, mut seen): (Vec<Pair>, _, Vec<String>) = (Vec::with_capacity(data.len()), Vec::new(), Vec::new());
        for (key, value) in data {
            let (first, second) = pair(&key)?;
            for name in [&first, &second] {
                if !seen.contains(name) {
                    seen.push(name.clone());
                }
            }
            match ratio(&value, blanks)? {
                Ok(value) if blanks && value.is_nan() => {}
                Ok(value) => pairs.push(((first, second), value)),
                Err(JudgmentFault::NoRatio { text }) => {
                    bad.push(JudgmentFault::NoRatio { text: format!("{first}:{second} = {text}") });
                    pairs.push(((first, second), f64::NAN));
                }
                Err(fault) => bad.push(fault),
            }
        }
        Ok(Self::Pairs { names: names.unwrap_or(seen), pairs, bad })
    }

    /// The names that the data have, or that were given.
    pub fn names(&self) -> Option<&[String]> {
        match self {
            Self::Matrix { names, .. } => names.as_deref(),
            Self::Pairs { names, .. } => Some(names),
        }
    }

    /// The same with other names, where the data have none of their own.
    #[must_use]
    pub fn or_named(self, children: &[String]) -> Self {
        match self {
            Self::Matrix { names, rows, bad } => Self::Matrix { names: names.or_else(|| Some(children.to_vec())), rows, bad },
            Self::Pairs { pairs, bad, .. } => Self::Pairs { names: children.to_vec(), pairs, bad },
        }
    }

    /// Judgments without gaps.
    ///
    /// # Errors
    /// Every fault.
    pub fn judgments(self) -> Checked<Judgments> {
        match self {
            Self::Matrix { names, rows, bad } => merged(Judgments::from_matrix(names, &rows), bad),
            Self::Pairs { names, pairs, bad } => merged(Judgments::from_pairs(names, &pairs), bad),
        }
    }

    /// Judgments with gaps.
    ///
    /// # Errors
    /// Every fault.
    pub fn incomplete(self) -> Checked<Incomplete> {
        match self {
            Self::Matrix { names, rows, bad } => merged(Incomplete::from_matrix(names, &rows), bad),
            Self::Pairs { names, pairs, bad } => merged(Incomplete::from_pairs(names, &pairs), bad),
        }
    }
}

/// Judgments without gaps from anything; what was rounded is said as a warning.
pub fn judgments(data: &Bound<'_, PyAny>, names: Option<&Bound<'_, PyAny>>) -> PyResult<Judgments> {
    let py = data.py();
    if let (Ok(weights), None) = (data.cast::<Weights>(), names) {
        return Ok(weights.get().judgments.clone());
    }
    let judgments = Given::read(data, self::names(names)?, false)?.judgments().map_err(|faults| errors::judgments(py, faults))?;
    warn_of_rounding(py, judgments.largest_rounding(), "")?;
    Ok(judgments)
}

/// A UserWarning for a rounded reciprocal.
pub fn warn_of_rounding(py: Python<'_>, rounding: Option<&firmgrade::ahp::Rounding>, whose: &str) -> PyResult<()> {
    rounding.map_or(Ok(()), |rounding| warn(py, &format!("{whose}{rounding}")))
}

/// A UserWarning.
pub fn warn(py: Python<'_>, message: &str) -> PyResult<()> {
    PyErr::warn(py, &py.get_type::<PyUserWarning>(), &CString::new(message)?, 1)
}

/// A choice of the engine by its name, its default where there is none.
pub fn choice<T: FromStr<Err: Display> + Default>(py: Python<'_>, name: Option<&str>) -> PyResult<T> {
    name.map_or_else(|| Ok(T::default()), |name| name.parse().map_err(|error| errors::plain(py, &error)))
}

/// Names from any iterable; numbers are names as they are written.
pub fn names(names: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Vec<String>>> {
    let Some(names) = names else { return Ok(None) };
    if names.cast::<PyString>().is_ok() {
        return Err(PyTypeError::new_err("found one text as `names`, expected a list of them"));
    }
    each(names)?.iter().map(text).collect::<PyResult<_>>().map(Some)
}

/// What is written for a name.
pub fn text(name: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(name.str()?.to_str()?.to_owned())
}

/// Numbers from anything that numpy makes an array of; without a copy where it is one of f64 already.
pub fn numbers<'py, D: Dimension>(data: &Bound<'py, PyAny>) -> PyResult<PyReadonlyArray<'py, f64, D>> {
    let py = data.py();
    let array = py.import("numpy")?.call_method1("require", (data, "float64", ["A"]));
    let array = array.map_err(|error| errors::plain(py, &format!("the data cannot be read as numbers: {}", error.value(py))))?;
    let shape: Vec<usize> = array.getattr("shape")?.extract()?;
    array.extract().map_err(|_| {
        let expected = D::NDIM.unwrap_or_default();
        errors::plain(py, &format!("found an array of shape {shape:?}, expected one of {expected} dimensions"))
    })
}

/// The full matrix, float64 of shape (n, n), from the rows of its upper triangle, the diagonal left out: n − 1 rows of n − 1, …, 1 entries.
///
/// Entries are numbers or texts such as "1/3". Raises JudgmentError with every fault.
///
/// >>> fg.ahp.from_upper([[2, 4], [2]]).tolist()
/// [[1.0, 2.0, 4.0], [0.5, 1.0, 2.0], [0.25, 0.5, 1.0]]
#[pyfunction]
pub fn from_upper<'py>(rows: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let py = rows.py();
    let refuse = |faults| errors::judgments(py, faults);
    let (mut read, mut bad) = (Vec::new(), Vec::new());
    for (at, row) in each(rows)?.iter().enumerate() {
        let mut cells = Vec::new();
        for (column, entry) in each(row)?.iter().enumerate() {
            let value = ratio(entry, false)?;
            let in_cell = |fault| JudgmentFault::InCell { row: at, column: at + 1 + column, fault: Box::new(fault) };
            cells.push(value.unwrap_or_else(|fault| {
                bad.push(in_cell(fault));
                f64::NAN
            }));
        }
        read.push(cells);
    }
    let judgments = merged(Judgments::from_upper(None, &read), bad).map_err(refuse)?;
    let matrix = square(py, judgments.matrix())?;
    matrix.call_method1("setflags", (true,))?;
    Ok(matrix)
}

/// The matrix as it was typed, roundings undone: read again it gives the same judgments and the same roundings.
pub fn typed(judgments: &Judgments) -> Vec<Vec<f64>> {
    let mut rows: Vec<Vec<f64>> = judgments.matrix().chunks(judgments.n()).map(<[f64]>::to_vec).collect();
    let mut put = |row: usize, column: usize, value: f64| {
        if let Some(cell) = rows.get_mut(row).and_then(|row| row.get_mut(column)) {
            *cell = value;
        }
    };
    for rounding in judgments.roundings() {
        put(rounding.row, rounding.column, rounding.entry);
        // Where only one side was typed it was used, and the other is its reciprocal already.
        if rounding.used.to_bits() != rounding.entry.to_bits() {
            put(rounding.column, rounding.row, rounding.reciprocal);
        }
    }
    rows
}

/// Faults of single cells beside those of the engine, which saw NaN in their place.
fn merged<T>(read: Checked<T>, mut bad: Vec<JudgmentFault>) -> Checked<T> {
    if bad.is_empty() {
        return read;
    }
    let placeholder = |fault: &JudgmentFault| match fault {
        JudgmentFault::Entry { value, .. } | JudgmentFault::PairEntry { value, .. } | JudgmentFault::Diagonal { value, .. } => {
            value.is_nan()
        }
        JudgmentFault::Disconnected { .. } => true,
        _ => false,
    };
    bad.extend(read.err().unwrap_or_default().into_iter().filter(|fault| !placeholder(fault)));
    Err(bad)
}

/// The rows of an array of f64.
fn floats(table: &Bound<'_, PyAny>) -> Option<Vec<Vec<f64>>> {
    let array = table.extract::<PyReadonlyArray2<'_, f64>>().ok()?;
    Some(array.as_array().rows().into_iter().map(|row| row.to_vec()).collect())
}

/// A number, or a text such as "1/3"; NaN for a blank where blanks are allowed.
fn ratio(entry: &Bound<'_, PyAny>, blanks: bool) -> PyResult<Result<f64, JudgmentFault>> {
    if let Ok(text) = entry.cast::<PyString>() {
        let text = text.to_str()?;
        let blank = blanks && BLANKS.contains(&text.trim().to_lowercase().as_str());
        return Ok(if blank { Ok(f64::NAN) } else { parse_ratio(text) });
    }
    if let Ok(value) = entry.extract::<f64>() {
        return Ok(Ok(value));
    }
    if blanks && (entry.is_none() || entry.get_type().name()? == "NAType") {
        return Ok(Ok(f64::NAN));
    }
    let text: String = entry.repr()?.to_str()?.chars().take(SHOWN).collect();
    Ok(Err(JudgmentFault::NoRatio { text }))
}

/// ("a", "b"), or "a:b".
fn pair(key: &Bound<'_, PyAny>) -> PyResult<(String, String)> {
    if let Ok(key) = key.cast::<PyTuple>()
        && key.len() == 2
    {
        return Ok((text(&key.get_item(0)?)?, text(&key.get_item(1)?)?));
    }
    if let Ok(key) = key.cast::<PyString>()
        && let Some((first, second)) = key.to_str()?.split_once([':', '：'])
    {
        return Ok((first.trim().to_owned(), second.trim().to_owned()));
    }
    let message = format!("found the key {} in a dict of pairs, expected (\"a\", \"b\") or \"a:b\"", key.repr()?);
    Err(PyTypeError::new_err(message))
}

/// Names and values of a frame of pandas or polars; anything else as it is.
fn frame<'py>(data: &Bound<'py, PyAny>) -> PyResult<(Option<Vec<String>>, Bound<'py, PyAny>)> {
    if data.hasattr("columns")? && data.hasattr("iloc")? {
        return pandas(data);
    }
    if data.hasattr("columns")? && data.hasattr("get_columns")? {
        return polars(data);
    }
    // Results of this module: their matrix.
    if data.hasattr("matrix")? && data.hasattr("names")? && !data.getattr("matrix")?.is_callable() {
        return Ok((names(Some(&data.getattr("names")?))?, data.getattr("matrix")?));
    }
    Ok((None, data.clone()))
}

fn pandas<'py>(data: &Bound<'py, PyAny>) -> PyResult<(Option<Vec<String>>, Bound<'py, PyAny>)> {
    let labels = |axis: &str| each(&data.getattr(axis)?);
    let (columns, index) = (labels("columns")?, labels("index")?);
    let named = |labels: &[Bound<'_, PyAny>]| labels.iter().any(|label| label.cast::<PyString>().is_ok());
    let values = data.call_method1("to_numpy", ("object",))?.call_method0("tolist")?;
    let texts = |labels: &[Bound<'_, PyAny>]| labels.iter().map(text).collect::<PyResult<Vec<String>>>();
    match (named(&columns), named(&index)) {
        (false, false) => Ok((None, values)),
        (true, false) => Ok((Some(texts(&columns)?), values)),
        (false, true) => Ok((Some(texts(&index)?), values)),
        (true, true) => aligned(data.py(), texts(&columns)?, &texts(&index)?, &values),
    }
}

fn polars<'py>(data: &Bound<'py, PyAny>) -> PyResult<(Option<Vec<String>>, Bound<'py, PyAny>)> {
    let columns = names(Some(&data.getattr("columns")?))?.unwrap_or_default();
    let height: usize = data.getattr("height")?.extract()?;
    // One column more than rows: the first one names the rows.
    if let [first, things @ ..] = columns.as_slice()
        && things.len() == height
    {
        let index = names(Some(&data.call_method1("get_column", (first,))?))?.unwrap_or_default();
        let values = data.call_method1("drop", (first,))?.call_method0("rows")?;
        return aligned(data.py(), things.to_vec(), &index, &values);
    }
    let numbered = columns.iter().enumerate().all(|(at, name)| *name == format!("column_{at}"));
    Ok(((!numbered).then_some(columns), data.call_method0("rows")?))
}

/// The rows in the order of the columns.
fn aligned<'py>(
    py: Python<'py>,
    columns: Vec<String>,
    index: &[String],
    values: &Bound<'py, PyAny>,
) -> PyResult<(Option<Vec<String>>, Bound<'py, PyAny>)> {
    let places: Vec<Option<usize>> = columns.iter().map(|name| index.iter().position(|row| row == name)).collect();
    if index.len() != columns.len() || places.contains(&None) {
        let quoted = |names: &[String]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let message = format!("the rows are called {} but the columns {}, expected the same names", quoted(index), quoted(&columns));
        return Err(errors::plain(py, &message));
    }
    let rows: PyResult<Vec<Bound<'py, PyAny>>> = places.into_iter().flatten().map(|at| values.get_item(at)).collect();
    Ok((Some(columns), rows?.into_pyobject(py)?))
}

/// The items of any iterable.
pub fn each<'py>(items: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    if items.cast::<PyString>().is_ok() {
        return Err(PyTypeError::new_err(format!("found the text {}, expected a list", items.repr()?)));
    }
    items.try_iter()?.collect()
}
