#pragma once
// What every store of ours asks of a batch before it looks at what it holds.
#include <patron/engine/event_store.hpp>

#include <string>

namespace patron::store_detail {

inline result<void> check_entries(append_batch const& batch) {
    for (auto const& e : batch.entries) {
        if (e.slot >= slots_in_all) {
            return error{.code = errc::out_of_range,
                         .field = "slot",
                         .saw = std::to_string(e.slot),
                         .remedy = "slots go from 0 to " + std::to_string(book_slot)};
        }
        if (e.bytes.empty()) {
            return error{
                .code = errc::missing_field, .field = "bytes", .saw = {}, .remedy = "an entry has at least one byte"};
        }
    }
    for (auto const& e : batch.expected) {
        if (e.slot >= slots_in_all) {
            return error{.code = errc::out_of_range,
                         .field = "slot",
                         .saw = std::to_string(e.slot),
                         .remedy = "slots go from 0 to " + std::to_string(book_slot)};
        }
    }
    return {};
}

inline error stale(std::uint16_t slot, std::uint64_t held) {
    return {.code = errc::stale_version,
            .field = "slot " + std::to_string(slot),
            .saw = std::to_string(held) + " entries",
            .remedy = "somebody else has written to it: read what is new, and decide again"};
}

inline error conflicting(std::string_view ref) {
    return {.code = errc::conflicting_reference,
            .field = "ref",
            .saw = std::string{ref.substr(0, 80)},
            .remedy = "the reference came before with other content; give the fact its own, or send a correction"};
}

}  // namespace patron::store_detail
