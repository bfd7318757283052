//! Linux memory maps (`/proc/<pid>/maps`) as typed records.
//!
//! Data walks one way: bytes -> line -> record. The `python` feature, on by
//! default, adds the last step, record -> Python object; with it off this is a
//! plain parser that knows no Python.
//!
//! The facts about the format come from proc(5) and from the code that prints
//! it, `show_map_vma` in the kernel's `fs/proc/task_mmu.c`.

pub mod formats;
pub mod linux;
pub mod mapping;
pub mod space;

#[cfg(feature = "python")]
mod python;
