use super::*;
use crate::linux::stage::{Child, Folder, errno};

use rustix::fs::fcntl_getfl;
use rustix::io::{Errno, FdFlags, fcntl_getfd};

const TEXT: &str = "1000-2000 r--p 00000000 00:00 0 \n";

fn two_threads(name: &str) -> (Folder, Directory) {
    let folder = Folder::of_two_threads(name, TEXT);
    let directory = Directory::open(&folder.process(7)).unwrap();
    (folder, directory)
}

#[test]
fn a_process_lives_until_it_ends() {
    let mut child = Child::start();
    let directory = Directory::open(&child.path()).unwrap();
    let thread = directory.living_thread().unwrap().unwrap();
    assert_eq!(thread.id, child.pid());
    assert!(begins(&thread.maps).unwrap());
    assert!(begins(&directory.file_of(&thread, "maps").unwrap()).unwrap());
    // It has maps: there is no other thread to look for.
    assert_eq!(errno(directory.another_thread()), Some(Errno::SRCH));
    child.become_zombie();
    assert!(directory.living_thread().unwrap().is_none());
    assert_eq!(errno(directory.of_living_thread()), Some(Errno::SRCH));
    child.end();
    assert!(procfs::is_no_such_process(
        &directory.living_thread().unwrap_err()
    ));
    assert_eq!(errno(directory.another_thread()), Some(Errno::SRCH));
}

#[test]
fn another_thread_lives_where_the_first_has_ended() {
    let (folder, directory) = two_threads("another-thread");
    assert_eq!(directory.living_thread().unwrap().unwrap().id, 8);
    assert_eq!(directory.another_thread().unwrap().id, 8);
    // Another program takes the place of the first thread.
    folder.write("7/maps", TEXT);
    assert_eq!(errno(directory.another_thread()), Some(Errno::SRCH));
}

#[test]
fn a_thread_that_ends_while_it_is_looked_at_is_passed_over() {
    let (folder, directory) = two_threads("passed-over");
    std::fs::remove_file(folder.path().join("7/task/8/maps")).unwrap();
    assert!(directory.living_thread().unwrap().is_none());
    // What else the system says is said.
    folder.loop_at("7/task/8/maps");
    assert_eq!(errno(directory.living_thread()), Some(Errno::LOOP));
    assert_eq!(errno(directory.another_thread()), Some(Errno::LOOP));
    // All have ended.
    std::fs::remove_dir_all(folder.path().join("7/task")).unwrap();
    assert_eq!(errno(directory.living_thread()), Some(Errno::NOENT));
    assert_eq!(errno(directory.another_thread()), Some(Errno::SRCH));
}

#[test]
fn a_thread_without_pages_has_no_memory() {
    let folder = Folder::new("statm");
    folder.write("8/statm", "");
    let threads = open_directory(rustix::fs::CWD, folder.path()).unwrap();
    for (statm, has) in [
        ("0 0 0 0 0 0 0\n", false),
        ("", false),
        ("1 1 1 1 0 1 0\n", true),
        ("10 1 1 1 0 1 0\n", true),
    ] {
        folder.write("8/statm", statm);
        assert_eq!(has_memory(&threads, 8).unwrap(), has, "{statm}");
    }
}

#[test]
fn what_is_opened_closes_when_another_program_is_executed() {
    let (_folder, directory) = two_threads("closes");
    let file = directory.file("maps").unwrap();
    assert_eq!(fcntl_getfd(&file).unwrap(), FdFlags::CLOEXEC);
    assert_eq!(fcntl_getfd(&directory.0).unwrap(), FdFlags::CLOEXEC);
    // It stands for a place, and reads nothing.
    assert!(fcntl_getfl(&directory.0).unwrap().contains(OFlags::PATH));
}

#[test]
fn a_file_is_no_directory_of_a_process() {
    let folder = Folder::new("no-directory");
    folder.write("7", TEXT);
    assert_eq!(
        errno(Directory::open(&folder.process(7))),
        Some(Errno::NOTDIR)
    );
}

#[test]
fn a_text_begins_with_an_address() {
    let folder = Folder::new("begins");
    for (text, begin) in [
        (TEXT, *b"1000\0\0\0\0\0\0\0\0\0\0\0\0"),
        (
            "ffffffffff600000-ffffffffff601000 --xp",
            *b"ffffffffff600000",
        ),
        ("", [0; 16]),
    ] {
        let file = File::open(folder.write("maps", text)).unwrap();
        assert_eq!(Beginning::in_text(text.as_bytes()), Beginning(begin));
        assert_eq!(Beginning::of(&file).unwrap(), Beginning(begin));
        assert_eq!(begins(&file).unwrap(), !text.is_empty());
    }
}

#[test]
fn an_address_space_is_gone_with_one_error_alone() {
    assert!(is_gone(&gone()));
    assert!(!is_gone(&Errno::NOENT.into()));
    assert!(!is_gone(&io::ErrorKind::NotFound.into()));
}
