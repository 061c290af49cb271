#include <patron/machine/impl/load.ipp>
