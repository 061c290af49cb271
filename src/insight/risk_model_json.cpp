#include <patron/insight/impl/risk_model_json.ipp>
