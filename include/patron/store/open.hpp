/// A store by its address, of those that this build has (ENG-5).
#pragma once
#include <patron/engine/event_store.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1::store {

/// What whoever opens a store is going to do with it.
enum class access : std::uint8_t {
    read,    ///< nothing is written; what is not there is an error
    write,   ///< what is not there is an error
    create,  ///< what is not there is made
};

/// Opens the store that an address names: "memory:", "sqlite:PATH", or "postgresql://…" as libpq takes it.
/// Errors: errc::malformed for what is no such address, errc::not_supported for a store that this build does not have,
///         errc::io_failure for one that is not there or cannot be reached, and those of the store's own `open`.
[[nodiscard]] PATRON_API result<any_event_store> open_store(std::string_view url, access how = access::create);

/// The stores that this build has: "memory", "sqlite", "postgresql".
[[nodiscard]] PATRON_API std::vector<std::string> stores_built_in();

}  // namespace patron::v1::store
