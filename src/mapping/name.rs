//! The name of a mapping: as printed, and the path of the file that it names.
//!
//! Everything here is lexical: text can't tell a newline in a file's name from the
//! four characters that stand for it, nor the mark of a deleted file from the end of
//! a name (`show_map_vma` in the kernel's `fs/proc/task_mmu.c`, `d_path` in
//! `fs/d_path.c`).

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::TryReserveError;

use memchr::memmem;

use super::Kind;

/// What `d_path` appends to the name of an unlinked file.
pub const DELETED: &[u8] = b" (deleted)";

/// LF is the one character that the kernel escapes in a name.
const ESCAPED_LF: &[u8] = br"\012";

/// How a name is spelt where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// As text prints it: a newline stands as `\012`.
    Printed,
    /// As `PROCMAP_QUERY` and core files have it: a newline stands as itself, so
    /// that the path is certain.
    Raw,
}

/// A name, taken apart once. It is never empty.
#[derive(Debug, PartialEq, Eq)]
pub struct Name {
    printed: Box<[u8]>,
    kind: Kind,
    is_deleted: bool,
    /// Where it is not the printed name less the mark of a deleted file.
    path: Option<Box<[u8]>>,
}

impl Name {
    /// Takes a name apart. At most one ` (deleted)` goes from the path; of a printed
    /// name, `\012` in the path is read as a newline.
    ///
    /// # Errors
    ///
    /// If there is no memory for it.
    pub fn new(name: &[u8], spelling: Spelling) -> Result<Self, TryReserveError> {
        let kind = Kind::of(Some(name));
        let live = name.strip_suffix(DELETED).filter(|_| kind.has_path());
        let path = live.unwrap_or(name);
        let (printed, path) = match spelling {
            Spelling::Printed => (Cow::Borrowed(name), unescape(path)?),
            Spelling::Raw => (escape(name)?, Cow::Borrowed(path)),
        };
        let end = printed
            .len()
            .saturating_sub(if live.is_some() { DELETED.len() } else { 0 });
        let is_other = kind.has_path() && printed.get(..end) != Some(&path);
        Ok(Self {
            kind,
            is_deleted: live.is_some(),
            path: if is_other { Some(boxed(&path)?) } else { None },
            printed: boxed(&printed)?,
        })
    }

    /// A copy. There is no `Clone`: a name can be long, and memory short.
    ///
    /// # Errors
    ///
    /// If there is no memory for it.
    pub fn try_clone(&self) -> Result<Self, TryReserveError> {
        Ok(Self {
            printed: boxed(&self.printed)?,
            path: self.path.as_deref().map(boxed).transpose()?,
            ..*self
        })
    }

    /// The name as printed.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        &self.printed
    }

    /// What is mapped.
    #[inline]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether the name carries the mark of an unlinked file or device.
    #[inline]
    pub fn is_deleted(&self) -> bool {
        self.is_deleted
    }

    /// The file's path; `None` for kinds that have none.
    #[inline]
    pub fn path(&self) -> Option<&[u8]> {
        if !self.kind.has_path() {
            return None;
        }
        match &self.path {
            Some(path) => Some(path),
            None if self.is_deleted => self.printed.strip_suffix(DELETED),
            None => Some(&self.printed),
        }
    }

    /// Whether the path is the printed name, to the letter.
    pub fn is_path(&self) -> bool {
        self.kind.has_path() && !self.is_deleted && self.path.is_none()
    }

    /// The last part of the path; of a memfd the name without what the kernel adds.
    pub fn file_name(&self) -> &[u8] {
        if let Some(path) = self.path() {
            let start = memchr::memrchr(b'/', path).map_or(0, |at| at.saturating_add(1));
            return path.get(start..).unwrap_or_default();
        }
        let name = self.printed.strip_suffix(DELETED).unwrap_or(&self.printed);
        name.strip_prefix(b"/").unwrap_or(name)
    }

    /// Whether it is what [`Name::new`] makes of these bytes.
    #[inline]
    pub fn is_made_of(&self, name: &[u8], spelling: Spelling) -> bool {
        // A raw name that prints otherwise has a path of its own.
        *self.printed == *name && (spelling == Spelling::Printed || self.path.is_none())
    }
}

/// A copy, where there is memory for it.
fn boxed(text: &[u8]) -> Result<Box<[u8]>, TryReserveError> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(text.len())?;
    copy.extend_from_slice(text);
    Ok(copy.into_boxed_slice())
}

/// The order of names as text: by code points, in which bytes that are not UTF-8
/// stand as surrogate escapes (U+DC80 to U+DCFF).
pub(super) fn compare(a: &[u8], b: &[u8]) -> Ordering {
    if std::str::from_utf8(a).is_ok() && std::str::from_utf8(b).is_ok() {
        return a.cmp(b);
    }
    code_points(a).cmp(code_points(b))
}

fn code_points(text: &[u8]) -> impl Iterator<Item = u32> {
    text.utf8_chunks().flat_map(|chunk| {
        let valid = chunk.valid().chars().map(u32::from);
        let escaped = chunk.invalid().iter().map(|&byte| 0xdc00 | u32::from(byte));
        valid.chain(escaped)
    })
}

/// The name as the kernel prints it, with every LF escaped.
///
/// # Errors
///
/// If there is no memory for another name.
pub fn escape(name: &[u8]) -> Result<Cow<'_, [u8]>, TryReserveError> {
    replace(name, b"\n", ESCAPED_LF)
}

/// The path with every escaped LF put back.
///
/// # Errors
///
/// If there is no memory for another path.
pub fn unescape(path: &[u8]) -> Result<Cow<'_, [u8]>, TryReserveError> {
    replace(path, ESCAPED_LF, b"\n")
}

/// The text with every `old` replaced by `new`.
fn replace<'a>(text: &'a [u8], old: &[u8], new: &[u8]) -> Result<Cow<'a, [u8]>, TryReserveError> {
    // One byte is sought faster than several, and hardly any name has it.
    if old
        .first()
        .is_none_or(|&first| memchr::memchr(first, text).is_none())
    {
        return Ok(Cow::Borrowed(text));
    }
    let mut replaced = Vec::new();
    let mut rest = text;
    while let Some((before, found)) =
        memmem::find(rest, old).and_then(|at| rest.split_at_checked(at))
    {
        replaced.try_reserve(before.len().saturating_add(new.len()))?;
        replaced.extend_from_slice(before);
        replaced.extend_from_slice(new);
        rest = found.strip_prefix(old).unwrap_or_default();
    }
    if rest.len() == text.len() {
        return Ok(Cow::Borrowed(text));
    }
    replaced.try_reserve(rest.len())?;
    replaced.extend_from_slice(rest);
    Ok(Cow::Owned(replaced))
}

#[cfg(test)]
mod tests;
