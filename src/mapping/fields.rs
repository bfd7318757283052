//! The fields of a mapping, without its name.

use super::Permissions;

/// The source of a mapping: major and minor number of a block device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Device {
    /// The major number.
    pub major: u32,
    /// The minor number.
    pub minor: u32,
}

impl Device {
    /// What stands for no device: 0:0.
    pub const NONE: Self = Self { major: 0, minor: 0 };
}

/// The fields of a mapping that have a fixed size.
///
/// Ordered field by field, begin address first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fields {
    /// The first address in the mapping.
    pub begin_address: u64,
    /// The first address past the mapping; never below the begin address.
    pub end_address: u64,
    /// Read, write, execute, and shared or private.
    pub permissions: Permissions,
    /// Where in the source the mapping begins, in bytes.
    pub offset: u64,
    /// The device that holds the source; 0:0 where there is none.
    pub device: Device,
    /// The inode of the source on that device; 0 where there is none.
    pub inode: u64,
}

impl Fields {
    /// How many bytes are mapped.
    pub fn size(&self) -> u64 {
        self.end_address.saturating_sub(self.begin_address)
    }

    /// Where offset 0 of the source lies or would lie; below zero where the part before
    /// the mapping would not fit.
    pub fn base_address(&self) -> i128 {
        i128::from(self.begin_address).saturating_sub(self.offset.into())
    }

    /// The offset in the source of an address, if the mapping contains it.
    pub fn file_offset(&self, address: u64) -> Option<u128> {
        let distance = address.checked_sub(self.begin_address)?;
        let offset = u128::from(self.offset).saturating_add(distance.into());
        (address < self.end_address).then_some(offset)
    }

    /// Where the mapping has this byte of its source, if it has it.
    pub fn address_of(&self, offset: u128) -> Option<u64> {
        let distance = u64::try_from(offset.checked_sub(self.offset.into())?).ok()?;
        let address = self.begin_address.checked_add(distance)?;
        (address < self.end_address).then_some(address)
    }

    /// Whether there is a source to map: a file, a device or shared memory.
    pub fn has_source(&self) -> bool {
        self.inode != 0 || self.device != Device::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::maps::line::parse;

    fn fields(line: &str) -> Fields {
        parse(line.as_bytes()).unwrap().fields
    }

    #[test]
    fn the_address_of_a_byte_is_in_the_part_that_is_mapped() {
        let part = fields("5000-6000 r-xp 00002000 08:01 7 /a");
        for (offset, address) in [
            (0x1fff, None),
            (0x2000, Some(0x5000)),
            (0x2fff, Some(0x5fff)),
            (0x3000, None),
            (u128::MAX, None),
        ] {
            assert_eq!(part.address_of(offset), address, "{offset:#x}");
        }
    }

    #[test]
    fn the_offset_of_an_address_may_need_more_than_64_bits() {
        let part = fields("5000-6000 r-xp 00002000 08:01 7 /a");
        for (address, offset) in [
            (0x4fff, None),
            (0x5000, Some(0x2000)),
            (0x5fff, Some(0x2fff)),
            (0x6000, None),
        ] {
            assert_eq!(part.file_offset(address), offset, "{address:#x}");
        }
        let last = fields("5000-6000 r--s ffffffffffffffff 00:00 0");
        assert_eq!(last.file_offset(0x5001), Some(1 << 64));
    }

    #[test]
    fn the_base_may_lie_below_the_lowest_map_and_below_zero() {
        let part = fields("5000-6000 r-xp 00002000 08:01 7 /a");
        assert_eq!(part.base_address(), 0x3000);
        let last = fields("0-1 r--s ffffffffffffffff 08:01 7 /a");
        assert_eq!(last.base_address(), -0xffff_ffff_ffff_ffff);
    }

    #[test]
    fn a_source_has_a_device_or_an_inode() {
        for (source, expected) in [
            ("00:00 0", false),
            ("00:00 7", true),
            ("00:01 0", true),
            ("08:00 0", true),
            ("08:01 7", true),
        ] {
            let fields = fields(&format!("5000-6000 r--p 00000000 {source}"));
            assert_eq!(fields.has_source(), expected, "{source}");
        }
    }
}
