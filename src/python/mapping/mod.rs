//! `Map`, and the name that maps share.

pub(super) mod arguments;
pub(super) mod hash;
pub(super) mod map;
pub(super) mod name;
pub(super) mod untracked;
