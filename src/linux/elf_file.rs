//! What the ELF file behind a mapping says of itself.

use std::fs::File;
use std::io;

use crate::formats::elf::{self, ElfError, Headers};

/// How many program headers are read: the kernel loads no file that has more than
/// fit in 65,536 bytes (`load_elf_phdrs` in `fs/binfmt_elf.c`).
const MAXIMUM_HEADERS: usize = 1170;

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
