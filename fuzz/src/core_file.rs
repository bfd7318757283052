//! Any bytes as a core file: no panic, errors that say where, mappings that are in
//! order and print to maps text, and never more read than is there.

use std::cell::Cell;
use std::io;

use procmaps::formats::core_file::{CoreError, CoreFile};
use procmaps::formats::lines::Lines;
use procmaps::formats::maps::records;
use procmaps::formats::read_at::ReadAt;
use procmaps::mapping::{Fields, Lend, OwnedMapping, Spelling, text};

/// Counts what is read.
struct Counted<'a> {
    data: &'a [u8],
    read: Cell<usize>,
}

impl ReadAt for Counted<'_> {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.data.read_at(offset, buffer)?;
        self.read.set(self.read.get() + size);
        Ok(size)
    }
}

/// Reads the bytes as a core file.
///
/// # Panics
///
/// Where the crate breaks a promise.
pub fn check(data: &[u8]) {
    let source = Counted {
        data,
        read: Cell::new(0),
    };
    let core = match CoreFile::read(&source) {
        Ok(core) => core,
        Err(CoreError::Content(error)) => {
            assert!(!error.reason.is_empty() && !error.reason.contains('\n'));
            let message = format!("offset {:#x}: {}", error.offset, error.reason);
            assert_eq!(error.to_string(), message);
            return;
        }
        Err(CoreError::System(error)) => panic!("{error}"),
    };
    // Headers and notes once, the headers of each file once, a page for each segment.
    let mappings: Vec<_> = core.mappings().collect();
    let bound = data.len() * (4 + data.len() / 32) + (2 << 20);
    assert!(source.read.get() <= bound, "{}", source.read.get());
    check_mappings(&mappings);
    for (fields, _) in &mappings {
        let size = core.read_memory(&source, fields.begin_address, &mut [0; 64]);
        assert!(size.unwrap() <= 64);
    }
    assert_ne!(core.pid(), Some(0));
    assert!(core.program().is_none_or(|path| path.starts_with(b"/")));
}

fn check_mappings(mappings: &[(Fields, Option<&[u8]>)]) {
    let mut end = 0;
    let mut owned = Vec::new();
    for (fields, name) in mappings {
        assert!(end <= fields.begin_address && fields.begin_address < fields.end_address);
        end = fields.end_address;
        assert!(fields.offset.checked_add(fields.size()).is_some());
        if let Some(name) = name {
            assert!(!name.is_empty() && !name.starts_with(b" ") && !name.contains(&0));
        }
        owned.push(OwnedMapping::new(*fields, *name, Spelling::Raw).unwrap());
    }
    let printed = text::document(owned.iter().map(Lend::mapping)).unwrap();
    let read: Result<Vec<_>, _> = records(Lines::from_file(&printed)).collect();
    let expected: Vec<_> = owned.iter().map(Lend::mapping).collect();
    assert_eq!(read.unwrap(), expected);
}
