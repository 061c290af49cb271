#pragma once
// What tests reach into: sizes small enough to see every path, calls that fail, steps of a later release.
#include <patron/base/result.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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

struct sqlite_internals {
    std::string vfs{};                                      ///< SQLite's name of its file layer; empty: the default
    std::shared_ptr<store_detail::files> snapshot_files{};  ///< null: the system's
    std::size_t run_pairs = 65'536;                         ///< entries after which a run is written
    std::size_t piece_pairs = 504;                          ///< of a run in one piece: four of them fill a page
    std::size_t merged_runs = 8;                            ///< of a level become one of the next
    int last_level = 2;                      ///< whose runs are not merged any more: a merge holds up an append
    std::size_t run_worth_closing = 16'384;  ///< entries for which a run is written when the store is closed
    std::vector<std::string> later_steps{};  ///< SQL that brings the schema on by one version each, behind ours
};

}  // namespace patron::store_detail
