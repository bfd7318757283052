//! The fast path: a scanner for lines in the kernel's usual form.
//!
//! It accepts nothing that the grammar in [`crate::formats::maps::line`] refuses and yields
//! the same record; whatever it does not take at once, it leaves to the grammar.

use crate::mapping::Permissions;
use crate::mapping::{Device, Fields, Mapping};

/// Reads a line whose fields are one space apart, or leaves it to the grammar.
#[inline]
pub(crate) fn usual_line(line: &[u8]) -> Option<Mapping<'_>> {
    let (fields, rest) = match fixed_fields(line) {
        Some(found) => found,
        None => free_fields(line)?,
    };
    let (inode, rest) = decimal(rest)?;
    let fields = Fields { inode, ..fields };
    let name = without_blanks(rest);
    let is_legal = fields.end_address >= fields.begin_address && memchr::memchr(0, name).is_none();
    is_legal.then_some(Mapping {
        fields,
        pathname: (!name.is_empty()).then_some(name),
    })
}

/// The fields before the inode where each number has as many digits as it has
/// in almost every line of a 64-bit program: at known places, they are decoded
/// side by side, not one after the other.
#[inline]
fn fixed_fields(line: &[u8]) -> Option<(Fields, &[u8])> {
    let (&begin_address, rest) = line.split_first_chunk::<12>()?;
    let (&end_address, rest) = rest.strip_prefix(b"-")?.split_first_chunk::<12>()?;
    let (permissions, rest) = rest.strip_prefix(b" ")?.split_first_chunk::<4>()?;
    let (&offset, rest) = rest.strip_prefix(b" ")?.split_first_chunk::<8>()?;
    let (&major, rest) = rest.strip_prefix(b" ")?.split_first_chunk::<2>()?;
    let (&minor, rest) = rest.strip_prefix(b":")?.split_first_chunk::<2>()?;
    let fields = Fields {
        begin_address: digits(begin_address)?,
        end_address: digits(end_address)?,
        permissions: Permissions::from_bytes(permissions)?,
        offset: digits(offset)?,
        device: Device {
            major: u32::try_from(digits(major)?).ok()?,
            minor: u32::try_from(digits(minor)?).ok()?,
        },
        inode: 0,
    };
    Some((fields, rest.strip_prefix(b" ")?))
}

/// The fields before the inode, each number with as many digits as it has.
#[inline]
fn free_fields(line: &[u8]) -> Option<(Fields, &[u8])> {
    let (begin_address, rest) = hexadecimal(line, b'-')?;
    let (end_address, rest) = hexadecimal(rest, b' ')?;
    let (permissions, rest) = rest.split_at_checked(4)?;
    let permissions = Permissions::from_bytes(permissions)?;
    let (offset, rest) = hexadecimal(rest.strip_prefix(b" ")?, b' ')?;
    let (major, rest) = hexadecimal(rest, b':')?;
    let (minor, rest) = hexadecimal(rest, b' ')?;
    let fields = Fields {
        begin_address,
        end_address,
        permissions,
        offset,
        device: Device {
            major: u32::try_from(major).ok()?,
            minor: u32::try_from(minor).ok()?,
        },
        inode: 0,
    };
    Some((fields, rest))
}

/// What each byte is worth as a hexadecimal digit; `NOT_A_DIGIT` for the others.
#[allow(clippy::indexing_slicing)] // evaluated when the crate is compiled
const HEXADECIMAL: [u8; 256] = {
    let mut values = [NOT_A_DIGIT; 256];
    let mut digit: u8 = 0;
    while digit < 16 {
        let (lower, upper) = match digit {
            0..10 => (b'0' + digit, b'0' + digit),
            _ => (b'a' - 10 + digit, b'A' - 10 + digit),
        };
        values[lower as usize] = digit;
        values[upper as usize] = digit;
        digit += 1;
    }
    values
};
const NOT_A_DIGIT: u8 = 0xff;

/// A number that consists of hexadecimal digits, at most sixteen.
#[inline]
fn digits<const COUNT: usize>(text: [u8; COUNT]) -> Option<u64> {
    let mut value: u64 = 0;
    let mut all: u8 = 0;
    for byte in text {
        let digit = HEXADECIMAL.get(usize::from(byte)).copied()?;
        value = value.wrapping_shl(4) | u64::from(digit);
        all |= digit;
    }
    (all < 16).then_some(value)
}

/// One to sixteen hexadecimal digits and their terminator, which goes too.
#[inline]
fn hexadecimal(text: &[u8], terminator: u8) -> Option<(u64, &[u8])> {
    let mut value: u64 = 0;
    for (index, &byte) in text.iter().take(17).enumerate() {
        let digit = HEXADECIMAL.get(usize::from(byte)).copied()?;
        if digit == NOT_A_DIGIT {
            let is_number = index > 0 && byte == terminator;
            let rest = text.get(index.wrapping_add(1)..)?;
            return is_number.then_some((value, rest));
        }
        value = value.wrapping_shl(4) | u64::from(digit);
    }
    None
}

/// One to nineteen decimal digits before a space or the end, which stays.
#[inline]
fn decimal(text: &[u8]) -> Option<(u64, &[u8])> {
    let mut value: u64 = 0;
    let mut digits: usize = 0;
    for &byte in text.iter().take(19) {
        if !byte.is_ascii_digit() {
            break;
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(byte & 0xf));
        digits = digits.wrapping_add(1);
    }
    let rest = text.get(digits..)?;
    let ends = matches!(rest.first(), None | Some(b' '));
    (digits > 0 && ends).then_some((value, rest))
}

/// The text from its first byte that is no space. The kernel fills the line
/// with spaces up to the column where names begin, so they go eight at a time.
#[inline]
fn without_blanks(text: &[u8]) -> &[u8] {
    let mut rest = text;
    while let Some(after) = rest.strip_prefix(b"        ") {
        rest = after;
    }
    let blanks = rest.iter().take_while(|&&byte| byte == b' ').count();
    rest.get(blanks..).unwrap_or_default()
}

#[cfg(test)]
mod tests;
