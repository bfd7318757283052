//! A whole maps document as records.

pub mod line;
mod scan;

use crate::formats::error::{Document, Fault, ParseError};
use crate::formats::lines::Lines;
use crate::formats::smaps;
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
    lines.map(|(number, line)| {
        line::parse(line).map_err(|fault| explained(fault, line).at(number, line))
    })
}

#[cold]
fn explained(fault: Fault, line: &[u8]) -> Fault {
    if smaps::is_known_field(line) {
        fault.in_what_seems(Document::Smaps)
    } else {
        fault
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
    fn smaps_text_is_told_from_nonsense() {
        let seems = |line: &str| {
            let text = format!("1000-2000 ---p 0 0:0 0\n{line}\n");
            let error = records(Lines::from_file(text.as_bytes())).nth(1);
            error.unwrap().unwrap_err().seems
        };
        assert_eq!(seems("Size:                  4 kB"), Some(Document::Smaps));
        assert_eq!(seems("VmFlags:"), Some(Document::Smaps));
        assert_eq!(seems("Subject: maps"), None);
        assert_eq!(seems("Size 4"), None);
    }

    #[test]
    fn an_error_carries_its_line() {
        let text = b"1000-2000 ---p 0 0:0 0\n\nnonsense\n";
        let error = records(Lines::from_file(text)).nth(1).unwrap().unwrap_err();
        assert_eq!(error.line_number, 3);
        assert_eq!(error.line, b"nonsense");
        assert!(error.reason.starts_with("begin address: "));
    }
}
