#include <patron/machine/impl/render.ipp>
