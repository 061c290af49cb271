#include <patron/insight/risk_model_json.hpp>
#include <patron/store/kept_risk_model.hpp>

#include <string>

namespace patron::inline v1::store {

namespace {

std::string note_of(int horizon_days, day made_on) {
    return "risk_model/" + std::to_string(horizon_days) + '/' + to_string(made_on);
}

}  // namespace

result<void> keep_risk_model(any_event_store& in, insight::risk_model const& model) {
    append_batch batch;
    batch.notes.emplace_back(note_of(model.horizon_days, model.made_on), to_json(model));
    auto const appended = in.append(batch);
    if (!appended) return appended.error();
    return {};
}

result<std::optional<insight::risk_model>> kept_risk_model(any_event_store& in, int horizon_days, day made_on) {
    auto const name = note_of(horizon_days, made_on);
    auto const note = in.note(name);
    if (!note) return note.error();
    if (!note.value()) return std::optional<insight::risk_model>{};
    auto model = insight::risk_model_from(*note.value());
    if (!model) {
        auto e = model.error();
        if (e.code != errc::newer_format) e.code = errc::damaged;
        e.source = name;
        return e;
    }
    if (model.value().horizon_days != horizon_days || model.value().made_on != made_on) {
        return error{.code = errc::damaged,
                     .field = "made_on",
                     .saw = to_string(model.value().made_on),
                     .remedy = "the model that was kept under this name",
                     .source = name};
    }
    return std::optional{model.value()};
}

}  // namespace patron::v1::store
