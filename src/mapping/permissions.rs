//! The permissions of a mapping: the four characters `rwxp`.

/// Read, write and execute permission, and shared or private.
///
/// Ordered as its text is, because in each place the character for "off" sorts
/// before the one for "on" (`-` before `r`, `w` and `x`; `p` before `s`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permissions(u8);

const READ: u8 = 8;
const WRITE: u8 = 4;
const EXECUTE: u8 = 2;
const SHARED: u8 = 1;

/// Every combination as the kernel prints it; the index is the bit set.
const TEXT: [&str; 16] = [
    "---p", "---s", "--xp", "--xs", "-w-p", "-w-s", "-wxp", "-wxs", "r--p", "r--s", "r-xp", "r-xs",
    "rw-p", "rw-s", "rwxp", "rwxs",
];

impl Permissions {
    /// No access, private: `---p`.
    pub const NONE: Self = Self(0);

    /// These permissions; what is not shared is private.
    #[allow(clippy::fn_params_excessive_bools)] // four independent bits
    pub fn new(read: bool, write: bool, execute: bool, shared: bool) -> Self {
        let bit = |is_on, bit| if is_on { bit } else { 0 };
        Self(bit(read, READ) | bit(write, WRITE) | bit(execute, EXECUTE) | bit(shared, SHARED))
    }

    /// The permissions that this text stands for, or `None` where it is not
    /// exactly one of the sixteen that a kernel prints.
    #[inline]
    pub fn from_bytes(text: &[u8]) -> Option<Self> {
        let &[read, write, execute, sharing] = text else {
            return None;
        };
        let flag = |byte, on, off, bit| match byte {
            _ if byte == on => Some(bit),
            _ if byte == off => Some(0),
            _ => None,
        };
        Some(Self(
            flag(read, b'r', b'-', READ)?
                | flag(write, b'w', b'-', WRITE)?
                | flag(execute, b'x', b'-', EXECUTE)?
                | flag(sharing, b's', b'p', SHARED)?,
        ))
    }

    /// The four characters, such as `r-xp`.
    #[inline]
    pub fn as_str(self) -> &'static str {
        // The default is never taken: a set has four bits.
        TEXT.get(usize::from(self.0)).copied().unwrap_or_default()
    }

    /// Whether the pages may be read.
    #[inline]
    pub fn is_readable(self) -> bool {
        self.0 & READ != 0
    }

    /// Whether the pages may be written.
    #[inline]
    pub fn is_writable(self) -> bool {
        self.0 & WRITE != 0
    }

    /// Whether the pages may be executed.
    #[inline]
    pub fn is_executable(self) -> bool {
        self.0 & EXECUTE != 0
    }

    /// Whether writes are shared (`s`); otherwise they are private (`p`).
    #[inline]
    pub fn is_shared(self) -> bool {
        self.0 & SHARED != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_round_trips_and_sorts_as_its_text() {
        let mut all = Vec::new();
        for r in ["-", "r"] {
            for w in ["-", "w"] {
                for x in ["-", "x"] {
                    for s in ["p", "s"] {
                        let text = [r, w, x, s].concat();
                        let permissions = Permissions::from_bytes(text.as_bytes()).unwrap();
                        assert_eq!(permissions.as_str(), text);
                        assert_eq!(
                            permissions,
                            Permissions::new(r == "r", w == "w", x == "x", s == "s")
                        );
                        assert_eq!(permissions.is_readable(), r == "r");
                        assert_eq!(permissions.is_writable(), w == "w");
                        assert_eq!(permissions.is_executable(), x == "x");
                        assert_eq!(permissions.is_shared(), s == "s");
                        all.push((permissions, text));
                    }
                }
            }
        }
        all.sort_by_key(|(permissions, _)| *permissions);
        assert!(all.is_sorted_by_key(|(_, text)| text.clone()));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "r", "r-x", "r-xpp", "wr-p", "r-x-", "R-XP", "r-x p"] {
            assert_eq!(Permissions::from_bytes(text.as_bytes()), None, "{text:?}");
        }
    }
}
