//! The constructor's arguments: what each may be, and its errors.

use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};

use crate::mapping::Device;
use crate::mapping::Permissions;
use crate::python::convert::{integer, wrong_type, wrong_value};

pub(in crate::python) fn begin_address(value: &Bound<'_, PyAny>) -> PyResult<u64> {
    integer(value, "begin_address")
}

pub(in crate::python) fn end_address(value: &Bound<'_, PyAny>) -> PyResult<u64> {
    integer(value, "end_address")
}

pub(in crate::python) fn offset(value: &Bound<'_, PyAny>) -> PyResult<u64> {
    integer(value, "offset")
}

pub(in crate::python) fn inode(value: &Bound<'_, PyAny>) -> PyResult<u64> {
    integer(value, "inode")
}

pub(in crate::python) fn permissions(value: &Bound<'_, PyAny>) -> PyResult<Permissions> {
    let text = value
        .cast::<PyString>()
        .map_err(|_| wrong_type("permissions", "a str", value))?;
    // A surrogate makes text that is not four ASCII characters either.
    let known = text.to_cow().ok();
    known
        .and_then(|text| Permissions::from_bytes(text.as_bytes()))
        .ok_or_else(|| wrong_value("permissions", "four characters such as 'r-xp'", value))
}

pub(in crate::python) fn device(value: &Bound<'_, PyAny>) -> PyResult<Device> {
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
