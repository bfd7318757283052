//! A process that is dead: what its core file tells, as Python objects.

pub(super) mod core;
pub(super) mod maps;
