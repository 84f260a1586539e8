/* SPDX-License-Identifier: MIT */
/*
 * faults - a library for LD_PRELOAD: calls into libc that fail as on a full or broken disk, or
 * without memory, at random; or that take as long as somebody wants.
 *
 *   FAULTS_CALLS   which: write fsync open rename mmap malloc, with commas between; write stands
 *                  for all that write or grow a file, rename for all that change a directory
 *   FAULTS_ERRNO   the number that they fail with; 0: they wait while FAULTS_WHILE is there
 *   FAULTS_ONE_IN  one of so many fails; 1: each
 *   FAULTS_SEED    which ones
 *   FAULTS_DIR     only files below it; malloc has none
 *   FAULTS_WHILE   only while this file is there (looked at every few milliseconds)
 *   FAULTS_LOG     a line for each call that failed or waited
 */
#undef _FILE_OFFSET_BITS /* it makes one name of the two that callers may know */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOOK_AGAIN_NS 4000000
#define WAIT_US       2000

static struct {
	atomic_bool read;
	const char *calls, *dir, *flag;
	int err, log;
	uint64_t one_in, seed;
	atomic_ullong n, looked_ns;
	atomic_bool on;
} faults = {.log = -1};

/* Our own calls do not fail. Of this model, since a sanitizer stands between the other one. */
static __thread bool inside __attribute__((tls_model("initial-exec")));

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : otherwise;
}

static void settle(void)
{
	const char *log = getenv("FAULTS_LOG");

	faults.calls = getenv("FAULTS_CALLS");
	faults.dir = getenv("FAULTS_DIR");
	faults.flag = getenv("FAULTS_WHILE");
	faults.err = (int)number("FAULTS_ERRNO", ENOSPC);
	faults.one_in = number("FAULTS_ONE_IN", 1);
	faults.seed = number("FAULTS_SEED", 1);
	if (log)
		faults.log = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	faults.read = true;
}

static bool switched_on(void)
{
	struct timespec now;
	uint64_t ns;

	(void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	if (ns - faults.looked_ns > LOOK_AGAIN_NS) {
		faults.looked_ns = ns;
		faults.on = !faults.flag || access(faults.flag, F_OK) == 0;
	}
	return faults.on;
}

static bool lot(void)
{
	uint64_t z = faults.seed * UINT64_C(0x9e3779b97f4a7c15) +
	             atomic_fetch_add(&faults.n, 1) * UINT64_C(0xbf58476d1ce4e5b9);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % faults.one_in == 0;
}

static void tell(const char *call, const char *what)
{
	char line[PATH_MAX + 64];
	int n = snprintf(line, sizeof line, "%s %s\n", call, what);

	if (faults.log >= 0 && n > 0)
		(void)!REAL(write)(faults.log, line, (size_t)n);
}

static bool chosen(const char *call)
{
	const char *at = faults.calls ? strstr(faults.calls, call) : NULL;

	return at && (at == faults.calls || at[-1] == ',') && switched_on();
}

static void wait_for_the_end(void)
{
	while (faults.flag && access(faults.flag, F_OK) == 0)
		(void)usleep(WAIT_US);
}

/* The call is to fail: errno says how. */
static bool fails_at(const char *call, const char *path)
{
	bool does = false;

	if (inside)
		return false;
	inside = true;
	if (!faults.read)
		settle();
	if (chosen(call) && path && faults.dir &&
	    strncmp(path, faults.dir, strlen(faults.dir)) == 0 && lot()) {
		tell(call, path);
		does = faults.err != 0;
		if (!does)
			wait_for_the_end();
	}
	inside = false;
	if (does)
		errno = faults.err;
	return does;
}

static bool fails_on(const char *call, int fd)
{
	char link[64], path[PATH_MAX];
	ssize_t n;
	int kept = errno;

	if (inside || (faults.read && !chosen(call)))
		return false;
	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof path - 1);
	errno = kept;
	if (n <= 0)
		return false;
	path[n] = '\0';
	return fails_at(call, path);
}

