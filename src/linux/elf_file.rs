//! What the ELF file behind a mapping says of itself.

use std::fs::File;
use std::io;
use std::sync::Arc;

use crate::formats::elf::{self, ElfError, Headers, Segment};

/// How many program headers are read: the kernel loads no file that has more than
/// fit in 65,536 bytes (`load_elf_phdrs` in `fs/binfmt_elf.c`).
const MAXIMUM_HEADERS: usize = 1170;

/// The segments that loaders map of a program or library; `None` where they lie
/// beyond the end of the file, which has changed then since it was mapped.
pub(super) fn load_segments(file: &File) -> io::Result<Option<Arc<[Segment]>>> {
    let headers = match Headers::read(file, MAXIMUM_HEADERS) {
        Ok(headers) => headers,
        Err(ElfError::NotElf | ElfError::Cut) => return Ok(None),
        Err(ElfError::Read(error)) => return Err(error),
    };
    let size = file.metadata()?.len();
    let mut loads = headers.segments;
    loads.retain(Segment::is_load);
    let is_in_file = |load: &Segment| load.offset.saturating_add(load.file_size) <= size;
    let is_whole = headers.count <= MAXIMUM_HEADERS as u64 && loads.iter().all(is_in_file);
    Ok((is_whole && !loads.is_empty()).then(|| loads.into()))
}

/// The build ID of a program or library of this machine's byte order.
pub(super) fn build_id(file: &File) -> io::Result<Option<Vec<u8>>> {
    match Headers::read(file, MAXIMUM_HEADERS) {
        Ok(headers) if headers.is_native_endian() && headers.is_loadable() => {
            elf::build_id(file, &headers)
        }
        Ok(_) | Err(ElfError::NotElf | ElfError::Cut) => Ok(None),
        Err(ElfError::Read(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests;
