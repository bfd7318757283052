//! A mapping as a whole: its fields and its name, borrowed or owned.

use std::cmp::Ordering;
use std::collections::TryReserveError;

use super::name::{self, Name, Spelling};
use super::{Fields, Kind};

/// A mapping that borrows its name, as printed, from where it stands.
///
/// Ordered field by field, a mapping without a name before any with one; names are
/// ordered as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mapping<'a> {
    /// All fields but the name.
    pub fields: Fields,
    /// The name as printed: never empty, never with a leading space.
    pub pathname: Option<&'a [u8]>,
}

impl Mapping<'_> {
    /// What is mapped, judged by the name.
    pub fn kind(&self) -> Kind {
        Kind::of(self.pathname)
    }
}

impl Ord for Mapping<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_fields = self.fields.cmp(&other.fields);
        by_fields.then_with(|| match (self.pathname, other.pathname) {
            (Some(a), Some(b)) => name::compare(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        })
    }
}

impl PartialOrd for Mapping<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What holds a mapping, and lends it.
pub trait Lend {
    /// The mapping, its name as printed.
    fn mapping(&self) -> Mapping<'_>;

    /// Its name, taken apart.
    fn name(&self) -> Option<&Name>;
}

/// A mapping that has a name of its own.
#[derive(Debug, PartialEq, Eq)]
pub struct OwnedMapping {
    /// All fields but the name.
    pub fields: Fields,
    /// The name.
    pub name: Option<Name>,
}

impl OwnedMapping {
    /// A copy of a mapping.
    ///
    /// # Errors
    ///
    /// If there is no memory for it.
    pub fn copy_of(other: &impl Lend) -> Result<Self, TryReserveError> {
        Ok(Self {
            fields: other.mapping().fields,
            name: other.name().map(Name::try_clone).transpose()?,
        })
    }

    /// A mapping with a copy of this name.
    ///
    /// # Errors
    ///
    /// If there is no memory for it.
    pub fn new(
        fields: Fields,
        name: Option<&[u8]>,
        spelling: Spelling,
    ) -> Result<Self, TryReserveError> {
        let name = name.map(|name| Name::new(name, spelling)).transpose()?;
        Ok(Self { fields, name })
    }
}

impl Lend for OwnedMapping {
    fn mapping(&self) -> Mapping<'_> {
        Mapping {
            fields: self.fields,
            pathname: self.name.as_ref().map(Name::as_bytes),
        }
    }

    fn name(&self) -> Option<&Name> {
        self.name.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::maps::line::parse;

    fn mapping(line: &str) -> Mapping<'_> {
        parse(line.as_bytes()).unwrap()
    }

    #[test]
    fn mappings_are_ordered_by_fields_and_then_by_name() {
        let lines = [
            "1000-2000 r--p 0 0:0 0",
            "1000-2000 r--p 0 0:0 0 /a",
            "1000-2000 r--p 0 0:0 0 /b",
            "1000-2000 r--p 1000 0:0 0",
            "1000-2000 rw-p 0 0:0 0",
            "1000-3000 ---p 0 0:0 0",
            "2000-2000 ---p 0 0:0 0",
        ];
        for (at, one) in lines.iter().enumerate() {
            for (other_at, other) in lines.iter().enumerate() {
                let (one, other) = (mapping(one), mapping(other));
                assert_eq!(one.cmp(&other), at.cmp(&other_at), "{one:?} {other:?}");
                assert_eq!(one.partial_cmp(&other), Some(at.cmp(&other_at)));
                assert_eq!(one == other, at == other_at);
            }
        }
    }

    #[test]
    fn a_copy_lends_the_same_mapping() {
        for (line, kind) in [
            ("1000-2000 rw-p 0 0:0 0", Kind::Anonymous),
            ("1000-2000 rw-p 0 0:0 0 [heap]", Kind::Heap),
            (r"1000-2000 r--p 0 8:1 7 /a\012b (deleted)", Kind::File),
        ] {
            let lent = mapping(line);
            assert_eq!(lent.kind(), kind);
            let owned = OwnedMapping::new(lent.fields, lent.pathname, Spelling::Printed).unwrap();
            let copy = OwnedMapping::copy_of(&owned).unwrap();
            assert_eq!(copy, owned);
            assert_eq!(copy.mapping(), lent);
            let name = copy.name();
            assert_eq!(name.map(Name::as_bytes), lent.pathname);
            let path = name.and_then(Name::path);
            assert_eq!(path, (kind == Kind::File).then_some(&b"/a\nb"[..]));
        }
    }
}
