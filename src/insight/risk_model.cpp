#include <patron/insight/impl/risk_model.ipp>
