#pragma once
#include <patron/base/id.hpp>
#include <patron/insight/risk_model_json.hpp>

#include <boost/json.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace patron::inline v1::insight {

namespace detail {

inline constexpr std::array<std::string_view, risk_component_count> risk_component_names{"additive", "linear",
                                                                                         "silence", "untrained"};

inline boost::json::object json_of(risk_effect const& effect) {
    return {{"free", effect.free},   {"low", effect.low},
            {"high", effect.high},   {"knots", {effect.knots[0], effect.knots[1]}},
            {"slope", effect.slope}, {"hinges", {effect.hinges[0], effect.hinges[1]}},
            {"mean", effect.mean}};
}

/// Takes members out of a model's text, and remembers the first that is not there or not as it must be.
class risk_model_reader {
public:
    using object = boost::json::object;

    double number(object const& in, std::string_view name, std::string const& place,
                  double least = std::numeric_limits<double>::lowest()) {
        auto const* const v = in.if_contains(name);
        return v == nullptr ? missing(place, name) : number_of(*v, place + std::string{name}, least);
    }
    std::uint64_t count(object const& in, std::string_view name, std::uint64_t least, std::uint64_t most) {
        auto const* const v = in.if_contains(name);
        if (v == nullptr) {
            missing({}, name);
            return least;
        }
        boost::system::error_code failed;
        auto const found = v->to_number<std::uint64_t>(failed);
        if (!failed && found >= least && found <= most) return found;
        fail(errc::out_of_range, std::string{name}, *v,
             "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
        return least;
    }
    template <std::size_t N>
    std::array<double, N> numbers(object const& in, std::string_view name, std::string const& place) {
        std::array<double, N> out{};
        auto const* const v = in.if_contains(name);
        if (v == nullptr) {
            missing(place, name);
        } else if (auto const* const list = v->if_array(); list == nullptr || list->size() != N) {
            fail(errc::out_of_range, place + std::string{name}, *v, std::to_string(N) + " numbers");
        } else {
            for (std::size_t i = 0; i < N; ++i) out[i] = number_of((*list)[i], place + std::string{name});
        }
        return out;
    }
    day date(object const& in, std::string_view name) {
        auto const* const v = in.if_contains(name);
        if (v == nullptr || !v->is_string()) {
            missing({}, name);
            return {};
        }
        auto const found = parse_day(v->get_string());
        if (found) return found.value();
        fail(errc::out_of_range, std::string{name}, *v, "a day");
        return {};
    }
    object const& members(object const& in, std::string_view name) {
        static object const nothing;
        auto const* const v = in.if_contains(name);
        if (v != nullptr && v->is_object()) return v->get_object();
        missing({}, name);
        return nothing;
    }
    risk_effect effect(object const& in, std::string const& place) {
        return {.free = number(in, "free", place),
                .low = number(in, "low", place),
                .high = number(in, "high", place),
                .knots = numbers<2>(in, "knots", place),
                .slope = number(in, "slope", place),
                .hinges = numbers<2>(in, "hinges", place),
                .mean = number(in, "mean", place)};
    }

    [[nodiscard]] std::optional<error> const& fault() const noexcept { return fault_; }

private:
    double number_of(boost::json::value const& v, std::string place,
                     double least = std::numeric_limits<double>::lowest()) {
        boost::system::error_code failed;
        auto const found = v.to_number<double>(failed);
        if (!failed && std::isfinite(found) && found >= least) return found;
        fail(errc::out_of_range, std::move(place), v, "a number, in the range that the model's member has");
        return 0;
    }
    double missing(std::string const& place, std::string_view name) {
        if (!fault_) {
            fault_ = error{.code = errc::missing_field,
                           .field = place + std::string{name},
                           .remedy = "a text that patron has written of a risk_model"};
        }
        return 0;
    }
    void fail(errc code, std::string place, boost::json::value const& saw, std::string remedy) {
        if (fault_) return;
        fault_ = error{.code = code,
                       .field = std::move(place),
                       .saw = patron::detail::shown(boost::json::serialize(saw)),
                       .remedy = std::move(remedy)};
    }

    std::optional<error> fault_;
};

}  // namespace detail

PATRON_FN std::string to_json(risk_model const& model) {
    boost::json::object weights;
    for (std::size_t i = 0; i < model.weights.size(); ++i) weights[detail::risk_component_names[i]] = model.weights[i];
    boost::json::object effects;
    for (std::size_t f = 0; f < risk_feature_count; ++f) {
        auto const& effect = model.log_odds.effects[f];
        if (effect != risk_effect{}) effects[name_of(static_cast<risk_feature>(f))] = detail::json_of(effect);
    }
    return boost::json::serialize(
        boost::json::object{{"version", model.version},
                            {"horizon_days", model.horizon_days},
                            {"made_on", to_string(model.made_on)},
                            {"bg_nbd", {{"r", model.r}, {"alpha", model.alpha}, {"a", model.a}, {"b", model.b}}},
                            {"candidates", model.candidates},
                            {"mean_log_gap", model.mean_log_gap},
                            {"log_gap_variance", model.log_gap_variance},
                            {"months", model.months},
                            {"silent", model.silent},
                            {"ordered", model.ordered},
                            {"weights", std::move(weights)},
                            {"intercept", model.log_odds.intercept},
                            {"effects", std::move(effects)}});
}

PATRON_FN result<risk_model> risk_model_from(std::string_view json) {
    boost::system::error_code failed;
    boost::json::parse_options how;
    how.numbers = boost::json::number_precision::precise;
    auto const parsed = boost::json::parse(json, failed, {}, how);
    auto const* const all = failed ? nullptr : parsed.if_object();
    if (all == nullptr) {
        return error{.code = errc::malformed,
                     .field = "risk_model",
                     .saw = patron::detail::shown(json),
                     .remedy = "the JSON object that patron has written of a risk_model"};
    }
    detail::risk_model_reader read;
    constexpr auto any32 = std::numeric_limits<std::uint32_t>::max();
    constexpr auto any64 = std::numeric_limits<std::uint64_t>::max();
    risk_model out;
    out.version = static_cast<std::uint32_t>(read.count(*all, "version", 1, any32));
    if (!read.fault() && out.version > risk_model::current_version) {
        return error{.code = errc::newer_format,
                     .field = "version",
                     .saw = std::to_string(out.version),
                     .remedy = "at most " + std::to_string(risk_model::current_version) + " in this release"};
    }
    out.horizon_days = static_cast<int>(read.count(*all, "horizon_days", 7, 365));
    out.made_on = read.date(*all, "made_on");
    auto const& bg_nbd = read.members(*all, "bg_nbd");
    constexpr auto above_zero = std::numeric_limits<double>::min();
    out.r = read.number(bg_nbd, "r", "bg_nbd.", above_zero);
    out.alpha = read.number(bg_nbd, "alpha", "bg_nbd.", above_zero);
    out.a = read.number(bg_nbd, "a", "bg_nbd.", above_zero);
    out.b = read.number(bg_nbd, "b", "bg_nbd.", above_zero);
    out.candidates = static_cast<std::uint32_t>(read.count(*all, "candidates", 0, any32));
    out.mean_log_gap = read.number(*all, "mean_log_gap", "");
    out.log_gap_variance = read.number(*all, "log_gap_variance", "", above_zero);
    out.months = static_cast<std::uint32_t>(read.count(*all, "months", 0, any32));
    out.silent = read.count(*all, "silent", 0, any64);
    out.ordered = read.count(*all, "ordered", 0, any64);
    auto const& weights = read.members(*all, "weights");
    for (std::size_t i = 0; i < out.weights.size(); ++i) {
        out.weights[i] = read.number(weights, detail::risk_component_names[i], "weights.", 0);
    }
    out.log_odds.intercept = read.number(*all, "intercept", "");
    auto const& effects = read.members(*all, "effects");
    for (std::size_t f = 0; f < risk_feature_count; ++f) {
        auto const name = name_of(static_cast<risk_feature>(f));
        auto const* const effect = effects.if_contains(name);
        if (effect == nullptr) continue;
        out.log_odds.effects[f] = read.effect(read.members(effects, name), "effects." + std::string{name} + '.');
    }
    if (read.fault()) return *read.fault();
    return out;
}

}  // namespace patron::v1::insight
