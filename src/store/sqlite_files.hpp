#pragma once
// The calls to the operating system that keep a snapshot's file and a copy's, in one place, so that tests can make them
// fail.
#include <patron/base/result.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

namespace patron::store_detail {

/// The calls that keep a snapshot's file. Errors: errc::io_failure.
class files {
public:
    virtual ~files() = default;
    /// A new file, empty and open for writing. Precondition of the others: `file` is such a one, or `open_to_read`'s.
    virtual result<int> create(std::string const& path) = 0;
    virtual result<void> write(int file, std::string_view bytes) = 0;
    virtual result<void> sync(int file) = 0;
    virtual void close(int file) = 0;
    /// In the place of what was there.
    virtual result<void> rename(std::string const& from, std::string const& to) = 0;
    /// Gives `from` the name `to`, where nothing may be.
    virtual result<void> rename_to_new(std::string const& from, std::string const& to) = 0;
    virtual result<void> sync_folder_of(std::string const& path) = 0;
    virtual void remove(std::string const& path) = 0;
    /// -1 where there is no such file.
    virtual result<int> open_to_read(std::string const& path) = 0;
    virtual result<std::uint64_t> size(int file) = 0;
    /// Errors: errc::damaged when the file ends before.
    virtual result<void> read(int file, std::uint64_t from, char* to, std::size_t size) = 0;
};

class posix_files : public files {
public:
    result<int> create(std::string const& path) override {
        auto const file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (file < 0) return failed("create", path);
        return file;
    }
    result<void> write(int file, std::string_view bytes) override {
        while (!bytes.empty()) {
            auto const done = ::write(file, bytes.data(), std::min(bytes.size(), std::size_t{1} << 30U));
            if (done < 0 && errno == EINTR) continue;
            if (done < 0) return failed("write", {});
            bytes.remove_prefix(static_cast<std::size_t>(done));
        }
        return {};
    }
    result<void> sync(int file) override {
        if (::fsync(file) != 0) return failed("flush", {});
        return {};
    }
    void close(int file) override { ::close(file); }
    result<void> rename(std::string const& from, std::string const& to) override {
        if (::rename(from.c_str(), to.c_str()) != 0) return failed("rename", to);
        return {};
    }
    result<void> rename_to_new(std::string const& from, std::string const& to) override {
        if (::link(from.c_str(), to.c_str()) != 0) {  // unlike rename it never replaces what is there
            if (errno != EPERM && errno != ENOTSUP && errno != ENOSYS) return failed("rename", to);
            struct stat there{};
            if (::stat(to.c_str(), &there) == 0) {
                errno = EEXIST;
                return failed("rename", to);
            }
            return rename(from, to);
        }
        ::unlink(from.c_str());
        return {};
    }
    result<void> sync_folder_of(std::string const& path) override {
        auto const folder = std::filesystem::path{path}.parent_path();
        auto const file = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (file < 0) return failed("open", folder.string());
        auto const done = ::fsync(file);
        auto const why = errno;
        ::close(file);
        errno = why;
        if (done != 0 && why != EINVAL) return failed("flush", folder.string());  // some systems flush no folders
        return {};
    }
    void remove(std::string const& path) override { ::unlink(path.c_str()); }
    result<int> open_to_read(std::string const& path) override {
        auto const file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (file < 0 && errno == ENOENT) return -1;
        if (file < 0) return failed("open", path);
        return file;
    }
    result<std::uint64_t> size(int file) override {
        struct stat about{};
        if (::fstat(file, &about) != 0) return failed("look at", {});
        return static_cast<std::uint64_t>(about.st_size);
    }
    result<void> read(int file, std::uint64_t from, char* to, std::size_t size) override {
        while (size > 0) {
            auto const done = ::pread(file, to, std::min(size, std::size_t{1} << 30U), static_cast<off_t>(from));
            if (done < 0 && errno == EINTR) continue;
            if (done < 0) return failed("read", {});
            if (done == 0) {
                return error{.code = errc::damaged,
                             .field = "snapshot",
                             .saw = "the file's end after " + std::to_string(from) + " bytes",
                             .remedy = "save another"};
            }
            to += done;
            from += static_cast<std::uint64_t>(done);
            size -= static_cast<std::size_t>(done);
        }
        return {};
    }

private:
    static error failed(char const* doing, std::string const& path) {
        auto const number = errno;
        auto const full = number == ENOSPC || number == EDQUOT;
        auto const there = number == EEXIST;
        return {.code = errc::io_failure,
                .field = std::string{doing} + " a file",
                .saw = std::generic_category().message(number),
                .remedy = full    ? "make room on the disk, and try again"
                          : there ? "there is something already: choose another path"
                                  : "look at the path, its folder and the rights to them",
                .source = path};
    }
};

[[nodiscard]] inline std::shared_ptr<files> system_files() { return std::make_shared<posix_files>(); }

}  // namespace patron::store_detail
