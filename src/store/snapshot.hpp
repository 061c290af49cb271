#pragma once
// A book's state as images by slot, for a store's snapshot; written and read with Boost.Serialization's binary archive.
#include <patron/engine/event_store.hpp>
#include <patron/engine/impl/keeper.hpp>

#include <string>
#include <vector>

namespace patron::store_detail {

/// The image of a slot, or of what belongs to the book as a whole. Complexity: linear in the slot's customers; for the
/// book's own, in all references.
[[nodiscard]] std::string write_image(detail::keeper& book, std::uint16_t slot);

/// Takes an image into an engine that holds nothing of that slot. `thread` is of those prepared.
/// Errors: errc::not_supported for an image of another kind of machine or of a later release, errc::damaged for one that
/// no release wrote; the engine must not be used then. Never reads beyond the bytes, never takes more memory than a few
/// times their size.
[[nodiscard]] result<void> read_image(detail::keeper& book, unsigned thread, std::uint16_t slot,
                                      std::string_view bytes);

}  // namespace patron::store_detail
