// Loaded before a test: every other thread may stand still when it has waited or slept, as it does
// on a machine that has no processor for it. Children are left alone.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long (*real_syscall)(long, ...);
static int (*real_epoll_wait)(int, struct epoll_event *, int, int);
static int (*real_nanosleep)(const struct timespec *, struct timespec *);
static int (*real_clock_nanosleep)(clockid_t, int, const struct timespec *, struct timespec *);
static uint64_t one_in, longest_ms;

static _Thread_local uint64_t state;
static _Thread_local int stalls;

static uint64_t random_number(void) {
    state += 0x9e3779b97f4a7c15;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

__attribute__((constructor)) static void begin(void) {
    real_syscall = dlsym(RTLD_NEXT, "syscall");
    real_epoll_wait = dlsym(RTLD_NEXT, "epoll_wait");
    real_nanosleep = dlsym(RTLD_NEXT, "nanosleep");
    real_clock_nanosleep = dlsym(RTLD_NEXT, "clock_nanosleep");
    one_in = strtoull(getenv("STALL_ONE_IN"), NULL, 10);
    longest_ms = strtoull(getenv("STALL_MS"), NULL, 10);
    unsetenv("LD_PRELOAD");
}

static void stand_still(void) {
    int error = errno;
    if (state == 0) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        state = (uint64_t)now.tv_nsec << 32 ^ (uint64_t)gettid() << 1 ^ 1;
        stalls = random_number() & 1;
    }
    if (stalls && random_number() % one_in == 0) {
        uint64_t ms = random_number() % longest_ms;
        struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
        real_nanosleep(&time, NULL);
    }
    errno = error;
}

// The standard library waits for locks and threads by the system's futex.
long syscall(long number, ...) {
    long a[6];
    va_list arguments;
    va_start(arguments, number);
    for (int i = 0; i < 6; i++) a[i] = va_arg(arguments, long);
    va_end(arguments);
    long answer = real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (number == SYS_futex) stand_still();
    return answer;
}

int epoll_wait(int epoll, struct epoll_event *events, int most, int timeout) {
    int answer = real_epoll_wait(epoll, events, most, timeout);
    stand_still();
    return answer;
}

int nanosleep(const struct timespec *time, struct timespec *left) {
    int answer = real_nanosleep(time, left);
    stand_still();
    return answer;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left) {
    int answer = real_clock_nanosleep(clock, flags, time, left);
    stand_still();
    return answer;
}
