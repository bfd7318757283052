//! Which mapping of a live process is asked for, and what its file can be refused for.

use std::{fmt, io};

use crate::mapping::{Fields, Name};

/// Which mapping an address asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The one that covers the address.
    Covering,
    /// The one that covers the address, or else the next one above it.
    CoveringOrNext,
}

impl Lookup {
    /// How good an answer a mapping is, `None` if it is none. The best is the one
    /// that covers the address and, of several, begins last; else the next one.
    pub fn rank(self, fields: &Fields, address: u64) -> Option<(bool, u64)> {
        if fields.end_address <= address {
            None
        } else if fields.begin_address <= address {
            Some((true, fields.begin_address))
        } else {
            let next = u64::MAX.saturating_sub(fields.begin_address);
            (self == Self::CoveringOrNext).then_some((false, next))
        }
    }
}

/// What the system says of a mapped file, which is no fault of the process.
#[derive(Debug)]
pub struct FileError {
    /// What it says.
    pub error: io::Error,
    /// The name of the mapping, as printed.
    pub name: Vec<u8>,
}

impl FileError {
    /// The error of a file as one that tells which file; of the same kind.
    pub fn wrap(error: io::Error, name: &Name) -> io::Error {
        let mut copy = Vec::new();
        if let Err(error) = copy.try_reserve_exact(name.as_bytes().len()) {
            return error.into();
        }
        copy.extend_from_slice(name.as_bytes());
        io::Error::new(error.kind(), Self { error, name: copy })
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(formatter)
    }
}

impl std::error::Error for FileError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::maps::line::parse;
    use crate::mapping::Spelling;

    /// The line that is the best answer of all.
    fn best<'a>(lookup: Lookup, address: u64, lines: &[&'a str]) -> Option<&'a str> {
        let rank = |line: &&str| lookup.rank(&parse(line.as_bytes()).unwrap().fields, address);
        let answers = lines.iter().filter(|line| rank(line).is_some());
        answers.max_by_key(|line| rank(line)).copied()
    }

    #[test]
    fn the_innermost_covers_and_the_nearest_is_next() {
        let outer = "1000-9000 ---p 0 0:0 0";
        let inner = "2000-3000 ---p 0 0:0 0";
        let next = "a000-b000 ---p 0 0:0 0";
        let empty = "4000-4000 ---p 0 0:0 0";
        let last = "c000-ffffffffffffffff ---p 0 0:0 0";
        let lines = [last, next, inner, outer, empty];
        for (address, covering, covering_or_next) in [
            (0, None, Some(outer)),
            (0x1000, Some(outer), Some(outer)),
            (0x2000, Some(inner), Some(inner)),
            (0x3000, Some(outer), Some(outer)),
            (0x4000, Some(outer), Some(outer)),
            (0x9000, None, Some(next)),
            (0xafff, Some(next), Some(next)),
            (0xb000, None, Some(last)),
            (u64::MAX - 1, Some(last), Some(last)),
            (u64::MAX, None, None),
        ] {
            assert_eq!(best(Lookup::Covering, address, &lines), covering);
            let found = best(Lookup::CoveringOrNext, address, &lines);
            assert_eq!(found, covering_or_next);
        }
    }

    #[test]
    fn an_error_of_a_file_tells_what_the_system_says() {
        let name = Name::new(b"/a", Spelling::Printed).unwrap();
        let error = FileError::wrap(io::Error::from_raw_os_error(2), &name);
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        let says = io::Error::from_raw_os_error(2).to_string();
        assert_eq!(error.to_string(), says);
        let inner = error.into_inner().unwrap().downcast::<FileError>().unwrap();
        assert_eq!(inner.name, b"/a");
    }
}
