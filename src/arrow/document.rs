//! Documents as rows: all mappings of one, or what became of it.

use std::io;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

use super::batch::{BatchBuilder, LONGEST_NAME};
use super::error::{Reason, SourceError};
use super::layout::Layout;
use super::text::printable;
use super::usages::LastFlags;
use crate::formats::error::Document;
use crate::formats::lines::Lines;
use crate::formats::{maps, smaps};
use crate::mapping::{Mapping, Name, Spelling};

/// What becomes of a source that can't be read, or is no such text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnError {
    /// It is the end of everything.
    Raise,
    /// It has no rows.
    Skip,
    /// It has one row, with the reason.
    Column,
}

/// Why there are no further batches.
#[derive(Debug)]
pub enum Stop {
    /// A source failed.
    Failed(SourceError),
    /// The builder did: its columns are not those of the layout.
    Arrow(ArrowError),
    /// Nobody takes them any more.
    Unwanted,
}

impl From<ArrowError> for Stop {
    fn from(error: ArrowError) -> Self {
        Self::Arrow(error)
    }
}

/// Takes batches, and says whether more are wanted.
pub trait Take {
    /// Takes a batch; whether there may be more.
    fn take(&mut self, batch: RecordBatch) -> bool;
}

impl Take for Vec<RecordBatch> {
    fn take(&mut self, batch: RecordBatch) -> bool {
        self.push(batch);
        true
    }
}

/// Documents on their way into batches.
#[derive(Debug)]
pub struct Documents<T> {
    builder: BatchBuilder,
    on_error: OnError,
    document: Document,
    /// Batches that the document filled which is being added.
    full: Vec<RecordBatch>,
    batches: T,
}

impl<T: Take> Documents<T> {
    /// No documents yet; batches go to `batches` as they fill.
    pub fn new(layout: Layout, on_error: OnError, batches: T) -> Self {
        Self {
            builder: BatchBuilder::new(layout),
            on_error,
            document: layout.document,
            full: Vec::new(),
            batches,
        }
    }

    /// Adds a document, all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`Stop`], after which there is nothing more to add.
    pub fn add(&mut self, source: &[u8], lines: Lines<'_>) -> Result<(), Stop> {
        let rows = self.builder.rows();
        let added = match self.document {
            Document::Maps => self.add_maps(source, lines),
            Document::Smaps => self.add_smaps(source, lines),
        };
        match added {
            Ok(()) => self.send_full(),
            Err(Failure::Bad(reason)) => {
                self.forget_after(rows)?;
                self.fail(source, reason)
            }
            Err(Failure::Stop(stop)) => Err(stop),
        }
    }

    /// Takes note of a source that has no text.
    ///
    /// # Errors
    ///
    /// As [`Documents::add`].
    pub fn fail(&mut self, source: &[u8], reason: Reason) -> Result<(), Stop> {
        match self.on_error {
            OnError::Raise => {
                self.flush()?;
                let source = source.to_vec();
                Err(Stop::Failed(SourceError { source, reason }))
            }
            OnError::Skip => Ok(()),
            OnError::Column => {
                self.builder.push_error(&printable(source), &reason);
                self.send_if_full()
            }
        }
    }

    /// Sends the rows that are left, and gives back what took them.
    ///
    /// # Errors
    ///
    /// As [`Documents::add`].
    pub fn finish(mut self) -> Result<T, Stop> {
        self.flush()?;
        Ok(self.batches)
    }

    fn add_maps(&mut self, source: &[u8], lines: Lines<'_>) -> Result<(), Failure> {
        let source = printable(source);
        let mut names = LastName::default();
        for mapping in maps::records(lines) {
            let mapping = mapping.map_err(Reason::Text)?;
            self.push_mapping(&source, &mapping, &mut names)?;
            self.keep_if_full()?;
        }
        Ok(())
    }

    fn add_smaps(&mut self, source: &[u8], lines: Lines<'_>) -> Result<(), Failure> {
        let source = printable(source);
        let mut names = LastName::default();
        let mut flags = LastFlags::default();
        for record in smaps::records(lines) {
            let record = record.map_err(Reason::Text)?;
            self.push_mapping(&source, &record.map, &mut names)?;
            self.builder
                .push_usage(&record.usage, flags.text(record.vm_flags));
            self.keep_if_full()?;
        }
        Ok(())
    }

    #[inline]
    fn push_mapping(
        &mut self,
        source: &str,
        mapping: &Mapping<'_>,
        names: &mut LastName,
    ) -> Result<(), Failure> {
        let length = mapping.pathname.map_or(0, <[u8]>::len);
        if length > LONGEST_NAME {
            return Err(Reason::TooLong(length).into());
        }
        let name = names.get(mapping.pathname)?;
        self.builder.push_mapping(source, &mapping.fields, name);
        Ok(())
    }

    /// Keeps a full batch until the document is known to be good.
    #[inline]
    fn keep_if_full(&mut self) -> Result<(), Stop> {
        if self.builder.is_full() {
            self.full.push(self.builder.finish()?);
        }
        Ok(())
    }

    /// Sends what a good document filled.
    fn send_full(&mut self) -> Result<(), Stop> {
        for batch in std::mem::take(&mut self.full) {
            self.send(batch)?;
        }
        self.send_if_full()
    }

    /// Forgets the rows of a bad document, which came after these.
    fn forget_after(&mut self, rows: usize) -> Result<(), Stop> {
        if self.full.is_empty() && self.builder.rows() == rows {
            return Ok(());
        }
        let last = self.builder.finish()?;
        let first = std::mem::take(&mut self.full).into_iter().next();
        self.send(first.unwrap_or(last).slice(0, rows))
    }

    #[inline]
    fn send_if_full(&mut self) -> Result<(), Stop> {
        if self.builder.is_full() {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> Result<(), Stop> {
        let batch = self.builder.finish()?;
        self.send(batch)
    }

    fn send(&mut self, batch: RecordBatch) -> Result<(), Stop> {
        if batch.num_rows() == 0 || self.batches.take(batch) {
            Ok(())
        } else {
            Err(Stop::Unwanted)
        }
    }
}

/// Why a document was not added.
enum Failure {
    Bad(Reason),
    Stop(Stop),
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        Self::Bad(reason)
    }
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

/// The name of the mapping before, which most often is the next one's too.
#[derive(Default)]
struct LastName(Option<Name>);

impl LastName {
    #[inline]
    fn get(&mut self, name: Option<&[u8]>) -> Result<Option<&Name>, Reason> {
        let Some(name) = name else {
            return Ok(None);
        };
        let spelling = Spelling::Printed;
        let last = self.0.as_ref();
        if !last.is_some_and(|last| last.is_made_of(name, spelling)) {
            self.0 = Some(Name::new(name, spelling).map_err(io::Error::from)?);
        }
        Ok(self.0.as_ref())
    }
}

#[cfg(test)]
mod tests;
