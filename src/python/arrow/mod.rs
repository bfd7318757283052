//! Tables for other libraries, by the Arrow PyCapsule interface.

pub(super) mod arguments;
pub(super) mod documents;
pub(super) mod objects;
pub(super) mod signals;
pub(super) mod sources;
pub(super) mod table;
