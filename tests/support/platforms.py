"""What tests need of the system and the interpreter: CPython on Linux has all of it.

This table is the only place that keeps a test from running where it can't. With
CPython on Linux and the GNU C library it is not asked, so that it hides nothing there.
"""

from __future__ import annotations

import os
import platform
import sys

IS_LINUX = sys.platform == "linux"

IS_MUSL = IS_LINUX and platform.libc_ver()[0] != "glibc"

#: Whether an emulator runs the program of another machine, by word of who starts the
#: tests. It writes /proc/self/maps in its own way, others' maps are the emulator's, and
#: it knows no ioctl(2) of maps.
IS_EMULATED = "PROCMAPS_EMULATED" in os.environ

HAS_PROCESSES = IS_LINUX and not IS_EMULATED
IS_PYPY = sys.implementation.name == "pypy"

#: Modules that read living processes throughout, by /proc and by what else only
#: Linux has; some can't even be imported elsewhere.
PROCESS_MODULES = {
    "test_build_id",
    "test_hostile_files",
    "test_hostile_process",
    "test_leaks",
    "test_live_files",
    "test_live_memory",
    "test_locations",
    "test_modules",
    "test_os_errors",
    "test_process",
    "test_process_fallback",
    "test_process_find",
    "test_process_life",
    "test_process_open",
    "test_process_smaps",
    "test_process_threads",
}

#: Modules that start programs, most of them the command in a terminal.
PROGRAM_MODULES = {
    "test_cli_completion",
    "test_cli_diff",
    "test_cli_errors",
    "test_cli_find",
    "test_cli_show",
    "test_cli_start",
    "test_cli_terminal",
    "test_cli_usage",
    "test_concurrency",
    "test_hostile_callers",
}

#: Modules that need a terminal, or signals and limits as POSIX has them.
POSIX_MODULES = PROGRAM_MODULES | {
    "test_difference",
    "test_smaps",
    "test_threads",
    "test_usage_sums",
}

#: Modules about a system without processes to read.
ELSEWHERE_MODULES = {"test_elsewhere"}

#: Tests of a living process in modules that have others as well.
PROCESS_TESTS = {
    "test_address_space": {
        "test_it_is_made_of_all_that_maps_are_made_of",
        "test_size_and_gaps_of_a_real_process",
    },
    "test_cli_diff": {"test_a_live_process_since_it_was_saved"},
    "test_cli_errors": {
        "test_a_number_that_is_no_process",
        "test_a_process_that_has_ended",
        "test_a_target_that_vanishes_while_it_is_asked",
        "test_a_zombie_has_no_maps",
        "test_another_users_process",
    },
    "test_cli_find": {"test_live_process_with_build_id"},
    "test_cli_show": {
        "test_json_of_a_live_process_equals_the_librarys_answer",
        "test_without_words_it_prints_its_own_maps",
    },
    "test_cli_start": {"test_raw_lines_need_next_to_nothing"},
    "test_cli_usage": {"test_of_a_live_process"},
    "test_concurrency": {"test_a_fork_while_threads_read", "test_multiprocessing"},
    "test_difference": {
        "test_heap_and_stack_grow_and_shrink",
        "test_own_maps_are_no_difference_to_themselves",
        "test_what_a_process_does_to_its_memory",
    },
    "test_differential": {
        "test_every_readable_process",
        "test_reading_and_parsing_agree",
    },
    "test_docs": {"test_readme_python_blocks_run_in_order"},
    # The room that is left is read from /proc.
    "test_hostile_callers": {"test_memory_that_runs_out"},
    "test_release_0_6_5": {
        "test_an_address_is_looked_up_in_the_usual_way",
        "test_arguments_by_keyword_and_by_position",
        "test_errors",
    },
    "test_smaps": {
        "test_a_process_reads_as_its_file_does",
        "test_a_zombie_costs_nothing",
        "test_no_such_process",
    },
    "test_threads": {"test_a_process_that_changes_while_it_is_read"},
    "test_usage_sums": {
        "test_groups_of_a_process",
        "test_the_kernel_adds_up_the_same",
    },
}

