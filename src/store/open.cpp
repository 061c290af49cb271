#include <patron/store/memory.hpp>
#include <patron/store/open.hpp>

#if defined(PATRON_HAS_SQLITE)
#    include <patron/store/sqlite.hpp>
#endif
#if defined(PATRON_HAS_POSTGRES)
#    include <patron/store/postgres.hpp>
#endif

namespace patron::inline v1::store {

namespace {

[[maybe_unused]] error not_built_in(std::string_view what, std::string_view option) {
    return {.code = errc::not_supported,
            .field = {},
            .saw = std::string{what},
            .remedy = "this build of patron has no such store; build it with " + std::string{option} + "=ON"};
}

/// What an address begins with; the rest may have a password anywhere in it.
std::string shown_address(std::string_view url) {
    auto const scheme = url.substr(0, url.find(':'));
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789+";
    auto const is_one =
        scheme.size() < url.size() && scheme.size() < 30 && scheme.find_first_not_of(letters) == std::string_view::npos;
    return is_one ? std::string{scheme} + ":..." : "no address";
}

}  // namespace

result<any_event_store> open_store(std::string_view url, [[maybe_unused]] access how) {
    if (url == "memory:") return any_event_store{memory_store{}};
    if (url.starts_with("sqlite:")) {
#if defined(PATRON_HAS_SQLITE)
        auto path = std::string{url.substr(7)};
        if (path.empty()) {
            return error{.code = errc::malformed,
                         .field = {},
                         .saw = std::string{url},
                         .remedy = "name the file, as in sqlite:crm.db"};
        }
        auto opened = sqlite_store::open(path, {.create = how == access::create, .read_only = how == access::read});
        if (!opened) return opened.error();
        return any_event_store{std::move(opened.value())};
#else
        return not_built_in("sqlite:", "PATRON_SQLITE");
#endif
    }
    if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
#if defined(PATRON_HAS_POSTGRES)
        // who writes a book decides with all of it in view
        auto const slots = how == access::read ? leasing::as_written : leasing::whole_book;
        auto opened = postgres_store::open(std::string{url}, {.slots = slots, .create = how == access::create});
        if (!opened) return opened.error();
        return any_event_store{std::move(opened.value())};
#else
        return not_built_in("postgresql:", "PATRON_POSTGRES");
#endif
    }
    return error{.code = errc::malformed,
                 .field = {},
                 .saw = shown_address(url),
                 .remedy = "give memory:, sqlite:PATH or postgresql://HOST/DATABASE"};
}

std::vector<std::string> stores_built_in() {
    std::vector<std::string> all{"memory"};
#if defined(PATRON_HAS_SQLITE)
    all.emplace_back("sqlite");
#endif
#if defined(PATRON_HAS_POSTGRES)
    all.emplace_back("postgresql");
#endif
    return all;
}

}  // namespace patron::v1::store
