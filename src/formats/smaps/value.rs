//! What the value of a field may be.

use crate::formats::error::Fault;
use crate::formats::smaps::field_line::{Number, number};
use crate::formats::smaps::usage::{Field, Usage};

/// The value of a field without a known meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A number, in bytes where kB stands after it.
    Number(u64),
    /// Anything else.
    Text(&'a [u8]),
}

/// Gives a field the value that its line has.
///
/// # Errors
///
/// A [`Fault`] where the value is not the field's, or the field has one already.
#[inline]
pub(super) fn insert(
    usage: &mut Usage,
    field: Field,
    value: &[u8],
    line: &[u8],
) -> Result<(), Fault> {
    let is_size = field.is_size();
    let number = match number(value) {
        Some(Number::Plain(number)) => Some(number),
        Some(Number::InKilobytes(number)) if is_size => Some(number),
        _ => None,
    };
    let Some(number) = number else {
        let expected = if is_size {
            "decimal digits (at most 64 bits of bytes), with or without kB"
        } else {
            "decimal digits (at most 64 bits)"
        };
        return Err(Fault::value(field.kernel_name(), expected, value));
    };
    if usage.insert(field, number) {
        Ok(())
    } else {
        Err(Fault::repeated(field.kernel_name().as_bytes(), line))
    }
}

/// The value of a field without a known meaning.
///
/// # Errors
///
/// A [`Fault`] where it is a number of more than 64 bits.
pub(super) fn extra_value<'a>(name: &[u8], value: &'a [u8]) -> Result<Value<'a>, Fault> {
    match number(value) {
        Some(Number::Plain(number) | Number::InKilobytes(number)) => Ok(Value::Number(number)),
        Some(Number::TooLarge) => {
            let expected = "a number of at most 64 bits";
            let name = name.escape_ascii().to_string();
            Err(Fault::value(&name, expected, value))
        }
        None => Ok(Value::Text(value)),
    }
}
