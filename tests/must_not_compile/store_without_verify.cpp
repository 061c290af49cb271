// A store that cannot be looked through is no store: the diagnostic names the member that is missing.
#include <patron/engine/event_store.hpp>

using namespace patron;

struct forgetful {
    result<append_outcome> append(append_batch const&);
    result<append_outcome> append_with(append_decider const&);
    result<slot_versions> versions();
    result<void> read_slot(std::uint16_t, std::uint64_t, entry_visitor const&);
    result<void> read_customer(std::string_view, entry_visitor const&);
    result<void> read_since(slot_versions const&, entry_visitor const&);
    result<std::vector<kept_decision>> decisions(std::uint64_t, std::uint64_t);
    result<std::uint32_t> add_rulebook(std::string_view, std::string_view);
    result<std::vector<kept_rulebook>> rulebooks();
    result<std::vector<personal_text>> personal(std::string_view);
    result<std::uint64_t> erase_personal(std::string_view, std::string_view);
    result<std::optional<std::string>> note(std::string_view);
    result<void> save_snapshot(std::vector<slot_image> const&);
    result<std::optional<kept_snapshot>> load_snapshot();
#if !defined(PATRON_BREAK)
    result<store_report> verify();
#endif
};
static_assert(event_store<forgetful>);
