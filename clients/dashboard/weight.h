/*
 * weight - what a JSON value takes in memory, about: several times its text where that is made of
 * short values.
 */
#ifndef DASHBOARD_WEIGHT_H
#define DASHBOARD_WEIGHT_H

#include <jansson.h>
#include <stddef.h>

// Of the value and all in it; 0 of NULL.
size_t weight_of(const json_t *value);

#endif
