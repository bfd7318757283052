//! One mapping of a live process, and how it is asked for.

use crate::line::{Fields, Record};

/// Which mapping an address asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The one that covers the address.
    Covering,
    /// The one that covers the address, or else the next one above it.
    CoveringOrNext,
}

impl Scope {
    /// Whether a mapping is an answer; of several the lowest is the right one.
    #[must_use]
    pub fn admits(self, fields: &Fields, address: u64) -> bool {
        let begins = self == Self::CoveringOrNext || fields.begin_address <= address;
        begins && address < fields.end_address
    }
}

/// A name, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// As the text prints it, with newlines escaped.
    Printed(Vec<u8>),
    /// As the ioctl gives it, with newlines as they are.
    Unescaped(Vec<u8>),
}

/// One mapping of a live process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// All fields but the name.
    pub fields: Fields,
    /// The name.
    pub name: Option<Name>,
}

impl From<Record<'_>> for Mapping {
    fn from(record: Record<'_>) -> Self {
        Self {
            fields: record.fields,
            name: record.pathname.map(|name| Name::Printed(name.to_vec())),
        }
    }
}

/// What is known of the source of a mapping that is to be opened.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The mapping: its range, device and inode.
    pub fields: Fields,
    /// The name as printed.
    pub name: &'a [u8],
    /// The path, where it is known better than the name tells.
    pub path: Option<&'a [u8]>,
}
