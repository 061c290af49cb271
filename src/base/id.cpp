#include <patron/base/impl/id.ipp>
