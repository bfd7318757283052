//! The fast path for fields of smaps in the columns in which a kernel prints them.
//!
//! It accepts nothing that [`crate::formats::smaps::field_line`] refuses and yields the same;
//! whatever it does not take at once, it leaves to that.

use crate::formats::smaps::usage::{self, Field};

/// How wide kernels print the name of a field of smaps, colon and padding
/// included, and the number after it (`SEQ_PUT_DEC` in `fs/proc/task_mmu.c`).
const NAME_WIDTH: usize = 16;
const NUMBER_WIDTH: usize = 8;

/// Every field's name as it is printed.
#[allow(clippy::indexing_slicing)] // evaluated when the crate is compiled
const NAMES: [[u8; NAME_WIDTH]; Field::COUNT] = {
    let mut names = [[b' '; NAME_WIDTH]; Field::COUNT];
    let mut field = 0;
    while field < Field::COUNT {
        let name = usage::TABLE[field].1.as_bytes();
        let mut index = 0;
        while index < name.len() {
            names[field][index] = name[index];
            index += 1;
        }
        names[field][index] = b':';
        field += 1;
    }
    names
};

/// Reads the line of this field, if its parts stand in their usual columns: the
/// value, sizes in bytes, and what comes after the line.
#[inline]
pub(crate) fn usual_field(text: &[u8], field: Field) -> Option<(u64, &[u8])> {
    let rest = text.strip_prefix(NAMES.get(field as usize)?)?;
    let (column, rest) = rest.split_first_chunk::<NUMBER_WIDTH>()?;
    let (unit, rest) = if field.is_size() {
        (1024, rest.strip_prefix(b" kB\n")?)
    } else {
        (1, rest.strip_prefix(b"\n")?)
    };
    let blanks = column.iter().take_while(|&&byte| byte == b' ').count();
    let digits = column.get(blanks..).filter(|digits| !digits.is_empty())?;
    let mut number: u64 = 0;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    Some((number.wrapping_mul(unit), rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::smaps::field_line::{self, Number};

    /// Bytes that mean something in a field.
    const TELLING: &[u8] = b"\0\t\n\r -/09:A_Bks\x7f\xff";

    /// What the scanner takes, the grammar of fields reads in the same way.
    fn check(text: &[u8], field: Field) -> bool {
        let Some((value, rest)) = usual_field(text, field) else {
            return false;
        };
        let line = text
            .strip_suffix(rest)
            .unwrap()
            .strip_suffix(b"\n")
            .unwrap();
        assert!(!line.contains(&b'\n'));
        let (name, found) = field_line::parse(line).unwrap();
        assert_eq!(name, field.kernel_name().as_bytes());
        let expected = if field.is_size() {
            Number::InKilobytes(value)
        } else {
            Number::Plain(value)
        };
        assert_eq!(field_line::number(found), Some(expected));
        true
    }

    #[test]
    fn a_field_in_its_columns_is_taken() {
        for field in Field::all() {
            let name = format!("{}:", field.kernel_name());
            let unit = if field.is_size() { " kB" } else { "" };
            for number in [0, 7, 40, 123_456, 99_999_999] {
                let text = format!("{name:<16}{number:>8}{unit}\nnext");
                assert!(check(text.as_bytes(), field), "{text}");
                assert!(!check(text.trim_end_matches("\nnext").as_bytes(), field));
            }
            let text = format!("{name:<16}{:>8}{unit}\n", "");
            assert!(!check(text.as_bytes(), field));
            let text = format!("{name:<16}100000000{unit}\n");
            assert!(!check(text.as_bytes(), field));
        }
    }

    #[test]
    fn a_changed_field_is_read_alike_or_left_alone() {
        let mut taken = 0;
        // Miri takes ten seconds for each.
        let few = if cfg!(miri) { 4 } else { usize::MAX };
        for field in Field::all().take(few) {
            let name = format!("{}:", field.kernel_name());
            let unit = if field.is_size() { " kB" } else { "" };
            let text = format!("{name:<16}{:>8}{unit}\nPss:  ", 1234).into_bytes();
            for place in 0..text.len() {
                let (before, after) = (&text[..place], &text[place..]);
                taken += usize::from(check(&[before, &after[1..]].concat(), field));
                for byte in TELLING {
                    taken += usize::from(check(&[before, &[*byte], after].concat(), field));
                    taken += usize::from(check(&[before, &[*byte], &after[1..]].concat(), field));
                }
            }
        }
        assert!(taken > if cfg!(miri) { 100 } else { 1000 });
    }
}
