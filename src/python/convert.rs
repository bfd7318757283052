//! Python values as Rust ones and back.

use pyo3::exceptions::{PyOverflowError, PyTypeError, PyUnicodeEncodeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt, PyString};

/// Bytes as `str`: UTF-8, and U+DC80 to U+DCFF for each byte that is not (the
/// `surrogateescape` handler, as the `os` module does it).
pub(super) fn decode<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyString>> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(PyString::new(py, text)),
        Err(_) => PyString::from_encoded_object(
            &PyBytes::new(py, bytes),
            Some(c"utf-8"),
            Some(c"surrogateescape"),
        ),
    }
}

/// The bytes that [`decode`] gives this `str` for.
///
/// # Errors
///
/// `UnicodeEncodeError` for a surrogate that stands for no byte.
pub(super) fn encode<'py>(text: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyBytes>> {
    match text.encode_utf8() {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.is_instance_of::<PyUnicodeEncodeError>(text.py()) => {
            let encoded = text.call_method1("encode", ("utf-8", "surrogateescape"))?;
            Ok(encoded.cast_into::<PyBytes>()?)
        }
        Err(error) => Err(error),
    }
}

/// An integer argument, anything with `__index__`, in the range of its type.
///
/// # Errors
///
/// `TypeError` for what is no integer, `OverflowError` for one out of range,
/// both naming the argument; and whatever an `__index__` raises.
pub(super) fn integer<'py, T>(value: &Bound<'py, PyAny>, name: &str) -> PyResult<T>
where
    T: for<'a> FromPyObject<'a, 'py, Error = PyErr>,
{
    let py = value.py();
    let integer = index(value).map_err(|error| {
        if error.is_instance_of::<PyTypeError>(py) && !has_index(value) {
            wrong_type(name, "an integer", value)
        } else {
            error
        }
    })?;
    integer.extract().map_err(|error: PyErr| {
        if error.is_instance_of::<PyOverflowError>(py) {
            let bits = size_of::<T>().saturating_mul(8);
            PyOverflowError::new_err(format!("{name} does not fit in {bits} bits"))
        } else {
            error
        }
    })
}

fn has_index(value: &Bound<'_, PyAny>) -> bool {
    value.get_type().hasattr("__index__").unwrap_or(false)
}

/// The `int` that a value is or gives by `__index__`. Asked for first and apart
/// from its range: an `__index__` may raise an `OverflowError` of its own.
///
/// # Errors
///
/// `TypeError` for what is no integer, and whatever an `__index__` raises.
#[inline]
pub(super) fn index<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    if value.is_instance_of::<PyInt>() {
        return Ok(value.clone());
    }
    let operator = value.py().import("operator")?;
    operator.call_method1("index", (value,))
}

/// An address argument of a question that has an answer for every integer:
/// `None` for one that lies outside the 64 bits of an address.
///
/// # Errors
///
/// As [`index`].
#[inline]
pub(super) fn address(value: &Bound<'_, PyAny>) -> PyResult<Option<u64>> {
    match index(value)?.extract::<u64>() {
        Ok(address) => Ok(Some(address)),
        Err(error) if error.is_instance_of::<PyOverflowError>(value.py()) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The `TypeError` for an argument that is not what it should be.
pub(super) fn wrong_type(name: &str, expected: &str, value: &Bound<'_, PyAny>) -> PyErr {
    match value.get_type().name() {
        Ok(found) => PyTypeError::new_err(format!("{name} must be {expected}, not {found}")),
        Err(error) => error,
    }
}

/// The `ValueError` for an argument that is not what it should be.
pub(super) fn wrong_value(name: &str, expected: &str, value: &Bound<'_, PyAny>) -> PyErr {
    match value.repr() {
        Ok(found) => PyValueError::new_err(format!("{name} must be {expected}, not {found}")),
        Err(error) => error,
    }
}
