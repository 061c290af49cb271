#pragma once
#include <patron/base/result.hpp>

#include <boost/throw_exception.hpp>

#include <ostream>
#include <stdexcept>

namespace patron::inline v1 {

PATRON_FN std::string_view name_of(errc code) noexcept {
    switch (code) {
        case errc::amount_overflow: return "amount_overflow";
        case errc::currency_mismatch: return "currency_mismatch";
        case errc::wrong_scale: return "wrong_scale";
        case errc::unknown_currency: return "unknown_currency";
        case errc::malformed: return "malformed";
        case errc::out_of_range: return "out_of_range";
        case errc::missing_field: return "missing_field";
        case errc::unknown_field: return "unknown_field";
        case errc::unknown_fact: return "unknown_fact";
        case errc::unknown_customer: return "unknown_customer";
        case errc::unknown_reference: return "unknown_reference";
        case errc::conflicting_reference: return "conflicting_reference";
        case errc::closed_period: return "closed_period";
        case errc::impossible_now: return "impossible_now";
        case errc::invalid_utf8: return "invalid_utf8";
        case errc::too_long: return "too_long";
        case errc::unsound_machine: return "unsound_machine";
        case errc::not_supported: return "not_supported";
        case errc::io_failure: return "io_failure";
        case errc::stale_version: return "stale_version";
        case errc::damaged: return "damaged";
        case errc::foreign_file: return "foreign_file";
        case errc::newer_format: return "newer_format";
        case errc::busy: return "busy";
        case errc::lease_lost: return "lease_lost";
        case errc::unsound_rules: return "unsound_rules";
    }
    return "unknown_error";
}

PATRON_FN std::string error::message() const {
    std::string text;
    if (!source.empty()) text += source + ':';
    if (line != 0) text += (source.empty() ? "line " : "") + std::to_string(line) + ':';
    if (!text.empty()) text += ' ';
    text += name_of(code);
    if (!field.empty()) text += " in '" + field + '\'';
    if (!saw.empty()) text += ": saw \"" + saw + '"';
    if (!remedy.empty()) text += "; " + remedy;
    return text;
}

PATRON_FN std::ostream& operator<<(std::ostream& out, error const& e) { return out << e.message(); }

PATRON_FN void throw_exception_from_error(error const& e, boost::source_location const& place) {
    boost::throw_exception(std::runtime_error{e.message()}, place);
}

}  // namespace patron::v1
