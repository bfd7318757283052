//! `Process`, and the questions that need none.

pub(super) mod listing;
pub(super) mod live;
pub(super) mod proc_root;
pub(super) mod process;
