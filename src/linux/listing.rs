//! All mappings of a process, asked for one after the other with `PROCMAP_QUERY`.
//!
//! The kernel spends most of the time for a maps text on printing it. Each query
//! goes on where the last mapping ended, so that no mapping is lost that stands all
//! the while, whatever changes around it.
//!
//! The text is taken where it costs less, and where the kernel or a sandbox refuses
//! to answer. What the kernel takes, in nanoseconds a mapping, measured by turns on a
//! virtual machine (x86-64, Linux 6.18):
//!
//! | process                                        | text | query |
//! | ---------------------------------------------- | ---- | ----- |
//! | 250 mappings, of which 7 in 10 have a name     | 1150 |   690 |
//! | 30,000 shared ones, `/dev/zero (deleted)`      |  985 |   960 |
//! | 30,000 private anonymous ones, without a name  |  334 |   490 |
//!
//! So a mapping without a name costs 160 more by a query, and one with a name about 700
//! less in an ordinary process: the text is better where less than a sixth are named.
//! It is taken for less than an eighth, since a wrong choice of queries costs a part of
//! the listing, and a wrong choice of the text loses what was asked. That is judged by
//! the first batch: 256 queries cost as much as the text of 400 lines without names.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;

use rustix::io::Errno;

use crate::linux::filter::Filter;
use crate::linux::gate::{self, Gate, Known};
use crate::linux::lookup::Lookup;
use crate::linux::maps_file;
use crate::linux::process::Process;
use crate::linux::procfs::ProcessPath;
use crate::linux::query::{QueryFlags, QueryResult, query_each};
use crate::linux::reading;
use crate::mapping::Fields;

/// How many mappings make the first batch: those of an ordinary process.
const FIRST_BATCH: usize = 256;

/// Batches grow up to this: a few milliseconds' worth.
const LARGEST_BATCH: usize = 4096;

/// Room for the name of a mapping: twice the average of an ordinary process.
const NAME: usize = 128;

/// Of so many mappings one has to have a name, or the text costs less.
const NAMED_ONE_IN: usize = 8;

/// Mappings as the kernel answered them, those that are wanted.
#[derive(Debug, Default)]
pub struct Batch {
    filter: Filter,
    answers: Vec<QueryResult>,
    count: usize,
    /// Names as they are, a newline in them too.
    names: Vec<u8>,
    gate: Option<Gate>,
}

impl Batch {
    /// The mappings and their raw names, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Fields, Option<&[u8]>)> {
        let answers = self.answers.iter().take(self.count);
        let mappings = answers.map(|answer| (&answer.fields, answer.name(&self.names)));
        let gate = self.gate.iter().map(|gate| (&gate.fields, Some(gate.name)));
        let wanted = |(fields, _): &(&Fields, _)| self.filter.admits(fields);
        mappings.chain(gate).filter(wanted)
    }

    /// Makes it empty, with room for so many mappings.
    fn clear(&mut self, filter: Filter, size: usize) -> io::Result<()> {
        self.filter = filter;
        self.count = 0;
        self.gate = None;
        let more = size.saturating_sub(self.answers.len());
        self.answers.try_reserve_exact(more)?;
        self.answers.resize(size, QueryResult::NONE);
        self.names.try_reserve_exact(more.saturating_mul(NAME))?;
        self.names.resize(size.saturating_mul(NAME), 0);
        Ok(())
    }

    fn answers(&self) -> &[QueryResult] {
        self.answers.get(..self.count).unwrap_or_default()
    }

    /// Whether too few have a name for queries to be worth it.
    fn is_nameless(&self) -> bool {
        let named = self.answers().iter().filter(|answer| answer.name_size > 0);
        named.count().saturating_mul(NAMED_ONE_IN) < self.count
    }
}

/// What a step of a listing gave.
#[derive(Debug)]
pub enum Step {
    /// The batch goes on.
    Batch,
    /// The batch is the last one.
    LastBatch,
    /// This is the text of all maps, in place of all batches.
    Text(Vec<u8>),
}

