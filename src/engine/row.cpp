#include <patron/engine/impl/row.ipp>
