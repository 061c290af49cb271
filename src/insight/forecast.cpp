#include <patron/insight/impl/forecast.ipp>
