#pragma once
// Persons of facts, and the pseudonyms that stand for them in everything that is kept (ARC-6).
#include <patron/engine/event_store.hpp>
#include <patron/fact/fact.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace patron::store_detail {

inline constexpr std::string_view pseudonym_mark = "@person-";

/// The person that a fact names; null where its kind names none.
[[nodiscard]] std::string* person_of(fact& f);

/// Puts names in place of the pseudonyms in a text. `name_of(pseudonym)` is empty for one that was erased.
[[nodiscard]] std::string with_names(std::string_view text,
                                     std::function<std::string(std::string_view)> const& name_of);

/// The persons that a store knows, read customer by customer as they are needed.
class people {
public:
    explicit people(any_event_store& from) : from_{&from} {}

    /// Replaces the persons that a fact names. Those not known yet are added to `fresh`, for the append.
    /// Errors: those of the store; errc::missing_field for a correction of a person that names no customer.
    [[nodiscard]] result<void> hide(fact& f, std::vector<personal_text>& fresh);
    /// Names in place of pseudonyms, as far as the store still has them.
    [[nodiscard]] std::string reveal(std::string_view customer, std::string_view text);
    /// The pseudonym of a name; empty when it is not known. Errors: those of the store.
    [[nodiscard]] result<std::string> pseudonym_of(std::string_view customer, std::string_view name);
    /// The note under which a slot's count of pseudonyms is kept, and its value for an append.
    [[nodiscard]] std::pair<std::string, std::string> count_note(std::uint16_t slot) const;
    void forget() {
        known_.clear();
        counts_.clear();
    }

private:
    [[nodiscard]] result<std::vector<personal_text>*> of(std::string_view customer);
    [[nodiscard]] result<void> hide_name(std::string_view customer, std::string& name,
                                         std::vector<personal_text>& fresh);

    any_event_store* from_;
    std::map<std::string, std::vector<personal_text>, std::less<>> known_;
    std::map<std::uint16_t, std::uint64_t> counts_;
};

}  // namespace patron::store_detail
