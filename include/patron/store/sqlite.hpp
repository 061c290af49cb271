/// A store in one SQLite file: what a program has by default, with nothing to install or to look after (ENG-5).
#pragma once
#include <patron/engine/event_store.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace patron::store_detail {
struct sqlite_internals;  // what tests reach into
}

namespace patron::inline v1::store {

/// When an append counts as durable.
enum class sqlite_synchronous : std::uint8_t {
    full,    ///< the disk has it: what was acknowledged survives the loss of power
    normal,  ///< the system has it: survives the end of the program, however sudden; the loss of power may take the last
    ///< appends along, whole ones from the end, and leaves the rest sound. Many times as fast for small appends
};

struct sqlite_options {
    sqlite_synchronous synchronous = sqlite_synchronous::full;
    std::chrono::milliseconds busy_timeout{5'000};  ///< how long to wait for another process that writes
    bool create = true;                             ///< a path that does not exist becomes an empty store
    /// Writes nothing, while others may: for what only reads. The folder must still be writable, or the store open
    /// elsewhere, for readers and writers meet in a file beside the store.
    bool read_only = false;
    /// Opens even what is damaged, so that `verify` can tell all that is wrong and `rebuild_directory` can mend what
    /// is derived; every other call then gives errc::damaged.
    bool for_repair = false;
    std::size_t cache_bytes = std::size_t{16} << 20U;  ///< of database pages in memory
    std::shared_ptr<store_detail::sqlite_internals const> internals{};
};

/// What a store is like, for people.
struct sqlite_info {
    std::string file;            ///< where it is, in full
    std::string sqlite_version;  ///< of the library
    std::uint32_t schema = 0;    ///< version of the tables
    std::uint64_t entries = 0;
    std::uint64_t decisions = 0;
    std::uint64_t bytes = 0;           ///< of the database, without what is beside it
    std::uint64_t runs = 0;            ///< sorted parts of the directory; a look-up asks each
    std::uint64_t not_yet_sorted = 0;  ///< entries that only the memory knows how to find; read anew when it is opened
};

/// Keeps a book in one SQLite file, in WAL mode, with its snapshot in a file beside it (`path` + ".snapshot").
///
/// Entries of all slots that are appended together share rows of about 32 KiB, each bearing the digest of itself and
/// of the row before. No index is written per fact: a directory of sorted runs, derived from the journal, finds a
/// customer's and a slot's entries; it costs 8 bytes a fact each time that it is written, three times at most.
///
/// Appends from many threads share a transaction: whoever comes first writes for all that wait, so that they wait for
/// one flush of the disk together. A decider may thus be run by another thread that appends at the same time, while its
/// own waits: it must not wait for a lock that the caller of `append_with` holds. It, and a visitor, may read this
/// store, and not write to it (errc::impossible_now).
///
/// Several processes can use one file. What others append is noticed before each read and each append. A process that
/// wants to write while another does waits for `busy_timeout`, then gives errc::busy and has done nothing.
///
/// References: the first append after opening to a slot of which any version will do reads the whole journal, about a
/// second for ten million facts, and keeps 30 bytes a fact in memory from then on. Who states the versions that it has
/// seen does not need it.
///
/// Errors of all: errc::io_failure, damaged, busy; not_supported for what a read-only store would have to write.
/// After an errc::io_failure of an append the store goes on with what the file holds. Whether the disk has kept an
/// append that failed while it was being flushed shows when the store is opened again, as with any database: send it
/// again, for its references make it a duplicate then.
/// Complexity: an append is linear in its entries, and now and then writes a run of the directory: a pause of
/// milliseconds every 65,536 entries, of some tenths of a second every four millions. `read_customer` reads one row for
/// each of the customer's entries; `read_slot` likewise behind `after`; `read_since` what was not seen and at most
/// 65,536 entries more.
/// Thread safety: all of it; reads and appends take turns. Not to be carried through fork().
class sqlite_store {
public:
    /// Opens the store at `path`, a new one where there is none.
    ///
    /// Errors: errc::foreign_file for a file of another program; newer_format when a later release has written it;
    ///         damaged; io_failure for a path that cannot be opened; busy.
    /// Complexity: reads at most the last 65,536 entries.
    [[nodiscard]] static PATRON_API result<sqlite_store> open(std::string const& path, sqlite_options options = {});

    PATRON_API sqlite_store(sqlite_store&&) noexcept;
    PATRON_API sqlite_store& operator=(sqlite_store&&) noexcept;
    PATRON_API ~sqlite_store();

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
    /// Erased texts are overwritten in the file, and in the log beside it unless another process is just reading it.
    PATRON_API result<std::uint64_t> erase_personal(std::string_view customer, std::string_view pseudonym);
    PATRON_API result<std::optional<std::string>> note(std::string_view name);
    /// Written beside and renamed: whenever it is interrupted, the snapshot before it is still there.
    PATRON_API result<void> save_snapshot(std::vector<slot_image> const& images);
    PATRON_API result<std::optional<kept_snapshot>> load_snapshot();
    /// Memory: that of the largest image for each thread.
    PATRON_API result<bool> each_image(unsigned threads, image_visitor const& take);
    /// Does not hold up appends.
    PATRON_API result<store_report> verify();

    /// Copies the store as it is at one moment, with its snapshot, to a path where nothing is; appends go on meanwhile.
    /// The copy is whole or not there.
    /// Errors: errc::io_failure when there is something at `path`, or the disk refuses.
    PATRON_API result<void> backup(std::string const& path);

    /// Makes the directory anew from the journal: for a store of which `verify` says that its directory is wrong.
    /// Complexity: reads the whole journal; others wait.
    PATRON_API result<void> rebuild_directory();

    PATRON_API result<sqlite_info> info();

private:
    struct impl;
    explicit sqlite_store(std::unique_ptr<impl>) noexcept;
    std::unique_ptr<impl> impl_;
};
static_assert(event_store<sqlite_store>);

}  // namespace patron::v1::store
