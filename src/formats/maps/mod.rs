//! A whole maps document as records.

pub mod line;
mod scan;

use crate::formats::error::{Fault, ParseError};
use crate::formats::freebsd;
use crate::formats::lines::Lines;
use crate::mapping::Mapping;

/// Reads every line of a maps document.
///
/// Lines may come in any order, overlap or repeat: since Linux 6.17 one read of
/// `/proc/<pid>/maps` is no longer atomic, and a process that changes meanwhile
/// can show a page twice or not at all.
///
/// # Errors
///
/// Each item is a [`ParseError`] where its line is not a maps line.
#[inline]
pub fn records(lines: Lines<'_>) -> impl Iterator<Item = Result<Mapping<'_>, ParseError>> {
    lines.map(|(number, line)| mapping(line).map_err(|fault| fault.at(number, line)))
}

/// The lines of text in which maps stand among others, as in a crash log: each with
/// the mapping, where it is a maps line. Blanks before it are allowed.
pub fn lines_among_others(lines: Lines<'_>) -> impl Iterator<Item = (&[u8], Option<Mapping<'_>>)> {
    lines.map(|(_, line)| {
        let blanks = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t'));
        let text = line.get(blanks.count()..).unwrap_or_default();
        (line, mapping(text).ok())
    })
}

/// Reads a line of Linux's or of FreeBSD's form.
#[inline]
fn mapping(line: &[u8]) -> Result<Mapping<'_>, Fault> {
    match scan::usual_line(line) {
        Some(mapping) => Ok(mapping),
        None if freebsd::begins_line(line) => freebsd::parse(line),
        None => line::parse_any(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_in_the_order_of_the_text() {
        let text = b"3000-4000 ---p 0 0:0 0\n\n1000-2000 ---p 0 0:0 0";
        let begins: Vec<_> = records(Lines::from_file(text))
            .map(|record| record.unwrap().fields.begin_address)
            .collect();
        assert_eq!(begins, [0x3000, 0x1000]);
    }

    #[test]
    fn maps_are_found_among_other_lines() {
        let text = b"crashed:\n\t 1000-2000 ---p 0 0:0 0 /a\n\n1000-2000 r-- 0 0:0 0\n\
            0x3000 0x4000 0 0 0 r-- 0 0 0x0 NCOW NNC none - NCH -1\n";
        let found: Vec<_> = lines_among_others(Lines::from_file(text))
            .map(|(line, mapping)| (line.len(), mapping.map(|found| found.fields.begin_address)))
            .collect();
        assert_eq!(
            found,
            [
                (8, None),
                (27, Some(0x1000)),
                (21, None),
                (54, Some(0x3000))
            ]
        );
    }

    #[test]
    fn an_error_carries_its_line() {
        let text = b"1000-2000 ---p 0 0:0 0\n\nnonsense\n";
        let error = records(Lines::from_file(text)).nth(1).unwrap().unwrap_err();
        assert_eq!(error.line_number, 3);
        assert_eq!(error.line, b"nonsense");
        assert_eq!(
            error.reason,
            "begin address: expected hexadecimal digits (at most 64 bits) and \"-\", \
             found \"nonsense\""
        );
    }
}
