//! The name of a mapping as Python text, shared between neighbours.

use std::hint::black_box;
use std::sync::Arc;

use pyo3::exceptions::PyUnicodeEncodeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyString, PyTuple};

use crate::mapping::Device;
use crate::mapping::name::{Kind, Pathname, escape};
use crate::python::convert::{decode, encode, wrong_type, wrong_value};
use crate::python::errors::no_memory;

/// A pathname field and what it says.
pub(in crate::python) struct Name {
    pub(in crate::python) kind: Kind,
    pub(in crate::python) is_deleted: bool,
    /// The field as printed.
    pub(in crate::python) pathname: Option<Py<PyString>>,
    /// The file's path where it differs from the field.
    pub(in crate::python) path: Option<Py<PyString>>,
}

impl Name {
    /// The name of a mapping without one.
    pub(in crate::python) const NONE: Self = Self {
        kind: Kind::Anonymous,
        is_deleted: false,
        pathname: None,
        path: None,
    };

    /// The same, to refer to.
    pub(in crate::python) const NAMELESS: &'static Self = {
        static NAMELESS: Name = Name::NONE;
        &NAMELESS
    };

    /// What the name of a line becomes.
    pub(in crate::python) fn new(py: Python<'_>, name: Option<&[u8]>) -> PyResult<Self> {
        let pathname = name.map(|name| decode(py, name)).transpose()?;
        let parts = Pathname::new(name).map_err(no_memory)?;
        Self::of(py, &parts, name, pathname)
    }

    /// What a name becomes that is not escaped: its path is certain.
    pub(in crate::python) fn of_unescaped(py: Python<'_>, name: &[u8]) -> PyResult<Self> {
        let printed = escape(name).map_err(no_memory)?;
        let pathname = decode(py, &printed)?;
        let parts = Pathname::of_unescaped(name);
        Self::of(py, &parts, Some(&printed), Some(pathname))
    }

    /// What an argument becomes that has to be a name that a line can hold.
    pub(in crate::python) fn from_argument(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        if value.is_none() {
            return Ok(Self::NONE);
        }
        let text = value
            .cast::<PyString>()
            .map_err(|_| wrong_type("pathname", "a str or None", value))?;
        let py = text.py();
        let refused = |expected| wrong_value("pathname", expected, text);
        let bytes = encode(text).map_err(|error| {
            if error.is_instance_of::<PyUnicodeEncodeError>(py) {
                refused("UTF-8, or U+DC80 to U+DCFF for bytes that are not")
            } else {
                error
            }
        })?;
        let name = bytes.as_bytes();
        if name.is_empty() {
            return Err(refused("None or at least one character"));
        }
        if name.starts_with(b" ") {
            return Err(refused("without a space at its beginning"));
        }
        if memchr::memchr2(0, b'\n', name).is_some() {
            return Err(refused(r"without NUL and newline (the kernel prints \012)"));
        }
        // Surrogates may spell valid UTF-8, which a line would give as such.
        Self::of(
            py,
            &Pathname::new(Some(name)).map_err(no_memory)?,
            Some(name),
            Some(decode(py, name)?),
        )
    }

    fn of(
        py: Python<'_>,
        parts: &Pathname<'_>,
        name: Option<&[u8]>,
        pathname: Option<Bound<'_, PyString>>,
    ) -> PyResult<Self> {
        let path = parts.path.as_deref();
        let other_path = path.filter(|path| Some(*path) != name);
        Ok(Self {
            kind: parts.kind,
            is_deleted: parts.is_deleted,
            pathname: pathname.map(Bound::unbind),
            path: match other_path {
                Some(path) => Some(decode(py, path)?.unbind()),
                None => None,
            },
        })
    }

    fn clone_ref(&self, py: Python<'_>) -> Self {
        Self {
            kind: self.kind,
            is_deleted: self.is_deleted,
            pathname: self.pathname.as_ref().map(|name| name.clone_ref(py)),
            path: self.path.as_ref().map(|path| path.clone_ref(py)),
        }
    }
}

/// What maps of one file have in common, held once for all of them.
pub(in crate::python) struct Source {
    pub(in crate::python) device: Device,
    /// The same as Python has it: `(major, minor)`.
    pub(in crate::python) device_pair: Py<PyTuple>,
    pub(in crate::python) name: Name,
}

impl Source {
    /// `None` for no device and no name: anonymous memory has neither.
    pub(in crate::python) fn of(
        py: Python<'_>,
        device: Device,
        name: Name,
    ) -> PyResult<Option<Arc<Self>>> {
        if device == Device::NONE && name.pathname.is_none() {
            return Ok(None);
        }
        let device_pair = device_pair(py, device)?;
        Self::new(device, device_pair, name).map(Some)
    }

    /// Where memory runs out for many of them, it does so here.
    ///
    /// `Arc::new` would end the process. A vector can be refused its room, and
    /// what it gives back is what the allocator hands out next for that size.
    fn new(device: Device, device_pair: Py<PyTuple>, name: Name) -> PyResult<Arc<Self>> {
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
        }))
    }
}

/// A device as Python has it: `(major, minor)`. That of no device is made once.
pub(in crate::python) fn device_pair(py: Python<'_>, device: Device) -> PyResult<Py<PyTuple>> {
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

/// The sources of a document: lines that bear the same name share it.
///
/// Most names stand in lines that follow each other, or come back soon. So a
/// small table is enough, in which a name takes the place of another one with
/// the same slot.
pub(in crate::python) struct Names<'a> {
    slots: [Option<(&'a [u8], Arc<Source>)>; SLOTS],
    /// Devices seen, which many names share.
    devices: [Option<(Device, Py<PyTuple>)>; DEVICES],
}

const SLOTS: usize = 256;
const DEVICES: usize = 8;

impl Default for Names<'_> {
    fn default() -> Self {
        Self {
            slots: [const { None }; SLOTS],
            devices: [const { None }; DEVICES],
        }
    }
}

impl<'a> Names<'a> {
    /// The source of a line. Names are compared as bytes, before they are decoded.
    #[inline]
    pub(in crate::python) fn get(
        &mut self,
        py: Python<'_>,
        device: Device,
        name: Option<&'a [u8]>,
    ) -> PyResult<Option<Arc<Source>>> {
        let Some(bytes) = name else {
            return match device {
                Device::NONE => Ok(None),
                _ => Ok(Some(self.source(py, device, Name::NONE)?)),
            };
        };
        let at = slot(bytes);
        let name = match self.slots.get(at) {
            Some(Some((last, source))) if *last == bytes => {
                if source.device == device {
                    return Ok(Some(Arc::clone(source)));
                }
                source.name.clone_ref(py)
            }
            _ => Name::new(py, name)?,
        };
        let source = self.source(py, device, name)?;
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = Some((bytes, Arc::clone(&source)));
        }
        Ok(Some(source))
    }

    fn source(&mut self, py: Python<'_>, device: Device, name: Name) -> PyResult<Arc<Source>> {
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
