//! Tables of texts that are read at once: those of programs, and of processes.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};

use super::arguments::source_name;
use super::sources::Source;
use super::table::{Table, arrow_error};
use crate::arrow::document::{Documents, OnError, Stop};
use crate::arrow::error::{Reason, SourceError};
use crate::arrow::layout::Layout;
use crate::arrow::sources::{SourceStream, Sources};
use crate::formats::error::{Document, ParseError};
use crate::formats::lines::Lines;
use crate::linux::procfs::{ProcRoot, ProcessPath};
use crate::python::convert::{decode, encode, wrong_type};
use crate::python::errors::{parse_error, process_error};
use crate::python::formats::input::bytes_of_buffer;

/// The table of (name, content) pairs.
pub(super) fn table(
    pairs: &Bound<'_, PyAny>,
    layout: Layout,
    on_error: OnError,
) -> PyResult<Table> {
    let py = pairs.py();
    let mut documents = Documents::new(layout, on_error, Vec::new());
    for pair in pairs.try_iter()? {
        let (name, content) = parts(&pair?)?;
        let (name, content) = (name.as_bytes(), content.as_bytes());
        py.detach(|| documents.add(name, Lines::from_file(content)))
            .map_err(|stop| exception(py, stop))?;
        py.check_signals()?;
    }
    let batches = documents.finish().map_err(|stop| exception(py, stop))?;
    Ok(Table::ready(layout.schema(), batches))
}

/// The name and the content of a document, as bytes.
fn parts<'py>(pair: &Bound<'py, PyAny>) -> PyResult<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
    let wrong = || wrong_type("each of pairs", "a pair (name, content)", pair);
    let tuple = pair.py().get_type::<PyTuple>();
    let items = tuple.call1((pair,)).map_err(|_| wrong())?;
    let (name, content) = items
        .extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()
        .map_err(|_| wrong())?;
    let content = match content.cast::<PyString>() {
        Ok(text) => encode(text)?,
        Err(_) => bytes_of_buffer(&content, "content")?,
    };
    Ok((source_name(&name)?, content))
}

/// The table of sources as they are now, read with the GIL released.
pub(super) fn read_now(
    py: Python<'_>,
    sources: Sources<Source>,
    proc: &ProcRoot,
) -> PyResult<Table> {
    let schema = sources.layout.schema();
    let document = sources.layout.document;
    // What a signal handler raised.
    let raised = Arc::new(Mutex::new(None));
    let slot = Arc::clone(&raised);
    let interrupt = Box::new(move || {
        let signals = Python::try_attach(check_signals).unwrap_or(Ok(()));
        signals.map_err(|error| {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            String::new()
        })
    });
    let mut stream = SourceStream::new(Arc::new(sources), interrupt);
    let mut batches = Vec::new();
    let result = py.detach(|| {
        while let Some(batch) = stream.next_batch()? {
            batches.push(batch);
        }
        Ok(())
    });
    if let Some(error) = raised.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(error);
    }
    match result {
        Ok(()) => Ok(Table::ready(schema, batches)),
        Err(Stop::Failed(error)) => Err(process_exception(py, error, document, proc)),
        Err(stop) => Err(exception(py, stop)),
    }
}

fn check_signals(py: Python<'_>) -> PyResult<()> {
    py.check_signals()
}

/// The exception for what stopped a table of texts.
fn exception(py: Python<'_>, stop: Stop) -> PyErr {
    match stop {
        Stop::Arrow(error) => arrow_error(error),
        Stop::Failed(SourceError { source, reason }) => match reason {
            Reason::Text(error) => text_exception(py, error, &source),
            Reason::Io(error) => error.into(),
            Reason::TooLong(_) => PyValueError::new_err(SourceError { source, reason }.to_string()),
        },
        // Nothing takes these batches but a list, which wants them all.
        Stop::Unwanted => PyRuntimeError::new_err("the table was not wanted"),
    }
}

/// The exception for a process whose file can't be read.
fn process_exception(
    py: Python<'_>,
    error: SourceError,
    document: Document,
    proc: &ProcRoot,
) -> PyErr {
    let pid = std::str::from_utf8(&error.source).map_or(Ok(0), str::parse);
    match (error.reason, pid) {
        (Reason::Io(error), Ok(pid)) => {
            let process = ProcessPath::new(proc.clone(), pid);
            process_error(py, error, &process, document.file_name())
        }
        (reason, _) => exception(py, Stop::Failed(SourceError { reason, ..error })),
    }
}

/// The `ParseError` for a text, in which the reason names it.
fn text_exception(py: Python<'_>, mut error: ParseError, source: &[u8]) -> PyErr {
    let name = decode(py, source).and_then(|name| Ok(name.repr()?.to_string()));
    match name {
        Ok(name) => {
            error.reason = format!("{} (in {name})", error.reason);
            parse_error(py, &error)
        }
        Err(error) => error,
    }
}
