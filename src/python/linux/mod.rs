//! `Process`, and the questions that need none.

pub(super) mod live;
pub(super) mod process;
