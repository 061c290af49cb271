#include <patron/machine/impl/description.ipp>
