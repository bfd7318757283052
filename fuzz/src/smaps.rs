//! Any bytes as an smaps document: no panic, an error that names its line, and
//! the same records when they are printed or when no line has its usual form.

use procmaps::formats::lines::Lines;
use procmaps::formats::smaps::field_line;
use procmaps::formats::smaps::usage::Field;
use procmaps::formats::smaps::{MappingUsage, Value, records};
use procmaps::mapping::text;

use crate::maps::check_line;

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
                    print(&record, &mut printed);
                    parsed.push(record);
                }
                Err(error) => check_line(&error, &document, ending),
            }
        }
        let again: Result<Vec<_>, _> = records(Lines::from_kernel(&printed)).collect();
        assert_eq!(again.as_ref(), Ok(&parsed));
    }
    check_without_fast_path(data, &document);
}

/// Blanks after a field change nothing but its form, which is not the usual one.
fn check_without_fast_path(data: &[u8], document: &[&[u8]]) {
    let mut spaced = Vec::with_capacity(data.len() + document.len());
    for line in document {
        spaced.extend_from_slice(line);
        if field_line::parse(line).is_some() {
            spaced.push(b' ');
        }
        spaced.push(b'\n');
    }
    let mut slow = records(Lines::from_kernel(&spaced));
    for fast in records(Lines::from_kernel(data)) {
        let slow = slow.next().unwrap();
        match (fast, slow) {
            (Ok(fast), Ok(slow)) => assert_eq!(fast, slow),
            (Err(fast), Err(slow)) => assert_eq!(fast.line_number, slow.line_number),
            (fast, slow) => panic!("{fast:?} {slow:?}"),
        }
    }
    assert!(slow.next().is_none());
}

/// The record as text again, the fields in another order than the kernel's.
fn print(record: &MappingUsage<'_>, text: &mut Vec<u8>) {
    text.extend_from_slice(&text::line(&record.map));
    for (name, value) in &record.extra {
        let value = match value {
            Value::Number(number) => number.to_string().into_bytes(),
            Value::Text(text) => text.to_vec(),
        };
        text.extend_from_slice(&[&b"\n"[..], name, b":", &value].concat());
    }
    for field in Field::all() {
        if let Some(number) = record.usage.get(field) {
            let name = field.kernel_name();
            text.extend_from_slice(format!("\n{name}: {number}").as_bytes());
        }
    }
    if let Some(codes) = record.vm_flags {
        text.extend_from_slice(&[&b"\nVmFlags: "[..], codes].concat());
    }
    text.push(b'\n');
}
