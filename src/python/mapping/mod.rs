//! `Map`, and the name that maps share.

mod arguments;
pub(super) mod collection;
mod hash;
pub(super) mod map;
pub(super) mod source;
pub(super) mod untracked;
