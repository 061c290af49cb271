#include <patron/insight/impl/tracking.ipp>
