//! The parsers of other crates beside this one's; see `parse.rs`.
