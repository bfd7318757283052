//! The fields of a line, and what is expected of each.

use crate::formats::error::Fault;
use crate::formats::grammar::Part;

/// A field, in the order in which they are printed; the letters of the access are one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Field {
    BeginAddress,
    EndAddress,
    Resident,
    PrivateResident,
    Object,
    Access,
    References,
    Shadows,
    Flags,
    CopyOnWrite,
    NeedsCopy,
    Type,
    Path,
    Charged,
    User,
}

impl Field {
    /// Fields that have to be there, and say nothing of a mapping.
    pub(super) const UNUSED_BEFORE_ACCESS: [Self; 3] =
        [Self::Resident, Self::PrivateResident, Self::Object];

    /// As [`Self::UNUSED_BEFORE_ACCESS`].
    pub(super) const UNUSED_BEFORE_COPY: [Self; 3] = [Self::References, Self::Shadows, Self::Flags];

    fn name(self) -> &'static str {
        match self {
            Self::BeginAddress => "begin address",
            Self::EndAddress => "end address",
            Self::Resident => "resident pages",
            Self::PrivateResident => "private resident pages",
            Self::Object => "object",
            Self::Access => "permissions",
            Self::References => "reference count",
            Self::Shadows => "shadow count",
            Self::Flags => "flags",
            Self::CopyOnWrite => "copy-on-write",
            Self::NeedsCopy => "needs copy",
            Self::Type => "type",
            Self::Path => "pathname",
            Self::Charged => "charged",
            Self::User => "charged user",
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Self::BeginAddress | Self::EndAddress => {
                r#""0x", hexadecimal digits (at most 64 bits) and a space"#
            }
            Self::Resident | Self::PrivateResident | Self::References | Self::Shadows => {
                "decimal digits and a space"
            }
            Self::Object => "an address in hexadecimal digits and a space",
            Self::Access => r#"three characters such as "r-x" and a space"#,
            Self::Flags => r#""0x", hexadecimal digits and a space"#,
            Self::CopyOnWrite => r#""COW" or "NCOW" and a space"#,
            Self::NeedsCopy => r#""NC" or "NNC" and a space"#,
            Self::Type => {
                r#""default", "vnode", "swap", "device", "phys", "dead", "none" or "unknown" and a space"#
            }
            Self::Path => r#"a path or "-", without NUL, and two fields after it"#,
            Self::Charged => r#""CH" or "NCH" and a space"#,
            Self::User => "decimal digits, or a negative number, and the end",
        }
    }
}

impl Part for Field {
    fn group(self) -> usize {
        (self as usize).saturating_add(1)
    }

    fn terminator(self) -> u8 {
        b' '
    }

    fn fault(self, found: &[u8]) -> Fault {
        Fault::value(self.name(), self.expected(), found)
    }
}
