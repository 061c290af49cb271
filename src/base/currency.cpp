#include <patron/base/impl/currency.ipp>
