#include <patron/insight/impl/lifetime_value.ipp>
