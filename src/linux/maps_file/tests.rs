use super::*;
use crate::linux::stage::{Child, Folder, errno, has_query, own_pid, process, stat};

const TEXT: &str = "1000-2000 r--p 00000000 00:00 0 \n";
const MOVED: &str = "8000-9000 r--p 00000000 00:00 0 \n";

/// Whether the kernel has the file `smaps_rollup`, and says of a zombie that it has no
/// memory.
fn refuses_rollup(zombie: &Child) -> bool {
    let rollup = std::fs::read(zombie.path().file("smaps_rollup"));
    rollup.is_err_and(|error| is_gone(&error))
}

fn inode(directory: &OwnedFd) -> u64 {
    rustix::fs::fstat(directory).unwrap().st_ino
}

fn inode_at(folder: &Folder, path: &str) -> u64 {
    rustix::fs::stat(folder.path().join(path)).unwrap().st_ino
}

#[test]
fn the_text_is_what_the_kernel_prints() {
    let child = Child::start();
    for use_query in [true, false] {
        let maps = MapsFile::open(&child.path(), use_query).unwrap();
        assert!(maps.had_maps());
        assert_eq!(maps.is_query_supported(), use_query && has_query());
        assert_eq!(maps.read("maps").unwrap(), child.read("maps"));
        maps.check_living().unwrap();
    }
    assert_eq!(read(&child.path(), "maps").unwrap(), child.read("maps"));
}

#[test]
fn a_process_that_ends_has_no_maps_any_more() {
    let mut child = Child::start();
    let held = MapsFile::open(&child.path(), true).unwrap();
    child.become_zombie();
    for use_query in [true, false] {
        let zombie = MapsFile::open(&child.path(), use_query).unwrap();
        assert!(!zombie.had_maps());
        assert_eq!(zombie.is_query_supported(), use_query && has_query());
        assert_eq!(zombie.read("maps").unwrap(), b"");
        zombie.check_living().unwrap();
    }
    assert_eq!(read(&child.path(), "maps").unwrap(), b"");
    if refuses_rollup(&child) {
        let error = errno(read(&child.path(), "smaps_rollup"));
        assert_eq!(error, Some(Errno::SRCH));
    }
    for _ in 0..2 {
        assert_eq!(errno(held.check_living()), Some(Errno::SRCH));
        assert_eq!(errno(held.read("maps")), Some(Errno::SRCH));
        child.end();
    }
    assert_eq!(errno(read(&child.path(), "maps")), Some(Errno::NOENT));
}

#[test]
fn the_text_of_another_address_space_is_not_taken() {
    let folder = Folder::new("another-space");
    folder.write("7/maps", TEXT);
    let maps = MapsFile::open(&folder.process(7), true).unwrap();
    assert_eq!(maps.read("maps").unwrap(), TEXT.as_bytes());
    assert_eq!(
        inode(&maps.living_directory().unwrap()),
        inode_at(&folder, "7")
    );
    // The file that is held is still the old one, and begins as it did.
    folder.write("7/maps", MOVED);
    maps.check_living().unwrap();
    assert_eq!(errno(maps.read("maps")), Some(Errno::SRCH));
    assert_eq!(errno(maps.living_directory()), Some(Errno::SRCH));
}

#[test]
fn a_thread_lives_on_where_the_first_has_ended() {
    let folder = Folder::of_two_threads("lives-on", TEXT);
    folder.write("8/maps", TEXT);
    let maps = MapsFile::open(&folder.process(7), false).unwrap();
    assert!(maps.had_maps());
    assert_eq!(maps.read("maps").unwrap(), TEXT.as_bytes());
    assert_eq!(
        inode(&maps.living_directory().unwrap()),
        inode_at(&folder, "8")
    );
    // Its maps can change; those of the first thread say nothing of it.
    folder.write("7/task/8/maps", MOVED);
    assert_eq!(maps.read("maps").unwrap(), MOVED.as_bytes());
    assert_eq!(read(&folder.process(7), "maps").unwrap(), MOVED.as_bytes());
}

