//! The arguments of `Map`: what each may be, and its errors.

use pyo3::exceptions::PyUnicodeEncodeError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};

use crate::mapping::{Device, Name, Permissions, Spelling};
use crate::python::convert::{encode, integer, wrong_type, wrong_value};
use crate::python::errors::no_memory;

pub(super) fn begin_address(value: &Bound<'_, PyAny>) -> PyResult<u64> {
    integer(value, "begin_address")
}

pub(super) fn end_address(value: &Bound<'_, PyAny>) -> PyResult<u64> {
    integer(value, "end_address")
}

pub(super) fn offset(value: &Bound<'_, PyAny>) -> PyResult<u64> {
    integer(value, "offset")
}

pub(super) fn inode(value: &Bound<'_, PyAny>) -> PyResult<u64> {
    integer(value, "inode")
}

pub(super) fn permissions(value: &Bound<'_, PyAny>) -> PyResult<Permissions> {
    let text = value
        .cast::<PyString>()
        .map_err(|_| wrong_type("permissions", "a str", value))?;
    // A surrogate makes text that is not four ASCII characters either.
    let known = text.to_cow().ok();
    known
        .and_then(|text| Permissions::from_bytes(text.as_bytes()))
        .ok_or_else(|| wrong_value("permissions", "four characters such as 'r-xp'", value))
}

pub(super) fn device(value: &Bound<'_, PyAny>) -> PyResult<Device> {
    let expected = "a pair of integers (major, minor)";
    let pair = match value.cast::<PyList>() {
        Ok(list) => list.to_tuple(),
        Err(_) => value
            .cast::<PyTuple>()
            .map_err(|_| wrong_type("device", expected, value))?
            .clone(),
    };
    let Ok([major, minor]) = <[Bound<'_, PyAny>; 2]>::try_from(pair.iter().collect::<Vec<_>>())
    else {
        return Err(wrong_value("device", expected, value));
    };
    Ok(Device {
        major: integer(&major, "device major")?,
        minor: integer(&minor, "device minor")?,
    })
}

/// A name that a line can hold.
pub(super) fn pathname(value: &Bound<'_, PyAny>) -> PyResult<Option<Name>> {
    if value.is_none() {
        return Ok(None);
    }
    let text = value
        .cast::<PyString>()
        .map_err(|_| wrong_type("pathname", "a str or None", value))?;
    let refused = |expected| wrong_value("pathname", expected, text);
    let bytes = encode(text).map_err(|error| {
        if error.is_instance_of::<PyUnicodeEncodeError>(value.py()) {
            refused("UTF-8, or U+DC80 to U+DCFF for bytes that are not")
        } else {
            error
        }
    })?;
    let name = bytes.as_bytes();
    if name.is_empty() {
        return Err(refused("None or at least one character"));
    }
    if name.starts_with(b" ") {
        return Err(refused("without a space at its beginning"));
    }
    if memchr::memchr2(0, b'\n', name).is_some() {
        return Err(refused(r"without NUL and newline (the kernel prints \012)"));
    }
    // Surrogates may spell valid UTF-8, which a line would give as such.
    Ok(Some(Name::new(name, Spelling::Printed).map_err(no_memory)?))
}
