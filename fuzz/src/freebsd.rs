//! Any bytes as FreeBSD's `/proc/<pid>/map`: what holds for maps of Linux holds for it.

use crate::maps;

/// Lets every line begin as FreeBSD's do.
///
/// # Panics
///
/// Where the crate breaks a promise.
pub fn check(data: &[u8]) {
    let mut document = Vec::new();
    for line in data.split(|&byte| byte == b'\n') {
        if !line.starts_with(b"0x") {
            document.extend_from_slice(b"0x");
        }
        document.extend_from_slice(line);
        document.push(b'\n');
    }
    maps::check(&document);
}
