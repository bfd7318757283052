/* Loaded before all others, this lets allocations fail: from the one that is told
 * on, or that one alone; only those of a size or more. */

#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

static long left = -1;
static size_t least;
static int is_one, failures;

void no_memory_begin(long after, size_t size, int one) {
    least = size;
    is_one = one;
    failures = 0;
    left = after;
}

int no_memory_end(void) {
    left = -1;
    return failures;
}

static int fails(size_t size) {
    if (left < 0 || size < least)
        return 0;
    if (left > 0) {
        left--;
        return 0;
    }
    failures++;
    if (is_one)
        left = -1;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size) {
    return fails(size) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    return fails(count * size) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
    int grows = size > malloc_usable_size(block);
    return grows && fails(size) ? NULL : __libc_realloc(block, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    if (fails(size))
        return ENOMEM;
    *block = __libc_memalign(alignment, size);
    return *block ? 0 : ENOMEM;
}

void *aligned_alloc(size_t alignment, size_t size) {
    return fails(size) ? NULL : __libc_memalign(alignment, size);
}

void *mmap(void *at, size_t size, int protection, int flags, int file, off_t offset) {
    if (flags & MAP_ANONYMOUS && fails(size))
        return MAP_FAILED;
#ifdef SYS_mmap2
    return (void *)syscall(SYS_mmap2, at, size, protection, flags, file, offset / 4096);
#else
    return (void *)syscall(SYS_mmap, at, size, protection, flags, file, offset);
#endif
}
