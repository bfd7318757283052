//! The ELF files that a dead process had mapped: their headers and build IDs.
//!
//! The kernel writes the first page of each into the core file (bit 4 of
//! `coredump_filter`, core(5)), where nearly all have their program headers and the
//! note of their build ID; gdb does too. Where the program headers stand elsewhere in
//! the file, it is read from the disk if it is the same: if the build ID that it has
//! stands in the core file at the same place of the file.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::open;
use crate::formats::core_file::CoreFile;
use crate::formats::elf::{self, Headers, Segment};
use crate::formats::read_at::ReadAt;
use crate::mapping::Fields;
use crate::mapping::name::DELETED;

/// How many program headers are read, as many as the kernel loads (`load_elf_phdrs` in
/// `fs/binfmt_elf.c`).
const MOST_HEADERS: usize = 1170;

/// What is known of a file.
#[derive(Clone, Debug)]
pub(super) struct ElfFile {
    pub(super) segments: Arc<[Segment]>,
    pub(super) build_id: Option<Arc<[u8]>>,
}

impl ElfFile {
    /// Reads what the core file has of a file, known by its name there, or else the
    /// disk; `None` where neither knows its headers.
    pub(super) fn read(
        core: &CoreFile,
        source: &File,
        name: &[u8],
        mappings: &[Fields],
    ) -> Option<Self> {
        let dumped = DumpedFile {
            core,
            source,
            mappings,
        };
        if let Some(headers) = headers(&dumped) {
            let build_id = elf::build_id(&dumped, &headers).unwrap_or_default();
            return Some(Self::new(headers, build_id));
        }
        let on_disk = open_regular(name.strip_suffix(DELETED).unwrap_or(name))?;
        let headers = headers(&on_disk)?;
        let build_id = elf::build_id(&on_disk, &headers).ok()??;
        let dumped_id = elf::build_id(&dumped, &headers).ok()??;
        (build_id == dumped_id).then(|| Self::new(headers, Some(build_id)))
    }

    fn new(headers: Headers, build_id: Option<Vec<u8>>) -> Self {
        Self {
            segments: headers.segments.into(),
            build_id: build_id.map(Into::into),
        }
    }
}

/// The headers of a program or library.
fn headers<S: ReadAt + ?Sized>(source: &S) -> Option<Headers> {
    let headers = Headers::read(source, MOST_HEADERS).ok()?;
    headers.is_loadable().then_some(headers)
}

/// A file as far as its mappings were written.
struct DumpedFile<'a> {
    core: &'a CoreFile,
    source: &'a File,
    mappings: &'a [Fields],
}

impl ReadAt for DumpedFile<'_> {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        for fields in self.mappings {
            let Some(address) = fields.address_of(offset.into()) else {
                continue;
            };
            let rest = fields.end_address.saturating_sub(address);
            let size = buffer
                .len()
                .min(usize::try_from(rest).unwrap_or(usize::MAX));
            let buffer = buffer.get_mut(..size).unwrap_or_default();
            let size = self.core.read_memory(self.source, address, buffer)?;
            if size > 0 {
                return Ok(size);
            }
        }
        Ok(0)
    }
}

/// A regular file of the disk: others are not for reading.
fn open_regular(path: &[u8]) -> Option<File> {
    let file = open(as_path(path)?).ok()?;
    file.metadata().ok()?.is_file().then_some(file)
}

#[cfg(unix)]
fn as_path(path: &[u8]) -> Option<&Path> {
    use std::os::unix::ffi::OsStrExt;

    let path = Path::new(OsStr::from_bytes(path));
    path.is_absolute().then_some(path)
}

#[cfg(not(unix))]
fn as_path(path: &[u8]) -> Option<&Path> {
    let path = Path::new(OsStr::new(std::str::from_utf8(path).ok()?));
    path.is_absolute().then_some(path)
}
