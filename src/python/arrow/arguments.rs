//! Arguments: what each may be, and its errors.

use std::path::PathBuf;
use std::thread::available_parallelism;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::sources::Source;
use crate::arrow::batch::LONGEST_NAME;
use crate::arrow::document::OnError;
use crate::arrow::layout::Layout;
use crate::formats::error::Document;
use crate::linux::procfs::{ProcRoot, ProcessPath};
use crate::python::convert::{encode, file_name, integer, wrong_type, wrong_value};
use crate::python::linux::proc_root;

/// The most threads that read where nothing is said.
const THREADS: usize = 8;

/// What columns look like.
#[derive(Clone, Copy, Default)]
pub(super) struct Looks {
    pub(super) raw_names: bool,
    pub(super) signed: bool,
}

impl Looks {
    pub(super) fn layout(self, document: Document, has_source: bool) -> Layout {
        Layout {
            document,
            has_source,
            raw_names: self.raw_names,
            signed: self.signed,
            has_error: false,
        }
    }

    pub(super) fn layout_of_sources(self, document: Document, on_error: OnError) -> Layout {
        Layout {
            has_error: on_error == OnError::Column,
            ..self.layout(document, true)
        }
    }
}

pub(super) fn document(what: &Bound<'_, PyAny>) -> PyResult<Document> {
    match &*text(what, "what")? {
        "maps" => Ok(Document::Maps),
        "smaps" => Ok(Document::Smaps),
        _ => Err(wrong_value("what", "'maps' or 'smaps'", what)),
    }
}

pub(super) fn on_error(errors: &Bound<'_, PyAny>) -> PyResult<OnError> {
    match &*text(errors, "errors")? {
        "raise" => Ok(OnError::Raise),
        "skip" => Ok(OnError::Skip),
        "column" => Ok(OnError::Column),
        _ => Err(wrong_value("errors", "'raise', 'skip' or 'column'", errors)),
    }
}

fn text(value: &Bound<'_, PyAny>, name: &str) -> PyResult<String> {
    match value.cast::<PyString>() {
        Ok(text) => Ok(text.to_string_lossy().into_owned()),
        Err(_) => Err(wrong_type(name, "a str", value)),
    }
}

/// How many threads are to read.
pub(super) fn threads(threads: Option<&Bound<'_, PyAny>>) -> PyResult<usize> {
    let Some(value) = threads else {
        let processors = available_parallelism().map_or(1, usize::from);
        return Ok(processors.min(THREADS));
    };
    match integer::<usize>(value, "threads")? {
        0 => Err(wrong_value("threads", "at least 1", value)),
        threads => Ok(threads),
    }
}

/// The name of a source, which may be anything that names a file.
pub(super) fn source_name<'py>(name: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    let name = encode(&file_name(name)?)?;
    let length = name.as_bytes().len();
    if length > LONGEST_NAME {
        let message = format!("a name of {length} bytes is too long for a table");
        return Err(PyValueError::new_err(message));
    }
    Ok(name)
}

/// The files that an iterable names.
pub(super) fn files(paths: &Bound<'_, PyAny>) -> PyResult<Vec<Source>> {
    let decode = paths.py().import("os")?.getattr("fsdecode")?;
    let mut files = Vec::new();
    for path in paths.try_iter()? {
        let path = decode.call1((path?,))?.extract::<PathBuf>()?;
        files.push(Source::File(path));
    }
    Ok(files)
}

/// The processes that an iterable numbers, or all that a mount of procfs shows.
pub(super) fn processes(
    py: Python<'_>,
    pids: Option<&Bound<'_, PyAny>>,
    proc: &ProcRoot,
) -> PyResult<Vec<Source>> {
    // Asked in any case: without a mount every process would seem to have ended.
    let all = proc_root::pids(py, proc.clone())?;
    let process = |pid| Source::Process(ProcessPath::new(proc.clone(), pid));
    let Some(pids) = pids else {
        return Ok(all.into_iter().map(process).collect());
    };
    let mut processes = Vec::new();
    for pid in pids.try_iter()? {
        processes.push(process(integer(&pid?, "pid")?));
    }
    Ok(processes)
}
