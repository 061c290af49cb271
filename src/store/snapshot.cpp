#include "snapshot.hpp"

#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <boost/container/vector.hpp>
#include <boost/interprocess/streams/bufferstream.hpp>
#include <boost/interprocess/streams/vectorstream.hpp>

#include <bit>
#include <cstring>
#include <exception>
#include <span>
#include <stdexcept>

namespace patron::store_detail {

using namespace patron::detail;

namespace {

constexpr char magic[8] = {'p', 'a', 't', 'r', 'o', 'n', 's', 'n'};
constexpr std::uint32_t format = 8;

/// Stands before the archive, in place of its own header: the archive is not portable between machines, and reading
/// its header takes as much memory as the header says.
struct preamble {
    char name[8];
    std::uint32_t format;
    std::uint32_t byte_order;
    std::uint32_t state_bytes;
    std::uint32_t slot;
    std::uint32_t archive;  ///< version of Boost's archives
    std::uint32_t unused;
};
static_assert(sizeof(preamble) == 32);
constexpr auto archive_flags = boost::archive::no_header;
constexpr std::uint32_t byte_order = 0x01020304;

struct customer_image {
    std::array<std::uint32_t, 5> words;
    std::uint32_t changes;
    std::int16_t terms_days;
    std::uint16_t rulebook;
    std::uint16_t name_bytes;  ///< 0: the code itself
    std::uint8_t code_bytes;
    std::uint8_t kind;
    std::uint8_t has_records;
    std::array<std::uint8_t, 3> unused;
};
static_assert(sizeof(customer_image) == 36 && std::is_trivially_copyable_v<customer_image>);

struct change_image {
    std::int32_t on;
    std::uint8_t from;
    std::uint8_t to;
    std::uint8_t cause;
    std::uint8_t unused;
};
static_assert(sizeof(change_image) == 8);

/// Records, of customers that have some. What most of them have stands in arrays, which are read at once.
struct record_image {
    std::int64_t unallocated;
    std::uint32_t orders;
    std::uint32_t invoices;
    std::int32_t executive_visit;
    std::uint8_t ledger_is_complete;
    std::uint8_t has_lists;  ///< contacts and the like
    std::uint8_t dunning_level;
    std::uint8_t unused;
    std::int32_t dunning_on;
    std::uint32_t unused_too;
    payment_rhythm payments;
};
static_assert(sizeof(record_image) == 80);

struct order_image {
    std::int64_t ordered;
    std::int64_t cancelled;
    std::int64_t delivered;
    std::int64_t invoiced;
    std::uint32_t number_bytes;
    std::int32_t delivery_date;
};
static_assert(sizeof(order_image) == 40);

struct invoice_image {
    std::int64_t amount;
    std::int64_t open;
    std::int32_t issued;
    std::int32_t due;
    std::uint32_t number_bytes;
    std::uint32_t disputed;  ///< 1: it is; 2: it was at some time
};
static_assert(sizeof(invoice_image) == 32);

/// The codes of all currencies by their number in this release: states hold numbers, and a later release may number
/// them otherwise.
std::string currency_codes() {
    std::string codes;
    for (auto const& c : detail::currencies) codes += c.code[0] == '\0' ? "---" : std::string{c.code, 3};
    return codes;
}

std::uint32_t archive_version() {
    auto const version = boost::archive::BOOST_ARCHIVE_VERSION();
    return version;
}

struct unsound : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// --- writing -------------------------------------------------------------------------------------

class image_writer {
public:
    explicit image_writer(std::uint32_t slot) {
        preamble p{.name = {},
                   .format = format,
                   .byte_order = byte_order,
                   .state_bytes = sizeof(customer_state),
                   .slot = slot,
                   .archive = archive_version(),
                   .unused = 0};
        std::memcpy(p.name, magic, sizeof magic);
        out_.sputn(reinterpret_cast<char const*>(&p), sizeof p);
        archive_ = std::make_unique<boost::archive::binary_oarchive>(out_, archive_flags);
    }
    template <class T>
        requires std::is_arithmetic_v<T>
    void number(T n) {
        archive_->save_binary(&n, sizeof n);
    }
    void bytes(std::string_view t) { archive_->save_binary(t.data(), t.size()); }
    void text(std::string_view t) {
        number(static_cast<std::uint64_t>(t.size()));
        bytes(t);
    }
    template <class T>
    void array(std::vector<T> const& items) {
        static_assert(std::is_trivially_copyable_v<T>);
        number(static_cast<std::uint64_t>(items.size()));
        archive_->save_binary(items.data(), items.size() * sizeof(T));
    }
    std::string done() {
        archive_.reset();
        std::string bytes;
        out_.swap_vector(bytes);
        return bytes;
    }

private:
    boost::interprocess::basic_vectorbuf<std::string> out_{std::ios_base::out | std::ios_base::binary};
    std::unique_ptr<boost::archive::binary_oarchive> archive_;
};

/// Calls `pass.field(x)` for every field of the records: writing and reading visit the same.
template <class Pass>
void each_field(Pass& pass, contact& c) {
    pass.fields(c.person, c.role, c.department, c.level, c.known_by, c.since, c.left);
}
template <class Pass>
void each_field(Pass& pass, agreement& a) {
    pass.fields(a.name, a.kind, a.from, a.until);
}
template <class Pass>
void each_field(Pass& pass, complaint& c) {
    pass.fields(c.name, c.severity, c.step, c.since);
}
template <class Pass>
void each_field(Pass& pass, wallet_statement& w) {
    pass.fields(w.month, w.minor_units);
}
template <class Pass>
void each_field(Pass& pass, observation& o) {
    pass.fields(o.what, o.on, o.thousandths, o.ref);
}
template <class Pass>
void each_field(Pass& pass, thin_margin& m) {
    pass.fields(m.product, m.since);
}
template <class Pass>
void each_field(Pass& pass, dealer_support& s) {
    pass.fields(s.product, s.amount, s.from, s.until);
}
template <class Pass>
void each_field(Pass& pass, kept_advice& a) {
    pass.fields(a.on, a.is_taken, a.result);
}
template <class Pass>
void each_field(Pass& pass, day_number& d) {
    pass.fields(d);
}
template <class Pass>
void each_field(Pass& pass, credit_limit& l) {
    pass.fields(l.kind, l.amount, l.until, l.review_on);
    for (auto& part : l.season_basis_points) pass.fields(part);
}
template <class Pass>
void each_field(Pass& pass, temporary_limit& t) {
    pass.fields(t.from, t.until, t.is_unlimited, t.amount);
}
template <class Pass>
void each_field(Pass& pass, override_use& u) {
    pass.fields(u.order, u.amount);
}
template <class Pass>
void each_field(Pass& pass, kept_override& o) {
    pass.fields(o.order, o.by, o.reason, o.amount, o.tolerance_basis_points, o.from, o.until);
    pass.list(o.uses);
}
template <class Pass>
void each_field(Pass& pass, reservation& r) {
    pass.fields(r.name, r.order, r.amount, r.left, r.until);
}
template <class Pass>
void each_field(Pass& pass, quotation& q) {
    pass.fields(q.name, q.amount, q.left, q.until);
}
template <class Pass>
void each_field(Pass& pass, guarantee& g) {
    pass.fields(g.name, g.by, g.amount, g.left, g.until);
}
template <class Pass>
void each_field(Pass& pass, hold_reason& r) {
    pass.fields(r.rule, r.said);
}
template <class Pass>
void each_field(Pass& pass, kept_hold& h) {
    auto terms = h.terms_days.value_or(-1);
    pass.fields(h.order, h.by, h.reason, h.amount, terms, h.delivery_date, h.step, h.from, h.until, h.state,
                h.decided_by, h.decided_because, h.decided_on, h.has_gone_on, h.quotation);
    if (terms >= 0) h.terms_days = terms;
    else h.terms_days.reset();
    pass.list(h.reasons);
}
template <class Pass>
void each_field(Pass& pass, rebate_volume& v) {
    pass.fields(v.value, v.quantity);
}
template <class Pass>
void each_field(Pass& pass, rebate_progress& p) {
    each_field(pass, p.counted);
    each_field(pass, p.taken_off);
    pass.fields(p.paid, p.clawed_back, p.forfeited, p.is_final, p.is_out_of_range);
}
template <class Pass>
void each_field(Pass& pass, rebate_book::line& l) {
    pass.fields(l.product, l.quantity, l.value);
}
template <class Pass>
void each_field(Pass& pass, rebate_book::losses& l) {
    each_field(pass, l.of_orders);
    each_field(pass, l.only_returned);
    each_field(pass, l.only_credited);
    each_field(pass, l.returned);
    each_field(pass, l.credited);
}
template <class Pass>
void each_field(Pass& pass, rebate_book::happening& h) {
    pass.fields(h.what, h.on, h.told_at, h.amount, h.invoice);
    pass.list(h.lines);
}
template <class Pass>
void each_field(Pass& pass, rebate_book::receipt& r) {
    pass.fields(r.from, r.on, r.told_at, r.amount);
}

template <class Pass>
void each_field(Pass& pass, kept_breach& b) {
    pass.fields(b.rule, b.severity, b.on);
}
template <class Pass>
void each_field(Pass& pass, kept_effect& e) {
    bool has_amount = e.amount.has_value();
    std::int64_t amount = e.amount.value_or(0);
    pass.fields(e.code, e.step, e.severity, e.ends_when, has_amount, amount, e.since, e.deadline, e.until, e.review_on,
                e.notice_until, e.appeal_until, e.in_force_on, e.fulfilled_on, e.ended_on, e.rule, e.target, e.person,
                e.cause);
    if (has_amount) e.amount = amount;
    else e.amount.reset();
}

class field_writer {
public:
    explicit field_writer(image_writer& out) : out_{&out} {}
    template <class... Fields>
    void fields(Fields const&... f) {
        (field(f), ...);
    }
    template <class List>
    void list(List const& items) {
        out_->number(static_cast<std::uint32_t>(items.size()));
        for (auto const& item : items) each_field(*this, const_cast<std::remove_cvref_t<decltype(item)>&>(item));
    }
    void field(std::string const& s) {
        out_->number(static_cast<std::uint16_t>(s.size()));
        out_->bytes(s);
    }
    template <class T>
    void field(T n) {
        if constexpr (std::is_enum_v<T>) {
            out_->number(static_cast<std::uint8_t>(n));
        } else if constexpr (std::is_same_v<T, bool>) {
            out_->number(std::uint8_t{n ? std::uint8_t{1} : std::uint8_t{0}});
        } else {
            out_->number(n);
        }
    }

private:
    image_writer* out_;
};

/// A document of a ledger that is in another currency than its customer's.
struct foreign_document_image {
    bool is_order = false;
    std::string number{};
    std::string currency{};  ///< its code
    foreign_document kept{};
};
template <class Pass>
void each_field(Pass& pass, foreign_document_image& d) {
    auto& k = d.kept;
    pass.fields(d.is_order, d.number, d.currency, k.amount, k.cancelled, k.delivered, k.invoiced, k.settled);
}
std::vector<foreign_document_image> foreign_documents_of(customer_records const& r) {
    std::vector<foreign_document_image> all;
    if (!r.ledger_is_complete) return all;
    auto const add = [&](bool is_order, std::string const& number, foreign_document const& d) {
        if (!d.in.is_own()) all.push_back({is_order, number, std::string{d.in.code()}, d});
    };
    for (auto const& o : r.ledger.orders()) add(true, o.order, *o.foreign);
    for (auto const& i : r.ledger.invoices()) add(false, i.invoice, *i.foreign);
    return all;
}

bool has_lists(customer_records const& r) {
    return !foreign_documents_of(r).empty() || !r.credit->empty() || !r.rebates->empty() || !r.powers->empty() ||
           !r.contacts.empty() || !r.agreements.empty() || !r.complaints.empty() || !r.wallet.empty() ||
           !r.competitors.empty() || !r.breaches.empty() || !r.thin_margins->empty() || !r.support->empty() ||
           !r.expert->empty();
}

void write_credit(field_writer& fields, credit_file const& c) {
    fields.fields(c.base.has_value(), c.document_limit.has_value(), c.document_limit.value_or(0), c.mode);
    auto base = c.base.value_or(credit_limit{});
    each_field(fields, base);
    fields.fields(c.deposit);
    fields.list(c.temporary_limits);
    fields.list(c.overrides);
    fields.list(c.reservations);
    fields.list(c.holds);
    fields.list(c.quotations);
    fields.list(c.guarantees);
}

void write_powers(field_writer& fields, power_file const& p) {
    fields.list(p.breaches);
    fields.list(p.effects);
    fields.fields(p.supply.rung, p.supply.since, p.below_tier_since, p.planned_tier, p.planned_by, p.limit_review_on,
                  p.totals.rewards, p.totals.sanctions, p.totals.rewarded);
    for (auto const used : p.supply.uses) fields.fields(used);
    fields.fields(static_cast<std::uint8_t>(p.profit_shares.size()));
    for (auto const& share : p.profit_shares) {
        auto const& t = share.terms();
        fields.fields(t.rate.count(), t.cap.has_value(), t.cap.value_or(0), number_of(t.first_month.last()),
                      t.disclosed_on, t.last_months, t.dumping_from.count(), t.dumping_least, share.is_cancelled());
        for (auto const month : share.purchases()) fields.fields(month);
    }
}

/// Terms are written as the fact that told them, so that they are checked again when they are read.
void write_rebates(image_writer& out, field_writer& fields, rebate_book const& book) {
    out.number(static_cast<std::uint32_t>(book.entries().size()));
    for (auto const& e : book.entries()) {
        std::string agreed;
        encode(agreed, e.agreed);
        out.text(agreed);
        out.bytes(e.account.terms().in().code());
        auto progress = e.account.progress();
        each_field(fields, progress);
        auto off = e.off;
        each_field(fields, off);
        fields.fields(e.opened_at, e.settled_at, e.is_in_effect);
    }
    auto const trades = [&](rebate_book::trades const& all) {
        out.number(static_cast<std::uint32_t>(all.size()));
        for (auto const& [name, trade] : all) {
            fields.fields(name, trade.whole, trade.order);
            fields.list(trade.lines);
            fields.list(trade.happened);
        }
    };
    trades(book.orders());
    trades(book.invoices());
    fields.list(book.receipts());
    fields.fields(book.told());
}

/// The records of a slot's customers, one behind the other.
class record_writer {
public:
    void add(customer_records const& r) {
        record_image one{.unallocated = 0,
                         .orders = 0,
                         .invoices = 0,
                         .executive_visit = r.executive_visit,
                         .ledger_is_complete = std::uint8_t{r.ledger_is_complete},
                         .has_lists = std::uint8_t{has_lists(r)},
                         .dunning_level = r.dunning.level,
                         .unused = 0,
                         .dunning_on = r.dunning.on,
                         .unused_too = 0,
                         .payments = r.payments};
        if (r.ledger_is_complete) {  // what is not is read from the facts when it is needed
            one.unallocated = r.ledger.unallocated();
            for (auto const& o : r.ledger.orders()) {
                ++one.orders;
                orders_.push_back({o.ordered, o.cancelled, o.delivered, o.invoiced,
                                   static_cast<std::uint32_t>(o.order.size()), o.delivery_date});
                numbers_ += o.order;
            }
            for (auto const& i : r.ledger.invoices()) {
                ++one.invoices;
                invoices_.push_back({i.amount, i.open, i.issued, i.due, static_cast<std::uint32_t>(i.invoice.size()),
                                     (i.disputed ? 1U : 0U) | (i.was_disputed ? 2U : 0U)});
                numbers_ += i.invoice;
            }
        }
        if (one.has_lists != 0) with_lists_.push_back(&r);
        records_.push_back(one);
    }
    void write(image_writer& out) const {
        out.array(records_);
        out.array(orders_);
        out.array(invoices_);
        out.text(numbers_);
        field_writer fields{out};
        for (auto const* r : with_lists_) {
            fields.list(r->contacts);
            fields.list(r->agreements);
            fields.list(r->complaints);
            fields.list(r->wallet);
            fields.list(r->competitors);
            fields.list(r->breaches);
            write_credit(fields, *r->credit);
            write_rebates(out, fields, *r->rebates);
            write_powers(fields, *r->powers);
            fields.list(*r->thin_margins);
            fields.list(*r->support);
            fields.list(foreign_documents_of(*r));
            fields.list(r->expert->advice);
            fields.list(r->expert->delegated);
        }
    }

private:
    std::vector<record_image> records_;
    std::vector<order_image> orders_;
    std::vector<invoice_image> invoices_;
    std::string numbers_;  ///< of orders and invoices, customer by customer
    std::vector<customer_records const*> with_lists_;
};

std::string write_slot(keeper& book, std::uint16_t number) {
    auto const& s = book.slot_at(number);
    image_writer out{number};
    out.text(s.states.size() == 0 ? std::string{} : currency_codes());
    out.number(s.closed_by_fact);
    out.number(s.advanced_to);
    auto const count = static_cast<std::uint32_t>(s.states.size());
    std::vector<customer_state> states(count);
    std::vector<customer_image> customers(count);
    std::vector<change_image> changes;
    std::string texts;
    for (std::uint32_t p = 0; p < count; ++p) {
        states[p] = s.states[p];
        auto const fields = s.fields(p);
        auto const& id = s.identities[p];
        auto const code = id.code_text();
        std::string_view const name{id.name, id.name_size};
        auto const of_customer = book.changes_of(number, p);
        for (auto const& c : of_customer) {
            changes.push_back({c.on, static_cast<std::uint8_t>(c.from), static_cast<std::uint8_t>(c.to),
                               static_cast<std::uint8_t>(c.cause), 0});
        }
        customers[p] = {.words = fields.words,
                        .changes = static_cast<std::uint32_t>(of_customer.size()),
                        .terms_days = fields.terms_days,
                        .rulebook = fields.rulebook,
                        .name_bytes = static_cast<std::uint16_t>(name == code ? 0 : name.size()),
                        .code_bytes = static_cast<std::uint8_t>(code.size()),
                        .kind = fields.kind,
                        .has_records = static_cast<std::uint8_t>(id.records != nullptr),
                        .unused = {}};
        texts += code;
        if (name != code) texts += name;
    }
    out.array(states);
    out.array(customers);
    out.array(changes);
    out.text(texts);
    out.number(static_cast<std::uint32_t>(s.words().size()));
    for (auto const word : s.words()) out.text(word);
    record_writer records;
    for (std::uint32_t p = 0; p < count; ++p) {
        if (s.identities[p].records) records.add(*s.identities[p].records);
    }
    records.write(out);
    return out.done();
}

std::string write_book(keeper& book) {
    image_writer out{book_slot};
    auto const marks = book.marks();
    out.number(marks.latest);
    out.number(marks.closed_by_fact);
    out.number(marks.advanced_to);
    auto const facts = book.book_facts();
    out.number(static_cast<std::uint64_t>(facts.size()));
    for (auto const bytes : facts) out.text(bytes);
    auto const pending = book.pending_facts();
    out.number(static_cast<std::uint64_t>(pending.size()));
    for (auto const& f : pending) {
        out.text(f.customer);
        out.text(f.bytes);
    }
    auto const references = book.references();
    out.number(static_cast<std::uint32_t>(references.shards().size()));
    for (auto const& shard : references.shards()) {
        out.number(static_cast<std::uint64_t>(shard.size()));
        out.text(shard.raw());
    }
    return out.done();
}

// --- reading -------------------------------------------------------------------------------------

class image_reader {
public:
    explicit image_reader(std::string_view bytes)
        : in_{const_cast<char*>(bytes.data()), bytes.size(), std::ios_base::in} {
        archive_ = std::make_unique<boost::archive::binary_iarchive>(in_, archive_flags);
    }
    [[nodiscard]] std::size_t left() {
        auto const n = in_.in_avail();
        return n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    template <class T>
        requires std::is_arithmetic_v<T>
    T number() {
        T n{};
        need(sizeof n);
        archive_->load_binary(&n, sizeof n);
        return n;
    }
    /// A count of things that take at least `least` bytes each.
    template <class T>
    std::size_t count(std::size_t least) {
        auto const n = number<T>();
        if (n > left() / least) throw unsound{"a count is larger than what follows it"};
        return static_cast<std::size_t>(n);
    }
    void bytes(void* into, std::size_t size) {
        need(size);
        archive_->load_binary(into, size);
    }
    std::string text() {
        std::string t(count<std::uint64_t>(1), '\0');
        bytes(t.data(), t.size());
        return t;
    }
    /// Not filled with zeros first: it is read over at once.
    template <class T>
    using items = boost::container::vector<T>;
    template <class T>
    items<T> array() {
        items<T> all(count<std::uint64_t>(sizeof(T)), boost::container::default_init);
        bytes(all.data(), all.size() * sizeof(T));
        return all;
    }
    void end() {
        if (left() != 0) throw unsound{"bytes follow its end"};
    }

private:
    void need(std::size_t size) {
        if (size > left()) throw unsound{"it ends too early"};
    }
    boost::interprocess::bufferbuf in_;
    std::unique_ptr<boost::archive::binary_iarchive> archive_;
};

template <class E>
E enumerator(std::uint8_t n, std::size_t count) {
    if (n >= count) throw unsound{"a value is none of its kind"};
    return static_cast<E>(n);
}

bool is_day(day_number n) {
    auto const around = std::chrono::days{1};  // the day before the first, and after the last
    return n == no_day || (day_of(n) >= first_day - around && day_of(n) <= last_day + around);
}

void check(contact const& c) {
    if (!is_day(c.since) || !is_day(c.left)) throw unsound{"a contact's days are none"};
}
void check(agreement const& a) {
    if (!is_day(a.from) || !is_day(a.until)) throw unsound{"an agreement's days are none"};
}
void check(complaint const& c) {
    if (!is_day(c.since) || c.severity < 1 || c.severity > 5) throw unsound{"a complaint is none"};
}
void check(wallet_statement const& w) {
    auto const month = period::at_index(w.month);
    if (month < period{first_day} || month > period{last_day} || w.minor_units < 0) {
        throw unsound{"a wallet statement is none"};
    }
}
void check(observation const& o) {
    if (!is_day(o.on) || o.thousandths < 0 || o.thousandths > 1'000) throw unsound{"an observation is none"};
}
void check(thin_margin const& m) {
    if (m.product.empty() || !is_day(m.since) || m.since == no_day) throw unsound{"a thin margin is none"};
}
void check(dealer_support const& s) {
    if (s.product.empty() || s.amount < 0 || !is_day(s.from) || s.from == no_day || !is_day(s.until)) {
        throw unsound{"a dealer's support is none"};
    }
}
void check(foreign_document_image const&) {}
void check(kept_advice const& a) {
    if (!is_day(a.on) || a.on == no_day) throw unsound{"advice is none"};
}
void check(day_number d) {
    if (!is_day(d) || d == no_day) throw unsound{"a day is none"};
}
void check(temporary_limit const& t) {
    if (t.amount < 0 || !is_day(t.from) || !is_day(t.until)) throw unsound{"a temporary limit is none"};
}
void check(override_use const& u) {
    if (u.amount <= 0) throw unsound{"an override's use is none"};
}
void check(kept_override const& o) {
    patron::detail::wide_amount used = 0;
    for (auto const& use : o.uses) used += use.amount;
    if (o.amount < used || o.tolerance_basis_points < 0 || !is_day(o.from) || !is_day(o.until))
        throw unsound{"an override is none"};
}
void check(reservation const& r) {
    if (r.left < 0 || r.amount < r.left || !is_day(r.until)) throw unsound{"a reservation is none"};
}
void check(quotation const& q) {
    if (q.left < 0 || q.amount < q.left || !is_day(q.until)) throw unsound{"a quotation is none"};
}
void check(guarantee const& g) {
    if (g.left < 0 || g.amount < g.left || !is_day(g.until)) throw unsound{"a guarantee is none"};
}
void check(hold_reason const&) {}
void check(kept_hold const& h) {
    auto const is_kept =
        h.state == hold_state::held || h.state == hold_state::released || h.state == hold_state::rejected;
    if (h.order.empty() || h.amount < 0 || !is_kept || !is_day(h.from) || !is_day(h.until) || !is_day(h.decided_on) ||
        !is_day(h.delivery_date)) {
        throw unsound{"a hold is none"};
    }
}
void check(rebate_book::line const& l) {
    if (l.quantity < 0 || l.value < 0) throw unsound{"an order's line is none"};
}
void check(kept_breach const& b) {
    if (b.severity < 1 || b.severity > 5 || !is_day(b.on) || b.on == no_day) throw unsound{"a breach is none"};
}
/// Deadlines and reviews may lie behind the last day that facts can have.
bool is_day_or_later(day_number n) {
    constexpr std::int64_t longest = 40'000;
    return is_day(n) || (n > number_of(last_day) && n <= number_of(last_day) + longest);
}
void check(kept_effect const& e) {
    auto const all_days = {e.since,        e.deadline,    e.until,        e.review_on, e.notice_until,
                           e.appeal_until, e.in_force_on, e.fulfilled_on, e.ended_on};
    if (e.severity > 5 || e.since == no_day || e.step == effect_step::proposed || e.rule.empty() ||
        (e.amount && *e.amount <= 0) || !std::all_of(all_days.begin(), all_days.end(), is_day_or_later)) {
        throw unsound{"an effect is none"};
    }
}
void check_sums(std::vector<rebate_book::line> const& lines) {
    rebate_volume sum;
    for (auto const& l : lines) {
        if (__builtin_add_overflow(sum.value, l.value, &sum.value) ||
            __builtin_add_overflow(sum.quantity, l.quantity, &sum.quantity)) {
            throw unsound{"an order's lines do not add up"};
        }
    }
}
void check(rebate_book::happening const& h) {
    check_sums(h.lines);
    if (h.amount < 0 || !is_day(h.on) || h.on == no_day) throw unsound{"what an order came to is none"};
}
void check(rebate_book::receipt const& r) {
    if (r.amount <= 0 || !is_day(r.on) || r.on == no_day) throw unsound{"a receipt is none"};
}
void check(ledger_order const& o) {
    if (o.ordered < 0 || o.cancelled < 0 || o.delivered < 0 || o.invoiced < 0 || o.cancelled > o.ordered ||
        !is_day(o.delivery_date)) {
        throw unsound{"an order's amounts do not fit together"};
    }
}
void check(ledger_invoice const& i) {
    if (i.open < 0 || i.amount < i.open || !is_day(i.issued) || !is_day(i.due)) {
        throw unsound{"an invoice's amounts or days do not fit together"};
    }
}

class field_reader {
public:
    explicit field_reader(image_reader& in) : in_{&in} {}
    template <class... Fields>
    void fields(Fields&... f) {
        (field(f), ...);
    }
    template <class T>
    void list(std::vector<T>& items) {
        items.resize(in_->count<std::uint32_t>(1));
        for (auto& item : items) {
            each_field(*this, item);
            check(item);
        }
    }
    void field(std::string& s) {
        s.resize(in_->count<std::uint16_t>(1));
        in_->bytes(s.data(), s.size());
    }
    void field(agreement_kind& k) { k = enumerator<agreement_kind>(in_->number<std::uint8_t>(), 3); }
    void field(limit_kind& k) { k = enumerator<limit_kind>(in_->number<std::uint8_t>(), 3); }
    void field(complaint_step& c) { c = enumerator<complaint_step>(in_->number<std::uint8_t>(), 4); }
    void field(advice_result& r) { r = enumerator<advice_result>(in_->number<std::uint8_t>(), 3); }
    void field(breach_rule& b) { b = enumerator<breach_rule>(in_->number<std::uint8_t>(), 6); }
    void field(effect_code& c) { c = enumerator<effect_code>(in_->number<std::uint8_t>(), effect_count); }
    void field(effect_step& s) { s = enumerator<effect_step>(in_->number<std::uint8_t>(), 12); }
    void field(way_back_kind& k) { k = enumerator<way_back_kind>(in_->number<std::uint8_t>(), 5); }
    void field(pool_mode& m) { m = enumerator<pool_mode>(in_->number<std::uint8_t>(), 3); }
    void field(hold_step& s) { s = enumerator<hold_step>(in_->number<std::uint8_t>(), 4); }
    void field(hold_state& s) { s = enumerator<hold_state>(in_->number<std::uint8_t>(), 5); }
    void field(customer_tier& t) { t = enumerator<customer_tier>(in_->number<std::uint8_t>(), customer_tier_count); }
    void field(supply_rung& r) { r = enumerator<supply_rung>(in_->number<std::uint8_t>(), supply_rung_count); }
    void field(rebate_book::turn& t) { t = enumerator<rebate_book::turn>(in_->number<std::uint8_t>(), 9); }
    void field(rebate_book::receipt::source& from) {
        from = enumerator<rebate_book::receipt::source>(in_->number<std::uint8_t>(), 3);
    }
    void field(bool& b) { b = in_->number<std::uint8_t>() != 0; }
    template <class T>
        requires std::is_arithmetic_v<T>
    void field(T& n) {
        n = in_->number<T>();
    }

private:
    image_reader* in_;
};

/// Takes from an array what belongs to one customer after the other.
template <class T>
class portions {
public:
    explicit portions(image_reader::items<T> const& all) : all_{all.data(), all.size()} {}
    std::span<T const> next(std::size_t count) {
        if (count > all_.size()) throw unsound{"an array ends too early"};
        auto const some = all_.first(count);
        all_ = all_.subspan(count);
        return some;
    }
    [[nodiscard]] bool empty() const noexcept { return all_.empty(); }

private:
    std::span<T const> all_;
};
/// The same with texts.
class text_portions {
public:
    explicit text_portions(std::string_view all) : all_{all} {}
    std::string_view next(std::uint64_t size) {
        if (size > all_.size()) throw unsound{"a text ends too early"};
        auto const some = all_.substr(0, static_cast<std::size_t>(size));
        all_.remove_prefix(some.size());
        return some;
    }
    [[nodiscard]] bool empty() const noexcept { return all_.empty(); }

private:
    std::string_view all_;
};

credit_file read_credit(field_reader& fields) {
    credit_file c;
    bool has_base = false;
    bool has_document_limit = false;
    std::int64_t document_limit = 0;
    credit_limit base;
    fields.fields(has_base, has_document_limit, document_limit, c.mode);
    if (has_document_limit) c.document_limit = document_limit;
    each_field(fields, base);
    if (has_base) c.base = base;
    fields.fields(c.deposit);
    fields.list(c.temporary_limits);
    fields.list(c.overrides);
    fields.list(c.reservations);
    fields.list(c.holds);
    fields.list(c.quotations);
    fields.list(c.guarantees);
    auto const is_negative = [](std::int32_t n) { return n < 0; };
    if (base.amount < 0 || std::ranges::any_of(base.season_basis_points, is_negative) || document_limit < 0 ||
        c.deposit < 0 || !is_day(base.until))
        throw unsound{"a credit file is none"};
    return c;
}

profit_share_account read_profit_share(field_reader& fields) {
    profit_share_terms t;
    std::int32_t rate = 0;
    std::int32_t dumping_from = 0;
    std::int64_t cap = 0;
    day_number in_first_month = no_day;
    bool is_capped = false;
    bool is_cancelled = false;
    std::array<std::int64_t, profit_share_account::months> purchases{};
    fields.fields(rate, is_capped, cap, in_first_month, t.disclosed_on, t.last_months, dumping_from, t.dumping_least,
                  is_cancelled);
    for (auto& month : purchases) fields.fields(month);
    if (in_first_month == no_day || !is_day(in_first_month) || !is_day(t.disclosed_on)) {
        throw unsound{"a profit share's day is none"};
    }
    t.rate = basis_points{rate};
    t.dumping_from = basis_points{dumping_from};
    if (is_capped) t.cap = cap;
    t.first_month = period{day_of(in_first_month)};
    if (!patron::check(t)) throw unsound{"a profit share's terms are none"};
    return {t, purchases, is_cancelled};
}

power_file read_powers(field_reader& fields) {
    power_file p;
    fields.list(p.breaches);
    fields.list(p.effects);
    fields.fields(p.supply.rung, p.supply.since, p.below_tier_since, p.planned_tier, p.planned_by, p.limit_review_on,
                  p.totals.rewards, p.totals.sanctions, p.totals.rewarded);
    for (auto& used : p.supply.uses) fields.fields(used);
    auto const& uses = p.supply.uses;
    if (!is_day(p.supply.since) || !is_day(p.below_tier_since) || !is_day(p.planned_by) || !is_day(p.limit_review_on) ||
        !std::all_of(uses.begin(), uses.end(), is_day)) {
        throw unsound{"a ladder's day is none"};
    }
    std::uint8_t shares = 0;
    fields.fields(shares);
    if (shares > power_file::profit_shares_kept) throw unsound{"more profit shares than a customer has"};
    for (; shares > 0; --shares) p.profit_shares.push_back(read_profit_share(fields));
    return p;
}

rebate_book read_rebates(image_reader& in, field_reader& fields) {
    auto const is_volume = [](rebate_volume const& v) { return v.value >= 0 && v.quantity >= 0; };
    std::vector<rebate_book::entry> entries;
    auto const agreements = in.count<std::uint32_t>(8);
    for (std::size_t i = 0; i < agreements; ++i) {
        auto const bytes = in.text();
        auto told =
            bytes.empty() || !is_encoded_fact(bytes) ? result<fact>{error{.code = errc::damaged}} : decode(bytes, {});
        auto const* agreed = told ? std::get_if<rebate_agreed>(&told.value()) : nullptr;
        char code[3];
        in.bytes(code, sizeof code);
        auto const currency_of = currency::of(std::string_view{code, sizeof code});
        if (agreed == nullptr || !currency_of) throw unsound{"a rebate agreement is none"};
        auto terms = rebate_terms::of(*agreed, currency_of.value());
        if (!terms) throw unsound{"a rebate agreement is none"};
        rebate_progress progress;
        rebate_book::losses off;
        std::uint64_t opened_at = 0;
        std::uint64_t settled_at = rebate_book::never;
        bool is_in_effect = true;
        each_field(fields, progress);
        each_field(fields, off);
        fields.fields(opened_at, settled_at, is_in_effect);
        for (auto const& v : {progress.counted, progress.taken_off, off.of_orders, off.only_returned, off.only_credited,
                              off.returned, off.credited}) {
            if (!is_volume(v)) throw unsound{"a rebate account is none"};
        }
        if (progress.paid < 0 || progress.clawed_back < 0 || progress.forfeited < 0) {
            throw unsound{"a rebate account is none"};
        }
        entries.push_back({.account = rebate_account{std::move(terms.value()), progress},
                           .agreed = *agreed,
                           .off = off,
                           .opened_at = opened_at,
                           .settled_at = settled_at,
                           .is_in_effect = is_in_effect});
    }
    auto const read_trades = [&] {
        rebate_book::trades all;
        auto const count = in.count<std::uint32_t>(2);
        for (std::size_t i = 0; i < count; ++i) {
            std::string name;
            rebate_book::trade trade;
            fields.fields(name, trade.whole, trade.order);
            fields.list(trade.lines);
            check_sums(trade.lines);
            fields.list(trade.happened);
            if (trade.whole < 0) throw unsound{"an order's amount is none"};
            all.emplace(std::move(name), std::move(trade));
        }
        return all;
    };
    auto orders = read_trades();
    auto invoices = read_trades();
    std::vector<rebate_book::receipt> receipts;
    fields.list(receipts);
    std::uint64_t told = 0;
    fields.fields(told);
    rebate_book book;
    book.resume(std::move(entries), std::move(orders), std::move(invoices), std::move(receipts), told);
    return book;
}

void read_lists(image_reader& in, customer_records& r) {
    field_reader fields{in};
    fields.list(r.contacts);
    fields.list(r.agreements);
    fields.list(r.complaints);
    fields.list(r.wallet);
    fields.list(r.competitors);
    fields.list(r.breaches);
    if (auto credit = read_credit(fields); !credit.empty()) r.credit.edit() = std::move(credit);
    if (auto rebates = read_rebates(in, fields); !rebates.empty()) r.rebates.edit() = std::move(rebates);
    if (auto powers = read_powers(fields); !powers.empty()) r.powers.edit() = std::move(powers);
    std::vector<thin_margin> thin_margins;
    fields.list(thin_margins);
    if (!thin_margins.empty()) r.thin_margins.edit() = std::move(thin_margins);
    std::vector<dealer_support> support;
    fields.list(support);
    if (!support.empty()) r.support.edit() = std::move(support);
    std::vector<foreign_document_image> foreign;
    fields.list(foreign);
    for (auto& d : foreign) {
        auto const known = currency::of(d.currency);
        auto* const order = d.is_order ? r.ledger.find_order(d.number) : nullptr;
        auto* const invoice = d.is_order ? nullptr : r.ledger.find_invoice(d.number);
        auto const& k = d.kept;
        auto const is_part = [&](std::int64_t part) { return part >= 0 && part <= k.amount; };
        if (!known || (order == nullptr && invoice == nullptr) || !is_part(k.cancelled) || !is_part(k.delivered) ||
            !is_part(k.invoiced) || !is_part(k.settled)) {
            throw unsound{"a document in another currency is none"};
        }
        d.kept.in = known.value();
        (order != nullptr ? order->foreign : invoice->foreign).edit() = d.kept;
    }
    expert_file expert;
    fields.list(expert.advice);
    fields.list(expert.delegated);
    if (!expert.empty()) r.expert.edit() = std::move(expert);
}

/// The records of a slot's customers, for those that have some.
void read_records(image_reader& in, slot& s, image_reader::items<customer_image> const& customers) {
    auto const records = in.array<record_image>();
    auto const orders = in.array<order_image>();
    auto const invoices = in.array<invoice_image>();
    auto const numbers = in.text();
    portions<record_image> record_at{records};
    portions<order_image> order_at{orders};
    portions<invoice_image> invoice_at{invoices};
    text_portions number_at{numbers};
    for (std::uint32_t p = 0; p < customers.size(); ++p) {
        if (customers[p].has_records == 0) continue;
        auto const& one = record_at.next(1).front();
        auto& kept = s.identities[p].records;
        kept = std::make_unique<customer_records>(&s.memory);
        kept->executive_visit = one.executive_visit;
        kept->ledger_is_complete = one.ledger_is_complete != 0;
        kept->dunning = {.level = one.dunning_level, .on = one.dunning_on};
        kept->payments = one.payments;
        if (!is_day(one.executive_visit) || !is_day(one.dunning_on) || one.unallocated < 0 ||
            !one.payments.is_sound()) {
            throw unsound{"a record is none"};
        }
        for (auto const& o : order_at.next(one.orders)) {
            ledger_order order{.order = std::string{number_at.next(o.number_bytes)},
                               .ordered = o.ordered,
                               .cancelled = o.cancelled,
                               .delivered = o.delivered,
                               .invoiced = o.invoiced,
                               .delivery_date = o.delivery_date};
            check(order);
            kept->ledger.add(std::move(order));
        }
        for (auto const& i : invoice_at.next(one.invoices)) {
            ledger_invoice invoice{.invoice = std::string{number_at.next(i.number_bytes)},
                                   .amount = i.amount,
                                   .open = i.open,
                                   .issued = i.issued,
                                   .due = i.due,
                                   .disputed = (i.disputed & 1U) != 0,
                                   .was_disputed = (i.disputed & 2U) != 0};
            check(invoice);
            kept->ledger.add(std::move(invoice));
        }
        kept->ledger.resume(one.unallocated);
        if (one.has_lists != 0) read_lists(in, *kept);
    }
    if (!record_at.empty() || !order_at.empty() || !invoice_at.empty() || !number_at.empty()) {
        throw unsound{"there are more records than customers that have some"};
    }
}

void check_state(customer_state const& s) {
    auto const is_stage = [](stage st) { return static_cast<std::size_t>(st) < stage_count; };
    if (s.credit_standing > standing::blocked) throw unsound{"a standing is none of its kind"};
    if (!is_stage(s.stage) || !is_stage(s.fell_from) || !is_stage(s.highest) || static_cast<unsigned>(s.basis) > 2) {
        throw unsound{"a stage is none of its kind"};
    }
    if (!is_day(s.since) || !is_day(s.known_since) || !is_day(s.first_order) || !is_day(s.last_order) ||
        !is_day(s.won_back_on) || !is_day(s.next_due) || s.known_since == no_day || s.closed_through < 0 ||
        s.closed_through > period{last_day}.index() || s.purchase_days > s.orders || s.share_millionths < -1 ||
        !s.monthly.is_sound() || !s.monitors.is_sound()) {
        throw unsound{"a day or a count is out of range"};
    }
}

void read_slot(keeper& book, unsigned thread, std::uint16_t number, image_reader& in) {
    auto const codes = in.text();
    auto const same_currencies = codes == currency_codes();
    auto& s = book.slot_at(number);
    s.closed_by_fact = in.number<std::int32_t>();
    s.advanced_to = in.number<std::int32_t>();
    if (!is_day(s.advanced_to)) throw unsound{"a day is none"};
    auto states = in.array<customer_state>();
    auto const customers = in.array<customer_image>();
    auto const changes = in.array<change_image>();
    auto const texts = in.text();
    if (states.size() != customers.size()) throw unsound{"states and customers are not as many"};
    auto const words = in.count<std::uint32_t>(8);
    for (std::size_t w = 0; w < words; ++w) s.add_word(in.text());
    if (words == 0 || s.words().size() != words) throw unsound{"its words are not those of a slot"};

    text_portions text_at{texts};
    std::size_t change_at = 0;
    std::vector<lifecycle::stage_change> of_customer;
    for (std::size_t i = 0; i < customers.size(); ++i) {
        auto const& c = customers[i];
        for (auto const w : c.words) {
            if (w >= words) throw unsound{"a word is not there"};
        }
        if (c.kind != 255 && c.kind > static_cast<std::uint8_t>(customer_kind::group)) {
            throw unsound{"a customer is of no kind"};
        }
        if (c.rulebook >= book.rulebook_count()) throw unsound{"a rulebook is not there"};
        auto const code = text_at.next(c.code_bytes);
        auto const name = c.name_bytes == 0 ? code : text_at.next(c.name_bytes);
        auto const hash = stable_hash(code);
        if (code.empty() || slot_of(hash) != number || s.find(hash, code)) {
            throw unsound{"a customer does not belong there"};
        }
        auto const position = s.add(
            hash, code, name, {.words = c.words, .terms_days = c.terms_days, .rulebook = c.rulebook, .kind = c.kind});
        auto& state = states[i];
        std::uint8_t index = 0;
        std::memcpy(&index, &state.in, 1);
        if (index >= codes.size() / 3) throw unsound{"a currency is not there"};
        if (!same_currencies) {
            auto const known = currency::of(std::string_view{codes}.substr(std::size_t{index} * 3, 3));
            if (index != 0 && !known) throw unsound{"a currency is not known"};
            state.in = index == 0 ? currency{} : known.value();
        }
        check_state(state);
        s.states[position] = state;
        if (c.changes > changes.size() - change_at) throw unsound{"changes of stage end too early"};
        of_customer.clear();
        for (std::uint32_t n = 0; n < c.changes; ++n, ++change_at) {
            auto const& change = changes[change_at];
            if (change.from >= stage_count || change.to >= stage_count || change.cause > 5 || !is_day(change.on)) {
                throw unsound{"a change of stage is none"};
            }
            of_customer.push_back({change.on, static_cast<stage>(change.from), static_cast<stage>(change.to),
                                   static_cast<lifecycle::relationship::event>(change.cause)});
        }
        book.begin_chain(thread, number, position, of_customer);
    }
    read_records(in, s, customers);
}

void read_book(keeper& book, image_reader& in) {
    keeper::book_marks marks;
    marks.latest = in.number<std::int64_t>();
    marks.closed_by_fact = in.number<std::int32_t>();
    marks.advanced_to = in.number<std::int32_t>();
    if (!is_day(marks.advanced_to) ||
        (marks.latest != INT64_MIN &&
         (marks.latest < INT32_MIN || marks.latest > INT32_MAX || !is_day(static_cast<day_number>(marks.latest))))) {
        throw unsound{"a day is none"};
    }
    book.set_marks(marks);
    auto const sound_fact = [](std::string_view bytes, std::string_view customer) {
        if (bytes.empty() || !decode(bytes, customer)) throw unsound{"a fact is none"};
    };
    auto const facts = in.count<std::uint64_t>(8);
    for (std::size_t i = 0; i < facts; ++i) {
        auto const bytes = in.text();
        sound_fact(bytes, {});
        book.add_book_fact(bytes);
    }
    auto const pending = in.count<std::uint64_t>(16);
    for (std::size_t i = 0; i < pending; ++i) {
        auto const customer = in.text();
        auto const bytes = in.text();
        sound_fact(bytes, customer);
        book.add_pending({customer, bytes});
    }
    older_references all;
    auto const shards = in.count<std::uint32_t>(16);
    if (shards != older_references::shard_count) throw unsound{"its references are not those of a book"};
    all.shards().resize(shards);
    for (auto& shard : all.shards()) {
        auto const size = in.number<std::uint64_t>();
        auto const bytes = in.count<std::uint64_t>(1);
        if (bytes % hash_index::raw_unit != 0) throw unsound{"its references are not those of a book"};
        in.bytes(shard.room_for_raw(bytes, static_cast<std::size_t>(size)), bytes);
        if (!shard.is_sound()) throw unsound{"its references are not those of a book"};
    }
    book.set_older_references(std::move(all));
}

}  // namespace

std::string write_image(keeper& book, std::uint16_t slot) {
    return slot == book_slot ? write_book(book) : write_slot(book, slot);
}

result<void> read_image(keeper& book, unsigned thread, std::uint16_t slot, std::string_view bytes) {
    auto const refuse = [&](errc code, std::string why) {
        return error{.code = code,
                     .field = "snapshot, slot " + std::to_string(slot),
                     .saw = {},
                     .remedy = std::move(why) + "; the book is made from its facts instead"};
    };
    preamble p{};
    if (bytes.size() < sizeof p) return refuse(errc::damaged, "it ends too early");
    std::memcpy(&p, bytes.data(), sizeof p);
    if (std::memcmp(p.name, magic, sizeof magic) != 0) return refuse(errc::damaged, "it is no image of a slot");
    if (p.byte_order != byte_order) return refuse(errc::not_supported, "it was written on another kind of machine");
    if (p.format != format || p.state_bytes != sizeof(customer_state) || p.archive > archive_version()) {
        return refuse(errc::not_supported, "it is of another release");
    }
    if (p.slot != slot) return refuse(errc::damaged, "it is of another slot");
    try {
        image_reader in{bytes.substr(sizeof p)};
        slot == book_slot ? read_book(book, in) : read_slot(book, thread, slot, in);
        in.end();
    } catch (unsound const& e) {
        return refuse(errc::damaged, e.what());
    } catch (boost::archive::archive_exception const& e) {
        return refuse(errc::not_supported, std::string{"its archive is refused: "} + e.what());
    } catch (std::length_error const&) { return refuse(errc::damaged, "a length is larger than what follows it"); }
    return {};
}

}  // namespace patron::store_detail
