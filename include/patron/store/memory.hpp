/// A store in memory: for tests, trials and books that need not survive the program (ENG-5).
#pragma once
#include <patron/engine/event_store.hpp>

#include <memory>

namespace patron::inline v1::store {

/// Keeps everything in memory, under one lock. Copies are handles to the same store.
/// "Durable" means here: until the last copy is gone.
/// Complexity: appends linear in the batch; `read_customer` linear in the customer's slot.
class memory_store {
public:
    PATRON_API memory_store();

    PATRON_API result<append_outcome> append(append_batch const& batch);
    PATRON_API result<append_outcome> append_with(append_decider const& decide);
    PATRON_API result<slot_versions> versions();
    PATRON_API result<void> read_slot(std::uint16_t slot, std::uint64_t after, entry_visitor const& each);
    PATRON_API result<void> read_customer(std::string_view code, entry_visitor const& each);
    PATRON_API result<void> read_since(slot_versions const& seen, entry_visitor const& each);
    PATRON_API result<std::vector<kept_decision>> decisions(std::uint64_t from, std::uint64_t most);
    PATRON_API result<std::uint32_t> add_rulebook(std::string_view version, std::string_view text);
    PATRON_API result<std::vector<kept_rulebook>> rulebooks();
    PATRON_API result<std::vector<personal_text>> personal(std::string_view customer);
    PATRON_API result<std::uint64_t> erase_personal(std::string_view customer, std::string_view pseudonym);
    PATRON_API result<std::optional<std::string>> note(std::string_view name);
    PATRON_API result<void> save_snapshot(std::vector<slot_image> const& images);
    PATRON_API result<std::optional<kept_snapshot>> load_snapshot();
    PATRON_API result<store_report> verify();

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};
static_assert(event_store<memory_store>);

}  // namespace patron::v1::store
