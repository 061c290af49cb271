#include <patron/lifecycle/impl/rules_text.ipp>
