/* A process that lends its address space. Usage: lender vfork|clone
 *
 * vfork: the child tells its pid, and waits in vfork(2) for a line: `execute` or
 * `exit`. The parent, released by that, waits for another line to reap the child.
 *
 * clone: a child with CLONE_VM tells the pid of the parent, and stays; the parent
 * executes another program when a line comes. */

#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static char line[32];

static void tell(const char *word, long number) {
    char text[64];
    int size = snprintf(text, sizeof text, "%s %ld\n", word, number);
    if (write(1, text, (size_t)size) < 0)
        _exit(3);
}

/* Byte by byte: what comes after the line is for others. */
static void listen(void) {
    size_t size = 0;
    while (size < sizeof line - 1 && read(0, line + size, 1) == 1 && line[size] != '\n')
        size++;
    line[size] = '\0';
}

static void execute(void) {
    execlp("sleep", "sleep", "60", (char *)NULL);
    _exit(4);
}

static int stay(void *unused) {
    (void)unused;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    tell("parent", getppid());
    for (;;)
        pause();
}

int main(int count, char **arguments) {
    static char stack[1 << 16];
    if (count < 2)
        return 2;
    if (strcmp(arguments[1], "clone") == 0) {
        clone(stay, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL);
        listen();
        execute();
    }
    pid_t child = vfork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, 0);
        tell("child", getpid());
        listen();
        if (strcmp(line, "execute") == 0)
            execute();
        _exit(0);
    }
    tell("released", child);
    listen();
    waitpid(child, NULL, 0);
    tell("reaped", child);
    pause();
    return 0;
}
