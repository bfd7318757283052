//! The memory in a core file: small parts of it, at an address.

use std::io;

use super::form::Form;
use super::segments::{Load, ProgramHeader};
use crate::formats::read_at::ReadAt;

/// The most program headers that are read of one program or library.
const MOST_HEADERS: u64 = 256;

/// The memory that was written, all of it or not.
pub(super) struct Memory<'a, S: ?Sized> {
    pub(super) source: &'a S,
    pub(super) form: Form,
    /// In the order of their addresses.
    pub(super) loads: &'a [Load],
}

impl<S: ReadAt + ?Sized> Memory<'_, S> {
    /// Up to this many bytes at an address; fewer where they were not written.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(super) fn read(&self, address: u64, size: usize) -> io::Result<Vec<u8>> {
        let after = self.loads.partition_point(|load| load.begin <= address);
        let load = after.checked_sub(1).and_then(|at| self.loads.get(at));
        let Some(load) = load else {
            return Ok(Vec::new());
        };
        let distance = address.saturating_sub(load.begin);
        let written = load.file_size.saturating_sub(distance);
        let size = size.min(usize::try_from(written).unwrap_or(usize::MAX));
        self.source
            .read_up_to(load.offset.saturating_add(distance), size)
    }

    /// The program headers that stand at an address; none where they were not written.
    pub(super) fn program_headers(
        &self,
        address: u64,
        count: u64,
    ) -> io::Result<Vec<ProgramHeader>> {
        let size = ProgramHeader::size(self.form);
        let count = usize::try_from(count.min(MOST_HEADERS)).unwrap_or_default();
        let bytes = self.read(address, size.saturating_mul(count))?;
        let headers = bytes.chunks_exact(size);
        let headers: Vec<_> = headers
            .filter_map(|bytes| ProgramHeader::parse(self.form, bytes))
            .collect();
        Ok(if headers.len() == count {
            headers
        } else {
            Vec::new()
        })
    }

    /// The program headers of an ELF file that begins at an address.
    pub(super) fn headers_of_file(&self, begin: u64) -> io::Result<Vec<ProgramHeader>> {
        let form = self.form;
        let start = self.read(begin, form.either(52, 64))?;
        let offset = form.word(&start, form.either(28, 32));
        let count = form.u16(&start, form.either(44, 56));
        match (offset, count) {
            (Some(offset), Some(count)) if Form::from_start(&start) == Some(form) => {
                self.program_headers(begin.saturating_add(offset), count.into())
            }
            _ => Ok(Vec::new()),
        }
    }
}
