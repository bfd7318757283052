//! How an ELF file writes numbers: in 32 or 64 bits, the low or the high byte first.

/// Class and byte order, as the first bytes of an ELF file say (elf(5), `e_ident`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) is_64: bool,
    is_big_endian: bool,
}

impl Form {
    /// `None` where these are not the first bytes of an ELF file.
    pub(super) fn from_start(start: &[u8]) -> Option<Self> {
        let &[class, order, ..] = start.strip_prefix(b"\x7fELF")? else {
            return None;
        };
        Some(Self {
            is_64: match class {
                1 => false,
                2 => true,
                _ => return None,
            },
            is_big_endian: match order {
                1 => false,
                2 => true,
                _ => return None,
            },
        })
    }

    /// One of two values, by the class.
    pub(super) fn either<T>(self, in_32: T, in_64: T) -> T {
        if self.is_64 { in_64 } else { in_32 }
    }

    /// How many bytes an address takes, or a `long`.
    pub(super) fn word_size(self) -> usize {
        self.either(4, 8)
    }

    pub(super) fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(if self.is_big_endian {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        })
    }

    pub(super) fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(if self.is_big_endian {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        })
    }

    /// An address, or a `long`.
    pub(super) fn word(self, bytes: &[u8], at: usize) -> Option<u64> {
        if !self.is_64 {
            return self.u32(bytes, at).map(u64::from);
        }
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(if self.is_big_endian {
            u64::from_be_bytes(bytes)
        } else {
            u64::from_le_bytes(bytes)
        })
    }
}