#[test]
fn another_thread_is_none_where_the_first_was_held() {
    let folder = Folder::new("first-held");
    let first = folder.write("7/maps", TEXT);
    folder.write("7/task/8/maps", TEXT);
    let maps = MapsFile::open(&folder.process(7), false).unwrap();
    std::fs::write(first, "").unwrap();
    assert_eq!(errno(maps.check_living()), Some(Errno::SRCH));
}

#[test]
fn a_file_that_a_zombie_refuses_is_read_of_a_thread() {
    let mut child = Child::start();
    child.become_zombie();
    if !refuses_rollup(&child) {
        return;
    }
    let folder = Folder::of_two_threads("refuses", TEXT);
    folder.link("7/smaps_rollup", child.path().file("smaps_rollup"));
    folder.write("7/task/8/smaps_rollup", TEXT);
    let text = read(&folder.process(7), "smaps_rollup").unwrap();
    assert_eq!(text, TEXT.as_bytes());
}

#[test]
fn what_the_system_says_of_a_file_is_said() {
    let folder = Folder::of_two_threads("said", TEXT);
    // Of the first thread; that others have the file is no matter.
    folder.write("7/task/8/smaps", TEXT);
    let maps = MapsFile::open(&folder.process(7), false).unwrap();
    assert_eq!(errno(maps.read("smaps")), Some(Errno::NOENT));
    assert_eq!(errno(read(&folder.process(7), "smaps")), Some(Errno::NOENT));
    // Of another one, unless it has ended.
    folder.write("7/smaps", "");
    assert_eq!(read(&folder.process(7), "smaps").unwrap(), TEXT.as_bytes());
    folder.write("7/status", "");
    folder.loop_at("7/task/8/status");
    assert_eq!(errno(read(&folder.process(7), "status")), Some(Errno::LOOP));
}

#[test]
fn a_thread_that_has_ended_is_looked_for_again() {
    let folder = Folder::of_two_threads("again", TEXT);
    folder.write("7/smaps", "");
    std::thread::scope(|scope| {
        let text = scope.spawn(|| read(&folder.process(7), "smaps"));
        std::thread::sleep(std::time::Duration::from_millis(50));
        folder.write("7/task/8/smaps", TEXT);
        assert_eq!(text.join().unwrap().unwrap(), TEXT.as_bytes());
    });
}

#[test]
fn a_text_that_is_cut_short_is_read_again() {
    let folder = Folder::of_two_threads("cut-short", TEXT);
    // One that does not begin with an address stands for one of which nothing is left.
    folder.write("7/smaps", "-");
    folder.write("7/task/8/smaps", MOVED);
    std::thread::scope(|scope| {
        let text = scope.spawn(|| read(&folder.process(7), "smaps"));
        std::thread::sleep(std::time::Duration::from_millis(50));
        folder.write("7/smaps", TEXT);
        assert_eq!(text.join().unwrap().unwrap(), TEXT.as_bytes());
    });
    // A rollup is made at once.
    folder.write("7/smaps_rollup", "-");
    assert_eq!(read(&folder.process(7), "smaps_rollup").unwrap(), b"-");
}

#[test]
fn a_child_that_shares_memory_is_asked_whether_it_still_does() {
    let folder = Folder::of_sharing_child("shares");
    folder.write("7/maps", TEXT);
    let maps = MapsFile::open(&folder.process(7), false).unwrap();
    maps.check_sharing().unwrap();
    assert_eq!(maps.read("maps").unwrap(), TEXT.as_bytes());
    folder.write("7/stat", stat(7, 9));
    assert_eq!(errno(maps.check_sharing()), Some(Errno::SRCH));
    assert_eq!(errno(maps.read("maps")), Some(Errno::SRCH));
    // Of others that is not asked.
    let maps = MapsFile::open(&process(own_pid()), false).unwrap();
    assert!(maps.sharing.is_none());
    maps.check_sharing().unwrap();
}
