//! What can go wrong with text: where, in which field, and why.

use std::fmt;

/// The longest piece of offending text that a message quotes, in bytes.
const QUOTED: usize = 60;

/// A field of a maps line, in the order in which the kernel prints them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The first address in the mapping.
    BeginAddress,
    /// The first address past the mapping.
    EndAddress,
    /// The four characters `rwxp`.
    Permissions,
    /// The offset into the mapped file.
    Offset,
    /// The major number of the device.
    DeviceMajor,
    /// The minor number of the device.
    DeviceMinor,
    /// The inode number on that device.
    Inode,
    /// The name: everything after the inode.
    Pathname,
}

impl Field {
    fn name(self) -> &'static str {
        match self {
            Self::BeginAddress => "begin address",
            Self::EndAddress => "end address",
            Self::Permissions => "permissions",
            Self::Offset => "offset",
            Self::DeviceMajor => "device major",
            Self::DeviceMinor => "device minor",
            Self::Inode => "inode",
            Self::Pathname => "pathname",
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Self::BeginAddress => r#"hexadecimal digits (at most 64 bits) and "-""#,
            Self::EndAddress | Self::Offset => "hexadecimal digits (at most 64 bits) and a space",
            Self::Permissions => r#"four characters such as "r-xp" and a space"#,
            Self::DeviceMajor => r#"hexadecimal digits (at most 32 bits) and ":""#,
            Self::DeviceMinor => "hexadecimal digits (at most 32 bits) and a space",
            Self::Inode => "decimal digits (at most 64 bits), then a space or the end",
            Self::Pathname => "no NUL byte",
        }
    }
}

/// A kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// One line for each mapping: `/proc/<pid>/maps`.
    Maps,
    /// After each such line, what the mapping costs: `/proc/<pid>/smaps`.
    Smaps,
}

impl Document {
    /// The name of the file in the directory of a process.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Maps => "maps",
            Self::Smaps => "smaps",
        }
    }
}

/// Why a line can't stand where it does, without the place it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    reason: String,
}

impl Fault {
    /// `field` is not what it should be; `found` is the line from there on.
    pub fn field(field: Field, found: &[u8]) -> Self {
        Self::unexpected(field.name(), field.expected(), found)
    }

    /// The range ends before it begins.
    pub fn backwards(begin_address: u64, found: &[u8]) -> Self {
        let expected = format!("at least the begin address, {begin_address:x}");
        Self::unexpected(Field::EndAddress.name(), &expected, found)
    }

    /// A record of smaps has a line that is neither a field nor a maps line.
    pub fn no_field(found: &[u8]) -> Self {
        let expected = r#"a name, ":" and a value, or the maps line of the next mapping"#;
        Self::unexpected("field", expected, found)
    }

    /// A field of smaps stands before the first maps line.
    pub fn no_mapping(found: &[u8]) -> Self {
        Self::unexpected("mapping", "a maps line before the first field", found)
    }

    /// A maps line in smaps has no fields after it.
    pub fn no_fields(name: &str) -> Self {
        let reason =
            format!("fields: expected lines such as \"{name}: 4 kB\" after it, found none");
        Self { reason }
    }

    /// A field of smaps has a value that it can't have.
    pub fn value(name: &str, expected: &str, found: &[u8]) -> Self {
        Self::unexpected(name, expected, found)
    }

    /// A mapping has a field of smaps twice.
    pub fn repeated(name: &[u8], found: &[u8]) -> Self {
        let (start, ellipsis) = cut(name);
        let name = format!("{}{ellipsis}", start.escape_ascii());
        Self::unexpected(&name, "one such field in a mapping", found)
    }

    /// A mapping has more unknown fields than there can be.
    pub fn too_many_fields(most: usize, found: &[u8]) -> Self {
        let expected = format!("at most {most} unknown ones in a mapping");
        Self::unexpected("field", &expected, found)
    }

    fn unexpected(place: &str, expected: &str, found: &[u8]) -> Self {
        Self {
            reason: format!("{place}: expected {expected}, found {}", quote(found)),
        }
    }

    /// Sets the fault in its place: a line, and that line's number from 1.
    pub fn at(self, line_number: u64, line: &[u8]) -> ParseError {
        let mut reason = self.reason;
        let mut kept = Vec::new();
        // Text without any line break is one line, however long.
        if kept.try_reserve_exact(line.len()).is_ok() {
            kept.extend_from_slice(line);
        } else {
            reason.push_str("; no memory to keep the line");
        }
        ParseError {
            line_number,
            line: kept,
            reason,
            seems: None,
        }
    }
}

/// Text that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The number of the offending line, from 1, empty lines counted.
    pub line_number: u64,
    /// The whole offending line, without its line break.
    pub line: Vec<u8>,
    /// The field, what was expected there, and what was found.
    pub reason: String,
    /// What the text seems to be instead.
    pub seems: Option<Document>,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line_number, self.reason)
    }
}

impl std::error::Error for ParseError {}

/// The text in quotes, with escapes for what is not printable ASCII, cut when long.
fn quote(found: &[u8]) -> String {
    if found.is_empty() {
        return "the end of the line".to_owned();
    }
    let (start, ellipsis) = cut(found);
    format!("\"{}\"{ellipsis}", escape(start))
}

/// The beginning of a long text, and what stands for the rest.
fn cut(text: &[u8]) -> (&[u8], &'static str) {
    match text.get(..QUOTED) {
        Some(start) if start.len() < text.len() => (start, "..."),
        _ => (text, ""),
    }
}

/// As `escape_ascii`, which escapes a single quote as well, needed or not.
fn escape(text: &[u8]) -> String {
    let pieces = text.split(|&byte| byte == b'\'');
    let escaped: Vec<_> = pieces
        .map(|piece| piece.escape_ascii().to_string())
        .collect();
    escaped.join("'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_line_field_expectation_and_text() {
        let error = Fault::field(Field::Inode, b"-1 /x").at(7, b"whole line");
        assert_eq!(
            error.to_string(),
            "line 7: inode: expected decimal digits (at most 64 bits), \
             then a space or the end, found \"-1 /x\""
        );
        assert_eq!(error.line, b"whole line");
    }

    #[test]
    fn a_document_is_a_file_of_its_process() {
        assert_eq!(Document::Maps.file_name(), "maps");
        assert_eq!(Document::Smaps.file_name(), "smaps");
    }

    #[test]
    fn offending_text_is_escaped_and_cut() {
        assert_eq!(quote(b""), "the end of the line");
        assert_eq!(quote(b"a\t\xff\"'\\"), r#""a\t\xff\"'\\""#);
        assert_eq!(quote(&[b'x'; 60]), format!("\"{}\"", "x".repeat(60)));
        assert_eq!(quote(&[b'x'; 61]), format!("\"{}\"...", "x".repeat(60)));
    }
}
