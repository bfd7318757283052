//! Bounded reads at any place of a file, or of bytes that stand for one.

use std::fs::File;
use std::io;

/// How much is asked for at once: what a header claims to be long may end soon.
const STEP: usize = 1 << 20;

/// What can be read at any place, without a position that readers would share.
pub trait ReadAt {
    /// Reads into a buffer what lies at an offset, and returns how much; 0 at the end.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Reads up to `size` bytes at an offset; fewer where the end comes first.
    ///
    /// # Errors
    ///
    /// What the system says; `OutOfMemory` where there is no memory for as much.
    fn read_up_to(&self, offset: u64, size: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while bytes.len() < size {
            let filled = bytes.len();
            let step = size.saturating_sub(filled).min(STEP);
            let no_memory = |_| io::Error::from(io::ErrorKind::OutOfMemory);
            bytes.try_reserve(step).map_err(no_memory)?;
            bytes.resize(filled.saturating_add(step), 0);
            let space = bytes.get_mut(filled..).unwrap_or_default();
            let read = self.fill(offset.saturating_add(filled as u64), space)?;
            if read < step {
                bytes.truncate(filled.saturating_add(read));
                break;
            }
        }
        Ok(bytes)
    }

    /// Fills a buffer with what lies at an offset, and returns how much of it; less
    /// where the end comes first.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn fill(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while let Some(space) = buffer.get_mut(filled..).filter(|space| !space.is_empty()) {
            match self.read_at(offset.saturating_add(filled as u64), space) {
                Ok(0) => break,
                Ok(size) => filled = filled.saturating_add(size),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // An offset that no file has.
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => break,
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

impl ReadAt for File {
    #[cfg(unix)]
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, buffer, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(self, buffer, offset)
    }
}

impl ReadAt for [u8] {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = self.get(start..).unwrap_or_default();
        let size = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..size), rest.get(..size)) {
            to.copy_from_slice(from);
        }
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// A file that fails once, and then has bytes without end.
    struct FailsOnce(Cell<Option<io::ErrorKind>>);

    impl ReadAt for FailsOnce {
        fn read_at(&self, _: u64, buffer: &mut [u8]) -> io::Result<usize> {
            if let Some(kind) = self.0.take() {
                return Err(kind.into());
            }
            buffer.fill(b'x');
            Ok(buffer.len())
        }
    }

    #[test]
    fn bytes_are_read_up_to_their_end() {
        let source = &b"0123456789"[..];
        assert_eq!(source.read_up_to(2, 3).unwrap(), b"234");
        assert_eq!(source.read_up_to(8, usize::MAX).unwrap(), b"89");
        assert_eq!(source.read_up_to(10, 1).unwrap(), b"");
        assert_eq!(source.read_up_to(u64::MAX, 1).unwrap(), b"");
        let long = vec![7; STEP + 5];
        assert_eq!(long.read_up_to(0, usize::MAX).unwrap(), long);
        assert_eq!(long.read_up_to(1, STEP).unwrap(), long[1..=STEP]);
    }

    #[test]
    fn a_file_is_read_at_any_place_and_past_its_end() {
        let file = File::open(file!()).unwrap();
        assert_eq!(file.read_up_to(4, 7).unwrap(), b"Bounded");
        assert_eq!(file.read_up_to(1 << 40, 7).unwrap(), b"");
        assert_eq!(file.read_up_to(u64::MAX, 7).unwrap(), b"");
    }

    #[test]
    fn a_read_that_was_interrupted_is_repeated() {
        let read = |kind| {
            let read = FailsOnce(Cell::new(Some(kind))).read_up_to(7, 3);
            read.map_err(|error| error.kind())
        };
        assert_eq!(read(io::ErrorKind::Interrupted), Ok(b"xxx".to_vec()));
        assert_eq!(read(io::ErrorKind::InvalidInput), Ok(Vec::new()));
        for kind in [io::ErrorKind::PermissionDenied, io::ErrorKind::Other] {
            assert_eq!(read(kind), Err(kind));
        }
    }
}
