/// Given / when / then for the lifecycle: facts in, and what became of them. Works in any test framework.
#pragma once
#include <patron/engine/engine.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patron::inline v1::testing {

/// The answer to a `then`: true, or false with what was seen instead. Converts to bool, so that any framework takes it.
struct finding {
    bool holds = false;
    std::string message{};  ///< empty when it holds

    explicit operator bool() const noexcept { return holds; }
};

/// One story told to an engine of its own.
///
///     auto const s = testing::scenario{}
///                        .given(customer_enrolled{...}, wallet_stated{...}, order_placed{...})
///                        .when(order_placed{...})
///                        .reviewed_through({2026y, std::chrono::March});
///     REQUIRE(s.rejected().empty());
///     CHECK(s.stage("C1") == stage::stable);
///
/// A fact without a reference is given one. A fact of `given` that is refused is a fault of the story itself and
/// makes `faults` not empty; a fact of `when` may be refused: `rejected` tells. Decisions are recorded, and those
/// of `given` set aside. Thread safety: one thread at a time per object.
class scenario {
public:
    /// The default rules, and reviews at each month's end.
    PATRON_API scenario();
    /// Under rules, sources or review modes of one's own. Decisions are recorded whatever the options say.
    PATRON_API explicit scenario(engine_options options);

    /// What happened before. Facts that are refused here are faults.
    template <class... Facts>
        requires(std::constructible_from<fact, Facts> && ...)
    scenario& given(Facts&&... facts) & {
        (tell(fact{std::forward<Facts>(facts)}, true), ...);
        return *this;
    }
    template <class... Facts>
        requires(std::constructible_from<fact, Facts> && ...)
    scenario&& given(Facts&&... facts) && {
        return std::move(given(std::forward<Facts>(facts)...));
    }

    /// What happens now. Facts may be refused, and nothing but `rejected` changes then.
    template <class... Facts>
        requires(std::constructible_from<fact, Facts> && ...)
    scenario& when(Facts&&... facts) & {
        (tell(fact{std::forward<Facts>(facts)}, false), ...);
        return *this;
    }
    template <class... Facts>
        requires(std::constructible_from<fact, Facts> && ...)
    scenario&& when(Facts&&... facts) && {
        return std::move(when(std::forward<Facts>(facts)...));
    }

    /// Holds the reviews of all months through this one (in monthly mode), and lets lapse what has run out by its end.
    PATRON_API scenario& reviewed_through(period month) &;
    scenario&& reviewed_through(period month) && { return std::move(reviewed_through(month)); }

    /// The stage; nothing for a customer whom the story does not know.
    [[nodiscard]] PATRON_API std::optional<patron::stage> stage(std::string_view customer) const;
    /// The errors of `when`, in order.
    [[nodiscard]] std::vector<error> const& rejected() const noexcept { return rejected_; }
    /// The errors of `given`: a story with faults does not say what it means to.
    [[nodiscard]] std::vector<error> const& faults() const noexcept { return faults_; }
    /// What was decided since the first `when` or `reviewed_through`, in order.
    [[nodiscard]] std::vector<decision> const& decisions() const noexcept { return decisions_; }
    /// The codes of the rules that the latest decision about the customer names; empty without one.
    [[nodiscard]] PATRON_API std::vector<std::string> rules_named(std::string_view customer) const;

    /// Whether the customer is in that stage; if not, how it came to where it is, in words.
    [[nodiscard]] PATRON_API finding then_stage(std::string_view customer, patron::stage expected) const;
    /// Whether the stages it went through since it was known are these, the present one last.
    [[nodiscard]] PATRON_API finding then_path(std::string_view customer,
                                               std::vector<patron::stage> const& expected) const;
    /// Whether the latest fact of `when` was refused with that code, at that field.
    [[nodiscard]] PATRON_API finding then_refused(errc code, std::string_view field) const;

    /// Everything else that one can ask.
    [[nodiscard]] engine const& book() const noexcept { return engine_; }

private:
    PATRON_API void tell(fact f, bool is_given);

    engine engine_;
    std::vector<error> faults_;
    std::vector<error> rejected_;
    std::vector<decision> decisions_;
    std::size_t told_ = 0;
    bool latest_refused_ = false;
};

}  // namespace patron::v1::testing

#if defined(PATRON_HEADER_ONLY)
#    include <patron/testing/impl/scenario.ipp>
#endif
