//! Where an ELF file is read from.

use std::io;

/// Bytes that are read by their offset: a file, or a copy of one in memory.
pub trait ReadAt {
    /// Up to this many bytes from an offset on; fewer where they end.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn read_at(&self, offset: u64, size: usize) -> io::Result<Vec<u8>>;
}

impl ReadAt for [u8] {
    fn read_at(&self, offset: u64, size: usize) -> io::Result<Vec<u8>> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = self.get(start..).unwrap_or_default();
        Ok(rest.get(..size).unwrap_or(rest).to_vec())
    }
}

#[cfg(unix)]
impl ReadAt for std::fs::File {
    fn read_at(&self, offset: u64, size: usize) -> io::Result<Vec<u8>> {
        use std::os::unix::fs::FileExt;

        let mut bytes = vec![0; size];
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match FileExt::read_at(self, rest, offset.saturating_add(filled as u64)) {
                Ok(0) => break,
                Ok(size) => filled = filled.saturating_add(size),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Offsets that no file has.
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => break,
                Err(error) => return Err(error),
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }
}
