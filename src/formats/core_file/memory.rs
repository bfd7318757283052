//! The memory in a core file: small parts of it, at an address.

use std::io;

use super::segments::Load;
use crate::formats::elf::{Headers, Segment};
use crate::formats::read_at::ReadAt;

/// The most program headers that are read of one program or library.
const MOST_HEADERS: usize = 256;

/// The memory that was written, all of it or not.
pub(super) struct Memory<'a, S: ?Sized> {
    pub(super) source: &'a S,
    /// In the order of their addresses.
    pub(super) loads: &'a [Load],
}

impl<S: ReadAt + ?Sized> Memory<'_, S> {
    /// Reads what lies at an address into a buffer, and returns how much was written
    /// of it.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(super) fn read(&self, address: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let after = self.loads.partition_point(|load| load.begin <= address);
        let load = after.checked_sub(1).and_then(|at| self.loads.get(at));
        let Some(load) = load else {
            return Ok(0);
        };
        let distance = address.saturating_sub(load.begin);
        let written = load.file_size.saturating_sub(distance);
        let size = buffer
            .len()
            .min(usize::try_from(written).unwrap_or(usize::MAX));
        let buffer = buffer.get_mut(..size).unwrap_or_default();
        self.source
            .fill(load.offset.saturating_add(distance), buffer)
    }

    /// The segments of the ELF file that begins at an address; none where its headers
    /// were not written.
    pub(super) fn segments_of_file(&self, begin: u64) -> Vec<Segment> {
        let file = FileInMemory {
            memory: self,
            begin,
        };
        Headers::read(&file, MOST_HEADERS).map_or_else(|_| Vec::new(), |headers| headers.segments)
    }
}

/// A file that begins at an address, as if all of it lay there as its start does.
struct FileInMemory<'a, S: ?Sized> {
    memory: &'a Memory<'a, S>,
    begin: u64,
}

impl<S: ReadAt + ?Sized> ReadAt for FileInMemory<'_, S> {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match self.begin.checked_add(offset) {
            Some(address) => self.memory.read(address, buffer),
            None => Ok(0),
        }
    }
}
