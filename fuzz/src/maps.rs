//! Any bytes as a maps document: no panic, errors that name their line, and
//! records that print and parse to themselves.

use procmaps::formats::error::ParseError;
use procmaps::formats::lines::Lines;
use procmaps::formats::maps::line;
use procmaps::formats::maps::records;
use procmaps::mapping::text;
use procmaps::mapping::{Kind, Mapping, Name, Spelling};

/// The beginnings of an error's reason; FreeBSD's own fields come last.
const FIELDS: [&str; 18] = [
    "begin address: ",
    "end address: ",
    "permissions: ",
    "offset: ",
    "device major: ",
    "device minor: ",
    "inode: ",
    "pathname: ",
    "resident pages: ",
    "private resident pages: ",
    "object: ",
    "reference count: ",
    "shadow count: ",
    "flags: ",
    "copy-on-write: ",
    "needs copy: ",
    "type: ",
    "charged",
];

/// Reads the bytes in both ways that text comes: from a kernel and from a file.
///
/// # Panics
///
/// Where the crate breaks a promise.
pub fn check(data: &[u8]) {
    let document: Vec<&[u8]> = data.split(|&byte| byte == b'\n').collect();
    for (lines, ending) in [
        (Lines::from_kernel(data), None),
        (Lines::from_file(data), Some(b'\r')),
    ] {
        let mut printed = Vec::new();
        let mut parsed = Vec::new();
        for outcome in records(lines) {
            match outcome {
                Ok(record) => {
                    check_record(&record, &mut printed);
                    parsed.push(record);
                }
                Err(error) => check_error(&error, &document, ending),
            }
        }
        let again: Result<Vec<_>, _> = records(Lines::from_kernel(&printed)).collect();
        assert_eq!(again.as_ref(), Ok(&parsed));
    }
}

fn check_record(record: &Mapping<'_>, printed: &mut Vec<u8>) {
    assert!(record.fields.begin_address <= record.fields.end_address);
    let line = text::line(record);
    assert_eq!(line::parse(&line).as_ref(), Ok(record));
    printed.extend_from_slice(&line);
    printed.push(b'\n');
    check_name(record.pathname);
}

fn check_name(name: Option<&[u8]>) {
    let Some(Ok(parts)) = name.map(|name| Name::new(name, Spelling::Printed)) else {
        return; // None, or no memory for it.
    };
    assert_eq!(parts.kind(), Kind::of(name));
    assert_eq!(parts.path().is_some(), parts.kind().has_path());
    assert_eq!(Some(parts.as_bytes()), name);
    let Some(path) = parts.path() else {
        assert!(!parts.is_deleted());
        return;
    };
    // The name again: escape newlines, and put the mark back.
    let mut expected = Vec::new();
    for &byte in path {
        match byte {
            b'\n' => expected.extend_from_slice(br"\012"),
            _ => expected.push(byte),
        }
    }
    if parts.is_deleted() {
        expected.extend_from_slice(b" (deleted)");
    }
    assert_eq!(name, Some(&expected[..]));
}

fn check_error(error: &ParseError, document: &[&[u8]], ending: Option<u8>) {
    check_line(error, document, ending);
    let reason = &error.reason;
    assert!(
        FIELDS.iter().any(|field| reason.starts_with(field)),
        "{reason}"
    );
}

/// That an error carries the line that it names.
pub(crate) fn check_line(error: &ParseError, document: &[&[u8]], ending: Option<u8>) {
    let index = usize::try_from(error.line_number).unwrap() - 1;
    let line = document[index];
    let without_ending = ending.and_then(|byte| line.strip_suffix(&[byte]));
    let quoted = &error.line[..];
    assert!(quoted == line || Some(quoted) == without_ending);
    assert_eq!(
        error.to_string(),
        format!("line {}: {}", index + 1, error.reason)
    );
}
