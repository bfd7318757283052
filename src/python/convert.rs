//! Python values as Rust ones and back.

use pyo3::exceptions::{PyOverflowError, PyTypeError, PyUnicodeEncodeError, PyValueError};
use pyo3::prelude::*;
use pyo3::type_object::PyTypeCheck;
use pyo3::types::{PyBytes, PyInt, PyList, PyString, PyTuple};

use crate::space::AddressRange;

/// Bytes as `str`: UTF-8, and U+DC80 to U+DCFF for each byte that is not (the
/// `surrogateescape` handler, as the `os` module does it).
pub(super) fn decode<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyString>> {
    // Unlike `new`, these give a MemoryError where a long name finds no room.
    if std::str::from_utf8(bytes).is_ok() {
        return PyString::from_bytes(py, bytes);
    }
    let copy = self::bytes(py, &[bytes])?;
    PyString::from_encoded_object(&copy, Some(c"utf-8"), Some(c"surrogateescape"))
}

/// These bytes, one after the other. Unlike `PyBytes::new`, this gives a `MemoryError`
/// where they find no room.
pub(super) fn bytes<'py>(py: Python<'py>, parts: &[&[u8]]) -> PyResult<Bound<'py, PyBytes>> {
    let sizes = parts.iter().map(|part| part.len());
    PyBytes::new_with(py, sizes.fold(0, usize::saturating_add), |space| {
        let all = parts.iter().copied().flatten();
        space.iter_mut().zip(all).for_each(|(to, from)| *to = *from);
        Ok(())
    })
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
            let encoded = plain(text)?.call_method1("encode", ("utf-8", "surrogateescape"))?;
            Ok(encoded.cast_into::<PyBytes>()?)
        }
        Err(error) => Err(error),
    }
}

/// A file name argument as maps have it, in any locale: text is taken as it is, and
/// what the `os` module takes for a path is decoded as [`decode`] does it.
pub(super) fn file_name<'py>(name: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyString>> {
    if let Ok(text) = name.cast::<PyString>() {
        return Ok(text.clone());
    }
    let bytes = name.py().import("os")?.call_method1("fsencode", (name,))?;
    decode(name.py(), bytes.cast::<PyBytes>()?.as_bytes())
}

/// The same text without the methods of a subclass, which may do anything.
pub(super) fn plain<'py>(text: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyString>> {
    if text.is_exact_instance_of::<PyString>() {
        return Ok(text.clone());
    }
    let class = text.py().get_type::<PyString>();
    Ok(class.call_method1("__str__", (text,))?.cast_into()?)
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
    integer_or(value, name, "an integer")
}

/// As [`integer`], where the argument can be something else that is expected.
pub(super) fn integer_or<'py, T>(
    value: &Bound<'py, PyAny>,
    name: &str,
    expected: &str,
) -> PyResult<T>
where
    T: for<'a> FromPyObject<'a, 'py, Error = PyErr>,
{
    let py = value.py();
    let integer = index(value).map_err(|error| {
        if error.is_instance_of::<PyTypeError>(py) && !has_index(value) {
            wrong_type(name, expected, value)
        } else {
            error
        }
    })?;
    integer.extract().map_err(|error: PyErr| {
        if error.is_instance_of::<PyOverflowError>(py) {
            let bits = size_of::<T>().saturating_mul(8);
            PyOverflowError::new_err(format!("{name} does not fit in {bits} bits"))
        } else {
            not_an_integer(error, value, name, expected)
        }
    })
}

/// The error for an argument that could not be read as an integer; what its
/// `__index__` raised stands.
pub(super) fn not_an_integer(
    error: PyErr,
    value: &Bound<'_, PyAny>,
    name: &str,
    expected: &str,
) -> PyErr {
    if error.is_instance_of::<PyTypeError>(value.py()) && !has_index(value) {
        wrong_type(name, expected, value)
    } else {
        error
    }
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
    // CPython reads a signed number several times as fast as an unsigned one,
    // and but for the kernel's all addresses are below 2**63.
    if value.is_exact_instance_of::<PyInt>() {
        if let Ok(address) = value.extract::<i64>() {
            return Ok(u64::try_from(address).ok());
        }
    }
    any_address(value)
}

#[cold]
#[inline(never)]
fn any_address(value: &Bound<'_, PyAny>) -> PyResult<Option<u64>> {
    match index(value)?.extract::<u64>() {
        Ok(address) => Ok(Some(address)),
        Err(error) if error.is_instance_of::<PyOverflowError>(value.py()) => Ok(None),
        Err(error) => Err(error),
    }
}

/// As [`address`], with an error that names the argument.
#[inline]
pub(super) fn named_address(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Option<u64>> {
    address(value).map_err(|error| not_an_integer(error, value, name, "an integer"))
}

/// A half-open range of addresses, as two arguments give it.
pub(super) struct AskedRange {
    /// The range, less what lies outside the 64 bits of an address.
    pub(super) range: AddressRange,
    /// Whether nothing of it lies outside.
    pub(super) is_whole: bool,
}

/// The range from one integer to another, of any size.
///
/// # Errors
///
/// `TypeError` for what is no integer, `ValueError` for an end below the begin.
pub(super) fn asked_range(
    begin: &Bound<'_, PyAny>,
    end: &Bound<'_, PyAny>,
) -> PyResult<AskedRange> {
    let (begin, end) = (any_integer(begin, "begin")?, any_integer(end, "end")?);
    if end.lt(&begin)? {
        let (begin, end) = (hexadecimal(&begin)?, hexadecimal(&end)?);
        return Err(PyValueError::new_err(format!(
            "end must not be below begin, {end} is below {begin}"
        )));
    }
    let is_empty = begin.eq(&end)?;
    let (first, last) = (address(&begin)?, address(&end)?);
    let nearest = |integer: &Bound<'_, PyAny>| Ok(if integer.lt(0)? { 0 } else { u64::MAX });
    Ok(AskedRange {
        range: AddressRange {
            begin: first.map_or_else(|| nearest(&begin), PyResult::Ok)?,
            end: last.map_or_else(|| nearest(&end), PyResult::Ok)?,
        },
        is_whole: is_empty || first.is_some() && last.is_some(),
    })
}

fn any_integer<'py>(value: &Bound<'py, PyAny>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    index(value).map_err(|error| not_an_integer(error, value, name, "an integer"))
}

/// An integer argument in hexadecimal, whatever its size: `0x7f00`.
pub(super) fn hexadecimal(integer: &Bound<'_, PyAny>) -> PyResult<String> {
    let hex = integer.py().import("builtins")?.getattr("hex")?;
    hex.call1((integer,))?.extract()
}

/// The tuple of some objects. PyO3's own ways panic where memory runs out.
pub(super) fn tuple<'py, T: IntoPyObject<'py>>(
    py: Python<'py>,
    items: impl Iterator<Item = T>,
) -> PyResult<Bound<'py, PyTuple>> {
    let list = PyList::empty(py);
    for item in items {
        list.append(item)?;
    }
    Ok(py.get_type::<PyTuple>().call1((list,))?.cast_into()?)
}

/// An argument that has to be of one class, given with its article.
pub(super) fn instance<'a, 'py, T: PyTypeCheck>(
    value: &'a Bound<'py, PyAny>,
    name: &str,
    class: &str,
) -> PyResult<&'a Bound<'py, T>> {
    value.cast().map_err(|_| wrong_type(name, class, value))
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
