#pragma once
// Looks through a whole book in PostgreSQL and compares everything with everything.
#include "postgres_rows.hpp"
#include "postgres_schema.hpp"

#include <set>
#include <utility>

namespace patron::store_detail {

/// Precondition: the session is in a transaction that sees one state.
struct verifier {
    session& s;
    store_report out{};
    std::set<std::pair<std::uint16_t, std::uint64_t>> decisions{};

    void fault(std::string where, std::string const& what) { out.faults.push_back(std::move(where) + ": " + what); }
    static std::string place(std::uint16_t slot, std::uint64_t entry) {
        return "slot " + std::to_string(slot) + ", entry " + std::to_string(entry);
    }

    result<void> slot(std::uint16_t number, std::uint64_t version, std::string_view head) {
        std::uint64_t next = 0;
        std::string last;
        for (std::uint64_t from = 0;;) {
            auto const page = s.run(rows_sql, params{}.smallint(number).bigint(from));
            if (!page) return page.error();
            for (int i = 0; i < page.value().rows(); ++i) {
                row_view const row{number, page.value(), i};
                if (row.first != next) fault(place(number, next), "no row holds it");
                if (row.before != last) fault(place(number, row.first), "its row does not follow the one before it");
                row_of(row, page.value(), i);
                next = row.first + row.count;
                last = row.sealed;
                from = std::max(from + 1, next);
            }
            if (page.value().rows() < rows_a_page) break;
        }
        if (next != version) {
            fault("slot " + std::to_string(number),
                  "its head counts " + std::to_string(version) + " entries, its journal " + std::to_string(next));
        } else if (head != last) {
            fault("slot " + std::to_string(number), "its head is not the digest of its last row");
        }
        return {};
    }

    void row_of(row_view const& row, answer const& a, int i) {
        auto const entries = row.entries();
        if (!entries) {
            out.entries += row.count;
            return fault(entries.error().field, entries.error().saw);
        }
        std::int32_t facts = 0;
        std::vector<std::string_view> customers;
        auto entry = row.first;
        for (auto const& e : entries.value()) {
            auto const kind = kind_of_entry(e.bytes);
            if (kind == entry_kind::fact_told) ++facts;
            if (kind == entry_kind::decision_made) decisions.emplace(row.slot, entry);
            customers.push_back(e.customer);
            ++entry;
        }
        out.entries += row.count;
        out.facts += static_cast<std::uint64_t>(facts);
        if (a.integer(i, 5) != facts || a.bytes(i, 6) != keys_of(customers)) {
            fault(place(row.slot, row.first), "its row says otherwise than its entries what they are of");
        }
    }

    result<void> outbox() {
        out.decisions = decisions.size();
        std::set<std::pair<std::uint16_t, std::uint64_t>> followed;
        std::uint64_t position = 0;
        for (;;) {
            auto const page = s.run(outbox_sql, params{}.bigint(position + 1).bigint(10'000));
            if (!page) return page.error();
            auto const& a = page.value();
            for (int i = 0; i < a.rows(); ++i) {
                if (a.bigint(i, 0) != position + 1) {
                    fault("outbox, position " + std::to_string(position + 1), "there is no decision of that position");
                }
                position = a.bigint(i, 0);
                std::pair const at{a.smallint(i, 1), a.bigint(i, 3)};
                auto const where = "outbox, position " + std::to_string(position);
                if (!decisions.contains(at)) fault(where, place(at.first, at.second) + " is no decision");
                if (!followed.insert(at).second) fault(where, "its decision has another position, too");
            }
            if (a.rows() < 10'000) break;
        }
        auto const counted = s.run(count_sql, params{}.bytes("outbox"));
        if (!counted) return counted.error();
        if (counted.value().rows() != 1 || counted.value().bigint(0, 0) != position) {
            fault("outbox", "its counter is not its last position, " + std::to_string(position));
        }
        auto const waiting = s.run("SELECT slot, entry FROM @unsequenced");
        if (!waiting) return waiting.error();
        for (int i = 0; i < waiting.value().rows(); ++i) {
            std::pair const at{waiting.value().smallint(i, 0), waiting.value().bigint(i, 1)};
            if (!decisions.contains(at))
                fault(place(at.first, at.second), "it waits for a position and is no decision");
            if (!followed.insert(at).second) fault(place(at.first, at.second), "it waits for a position and has one");
        }
        for (auto const& at : decisions) {
            if (!followed.contains(at)) fault(place(at.first, at.second), "the outbox does not have this decision");
        }
        return {};
    }

    result<void> images() {
        std::int32_t nth = 0;
        for (std::uint16_t last = 0;;) {
            auto const page = s.run(images_sql, params{}.integer(nth).smallint(last));
            if (!page) return page.error();
            auto const& a = page.value();
            for (int i = 0; i < a.rows(); ++i) {
                last = a.smallint(i, 0);
                nth = a.integer(i, 4);
                if (view_of(digest_of_image(last, a.bigint(i, 1), a.bytes(i, 2))) != a.bytes(i, 3)) {
                    fault("snapshot, slot " + std::to_string(last), "its image is not what was saved");
                }
            }
            if (a.rows() < 8) return {};
        }
    }

    result<void> all() {
        auto const heads = s.run(heads_sql);
        if (!heads) return heads.error();
        if (heads.value().rows() != slots_in_all) {
            fault("lease", "it has " + std::to_string(heads.value().rows()) + " rows, not one a slot");
        }
        for (int i = 0; i < heads.value().rows(); ++i) {
            if (auto const done =
                    slot(heads.value().smallint(i, 0), heads.value().bigint(i, 1), heads.value().bytes(i, 2));
                !done) {
                return done;
            }
        }
        if (auto const done = outbox(); !done) return done;
        return images();
    }
};

}  // namespace patron::store_detail
