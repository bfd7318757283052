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