/// Whose maps are listed.
#[derive(Debug)]
enum Listed<'a> {
    /// Those of whoever has the pid, opened when needed.
    Path(&'a ProcessPath, Option<File>),
    /// Those of a process that is held open.
    Process(&'a Process),
}

/// A listing, which goes on step by step.
#[derive(Debug)]
pub struct Listing<'a> {
    listed: Listed<'a>,
    filter: Filter,
    /// Where the last mapping ended.
    address: u64,
    /// How many mappings make the next batch.
    batch: usize,
    is_by_text: bool,
}

impl<'a> Listing<'a> {
    /// The mappings of whoever has the pid, of a living thread where the first one
    /// has ended; nothing is opened yet.
    pub fn of_path(path: &'a ProcessPath, filter: Filter) -> Self {
        Self::new(Listed::Path(path, None), filter)
    }

    /// The mappings of a process.
    pub fn of_process(process: &'a Process, filter: Filter) -> Self {
        let mut listing = Self::new(Listed::Process(process), filter);
        listing.is_by_text |= !process.is_query_supported();
        listing
    }

    fn new(listed: Listed<'a>, filter: Filter) -> Self {
        Self {
            listed,
            filter,
            address: 0,
            batch: FIRST_BATCH,
            is_by_text: gate::can_be_wanted(filter) && gate::known() == Known::Nothing,
        }
    }

    /// Fills the batch anew with the mappings that come next, or else reads the text,
    /// from which those that are wanted are yet to be picked.
    ///
    /// # Errors
    ///
    /// What the system says: ESRCH where there is no such process. After
    /// `ErrorKind::Interrupted` a further call goes on.
    pub fn advance(&mut self, batch: &mut Batch) -> io::Result<Step> {
        if !self.is_by_text {
            if let Some(step) = self.query_batch(batch)? {
                if let Listed::Process(process) = self.listed {
                    process.check_sharing()?;
                }
                return Ok(step);
            }
            self.is_by_text = true;
        }
        let text = match &self.listed {
            Listed::Path(path, _) => maps_file::read(path, "maps")?,
            Listed::Process(process) => process.text()?,
        };
        gate::learn(&text);
        Ok(Step::Text(text))
    }

    /// `None` where the text has to be taken: also where the address space is gone,
    /// in the place of which another program may have one by now.
    fn query_batch(&mut self, batch: &mut Batch) -> io::Result<Option<Step>> {
        let maps = match &mut self.listed {
            Listed::Process(process) => process.maps_file(),
            Listed::Path(_, Some(file)) => file,
            Listed::Path(path, file) => file.insert(reading::open(&path.file("maps"))?),
        };
        batch.clear(self.filter, self.batch)?;
        self.batch = self.batch.saturating_mul(2).min(LARGEST_BATCH);
        let flags = QueryFlags::new(Lookup::CoveringOrNext, self.filter);
        let Batch { answers, names, .. } = batch;
        let (count, end) = query_each(maps.as_fd(), self.address, flags, answers, names, &mut []);
        batch.count = count;
        // What a filter demands the kernel finds sooner than it prints the rest.
        let is_first = self.address == 0 && !self.filter.has_demands();
        for answer in batch.answers() {
            if answer.fields.end_address <= self.address {
                return Ok(None); // no answer of Linux
            }
            self.address = answer.fields.end_address;
        }
        match end {
            Ok(()) if is_first && batch.is_nameless() => Ok(None),
            Ok(()) | Err(Errno::INTR) => Ok(Some(Step::Batch)),
            Err(Errno::NOENT) if add_gate(maps, self.address, batch) => Ok(Some(Step::LastBatch)),
            Err(_) => Ok(None),
        }
    }
}

/// Adds the gate if there is one and it can be wanted; whether that is known.
fn add_gate(maps: &File, last_end: u64, batch: &mut Batch) -> bool {
    if !gate::can_be_wanted(batch.filter) {
        return true;
    }
    match gate::of(maps, last_end) {
        Known::Nothing => false,
        Known::NoGate => true,
        Known::Gate(gate) => {
            batch.gate = Some(gate);
            true
        }
    }
}

#[cfg(test)]
mod tests;
