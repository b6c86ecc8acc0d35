//! Tables between Python and the engine: anything tabular comes in as a polars frame, and crosses as an Arrow C stream without copies.

use crate::errors;
use firmgrade_frame::{ArrowArrayStream, DataFrame, into_stream, take_stream};
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyCapsule, PyDict, PyList, PyString, PyTuple};
use std::collections::HashSet;
use std::ffi::CStr;
use std::sync::Mutex;

const STREAM: &CStr = c"arrow_array_stream";

/// A table as a Python polars frame.
pub struct Source<'py> {
    /// The frame, with the wanted columns that there are.
    pub frame: Bound<'py, PyAny>,
    /// The names of all columns that the table has.
    pub names: Vec<String>,
    /// Whether its memory may change behind our back: all but polars frames, whose columns nobody can write to.
    pub mutable: bool,
}

impl<'py> Source<'py> {
    /// Reads any table; with `wanted`, only those of its columns.
    ///
    /// # Errors
    /// `TypeError` for what is no table, `DataError` for a table that cannot be read.
    pub fn new(data: &Bound<'py, PyAny>, wanted: Option<&[String]>) -> PyResult<Self> {
        let py = data.py();
        let polars = polars(py)?;
        let lazy = data.is_instance(&polars.getattr("LazyFrame")?)?;
        let (names, frame) = if data.is_instance(&polars.getattr("DataFrame")?)? {
            let names = texts(&data.getattr("columns")?)?;
            return Ok(Self { frame: select(data, &names, wanted)?, names, mutable: false });
        } else if lazy {
            let names = texts(&data.call_method0("collect_schema")?).map_err(|error| because(py, error))?;
            let narrow = wanted.map_or_else(|| Ok(data.clone()), |wanted| data.call_method1("select", (present(&names, wanted),)));
            (Some(names), narrow.and_then(|frame| frame.call_method0("collect")))
        } else if is_pandas(data)? {
            let names = texts(&data.getattr("columns")?)?;
            let narrow = select(data, &names, wanted);
            (Some(names), narrow.and_then(|frame| polars.call_method1("from_pandas", (frame,))))
        } else if let Ok(columns) = data.cast::<PyDict>() {
            let narrow = narrow_dict(columns, wanted);
            (Some(texts(columns.as_any())?), narrow.and_then(|columns| polars.call_method1("DataFrame", (columns,))))
        } else if data.hasattr("__arrow_c_stream__")? {
            (None, polars.call_method1("DataFrame", (data,)))
        } else {
            let found = data.get_type().fully_qualified_name()?;
            return Err(PyTypeError::new_err(format!(
                "found `{found}`, expected a table: polars, pandas, pyarrow, duckdb, a dict of columns, or anything with __arrow_c_stream__"
            )));
        };
        let frame = frame.map_err(|error| because(py, error))?;
        match names {
            Some(names) => Ok(Self { frame, names, mutable: !lazy }),
            None => {
                let names = texts(&frame.getattr("columns")?)?;
                Ok(Self { frame: select(&frame, &names, wanted)?, names, mutable: true })
            }
        }
    }

    /// Whether the table has all these columns.
    pub fn has(&self, wanted: &[String]) -> bool {
        let there: HashSet<&str> = self.names.iter().map(String::as_str).collect();
        wanted.iter().all(|name| there.contains(name.as_str()))
    }

    /// The frame on the engine's side; the values stay where they are.
    ///
    /// # Errors
    /// `DataError` for columns of a type that is not read.
    pub fn cross(&self) -> PyResult<DataFrame> {
        let py = self.frame.py();
        let capsule = self.frame.call_method0("__arrow_c_stream__")?.cast_into::<PyCapsule>()?;
        let place = capsule.pointer_checked(Some(STREAM))?;
        #[expect(unsafe_code, reason = "the stream comes as a raw pointer in a capsule")]
        // SAFETY: the capsule has the name of an Arrow C stream, was made for us by polars, and lives to the end of this function.
        let frame = unsafe { take_stream(place) };
        frame.map_err(|error| errors::unreadable(py, &error))
    }
}