#: Modules that start many programs or threads, which take too long in an emulator, or
#: need of the system what it lacks.
EMULATED_OPEN_MODULES = (
    PROCESS_MODULES
    | PROGRAM_MODULES
    | {
        "test_encodings",
        "test_full_disk",
        "test_no_memory",
        "test_threads",
    }
)

#: Modules about what musl has not: more than one encoding, and dlmopen(3).
MUSL_MODULES = {"test_encodings", "test_modules"}

#: Tests of what musl does otherwise.
MUSL_TESTS = {
    # It has hardly any heap, but maps memory.
    "test_difference": {"test_heap_and_stack_grow_and_shrink"},
    # It is no libc.so.6.
    "test_docs": {"test_readme_python_blocks_run_in_order"},
    "test_locations": {"test_a_crash_in_the_c_library_has_the_symbol_that_nm_gives"},
    # It maps memory for what is read, and unmaps it, so that the maps of a process
    # that reads its own differ from one time to the next.
    "test_hostile_files": {"test_many_maps"},
    "test_process": {
        "test_closing_while_others_ask",
        "test_the_text_is_the_openers_alone_after_a_fork",
    },
    "test_process_fallback": {
        "test_a_kernel_that_forgets_the_question_is_read",
        "test_without_queries_the_text_answers",
        # Its own words for an error.
        "test_another_error_is_raised",
    },
    "test_process_life": {
        "test_the_end_of_a_process_never_cuts_a_list_short",
        "test_the_end_of_a_process_never_cuts_from_pid_short",
    },
    "test_process_threads": {"test_many_threads_share_a_process_that_changes"},
    "test_process_find": {"test_a_name_that_the_kernel_refuses_comes_from_the_text"},
}

#: Modules that PyPy is not held to yet: some have tests that fail there or take too
#: long, and not every cause is known; the others read processes or run the command.
PYPY_OPEN_MODULES = (
    PROCESS_MODULES
    | PROGRAM_MODULES
    | {
        "test_cli_text",
        "test_distributions",
        "test_encodings",
        "test_full_disk",
        "test_no_memory",
    }
)

#: Tests of what PyPy does otherwise. But for the last, its C interface, cpyext, does
#: so with every class in C: in PyPy 7.3.19 one without any code of this package shows
#: the same.
PYPY_TESTS = {
    # An object takes any new attribute, where CPython raises AttributeError.
    "test_address_space": {
        "test_nothing_can_be_assigned",
        # Messages name a class without its package: "'Map' object is not iterable".
        "test_it_is_made_of_maps_alone",
    },
    "test_map_identity": {"test_nothing_can_be_added_or_reinitialised"},
    "test_memory_usage": {
        "test_it_is_frozen",
        # No class has a text signature.
        "test_the_names_of_the_constructor",
    },
    "test_release_0_6_5": {"test_maps_are_read_only_and_hashable"},
    "test_map_values": {"test_the_signature_names_the_defaults"},
    # The docstring of a method is None.
    "test_stub": {
        "test_docstring_of_a_member",
        "test_everything_public_is_documented",
    },
    # PyPy has no os.waitid.
    "test_smaps": {"test_a_zombie_costs_nothing"},
}


def ignored_modules() -> set[str]:
    """Return the modules that are not to be imported on this system."""
    if not IS_LINUX:
        return PROCESS_MODULES | (POSIX_MODULES if sys.platform == "win32" else set())
    return (
        ELSEWHERE_MODULES
        | (PYPY_OPEN_MODULES if IS_PYPY else set())
        | (EMULATED_OPEN_MODULES if IS_EMULATED else set())
        | (MUSL_MODULES if IS_MUSL else set())
    )


def runs(module: str, test: str) -> bool:
    """Tell whether this system and this interpreter have what the test needs."""
    if IS_PYPY and test in PYPY_TESTS.get(module, ()):
        return False
    if IS_MUSL and test in MUSL_TESTS.get(module, ()):
        return False
    return HAS_PROCESSES or test not in PROCESS_TESTS.get(module, ())
