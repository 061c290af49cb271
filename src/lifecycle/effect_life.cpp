#include <patron/lifecycle/impl/effect_life.ipp>
