//! What lies where in memory: Linux memory maps as typed records.
//!
//! Data goes one way, from bytes to mappings to an address space:
//!
//! ```
//! use procmaps::formats::lines::Lines;
//! use procmaps::formats::maps;
//! use procmaps::mapping::{Kind, OwnedMapping, Spelling};
//! use procmaps::space::AddressSpace;
//!
//! let text = b"\
//! 7f3a5c000000-7f3a5c021000 r-xp 00002000 08:01 247774     /usr/lib/libc.so.6
//! 7f3a5c021000-7f3a5c023000 rw-p 00000000 00:00 0
//! ";
//! let mut mappings = Vec::new();
//! for line in maps::records(Lines::from_file(text)) {
//!     let line = line?;
//!     mappings.push(OwnedMapping::new(line.fields, line.pathname, Spelling::Printed)?);
//! }
//! assert_eq!(mappings[0].name.as_ref().map(|name| name.kind()), Some(Kind::File));
//!
//! let space = AddressSpace::new(mappings)?;
//! let location = space.resolve(0x7f3a5c000010)?.ok_or("nothing there")?;
//! let (_, module) = location.module.ok_or("no file")?;
//! assert_eq!(module.base_address(), 0x7f3a5bffe000);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Each folder knows the ones below it in this list, and no other (`make lint` checks
//! it):
//!
//! - `python`: translation to Python, and nothing else; its folders mirror these. It is
//!   a feature, on by default, without which this is a plain library.
//! - [`arrow`]: mappings and what they cost as Arrow record batches.
//! - [`linux`]: a live system: `/proc`, one process, the kernel's answers.
//! - [`space`]: an address space: its index, modules, and what changed in it.
//! - [`formats`]: from bytes to mappings: maps, smaps, and where else they stand.
//! - [`mapping`]: what a mapping is, wherever it came from.

pub mod arrow;
pub mod core_dump;
pub mod formats;
pub mod linux;
pub mod mapping;
pub mod space;

#[cfg(feature = "python")]
mod python;
