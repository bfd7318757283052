//! Text columns: UTF-8, whatever bytes a name has.

use std::borrow::Cow;
use std::fmt::Write;

/// Bytes as text, in which a byte that is not UTF-8 stands as `\xNN`.
///
/// A name that really holds these four characters looks the same; the columns of
/// bytes tell them apart.
#[inline]
pub fn printable(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| escaped(bytes).into(), Cow::Borrowed)
}

#[cold]
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a String can't fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_utf_8_is_escaped_byte_by_byte() {
        assert_eq!(printable(b"/usr/bin/true"), "/usr/bin/true");
        assert_eq!(printable("/tmp/é".as_bytes()), "/tmp/é");
        assert_eq!(printable(b"/tmp/\xff\xc3"), r"/tmp/\xff\xc3");
        assert_eq!(printable(b"\xe9t\xc3\xa9"), "\\xe9té");
    }
}
