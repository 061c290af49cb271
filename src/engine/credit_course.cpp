#include <patron/engine/impl/credit_course.ipp>
