//! What changed in an address space between two moments.

use std::cmp::Ordering;
use std::collections::{HashMap, TryReserveError};

use crate::mapping::{Device, Fields, Lend, Mapping, Permissions};

/// What changed: positions in the records before and after, the latter ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Maps that were not there before.
    pub added: Vec<usize>,
    /// Maps that are not there any more.
    pub removed: Vec<usize>,
    /// Maps before and after with the same range, and something else different.
    pub changed: Vec<(usize, usize)>,
    /// Maps before and after that differ in one end alone, and are larger after.
    pub grown: Vec<(usize, usize)>,
    /// The same, smaller after.
    pub shrunk: Vec<(usize, usize)>,
}

/// Compares the maps of two moments, each in order; a map that is listed n times
/// counts as n.
///
/// # Errors
///
/// If there is no memory for it.
pub fn compare<M: Lend>(before: &[M], after: &[M]) -> Result<Difference, TryReserveError> {
    let mut rest = Rest::without_equals(before, after)?;
    let changed = rest.pair(range_alone)?;
    let mut resized = rest.pair(all_but_end)?;
    resized.extend(rest.pair(all_but_begin)?);
    resized.sort_unstable_by_key(|[_, (position, _)]| *position);
    let (grown, shrunk) = resized
        .into_iter()
        .partition(|[(_, old), (_, new)]| old.fields.size() < new.fields.size());
    Ok(Difference {
        added: rest.after.iter().map(|entry| entry.0).collect(),
        removed: rest.before.iter().map(|entry| entry.0).collect(),
        changed: positions(changed),
        grown: positions(grown),
        shrunk: positions(shrunk),
    })
}

/// A mapping and its position.
type Entry<'a> = (usize, Mapping<'a>);

/// What has not found its counterpart yet.
struct Rest<'a> {
    before: Vec<Entry<'a>>,
    after: Vec<Entry<'a>>,
}

impl<'a> Rest<'a> {
    /// Leaves out what is in both: of maps in order, side by side.
    fn without_equals<M: Lend>(before: &'a [M], after: &'a [M]) -> Result<Self, TryReserveError> {
        let mut rest = Self {
            before: Vec::new(),
            after: Vec::new(),
        };
        let mut old = before.iter().map(Lend::mapping).enumerate().peekable();
        let mut new = after.iter().map(Lend::mapping).enumerate().peekable();
        loop {
            let order = match (old.peek(), new.peek()) {
                (Some((_, old)), Some((_, new))) => old.cmp(new),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return Ok(rest),
            };
            if order.is_le() {
                let entry = old.next().filter(|_| order.is_lt());
                push(&mut rest.before, entry)?;
            }
            if order.is_ge() {
                let entry = new.next().filter(|_| order.is_gt());
                push(&mut rest.after, entry)?;
            }
        }
    }

    /// Takes out each two entries, before and after, of which the same is left when
    /// what may differ is blank; of several the first.
    fn pair(
        &mut self,
        blank: fn(&Mapping<'a>) -> Mapping<'a>,
    ) -> Result<Vec<[Entry<'a>; 2]>, TryReserveError> {
        let mut waiting: HashMap<Mapping<'a>, Vec<Entry<'a>>> = HashMap::new();
        waiting.try_reserve(self.before.len())?;
        for entry in self.before.drain(..).rev() {
            waiting.entry(blank(&entry.1)).or_default().push(entry);
        }
        let mut pairs = Vec::new();
        self.after.retain(|&new| {
            let old = waiting.get_mut(&blank(&new.1)).and_then(Vec::pop);
            pairs.extend(old.map(|old| [old, new]));
            old.is_none()
        });
        self.before.extend(waiting.into_values().flatten());
        self.before.sort_unstable_by_key(|entry| entry.0);
        Ok(pairs)
    }
}

fn push<'a>(entries: &mut Vec<Entry<'a>>, entry: Option<Entry<'a>>) -> Result<(), TryReserveError> {
    entries.try_reserve(1)?;
    entries.extend(entry);
    Ok(())
}

/// What stays when anything but the range changes.
fn range_alone<'a>(mapping: &Mapping<'a>) -> Mapping<'a> {
    Mapping {
        fields: Fields {
            permissions: Permissions::NONE,
            offset: 0,
            device: Device::NONE,
            inode: 0,
            ..mapping.fields
        },
        pathname: None,
    }
}

/// What stays when a map grows or shrinks at its end: all but that end.
fn all_but_end<'a>(mapping: &Mapping<'a>) -> Mapping<'a> {
    let mut mapping = *mapping;
    mapping.fields.end_address = 0;
    mapping
}

/// What stays when a map grows or shrinks at its begin: where a file is mapped,
/// the part of it begins elsewhere, and ends where it did.
fn all_but_begin<'a>(mapping: &Mapping<'a>) -> Mapping<'a> {
    let mut mapping = *mapping;
    let end_offset = mapping.fields.offset.wrapping_add(mapping.fields.size());
    let has_source = mapping.fields.has_source();
    mapping.fields.offset = if has_source { end_offset } else { 0 };
    mapping.fields.begin_address = 0;
    mapping
}

fn positions(pairs: Vec<[Entry<'_>; 2]>) -> Vec<(usize, usize)> {
    pairs.into_iter().map(|[old, new]| (old.0, new.0)).collect()
}

#[cfg(test)]
mod tests;
