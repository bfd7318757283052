/* A process that never holds still: its threads map, unmap, protect and move
 * memory; it forks, and what it forks executes this program anew or ends. One
 * range, the landmark, stays as it is. Usage: chaos SECONDS [GENERATION] */

#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, SLOTS = 512, SLOT = 64 * PAGE, LANDMARKS = 64 };

#if UINTPTR_MAX > UINT32_MAX
static char *const LANDMARK = (char *)0x100000000000;
static char *const ARENA = (char *)0x200000000000;
#else
static char *const LANDMARK = (char *)0x20000000;
static char *const ARENA = (char *)0x40000000;
#endif
static time_t end;

/* Readable and inaccessible pages in turn, so that no two become one mapping. */
static void set_landmark(int file) {
    for (int page = 0; page < LANDMARKS; page++) {
        int protection = page % 2 ? PROT_NONE : PROT_READ;
        void *at = mmap(LANDMARK + page * PAGE, PAGE, protection,
                        MAP_PRIVATE | MAP_FIXED, file, 0);
        if (at == MAP_FAILED)
            exit(3);
    }
}

static void disturb(unsigned *seed) {
    char *at = ARENA + (size_t)(rand_r(seed) % SLOTS) * SLOT;
    size_t size = (size_t)(rand_r(seed) % 64 + 1) * PAGE;
    int protection = rand_r(seed) % 8;
    switch (rand_r(seed) % 5) {
    case 0:
    case 1:
        mmap(at, size, protection & ~PROT_EXEC,
             MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE |
                 (rand_r(seed) % 2 ? MAP_PRIVATE : MAP_SHARED),
             -1, 0);
        break;
    case 2:
        munmap(at, size);
        break;
    case 3:
        mprotect(at, size, protection & ~PROT_EXEC);
        break;
    case 4:
        mremap(at, PAGE, size, MREMAP_MAYMOVE | MREMAP_FIXED,
               ARENA + (size_t)(rand_r(seed) % SLOTS) * SLOT);
        break;
    }
}

static void *disturb_always(void *seed) {
    unsigned state = (unsigned)(uintptr_t)seed;
    while (time(NULL) < end)
        disturb(&state);
    return NULL;
}

/* Children that execute or end at any moment, some of them left as zombies. */
static void fork_always(char **arguments, int generation) {
    unsigned seed = (unsigned)getpid();
    char next[16];
    snprintf(next, sizeof next, "%d", generation + 1);
    while (time(NULL) < end) {
        pid_t child = fork();
        if (child == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            for (unsigned left = rand_r(&seed) % 300; left > 0; left--)
                disturb(&seed);
            if (generation < 3 && rand_r(&seed) % 2)
                execl("/proc/self/exe", arguments[0], "0", next, (char *)NULL);
            _exit(0);
        }
        usleep(rand_r(&seed) % 3000);
        while (child > 0 && rand_r(&seed) % 3 && waitpid(-1, NULL, WNOHANG) > 0)
            ;
    }
}

int main(int count, char **arguments) {
    int generation = count > 2 ? atoi(arguments[2]) : 0;
    FILE *self = fopen("/proc/self/exe", "r");
    if (count < 2 || !self)
        return 2;
    end = time(NULL) + atoi(arguments[1]);
    set_landmark(fileno(self));
    if (generation > 0)
        return 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    puts("ready");
    fflush(stdout);
    pthread_t thread;
    pthread_create(&thread, NULL, disturb_always, (void *)1);
    fork_always(arguments, generation);
    return 0;
}
