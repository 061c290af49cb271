#include <patron/machine/impl/dynamic.ipp>
