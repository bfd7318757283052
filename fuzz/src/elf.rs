//! Any bytes as an ELF file: no panic, little is read of it, and whatever its headers
//! say, each of its mappings is in one module.

use std::cell::Cell;
use std::io;
use std::sync::Arc;

use procmaps::formats::elf::{Headers, Segment, build_id};
use procmaps::formats::read_at::ReadAt;
use procmaps::mapping::{Device, Fields, OwnedMapping, Permissions, Spelling};
use procmaps::space::AddressSpace;

/// As many program headers as are read of a file.
const HEADERS: usize = 1170;

/// What may be asked of a file: header, program headers, a section header, notes, and
/// each of it once more where the file ends.
const MOST_READ: usize = 2 * (64 + HEADERS * 56 + 64 + (1 << 20));

const PAGE: u64 = 4096;
const BIAS: u64 = 0x7f00_0000_0000;

/// Reads the bytes as a file, and maps it as its headers say, side by side with a
/// mapping of it as data.
///
/// # Panics
///
/// Where the crate breaks a promise.
pub fn check(data: &[u8]) {
    let source = Counted(data, Cell::new(0));
    let Ok(headers) = Headers::read(&source, HEADERS) else {
        return;
    };
    assert!(headers.segments.len() <= HEADERS);
    let id = build_id(&source, &headers).unwrap();
    assert!(id.is_none_or(|id| (1..=20).contains(&id.len())));
    assert!(source.1.get() <= MOST_READ, "{}", source.1.get());

    let loads = headers.segments.iter().filter(|load| load.is_load());
    let mut maps: Vec<OwnedMapping> = loads.take(40).filter_map(mapped).collect();
    maps.push(mapping(0x1000, 0x9000, 0, "r--p"));
    let space = AddressSpace::new(maps).unwrap();
    let segments: Arc<[Segment]> = headers.segments.into();
    let modules = space.modules_by(|_| Some(Arc::clone(&segments))).unwrap();
    let mut positions: Vec<usize> = Vec::new();
    for module in modules.all() {
        assert!(module.positions().is_sorted());
        positions.extend(module.positions());
    }
    positions.sort_unstable();
    assert!(positions.into_iter().eq(0..space.maps().len()));
}

/// A segment as a loader maps it; `None` where that is impossible.
fn mapped(load: &Segment) -> Option<OwnedMapping> {
    let shift = load.address % PAGE;
    let begin = BIAS.checked_add(load.address - shift)?;
    let size = load.file_size.checked_add(shift)?;
    let end = begin.checked_add(size.checked_next_multiple_of(PAGE)?)?;
    let offset = load.offset.checked_sub(shift)?;
    let code = if load.flags & 1 == 0 { "rw-p" } else { "r-xp" };
    (begin < end).then(|| mapping(begin, end, offset, code))
}

fn mapping(begin: u64, end: u64, offset: u64, permissions: &str) -> OwnedMapping {
    let fields = Fields {
        begin_address: begin,
        end_address: end,
        permissions: Permissions::from_bytes(permissions.as_bytes()).unwrap(),
        offset,
        device: Device { major: 8, minor: 1 },
        inode: 7,
    };
    OwnedMapping::new(fields, Some(b"/usr/lib/a.so"), Spelling::Printed).unwrap()
}

/// Bytes, and how many were asked for.
struct Counted<'a>(&'a [u8], Cell<usize>);

impl ReadAt for Counted<'_> {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.1.set(self.1.get() + buffer.len());
        self.0.read_at(offset, buffer)
    }
}
