//! What Python gives: tables and lists of dicts, hashes as bytes or text, salts, rates, sources.

use crate::errors;
use crate::table::Source;
use firmgrade::sample::{Frame, Hash, Rate, Salt, SampleFault, Suite};
use firmgrade::{Cells, Error};
use firmgrade_frame::DataFrame;
use firmgrade_frame::sampling::{FRAME_COLUMNS, draw_frame};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyInt, PyList, PyMapping, PyString, PyTuple};

/// The hash function of a draw, by its name.
pub fn suite(name: &str) -> PyResult<Suite> {
    [Suite::Sha256, Suite::Sm3]
        .into_iter()
        .find(|suite| suite.as_str() == name)
        .ok_or_else(|| PyValueError::new_err(format!("suite: found `{name}`, expected `sha256` or `sm3`")))
}

/// Bytes as they are, or from hexadecimal digits.
pub fn bytes(what: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    if let Ok(bytes) = value.cast::<PyByteArray>() {
        return Ok(bytes.to_vec());
    }
    if let Ok(text) = value.cast::<PyString>() {
        let digits = |at: usize| text.to_str().ok().and_then(|text| u8::from_str_radix(text.get(at..at + 2)?, 16).ok());
        let length = text.to_str()?.len();
        let plain = length.is_multiple_of(2) && text.to_str()?.bytes().all(|byte| byte.is_ascii_hexdigit());
        let bytes: Option<Vec<u8>> = if plain { (0..length).step_by(2).map(digits).collect() } else { None };
        return bytes.ok_or_else(|| PyValueError::new_err(format!("{what}: found text that is not pairs of hexadecimal digits")));
    }
    let found = value.get_type().fully_qualified_name()?;
    Err(PyTypeError::new_err(format!("{what}: found `{found}`, expected bytes or hexadecimal digits")))
}

/// 32 bytes: a seed, a root, a ticket.
pub fn hash(what: &str, value: &Bound<'_, PyAny>) -> PyResult<Hash> {
    let bytes = bytes(what, value)?;
    let found = bytes.len();
    let hash = bytes.try_into().map(Hash);
    hash.map_err(|_| PyValueError::new_err(format!("{what}: found {found} bytes, expected 32 (64 hexadecimal digits)")))
}

/// 16 bytes.
pub fn salt(value: &Bound<'_, PyAny>) -> PyResult<Salt> {
    let bytes = bytes("salt", value)?;
    let found = bytes.len();
    bytes.try_into().map_err(|_| PyValueError::new_err(format!("salt: found {found} bytes, expected 16 (32 hexadecimal digits)")))
}

/// The entropy sources with what they showed.
pub fn sources(given: &Bound<'_, PyDict>) -> PyResult<Vec<(String, Vec<u8>)>> {
    let source = |(name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        let name: String = name.extract()?;
        let value = if let Ok(bytes) = value.cast::<PyBytes>() {
            bytes.as_bytes().to_vec()
        } else if let Ok(bytes) = value.cast::<PyByteArray>() {
            bytes.to_vec()
        } else {
            let found = value.get_type().fully_qualified_name()?;
            let message = format!("source `{name}`: found `{found}`, expected bytes; digits(\"3 1 4\") makes them of typed digits");
            return Err(PyTypeError::new_err(message));
        };
        Ok((name, value))
    };
    given.iter().map(source).collect()
}

/// The same, borrowed.
pub fn borrowed(sources: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    sources.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect()
}

/// A rate, from text `num/den`, a pair, a Fraction or anything with numerator and denominator (whole numbers have both).
pub fn rate(value: &Bound<'_, PyAny>) -> PyResult<Rate> {
    let wrong = || PyValueError::new_err(format!("rate: found {value}, expected 0 to 1 as `1/50`, (1, 50) or Fraction(1, 50)"));
    let pair = if let Ok(text) = value.cast::<PyString>() {
        return text.to_str()?.parse().map_err(|_| wrong());
    } else if let Ok((num, den)) = value.extract::<(u64, u64)>() {
        Some((num, den))
    } else if value.hasattr("numerator")? && value.hasattr("denominator")? {
        value.getattr("numerator")?.extract().ok().zip(value.getattr("denominator")?.extract().ok())
    } else {
        None
    };
    pair.and_then(|(num, den)| Rate::new(num, den)).ok_or_else(wrong)
}

