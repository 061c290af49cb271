#include <patron/base/impl/date.ipp>
