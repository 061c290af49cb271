#include <patron/base/impl/rate.ipp>