/// The frame of a draw and its salts where the table has them, from a table or a list of dicts.
pub fn frame(py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<(Frame, Option<Vec<Salt>>)> {
    let (table, names) = table(data)?;
    py.detach(|| draw_frame(&table, &names)).map_err(|error| errors::engine(py, &error))
}

fn table(data: &Bound<'_, PyAny>) -> PyResult<(DataFrame, Vec<String>)> {
    let py = data.py();
    let source = if data.is_instance_of::<PyList>() || data.is_instance_of::<PyTuple>() {
        let rows = PyList::empty(py);
        for (at, row) in data.try_iter()?.enumerate() {
            let row = row?;
            let Ok(row) = row.cast::<PyDict>() else {
                let found = row.get_type().fully_qualified_name()?;
                return Err(PyTypeError::new_err(format!("row {}: found `{found}`, expected a dict or a table", at + 1)));
            };
            let row = row.copy()?;
            if let Some(value) = row.get_item("rate")?
                && (value.is_instance_of::<PyTuple>() || value.is_instance_of::<PyList>() || value.hasattr("limit_denominator")?)
            {
                row.set_item("rate", rate(&value)?.to_string())?;
            }
            // As text, for whole numbers of up to 64 bits without a sign have no common type otherwise.
            for key in ["num", "den"] {
                if let Some(value) = row.get_item(key)?
                    && value.is_instance_of::<PyInt>()
                {
                    row.set_item(key, value.str()?)?;
                }
            }
            rows.append(row)?;
        }
        let options = PyDict::new(py);
        options.set_item("infer_schema_length", py.None())?;
        let polars = py.import("polars")?;
        let empty = rows.is_empty();
        let table = if empty {
            let columns: Vec<(&str, Vec<&str>)> = ["id", "grade", "stratum", "rate"].map(|name| (name, Vec::new())).into();
            polars.call_method1("DataFrame", (columns.into_iter().collect::<std::collections::BTreeMap<_, _>>(),))
        } else {
            polars.call_method("DataFrame", (rows,), Some(&options))
        };
        Source::new(&table.map_err(|error| errors::unreadable(py, error.value(py)))?, None)?
    } else {
        Source::new(data, None)?
    };
    let names = source.names.clone();
    let wanted: Vec<String> = FRAME_COLUMNS.iter().map(ToString::to_string).collect();
    let narrow = Source::new(&source.frame, Some(&wanted))?;
    Ok((narrow.cross()?, names))
}

/// Salts in the order of the frame: of the operating system where none are given.
pub fn salts(py: Python<'_>, frame: &Frame, given: Option<&Bound<'_, PyAny>>, columns: Option<Vec<Salt>>) -> PyResult<Vec<Salt>> {
    let Some(given) = given else {
        let fresh = || {
            let bytes = py.import("secrets")?.call_method1("token_bytes", (frame.len() * 16,))?;
            Ok(bytes.cast_into::<PyBytes>()?.as_bytes().as_chunks::<16>().0.to_vec())
        };
        return columns.map_or_else(fresh, Ok);
    };
    let faults = |faults| errors::engine(py, &Error::Sample(faults));
    let count = |found| SampleFault::Count { what: "salts", found, expected: format!("{}, one for each row", frame.len()) };
    if let Ok(by_id) = given.cast::<PyMapping>() {
        let mut of_row: Vec<Option<Salt>> = vec![None; frame.len()];
        let mut strangers = 0;
        for item in by_id.items()?.iter() {
            let (id, value): (String, Bound<'_, PyAny>) = item.extract()?;
            match frame.find(&id).and_then(|row| of_row.get_mut(row)) {
                Some(place) => *place = Some(salt(&value)?),
                None => strangers += 1,
            }
        }
        let mut missing = Cells::new("firm without a salt");
        for (row, _) in of_row.iter().enumerate().filter(|(_, salt)| salt.is_none()) {
            missing.add(row, || Some(frame.id(row).to_owned()));
        }
        if !missing.is_empty() {
            return Err(faults(vec![SampleFault::Frame {
                cells: missing,
                remedy: "give every id its salt; rows are in the order of ids",
            }]));
        }
        if strangers > 0 {
            return Err(faults(vec![count(frame.len() + strangers)]));
        }
        return Ok(of_row.into_iter().flatten().collect());
    }
    let as_given: Vec<Salt> = if let Ok(bytes) = given.cast::<PyBytes>() {
        let (salts, rest) = bytes.as_bytes().as_chunks::<16>();
        if !rest.is_empty() || salts.len() != frame.len() {
            let message = format!("salts: found {} bytes, expected {}, 16 for each row", bytes.as_bytes().len(), 16 * frame.len());
            return Err(PyValueError::new_err(message));
        }
        salts.to_vec()
    } else {
        let each =
            given.try_iter().map_err(|_| PyTypeError::new_err("salts: expected bytes, one for each row, or a dict of them by id"))?;
        each.map(|value| salt(&value?)).collect::<PyResult<_>>()?
    };
    if as_given.len() != frame.len() {
        return Err(faults(vec![count(as_given.len())]));
    }
    frame.arrange(&as_given).map_err(|error| errors::engine(py, &error))
}
