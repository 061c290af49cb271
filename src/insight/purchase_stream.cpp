#include <patron/insight/impl/purchase_stream.ipp>
