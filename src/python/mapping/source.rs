//! What maps have in common, device and name, held once for all of them.

use std::hint::black_box;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyString, PyTuple};

use crate::mapping::{Device, Name, Spelling};
use crate::python::convert::decode;
use crate::python::errors::no_memory;

/// The device and the name of a mapping. The name stands here once, as bytes, which a
/// Map lends to the core; its `str` is made when it is first asked for.
pub(in crate::python) struct Source {
    pub(super) device: Device,
    /// The same as Python has it: `(major, minor)`.
    pub(super) device_pair: Py<PyTuple>,
    pub(super) name: Option<Name>,
    pathname: PyOnceLock<Py<PyString>>,
    path: PyOnceLock<Py<PyString>>,
}

impl Source {
    /// `None` for no device and no name: anonymous memory has neither.
    pub(super) fn shared(
        py: Python<'_>,
        device: Device,
        name: Option<Name>,
    ) -> PyResult<Option<Arc<Self>>> {
        if device == Device::NONE && name.is_none() {
            return Ok(None);
        }
        let device_pair = device_pair(py, device)?;
        Self::new(device, device_pair, name).map(Some)
    }

    /// Where memory runs out for many of them, it does so here.
    ///
    /// `Arc::new` would end the process. A vector can be refused its room, and
    /// what it gives back is what the allocator hands out next for that size.
    fn new(device: Device, device_pair: Py<PyTuple>, name: Option<Name>) -> PyResult<Arc<Self>> {
        // An `Arc` holds two counters before its contents.
        const SIZE: usize = size_of::<[usize; 2]>() + size_of::<Source>();
        let mut room = Vec::<u8>::new();
        room.try_reserve_exact(SIZE).map_err(no_memory)?;
        // Unseen, room that is never used would not be asked for at all.
        drop(black_box(room));
        Ok(Arc::new(Self {
            device,
            device_pair,
            name,
            pathname: PyOnceLock::new(),
            path: PyOnceLock::new(),
        }))
    }

    /// The name as printed.
    #[inline]
    pub(super) fn pathname<'py>(&self, py: Python<'py>) -> PyResult<Option<&Bound<'py, PyString>>> {
        let Some(name) = &self.name else {
            return Ok(None);
        };
        let pathname = || decode(py, name.as_bytes()).map(Bound::unbind);
        let pathname = self.pathname.get_or_try_init(py, pathname)?;
        Ok(Some(pathname.bind(py)))
    }

    /// The path of the file or device.
    #[inline]
    pub(super) fn path<'py>(&self, py: Python<'py>) -> PyResult<Option<&Bound<'py, PyString>>> {
        let Some((name, path)) = self
            .name
            .as_ref()
            .and_then(|name| Some((name, name.path()?)))
        else {
            return Ok(None);
        };
        if name.is_path() {
            return self.pathname(py);
        }
        let path = || decode(py, path).map(Bound::unbind);
        Ok(Some(self.path.get_or_try_init(py, path)?.bind(py)))
    }
}

/// A device as Python has it: `(major, minor)`. That of no device is made once.
pub(super) fn device_pair(py: Python<'_>, device: Device) -> PyResult<Py<PyTuple>> {
    static NO_DEVICE: PyOnceLock<Py<PyTuple>> = PyOnceLock::new();
    let Device { major, minor } = device;
    let pair = || (major, minor).into_pyobject(py).map(Bound::unbind);
    if device == Device::NONE {
        return NO_DEVICE
            .get_or_try_init(py, pair)
            .map(|pair| pair.clone_ref(py));
    }
    pair()
}

/// The sources of a list of mappings: those that bear the same name share one.
///
/// Most names stand in mappings that follow each other, or come back soon. So a small
/// table is enough, in which a name takes the place of another one with the same slot.
pub(in crate::python) struct Sources {
    spelling: Spelling,
    slots: [Option<Arc<Source>>; SLOTS],
    /// Devices seen, which many names share.
    devices: [Option<(Device, Py<PyTuple>)>; DEVICES],
}

const SLOTS: usize = 256;
const DEVICES: usize = 8;

impl Sources {
    /// For mappings whose names are all spelt in this way.
    pub(in crate::python) fn new(spelling: Spelling) -> Self {
        Self {
            spelling,
            slots: [const { None }; SLOTS],
            devices: [const { None }; DEVICES],
        }
    }

    /// The source of a mapping. Names are compared as bytes.
    #[inline]
    pub(in crate::python) fn get(
        &mut self,
        py: Python<'_>,
        device: Device,
        name: Option<&[u8]>,
    ) -> PyResult<Option<Arc<Source>>> {
        let Some(bytes) = name else {
            return match device {
                Device::NONE => Ok(None),
                _ => Ok(Some(self.source(py, device, None)?)),
            };
        };
        let at = slot(bytes);
        if let Some(Some(source)) = self.slots.get(at) {
            let name = source.name.as_ref();
            if source.device == device
                && name.is_some_and(|name| name.is_made_of(bytes, self.spelling))
            {
                return Ok(Some(Arc::clone(source)));
            }
        }
        let name = Name::new(bytes, self.spelling).map_err(no_memory)?;
        let source = self.source(py, device, Some(name))?;
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = Some(Arc::clone(&source));
        }
        Ok(Some(source))
    }

    fn source(
        &mut self,
        py: Python<'_>,
        device: Device,
        name: Option<Name>,
    ) -> PyResult<Arc<Source>> {
        let at = (device.major ^ device.minor) as usize % DEVICES;
        let pair = match self.devices.get(at) {
            Some(Some((last, pair))) if *last == device => pair.clone_ref(py),
            _ => device_pair(py, device)?,
        };
        if let Some(slot) = self.devices.get_mut(at) {
            *slot = Some((device, pair.clone_ref(py)));
        }
        Source::new(device, pair, name)
    }
}

/// Where a name belongs, by its length and its end: paths often begin alike.
#[inline]
fn slot(name: &[u8]) -> usize {
    let end = match name.last_chunk() {
        Some(end) => u64::from_le_bytes(*end),
        None => name.iter().fold(0, |end, &byte| end << 8 | u64::from(byte)),
    };
    let mixed = (end ^ name.len() as u64).wrapping_mul(GOLDEN_RATIO);
    let [mixed, ..] = mixed.to_be_bytes();
    usize::from(mixed) % SLOTS
}

/// 2^64 over the golden ratio: multiplied, it spreads what differs in few bits
/// over the highest ones (Knuth, The Art of Computer Programming, 6.4).
const GOLDEN_RATIO: u64 = 0x9e37_79b9_7f4a_7c15;
