//! The bytes of a `str`, in which a surrogate stands for a byte.

use pyo3::exceptions::PyUnicodeEncodeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PySequence, PyString};

use super::input::BadLines;
use crate::formats::lines::Lines;
use crate::python::convert::{encode, plain, wrong_type};
use crate::python::errors::{new_parse_error, no_memory, parse_error_class};

/// Parses text. A line in which a surrogate stands for no byte is a bad line.
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
        Ok(bytes) => return parse(Lines::from_file(bytes.as_bytes())),
        Err(error) if !error.is_instance_of::<PyUnicodeEncodeError>(value.py()) => {
            return Err(error);
        }
        Err(_) => {}
    }
    let (bytes, stray) = encode_lines(text)?;
    match stray.filter(|_| bad_lines == BadLines::Refuse) {
        None => parse(Lines::from_file(&bytes)),
        Some(stray) => {
            let before = bytes.get(..stray.start).unwrap_or_default();
            parse(Lines::from_file(before))?;
            Err(stray.into_error(|lines| parse(lines).map(drop))?)
        }
    }
}

/// A line in which a surrogate stands for no byte.
struct Stray<'py> {
    number: u64,
    line: Bound<'py, PyString>,
    error: PyErr,
    /// Where it begins among the bytes.
    start: usize,
}

/// The bytes of a text, line by line, and the first stray line; each of these is empty.
fn encode_lines<'py>(text: &Bound<'py, PyString>) -> PyResult<(Vec<u8>, Option<Stray<'py>>)> {
    let (mut bytes, mut stray) = (Vec::new(), None);
    let lines = text.call_method1("split", ("\n",))?;
    for (number, line) in (1_u64..).zip(lines.try_iter()?) {
        let line = line?.cast_into::<PyString>()?;
        match encode(&line) {
            Ok(line) => {
                let size = line.as_bytes().len().saturating_add(1);
                bytes.try_reserve(size).map_err(no_memory)?;
                bytes.extend_from_slice(line.as_bytes());
            }
            Err(error) if error.is_instance_of::<PyUnicodeEncodeError>(text.py()) => {
                stray = stray.or(Some(Stray {
                    number,
                    line,
                    error,
                    start: bytes.len(),
                }));
            }
            Err(error) => return Err(error),
        }
        bytes.push(b'\n');
    }
    Ok((bytes, stray))
}

impl Stray<'_> {
    /// The `ParseError`, about the surrogate unless the line is bad without it.
    fn into_error(self, parse: impl Fn(Lines<'_>) -> PyResult<()>) -> PyResult<PyErr> {
        let py = self.line.py();
        // An ASCII character stands for each surrogate, so that no place moves.
        let replaced = self
            .line
            .add("\n")?
            .call_method1("encode", ("utf-8", "replace"))?;
        let replaced = replaced.cast_into::<PyBytes>()?;
        let mut lines = Lines::from_file(replaced.as_bytes());
        let reason = match parse(lines.clone()) {
            Ok(()) => {
                let at: usize = self.error.value(py).getattr("start")?.extract()?;
                let expected = "UTF-8, or U+DC80 to U+DCFF for bytes that are not";
                let found = self.line.get_item(at)?.repr()?;
                format!("pathname: expected {expected}, found {found}")
            }
            Err(error) if error.matches(py, parse_error_class(py)?)? => {
                error.value(py).getattr("reason")?.extract()?
            }
            Err(error) => return Ok(error),
        };
        let (_, without_break) = lines.next().unwrap_or_default();
        let length = String::from_utf8_lossy(without_break).chars().count();
        let line = self.line.cast::<PySequence>()?.get_slice(0, length)?;
        Ok(new_parse_error(self.number, line.into_any(), reason))
    }
}
