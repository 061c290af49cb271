#include <patron/base/impl/result.ipp>
