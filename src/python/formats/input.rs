//! Where text comes from: a process, a file or an object that holds it.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use pyo3::exceptions::{PyTypeError, PyUnicodeEncodeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMemoryView, PySequence, PyString};

use crate::formats::lines::Lines;
use crate::linux::process;
use crate::linux::reading::Reading;
use crate::python::convert::{encode, instance, plain, wrong_type, wrong_value};
use crate::python::errors::{
    new_parse_error, no_memory, os_error, parse_error_class, process_error,
};

/// The text of a file such as `maps` in a process's directory, read with the GIL
/// released.
pub(in crate::python) fn read_process_file(
    py: Python<'_>,
    pid: i32,
    name: &str,
) -> PyResult<Vec<u8>> {
    loop {
        match py.detach(|| process::read_file(pid, name)) {
            Ok(text) => return Ok(text),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => py.check_signals()?,
            Err(error) => return Err(process_error(py, error, pid, name)),
        }
    }
}

/// The text of a file, named by anything that names a file.
pub(in crate::python) fn read_file(py: Python<'_>, path: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let filename = py.import("os")?.call_method1("fsdecode", (path,))?;
    let path = PathBuf::from(filename.extract::<OsString>()?);
    read(py, &path).map_err(|failure| failure.into_exception(&filename))
}

/// Why a file was not read: the system, or a signal handler that raised.
enum Failure {
    System(io::Error),
    Raised(PyErr),
}

impl Failure {
    fn into_exception(self, filename: &Bound<'_, PyAny>) -> PyErr {
        match self {
            Self::System(error) => os_error(&error, filename),
            Self::Raised(error) => error,
        }
    }
}

/// Reads a file with the GIL released. A signal is answered at once, also while
/// a FIFO or a terminal has nothing to read.
fn read(py: Python<'_>, path: &Path) -> Result<Vec<u8>, Failure> {
    let mut reading = Reading::default();
    loop {
        match py.detach(|| reading.run(path)) {
            Ok(()) => return Ok(reading.into_text()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                py.check_signals().map_err(Failure::Raised)?;
            }
            Err(error) => return Err(Failure::System(error)),
        }
    }
}

/// The bytes of any object with a buffer. What can change is copied, so that
/// nothing changes under the parser.
pub(in crate::python) fn bytes_of_buffer<'py>(
    value: &Bound<'py, PyAny>,
    name: &str,
) -> PyResult<Bound<'py, PyBytes>> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.clone());
    }
    match PyMemoryView::from(value) {
        Ok(view) => Ok(view.call_method0("tobytes")?.cast_into()?),
        Err(error) if error.is_instance_of::<PyTypeError>(value.py()) => {
            Err(wrong_type(name, "bytes, bytearray or memoryview", value))
        }
        Err(error) => Err(error),
    }
}

/// What becomes of lines that do not belong in a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::python) enum BadLines {
    /// The first is an error.
    Refuse,
    /// They are left out.
    Skip,
}

impl BadLines {
    /// The argument `errors`.
    pub(in crate::python) fn from_argument(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        let text = instance::<PyString>(value, "errors", "a str")?;
        match text.to_string_lossy().as_ref() {
            "strict" => Ok(Self::Refuse),
            "skip" => Ok(Self::Skip),
            _ => Err(wrong_value("errors", "'strict' or 'skip'", value)),
        }
    }
}

/// Parses the bytes of a `str`, in which a surrogate stands for a byte.
pub(in crate::python) fn parse_str<T>(
    value: &Bound<'_, PyAny>,
    name: &str,
    bad_lines: BadLines,
    parse: impl Fn(Lines<'_>) -> PyResult<T>,
) -> PyResult<T> {
    let text = value
        .cast::<PyString>()
        .map_err(|_| wrong_type(name, "a str", value))?;
    let text = &plain(text)?;
    match encode(text) {
        Ok(bytes) => parse(Lines::from_file(bytes.as_bytes())),
        Err(error) if !error.is_instance_of::<PyUnicodeEncodeError>(value.py()) => Err(error),
        Err(_) if bad_lines == BadLines::Skip => {
            parse(Lines::from_file(&encode_what_can_be(text)?))
        }
        Err(error) => {
            let replaced = text.call_method1("encode", ("utf-8", "replace"))?;
            let replaced = replaced.cast_into::<PyBytes>()?;
            let first = parse(Lines::from_file(replaced.as_bytes())).err();
            Err(stray_surrogate(text, replaced.as_bytes(), &error, first)?)
        }
    }
}

/// The lines of a text, empty where a surrogate stands for no byte.
fn encode_what_can_be(text: &Bound<'_, PyString>) -> PyResult<Vec<u8>> {
    let mut bytes = Vec::new();
    for line in text.call_method1("split", ("\n",))?.try_iter()? {
        let line = line?.cast_into::<PyString>()?;
        match encode(&line) {
            Ok(line) => {
                let size = line.as_bytes().len().saturating_add(1);
                bytes.try_reserve(size).map_err(no_memory)?;
                bytes.extend_from_slice(line.as_bytes());
            }
            Err(error) if error.is_instance_of::<PyUnicodeEncodeError>(text.py()) => {}
            Err(error) => return Err(error),
        }
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// The exception for text in which a surrogate stands for no byte. `replaced` is
/// the text with an ASCII character for each surrogate, and `first` what parsing
/// that raised: a bad line before the surrogate, or one that is bad without it,
/// is the one to name.
fn stray_surrogate(
    text: &Bound<'_, PyString>,
    replaced: &[u8],
    error: &PyErr,
    first: Option<PyErr>,
) -> PyResult<PyErr> {
    let py = text.py();
    let at: usize = error.value(py).getattr("start")?.extract()?;
    let before: u64 = text.call_method1("count", ("\n", 0, at))?.extract()?;
    let stray_number = before.saturating_add(1);
    if let Some(first) = first {
        if !first.matches(py, parse_error_class(py)?)? {
            return Ok(first);
        }
        let line_number = first.value(py).getattr("line_number")?.extract()?;
        if line_number <= stray_number {
            let line = original_line(text, replaced, line_number)?;
            let reason: String = first.value(py).getattr("reason")?.extract()?;
            return Ok(new_parse_error(line_number, line, reason));
        }
    }
    let line = original_line(text, replaced, stray_number)?;
    let found = text.get_item(at)?.repr()?;
    let expected = "UTF-8, or U+DC80 to U+DCFF for bytes that are not";
    let reason = format!("pathname: expected {expected}, found {found}");
    Ok(new_parse_error(stray_number, line, reason))
}

/// A line of the text, without its line break.
fn original_line<'py>(
    text: &Bound<'py, PyString>,
    replaced: &[u8],
    line_number: u64,
) -> PyResult<Bound<'py, PyAny>> {
    let lines = text.call_method1("split", ("\n",))?;
    let line = lines.get_item(line_number.saturating_sub(1))?;
    let length = Lines::from_file(replaced)
        .find(|(number, _)| *number == line_number)
        .map_or(0, |(_, line)| String::from_utf8_lossy(line).chars().count());
    Ok(line.cast::<PySequence>()?.get_slice(0, length)?.into_any())
}
