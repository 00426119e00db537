/**
 * Kept because programs include it. The types of a remote-call layer that other systems declare here are not part of
 * this interface.
 */
#ifndef CART_TYPES_H
#define CART_TYPES_H

#include <gurt/types.h>

#endif /* CART_TYPES_H */
