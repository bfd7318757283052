//! The modules of a live process, by the program headers of their files.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use super::Process;
use crate::formats::elf::Segment;
use crate::linux::filter::Filter;
use crate::linux::lookup::Lookup;
use crate::mapping::{Device, Lend, Mapping, OwnedMapping};
use crate::python::convert::tuple;
use crate::python::errors::no_memory;
use crate::python::mapping::map::Map;
use crate::python::space::location::Location;
use crate::python::space::maps::{Space, pick};
use crate::python::space::module::Module;
use crate::space::files::file_of;
use crate::space::{self, Modules};

/// What is known of a process from earlier questions.
#[derive(Default)]
pub(super) struct ModuleCache {
    /// What was read of files; of some there was nothing to read.
    segments: Mutex<HashMap<FileKey, Option<Arc<[Segment]>>>>,
    /// The maps of the modules, by their begin.
    maps: Mutex<HashMap<u64, Found>>,
}

/// Device, inode and name of a file.
type FileKey = (Device, u64, Box<[u8]>);

/// A map, and the module that it belongs to.
struct Found {
    map: Py<Map>,
    module: Py<Module>,
}

/// More maps than this are not kept.
const MAXIMUM_MAPS: usize = 1 << 16;

impl Process {
    pub(super) fn exact_modules<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let space = self.space(py)?;
        for map in space.files() {
            self.read_segments(py, map.get())?;
        }
        let modules = self.group(&space, |_| true)?;
        let objects = PyList::empty(py);
        for module in modules.all() {
            objects.append(self.keep(py, &space, module)?)?;
        }
        tuple(py, objects.iter())
    }

    pub(super) fn exact_location(
        &self,
        py: Python<'_>,
        address: u64,
    ) -> PyResult<Option<Location>> {
        let found = self.answer(py, |process| process.find(address, Lookup::Covering))?;
        let Some(found) = found else {
            return Ok(None);
        };
        if file_of(&found.mapping()).is_none() {
            let map = Py::new(py, Map::from_parts(py, found.fields, found.name)?)?;
            return Ok(Some(Location::new(address, map, None)));
        }
        if let Some(Found { map, module }) = self.modules.find(py, &found.mapping()) {
            return Ok(Some(Location::new(address, map, Some(module))));
        }
        let space = self.space(py)?;
        let Some(position) = space.find(address) else {
            return Ok(None);
        };
        let Some(map) = space.maps().get(position) else {
            return Ok(None);
        };
        self.read_segments(py, map.get())?;
        let asked = file_key(&map.get().mapping());
        let modules = self.group(&space, |file| asked.as_ref() == Some(file))?;
        let module = match modules.owner(position) {
            Some((_, module)) => Some(self.keep(py, &space, module)?),
            None => None,
        };
        Ok(Some(Location::new(address, map.clone_ref(py), module)))
    }

    fn space(&self, py: Python<'_>) -> PyResult<Space> {
        Space::new(self.collect_maps(py, Filter::default())?).map_err(no_memory)
    }

    /// Reads the program headers of the file that is mapped, if that was not done.
    fn read_segments(&self, py: Python<'_>, map: &Map) -> PyResult<()> {
        let Some(file) = file_key(&map.mapping()) else {
            return Ok(());
        };
        let is_known = self.modules.segments().contains_key(&file);
        if !is_known {
            let mapping = OwnedMapping::copy_of(map).map_err(no_memory)?;
            let segments = self.answer(py, |process| process.load_segments(&mapping))?;
            self.modules.segments().insert(file, segments);
        }
        Ok(())
    }

    /// Groups maps by what was read of those files that are asked for.
    fn group(&self, space: &Space, is_asked: impl Fn(&FileKey) -> bool) -> PyResult<Modules> {
        let segments = self.modules.segments();
        let modules = space.modules_by(|map| {
            let file = file_key(&map.get().mapping())?;
            segments.get(&file).filter(|_| is_asked(&file))?.clone()
        });
        modules.map_err(no_memory)
    }

    /// A module as an object, of which later answers are made.
    fn keep(&self, py: Python<'_>, space: &Space, module: &space::Module) -> PyResult<Py<Module>> {
        let maps = pick(py, space, module.positions().iter().copied())?;
        let kept: Vec<Py<Map>> = maps.iter().map(|map| map.clone_ref(py)).collect();
        let maps = Arc::new(Space::new(maps).map_err(no_memory)?);
        let module = Py::new(py, Module::new(module.clone(), maps))?;
        self.modules.keep(py, kept, &module);
        Ok(module)
    }
}

impl ModuleCache {
    fn segments(&self) -> std::sync::MutexGuard<'_, HashMap<FileKey, Option<Arc<[Segment]>>>> {
        self.segments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The map that is as this mapping, and its module.
    fn find(&self, py: Python<'_>, mapping: &Mapping<'_>) -> Option<Found> {
        let maps = self.maps.lock().unwrap_or_else(PoisonError::into_inner);
        let found = maps.get(&mapping.fields.begin_address)?;
        (found.map.get().mapping() == *mapping).then(|| Found {
            map: found.map.clone_ref(py),
            module: found.module.clone_ref(py),
        })
    }

    fn keep(&self, py: Python<'_>, kept: Vec<Py<Map>>, module: &Py<Module>) {
        let mut dropped = Vec::new();
        let mut maps = self.maps.lock().unwrap_or_else(PoisonError::into_inner);
        if maps.len().saturating_add(kept.len()) > MAXIMUM_MAPS {
            dropped.extend(maps.drain().map(|(_, found)| found));
        }
        for map in kept {
            let begin = map.get().fields().begin_address;
            let module = module.clone_ref(py);
            dropped.extend(maps.insert(begin, Found { map, module }));
        }
        // What runs when an object is dropped may ask the process.
        drop(maps);
        drop(dropped);
    }
}

fn file_key(mapping: &Mapping<'_>) -> Option<FileKey> {
    let (device, inode, name) = file_of(mapping)?;
    Some((device, inode, name.into()))
}
