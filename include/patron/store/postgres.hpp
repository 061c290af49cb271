/// A store in PostgreSQL: one book for many processes, each of which writes to the slots that it leases (ENG-5).
#pragma once
#include <patron/engine/event_store.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1::store {

/// Which slots an append sees to.
enum class leasing : std::uint8_t {
    as_written,  ///< those that it writes to or expects a version of: others may write to the rest meanwhile
    whole_book,  ///< all of them: one process writes at a time, and a decider sees a book that nobody else changes
};

/// How a `postgres_store` behaves; what is left out suits a process beside a few others.
struct postgres_options {
    /// The schema that holds the book's tables; made when it is not there. A lower-case name of at most 63 bytes.
    std::string schema = "patron";
    /// What the lease table calls this store; unique. Empty: host, process number and a random number.
    std::string holder{};
    /// How long a lease lasts without being renewed, by the server's clock; at least 200 ms. It is renewed after a third.
    std::chrono::milliseconds lease = std::chrono::seconds{10};
    /// How long an append waits for slots that others hold before it is errc::busy.
    std::chrono::milliseconds wait = std::chrono::seconds{30};
    /// How long a call tries to reach a server that has gone away.
    std::chrono::milliseconds reconnect = std::chrono::seconds{10};
    /// Whether slots that others ask for are released at the next renewal, once no append is under way in them.
    /// A program that has something to finish first says no, looks at `wanted` and releases them itself.
    bool give_way = true;
    leasing slots = leasing::as_written;
    bool create = true;  ///< false: a database without a book in the schema is errc::io_failure
};

/// A slot that a store may write to.
struct slot_lease {
    std::uint16_t slot = 0;
    std::uint64_t epoch = 0;  ///< goes up each time that the slot is acquired, by whomever

    friend bool operator==(slot_lease const&, slot_lease const&) = default;
};

/// Keeps a book in a PostgreSQL database (14 or later), which any number of processes may have open.
///
/// Reading needs no lease. To append, a store must lease the slots; `append` acquires what it does not hold. Each append
/// is fenced in its own transaction by the epochs of its leases: when another process has taken a slot over, it is
/// errc::lease_lost and nothing is written. A background thread renews what is held. All expiry is by the server's clock;
/// the steady clock of this machine only makes a store distrust its leases earlier than the server ends them.
///
/// Appends of several threads share transactions, each refused or accepted on its own. A connection that breaks before
/// the commit is opened anew and the append made again; one that breaks during the commit is looked up: each journal
/// row bears the number of the transaction that wrote it. Only when the server stays away for `reconnect` is
/// the outcome unknown; the errc::io_failure then says so, and the versions tell it as soon as the server is back.
///
/// With leasing::as_written, a decider may find that a slot that it wanted to write to was written by another process
/// while it decided: errc::stale_version. It must not append or erase; it may read.
///
/// A store that is destroyed releases its leases. docs/postgresql.md tells of setup, roles and Citus.
/// Thread safety: all of it. Moving one that is in use by another thread is not.
class postgres_store {
public:
    /// Opens the book at `url`, anything that libpq takes; makes its tables in an empty schema.
    ///
    /// Errors: errc::io_failure when the server is not reached or refuses, errc::foreign_file when the schema holds
    /// tables of these names that are not patron's, errc::newer_format, errc::not_supported for a server before
    /// 14, errc::malformed for an option or URL that cannot be. No text bears the password.
    [[nodiscard]] PATRON_API static result<postgres_store> open(std::string const& url, postgres_options options = {});
    PATRON_API postgres_store(postgres_store&&) noexcept;
    PATRON_API postgres_store& operator=(postgres_store&&) noexcept;
    PATRON_API ~postgres_store();

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
    /// Replaces the images of these slots, all or none; those of other slots, which other processes save, stay.
    PATRON_API result<void> save_snapshot(std::vector<slot_image> const& images);
    PATRON_API result<std::optional<kept_snapshot>> load_snapshot();
    /// Sees one state of the book, however long it takes and whoever writes meanwhile.
    PATRON_API result<store_report> verify();

    /// Leases these slots, waiting up to `wait`, or as long as an append would, for those that others hold, who are asked to
    /// give way.
    /// Errors: errc::busy names the first slot that was not had, who holds it and until when; what was had is held.
    PATRON_API result<void> acquire(std::vector<std::uint16_t> const& slots, std::chrono::milliseconds wait);
    PATRON_API result<void> acquire(std::vector<std::uint16_t> const& slots);
    /// Makes all leases that are held last anew. errc::lease_lost names the first that was not there any more.
    PATRON_API result<void> renew();
    /// Gives slots up, as soon as no append is under way in them. Of slots that are not held: nothing.
    PATRON_API result<void> release(std::vector<std::uint16_t> const& slots);
    /// What this store may write to right now, in the order of slots.
    [[nodiscard]] PATRON_API std::vector<slot_lease> held() const;
    /// Held slots that others ask for.
    PATRON_API result<std::vector<std::uint16_t>> wanted();

    /// How many slots each of the live workers would hold, rounded up. Who asks is a live worker from then on.
    PATRON_API result<std::uint16_t> fair_share();
    /// Acquires slots that are free up to the fair share, releases what is above it; the number of slots then held.
    PATRON_API result<std::uint16_t> balance();

    /// What the lease table calls this store.
    [[nodiscard]] PATRON_API std::string const& holder() const noexcept;

private:
    struct impl;
    explicit postgres_store(std::unique_ptr<impl> opened) noexcept;
    std::unique_ptr<impl> impl_;
};
static_assert(event_store<postgres_store>);

/// Every slot there is, in order.
[[nodiscard]] PATRON_API std::vector<std::uint16_t> every_slot();

}  // namespace patron::v1::store