static bool fails_in(const char *call, int dir, const char *path)
{
	return path[0] == '/'    ? fails_at(call, path)
	       : dir == AT_FDCWD ? false
	                         : fails_on(call, dir);
}

static bool fails_alloc(const void *caller)
{
	bool does;
	Dl_info info;

	if (inside || !faults.read) /* before the first file: a sanitizer sets itself up */
		return false;
	inside = true;
	does = chosen("malloc") && lot();
	if (does)
		tell("malloc", dladdr(caller, &info) && info.dli_fname ? info.dli_fname : "?");
	inside = false;
	if (does)
		errno = ENOMEM;
	return does;
}

/* --- memory ------------------------------------------------------------- */

void *malloc(size_t size)
{
	static void *(*next)(size_t);

	if (!next)
		next = REAL(malloc);
	return fails_alloc(__builtin_return_address(0)) ? NULL : next(size);
}

void *calloc(size_t n, size_t size)
{
	static void *(*next)(size_t, size_t);

	if (!next)
		next = REAL(calloc);
	return fails_alloc(__builtin_return_address(0)) ? NULL : next(n, size);
}

void *realloc(void *p, size_t size)
{
	static void *(*next)(void *, size_t);

	if (!next)
		next = REAL(realloc);
	return fails_alloc(__builtin_return_address(0)) ? NULL : next(p, size);
}

void *mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset)
{
	return fd >= 0 && fails_on("mmap", fd) ? MAP_FAILED
	                                       : REAL(mmap)(at, len, prot, flags, fd, offset);
}

void *mmap64(void *at, size_t len, int prot, int flags, int fd, off64_t offset)
{
	return fd >= 0 && fails_on("mmap", fd) ? MAP_FAILED
	                                       : REAL(mmap64)(at, len, prot, flags, fd, offset);
}

/* --- files -------------------------------------------------------------- */

ssize_t write(int fd, const void *data, size_t len)
{
	return fails_on("write", fd) ? -1 : REAL(write)(fd, data, len);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
	return fails_on("write", fd) ? -1 : REAL(pwrite)(fd, data, len, at);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	return fails_on("write", fd) ? -1 : REAL(pwrite64)(fd, data, len, at);
}

int posix_fallocate(int fd, off_t at, off_t len)
{
	return fails_on("write", fd) ? faults.err : REAL(posix_fallocate)(fd, at, len);
}

int fsync(int fd)
{
	return fails_on("fsync", fd) ? -1 : REAL(fsync)(fd);
}

int fdatasync(int fd)
{
	return fails_on("fsync", fd) ? -1 : REAL(fdatasync)(fd);
}

/* A full disk lets what is there be opened. */
static bool matters(int flags)
{
	return faults.err != ENOSPC || (flags & O_CREAT);
}

static mode_t mode_of(int flags, va_list ap)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;
}

#define WITH_MODE                  \
	va_list ap;                \
	mode_t mode;               \
                                   \
	va_start(ap, flags);       \
	mode = mode_of(flags, ap); \
	va_end(ap)

int open(const char *path, int flags, ...)
{
	WITH_MODE;
	return matters(flags) && fails_at("open", path) ? -1 : REAL(open)(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	WITH_MODE;
	return matters(flags) && fails_at("open", path) ? -1 : REAL(open64)(path, flags, mode);
}

int openat(int dir, const char *path, int flags, ...)
{
	WITH_MODE;
	return matters(flags) && fails_in("open", dir, path) ? -1
	                                                     : REAL(openat)(dir, path, flags, mode);
}

int openat64(int dir, const char *path, int flags, ...)
{
	WITH_MODE;
	return matters(flags) && fails_in("open", dir, path)
	               ? -1
	               : REAL(openat64)(dir, path, flags, mode);
}

int rename(const char *from, const char *to)
{
	return fails_at("rename", to) ? -1 : REAL(rename)(from, to);
}

int symlink(const char *text, const char *path)
{
	return fails_at("rename", path) ? -1 : REAL(symlink)(text, path);
}

int mkdir(const char *path, mode_t mode)
{
	return fails_at("rename", path) ? -1 : REAL(mkdir)(path, mode);
}
