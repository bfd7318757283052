//! In place of `listing.rs` on systems without `/proc/<pid>/maps`.

use std::convert::Infallible;
use std::io;
use std::marker::PhantomData;

use crate::linux::filter::Filter;
use crate::linux::process::Process;
use crate::linux::procfs::ProcessPath;
use crate::mapping::Fields;

#[allow(missing_docs)] // see listing.rs
#[derive(Debug, Default)]
pub struct Batch;

#[allow(missing_docs)] // see listing.rs
impl Batch {
    pub fn iter(&self) -> impl Iterator<Item = (&Fields, Option<&[u8]>)> {
        std::iter::empty()
    }
}

#[allow(missing_docs)] // see listing.rs
#[derive(Debug)]
pub enum Step {
    Batch,
    LastBatch,
    Text(Vec<u8>),
}

/// A listing: there is none.
#[derive(Debug)]
pub struct Listing<'a>(PhantomData<&'a Infallible>);

#[allow(missing_docs, clippy::missing_errors_doc)] // see listing.rs
impl<'a> Listing<'a> {
    pub fn of_path(_path: &'a ProcessPath, _filter: Filter) -> Self {
        Self(PhantomData)
    }

    pub fn of_process(_process: &'a Process, _filter: Filter) -> Self {
        Self(PhantomData)
    }

    pub fn advance(&mut self, _batch: &mut Batch) -> io::Result<Step> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
