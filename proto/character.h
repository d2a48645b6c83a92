/*
 * character - the characters of a text in UTF-8, and those that must not reach people as they are.
 */
#ifndef PROTO_CHARACTER_H
#define PROTO_CHARACTER_H

#include <stdbool.h>
#include <stdint.h>

// The character at *at, which moves behind it. A byte that is no UTF-8 gives -1 and is passed over.
int32_t character_next(const unsigned char **at);

// C0 and C1.
bool character_is_control(int32_t character);
// Characters that change the direction of the text around them, or where its lines end.
bool character_is_layout(int32_t character);

#endif
