#include <patron/lifecycle/impl/playbook.ipp>
