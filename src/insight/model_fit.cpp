#include <patron/insight/impl/model_fit.ipp>