/// A frame of the engine's side as a Python polars frame; the values stay where they are.
pub fn to_python(py: Python<'_>, frame: DataFrame) -> PyResult<Bound<'_, PyAny>> {
    let stream = Stream(Mutex::new(Some(into_stream(frame))));
    polars(py)?.call_method1("DataFrame", (stream,))
}

/// A small polars frame from columns: name, polars type, values.
pub fn small<'py>(py: Python<'py>, columns: &[(&str, &str, Bound<'py, PyList>)]) -> PyResult<Bound<'py, PyAny>> {
    let polars = polars(py)?;
    let (data, schema) = (PyDict::new(py), PyDict::new(py));
    for (name, dtype, values) in columns {
        data.set_item(name, values)?;
        schema.set_item(name, polars.getattr(*dtype)?)?;
    }
    polars.call_method1("DataFrame", (data, schema))
}

/// A tuple of texts.
pub fn tuple<'py>(py: Python<'py>, texts: &[String]) -> PyResult<Bound<'py, PyTuple>> {
    PyTuple::new(py, texts)
}

/// JSON text as Python objects.
pub fn json<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (text,))
}

/// What hands a stream to whoever asks for it, once.
#[pyclass(frozen, module = "firmgrade")]
struct Stream(Mutex<Option<ArrowArrayStream>>);

#[pymethods]
impl Stream {
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(&self, py: Python<'py>, requested_schema: Option<&Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyCapsule>> {
        // The interface allows a producer to ignore the request.
        let _ = requested_schema;
        let stream = self.0.lock().ok().and_then(|mut stream| stream.take());
        let stream = stream.ok_or_else(|| PyRuntimeError::new_err("the stream was read already"))?;
        PyCapsule::new_with_value(py, stream, STREAM)
    }
}

fn polars(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    MODULE.get_or_try_init(py, || py.import("polars").map(Bound::unbind)).map(|module| module.bind(py).clone())
}

fn is_pandas(data: &Bound<'_, PyAny>) -> PyResult<bool> {
    let class = data.get_type();
    Ok(class.name()? == "DataFrame" && class.module()?.to_str()?.starts_with("pandas."))
}

/// The exceptions of other libraries, raised because of the data, as ours; the cause is kept.
fn because(py: Python<'_>, cause: PyErr) -> PyErr {
    if !cause.is_instance_of::<pyo3::exceptions::PyException>(py) || cause.is_instance_of::<pyo3::exceptions::PyMemoryError>(py) {
        return cause;
    }
    let error = errors::unreadable(py, cause.value(py));
    error.set_cause(py, Some(cause));
    error
}

/// The texts among the names of columns; pandas has others too.
fn texts(names: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    let mut texts = Vec::new();
    for name in names.try_iter()? {
        if let Ok(name) = name?.cast::<PyString>() {
            texts.push(name.to_str()?.to_owned());
        }
    }
    Ok(texts)
}

/// The wanted names among those that there are, each once.
fn present<'n>(names: &[String], wanted: &'n [String]) -> Vec<&'n str> {
    let mut there: HashSet<&str> = names.iter().map(String::as_str).collect();
    wanted.iter().map(String::as_str).filter(|name| there.remove(name)).collect()
}

fn select<'py>(frame: &Bound<'py, PyAny>, names: &[String], wanted: Option<&[String]>) -> PyResult<Bound<'py, PyAny>> {
    match wanted {
        Some(wanted) => frame.get_item(present(names, wanted)),
        None => Ok(frame.clone()),
    }
}

fn narrow_dict<'py>(columns: &Bound<'py, PyDict>, wanted: Option<&[String]>) -> PyResult<Bound<'py, PyDict>> {
    let narrow = PyDict::new(columns.py());
    for (name, column) in columns {
        if wanted.is_none_or(|wanted| name.extract::<&str>().is_ok_and(|name| wanted.iter().any(|wanted| wanted == name))) {
            // polars keeps an array of Python objects as objects; as a list it looks at what they are.
            let objects = column.hasattr("tolist")? && column.hasattr("dtype")? && column.getattr("dtype")?.str()? == "object";
            narrow.set_item(name, if objects { column.call_method0("tolist")? } else { column })?;
        }
    }
    Ok(narrow)
}
