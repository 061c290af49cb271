#pragma once
// A file layer for SQLite whose calls fail when they are told to, as those of a disk do that is full, or breaks.
#include <sqlite3.h>

#include <cstring>
#include <string>

namespace sqlite_test {

enum class fault { disk_full, io_error, short_write };

/// What is to fail: the call with that number, and where `for_good` is set all that follow.
struct fault_plan {
    long at = -1;
    fault kind = fault::io_error;
    bool for_good = false;
    long calls = 0;   ///< that could have failed so far
    long failed = 0;  ///< that did
    bool reads_fail = false;

    bool fails() {
        auto const n = calls++;
        auto const now = at >= 0 && (n == at || (for_good && n > at));
        failed += now ? 1 : 0;
        return now;
    }
};

/// Registers itself under `name` for as long as it lives. Flushes are not passed on: nothing here loses its power.
class fault_vfs {
public:
    static constexpr char const* name = "patron-fault";

    fault_vfs() : real_{sqlite3_vfs_find(nullptr)} {
        vfs_ = *real_;
        vfs_.zName = name;
        vfs_.pNext = nullptr;
        vfs_.szOsFile = static_cast<int>(sizeof(file)) + real_->szOsFile;
        vfs_.pAppData = this;
        vfs_.xOpen = &fault_vfs::open;
        vfs_.xDelete = [](sqlite3_vfs* v, char const* path, int sync) {
            auto& self = of(v);
            if (self.plan.fails()) return static_cast<int>(SQLITE_IOERR_DELETE);
            return self.real_->xDelete(self.real_, path, sync);
        };
        vfs_.xAccess = [](sqlite3_vfs* v, char const* path, int flags, int* out) {
            return of(v).real_->xAccess(of(v).real_, path, flags, out);
        };
        vfs_.xFullPathname = [](sqlite3_vfs* v, char const* path, int size, char* out) {
            return of(v).real_->xFullPathname(of(v).real_, path, size, out);
        };
        sqlite3_vfs_register(&vfs_, 0);
    }
    fault_vfs(fault_vfs const&) = delete;
    fault_vfs& operator=(fault_vfs const&) = delete;
    ~fault_vfs() { sqlite3_vfs_unregister(&vfs_); }

    fault_plan plan;

private:
    struct file {
        sqlite3_file base;
        fault_vfs* vfs;

        [[nodiscard]] sqlite3_file* real() noexcept {
            return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(this) + sizeof(file));
        }
    };
    static file& as(sqlite3_file* f) noexcept { return *reinterpret_cast<file*>(f); }
    static sqlite3_file* real(sqlite3_file* f) noexcept { return as(f).real(); }
    static fault_vfs& of(sqlite3_vfs* v) noexcept { return *static_cast<fault_vfs*>(v->pAppData); }
    static fault_plan& plan_of(sqlite3_file* f) noexcept { return as(f).vfs->plan; }

    static int open(sqlite3_vfs* v, char const* path, sqlite3_file* f, int flags, int* out_flags) {
        auto& self = of(v);
        f->pMethods = nullptr;
        if (self.plan.fails()) return self.plan.kind == fault::disk_full ? SQLITE_FULL : SQLITE_CANTOPEN;
        std::memset(static_cast<void*>(f), 0, static_cast<std::size_t>(self.vfs_.szOsFile));
        as(f).vfs = &self;
        auto const code = self.real_->xOpen(self.real_, path, as(f).real(), flags, out_flags);
        if (as(f).real()->pMethods != nullptr) f->pMethods = methods();
        return code;
    }
    static int write(sqlite3_file* f, void const* bytes, int size, sqlite3_int64 at) {
        auto& plan = plan_of(f);
        if (!plan.fails()) return real(f)->pMethods->xWrite(real(f), bytes, size, at);
        if (plan.kind == fault::short_write) real(f)->pMethods->xWrite(real(f), bytes, size / 2, at);
        return plan.kind == fault::io_error ? SQLITE_IOERR_WRITE : SQLITE_FULL;
    }

    static sqlite3_io_methods const* methods() {
        static sqlite3_io_methods const all = [] {
            sqlite3_io_methods m{};
            m.iVersion = 2;
            m.xClose = [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); };
            m.xRead = [](sqlite3_file* f, void* to, int size, sqlite3_int64 at) {
                if (plan_of(f).reads_fail) return static_cast<int>(SQLITE_IOERR_READ);
                return real(f)->pMethods->xRead(real(f), to, size, at);
            };
            m.xWrite = &fault_vfs::write;
            m.xTruncate = [](sqlite3_file* f, sqlite3_int64 size) {
                if (plan_of(f).fails()) return static_cast<int>(SQLITE_IOERR_TRUNCATE);
                return real(f)->pMethods->xTruncate(real(f), size);
            };
            m.xSync = [](sqlite3_file* f, int) {
                return plan_of(f).fails() ? static_cast<int>(SQLITE_IOERR_FSYNC) : SQLITE_OK;
            };
            m.xFileSize = [](sqlite3_file* f, sqlite3_int64* out) {
                return real(f)->pMethods->xFileSize(real(f), out);
            };
            m.xLock = [](sqlite3_file* f, int how) { return real(f)->pMethods->xLock(real(f), how); };
            m.xUnlock = [](sqlite3_file* f, int how) { return real(f)->pMethods->xUnlock(real(f), how); };
            m.xCheckReservedLock = [](sqlite3_file* f, int* out) {
                return real(f)->pMethods->xCheckReservedLock(real(f), out);
            };
            m.xFileControl = [](sqlite3_file* f, int op, void* arg) {
                return real(f)->pMethods->xFileControl(real(f), op, arg);
            };
            m.xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); };
            m.xDeviceCharacteristics = [](sqlite3_file* f) {
                return real(f)->pMethods->xDeviceCharacteristics(real(f));
            };
            m.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
                return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
            };
            m.xShmLock = [](sqlite3_file* f, int offset, int n, int flags) {
                return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
            };
            m.xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); };
            m.xShmUnmap = [](sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); };
            return m;
        }();
        return &all;
    }

    sqlite3_vfs* real_;
    sqlite3_vfs vfs_{};
};

}  // namespace sqlite_test
