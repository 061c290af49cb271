#include <patron/insight/impl/early_warning.ipp>
