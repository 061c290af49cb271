#pragma once
// What tests reach into: sizes small enough to see every path, calls that fail, steps of a later release.
#include "sqlite_files.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace patron::store_detail {

struct sqlite_internals {
    std::string vfs{};                                      ///< SQLite's name of its file layer; empty: the default
    std::shared_ptr<store_detail::files> snapshot_files{};  ///< null: the system's
    std::size_t run_pairs = 65'536;                         ///< entries after which a run is written
    std::size_t piece_pairs = 504;                          ///< of a run in one piece: four of them fill a page
    std::size_t merged_runs = 16;                           ///< of a level become one of the next
    int last_level = 2;                      ///< whose runs are not merged any more: a merge holds up an append
    std::size_t run_worth_closing = 16'384;  ///< entries for which a run is written when the store is closed
    std::vector<std::string> later_steps{};  ///< SQL that brings the schema on by one version each, behind ours
};

}  // namespace patron::store_detail
