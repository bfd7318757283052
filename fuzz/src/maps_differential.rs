//! The fast path against the grammar alone.

use procmaps::formats::maps::line::{parse, parse_any};

/// Reads each line of the bytes in both ways, which have to agree.
///
/// # Panics
///
/// Where they do not.
pub fn check(data: &[u8]) {
    for line in data.split(|&byte| byte == b'\n') {
        assert_eq!(parse(line), parse_any(line));
    }
}
