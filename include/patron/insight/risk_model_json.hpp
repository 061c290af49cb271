/// What early warning has learnt, as a text to be kept and read again (RET-4).
#pragma once
#include <patron/base/result.hpp>
#include <patron/insight/risk_model.hpp>

#include <string>
#include <string_view>

namespace patron::inline v1::insight {

/// One line of JSON: the numbers to the last bit, effects under the names of their features, those that add nothing left
/// out. Thread safety: yes.
[[nodiscard]] PATRON_API std::string to_json(risk_model const& model);

/// The model that `to_json` wrote; equal to it. A member that it does not know is passed over.
/// Errors: errc::malformed for what is no JSON, errc::missing_field and errc::out_of_range with the member, such as
/// "effects.silence.low", errc::newer_format for a version of a later release. Thread safety: yes.
[[nodiscard]] PATRON_API result<risk_model> risk_model_from(std::string_view json);

}  // namespace patron::v1::insight

#if defined(PATRON_HEADER_ONLY)
#    include <patron/insight/impl/risk_model_json.ipp>
#endif
