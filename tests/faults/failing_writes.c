/* Makes the n-th write or fsync of some files fail; preloaded into a worker and the programs it starts.
 *
 * FAILING_WRITES_CONTROL names a file that holds `struct control` and is shared with the test.
 * FAILING_WRITES_FILES and FAILING_WRITES_STORE are prefixes of paths, separated by colons.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { FILE_WRITE, FILE_FSYNC, STORE_WRITE, STORE_FSYNC, KINDS };

struct control {
    uint32_t armed;
    uint32_t kind;
    uint32_t number; /* which point fails, from 1 */
    uint32_t lasting; /* whether all later ones fail too */
    uint32_t struck;
    uint32_t counts[KINDS];
};

static struct control *shared;

__attribute__((constructor)) static void prepare(void)
{
    const char *path = getenv("FAILING_WRITES_CONTROL");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *mapped = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    shared = mapped == MAP_FAILED ? NULL : mapped;
}

static int below(const char *path, const char *prefixes)
{
    while (prefixes && *prefixes) {
        size_t length = strcspn(prefixes, ":");
        if (strncmp(path, prefixes, length) == 0)
            return 1;
        prefixes += length + (prefixes[length] == ':');
    }
    return 0;
}

/* Whether this call fails; errno says why then. */
static int fails(int fd, int is_fsync)
{
    if (!shared || !__atomic_load_n(&shared->armed, __ATOMIC_SEQ_CST))
        return 0;
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    int in_store = below(path, getenv("FAILING_WRITES_STORE"));
    if (!in_store && !below(path, getenv("FAILING_WRITES_FILES")))
        return 0;
    uint32_t kind = (in_store ? STORE_WRITE : FILE_WRITE) + (is_fsync ? 1 : 0);
    uint32_t count = __atomic_add_fetch(&shared->counts[kind], 1, __ATOMIC_SEQ_CST);
    if (kind != shared->kind || count < shared->number || (count > shared->number && !shared->lasting))
        return 0;
    if (!shared->number)
        return 0;
    __atomic_add_fetch(&shared->struck, 1, __ATOMIC_SEQ_CST);
    errno = is_fsync ? EIO : ENOSPC;
    return 1;
}

#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) \
        real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *from, size_t size)
{
    REAL(write);
    return fails(fd, 0) ? -1 : real(fd, from, size);
}

ssize_t pwrite(int fd, const void *from, size_t size, off_t at)
{
    REAL(pwrite);
    return fails(fd, 0) ? -1 : real(fd, from, size, at);
}

ssize_t pwrite64(int fd, const void *from, size_t size, off64_t at)
{
    REAL(pwrite64);
    return fails(fd, 0) ? -1 : real(fd, from, size, at);
}

ssize_t writev(int fd, const struct iovec *from, int count)
{
    REAL(writev);
    return fails(fd, 0) ? -1 : real(fd, from, count);
}

ssize_t pwritev(int fd, const struct iovec *from, int count, off_t at)
{
    REAL(pwritev);
    return fails(fd, 0) ? -1 : real(fd, from, count, at);
}

ssize_t pwritev64(int fd, const struct iovec *from, int count, off64_t at)
{
    REAL(pwritev64);
    return fails(fd, 0) ? -1 : real(fd, from, count, at);
}

ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *into, size_t size, unsigned flags)
{
    REAL(copy_file_range);
    return fails(to, 0) ? -1 : real(from, at, to, into, size, flags);
}

int fallocate(int fd, int mode, off_t at, off_t size)
{
    REAL(fallocate);
    return fails(fd, 0) ? -1 : real(fd, mode, at, size);
}

int fallocate64(int fd, int mode, off64_t at, off64_t size)
{
    REAL(fallocate64);
    return fails(fd, 0) ? -1 : real(fd, mode, at, size);
}

ssize_t sendfile64(int to, int from, off64_t *at, size_t size)
{
    REAL(sendfile64);
    return fails(to, 0) ? -1 : real(to, from, at, size);
}

int posix_fallocate64(int fd, off64_t at, off64_t size)
{
    REAL(posix_fallocate64);
    return fails(fd, 0) ? errno : real(fd, at, size);
}

int fsync(int fd)
{
    REAL(fsync);
    return fails(fd, 1) ? -1 : real(fd);
}

int fdatasync(int fd)
{
    REAL(fdatasync);
    return fails(fd, 1) ? -1 : real(fd);
}
