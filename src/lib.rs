//! Linux memory maps (`/proc/<pid>/maps`) as typed records.
//!
//! Data walks one way: bytes -> line -> record. The `python` feature, on by
//! default, adds the last step, record -> Python object; with it off this is a
//! plain parser that knows no Python.
//!
//! The facts about the format come from proc(5) and from the code that prints
//! it, `show_map_vma` in the kernel's `fs/proc/task_mmu.c`.

pub mod address_space;
#[cfg(target_os = "linux")]
pub mod build_id;
pub mod difference;
pub mod display;
pub mod error;
pub mod field_line;
mod field_scan;
pub mod line;
#[cfg(target_os = "linux")]
pub mod mapped_file;
pub mod mapping;
pub mod maps;
#[cfg(target_os = "linux")]
pub mod maps_file;
pub mod modules;
pub mod pathname;
pub mod permissions;
#[cfg_attr(not(target_os = "linux"), path = "no_process.rs")]
pub mod process;
pub mod procfs;
#[cfg(target_os = "linux")]
pub mod query;
pub mod record;
mod scan;
pub mod smaps;
pub mod text;
pub mod usage;
pub mod vm_flags;

#[cfg(feature = "python")]
mod python;
